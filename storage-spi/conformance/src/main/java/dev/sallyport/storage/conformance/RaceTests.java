// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static dev.sallyport.storage.conformance.Hints.CHECKS_THEN_WRITES;
import static dev.sallyport.storage.conformance.Hints.ERASE_GIVES_UP;
import static dev.sallyport.storage.conformance.Hints.OWN_REVISION;
import static dev.sallyport.storage.conformance.StoreUnderTest.SUMMARY;
import static dev.sallyport.storage.conformance.StoreUnderTest.text;
import static dev.sallyport.storage.conformance.TestContext.record;

import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.Race.Outcome;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Many threads that want to change one record at once, on all instances. */
@Proves("races: one winner, nothing after an erase")
abstract class RaceTests extends InstanceTests {

    @Test
    @DisplayName("threads: of many inserts for one user exactly one MUST answer true, and its record MUST be stored")
    void threads_insertingForOneUser_haveOneWinner() {
        String userId = context.id("user");
        try (Race race = new Race(context, THREADS)) {
            for (Repetitions repetitions = repetitions(200, 10); repetitions.hasNext(); ) {
                StoredRecord kept =
                        race.winner("insert", userId, null, (instance, own) -> instance.insert(own, SUMMARY));
                context.store().mustHold(kept, CHECKS_THEN_WRITES);
                context.store().mustErase(kept.userId());
            }
        }
    }

    @Test
    @DisplayName("threads: of many replaces of one record exactly one MUST answer true, and its record MUST be stored")
    void threads_replacingOneRecord_haveOneWinner() {
        StoredRecord record = context.inserted(context.id("user"));
        try (Race race = new Race(context, THREADS)) {
            for (Repetitions repetitions = repetitions(200, 10); repetitions.hasNext(); ) {
                StoredRecord before = record;
                record = race.winner(
                        "replace", before.userId(), before, (instance, own) -> instance.replace(before, own, SUMMARY));
                context.store().mustHold(record, CHECKS_THEN_WRITES);
            }
        }
    }

    @Test
    @DisplayName("threads: many erases of one record MUST leave nothing of it")
    void threads_erasingOneRecord_leaveNothing() {
        String userId = context.id("user");
        try (Race race = new Race(context, THREADS)) {
            for (Repetitions repetitions = repetitions(200, 10); repetitions.hasNext(); ) {
                context.inserted(userId);
                AtomicInteger erased = new AtomicInteger();
                race.run((instance, number) -> {
                    if (Race.erased(instance, userId)) {
                        erased.incrementAndGet();
                        Race.found(instance, userId).ifPresent(found -> mustBeErased(userId, found));
                    }
                });
                if (erased.get() == 0) {
                    context.store().mustErase(userId);
                }
                context.store().mustHoldNothing(userId, ERASE_GIVES_UP);
            }
        }
    }

    @Test
    @DisplayName(
            "threads: no replace of a record from before an erase MUST succeed after the erase, and nothing MUST be left")
    void threads_replacingWhileOneErases_leaveNothing() {
        String userId = context.id("user");
        try (Race race = new Race(context, THREADS)) {
            for (Repetitions repetitions = repetitions(200, 10); repetitions.hasNext(); ) {
                AtomicLong newest = new AtomicLong(context.inserted(userId).version());
                AtomicBoolean erased = new AtomicBoolean();
                AtomicBoolean over = new AtomicBoolean();
                race.run((instance, number) -> {
                    if (number > 0) {
                        replaceUntil(over, erased, instance, userId, newest);
                        return;
                    }
                    try {
                        erased.set(Race.erased(instance, userId));
                    } finally {
                        over.set(true);
                    }
                });
                if (!erased.get()) {
                    context.store().mustErase(userId);
                }
                context.store().mustHoldNothing(userId, ERASE_GIVES_UP);
            }
        }
    }

    /** Replaces the newest record that is known, again and again, and at least once after the end. */
    private void replaceUntil(
            AtomicBoolean over, AtomicBoolean erased, TwoFactorStore instance, String userId, AtomicLong newest) {
        for (boolean last = false; !last; ) {
            last = over.get();
            boolean afterTheErase = erased.get();
            StoredRecord current = record(userId, newest.get(), 40);
            StoredRecord next = context.record(userId);
            boolean replaced = Race.outcome(() -> instance.replace(current, next, SUMMARY)) == Outcome.TRUE;
            if (replaced && afterTheErase) {
                throw context.store()
                        .broken(
                                "replace of version " + current.version()
                                        + " answered true after erase had returned, and MUST answer false.",
                                CHECKS_THEN_WRITES + " Or: " + ERASE_GIVES_UP);
            }
            if (replaced) {
                newest.set(next.version());
            }
        }
    }

    @Test
    @DisplayName("threads: when erases race inserts, the store MUST NOT hold a record whose insert was answered false")
    void threads_insertingWhileOthersErase_leaveNothingOrAWinner() {
        String userId = context.id("user");
        try (Race race = new Race(context, THREADS)) {
            for (Repetitions repetitions = repetitions(200, 10); repetitions.hasNext(); ) {
                StoredRecord before = context.inserted(userId);
                Queue<StoredRecord> winners = new ConcurrentLinkedQueue<>();
                AtomicInteger erased = new AtomicInteger();
                race.run((instance, number) -> {
                    StoredRecord own = context.record(userId);
                    if (number % 2 == 0) {
                        erased.addAndGet(Race.erased(instance, userId) ? 1 : 0);
                    } else if (Race.outcome(() -> instance.insert(own, SUMMARY)) != Outcome.FALSE) {
                        winners.add(own);
                    }
                });
                boolean beforeMayBeLeft = erased.get() == 0;
                context.store().store().find(userId).ifPresent(left -> {
                    if (!winners.contains(left) && !(beforeMayBeLeft && left.equals(before))) {
                        throw context.store()
                                .broken(
                                        "After erases and inserts at once the store holds version " + left.version()
                                                + ", and MUST hold nothing or a record whose insert was not answered"
                                                + " false.",
                                        left.equals(before) ? ERASE_GIVES_UP : CHECKS_THEN_WRITES);
                    }
                });
                context.store().mustErase(userId);
            }
        }
    }

    private void mustBeErased(String userId, Optional<StoredRecord> found) {
        if (found.isPresent()) {
            throw context.store()
                    .broken(
                            "find(" + text(userId) + ") gave back version "
                                    + found.get().version() + " after erase had returned, and MUST be empty.",
                            ERASE_GIVES_UP);
        }
    }

    @Test
    @DisplayName("threads: a replace MUST NOT take the place of a record that was inserted after an erase (ABA)")
    void threads_replacingWhileOneErasesAndInserts_leaveWhatWasInserted() {
        String userId = context.id("user");
        try (Race race = new Race(context, THREADS)) {
            for (Repetitions repetitions = repetitions(200, 10); repetitions.hasNext(); ) {
                StoredRecord before = context.inserted(userId);
                StoredRecord after = context.record(userId);
                AtomicReference<Outcome> inserted = new AtomicReference<>(Outcome.FALSE);
                race.run((instance, number) -> {
                    if (number > 0) {
                        StoredRecord own = context.record(userId);
                        Race.outcome(() -> instance.replace(before, own, SUMMARY));
                    } else if (Race.erased(instance, userId)) {
                        inserted.set(Race.outcome(() -> instance.insert(after, SUMMARY)));
                    }
                });
                if (inserted.get() == Outcome.TRUE) {
                    context.store().mustHold(after, OWN_REVISION + " Or: " + CHECKS_THEN_WRITES);
                }
                context.store().mustErase(userId);
            }
        }
    }
}
