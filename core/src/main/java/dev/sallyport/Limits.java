// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Suspended;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How many guesses an account admits. Three limits on one-time codes, because each stops what the others let through: the
 * back-off stops speed, the cap ends a row of failures over whatever time, and the budget bounds the patient attacker
 * whom the owner's sign-ins would give a new row each day. Backup codes have one of their own, so that an attack on the
 * codes never takes the way back from the owner.
 *
 * <p>Kept are the instants of failures, never those of unlocks: a wrong clock must not lock anybody for a year.
 */
record Limits(
        int codeFailures,
        @Nullable Instant lastCodeFailure,
        FailureBudget budget,
        @Nullable Instant budgetEmptied,
        int backupFailures,
        @Nullable Instant lastBackupFailure) {
    static final Limits NONE = new Limits(0, null, FailureBudget.UNSPENT, null, 0, null);

    /** Why one-time codes are refused unseen, and until when; null where waiting does not help. */
    record Lock(LockReason reason, @Nullable Instant until) {
        VerificationResult result() {
            return until == null ? new Suspended() : new LockedOut(until);
        }

        Type begins() {
            return switch (reason) {
                case BACK_OFF -> Type.LOCKED_OUT;
                case SUSPENDED -> Type.SUSPENDED;
                case BUDGET_SPENT -> Type.BUDGET_SPENT;
            };
        }

        TwoFactorEvent describe(TwoFactorEvent event) {
            TwoFactorEvent described = event.with(Detail.REASON, reason.name())
                    .with(Detail.METHOD, VerificationMethod.ONE_TIME_CODE.name());
            return until == null ? described : described.with(Detail.UNTIL, until.toString());
        }
    }

    /** Null where codes are looked at. */
    @Nullable
    Lock lock(TwoFactorPolicy policy, Instant now) {
        if (codeFailures >= policy.suspendAfter()) {
            return new Lock(LockReason.SUSPENDED, null);
        }
        Instant backOff = backOffUntil(policy);
        Instant room = budget.roomFrom(policy, now);
        if (room.isAfter(now) && !room.isBefore(backOff)) {
            return new Lock(LockReason.BUDGET_SPENT, room);
        }
        return backOff.isAfter(now) ? new Lock(LockReason.BACK_OFF, backOff) : null;
    }

    private Instant backOffUntil(TwoFactorPolicy policy) {
        if (lastCodeFailure == null || codeFailures < policy.failuresBeforeLockout()) {
            return Instant.MIN;
        }
        // Beyond 30 doublings every lockout is the longest one; a shift by more would begin anew.
        long factor = 1L << Math.min(codeFailures - policy.failuresBeforeLockout(), 30);
        Duration lockout = policy.firstLockout().multipliedBy(factor);
        Duration longest = policy.longestLockout();
        return lastCodeFailure.plus(lockout.compareTo(longest) < 0 ? lockout : longest);
    }

    Limits codeFailed(Instant now) {
        return new Limits(codeFailures + 1, now, budget.failed(now), budgetEmptied, backupFailures, lastBackupFailure);
    }

    /** A right code ends back-off and cap. The budget stays: it is there for failures between successes. */
    Limits codeAccepted() {
        return new Limits(0, null, budget, budgetEmptied, backupFailures, lastBackupFailure);
    }

    /** When the next backup code is looked at; the past if it is at once. */
    Instant backupCodesFrom(TwoFactorPolicy policy) {
        return lastBackupFailure == null || backupFailures < policy.failuresBeforeBackupWait()
                ? Instant.MIN
                : lastBackupFailure.plus(policy.backupWait());
    }

    Limits backupCodeFailed(Instant now) {
        return new Limits(codeFailures, lastCodeFailure, budget, budgetEmptied, backupFailures + 1, now);
    }

    /**
     * A used backup code is the owner's way back in, so it ends all limits; the budget no more than once in 30 days,
     * which is why the published bound counts it twice.
     */
    Limits backupCodeUsed(Instant now) {
        Duration once = Duration.ofDays(TwoFactorPolicy.BUDGET_DAYS);
        boolean tooSoon = budgetEmptied != null && now.isBefore(budgetEmptied.plus(once));
        return tooSoon || !budget.isTouched(now)
                ? new Limits(0, null, budget, budgetEmptied, 0, null)
                : new Limits(0, null, FailureBudget.UNSPENT, now, 0, null);
    }

    Limits unlocked() {
        return new Limits(0, null, FailureBudget.UNSPENT, budgetEmptied, 0, null);
    }

    Limits noLaterThan(Instant now) {
        return new Limits(
                codeFailures,
                earlier(lastCodeFailure, now),
                budget.noLaterThan(now),
                earlier(budgetEmptied, now),
                backupFailures,
                earlier(lastBackupFailure, now));
    }

    private static @Nullable Instant earlier(@Nullable Instant kept, Instant now) {
        return kept != null && kept.isAfter(now) ? now : kept;
    }
}
