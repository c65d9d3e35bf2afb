// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import dev.sallyport.Browser;
import dev.sallyport.Challenge;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.ExistingAuthenticator;
import dev.sallyport.KeyRing;
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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * Users of one store with an authenticator and ten backup codes each, who sign in one after the other. After each turn the
 * clock moves on by a time step, because a code is good once. Serves one thread.
 */
final class Users {
    private static final Duration STEP = Duration.ofSeconds(30);
    private static final int MOST_REFUSED = 100;
    private static final Totp TOTP = Totp.of(TotpParameters.DEFAULT);

    private final TwoFactor twoFactor;
    private final List<User> users = new ArrayList<>();
    private final Queue<SignIn> signIns = new ArrayDeque<>();
    private volatile Instant now = Instant.parse("2026-11-01T12:00:07Z");
    private int next;
    private int nextPrepared;
    private int refused;
    private Instant nextPreparedAt;

    record User(UserId id, SharedSecret secret) {}

    /** What a sign-in needs, made before it is timed: the password was checked, and the phone shows a code. */
    private record SignIn(Challenge challenge, String code) {}

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
            ExistingAuthenticator existing = ExistingAuthenticator.totp(user.secret(), TotpParameters.DEFAULT)
                    .lastUsedStep(0);
            twoFactor
                    .operator("benchmark")
                    .importWithoutConfirmation(
                            user.id(),
                            List.of(EnrollmentRequest.of("alice@acme.example").existing(existing)));
            twoFactor.regenerateBackupCodes(proof(user, Browser.none()));
        }
        now = now.plus(STEP);
        nextPreparedAt = now;
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

    Verified proof(User user, Browser browser) {
        return twoFactor
                .verify(challenge(user, browser), TOTP.generate(user.secret(), now))
                .orElseThrow();
    }

    Challenge challenge(User user, Browser browser) {
        return ((CodeRequired) twoFactor.signInRequirement(user.id(), browser)).challenge();
    }

    List<User> all() {
        return users;
    }

    /** Computes the challenges and codes of so many sign-ins, so that they are at hand. */
    void prepare(int number) {
        Instant present = now;
        while (signIns.size() < number) {
            // As if the password were checked at the time of the code: a challenge is good for ten minutes.
            now = nextPreparedAt;
            User user = users.get(nextPrepared);
            signIns.add(new SignIn(challenge(user, Browser.none()), TOTP.generate(user.secret(), now)));
            nextPrepared++;
            if (nextPrepared == users.size()) {
                nextPrepared = 0;
                nextPreparedAt = nextPreparedAt.plus(STEP);
            }
        }
        now = present;
    }

    /** The next sign-in, which goes through; but one code in a million is that of the step before, and is refused. */
    VerificationResult signIn() {
        SignIn signIn = signIns.remove();
        VerificationResult result = twoFactor.verify(signIn.challenge(), signIn.code());
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
