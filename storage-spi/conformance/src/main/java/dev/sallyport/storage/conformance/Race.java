// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static dev.sallyport.storage.conformance.StoreUnderTest.text;

import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Threads that call a store at the same time, spread over all its instances. */
final class Race implements AutoCloseable {
    static final String CHECKS_THEN_WRITES =
            "the store reads and compares in one step, and writes in another; or it takes its lock between the two. Do both in"
                    + " one statement, or under one lock.";

    private static final int TRIES_ALONE = 100;

    private final TestContext context;
    private final int size;
    private final List<TwoFactorStore> instances;
    private final ConcurrentThreads threads;

    Race(TestContext context, int size) {
        this.context = context;
        this.size = size;
        this.instances = context.instances();
        this.threads = new ConcurrentThreads(size);
    }

    /** What each thread does. */
    interface Task {
        void run(TwoFactorStore instance, int number);
    }

    void run(Task task) {
        threads.run(number -> {
            task.run(instance(number), number);
            return number;
        });
    }

    /** What each thread tries, with its own record. */
    interface Attempt {
        boolean by(TwoFactorStore instance, StoredRecord own);
    }

    /** Lets all threads try at once, and returns the record of the one that got true. */
    StoredRecord winner(String operation, String userId, Attempt attempt) {
        StoreUnderTest store = context.store();
        List<StoredRecord> own =
                Stream.generate(() -> context.record(userId)).limit(size).toList();
        List<Boolean> won = threads.run(number -> attempt.by(instance(number), own.get(number)));
        List<StoredRecord> winners =
                IntStream.range(0, size).filter(won::get).mapToObj(own::get).toList();
        if (winners.size() > 1) {
            throw store.broken(
                    operation + " answered true to " + winners.size() + " of " + size
                            + " threads at once, and MUST answer true to one.",
                    CHECKS_THEN_WRITES);
        }
        if (winners.isEmpty()) {
            // The threads may have been in each other's way, with nothing changed. One thread alone has to succeed.
            store.mustAnswer(
                    true,
                    operation + " by one thread, after all of " + size + " threads at once got false,",
                    () -> attempt.by(store.store(), own.get(0)),
                    "false although something was changed, or false for ever after a conflict.");
            return own.get(0);
        }
        return winners.get(0);
    }

    /**
     * Erases while others write. An exception is allowed then, and leaves the outcome unknown. In that case one thread
     * has to erase again when the race is over.
     */
    static boolean erased(TwoFactorStore instance, String userId) {
        try {
            instance.erase(userId);
            return true;
        } catch (StoreException e) {
            return false;
        }
    }

    /**
     * A write that no other thread is in the way of. False may still mean that writers of other users were in the way,
     * on the same page or table. Nothing has changed then, and the thread tries again.
     */
    void mustSucceed(
            String operation,
            TwoFactorStore instance,
            @Nullable StoredRecord before,
            StoredRecord after,
            BooleanSupplier write) {
        for (int tries = 0; tries < TRIES_ALONE; tries++) {
            boolean done = write.getAsBoolean();
            StoredRecord expected = done ? after : before;
            mustFind(instance, after.userId(), expected, operation + " answered " + done);
            if (done) {
                return;
            }
        }
        throw context.store().falseForEver(operation);
    }

    /** The same for erase, where an exception stands for the false. */
    void mustErase(TwoFactorStore instance, StoredRecord record) {
        for (int tries = 0; tries < TRIES_ALONE; tries++) {
            if (erased(instance, record.userId())) {
                mustFind(instance, record.userId(), null, "erase returned");
                return;
            }
        }
        throw context.store()
                .broken(
                        "erase threw a StoreException " + TRIES_ALONE
                                + " times although nobody else writes that user, and MUST succeed.",
                        "the version or a lock belongs to the table, and not to the row.");
    }

    private void mustFind(TwoFactorStore instance, String userId, @Nullable StoredRecord expected, String event) {
        StoredRecord found = instance.find(userId).orElse(null);
        if (!Objects.equals(expected, found)) {
            throw context.store()
                    .broken(
                            event + " while other users were written; then find gave back "
                                    + (found == null ? "nothing" : text(found)) + ", and MUST give back "
                                    + (expected == null ? "nothing" : text(expected)) + ".",
                            "a collection that is not safe for many threads, or one connection that all threads share.");
        }
    }

    private TwoFactorStore instance(int number) {
        return instances.get(number % instances.size());
    }

    @Override
    public void close() {
        threads.close();
    }
}
