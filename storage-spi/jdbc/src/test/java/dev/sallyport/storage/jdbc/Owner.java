// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import dev.sallyport.Browser;
import dev.sallyport.Challenge;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.ExistingAuthenticator;
import dev.sallyport.KeyRing;
import dev.sallyport.SignInRequirement;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.TwoFactorStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** A user who has two-factor authentication on, and the codes of the user's authenticator app. */
record Owner(UserId user, SharedSecret secret) {
    static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    static final Duration STEP = TotpParameters.DEFAULT.period();

    private static final KeyRing KEYS = KeyRing.generate();
    private static final AtomicInteger USERS = new AtomicInteger();
    private static final Totp TOTP = Totp.of(TotpParameters.DEFAULT);

    /** One node of an application whose clock stands still. All nodes have the same keys. */
    static TwoFactor node(TwoFactorStore store) {
        return node(store, () -> NOW);
    }

    static TwoFactor node(TwoFactorStore store, InstantSource clock) {
        return builder(store).clock(clock).build();
    }

    /** A node of an application that has seen a record of every user. */
    static TwoFactor witnessed(TwoFactorStore store) {
        return builder(store).clock(() -> NOW).versionWitness(user -> 1).build();
    }

    static TwoFactor.Builder builder(TwoFactorStore store) {
        return TwoFactor.builder().issuer("Acme").store(store).encryptionKeys(KEYS);
    }

    static Owner enroll(TwoFactor twoFactor) {
        Owner owner = new Owner(UserId.of("user-" + USERS.incrementAndGet()), SharedSecret.generate());
        owner.importApp(twoFactor);
        return owner;
    }

    void importApp(TwoFactor twoFactor) {
        ExistingAuthenticator app =
                ExistingAuthenticator.totp(secret, TotpParameters.DEFAULT).lastUsedStep(0);
        twoFactor
                .operator("test")
                .importWithoutConfirmation(
                        user, List.of(EnrollmentRequest.of("alice@acme.example").existing(app)));
    }

    /** A sign-in from a browser that is not known: the password was right, and a code is typed. */
    VerificationResult verify(TwoFactor node, String typed) {
        return node.verify(challenge(node, Browser.none()), typed);
    }

    Challenge challenge(TwoFactor node, Browser browser) {
        SignInRequirement requirement = node.signInRequirement(user, browser);
        if (requirement instanceof CodeRequired code) {
            return code.challenge();
        }
        throw new AssertionError("no code is required");
    }

    Verified prove(TwoFactor node, Instant at) {
        return (Verified) verify(node, codeAt(at));
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

    /** A code that the app does not show at this time or shortly before or after. */
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
