// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Threads that all begin at the same moment. Daemons, so that a store which hangs does not keep the JVM. */
final class Crowd implements AutoCloseable {
    private static final int MOST_SHARING = 16;
    private static final int WORTH_A_THREAD = 8;

    private final int size;
    private final ExecutorService threads;

    Crowd(int size) {
        this.size = size;
        this.threads = Executors.newFixedThreadPool(size, task -> {
            Thread thread = new Thread(task, Patience.THREADS + "-crowd");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Does the work on each item, on as many threads as it is worth: where a call takes long, one after the other would. */
    static <T> void share(Collection<T> items, Consumer<T> work) {
        Queue<T> left = new ConcurrentLinkedQueue<>(items);
        try (Crowd crowd = new Crowd(Math.min(MOST_SHARING, 1 + items.size() / WORTH_A_THREAD))) {
            crowd.play(member -> {
                for (T item = left.poll(); item != null; item = left.poll()) {
                    work.accept(item);
                }
                return member;
            });
        }
    }

    /** What one of them does. */
    interface Part<T> {
        T play(int member) throws Exception;
    }

    /** Lets all do their part at once. Waits for every one, and then throws what the first of them has thrown, if any. */
    <T> List<T> play(Part<T> part) {
        CyclicBarrier start = new CyclicBarrier(size);
        List<Future<T>> parts = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            int member = i;
            Callable<T> task = () -> {
                start.await();
                return part.play(member);
            };
            parts.add(threads.submit(task));
        }
        List<T> results = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        for (Future<T> each : parts) {
            try {
                results.add(each.get());
            } catch (ExecutionException e) {
                failures.add(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted: the time was over", e);
            }
        }
        if (failures.isEmpty()) {
            return results;
        }
        if (failures.get(0) instanceof AssertionError failure) {
            throw failure;
        }
        throw new AssertionError(
                "With " + size + " threads at once " + failures.size() + " got an exception, the first "
                        + failures.get(0)
                        + ", and MUST get an answer: the store MUST be safe for use by any number of threads.\n"
                        + "Usual cause: state shared between threads, a deadlock, or a conflict with another writer that"
                        + " is certain to have changed nothing, and so is a false.",
                failures.get(0));
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
