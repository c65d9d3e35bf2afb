// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** Calls on several threads that start together. */
final class ConcurrentCalls {
    /** Longer than any test takes on any machine. */
    static final Duration HANG = Duration.ofMinutes(10);

    private ConcurrentCalls() {}

    /** Returns the result of each thread. */
    static <T> List<T> run(int threads, Work<T> work) {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            CyclicBarrier start = new CyclicBarrier(threads);
            List<Future<T>> futures = IntStream.range(0, threads)
                    .mapToObj(i -> executor.submit(() -> {
                        start.await();
                        return work.of(i);
                    }))
                    .toList();
            return assertTimeoutPreemptively(HANG, () -> {
                List<T> results = new ArrayList<>();
                for (Future<T> future : futures) {
                    results.add(future.get());
                }
                return results;
            });
        } finally {
            executor.shutdownNow();
        }
    }

    /** What one thread does. */
    interface Work<T> {
        T of(int thread) throws Exception;
    }
}
