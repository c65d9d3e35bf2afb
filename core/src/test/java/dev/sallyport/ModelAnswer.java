// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.VerificationResult.Verified;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Answers without what no model can foretell: secrets, codes, tokens, and the ids of what is new. */
final class ModelAnswer {
    /** Of a call that answers nothing. */
    static final String DONE = "done";

    static final String NEW_ID = "a new id";

    private ModelAnswer() {}

    /** A proof. */
    record Proved(UserId user, Instant at, @Nullable AuthenticatorId by, int backupCodesLeft) {}

    /** A confirmed enrollment. */
    record Live(int newBackupCodes, Instant at, int backupCodesLeft) {}

    /** An enrollment that waits. */
    record Shown(String label, Instant expires) {}

    /** New backup codes. */
    record Codes(int number) {}

    static Object of(Object answer) {
        if (answer instanceof Optional<?> perhaps) {
            return perhaps.map(ModelAnswer::of);
        }
        if (answer instanceof Verified proof) {
            AuthenticatorId by = proof.authenticator().orElse(null);
            assertThat(proof.method())
                    .isEqualTo(by == null ? VerificationMethod.BACKUP_CODE : VerificationMethod.ONE_TIME_CODE);
            return new Proved(proof.user(), proof.at(), by, proof.backupCodesLeft());
        }
        if (answer instanceof Enrolled enrolled) {
            assertThat(enrolled.proof().authenticator()).contains(enrolled.authenticator());
            int codes = enrolled.backupCodes()
                    .map(backupCodes -> backupCodes.asList().size())
                    .orElse(0);
            return new Live(codes, enrolled.proof().at(), enrolled.proof().backupCodesLeft());
        }
        if (answer instanceof PendingEnrollment pending) {
            return new Shown(pending.label(), pending.expires());
        }
        if (answer instanceof BackupCodes codes) {
            return new Codes(codes.asList().size());
        }
        if (answer instanceof BrowserToken token) {
            return token.maxAge();
        }
        return answer instanceof AuthenticatorId ? NEW_ID : answer;
    }
}
