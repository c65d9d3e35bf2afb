// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance.integrator.maps;

import dev.sallyport.AuthenticatorSeed;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.KeyRing;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.TwoFactorStore;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/** Somebody with an authenticator app, and with a clock of their own that every node goes by. */
final class Person {
    private static final KeyRing KEYS = KeyRing.generate();
    private static final Totp TOTP = Totp.of(TotpParameters.DEFAULT);
    private static final Duration DAY = Duration.ofDays(1);

    private final String id;
    private final SharedSecret secret = SharedSecret.generate();
    private volatile Instant now = Instant.parse("2026-11-22T12:00:00Z");

    Person(String id) {
        this.id = id;
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
        AuthenticatorSeed seed = AuthenticatorSeed.totp(secret, TotpParameters.DEFAULT);
        at(store)
                .importWithoutConfirmation(
                        UserId.of(id), EnrollmentRequest.of(id).seed(seed));
    }

    /** Types the code that the app shows, and that it goes on to show until {@link #comesAgain}. */
    VerificationResult signIn(TwoFactorStore store) {
        return at(store).verify(UserId.of(id), TOTP.generate(secret, now));
    }

    /** So much later that the app shows another code, and that no failure of before is held against anyone. */
    void comesAgain() {
        now = now.plus(DAY);
    }
}
