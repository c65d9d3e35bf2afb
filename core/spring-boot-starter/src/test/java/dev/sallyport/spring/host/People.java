// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring.host;

import dev.sallyport.BackupCodes;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import java.time.Duration;

/** The users of the application, with their phones. */
public final class People {
    private final TwoFactor twoFactor;
    private final TestClock clock;

    public People(TwoFactor twoFactor, TestClock clock) {
        this.twoFactor = twoFactor;
        this.clock = clock;
    }

    /** A phone that never shows a code twice, because it lets the time pass before each one. */
    public final class Phone {
        private final SharedSecret secret;

        private Phone(SharedSecret secret) {
            this.secret = secret;
        }

        public String code() {
            clock.step(Duration.ofSeconds(30));
            return Totp.of(TotpParameters.DEFAULT).generate(secret, clock.instant());
        }

        public String secret() {
            return secret.toBase32();
        }

        public String wrong() {
            String right = code();
            return (right.startsWith("0") ? "1" : "0") + right.substring(1);
        }
    }

    /** What somebody has after enabling two-factor authentication. */
    public record Equipped(UserId id, Phone phone, BackupCodes backupCodes) {}

    public static UserId id(String name) {
        return UserId.of("id-of-" + name);
    }

    public Phone scan(String keyUri) {
        return new Phone(KeyUri.parse(keyUri).secret());
    }

    /** Enables two-factor authentication of somebody, from the beginning. */
    public Equipped equip(String name) {
        UserId id = id(name);
        twoFactor.operator("test").deleteAccount(id);
        PendingEnrollment pending = twoFactor.beginEnrollment(id, name);
        Phone phone = new Phone(pending.keyUri().secret());
        Enrolled enrolled = (Enrolled) twoFactor.confirmEnrollment(pending.handle(), phone.code());
        return new Equipped(id, phone, enrolled.backupCodes().orElseThrow());
    }

    public void withoutSecondFactor(String name) {
        twoFactor.operator("test").deleteAccount(id(name));
    }
}
