// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import dev.sallyport.AlreadyEnabledException;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.UnreadableRecordException;
import dev.sallyport.UserId;
import dev.sallyport.examples.migration.Plan.Planned;

/**
 * Moves one user after the other. A user comes over in one write or not at all. A user who is there is left alone.
 * Therefore a run that was killed is simply repeated.
 */
final class Mover {
    private final TwoFactor twoFactor;

    Mover(TwoFactor twoFactor) {
        this.twoFactor = twoFactor;
    }

    /**
     * What became of a user.
     *
     * @param outcome what
     * @param reason why, unless the user comes over
     */
    record Moved(Outcome outcome, String reason) {
        static Moved of(Outcome outcome) {
            return new Moved(outcome, "");
        }
    }

    Moved move(Planned planned) {
        UserId user = planned.user();
        if (user == null || planned.requests().isEmpty()) {
            return foresee(planned);
        }
        try {
            twoFactor.operator("migration").importWithoutConfirmation(user, planned.requests());
            return Moved.of(Outcome.COMES_OVER);
        } catch (AlreadyEnabledException e) {
            return Moved.of(Outcome.ALREADY_THERE);
        } catch (UnreadableRecordException e) {
            return unreadable();
        } catch (IllegalArgumentException e) {
            // The rehearsal was a moment ago, and a last step may be too far ahead by now.
            return new Moved(Outcome.LEFT_WITHOUT_SECOND_FACTOR, String.valueOf(e.getMessage()));
        }
    }

    /** The same without a write. */
    Moved foresee(Planned planned) {
        UserId user = planned.user();
        if (planned.old().hadNoSecondFactor()) {
            return withoutRecord(planned);
        }
        try {
            if (user != null && twoFactor.status(user).state() == State.ENABLED) {
                return Moved.of(Outcome.ALREADY_THERE);
            }
        } catch (UnreadableRecordException e) {
            return unreadable();
        }
        return withoutRecord(planned);
    }

    /** For a user of whom the target has no record. */
    static Moved withoutRecord(Planned planned) {
        if (planned.user() != null && !planned.requests().isEmpty()) {
            return Moved.of(Outcome.COMES_OVER);
        }
        return planned.old().hadNoSecondFactor()
                ? Moved.of(Outcome.HAD_NO_SECOND_FACTOR)
                : new Moved(Outcome.LEFT_WITHOUT_SECOND_FACTOR, planned.whyLeft());
    }

    private static Moved unreadable() {
        return new Moved(
                Outcome.UNREADABLE_RECORD,
                "the target has a record that does not open with these keys and this namespace:"
                        + " reset it, and run again");
    }
}
