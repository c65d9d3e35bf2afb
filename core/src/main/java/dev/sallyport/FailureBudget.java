// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * How many failures there may be in 30 days, however patient the attacker and however often the owner signs in meanwhile.
 *
 * <p>One counter per UTC day. Any 30 days touch at most 31 of those, so the sum over 31 is an upper bound for every 30
 * days wherever they begin. A leaky bucket, or a window that starts anew, would let twice as many through around its edge.
 *
 * <p>A counter is dropped only when there is no room, oldest first, and there is room for one more than can count: so a
 * clock that is a year ahead for one attempt loses none of them. One that is a month behind does: what it takes for the
 * future counts as of its today, and nothing tells it from what a clock has left that was ahead.
 */
record FailureBudget(List<Day> days) {
    static final FailureBudget UNSPENT = new FailureBudget(List.of());
    static final int MAX_DAYS = TwoFactorPolicy.BUDGET_DAYS + 2;

    private static final long SECONDS_PER_DAY = 86_400;

    /** The failures of one UTC day, counted in days since 1970-01-01. */
    record Day(long day, int failures) {}

    /** Days in ascending order. */
    FailureBudget {
        days = List.copyOf(days);
    }

    FailureBudget failed(Instant now) {
        return with(new Day(dayOf(now), 1));
    }

    /** Now, or the start of the first day on which there is room for a failure. */
    Instant roomFrom(TwoFactorPolicy policy, Instant now) {
        long today = dayOf(now);
        long day = today;
        while (failuresUpTo(day) >= policy.failureBudget()) {
            day++;
        }
        return day == today ? now : Instant.ofEpochSecond(day * SECONDS_PER_DAY);
    }

    boolean isTouched(Instant now) {
        return failuresUpTo(dayOf(now)) > 0;
    }

    private int failuresUpTo(long today) {
        return days.stream()
                .filter(day -> day.day() <= today && day.day() >= today - TwoFactorPolicy.BUDGET_DAYS)
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

    private static long dayOf(Instant instant) {
        return Math.floorDiv(instant.getEpochSecond(), SECONDS_PER_DAY);
    }
}
