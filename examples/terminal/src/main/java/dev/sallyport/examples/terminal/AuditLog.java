// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import dev.sallyport.TwoFactorEvent;
import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.TwoFactorListener;
import dev.sallyport.VerificationMethod;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Hears what happened and why. In an application, this is for those who run it: to the user, every wrong code is the same.
 * Here, the person at the keyboard is both.
 */
final class AuditLog implements TwoFactorListener {
    private final List<TwoFactorEvent> events = new ArrayList<>();

    @Override
    public synchronized void on(TwoFactorEvent event) {
        events.add(event);
    }

    /** What happened since the last time this was asked. */
    synchronized List<TwoFactorEvent> take() {
        List<TwoFactorEvent> taken = List.copyOf(events);
        events.clear();
        return taken;
    }

    /** Why a code got nobody in; empty for events that are about something else. */
    static Optional<String> why(TwoFactorEvent event, Instant now) {
        String until = event.detail(Detail.UNTIL)
                .map(instant -> " until " + Times.local(Instant.parse(instant), now))
                .orElse("");
        return Optional.ofNullable(
                switch (event.type()) {
                    case CODE_REJECTED ->
                        event.rejection()
                                .map(reason -> why(reason, isBackupCode(event)))
                                .orElse(null);
                    case ATTEMPT_REFUSED ->
                        isBackupCode(event)
                                ? "too many backup codes in a row; one in a few seconds is enough"
                                : "it was not even looked at. A backup code would be";
                    case LOCKED_OUT -> "too many in a row; locked" + until + ". Backup codes are not";
                    case BUDGET_SPENT -> "too many in 30 days; locked" + until + ". Backup codes are not";
                    case SUSPENDED -> "too many. Only a backup code ends this, or an operator";
                    case ENROLLMENT_EXPIRED -> "too many wrong codes, or too late";
                    default -> null;
                });
    }

    private static boolean isBackupCode(TwoFactorEvent event) {
        return event.detail(Detail.METHOD)
                .filter(VerificationMethod.BACKUP_CODE.name()::equals)
                .isPresent();
    }

    private static String why(Rejection reason, boolean backupCode) {
        return switch (reason) {
            case WRONG -> backupCode ? "it is none of your backup codes" : "it is not what the app shows around now";
            case REPLAYED -> "it was used before, and each code works once";
            case BEHIND_THE_CLOCK -> "the clock of this machine has stepped back";
            case MALFORMED -> "it has not the form of a code, so it was not counted";
        };
    }
}
