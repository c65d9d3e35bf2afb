// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static dev.sallyport.storage.conformance.Hints.CHECKS_THEN_WRITES;
import static dev.sallyport.storage.conformance.StoreUnderTest.text;

import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Threads that call a store at the same time, spread over all its instances. A call that throws a {@link
 * StoreException}
 * has an unknown outcome: the write was made or not.
 */
final class Race implements AutoCloseable {
    private static final int TRIES_AMONG_OTHERS = 20;
    private static final int TRIES_ALONE = 5;

    private final TestContext context;
    private final int size;
    private final List<TwoFactorStore> instances;
    private final ConcurrentThreads threads;

    Race(TestContext context, int size) {
        this(context, size, context.instances());
    }

    Race(TestContext context, int size, List<TwoFactorStore> instances) {
        this.context = context;
        this.size = size;
        this.instances = instances;
        this.threads = new ConcurrentThreads(size);
    }

    /** What a writer knows of its write. */
    enum Outcome {
        TRUE,
        FALSE,
        UNKNOWN
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

    /** Writes among other writers. */
    static Outcome outcome(BooleanSupplier write) {
        try {
            return write.getAsBoolean() ? Outcome.TRUE : Outcome.FALSE;
        } catch (StoreException e) {
            return Outcome.UNKNOWN;
        }
    }

    /** Reads among writers. Empty if the store threw. */
    static Optional<Optional<StoredRecord>> found(TwoFactorStore instance, String userId) {
        try {
            return Optional.of(instance.find(userId));
        } catch (StoreException e) {
            return Optional.empty();
        }
    }

    /** Erases among others. False if the store threw: then one thread has to erase again when the race is over. */
    static boolean erased(TwoFactorStore instance, String userId) {
        return outcome(() -> {
                    instance.erase(userId);
                    return true;
                })
                == Outcome.TRUE;
    }

    /** What each thread tries, with its own record. */
    interface Attempt {
        boolean by(TwoFactorStore instance, StoredRecord own);
    }

    /**
     * Lets all threads try at once, and returns the record that is stored then. Before is null if nothing was
     * stored.
     */
    StoredRecord winner(String operation, String userId, @Nullable StoredRecord before, Attempt attempt) {
        StoreUnderTest store = context.store();
        List<StoredRecord> own =
                Stream.generate(() -> context.record(userId)).limit(size).toList();
        List<Outcome> outcomes = threads.run(number -> outcome(() -> attempt.by(instance(number), own.get(number))));
        List<StoredRecord> winners = thoseWith(Outcome.TRUE, outcomes, own);
        if (winners.size() > 1) {
            throw store.broken(
                    operation + " answered true to " + winners.size() + " of " + size
                            + " threads at once, and MUST answer true to one.",
                    CHECKS_THEN_WRITES);
        }
        if (winners.size() == 1) {
            return winners.get(0);
        }
        return truth(operation, userId, before, attempt, thoseWith(Outcome.UNKNOWN, outcomes, own));
    }

    private static List<StoredRecord> thoseWith(Outcome outcome, List<Outcome> outcomes, List<StoredRecord> own) {
        return IntStream.range(0, own.size())
                .filter(i -> outcomes.get(i) == outcome)
                .mapToObj(own::get)
                .toList();
    }

    /**
     * Nobody was told true. One of the writes that threw may have been made, or may still be made. If none is, the
     * threads
     * were in each other's way, with nothing changed. One thread alone has to succeed then.
     */
    private StoredRecord truth(
            String operation,
            String userId,
            @Nullable StoredRecord before,
            Attempt attempt,
            List<StoredRecord> unknown) {
        StoreUnderTest store = context.store();
        for (int tries = 0; tries < TRIES_ALONE; tries++) {
            StoredRecord stored = store.store().find(userId).orElse(null);
            if (stored != null && unknown.contains(stored)) {
                return stored;
            }
            if (!Objects.equals(before, stored)) {
                throw store.broken(
                        operation + " answered false to all of " + size + " threads or threw, and then find gave back "
                                + (stored == null ? "nothing" : text(stored))
                                + ", and MUST give back what was there before, or the record of a thread that got an"
                                + " exception.",
                        "false although something was changed. " + CHECKS_THEN_WRITES);
            }
            StoredRecord alone = context.record(userId);
            if (attempt.by(store.store(), alone)) {
                return alone;
            }
        }
        throw store.broken(
                operation + " by one thread answered false, after all of " + size
                        + " threads at once got no true, and MUST answer true.",
                "false although something was changed, or false for ever after a conflict.");
    }

    /**
     * Lets each thread do the work that it has, which nobody else is in the way of. False may still mean that writers
     * of
     * other users were in the way, on the same page or table. A thread that gets it too often leaves its work to the
     * end,
     * when it has to succeed because the others are gone.
     */
    void runAlone(Repetitions repetitions, UserWork work) {
        Queue<Runnable> left = new ConcurrentLinkedQueue<>();
        run((instance, number) -> {
            boolean refused = false;
            while (!refused && repetitions.hasNext()) {
                Queue<Step> steps = new ConcurrentLinkedQueue<>(work.steps(instance, number));
                refused = !complete(steps, TRIES_AMONG_OTHERS);
                if (refused) {
                    left.add(() -> mustComplete(steps));
                }
            }
        });
        left.forEach(Runnable::run);
    }

    /** What one thread does for a user of its own. */
    interface UserWork {
        List<Step> steps(TwoFactorStore instance, int number);
    }

    /**
     * One write.
     *
     * @param before what is stored before it
     * @param after what is stored after it
     */
    record Step(
            String operation,
            TwoFactorStore instance,
            String userId,
            @Nullable StoredRecord before,
            @Nullable StoredRecord after,
            Supplier<Outcome> write) {}

    private boolean complete(Queue<Step> steps, int mostTries) {
        for (int tries = 0; !steps.isEmpty(); tries++) {
            if (tries == mostTries) {
                return false;
            }
            Step step = steps.element();
            Outcome outcome = step.write().get();
            mustFind(step, outcome);
            if (outcome == Outcome.TRUE) {
                steps.remove();
                tries = -1;
            }
        }
        return true;
    }

    private void mustComplete(Queue<Step> steps) {
        if (!complete(steps, TRIES_ALONE)) {
            throw context.store()
                    .broken(
                            steps.element().operation()
                                    + " answered false or threw again and again although nobody else writes, and MUST"
                                    + " answer true.",
                            "the version or a lock belongs to the table, and not to the row; or a lock is never"
                                    + " released.");
        }
    }

    private void mustFind(Step step, Outcome outcome) {
        if (outcome == Outcome.UNKNOWN) {
            return;
        }
        StoredRecord expected = outcome == Outcome.TRUE ? step.after() : step.before();
        StoredRecord found = step.instance().find(step.userId()).orElse(null);
        if (!Objects.equals(expected, found)) {
            throw context.store()
                    .broken(
                            step.operation() + " answered " + outcome
                                    + " while other users were written; then find gave back "
                                    + (found == null ? "nothing" : text(found)) + ", and MUST give back "
                                    + (expected == null ? "nothing" : text(expected)) + ".",
                            "a collection that is not safe for many threads, or one connection that all threads"
                                    + " share.");
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
