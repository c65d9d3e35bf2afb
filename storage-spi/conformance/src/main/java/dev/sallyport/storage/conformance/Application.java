// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sallyport.AuthenticatorId;
import dev.sallyport.Browser;
import dev.sallyport.Challenge;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.EnrollmentResult;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.ExistingAuthenticator;
import dev.sallyport.KeyRing;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.SignInRequirement;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorPolicy;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.TwoFactorStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * An application with Sallyport on two nodes, over the store. The test sets its clock. The secrets of the phones are
 * always the same, so that no wrong code is right by chance.
 */
final class Application {
    static final Duration STEP = TotpParameters.DEFAULT.period();
    static final TwoFactorPolicy POLICY =
            TwoFactorPolicy.builder().backupCodes(2).build();

    private final List<TwoFactor> nodes;
    private volatile Instant now = Instant.parse("2026-03-02T12:00:00Z");

    /** One node for each instance of the store, and two nodes if there is one instance only. */
    Application(List<TwoFactorStore> instances) {
        KeyRing keys = KeyRing.generate();
        nodes = IntStream.range(0, 2)
                .mapToObj(i -> TwoFactor.builder()
                        .issuer("Conformance")
                        .store(instances.get(i % instances.size()))
                        .encryptionKeys(keys)
                        .policy(POLICY)
                        .clock(() -> now)
                        .build())
                .toList();
    }

    TwoFactor node(int number) {
        return nodes.get(number % nodes.size());
    }

    Instant now() {
        return now;
    }

    void set(Instant instant) {
        now = instant;
    }

    /** An authenticator app. */
    static final class Phone {
        static final Phone OLD = new Phone("Sallyport's old phone");
        static final Phone NEW = new Phone("Sallyport's new phone");

        private static final Totp TOTP = Totp.of(TotpParameters.DEFAULT);
        private final SharedSecret secret;

        private Phone(String secret) {
            this.secret = SharedSecret.fromBytes(secret.getBytes(US_ASCII));
        }

        String codeAt(Instant at) {
            return TOTP.generate(secret, at);
        }

        /** A code that the phone does not show at this time or shortly before or after. */
        String wrongAt(Instant at) {
            Set<String> right = LongStream.rangeClosed(-10, 10)
                    .mapToObj(steps -> codeAt(at.plus(STEP.multipliedBy(steps))))
                    .collect(Collectors.toSet());
            return IntStream.range(0, 1_000_000)
                    .mapToObj(number -> String.format(Locale.ROOT, "%06d", number))
                    .filter(code -> !right.contains(code))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** What the owner of an account has. */
    record Owner(AuthenticatorId authenticator, List<String> backupCodes, Verified proof) {}

    /** Enrolls a phone, and advances the clock by one time step, so that the phone shows an unused code. */
    Owner enroll(UserId user, Phone phone) {
        Owner owner = enrollNow(user, phone);
        now = now.plus(STEP);
        return owner;
    }

    Owner enrollNow(UserId user, Phone phone) {
        TwoFactor node = nodes.get(0);
        ExistingAuthenticator authenticator =
                ExistingAuthenticator.totp(phone.secret, TotpParameters.DEFAULT).lastUsedStep(0);
        PendingEnrollment pending =
                node.beginEnrollment(user, EnrollmentRequest.of("conformance").existing(authenticator));
        EnrollmentResult result = node.confirmEnrollment(pending.handle(), phone.codeAt(now));
        if (result instanceof Enrolled enrolled) {
            return new Owner(
                    enrolled.authenticator(),
                    enrolled.backupCodes().orElseThrow().asList(),
                    enrolled.proof());
        }
        throw new AssertionError("An enrollment with the right code returned " + result + ": the store lost it.");
    }

    /** A sign-in after the password, which waits for a code. */
    Challenge challenge(UserId user) {
        SignInRequirement requirement = nodes.get(0).signInRequirement(user, Browser.none());
        if (requirement instanceof CodeRequired code) {
            return code.challenge();
        }
        throw new AssertionError("A user with two-factor authentication needs no code: the store lost the record.");
    }

    /** A whole sign-in, on one node. */
    VerificationResult signIn(int number, UserId user, String typed) {
        return node(number).verify(challenge(user), typed);
    }
}
