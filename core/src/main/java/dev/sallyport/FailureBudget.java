// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The failures of the last 31 days, however patient the attacker is and however often the owner signs in meanwhile.
 *
 * <p>There is one counter per UTC day. Any 30 days touch at most 31 of those, so the sum over 31 days is an upper bound
 * for every 30 days. A leaky bucket, or a window that starts again, would let twice as many failures through around its
 * edge.
 *
 * <p>A counter is dropped only when there is no room, the oldest first, and there is room for one more than can count.
 * So a clock that is a year ahead for one attempt loses none of them. A clock that is a month behind does lose some:
 * failures that look like the future count as of today, because nothing distinguishes them from failures under a clock
 * that was ahead.
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

    /** Now, or the start of the first day on which there is room for a failure. */
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
        return days.stream()
                .filter(day -> day.day() <= today && day.day() > today - TwoFactorPolicy.BUDGET_DAYS)
                .mapToInt(Day::failures)
                .sum();
    }

    /** Counts failures of the future, which a wrong clock has left, as of today. */
    FailureBudget noLaterThan(Instant now) {
        FailureBudget clamped = UNSPENT;
        for (Day day : days) {
            clamped = clamped.with(new Day(Math.min(day.day(), dayOf(now)), day.failures()));
        }
        return clamped;
    }

    /** Adds to the last day or after it. */
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
