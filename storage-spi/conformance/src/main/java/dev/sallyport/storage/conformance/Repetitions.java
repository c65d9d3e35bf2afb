// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How often a race is repeated. A store in memory is fast and its races are short, so it gets all the repetitions. A
 * store over a network gets as many as fit into a few seconds. No assertion depends on the time.
 */
final class Repetitions {
    private final int most;
    private final int least;
    private final Duration enough;
    private final AtomicInteger begun = new AtomicInteger();
    private final long start = System.nanoTime();

    Repetitions(int most, int least, Duration enough) {
        this.most = most;
        this.least = least;
        this.enough = enough;
    }

    /** Whether to repeat once more. Any number of threads may ask. */
    boolean hasNext() {
        int number = begun.getAndIncrement();
        return number < most && (number < least || System.nanoTime() - start < enough.toNanos());
    }

    /** The number of the present repetition, from 1 on. For one thread. */
    int number() {
        return begun.get();
    }
}
