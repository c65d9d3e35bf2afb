// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import dev.sallyport.AuthenticatorSeed;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.KeyRing;
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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * Users of one store with an authenticator and ten backup codes each, who sign in one after the other. After each turn the
 * clock moves on by a time step, for a code is good once. Serves one thread.
 */
final class Users {
    private static final Duration STEP = Duration.ofSeconds(30);
    private static final int MOST_REFUSED = 100;
    private static final Totp TOTP = Totp.of(TotpParameters.DEFAULT);

    private final TwoFactor twoFactor;
    private final List<User> users = new ArrayList<>();
    private final Queue<String> codes = new ArrayDeque<>();
    private volatile Instant now = Instant.parse("2026-11-01T12:00:07Z");
    private int next;
    private int nextCode;
    private int refused;
    private Instant nextCodeAt = now;

    record User(UserId id, SharedSecret secret) {}

    Users(TwoFactorStore store, KeyRing keys, String prefix, int number) {
        twoFactor = TwoFactor.builder()
                .issuer("Acme")
                .store(store)
                .encryptionKeys(keys)
                .clock(() -> now)
                .build();
        for (int i = 0; i < number; i++) {
            User user = new User(UserId.of(prefix + i), SharedSecret.generate());
            users.add(user);
            twoFactor.importWithoutConfirmation(
                    user.id(),
                    EnrollmentRequest.of("alice@acme.example")
                            .seed(AuthenticatorSeed.totp(user.secret(), TotpParameters.DEFAULT)));
            twoFactor.regenerateBackupCodes(proof(user));
        }
        now = now.plus(STEP);
        nextCodeAt = now;
    }

    TwoFactor twoFactor() {
        return twoFactor;
    }

    UserId first() {
        return users.get(0).id();
    }

    List<String> ids() {
        return users.stream().map(user -> user.id().value()).toList();
    }

    void advance(Duration duration) {
        now = now.plus(duration);
    }

    Verified proof(User user) {
        return (Verified) twoFactor.verify(user.id(), TOTP.generate(user.secret(), now));
    }

    List<User> all() {
        return users;
    }

    /** Computes the codes of so many sign-ins, so that they are at hand. */
    void prepare(int signIns) {
        while (codes.size() < signIns) {
            codes.add(TOTP.generate(users.get(nextCode).secret(), nextCodeAt));
            nextCode++;
            if (nextCode == users.size()) {
                nextCode = 0;
                nextCodeAt = nextCodeAt.plus(STEP);
            }
        }
    }

    /** The next sign-in, which goes through; but one code in a million is that of the step before, and good no more. */
    VerificationResult signIn() {
        VerificationResult result = twoFactor.verify(users.get(next).id(), codes.remove());
        refused += result instanceof Verified ? 0 : 1;
        if (refused > MOST_REFUSED) {
            throw new IllegalStateException("not verified, as " + MOST_REFUSED + " before: " + result);
        }
        next++;
        if (next == users.size()) {
            next = 0;
            advance(STEP);
        }
        return result;
    }
}
