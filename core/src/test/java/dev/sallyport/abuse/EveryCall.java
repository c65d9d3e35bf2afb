// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.abuse;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.FIREFOX;

import dev.sallyport.AuthenticatorId;
import dev.sallyport.Browser;
import dev.sallyport.BrowserId;
import dev.sallyport.Challenge;
import dev.sallyport.EnrollmentHandle;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.ExistingAuthenticator;
import dev.sallyport.Phone;
import dev.sallyport.TwoFactor;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;

/** Each call that reads a user's record, except the acts of an operator that end a record, and {@code isCurrent}. */
@SuppressWarnings("ImmutableEnumChecker") // its calls hold nothing
enum EveryCall {
    STATUS((twoFactor, given) -> twoFactor.status(ALICE)),
    SIGN_IN_REQUIREMENT((twoFactor, given) -> twoFactor.signInRequirement(ALICE, Browser.none())),
    SIGN_IN_REQUIREMENT_WITH_A_TOKEN(
            (twoFactor, given) -> twoFactor.signInRequirement(ALICE, Browser.ofToken("A".repeat(43), "Firefox"))),
    VERIFY((twoFactor, given) -> twoFactor.verify(given.challenge(), "123456")),
    VERIFY_A_BACKUP_CODE((twoFactor, given) -> twoFactor.verify(given.challenge(), Results.WRONG_BACKUP_CODE)),
    VERIFY_A_TEMPORARY_CODE((twoFactor, given) -> twoFactor.verify(given.challenge(), Results.WRONG_TEMPORARY_CODE)),
    VERIFY_TWO_CODES((twoFactor, given) -> twoFactor.verify(given.challenge(), "123456", "123456")),
    STEP_UP((twoFactor, given) -> twoFactor.stepUp(ALICE, given.proof().stamp(), "123456")),
    STEP_UP_WITH_TWO_CODES(
            (twoFactor, given) -> twoFactor.stepUp(ALICE, given.proof().stamp(), "123456", "123456")),
    REMEMBER_BROWSER((twoFactor, given) -> twoFactor.rememberBrowser(given.proof())),
    BEGIN_ENROLLMENT((twoFactor, given) -> twoFactor.beginEnrollment(ALICE, "alice")),
    ADD_AUTHENTICATOR((twoFactor, given) -> twoFactor.addAuthenticator(given.proof(), EveryCall.request())),
    PENDING_ENROLLMENT((twoFactor, given) -> twoFactor.pendingEnrollment(given.handle())),
    CONFIRM_ENROLLMENT((twoFactor, given) -> twoFactor.confirmEnrollment(given.handle(), "123456")),
    CONFIRM_ENROLLMENT_WITH_TWO_CODES(
            (twoFactor, given) -> twoFactor.confirmEnrollment(given.handle(), "123456", "123456")),
    REGENERATE_BACKUP_CODES((twoFactor, given) -> twoFactor.regenerateBackupCodes(given.proof())),
    REMOVE_AUTHENTICATOR(
            (twoFactor, given) -> twoFactor.removeAuthenticator(given.proof(), AuthenticatorId.of("0123456789abcdef"))),
    DISABLE((twoFactor, given) -> twoFactor.disable(given.proof())),
    FORGET_BROWSER((twoFactor, given) -> twoFactor.forgetBrowser(ALICE, BrowserId.of("0123456789abcdef"))),
    END_TRUST((twoFactor, given) -> twoFactor.endTrust(ALICE)),
    END_TRUST_OF_A_SESSION(
            (twoFactor, given) -> twoFactor.endTrust(ALICE, given.proof().stamp())),
    END_TRUST_WITH_A_PROOF((twoFactor, given) -> twoFactor.endTrust(given.proof())),
    IMPORT(true, (twoFactor, given) -> EveryCall.importInto(twoFactor)),
    ISSUE_TEMPORARY_CODE(
            true,
            (twoFactor, given) ->
                    twoFactor.operator("support").issueTemporaryCode(ALICE, Duration.ofHours(1), "phone lost")),
    UNLOCK(true, (twoFactor, given) -> twoFactor.operator("support").unlock(ALICE, "called"));

    /** What somebody has who used the account a moment before. */
    record Given(Verified proof, Challenge challenge, EnrollmentHandle handle) {
        /** From an account with an authenticator, whose clock is at an unused code. */
        static Given from(World world, Phone phone) {
            Verified proof = World.proof(world.verify(FIREFOX, phone.codeAt(world.now())));
            return new Given(
                    proof,
                    world.challenge(ALICE, FIREFOX),
                    world.twoFactor.addAuthenticator(proof, request()).handle());
        }
    }

    private final boolean byAnOperator;
    private final BiConsumer<TwoFactor, Given> call;

    EveryCall(BiConsumer<TwoFactor, Given> call) {
        this(false, call);
    }

    EveryCall(boolean byAnOperator, BiConsumer<TwoFactor, Given> call) {
        this.byAnOperator = byAnOperator;
        this.call = call;
    }

    boolean isByAnOperator() {
        return byAnOperator;
    }

    void on(TwoFactor twoFactor, Given given) {
        call.accept(twoFactor, given);
    }

    private static EnrollmentRequest request() {
        return EnrollmentRequest.of("alice");
    }

    /** An app with the RFCs' secret, whose codes are unused. */
    static void importInto(TwoFactor twoFactor) {
        ExistingAuthenticator app = ExistingAuthenticator.totp(
                        SharedSecret.fromBase32(Phone.RFC_SECRET), TotpParameters.DEFAULT)
                .lastUsedStep(0);
        twoFactor
                .operator("migration")
                .importWithoutConfirmation(ALICE, List.of(request().existing(app)));
    }
}
