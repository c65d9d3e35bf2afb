// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.abuse;

import static dev.sallyport.World.ALICE;

import dev.sallyport.AuthenticatorId;
import dev.sallyport.AuthenticatorSeed;
import dev.sallyport.BrowserId;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.Phone;
import dev.sallyport.TwoFactor;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import java.util.function.BiConsumer;

/** Each call that looks a user's record up, but the reset. */
@SuppressWarnings("ImmutableEnumChecker") // its calls hold nothing
enum EveryCall {
    STATUS((twoFactor, proof) -> twoFactor.status(ALICE)),
    SIGN_IN_REQUIREMENT((twoFactor, proof) -> twoFactor.signInRequirement(ALICE, null)),
    SIGN_IN_REQUIREMENT_WITH_A_TOKEN((twoFactor, proof) -> twoFactor.signInRequirement(ALICE, "A".repeat(43))),
    VERIFY((twoFactor, proof) -> twoFactor.verify(ALICE, "123456")),
    VERIFY_A_BACKUP_CODE((twoFactor, proof) -> twoFactor.verify(ALICE, "0000-0000-0000-0000")),
    RESYNCHRONIZE((twoFactor, proof) -> twoFactor.resynchronize(ALICE, "123456", "123456")),
    BEGIN_ENROLLMENT((twoFactor, proof) -> twoFactor.beginEnrollment(ALICE, "alice")),
    BEGIN_ENROLLMENT_WITH_A_PROOF((twoFactor, proof) -> twoFactor.beginEnrollment(proof, EveryCall.request())),
    PENDING_ENROLLMENT((twoFactor, proof) -> twoFactor.pendingEnrollment(ALICE)),
    PENDING_ENROLLMENT_WITH_A_PROOF((twoFactor, proof) -> twoFactor.pendingEnrollment(proof)),
    CONFIRM_ENROLLMENT((twoFactor, proof) -> twoFactor.confirmEnrollment(ALICE, "123456")),
    CANCEL_ENROLLMENT((twoFactor, proof) -> twoFactor.cancelEnrollment(ALICE)),
    IMPORT((twoFactor, proof) -> twoFactor.importWithoutConfirmation(ALICE, EveryCall.imported())),
    REMEMBER_BROWSER((twoFactor, proof) -> twoFactor.rememberBrowser(proof, "Firefox")),
    REGENERATE_BACKUP_CODES((twoFactor, proof) -> twoFactor.regenerateBackupCodes(proof)),
    REMOVE_AUTHENTICATOR(
            (twoFactor, proof) -> twoFactor.removeAuthenticator(proof, AuthenticatorId.of("0123456789abcdef"))),
    DISABLE((twoFactor, proof) -> twoFactor.disable(proof)),
    FORGET_BROWSER((twoFactor, proof) -> twoFactor.forgetBrowser(ALICE, BrowserId.of("0123456789abcdef"))),
    FORGET_BROWSERS((twoFactor, proof) -> twoFactor.forgetBrowsers(ALICE)),
    UNLOCK((twoFactor, proof) -> twoFactor.unlock(ALICE, "called"));

    private final BiConsumer<TwoFactor, Verified> call;

    EveryCall(BiConsumer<TwoFactor, Verified> call) {
        this.call = call;
    }

    void on(TwoFactor twoFactor, Verified proof) {
        call.accept(twoFactor, proof);
    }

    private static EnrollmentRequest request() {
        return EnrollmentRequest.of("alice");
    }

    static EnrollmentRequest imported() {
        return request()
                .seed(AuthenticatorSeed.totp(SharedSecret.fromBase32(Phone.RFC_SECRET), TotpParameters.DEFAULT));
    }
}
