// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Times as text for people. */
final class Times {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT);

    private Times() {}

    /** The local time, with the day if it is not today. */
    static String local(Instant instant, Instant now) {
        LocalDateTime local = LocalDateTime.ofInstant(instant, ZoneId.systemDefault());
        boolean today = local.toLocalDate().equals(LocalDate.ofInstant(now, ZoneId.systemDefault()));
        return (today ? TIME : DAY).format(local);
    }

    /** A duration as minutes and seconds, 0:27, or with hours, 1:00:27. */
    static String countdown(Duration left) {
        String minutes = left.toHours() == 0
                ? Long.toString(left.toMinutes())
                : String.format(Locale.ROOT, "%d:%02d", left.toHours(), left.toMinutesPart());
        return minutes + String.format(Locale.ROOT, ":%02d", left.toSecondsPart());
    }
}
