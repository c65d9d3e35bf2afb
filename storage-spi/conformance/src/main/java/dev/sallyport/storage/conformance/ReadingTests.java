// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static dev.sallyport.storage.conformance.Hints.FINDS_OLD;
import static dev.sallyport.storage.conformance.StoreUnderTest.SUMMARY;
import static dev.sallyport.storage.conformance.TestContext.record;

import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.Race.Outcome;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Many threads that read while one writes, on all instances. */
@Proves("races: no old or torn record")
abstract class ReadingTests extends HistoryTests {

    @Test
    @DisplayName("threads: find MUST return one whole record, and the newest one at the time of the call")
    void threads_readingWhileOneWrites_findWholeRecordsInOrder() {
        try (Race race = new Race(context, THREADS)) {
            mustReadInOrder(race);
        }
    }

    /** One thread writes, and the others read. */
    final void mustReadInOrder(Race race) {
        StoreUnderTest store = context.store();
        StoredRecord first = context.record(context.id("user"), 200);
        store.mustInsert(first);
        AtomicLong committed = new AtomicLong(first.version());
        AtomicBoolean over = new AtomicBoolean();
        race.run((instance, number) -> {
            if (number > 0) {
                while (!over.get()) {
                    long before = committed.get();
                    Race.found(instance, first.userId())
                            .ifPresent(found -> mustBeWholeAndNotBefore(before, store.present(found)));
                }
                return;
            }
            try {
                writeInOrder(instance, first, committed);
            } finally {
                over.set(true);
            }
        });
        if (committed.get() == first.version()) {
            throw store.broken(
                    "replace answered false or threw to the only writer each time while others read, and MUST let it go"
                            + " ahead.",
                    "readers lock the row, and the writer that does not get the lock gives up at once; or a read"
                            + " counts as a"
                            + " conflict.");
        }
    }

    private void writeInOrder(TwoFactorStore instance, StoredRecord first, AtomicLong committed) {
        StoredRecord current = first;
        boolean inDoubt = false;
        for (Repetitions repetitions = repetitions(5_000, 50); repetitions.hasNext(); ) {
            if (inDoubt) {
                // A write that threw may have been made.
                Optional<Optional<StoredRecord>> found = Race.found(instance, first.userId());
                if (found.isEmpty()) {
                    continue;
                }
                current = context.store().present(found.get());
                mustBeWholeAndNotBefore(committed.get(), current);
            }
            StoredRecord before = current;
            StoredRecord next = record(first.userId(), before.version() + 1, 200);
            Outcome outcome = Race.outcome(() -> instance.replace(before, next, SUMMARY));
            inDoubt = outcome == Outcome.UNKNOWN || (inDoubt && outcome == Outcome.FALSE);
            if (outcome == Outcome.TRUE) {
                committed.set(next.version());
                current = next;
            }
        }
    }

    private void mustBeWholeAndNotBefore(long committed, StoredRecord found) {
        if (!found.equals(record(found.userId(), found.version(), 200))) {
            throw context.store()
                    .broken(
                            "find gave back version " + found.version()
                                    + " with the payload of another version, and MUST give back one whole record.",
                            "version and payload are written or read in two steps.");
        }
        if (found.version() < committed) {
            throw context.store()
                    .broken(
                            "find gave back version " + found.version() + " after version " + committed
                                    + " was written with the answer true, and MUST give back the newest.",
                            FINDS_OLD);
        }
    }
}
