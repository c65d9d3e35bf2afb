// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * A clock that stands still until a test moves it. The one of sallyport-testing cannot be used here, because that module
 * depends on this one.
 */
public final class SteppedClock implements InstantSource {
    private volatile Instant now;

    public SteppedClock(Instant now) {
        this.now = now;
    }

    @Override
    public Instant instant() {
        return now;
    }

    public void set(Instant instant) {
        now = instant;
    }

    /** Forward, or back by a negative duration. */
    public void advance(Duration duration) {
        now = now.plus(duration);
    }
}
