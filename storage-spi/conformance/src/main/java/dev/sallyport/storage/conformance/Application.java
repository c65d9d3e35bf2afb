// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sallyport.AuthenticatorId;
import dev.sallyport.AuthenticatorSeed;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.EnrollmentResult;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.KeyRing;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorPolicy;
import dev.sallyport.UserId;
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
 * An application on two nodes with two-factor authentication in it: real ones over the store, with a clock that is set by
 * hand and phones whose secrets are always the same, so that no code is right by chance.
 */
final class Application {
    static final Duration STEP = TotpParameters.DEFAULT.period();
    static final TwoFactorPolicy POLICY =
            TwoFactorPolicy.builder().backupCodes(2).backupCodesLow(0).build();

    private final List<TwoFactor> nodes;
    private volatile Instant now = Instant.parse("2026-03-02T12:00:00Z");

    /** One node per instance, and two over the same one where there is no other. */
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

        /** A code that it shows neither now nor for a while. */
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

    /** What the owner of an account holds. */
    record Owner(AuthenticatorId authenticator, List<String> backupCodes, Verified proof) {}

    /** Enrolls a phone, and lets a time step go by, so that the phone shows an unused code. */
    Owner enroll(UserId user, Phone phone) {
        Owner owner = enrollNow(user, phone);
        now = now.plus(STEP);
        return owner;
    }

    Owner enrollNow(UserId user, Phone phone) {
        TwoFactor node = nodes.get(0);
        AuthenticatorSeed seed = AuthenticatorSeed.totp(phone.secret, TotpParameters.DEFAULT);
        node.beginEnrollment(user, EnrollmentRequest.of("conformance").seed(seed));
        EnrollmentResult result = node.confirmEnrollment(user, phone.codeAt(now));
        if (result instanceof Enrolled enrolled) {
            return new Owner(
                    enrolled.authenticator(),
                    enrolled.backupCodes().orElseThrow().asList(),
                    enrolled.proof());
        }
        throw new AssertionError("An enrollment with the right code ended in " + result + ": the store lost it.");
    }
}
