// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that stands still until a test moves it. */
final class SteppedClock implements InstantSource {
    private volatile Instant now = Instant.parse("2026-11-01T08:30:00Z");

    @Override
    public Instant instant() {
        return now;
    }

    void advance(Duration duration) {
        now = now.plus(duration);
    }
}
