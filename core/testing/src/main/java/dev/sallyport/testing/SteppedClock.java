// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;

/**
 * A clock that stands still until the test moves it. Give it to {@code TwoFactor.builder().clock(..)}, to the
 * application's own code that asks for the time, and to {@link VirtualPhone}. A test with it needs no sleep, and a year
 * passes in one call. Safe for use by many threads.
 */
public final class SteppedClock implements InstantSource {
    private volatile Instant now;

    /** Makes a clock that shows 2026-11-02T09:00:00Z, a Monday. It is the first instant of a time step. */
    public SteppedClock() {
        this(Instant.parse("2026-11-02T09:00:00Z"));
    }

    /**
     * Makes a clock.
     *
     * @param start what it shows until it is moved
     */
    public SteppedClock(Instant start) {
        now = Objects.requireNonNull(start, "start");
    }

    /** {@return what the clock shows} */
    @Override
    public Instant instant() {
        return now;
    }

    /**
     * Sets the clock.
     *
     * @param instant what it shows from now on. It may be earlier than before, as on a server whose clock is corrected
     */
    public synchronized void set(Instant instant) {
        now = Objects.requireNonNull(instant, "instant");
    }

    /**
     * Moves the clock.
     *
     * @param by how far. A negative duration moves the clock back
     * @throws java.time.DateTimeException if there is no such instant. The clock is not moved then
     */
    public synchronized void advance(Duration by) {
        now = now.plus(by);
    }

    /** {@return what the clock shows, as ISO 8601 text} */
    @Override
    public String toString() {
        return now.toString();
    }
}
