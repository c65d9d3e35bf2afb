// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How often a race is repeated. A store in memory is fast and its races are short, so it gets all the repetitions. A
 * store over a network gets as many as fit into a few seconds. No assertion depends on the time.
 */
final class Repetitions {
    private static final Duration ENOUGH = Duration.ofSeconds(3);

    private final int most;
    private final int least;
    private final AtomicInteger begun = new AtomicInteger();
    private final long start = System.nanoTime();

    Repetitions(int most, int least) {
        this.most = most;
        this.least = least;
    }

    /** Whether to repeat once more. Any number of threads may ask. */
    boolean hasNext() {
        int number = begun.getAndIncrement();
        return number < most && (number < least || System.nanoTime() - start < ENOUGH.toNanos());
    }

    /** The number of the present repetition, from 1 on. For one thread. */
    int number() {
        return begun.get();
    }
}
