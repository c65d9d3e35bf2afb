// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static dev.sallyport.storage.conformance.Hints.CHECKS_THEN_WRITES;
import static dev.sallyport.storage.conformance.Hints.REPEATS;
import static dev.sallyport.storage.conformance.StoreUnderTest.SUMMARY;
import static dev.sallyport.storage.conformance.TestContext.record;

import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.Race.Outcome;
import dev.sallyport.storage.conformance.Race.Step;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Many threads that read and change records for a while, on all instances. */
@Proves("races: no lost update")
abstract class HistoryTests extends RaceTests {

    @Test
    @DisplayName("threads: an update that was answered true MUST NOT be lost")
    void threads_countingInOneRecord_loseNoUpdate() {
        try (Race race = new Race(context, THREADS)) {
            mustLoseNoUpdate(race);
        }
    }

    /** Each thread adds 1 to the version, again and again. */
    final void mustLoseNoUpdate(Race race) {
        StoredRecord zero = context.inserted(context.id("user"));
        AtomicInteger counted = new AtomicInteger();
        AtomicInteger unknown = new AtomicInteger();
        Repetitions repetitions = repetitions(100_000, 200);
        race.run((instance, number) -> {
            while (repetitions.hasNext()) {
                count(instance, zero.userId(), counted, unknown);
            }
        });
        mustHaveCounted(zero, counted.get(), unknown.get(), CHECKS_THEN_WRITES);
    }

    /** Adds 1 to the version once, if nobody is faster. */
    final void count(TwoFactorStore instance, String userId, AtomicInteger counted, AtomicInteger unknown) {
        Race.found(instance, userId).ifPresent(found -> {
            StoredRecord current = context.store().present(found);
            StoredRecord next = record(userId, current.version() + 1, 40);
            switch (Race.outcome(() -> instance.replace(current, next, SUMMARY))) {
                case TRUE -> counted.incrementAndGet();
                case UNKNOWN -> unknown.incrementAndGet();
                case FALSE -> {}
            }
        });
    }

    /** The version has grown by the number of updates that were made. Of those that threw some may have been made. */
    final void mustHaveCounted(StoredRecord zero, int counted, int unknown, String hint) {
        StoreUnderTest store = context.store();
        StoredRecord last = store.present(store.store().find(zero.userId()));
        long least = zero.version() + counted;
        if (last.version() < least || last.version() > least + unknown) {
            throw store.broken(
                    "After " + counted + " updates that were answered true and " + unknown
                            + " that threw, the record was " + (last.version() - zero.version())
                            + " updates further, and MUST be " + counted
                            + (unknown == 0 ? "." : " to " + (counted + unknown) + "."),
                    last.version() < least ? hint : "the store answers false although it has written. " + REPEATS);
        }
        if (counted == 0) {
            // All of them were in each other's way. One alone has to succeed.
            store.mustReplace(
                    last,
                    record(zero.userId(), last.version() + 1, 40),
                    "writers in conflict all give up, and none of them wins, not even afterwards.");
        }
    }

    @Test
    @DisplayName("threads: each record that was written MUST end once, replaced by one thread or erased")
    void threads_writingAndErasing_endEachRecordOnce() {
        StoreUnderTest store = context.store();
        String userId = context.id("user");
        Queue<Long> written = new ConcurrentLinkedQueue<>();
        Queue<Long> replaced = new ConcurrentLinkedQueue<>();
        Set<Long> unknown = ConcurrentHashMap.newKeySet();
        Set<Long> found = ConcurrentHashMap.newKeySet();
        AtomicInteger erases = new AtomicInteger();
        Repetitions repetitions = repetitions(100_000, 200);
        try (Race race = new Race(context, THREADS)) {
            race.run((instance, number) -> {
                for (int i = number; repetitions.hasNext(); i++) {
                    StoredRecord next = context.record(userId);
                    StoredRecord current = Race.found(instance, userId)
                            .flatMap(Function.identity())
                            .orElse(null);
                    if (current != null) {
                        found.add(current.version());
                    }
                    if (current != null && i % 3 == 0) {
                        erases.incrementAndGet();
                        Race.erased(instance, userId);
                        continue;
                    }
                    Outcome outcome = Race.outcome(() -> current == null
                            ? instance.insert(next, SUMMARY)
                            : instance.replace(current, next, SUMMARY));
                    if (outcome == Outcome.UNKNOWN) {
                        unknown.add(next.version());
                    } else if (outcome == Outcome.TRUE) {
                        written.add(next.version());
                        replaced.addAll(current == null ? List.of() : List.of(current.version()));
                    }
                }
            });
        }
        Set<Long> replacedOnce = new HashSet<>();
        for (Long version : replaced) {
            if (!replacedOnce.add(version)) {
                throw store.broken(
                        "replace answered true to two threads for version " + version
                                + ", and MUST answer true to one.",
                        CHECKS_THEN_WRITES);
            }
        }
        store.store().find(userId).map(StoredRecord::version).ifPresent(found::add);
        Set<Long> unexplained = new TreeSet<>(written);
        unexplained.removeAll(replacedOnce);
        // One of them may be there still. Each erase, and each write that threw, has removed one at most.
        if (unexplained.size() > 1 + erases.get() + unknown.size()) {
            throw store.broken(
                    unexplained.size() + " records that were written with the answer true are gone, with " + erases
                            + " erases and nobody who was told that they replaced them.",
                    CHECKS_THEN_WRITES);
        }
        found.addAll(replacedOnce);
        written.forEach(found::remove);
        found.removeAll(unknown);
        if (!found.isEmpty()) {
            throw store.broken(
                    "insert or replace answered false to version "
                            + found.iterator().next()
                            + ", which was there afterwards, and MUST answer false only if nothing changed.",
                    "the store answers by what it reads after the write, when another thread may have written too;"
                            + " or it"
                            + " turns a failure after the write into false.");
        }
    }

    @Test
    @DisplayName("threads: writes for one user MUST NOT disturb other users")
    void threads_eachWithAUserOfItsOwn_areAlone() {
        try (Race race = new Race(context, THREADS)) {
            race.runAlone(repetitions(1_000, 50), (instance, number) -> {
                String userId = context.id("user-" + number);
                StoredRecord record = context.record(userId);
                StoredRecord next = context.record(userId);
                return List.of(
                        new Step(
                                "insert",
                                instance,
                                userId,
                                null,
                                record,
                                () -> certain(instance.insert(record, SUMMARY))),
                        new Step(
                                "replace",
                                instance,
                                userId,
                                record,
                                next,
                                () -> certain(instance.replace(record, next, SUMMARY))),
                        // An exception of erase stands for the false that the others may answer.
                        new Step(
                                "erase",
                                instance,
                                userId,
                                next,
                                null,
                                () -> Race.erased(instance, userId) ? Outcome.TRUE : Outcome.UNKNOWN));
            });
        }
    }

    /** Nobody else writes this user, so an exception is no answer here. */
    private static Outcome certain(boolean answer) {
        return answer ? Outcome.TRUE : Outcome.FALSE;
    }
}
