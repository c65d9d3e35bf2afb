// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How often to try for an unlucky moment. A store in memory has narrow ones and is quick, so it gets all the tries; one
 * over a network has wide ones, and gets as many as go into a few seconds. Nothing is asserted on time.
 */
final class Effort {
    private static final Duration ENOUGH = Duration.ofSeconds(3);

    private final int most;
    private final int least;
    private final AtomicInteger tries = new AtomicInteger();
    private final long began = System.nanoTime();

    Effort(int most, int least) {
        this.most = most;
        this.least = least;
    }

    /** Whether to go on; by any number of threads. */
    boolean goesOn() {
        int tried = tries.getAndIncrement();
        return tried < most && (tried < least || System.nanoTime() - began < ENOUGH.toNanos());
    }
}
