// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static dev.sallyport.storage.conformance.StoreUnderTest.text;

import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A crowd at a store, spread over all instances there are. */
final class Race implements AutoCloseable {
    static final String CHECKS_THEN_WRITES =
            "the store looks first and writes then, in two steps, or takes its lock between them. Let one statement do both,"
                    + " or one lock hold both.";

    private static final int LONE_TRIES = 100;

    private final Session session;
    private final int size;
    private final List<TwoFactorStore> instances;
    private final Crowd crowd;

    Race(Session session, int size) {
        this.session = session;
        this.size = size;
        this.instances = session.instances();
        this.crowd = new Crowd(size);
    }

    /** What each member does. */
    interface Part {
        void play(TwoFactorStore instance, int member);
    }

    void run(Part part) {
        crowd.play(member -> {
            part.play(instance(member), member);
            return member;
        });
    }

    /** What each member tries, with a record of its own. */
    interface Attempt {
        boolean by(TwoFactorStore instance, StoredRecord own);
    }

    /** Lets all try at once, and gives the record of the one who was told true. */
    StoredRecord winner(String operation, String userId, Attempt attempt) {
        StoreUnderTest store = session.store();
        List<StoredRecord> own =
                Stream.generate(() -> session.record(userId)).limit(size).toList();
        List<Boolean> won = crowd.play(member -> attempt.by(instance(member), own.get(member)));
        List<StoredRecord> winners =
                IntStream.range(0, size).filter(won::get).mapToObj(own::get).toList();
        if (winners.size() > 1) {
            throw store.broken(
                    operation + " answered true to " + winners.size() + " of " + size
                            + " threads at once, and MUST answer true to one.",
                    CHECKS_THEN_WRITES);
        }
        if (winners.isEmpty()) {
            // Each may have stood in another's way, and changed nothing. Alone, nothing does.
            store.mustAnswer(
                    true,
                    operation + " by one thread, after " + size + " at once were all told false,",
                    () -> attempt.by(store.store(), own.get(0)),
                    "false although something was changed, or false for ever after a conflict.");
            return own.get(0);
        }
        return winners.get(0);
    }

    /**
     * Lets one member do what nobody else is in the way of. False may still mean that writers of other users were, on the
     * same page or table; then nothing has changed, and it is tried again.
     */
    void mustSucceed(
            String operation,
            TwoFactorStore instance,
            @Nullable StoredRecord before,
            @Nullable StoredRecord after,
            BooleanSupplier asking) {
        StoredRecord either = Objects.requireNonNullElse(before, after);
        for (int tries = 0; tries < LONE_TRIES; tries++) {
            boolean done = asking.getAsBoolean();
            StoredRecord expected = done ? after : before;
            StoredRecord found = instance.find(either.userId()).orElse(null);
            if (!Objects.equals(expected, found)) {
                throw session.store()
                        .broken(
                                operation + " answered " + done
                                        + " while other users were written; then find gave back "
                                        + (found == null ? "nothing" : text(found)) + ", and MUST give back "
                                        + (expected == null ? "nothing" : text(expected)) + ".",
                                "a collection that is not safe for many threads, or one connection that all threads share.");
            }
            if (done) {
                return;
            }
        }
        throw session.store().falseForEver(operation);
    }

    private TwoFactorStore instance(int member) {
        return instances.get(member % instances.size());
    }

    @Override
    public void close() {
        crowd.close();
    }
}
