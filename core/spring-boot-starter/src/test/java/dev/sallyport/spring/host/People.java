// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring.host;

import dev.sallyport.BackupCodes;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.testing.SteppedClock;
import dev.sallyport.testing.VirtualPhone;

/** The users of the application, with their phones. */
public final class People {
    private final TwoFactor twoFactor;
    private final SteppedClock clock;

    public People(TwoFactor twoFactor, SteppedClock clock) {
        this.twoFactor = twoFactor;
        this.clock = clock;
    }

    /** What somebody has after enabling two-factor authentication. */
    public record Equipped(UserId id, VirtualPhone phone, BackupCodes backupCodes) {}

    public static UserId id(String name) {
        return UserId.of("id-of-" + name);
    }

    public VirtualPhone scan(String keyUri) {
        return VirtualPhone.scan(KeyUri.parse(keyUri), clock);
    }

    /** Enables two-factor authentication of somebody, from the beginning. */
    public Equipped equip(String name) {
        UserId id = id(name);
        twoFactor.operator("test").deleteAccount(id);
        PendingEnrollment pending = twoFactor.beginEnrollment(id, name);
        VirtualPhone phone = VirtualPhone.scan(pending, clock);
        Enrolled enrolled = (Enrolled) twoFactor.confirmEnrollment(pending.handle(), phone.code());
        return new Equipped(id, phone, enrolled.backupCodes().orElseThrow());
    }

    public void withoutSecondFactor(String name) {
        twoFactor.operator("test").deleteAccount(id(name));
    }
}
