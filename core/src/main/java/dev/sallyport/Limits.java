// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.TwoFactorStatus.Lock;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The limits on guesses for one account. Attempts from unknown browsers come to the strangers' door, all others to the
 * known door. The two doors count apart, so somebody with the password alone cannot lock the owner out of a known
 * browser.
 *
 * <p>Each door has three limits, because each of them stops what the others let through. The back-off stops speed. The
 * cap ends a row of failures over any length of time. The budget bounds a patient attacker: each sign-in of the owner
 * ends a row of failures, but does not refill the budget. The back-off of a known browser is kept with the browser
 * ({@link KnownBrowser#row()}).
 */
record Limits(
        FailureRow strangers,
        FailureBudget strangersBudget,
        int knownFailures,
        FailureBudget knownBudget,
        FailureRow stepUp) {
    static final Limits NONE =
            new Limits(FailureRow.NONE, FailureBudget.UNSPENT, 0, FailureBudget.UNSPENT, FailureRow.NONE);

    /** Which cap and which budget count an attempt. */
    enum Door {
        STRANGERS,
        KNOWN
    }

    /**
     * The lock because of which one-time codes are not compared now; null if they are. The row is that of the browser,
     * the step-ups or the strangers.
     */
    @Nullable
    Lock lock(Door door, FailureRow row, Call call) {
        if (consecutive(door) >= TwoFactorPolicy.FAILURES_BEFORE_SUSPENSION) {
            return new Lock(Lock.Reason.SUSPENDED, Optional.empty());
        }
        Instant backOff = row.lockedUntil(call.policy());
        Instant room = budget(door).roomFrom(limit(door, call.policy()), call.now());
        if (room.isAfter(call.now()) && !room.isBefore(backOff)) {
            return new Lock(Lock.Reason.BUDGET_SPENT, Optional.of(room));
        }
        return backOff.isAfter(call.now()) ? new Lock(Lock.Reason.BACK_OFF, Optional.of(backOff)) : null;
    }

    int consecutive(Door door) {
        return door == Door.STRANGERS ? strangers.failures() : knownFailures;
    }

    FailureBudget budget(Door door) {
        return door == Door.STRANGERS ? strangersBudget : knownBudget;
    }

    private static int limit(Door door, TwoFactorPolicy policy) {
        return door == Door.STRANGERS ? policy.strangersBudget() : policy.knownBudget();
    }

    /** Counts a failure for the door's cap and budget. */
    Limits failed(Door door, Instant now) {
        return door == Door.STRANGERS
                ? new Limits(strangers.failed(now), strangersBudget.failed(now), knownFailures, knownBudget, stepUp)
                : new Limits(strangers, strangersBudget, knownFailures + 1, knownBudget.failed(now), stepUp);
    }

    Limits withStepUp(FailureRow after) {
        return new Limits(strangers, strangersBudget, knownFailures, knownBudget, after);
    }

    /**
     * The limits after a right one-time code. At the known door it also ends the strangers' back-off and cap, because
     * the owner is there. The budgets stay: they count failures whether or not right codes are between them.
     */
    Limits accepted(Door door) {
        return door == Door.STRANGERS
                ? new Limits(FailureRow.NONE, strangersBudget, knownFailures, knownBudget, stepUp)
                : new Limits(FailureRow.NONE, strangersBudget, 0, knownBudget, stepUp);
    }

    /** The limits after a right backup or temporary code. The back-off and the cap of both doors end. */
    Limits accepted() {
        return accepted(Door.KNOWN).withStepUp(FailureRow.NONE);
    }

    Limits noLaterThan(Instant now) {
        return new Limits(
                strangers.noLaterThan(now),
                strangersBudget.noLaterThan(now),
                knownFailures,
                knownBudget.noLaterThan(now),
                stepUp.noLaterThan(now));
    }

    TwoFactorStatus.Door status(Door door, Call call) {
        FailureRow row = door == Door.STRANGERS ? strangers : FailureRow.NONE;
        return new TwoFactorStatus.Door(
                consecutive(door), budget(door).spent(call.now()), Optional.ofNullable(lock(door, row, call)));
    }
}
