// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.TwoFactorStatus.Lock;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How many guesses an account admits. There are two doors, so that somebody with the password alone, who stands at the
 * strangers' door, cannot lock the owner out of a browser that the owner has used before.
 *
 * <p>Each door has three limits, because each of them stops what the others let through. The back-off stops speed. The
 * cap ends a row of failures over any length of time. The budget bounds the patient attacker, for whom the owner's
 * sign-ins would otherwise start a new row each day. Known browsers keep their back-off themselves ({@link
 * KnownBrowser#row()}).
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

    /** Why codes are not looked at now; null where they are. The row is that of the browser, session or strangers. */
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
     * After a right code. At the known door it also ends the strangers' back-off and cap: the owner is here. The
     * budgets stay, because they count failures between right codes.
     */
    Limits accepted(Door door) {
        return door == Door.STRANGERS
                ? new Limits(FailureRow.NONE, strangersBudget, knownFailures, knownBudget, stepUp)
                : new Limits(FailureRow.NONE, strangersBudget, 0, knownBudget, stepUp);
    }

    /** After a right backup or temporary code, wherever it was typed: back-off and cap of both doors end. */
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
