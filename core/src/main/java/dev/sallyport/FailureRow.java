// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive failures: of all strangers together, of one known browser, or of step-ups. It keeps the instant of the
 * last failure instead of the end of a lockout, so that a wrong clock cannot lock anybody out for a year.
 */
record FailureRow(int failures, @Nullable Instant last) {
    static final FailureRow NONE = new FailureRow(0, null);

    FailureRow failed(Instant now) {
        return new FailureRow(failures + 1, now);
    }

    /**
     * The end of the back-off: first lockout x 2^(failures - 5), at most an hour. {@link Instant#MIN} if there is none.
     */
    Instant lockedUntil(TwoFactorPolicy policy) {
        if (last == null || failures < policy.failuresBeforeLockout()) {
            return Instant.MIN;
        }
        // After 30 doublings every lockout is the longest one. A larger shift would start again from the smallest.
        long factor = 1L << Math.min(failures - policy.failuresBeforeLockout(), 30);
        Duration lockout = policy.firstLockout().multipliedBy(factor);
        Duration longest = TwoFactorPolicy.LONGEST_LOCKOUT;
        return last.plus(lockout.compareTo(longest) < 0 ? lockout : longest);
    }

    FailureRow noLaterThan(Instant now) {
        return last != null && last.isAfter(now) ? new FailureRow(failures, now) : this;
    }
}
