// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static dev.sallyport.storage.conformance.StoreUnderTest.SUMMARY;

import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * What one test has opened, and which users it has made up. Their ids are of this test alone, so that it can run on a
 * database that others use, and their records are deleted when it is over.
 */
final class Session {
    private static final int MAX_ID = 255;
    private static final int INSERT_TRIES = 100;
    private static final int DELETE_TRIES = 30;
    private static final int USUAL_BYTES = 40;

    private final Callable<TwoFactorStore> opening;
    private final Callable<TwoFactorStore> openingSecond;
    private final AtomicLong versions = new AtomicLong(1_000_000);
    private final Set<String> ids = ConcurrentHashMap.newKeySet();
    private String mark = newMark();
    private boolean opened;
    private @Nullable StoreUnderTest first;
    private @Nullable StoreUnderTest second;

    Session(Callable<TwoFactorStore> opening, Callable<TwoFactorStore> openingSecond) {
        this.opening = opening;
        this.openingSecond = openingSecond;
    }

    private static String newMark() {
        return Long.toString(
                ThreadLocalRandom.current().nextLong(100_000_000_000_000_000L, 1_000_000_000_000_000_000L));
    }

    // --- Stores ---

    /** The store. It is opened when it is first asked for: after each {@code @BeforeEach} of the integrator. */
    StoreUnderTest store() {
        if (first == null) {
            first = StoreUnderTest.of(open(opening, "createStore()"));
            opened = true;
        }
        return first;
    }

    /** The second instance. Where there is none, the test ends here, and counts as skipped. */
    StoreUnderTest second() {
        StoreUnderTest one = store();
        if (second == null) {
            second = one.beside(open(openingSecond, "secondInstance()"));
        }
        return second;
    }

    /** Both instances, or the one that there is. */
    List<TwoFactorStore> instances() {
        TwoFactorStore one = store().store();
        try {
            return List.of(one, second().store());
        } catch (TestAbortedException e) {
            return List.of(one);
        }
    }

    private static TwoFactorStore open(Callable<TwoFactorStore> opening, String how) {
        try {
            return opening.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(how + " failed", e);
        }
    }

    // --- Users and records ---

    /** The id of a user that nobody else has. */
    String id(String end) {
        return id("", end);
    }

    String id(String beginning, String end) {
        return remember(beginning + "conformance-" + mark + "-" + end);
    }

    /** An id that is a number in its own way of writing; {@code #} stands for the digits. */
    String number(String writing) {
        return remember(writing.replace("#", mark));
    }

    /** As long as an id may be. */
    String longId(String filler, String end) {
        String beginning = "conformance-" + mark + "-";
        int room = MAX_ID - beginning.length() - end.length();
        return remember(beginning + ".".repeat(room % filler.length()) + filler.repeat(room / filler.length()) + end);
    }

    private String remember(String id) {
        ids.add(id);
        return id;
    }

    boolean isOurs(String id) {
        return id.contains(mark);
    }

    /** A record with a version that none had before it, and a payload of its own. */
    StoredRecord record(String userId) {
        return record(userId, USUAL_BYTES);
    }

    StoredRecord record(String userId, int payloadBytes) {
        return record(userId, versions.incrementAndGet(), payloadBytes);
    }

    /** The payload is one of the version's own, and plain letters: other bytes have tests of their own. */
    static StoredRecord record(String userId, long version, int payloadBytes) {
        SplittableRandom letters = new SplittableRandom(version);
        byte[] payload = new byte[payloadBytes];
        for (int i = 0; i < payloadBytes; i++) {
            payload[i] = (byte) letters.nextInt('a', 'z' + 1);
        }
        return StoredRecord.of(userId, version, payload);
    }

    /** A record of that user and another version. */
    static StoredRecord withVersion(StoredRecord record, long version) {
        return StoredRecord.of(record.userId(), version, record.payload());
    }

    /** A user who has a record. */
    StoredRecord inserted(String userId) {
        StoredRecord record = record(userId);
        store().mustInsert(record);
        return record;
    }

    /** Users who have a record, written by many threads. */
    List<StoredRecord> insertedAtOnce(List<String> userIds) {
        StoreUnderTest store = store();
        List<StoredRecord> records = userIds.stream().map(this::record).toList();
        Crowd.share(records, record -> {
            for (int tries = 0; !store.store().insert(record, SUMMARY); tries++) {
                if (tries == INSERT_TRIES) {
                    throw store.falseForEver("insert");
                }
            }
        });
        return records;
    }

    // --- The end ---

    /** The store is of no use any longer; what it held is deleted through a new one. */
    void abandonStore() {
        first = null;
        second = null;
    }

    /** Deletes what was written, as far as this store lets itself be told. Begins anew for the next test. */
    void cleanUp() {
        Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
        // Where the time was over, this goes on behind the next test.
        Thread.interrupted();
        try {
            if (opened) {
                TwoFactorStore store = store().store();
                Crowd.share(ids, id -> {
                    try {
                        delete(store, id);
                    } catch (RuntimeException e) {
                        failures.add(e);
                    }
                });
            }
            if (!failures.isEmpty()) {
                System.err.println(failures.size() + " of " + ids.size() + " records whose ids contain " + mark
                        + " may be left behind: " + failures.element());
            }
        } catch (RuntimeException e) {
            System.err.println("Records whose ids contain " + mark + " may be left behind: " + e);
        } finally {
            abandonStore();
            opened = false;
            ids.clear();
            mark = newMark();
        }
    }

    private static void delete(TwoFactorStore store, String id) {
        for (int tries = 0; tries < DELETE_TRIES; tries++) {
            Optional<StoredRecord> found = store.find(id);
            if (found.isEmpty() || store.delete(found.get())) {
                return;
            }
        }
        throw new IllegalStateException("delete answers false");
    }
}
