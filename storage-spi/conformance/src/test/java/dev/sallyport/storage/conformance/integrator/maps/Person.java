// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance.integrator.maps;

import dev.sallyport.Browser;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.ExistingAuthenticator;
import dev.sallyport.KeyRing;
import dev.sallyport.SignInRequirement;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.TwoFactorStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** A user with an authenticator app. Every node uses the clock of this user. */
final class Person {
    private static final KeyRing KEYS = KeyRing.generate();
    private static final Totp TOTP = Totp.of(TotpParameters.DEFAULT);
    private static final Duration DAY = Duration.ofDays(1);

    private final UserId user;
    private final SharedSecret secret = SharedSecret.generate();
    private volatile Instant now = Instant.parse("2026-11-22T12:00:00Z");

    Person(String id) {
        this.user = UserId.of(id);
    }

    static String anyId() {
        return UUID.randomUUID().toString();
    }

    private TwoFactor at(TwoFactorStore store) {
        return TwoFactor.builder()
                .issuer("Acme")
                .store(store)
                .encryptionKeys(KEYS)
                .clock(() -> now)
                .build();
    }

    void enroll(TwoFactorStore store) {
        ExistingAuthenticator app =
                ExistingAuthenticator.totp(secret, TotpParameters.DEFAULT).lastUsedStep(0);
        at(store)
                .operator("test")
                .importWithoutConfirmation(
                        user, List.of(EnrollmentRequest.of("alice@acme.example").existing(app)));
    }

    boolean needsACode(TwoFactorStore store) {
        return requirement(store) instanceof CodeRequired;
    }

    private SignInRequirement requirement(TwoFactorStore store) {
        return at(store).signInRequirement(user, Browser.none());
    }

    /** Types the code that the app shows. The app shows the same code until {@link #waitsADay}. */
    VerificationResult signIn(TwoFactorStore store) {
        CodeRequired code = (CodeRequired) requirement(store);
        return at(store).verify(code.challenge(), TOTP.generate(secret, now));
    }

    /** Afterwards the app shows another code. */
    void waitsADay() {
        now = now.plus(DAY);
    }
}
