// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Counts the failures of the last 31 days. A right code does not reset the count, so an attacker gains no guesses by
 * waiting for the owner to sign in.
 *
 * <p>There is one counter per UTC day. Any 30 days touch at most 31 of those, so the sum over 31 days is an upper bound
 * for every 30 days. A leaky bucket, or a window that starts again, would let twice as many failures through around its
 * edge.
 *
 * <p>The list has room for one counter more than the 31 that are added up. Only if it is full, the oldest counter is
 * dropped. So no counter is lost if the clock is a year ahead for one attempt. Failures are lost if the clock is a
 * month behind for one attempt: a failure whose day is in the future counts as of today, because a clock that was ahead
 * may have dated it. Once the clock is right again, that day is too old to count.
 */
record FailureBudget(List<Day> days) {
    static final FailureBudget UNSPENT = new FailureBudget(List.of());
    static final int MAX_DAYS = TwoFactorPolicy.BUDGET_DAYS + 1;

    private static final long SECONDS_PER_DAY = 86_400;

    /** The failures of one UTC day, counted in days since 1970-01-01. */
    record Day(int day, int failures) {}

    /** Days in ascending order. */
    FailureBudget {
        days = List.copyOf(days);
    }

    FailureBudget failed(Instant now) {
        return with(new Day(dayOf(now), 1));
    }

    /**
     * Returns {@code now} if there is room for a failure. Otherwise returns the start of the first day that has room.
     */
    Instant roomFrom(int limit, Instant now) {
        int today = dayOf(now);
        int day = today;
        while (failuresUpTo(day) >= limit) {
            day++;
        }
        return day == today ? now : Instant.ofEpochSecond(day * SECONDS_PER_DAY);
    }

    int spent(Instant now) {
        return failuresUpTo(dayOf(now));
    }

    private int failuresUpTo(int today) {
        int failures = 0;
        for (Day day : days) {
            boolean counts = day.day() <= today && day.day() > today - TwoFactorPolicy.BUDGET_DAYS;
            failures += counts ? day.failures() : 0;
        }
        return failures;
    }

    /** Moves failures whose day is in the future to today. A wrong clock has dated them. */
    FailureBudget noLaterThan(Instant now) {
        FailureBudget clamped = UNSPENT;
        for (Day day : days) {
            clamped = clamped.with(new Day(Math.min(day.day(), dayOf(now)), day.failures()));
        }
        return clamped;
    }

    /** Adds failures to the last day, or appends a later day. */
    private FailureBudget with(Day added) {
        List<Day> after = new ArrayList<>(days);
        int last = after.size() - 1;
        boolean sameDay = last >= 0 && after.get(last).day() == added.day();
        int before = sameDay ? after.remove(last).failures() : 0;
        after.add(new Day(added.day(), before + added.failures()));
        return new FailureBudget(after.subList(Math.max(0, after.size() - MAX_DAYS), after.size()));
    }

    private static int dayOf(Instant instant) {
        return Math.toIntExact(Math.floorDiv(instant.getEpochSecond(), SECONDS_PER_DAY));
    }
}
