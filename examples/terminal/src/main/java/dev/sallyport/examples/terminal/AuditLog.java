// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import dev.sallyport.TwoFactorEvent;
import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.TwoFactorListener;
import dev.sallyport.VerificationResult.Method;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Keeps the events, which say what happened and why. In an application, they are for the people who run it: the user is told
 * the same about every wrong code. Here, the person at the keyboard is both.
 */
final class AuditLog implements TwoFactorListener {
    private final List<TwoFactorEvent> events = new ArrayList<>();

    @Override
    public synchronized void on(TwoFactorEvent event) {
        events.add(event);
    }

    /** Returns the events since the last call. */
    synchronized List<TwoFactorEvent> take() {
        List<TwoFactorEvent> taken = List.copyOf(events);
        events.clear();
        return taken;
    }

    /** Why a code did not work; empty for events about something else. */
    static Optional<String> reason(TwoFactorEvent event, Instant now) {
        String until = event.detail(Detail.UNTIL)
                .map(instant -> " until " + Times.local(Instant.parse(instant), now))
                .orElse("");
        return Optional.ofNullable(
                switch (event.type()) {
                    case CODE_REJECTED ->
                        event.rejection()
                                .map(reason -> reason(reason, isOneTimeCode(event)))
                                .orElse(null);
                    case ATTEMPT_REFUSED -> "it was not compared. A backup code is";
                    case LOCKED_OUT, LOCKED_OUT_AGAIN -> "too many in a row; locked" + until;
                    case BUDGET_SPENT -> "too many in 30 days; locked" + until;
                    case SUSPENDED -> "too many in a row; waiting does not help";
                    case ENROLLMENT_EXPIRED -> "too many wrong codes, or too late";
                    case BROWSER_FORGOTTEN -> "a known browser was forgotten";
                    case SESSIONS_EXPELLED -> "ten wrong codes in one session end all sessions";
                    default -> null;
                });
    }

    private static boolean isOneTimeCode(TwoFactorEvent event) {
        return event.detail(Detail.METHOD)
                .filter(Method.ONE_TIME_CODE.name()::equals)
                .isPresent();
    }

    private static String reason(Rejection rejection, boolean oneTimeCode) {
        return switch (rejection) {
            case WRONG ->
                oneTimeCode
                        ? "the app does not show it around now"
                        : "it is not among your backup codes, or the temporary code";
            case REPLAYED -> "it was used before, and each code works once";
            case BEHIND_THE_CLOCK -> "all codes of this moment are used up; the app will show another";
            case OTHER_LENGTH -> "your app makes codes of another length";
            case MALFORMED -> "it does not look like a code, so it was not counted";
        };
    }
}
