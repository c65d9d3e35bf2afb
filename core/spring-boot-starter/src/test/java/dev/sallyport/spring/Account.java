// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.Browser;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.KeyRing;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.InMemoryTwoFactorStore;
import dev.sallyport.testing.SteppedClock;
import dev.sallyport.testing.VirtualPhone;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;

/** A real account with a phone and a clock, so that tests have real answers to write. */
final class Account {
    static final UserId USER = UserId.of("7");
    static final Instant START = Instant.parse("2026-11-26T18:00:00Z");

    private final SteppedClock clock = new SteppedClock(START);
    private final VirtualPhone phone;
    private final TwoFactor twoFactor;
    private final PendingEnrollment pending;

    Account(String issuer, String name) {
        twoFactor = TwoFactor.builder()
                .issuer(issuer)
                .store(new InMemoryTwoFactorStore())
                .encryptionKeys(KeyRing.fromBase64("k", Base64.getEncoder().encodeToString(new byte[32])))
                .clock(clock)
                .build();
        pending = twoFactor.beginEnrollment(
                USER, EnrollmentRequest.of(name).browser(Browser.fromHeaders(null, "Firefox/1 Linux")));
        phone = VirtualPhone.scan(pending, clock);
    }

    Account() {
        this("Acme", "alice@example.com");
    }

    Instant now() {
        return clock.instant();
    }

    TwoFactor twoFactor() {
        return twoFactor;
    }

    PendingEnrollment pending() {
        return pending;
    }

    Enrolled enroll() {
        return (Enrolled) twoFactor.confirmEnrollment(pending.handle(), phone.code());
    }

    /** Waits until the phone shows a new code. */
    String nextCode() {
        phone.advance(1);
        return phone.code();
    }

    Verified verified() {
        CodeRequired code = (CodeRequired) twoFactor.signInRequirement(USER, Browser.fromHeaders(null, "Chrome/1"));
        return twoFactor.verify(code.challenge(), nextCode()).orElseThrow();
    }

    /** Locks the door for unknown browsers. */
    VerificationResult lock() {
        CodeRequired code = (CodeRequired) twoFactor.signInRequirement(USER, Browser.fromHeaders(null, "Chrome/1"));
        List<String> wrong = List.of("000000", "000001", "000002", "000003", "000004", "000005", "000006");
        return wrong.stream()
                .map(typed -> twoFactor.verify(code.challenge(), typed))
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    TwoFactorStatus status() {
        return twoFactor.status(USER);
    }

    void pass(Duration time) {
        clock.advance(time);
    }
}
