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

/**
 * Threads that all start at the same moment. They are daemons, so that a store which hangs does not keep the JVM alive.
 */
final class ConcurrentThreads implements AutoCloseable {
    private static final int MOST_THREADS = 16;
    private static final int ITEMS_PER_THREAD = 8;

    private final int size;
    private final ExecutorService executor;

    ConcurrentThreads(int size) {
        this.size = size;
        this.executor = Executors.newFixedThreadPool(size, task -> {
            Thread thread = new Thread(task, TimeLimit.THREAD_NAME + "-concurrent");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Does the work for each item, on several threads if there are many items. One thread would be slow over a network.
     */
    static <T> void forEach(Collection<T> items, Consumer<T> work) {
        Queue<T> left = new ConcurrentLinkedQueue<>(items);
        try (ConcurrentThreads threads =
                new ConcurrentThreads(Math.min(MOST_THREADS, 1 + items.size() / ITEMS_PER_THREAD))) {
            threads.run(number -> {
                for (T item = left.poll(); item != null; item = left.poll()) {
                    work.accept(item);
                }
                return number;
            });
        }
    }

    /** What one thread does. */
    interface Task<T> {
        T run(int number) throws Exception;
    }

    /** Starts all threads at once, waits for every one, and then throws the first exception, if there was any. */
    <T> List<T> run(Task<T> task) {
        CyclicBarrier start = new CyclicBarrier(size);
        List<Future<T>> running = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            int number = i;
            Callable<T> afterTheStart = () -> {
                start.await();
                return task.run(number);
            };
            running.add(executor.submit(afterTheStart));
        }
        List<T> results = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        for (Future<T> each : running) {
            try {
                results.add(each.get());
            } catch (ExecutionException e) {
                failures.add(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted because the time is over", e);
            }
        }
        if (failures.isEmpty()) {
            return results;
        }
        for (Throwable each : failures) {
            if (each instanceof AssertionError failure) {
                throw failure;
            }
        }
        throw new AssertionError(
                StoreUnderTest.rootCause(failures.get(0)) + "\nWith " + size + " threads at once " + failures.size()
                        + " got an exception, this one first, and MUST get an answer, because any number of threads may"
                        + " use a store.\nUsual cause: what the first line says; or threads share state; or a conflict"
                        + " with another writer that certainly changed nothing and has to be a false.",
                failures.get(0));
    }

    /** Starts one piece of work, and does not wait for it. */
    <T> Future<T> start(Callable<T> work) {
        return executor.submit(work);
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
