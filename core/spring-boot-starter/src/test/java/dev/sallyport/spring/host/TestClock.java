// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring.host;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/** A clock that the test moves. It begins at the real time, because servers note real times in their sessions. */
public final class TestClock implements InstantSource {
    private volatile Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);

    @Override
    public Instant instant() {
        return now;
    }

    public synchronized void step(Duration by) {
        now = now.plus(by);
    }
}
