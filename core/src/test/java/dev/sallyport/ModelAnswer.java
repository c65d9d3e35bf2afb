// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.VerificationResult.Method;
import dev.sallyport.VerificationResult.Verified;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Answers without what no model can predict: secrets, codes, tokens, epochs, and the ids of what is new. */
final class ModelAnswer {
    /** Of a call that returns nothing. */
    static final String DONE = "done";

    static final String NEW_ID = "a new id";
    static final String STAMP = "a stamp";
    static final String CHALLENGE = "a challenge";

    private ModelAnswer() {}

    /** A proof. The browser is {@link #NEW_ID} if the proof brings a token. */
    record Proved(UserId user, Instant at, Method method, Object by, int backupCodesLeft, Object browser) {}

    /** A confirmed enrollment. */
    record Live(int newBackupCodes, Proved proof) {}

    /** An enrollment that waits. */
    record Shown(String label, Instant expires) {}

    /** New backup codes. */
    record Codes(int number, Proved proof) {}

    /** A sign-in without a code. */
    record Free(Optional<BrowserId> browser) {}

    static Object of(Object answer) {
        if (answer instanceof Optional<?> perhaps) {
            return perhaps.map(ModelAnswer::of);
        }
        if (answer instanceof Verified proof) {
            return proved(proof, proof.authenticator());
        }
        if (answer instanceof Enrolled enrolled) {
            assertThat(enrolled.proof().authenticator()).contains(enrolled.authenticator());
            int codes = enrolled.backupCodes()
                    .map(backupCodes -> backupCodes.asList().size())
                    .orElse(0);
            return new Live(codes, proved(enrolled.proof(), NEW_ID));
        }
        if (answer instanceof PendingEnrollment pending) {
            return new Shown(pending.label(), pending.expires());
        }
        if (answer instanceof Regenerated regenerated) {
            return new Codes(
                    regenerated.codes().asList().size(),
                    proved(regenerated.proof(), regenerated.proof().authenticator()));
        }
        if (answer instanceof NoCodeRequired free) {
            assertThat(free.stamp().browser()).isEqualTo(free.browser());
            return new Free(free.browser());
        }
        if (answer instanceof TemporaryCode code) {
            return code.expires();
        }
        if (answer instanceof List<?> ids) {
            return ids.size();
        }
        if (answer instanceof CodeRequired) {
            return CHALLENGE;
        }
        return answer instanceof TrustStamp ? STAMP : answer;
    }

    private static Proved proved(Verified proof, Object by) {
        Optional<BrowserId> browser = proof.stamp().browser();
        proof.browserToken().ifPresent(token -> assertThat(browser).contains(token.browser()));
        return new Proved(
                proof.user(),
                proof.at(),
                proof.method(),
                by,
                proof.backupCodesLeft(),
                proof.browserToken().isPresent() ? NEW_ID : browser);
    }
}
