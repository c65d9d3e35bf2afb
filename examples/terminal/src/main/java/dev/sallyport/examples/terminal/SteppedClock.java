// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that stands still until it is moved, so that nobody waits for a year to pass. */
final class SteppedClock implements InstantSource {
    private volatile Instant now = Instant.parse("2026-11-02T09:00:00Z");

    @Override
    public Instant instant() {
        return now;
    }

    void set(Instant instant) {
        now = instant;
    }

    void advance(Duration time) {
        set(now.plus(time));
    }
}
