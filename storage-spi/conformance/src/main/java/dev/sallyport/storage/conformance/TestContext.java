// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static dev.sallyport.storage.conformance.StoreUnderTest.SUMMARY;

import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * The stores that one test has opened, and the users that it has invented. No other test has the same user ids, so a
 * test can run on a database that others use. The records are erased when the test is over.
 */
final class TestContext {
    private static final int MAX_ID = 255;
    private static final int ERASE_TRIES = 30;
    private static final int USUAL_BYTES = 40;

    private final Callable<TwoFactorStore> opening;
    private final Callable<TwoFactorStore> openingSecond;
    private final Callable<TwoFactorStore> openingAnotherRoute;
    private final AtomicLong versions = new AtomicLong(1_000_000);
    private final Set<String> ids = ConcurrentHashMap.newKeySet();
    private final Set<String> notes = ConcurrentHashMap.newKeySet();
    private String mark = newMark();
    private boolean opened;
    private @Nullable StoreUnderTest first;
    private @Nullable StoreUnderTest second;
    private @Nullable StoreUnderTest other;

    TestContext(
            Callable<TwoFactorStore> opening,
            Callable<TwoFactorStore> openingSecond,
            Callable<TwoFactorStore> openingAnotherRoute) {
        this.opening = opening;
        this.openingSecond = openingSecond;
        this.openingAnotherRoute = openingAnotherRoute;
    }

    private static String newMark() {
        return Long.toString(
                ThreadLocalRandom.current().nextLong(100_000_000_000_000_000L, 1_000_000_000_000_000_000L));
    }

    // --- Stores ---

    /** The store. The first call opens it, and so every {@code @BeforeEach} of the integrator has run before. */
    StoreUnderTest store() {
        if (first == null) {
            first = StoreUnderTest.of(open(opening, "createStore()"));
            opened = true;
        }
        return first;
    }

    /** The second instance. If there is none, the test ends here and counts as skipped. */
    StoreUnderTest second() {
        StoreUnderTest one = store();
        if (second == null) {
            second = one.anotherInstance("second instance: ", open(openingSecond, "secondInstance()"));
        }
        return second;
    }

    /** The instance that comes by another route. If there is none, the test ends here and counts as skipped. */
    StoreUnderTest anotherRoute() {
        StoreUnderTest one = store();
        if (other == null) {
            other = one.anotherInstance("another route: ", open(openingAnotherRoute, "anotherRoute()"));
        }
        return other;
    }

    /** Every instance that there is. */
    List<TwoFactorStore> instances() {
        return Stream.<Supplier<StoreUnderTest>>of(this::store, this::second, this::anotherRoute)
                .flatMap(TestContext::ifThere)
                .toList();
    }

    private static Stream<TwoFactorStore> ifThere(Supplier<StoreUnderTest> instance) {
        try {
            return Stream.of(instance.get().store());
        } catch (TestAbortedException e) {
            return Stream.of();
        }
    }

    /** Remembers for the report that a test has left something out, or what it has found. */
    void note(String note) {
        notes.add(note);
    }

    Set<String> notes() {
        return notes;
    }

    boolean isOpened() {
        return opened;
    }

    static TwoFactorStore open(Callable<TwoFactorStore> opening, String how) {
        try {
            return opening.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(how + " failed", e);
        }
    }

    // --- Users and records ---

    /** A user id that nobody else has. */
    String id(String end) {
        return id("", end);
    }

    String id(String beginning, String end) {
        return remember(beginning + "conformance-" + mark + "-" + end);
    }

    /** An id that looks like a number. {@code #} stands for its digits. */
    String number(String writing) {
        return remember(writing.replace("#", mark));
    }

    /** An id of the greatest length. */
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

    /** A record with a version that no earlier record has, and with its own payload. */
    StoredRecord record(String userId) {
        return record(userId, USUAL_BYTES);
    }

    StoredRecord record(String userId, int payloadBytes) {
        return record(userId, versions.incrementAndGet(), payloadBytes);
    }

    /** The payload depends on the version and has letters only. Other tests are about other bytes. */
    static StoredRecord record(String userId, long version, int payloadBytes) {
        SplittableRandom letters = new SplittableRandom(version);
        byte[] payload = new byte[payloadBytes];
        for (int i = 0; i < payloadBytes; i++) {
            payload[i] = (byte) letters.nextInt('a', 'z' + 1);
        }
        return StoredRecord.of(userId, version, payload);
    }

    /** The same record with another version. */
    static StoredRecord withVersion(StoredRecord record, long version) {
        return StoredRecord.of(record.userId(), version, record.payload());
    }

    /** The record of a new user, which the store holds. */
    StoredRecord inserted(String userId) {
        StoredRecord record = record(userId);
        store().mustInsert(record);
        return record;
    }

    /**
     * The records of new users, which the store holds. Many threads write them. A thread that gets false leaves its
     * record
     * to the end, when nobody is in its way.
     */
    List<StoredRecord> insertedAtOnce(List<String> userIds) {
        StoreUnderTest store = store();
        List<StoredRecord> records = userIds.stream().map(this::record).toList();
        Queue<StoredRecord> refused = new ConcurrentLinkedQueue<>();
        ConcurrentThreads.forEach(records, record -> {
            if (!store.store().insert(record, SUMMARY)) {
                refused.add(record);
            }
        });
        refused.forEach(store::mustInsert);
        return records;
    }

    // --- The end ---

    /** Forgets the store, which cannot be used any longer. {@link #cleanUp} erases its records through a new one. */
    void abandonStore() {
        first = null;
        second = null;
        other = null;
    }

    /** Erases what the test wrote, as far as the store can. Afterwards this object is ready for the next test. */
    void cleanUp() {
        Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
        // If the time is over, this continues while the next test runs.
        Thread.interrupted();
        try {
            if (opened) {
                TwoFactorStore store = store().store();
                ConcurrentThreads.forEach(ids, id -> {
                    try {
                        erase(store, id);
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

    /** Several threads do this at once, and a store may throw if they are in each other's way. */
    private static void erase(TwoFactorStore store, String id) {
        for (int tries = 1; ; tries++) {
            try {
                store.erase(id);
                return;
            } catch (StoreException e) {
                if (tries == ERASE_TRIES) {
                    throw e;
                }
            }
        }
    }
}
