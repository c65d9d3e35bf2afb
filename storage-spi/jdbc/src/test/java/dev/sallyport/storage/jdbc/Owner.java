// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import dev.sallyport.AuthenticatorSeed;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.KeyRing;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.TwoFactorStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** A user who has switched two-factor authentication on, and the codes of their authenticator app. */
record Owner(UserId user, SharedSecret secret) {
    static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    static final Duration STEP = TotpParameters.DEFAULT.period();

    private static final KeyRing KEYS = KeyRing.generate();
    private static final AtomicInteger USERS = new AtomicInteger();
    private static final Totp TOTP = Totp.of(TotpParameters.DEFAULT);

    /** One node of an application whose clock stands still. All of them have the same keys. */
    static TwoFactor node(TwoFactorStore store) {
        return node(store, () -> NOW);
    }

    static TwoFactor node(TwoFactorStore store, InstantSource clock) {
        return TwoFactor.builder()
                .issuer("Acme")
                .store(store)
                .encryptionKeys(KEYS)
                .clock(clock)
                .build();
    }

    /** A node of an application that keeps a flag of its own, which says yes for everyone. */
    static TwoFactor witnessed(TwoFactorStore store) {
        return TwoFactor.builder()
                .issuer("Acme")
                .store(store)
                .encryptionKeys(KEYS)
                .clock(() -> NOW)
                .enabledWitness(user -> true)
                .build();
    }

    static Owner enroll(TwoFactor twoFactor) {
        Owner owner = new Owner(UserId.of("user-" + USERS.incrementAndGet()), SharedSecret.generate());
        AuthenticatorSeed seed = AuthenticatorSeed.totp(owner.secret, TotpParameters.DEFAULT);
        twoFactor.importWithoutConfirmation(
                owner.user, EnrollmentRequest.of("alice@acme.example").seed(seed));
        return owner;
    }

    String code() {
        return codeAt(NOW);
    }

    String codeAt(Instant at) {
        return TOTP.generate(secret, at);
    }

    String wrong() {
        return wrongAt(NOW);
    }

    /** A code that the app shows neither now nor some steps before or after. */
    String wrongAt(Instant at) {
        Set<String> right = LongStream.rangeClosed(-8, 8)
                .mapToObj(steps -> codeAt(at.plus(STEP.multipliedBy(steps))))
                .collect(Collectors.toSet());
        return IntStream.range(0, 1000)
                .mapToObj(number -> "000" + number)
                .map(digits -> digits.substring(digits.length() - 3).repeat(2))
                .filter(code -> !right.contains(code))
                .findFirst()
                .orElseThrow();
    }
}
