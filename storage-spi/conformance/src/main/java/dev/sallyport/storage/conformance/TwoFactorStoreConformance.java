// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static dev.sallyport.storage.conformance.Race.CHECKS_THEN_WRITES;
import static dev.sallyport.storage.conformance.StoreUnderTest.SUMMARY;
import static dev.sallyport.storage.conformance.StoreUnderTest.text;
import static dev.sallyport.storage.conformance.TestContext.record;
import static dev.sallyport.storage.conformance.TestContext.withVersion;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.sallyport.Challenge;
import dev.sallyport.Rejected;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.RecordSummary.State;
import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.SpoiledRecordException;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.Application.Owner;
import dev.sallyport.storage.conformance.Application.Phone;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Tests a {@link TwoFactorStore}. There is a test for each MUST of the SPI that can be tested from outside. The last
 * tests run the core over the store. Extend this class, and open your store in it:
 *
 * <pre>{@code
 * class MyStoreTest extends TwoFactorStoreConformance {
 *     @Override
 *     protected TwoFactorStore createStore() {
 *         return new MyStore(connectTo(database));
 *     }
 *
 *     @Override
 *     protected TwoFactorStore secondInstance() {
 *         return new MyStore(connectTo(database));
 *     }
 *
 *     @Override
 *     protected void spoilRecord(String userId) {
 *         database.execute("INSERT INTO record VALUES (?, 0, '')", userId);
 *     }
 *
 *     @Override
 *     protected void breakBackend() {
 *         database.stop();
 *     }
 *
 *     @Override
 *     protected void repairBackend() {
 *         database.start();
 *     }
 * }
 * }</pre>
 *
 * <p>If there is no second instance, or if the backend cannot be broken, {@code return notPossible("there is one
 * process only")}. JUnit then skips the tests that need it, and the kit prints the reason.
 *
 * <p>The kit can run on a database that is not empty. Each test invents users whose ids nobody else has, and erases
 * their records at its end. If the database has so many users that a walk over them would have more than 200 pages, the
 * kit leaves out small pages and prints that. On an empty database it tries pages of a single id. The last test breaks
 * the backend. If test classes run in parallel and others use the same backend, annotate your class with JUnit's {@code
 * @Isolated}.
 *
 * <p>A run takes a few seconds for a store in memory, and up to a minute for a store on a disk. No test makes more than
 * about 200 calls one after the other, except for the walks over the users of others. If a call takes 50 ms, the
 * longest test takes some 10 seconds, and a run two and a half minutes. Override {@link #timeLimit} if a call takes
 * half a second or longer.
 *
 * <p>The kit calls the store, and the methods that open and break it, on its own threads. Anything that is bound to the
 * thread of {@code @BeforeEach} (a transaction, a session, a scope) is not available there.
 *
 * <p>The kit cannot prove the following: that a write is durable before the method returns, that no record ever
 * expires, that the store takes no part in a transaction of the caller, that it never repeats a write, and that it logs
 * no payload. It does not try short ids either, because somebody else may have them: each id contains a number of 18
 * digits.
 */
@ExtendWith(TimeLimit.class)
@Execution(ExecutionMode.SAME_THREAD)
@TestMethodOrder(MethodOrderer.DisplayName.class)
public abstract class TwoFactorStoreConformance {
    private static final int THREADS = 16;
    private static final int MANY_THREADS = 64;
    private static final int MOST_IDS_OF_A_PAGE = 64;

    // The methods are called when a test needs the store, and so never before the subclass is constructed.
    @SuppressWarnings("this-escape")
    final TestContext context = new TestContext(this::createStore, this::secondInstance);

    /** For subclasses. */
    protected TwoFactorStoreConformance() {}

    // --- What an integrator provides ---

    /**
     * Opens the store that is tested. Each test calls this once, after every {@code @BeforeEach}, on a thread of the
     * kit. The last test calls it once more after {@link #repairBackend}. Close what the store needs in an {@code
     * @AfterEach}.
     *
     * @return the store. It may be over the same data each time, or over other data
     * @throws Exception if it cannot be opened
     */
    protected abstract TwoFactorStore createStore() throws Exception;

    /**
     * Opens another instance over the data of the store that {@link #createStore} returned last, as another node of the
     * application would do. The two share the backend and nothing else: no cache and no connection. Called on a thread
     * of the kit.
     *
     * @return the other instance, or what {@link #notPossible} returns
     * @throws Exception if it cannot be opened
     */
    protected abstract TwoFactorStore secondInstance() throws Exception;

    /**
     * Damages the record of this user in the store that {@link #createStore} returned last, so that it is no record any
     * more: for example sets its version to 0 or its payload to nothing. The store holds a record of this user when
     * this is called. Unless overridden, the tests of spoiled records are skipped. Called on a thread of the kit.
     *
     * @param userId the user's id
     * @throws Exception if it cannot be damaged
     */
    protected void spoilRecord(String userId) throws Exception {
        notPossible("spoilRecord(..) is not overridden");
    }

    /**
     * Makes the backend of the store that {@link #createStore} returned last fail: stops the database, cuts the
     * connections or drops the table. Or calls {@link #notPossible}. The last test of the class calls this, on a thread
     * of the kit.
     *
     * @throws Exception if it cannot be broken
     */
    protected abstract void breakBackend() throws Exception;

    /**
     * Undoes {@link #breakBackend}. Called after it, even if it failed. Afterwards the kit opens the store once more,
     * and erases what the test wrote. Does nothing unless overridden. That is right if each store has its own backend.
     * If other tests use the backend, or if its data stay, this MUST be overridden, or everything after it fails too.
     *
     * @throws Exception if it cannot be repaired
     */
    protected void repairBackend() throws Exception {}

    /**
     * {@return how long one test may take, with the erasing of its records, before the kit reports that the store
     * hangs: 2 minutes unless overridden} Nothing else depends on it.
     */
    protected Duration timeLimit() {
        return Duration.ofMinutes(2);
    }

    /**
     * Says that there is no second instance, or that the backend cannot be broken. JUnit skips the test that needs it.
     *
     * @param reason the reason, which the kit prints
     * @return never
     */
    protected static TwoFactorStore notPossible(String reason) {
        return Assumptions.abort(reason);
    }

    // --- One after the other: the answers ---

    private static final String FINDS_OLD =
            "find reads from a cache, from a replica that is behind, or from an old snapshot of a transaction. Read the"
                    + " newest committed record.";
    private static final String NOT_CONDITIONAL = "the write does not compare the version (UPDATE ... WHERE user_id"
            + " = ? AND version = ?), or the store ignores the number of changed rows.";
    private static final String ERASES_TOO_LITTLE =
            "erase deletes only the version that it has read before, or only hides the row from some reads.";
    private static final String UPSERT =
            "an upsert (MERGE, REPLACE INTO, ON CONFLICT DO UPDATE, put), or the store ignores the number of changed"
                    + " rows.";
    private static final String ERASE_GIVES_UP =
            "erase reads the record and then deletes that version, and does not look whether the delete found it.";
    private static final String VERSION_REUSED =
            "the store compares its own version (an optimistic lock, a revision), which starts again for each row. Compare"
                    + " the version of the record.";

    @Test
    @DisplayName("find MUST be empty if there is no record")
    void find_noRecord_isEmpty() {
        context.store()
                .mustHoldNothing(context.id("nobody"), "the store does not check for an empty answer of the backend.");
    }

    @Test
    @DisplayName("find MUST return the newest record, right after each write")
    void find_afterEachWrite_isTheNewestRecord() {
        StoreUnderTest store = context.store();
        StoredRecord first = context.record(context.id("user"));
        StoredRecord second = context.record(first.userId());
        StoredRecord third = context.record(first.userId());

        store.mustHoldNothing(first.userId(), FINDS_OLD);
        store.mustInsert(first);
        store.mustHold(first, FINDS_OLD);
        store.mustReplace(first, second);
        store.mustHold(second, FINDS_OLD);
        store.mustReplace(second, third);
        store.mustHold(third, FINDS_OLD);
        store.mustErase(third.userId());
        store.mustHoldNothing(first.userId(), FINDS_OLD);
    }

    @Test
    @DisplayName("insert MUST answer false and change nothing, if the user has a record")
    void insert_recordExists_isFalseAndChangesNothing() {
        StoreUnderTest store = context.store();
        StoredRecord record = context.inserted(context.id("user"));

        store.mustNotInsert(context.record(record.userId()), UPSERT);
        store.mustHold(record, UPSERT);
        store.mustNotInsert(record, UPSERT);
        store.mustHold(record, UPSERT);
    }

    @Test
    @DisplayName("insert MUST answer true again, if the record was erased")
    void insert_afterErase_isTrue() {
        StoreUnderTest store = context.store();
        String hint = "erase only marks the row, and insert finds it still there.";
        StoredRecord first = context.inserted(context.id("user"));
        StoredRecord second = context.record(first.userId());

        store.mustErase(first.userId(), hint);
        store.mustInsert(second, hint);
        store.mustHold(second, hint);
    }

    @Test
    @DisplayName("replace MUST answer false and add nothing, if the user has no record")
    void replace_noRecord_isFalseAndAddsNothing() {
        StoreUnderTest store = context.store();
        StoredRecord never = context.record(context.id("never"));
        StoredRecord gone = context.inserted(context.id("gone"));
        store.mustErase(gone.userId());

        for (StoredRecord current : List.of(never, gone)) {
            store.mustNotReplace(current, context.record(current.userId()), UPSERT);
            store.mustHoldNothing(current.userId(), UPSERT);
        }
    }

    @Test
    @DisplayName("replace MUST answer false and change nothing, if the stored version is different")
    void replace_anotherVersion_isFalseAndChangesNothing() {
        StoreUnderTest store = context.store();
        StoredRecord old = context.inserted(context.id("user"));
        StoredRecord record = context.record(old.userId());
        StoredRecord next = context.record(old.userId());
        store.mustReplace(old, record);

        for (StoredRecord stale : List.of(old, withVersion(record, record.version() + 100), withVersion(record, 1))) {
            store.mustNotReplace(stale, next, NOT_CONDITIONAL);
            store.mustHold(record, NOT_CONDITIONAL);
        }
    }

    @Test
    @DisplayName("replace MUST answer true once, if it is asked twice")
    void replace_twice_isTrueOnce() {
        StoreUnderTest store = context.store();
        StoredRecord record = context.inserted(context.id("user"));
        StoredRecord next = context.record(record.userId());

        store.mustReplace(record, next);
        store.mustNotReplace(record, next, NOT_CONDITIONAL);
        store.mustHold(next, NOT_CONDITIONAL);
    }

    @Test
    @DisplayName("erase MUST remove the record, whatever its version is")
    void erase_anyVersion_removesTheRecord() {
        StoreUnderTest store = context.store();
        StoredRecord inserted = context.inserted(context.id("inserted"));
        StoredRecord old = context.inserted(context.id("replaced"));
        StoredRecord replaced = context.record(old.userId());
        store.mustReplace(old, replaced);

        for (StoredRecord record : List.of(inserted, replaced)) {
            store.mustErase(record.userId(), ERASES_TOO_LITTLE);
            store.mustHoldNothing(record.userId(), ERASES_TOO_LITTLE);
        }
    }

    @Test
    @DisplayName("erase MUST succeed and add nothing, if the user has no record")
    void erase_noRecord_isNoError() {
        StoreUnderTest store = context.store();
        String hint =
                "the store takes it for an error that no row was deleted, or that its mark of a deleted row is there.";
        String never = context.id("never");
        String gone = context.inserted(context.id("gone")).userId();

        for (String userId : List.of(never, gone)) {
            for (int i = 0; i < 2; i++) {
                store.mustErase(userId, hint);
                store.mustHoldNothing(userId, hint);
            }
        }
    }

    @Test
    @DisplayName("erase MUST leave the records of other users")
    void erase_ofOneUser_leavesOthers() {
        StoreUnderTest store = context.store();
        String hint = "the condition of the delete is not the whole user id.";
        StoredRecord one = context.inserted(context.id("user"));
        List<StoredRecord> others = Stream.of("user1", "use", "another")
                .map(end -> context.inserted(context.id(end)))
                .toList();

        store.mustErase(one.userId(), hint);

        others.forEach(other -> store.mustHold(other, hint));
    }

    @Test
    @DisplayName("replace MUST answer false to every record from before an erase, and add nothing")
    void replace_ofAnyRecordFromBeforeAnErase_isFalseAndAddsNothing() {
        StoreUnderTest store = context.store();
        StoredRecord first = context.inserted(context.id("user"));
        StoredRecord second = context.record(first.userId());
        store.mustReplace(first, second);

        store.mustErase(first.userId());

        for (StoredRecord before : List.of(first, second)) {
            store.mustNotReplace(before, context.record(first.userId()), UPSERT);
            store.mustHoldNothing(first.userId(), UPSERT);
        }
    }

    @Test
    @DisplayName("replace MUST answer false to a record from before an erase and an insert (ABA)")
    void staleRecord_afterEraseAndInsert_isRefused() {
        StoreUnderTest store = context.store();
        StoredRecord before = context.inserted(context.id("user"));
        store.mustErase(before.userId());
        StoredRecord after = context.inserted(before.userId());

        store.mustNotReplace(before, context.record(before.userId()), VERSION_REUSED);
        store.mustHold(after, VERSION_REUSED);
    }

    @Test
    @DisplayName("replace MUST compare the version, even if the payload is the same")
    void staleRecord_withTheSamePayload_isRefused() {
        StoreUnderTest store = context.store();
        String hint = "the store compares payloads, or hashes of them, and not versions.";
        StoredRecord record = context.inserted(context.id("user"));
        StoredRecord stale = withVersion(record, record.version() - 1);

        store.mustNotReplace(stale, context.record(record.userId()), hint);
        store.mustHold(record, hint);
    }

    // --- Something is stored that is no record ---

    private static final String SPOILED =
            "the damaged data become an empty answer, a plain StoreException or an exception of another type.";

    @Test
    @DisplayName("spoiled record: find MUST throw a SpoiledRecordException, and no write may change it")
    void spoiledRecord_isReportedAndNotChanged() throws Exception {
        StoreUnderTest store = context.store();
        StoredRecord record = context.inserted(context.id("user"));
        spoilRecord(record.userId());
        StoredRecord next = context.record(record.userId());

        mustBeSpoiled(record.userId());
        mustNotBeTrue("insert", () -> store.store().insert(next, SUMMARY));
        mustNotBeTrue("replace", () -> store.store().replace(record, next, SUMMARY));
        mustBeSpoiled(record.userId());
    }

    @Test
    @DisplayName("spoiled record: erase MUST remove it, and insert MUST succeed afterwards")
    void spoiledRecord_isErased() throws Exception {
        StoreUnderTest store = context.store();
        String hint = "erase reads the record first, or deletes only the version that it has read.";
        String userId = context.inserted(context.id("user")).userId();
        spoilRecord(userId);

        store.mustErase(userId, hint);
        store.mustHoldNothing(userId, hint);
        store.mustHold(context.inserted(userId), hint);
    }

    private void mustBeSpoiled(String userId) {
        assertThrows(
                SpoiledRecordException.class,
                () -> context.store().store().find(userId),
                "find of a spoiled record MUST throw a SpoiledRecordException.\nUsual cause: " + SPOILED + "\n");
    }

    /** A store may refuse with false or with a StoreException. */
    private void mustNotBeTrue(String operation, BooleanSupplier write) {
        try {
            assertFalse(
                    write.getAsBoolean(),
                    () -> operation + " over a spoiled record answered true, and MUST NOT change it.\nUsual cause: "
                            + UPSERT);
        } catch (StoreException e) {
            // This is the other way to refuse.
        }
    }

    // --- The store returns exactly what was written ---

    @Test
    @DisplayName("version MUST be kept exactly, whatever positive long it is")
    void version_anyPositiveLong_isKeptExactly() {
        StoreUnderTest store = context.store();
        String hint = "the store keeps the version as a double, which is exact up to 2^53 only, or as an int.";
        long exactInDouble = 1L << 53;
        for (long version : new long[] {
            1, 1 << 8, 1 << 16, Integer.MAX_VALUE, 1L << 31, 1L << 32, exactInDouble, 1L << 62, Long.MAX_VALUE - 1
        }) {
            String userId = context.id("version-" + version);
            StoredRecord record = record(userId, version, 40);
            StoredRecord next = record(userId, version + 1, 40);
            store.mustInsert(record, hint);
            store.mustHold(record, hint);
            store.mustReplace(record, next, hint);
            store.mustHold(next, hint);
            store.mustErase(userId, hint);
            store.mustHoldNothing(userId, hint);
        }
    }

    @Test
    @DisplayName("version MUST be compared exactly, even if two versions are the same double or the same int")
    void version_closeToAnother_isNotTakenForIt() {
        StoreUnderTest store = context.store();
        String hint = "the store compares the version as a double, which is exact up to 2^53 only, or as an int.";
        long[][] pairs = {
            {1L << 53, (1L << 53) + 1},
            {(1L << 53) + 1, 1L << 53},
            {1L << 62, (1L << 62) + 1},
            {Long.MAX_VALUE, Long.MAX_VALUE - 1},
            {5, 5 + (1L << 32)},
            {(7L << 32) + 1, 1},
        };
        for (long[] pair : pairs) {
            StoredRecord record = record(context.id(pair[0] + "-" + pair[1]), pair[0], 40);
            StoredRecord stale = withVersion(record, pair[1]);
            store.mustInsert(record, hint);
            store.mustNotReplace(stale, record(record.userId(), 3, 40), hint);
            store.mustHold(record, hint);
        }
    }

    @Test
    @DisplayName("payload MUST be kept exactly, from 1 byte to 65,536")
    void payload_ofAnySize_isKeptExactly() {
        StoreUnderTest store = context.store();
        String hint = "the column holds fewer bytes and cuts the rest off (BLOB of MySQL: 65,535; use MEDIUMBLOB), or"
                + " pads the payload to its width.";
        StoredRecord current = context.inserted(context.id("user"));
        for (int bytes : new int[] {
            1, 2, 127, 128, 255, 256, 1_000, 2_000, 2_001, 4_000, 4_001, 8_000, 8_192, 32_767, 32_768, 65_535, 65_536, 1
        }) {
            StoredRecord next = context.record(current.userId(), bytes);
            store.mustReplace(current, next, hint);
            store.mustHold(next, hint);
            current = next;
        }
        StoredRecord largest = context.record(context.id("largest"), StoredRecord.MAX_PAYLOAD_BYTES);
        store.mustInsert(largest, hint);
        store.mustHold(largest, hint);
    }

    @Test
    @DisplayName("payload MUST be kept exactly, whatever bytes it has")
    void payload_ofAnyBytes_isKeptExactly() {
        StoreUnderTest store = context.store();
        String hint =
                "the payload is stored as text (a character set, a trim, a line ending) or as a padded type. Keep it"
                        + " as bytes, or as Base64.";
        byte[] all = new byte[256];
        IntStream.range(0, all.length).forEach(i -> all[i] = (byte) i);
        byte[] any = new byte[5_000];
        new SplittableRandom(42).nextBytes(any);
        StoredRecord current = context.inserted(context.id("user"));
        for (byte[] payload : List.of(
                all,
                any,
                new byte[] {0},
                new byte[] {0, 0, 1, 0, 0},
                new byte[] {' ', 1, ' ', ' '},
                new byte[] {'\r', '\n', '\n', '\r', 0x1A},
                new byte[] {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF, (byte) 0xC3},
                new byte[] {-1, -1, -1})) {
            StoredRecord next = StoredRecord.of(
                    current.userId(), context.record(current.userId()).version(), payload);
            store.mustReplace(current, next, hint);
            store.mustHold(next, hint);
            current = next;
        }
    }

    @Test
    @DisplayName("payload MUST NOT be mixed up with those of other users or of later writes")
    void payload_ofManyUsers_areKeptApart() {
        StoreUnderTest store = context.store();
        String hint = "one array or buffer is used for several records, or is used again later.";
        List<StoredRecord> records = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            records.add(context.inserted(context.id("user-" + i)));
        }
        records.forEach(record -> store.mustHold(record, hint));
        StoredRecord next = context.record(records.get(2).userId());
        store.mustReplace(records.set(2, next), next, hint);
        records.forEach(record -> store.mustHold(record, hint));
    }

    @Test
    @DisplayName("record MUST NOT be evicted to make room for others")
    void record_amongManyOthers_isNotEvicted() {
        StoreUnderTest store = context.store();
        String hint =
                "a cache with a bound, or a time to live. Two-factor authentication is off for a user who is evicted.";
        List<StoredRecord> records = context.insertedAtOnce(
                IntStream.range(0, 300).mapToObj(i -> context.id("user-" + i)).toList());
        ConcurrentThreads.forEach(records, record -> store.mustHold(record, hint));
    }

    @Test
    @DisplayName("summary MUST NOT keep a record from being written, whatever the summary says")
    void summary_ofAnyAccount_isTaken() {
        StoreUnderTest store = context.store();
        String hint =
                "a column of the summary is NOT NULL, too narrow for the number, or of a type with a smaller range (the"
                        + " TIMESTAMP of MySQL ends in 2038).";
        Instant first = Instant.EPOCH;
        Instant now = Instant.parse("2026-03-29T02:30:00.123Z");
        Instant after2038 = Instant.parse("2038-01-19T03:14:08Z");
        Instant last = Instant.parse("9999-12-31T23:59:59.999Z");
        List<RecordSummary> summaries = List.of(
                new RecordSummary(State.OFF, 0, null, 0, 0, null, now),
                new RecordSummary(State.PENDING, 0, null, 0, 0, null, now),
                new RecordSummary(State.ENABLED, 0, null, 10, 0, now, now),
                new RecordSummary(State.ENABLED, 5, now, 10, 20, first, after2038),
                new RecordSummary(State.ENABLED, 1, last, 1, 1, last, last),
                new RecordSummary(
                        State.SUSPENDED, Integer.MAX_VALUE, first, Integer.MAX_VALUE, Integer.MAX_VALUE, first, first),
                new RecordSummary(State.SUSPENDED, 100, null, 0, 0, null, now));
        StoredRecord current = context.inserted(context.id("replaced"));
        for (RecordSummary summary : summaries) {
            StoredRecord inserted = context.record(context.id("inserted-" + summaries.indexOf(summary)));
            StoredRecord before = current;
            StoredRecord next = context.record(before.userId());
            store.mustAnswer(
                    true,
                    "insert(" + text(inserted) + ", " + summary + ")",
                    () -> store.store().insert(inserted, summary),
                    hint);
            store.mustHold(inserted, hint);
            store.mustAnswer(
                    true,
                    "replace(" + text(before) + " by version " + next.version() + ", " + summary + ")",
                    () -> store.store().replace(before, next, summary),
                    hint);
            store.mustHold(next, hint);
            current = next;
        }
    }

    // --- User ids, compared exactly ---

    @Test
    @DisplayName("user id: another letter case MUST be another user")
    void id_ofAnotherCase_isAnother() {
        mustBeDifferentUsers(
                "ids are compared without letter case: give the column a binary collation.",
                "a|A|i|I|\u0131|k|K|ss|SS|\u00DF|\u1E9E|\u03C3|\u03C2|\u03A3|\u0436|\u0416");
    }

    @Test
    @DisplayName("user id: another blank at the end MUST be another user")
    void id_withTrailingBlank_isAnother() {
        mustBeDifferentUsers(
                "ids are padded or trimmed: CHAR columns and PAD SPACE collations (nearly all of MySQL and MariaDB). Use a"
                        + " NO PAD or binary one.",
                "a|a |a  |a\t|a\n|a\r\n|a\u00A0|a\u3000");
    }

    @Test
    @DisplayName("user id: another blank at the beginning MUST be another user")
    void id_withLeadingBlank_isAnother() {
        mustBeDifferentUserIds(
                "ids are trimmed.",
                Stream.of("", " ", "  ", "\t", "\n", "\u00A0", "\u3000")
                        .map(beginning -> context.id(beginning, "a"))
                        .toList());
    }

    @Test
    @DisplayName("user id: another Unicode normal form MUST be another user")
    void id_ofAnotherNormalForm_isAnother() {
        mustBeDifferentUsers(
                "ids are normalized to NFC, NFD, NFKC or NFKD, by the store, the collation or the file system.",
                "\u00E9|e\u0301|\u00C5|A\u030A|\u037E|;|\uAC00|\u1100\u1161|\uFB01|fi|\uFF21|A|\u2460|1|q\u0307\u0323|q\u0323\u0307");
    }

    @Test
    @DisplayName("user id: another accent MUST be another user")
    void id_withAnotherAccent_isAnother() {
        mustBeDifferentUsers(
                "ids are compared without accents: give the column a binary collation.",
                "e|\u00E9|\u00E8|\u00EA|o|\u00F6|\u00F8|oe|\u0153|n|\u00F1|l|\u0142|\u0438|\u0439");
    }

    @Test
    @DisplayName("user id: another character of any script MUST be another user, emoji included")
    void id_ofAnyScript_isKeptAsItIs() {
        mustBeDifferentUsers(
                "the column or the connection has a character set without these characters, and stores a '?'; or the collation"
                        + " gives all of them the same weight. Use UTF-8 everywhere (utf8mb4 in MySQL and MariaDB), and a"
                        + " binary collation.",
                "|?|??|\uFFFD|\u0416|\u05D0|\u0627|\u0905|\u6F22|\u5B57|\u3042|\u30A2|\uD83D\uDE00|\uD83D\uDE01|\uDBFF\uDFFD|\uFFFF");
    }

    @Test
    @DisplayName("user id: another invisible character MUST be another user")
    void id_withInvisibleCharacters_isAnother() {
        mustBeDifferentUsers(
                "the collation or a filter ignores control and format characters, or cuts the id there.",
                "ab|a\u0001b|a\u007Fb|a\u0085b|a\u00ADb|a\u200Bb|a\u200Db|a\u2028b|a\uFE0Fb|\uFEFFab|a\tb|a\nb|a\rb|a"
                        + "|\uD83D\uDC68\u200D\uD83D\uDC69|\uD83D\uDC68\uD83D\uDC69");
    }

    @Test
    @DisplayName("user id: characters that are special in a query or a path MUST be like any others")
    void id_withSpecialCharacters_isKeptAsItIs() {
        mustBeDifferentUsers(
                "ids become part of the text of a query, a pattern or a path. Bind them as parameters.",
                "axb|a_b|a%b|a*b|a?b|a[x]b|a.b|a'b|a''b|a\"b|a\\b|a\\\\b|a/b|a/./b|a:b|a;--|a{}b|a$b|a&b|a+b|a%20b|a b|a,b|null|'|..|/");
    }

    @Test
    @DisplayName("user id: another text for the same number MUST be another user")
    void id_ofTheSameNumber_isAnother() {
        mustBeDifferentUserIds(
                "ids are compared as numbers: the column or the map has a numeric type or affinity.",
                Stream.of("#", "0#", "00#", "+#", "#.0", "#e0", "#0", "#1", "0x#")
                        .map(context::number)
                        .toList());
    }

    @Test
    @DisplayName("user id: 255 characters MUST be kept whole")
    void id_of255Characters_isKeptWhole() {
        mustBeDifferentUserIds(
                "the column is too short, counts bytes (255 characters are up to 765 in UTF-8), or its index has the"
                        + " beginning of the id only.",
                Stream.of("x", "\u00E9", "\u6F22", "\uD83D\uDE00", " ")
                        .flatMap(filler -> Stream.of("a", "b", "\u6F22", " ").map(end -> context.longId(filler, end)))
                        .toList());
    }

    private void mustBeDifferentUsers(String hint, String ends) {
        mustBeDifferentUserIds(
                hint, Stream.of(ends.split("\\|", -1)).map(context::id).toList());
    }

    /** A write for one of these users leaves all others as they are. */
    private void mustBeDifferentUserIds(String hint, List<String> userIds) {
        StoreUnderTest store = context.store();
        Deque<StoredRecord> records = new ArrayDeque<>();
        for (String userId : userIds) {
            store.mustHoldNothing(userId, hint);
            StoredRecord record = context.record(userId);
            store.mustInsert(record, hint);
            records.add(record);
        }
        records.forEach(record -> store.mustHold(record, hint));
        for (String userId : userIds) {
            StoredRecord next = context.record(userId);
            store.mustReplace(records.removeFirst(), next, hint);
            records.addLast(next);
        }
        // Each record is still there after those before it were erased.
        for (StoredRecord record : records) {
            store.mustHold(record, hint);
            store.mustErase(record.userId(), hint);
            store.mustHoldNothing(record.userId(), hint);
        }
    }

    // --- Two instances over the same data ---

    private static final String INSTANCE_CACHES =
            "each instance has its own cache, reads from a replica, or keeps a transaction open whose snapshot is old.";

    @Test
    @DisplayName("second instance MUST see every write of the first at once, and the first every write of the second")
    void secondInstance_afterEachWrite_seesIt() {
        StoreUnderTest first = context.store();
        StoreUnderTest second = context.second();
        StoredRecord current = context.record(context.id("user"));
        first.mustHoldNothing(current.userId(), INSTANCE_CACHES);
        second.mustHoldNothing(current.userId(), INSTANCE_CACHES);
        first.mustInsert(current);
        for (int i = 0; i < 20; i++) {
            StoreUnderTest writes = i % 2 == 0 ? first : second;
            StoreUnderTest reads = i % 2 == 0 ? second : first;
            StoredRecord next = context.record(current.userId());
            reads.mustHold(current, INSTANCE_CACHES);
            writes.mustReplace(current, next);
            reads.mustHold(next, INSTANCE_CACHES);
            current = next;
        }
        first.mustErase(current.userId());
        second.mustHoldNothing(current.userId(), INSTANCE_CACHES);
        second.mustNotReplace(current, context.record(current.userId()), INSTANCE_CACHES);
        second.mustHoldNothing(current.userId(), INSTANCE_CACHES);
    }

    @Test
    @DisplayName("second instance MUST find the record of a user whom it did not find before")
    void secondInstance_afterAnEmptyAnswer_findsTheRecord() {
        StoreUnderTest first = context.store();
        StoreUnderTest second = context.second();
        String hint = "the cache also keeps that there is no record.";
        StoredRecord record = context.record(context.id("user"));

        for (int i = 0; i < 5; i++) {
            second.mustHoldNothing(record.userId(), hint);
            first.mustInsert(record, hint);
            second.mustHold(record, hint);
            first.mustErase(record.userId(), hint);
            record = context.record(record.userId());
        }
    }

    @Test
    @DisplayName("second instance MUST refuse to replace what the first has changed since, and change nothing")
    void secondInstance_withARecordFromBefore_isRefused() {
        StoreUnderTest first = context.store();
        StoreUnderTest second = context.second();
        StoredRecord stale = context.inserted(context.id("user"));
        StoredRecord record = context.record(stale.userId());
        second.mustHold(stale, INSTANCE_CACHES);
        first.mustReplace(stale, record);

        second.mustNotInsert(context.record(stale.userId()), INSTANCE_CACHES);
        second.mustNotReplace(stale, context.record(stale.userId()), INSTANCE_CACHES);
        first.mustHold(record, INSTANCE_CACHES);
        second.mustHold(record, INSTANCE_CACHES);
        second.mustErase(stale.userId(), INSTANCE_CACHES);
        first.mustHoldNothing(stale.userId(), INSTANCE_CACHES);
        first.mustNotReplace(record, context.record(stale.userId()), INSTANCE_CACHES);
        first.mustHoldNothing(stale.userId(), INSTANCE_CACHES);
    }

    // --- Many threads, on all instances ---

    @Test
    @DisplayName("threads: of many inserts for one user exactly one MUST answer true, and its record MUST be stored")
    void threads_insertingForOneUser_haveOneWinner() {
        String userId = context.id("user");
        try (Race race = new Race(context, THREADS)) {
            for (Repetitions repetitions = new Repetitions(200, 10); repetitions.hasNext(); ) {
                StoredRecord kept = race.winner("insert", userId, (instance, own) -> instance.insert(own, SUMMARY));
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
            for (Repetitions repetitions = new Repetitions(200, 10); repetitions.hasNext(); ) {
                StoredRecord before = record;
                record = race.winner(
                        "replace", before.userId(), (instance, own) -> instance.replace(before, own, SUMMARY));
                context.store().mustHold(record, CHECKS_THEN_WRITES);
            }
        }
    }

    @Test
    @DisplayName("threads: many erases of one record MUST leave nothing of it")
    void threads_erasingOneRecord_leaveNothing() {
        String userId = context.id("user");
        try (Race race = new Race(context, THREADS)) {
            for (Repetitions repetitions = new Repetitions(200, 10); repetitions.hasNext(); ) {
                context.inserted(userId);
                AtomicInteger erased = new AtomicInteger();
                race.run((instance, number) -> {
                    if (Race.erased(instance, userId)) {
                        erased.incrementAndGet();
                        mustBeErased(userId, instance.find(userId));
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
            for (Repetitions repetitions = new Repetitions(200, 10); repetitions.hasNext(); ) {
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
            boolean replaced = instance.replace(current, next, SUMMARY);
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
    @DisplayName(
            "threads: when erases race inserts, the store MUST hold nothing or a record whose insert was answered true")
    void threads_insertingWhileOthersErase_leaveNothingOrAWinner() {
        String userId = context.id("user");
        try (Race race = new Race(context, THREADS)) {
            for (Repetitions repetitions = new Repetitions(200, 10); repetitions.hasNext(); ) {
                StoredRecord before = context.inserted(userId);
                Queue<StoredRecord> winners = new ConcurrentLinkedQueue<>();
                AtomicInteger erased = new AtomicInteger();
                race.run((instance, number) -> {
                    StoredRecord own = context.record(userId);
                    if (number % 2 == 0) {
                        erased.addAndGet(Race.erased(instance, userId) ? 1 : 0);
                    } else if (instance.insert(own, SUMMARY)) {
                        winners.add(own);
                    }
                });
                boolean beforeMayBeLeft = erased.get() == 0;
                context.store().store().find(userId).ifPresent(left -> {
                    if (!winners.contains(left) && !(beforeMayBeLeft && left.equals(before))) {
                        throw context.store()
                                .broken(
                                        "After erases and inserts at once the store holds version " + left.version()
                                                + ", and MUST hold nothing or a record whose insert was answered true.",
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
    @DisplayName("threads: an update that was answered true MUST NOT be lost")
    void threads_countingInOneRecord_loseNoUpdate() {
        StoreUnderTest store = context.store();
        StoredRecord zero = context.inserted(context.id("user"));
        AtomicInteger counted = new AtomicInteger();
        Repetitions repetitions = new Repetitions(100_000, 200);
        try (Race race = new Race(context, THREADS)) {
            race.run((instance, number) -> {
                while (repetitions.hasNext()) {
                    StoredRecord current = store.present(instance.find(zero.userId()));
                    StoredRecord next = record(zero.userId(), current.version() + 1, 40);
                    if (instance.replace(current, next, SUMMARY)) {
                        counted.incrementAndGet();
                    }
                }
            });
        }
        int sum = counted.get();
        if (sum == 0) {
            throw store.broken(
                    "replace answered false to all of " + THREADS + " threads, and MUST let one of them go ahead.",
                    "writers in conflict all give up, and none of them wins.");
        }
        store.mustHold(record(zero.userId(), zero.version() + sum, 40), CHECKS_THEN_WRITES);
    }

    @Test
    @DisplayName("threads: each record that was written MUST end once, replaced by one thread or erased")
    void threads_writingAndErasing_endEachRecordOnce() {
        StoreUnderTest store = context.store();
        String userId = context.id("user");
        Queue<Long> written = new ConcurrentLinkedQueue<>();
        Queue<Long> replaced = new ConcurrentLinkedQueue<>();
        Set<Long> found = ConcurrentHashMap.newKeySet();
        AtomicInteger erases = new AtomicInteger();
        Repetitions repetitions = new Repetitions(100_000, 200);
        try (Race race = new Race(context, THREADS)) {
            race.run((instance, number) -> {
                for (int i = number; repetitions.hasNext(); i++) {
                    StoredRecord next = context.record(userId);
                    StoredRecord current = instance.find(userId).orElse(null);
                    if (current == null) {
                        written.addAll(instance.insert(next, SUMMARY) ? List.of(next.version()) : List.of());
                        continue;
                    }
                    found.add(current.version());
                    if (i % 3 == 0) {
                        erases.incrementAndGet();
                        Race.erased(instance, userId);
                    } else if (instance.replace(current, next, SUMMARY)) {
                        written.add(next.version());
                        replaced.add(current.version());
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
        // One of them may be there still, and each erase has removed one at most.
        if (unexplained.size() > 1 + erases.get()) {
            throw store.broken(
                    unexplained.size() + " records that were written with the answer true are gone, with " + erases
                            + " erases and nobody who was told that they replaced them.",
                    CHECKS_THEN_WRITES);
        }
        found.addAll(replacedOnce);
        written.forEach(found::remove);
        if (!found.isEmpty()) {
            throw store.broken(
                    "insert or replace answered false to version "
                            + found.iterator().next()
                            + ", which was there afterwards, and MUST answer false only if nothing changed.",
                    "the store answers by what it reads after the write, when another thread may have written too; or it"
                            + " turns a failure after the write into false.");
        }
    }

    @Test
    @DisplayName("threads: find MUST return one whole record, and the newest one at the time of the call")
    void threads_readingWhileOneWrites_findWholeRecordsInOrder() {
        StoreUnderTest store = context.store();
        StoredRecord first = context.record(context.id("user"), 200);
        store.mustInsert(first);
        AtomicLong committed = new AtomicLong(first.version());
        AtomicBoolean over = new AtomicBoolean();
        try (Race race = new Race(context, THREADS)) {
            race.run((instance, number) -> {
                if (number > 0) {
                    while (!over.get()) {
                        long before = committed.get();
                        mustBeWholeAndNotBefore(before, store.present(instance.find(first.userId())));
                    }
                    return;
                }
                try {
                    for (Repetitions repetitions = new Repetitions(5_000, 50); repetitions.hasNext(); ) {
                        StoredRecord current = record(first.userId(), committed.get(), 200);
                        StoredRecord next = record(first.userId(), current.version() + 1, 200);
                        committed.addAndGet(instance.replace(current, next, SUMMARY) ? 1 : 0);
                    }
                } finally {
                    over.set(true);
                }
            });
        }
        if (committed.get() == first.version()) {
            throw store.broken(
                    "replace answered false to the only writer each time while others read, and MUST let it go ahead.",
                    "readers lock the row, and the writer that does not get the lock gives up at once; or a read counts as a"
                            + " conflict.");
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

    @Test
    @DisplayName("threads: writes for one user MUST NOT disturb other users")
    void threads_eachWithAUserOfItsOwn_areAlone() {
        Repetitions repetitions = new Repetitions(1_000, 50);
        try (Race race = new Race(context, THREADS)) {
            race.run((instance, number) -> {
                String userId = context.id("user-" + number);
                while (repetitions.hasNext()) {
                    StoredRecord record = context.record(userId);
                    StoredRecord next = context.record(userId);
                    race.mustSucceed("insert", instance, null, record, () -> instance.insert(record, SUMMARY));
                    race.mustSucceed("replace", instance, record, next, () -> instance.replace(record, next, SUMMARY));
                    race.mustErase(instance, next);
                }
            });
        }
    }

    // --- The backend is down ---

    @Test
    // JUnit runs the tests in the order of these names. This one has to be the last, because a backend may stay broken.
    @DisplayName(
            "when the backend is broken, every operation MUST throw a StoreException, and not answer false or empty")
    void brokenBackend_everyOperation_throwsStoreException() throws Exception {
        StoreUnderTest store = context.store();
        TwoFactorStore broken = store.store();
        StoredRecord kept = context.inserted(context.id("kept"));
        StoredRecord next = context.record(kept.userId());
        StoredRecord stale = withVersion(kept, kept.version() - 1);
        StoredRecord never = context.record(context.id("never"));
        Map<String, Call> calls = new LinkedHashMap<>();
        calls.put("find", () -> broken.find(kept.userId()));
        calls.put("find without a record", () -> broken.find(never.userId()));
        calls.put("insert", () -> broken.insert(never, SUMMARY));
        calls.put("insert for a user who has a record", () -> broken.insert(next, SUMMARY));
        calls.put("replace", () -> broken.replace(kept, next, SUMMARY));
        calls.put("replace of a stale record", () -> broken.replace(stale, next, SUMMARY));
        calls.put("erase", () -> erase(broken, kept.userId()));
        calls.put("erase without a record", () -> erase(broken, never.userId()));
        if (broken instanceof ScannableTwoFactorStore scannable) {
            calls.put("userIds", () -> scannable.userIds(null, 10));
        }
        try {
            breakBackend();
            // All at once, because each may wait for its time-out.
            List<Map.Entry<String, Call>> list = List.copyOf(calls.entrySet());
            try (ConcurrentThreads threads = new ConcurrentThreads(list.size())) {
                threads.run(i -> mustThrowStoreException(
                        list.get(i).getKey(), list.get(i).getValue()));
            }
        } finally {
            context.abandonStore();
            repairBackend();
        }
    }

    private static String erase(TwoFactorStore store, String userId) {
        store.erase(userId);
        return "as if it had worked";
    }

    /** A call to the store, with any answer. */
    private interface Call {
        Object make();
    }

    private boolean mustThrowStoreException(String name, Call call) {
        Object answer;
        try {
            answer = call.make();
        } catch (StoreException e) {
            return true;
        } catch (RuntimeException e) {
            return fail(
                    name + " threw " + e + " while the backend is broken, and MUST throw a StoreException.\n"
                            + "Usual cause: the store does not catch the exception of the engine, or not every kind of it.",
                    e);
        }
        return fail(name + " answered " + answer + " while the backend is broken, and MUST throw a StoreException.\n"
                + "Usual cause: an exception is turned into false or empty, or a cache answers. The user who signs in then has"
                + " no second factor, or the failed attempt is not counted.");
    }

    // --- The walk over all users, for stores that offer it ---

    @Test
    @DisplayName("walk: every id MUST appear, with pages of any size, exactly as it was written")
    void walk_withPagesOfAnySize_findsEveryId() {
        ScannableTwoFactorStore store = scannable();
        Set<String> present = new TreeSet<>();
        for (String end :
                "a|A|a |a  |\u00E9|e\u0301|e|\uD83D\uDE00|\uD83D\uDE01|\uFF5E|%|_|'|\"|\\|a,b|a\nb|z|Z|\u00DF|ss|0|00|~|."
                        .split("\\|", -1)) {
            present.add(context.inserted(context.id(end)).userId());
        }
        context.store().mustErase(context.inserted(context.id("gone")).userId());

        for (int limit : limits(store, 1, 2, 7, present.size() - 1, present.size(), 1_000)) {
            Walk walk = new Walk(context, limit, page -> {}, List.of(store));
            walk.mustHaveFound(
                    present,
                    "the cursor is compared with another collation than the one that sorts the ids, or an id that is equal to"
                            + " it in that collation is skipped.");
            walk.mustHaveFoundNoOther(present, "rows that are only marked as deleted are listed, or ids are changed.");
        }
    }

    @Test
    @DisplayName("walk: every id that is there all the time MUST appear, while others come and go")
    void walk_whileOthersComeAndGo_findsEveryIdThatStays() {
        ScannableTwoFactorStore store = scannable();
        for (int limit : limits(store, 1, 2, 7)) {
            Assumptions.assumeTrue(
                    limit <= MOST_IDS_OF_A_PAGE,
                    "the store has so many users that one page would hold all users of this test; use an emptier store");
            Set<String> stay = new TreeSet<>();
            Map<String, StoredRecord> go = new HashMap<>();
            List<StoredRecord> records = context.insertedAtOnce(IntStream.range(0, Math.max(30, 4 * limit))
                    .mapToObj(i -> context.id(limit + "-" + (10 + i)))
                    .toList());
            for (int i = 0; i < records.size(); i += 2) {
                stay.add(records.get(i).userId());
                StoredRecord goes = records.get(i + 1);
                go.put(goes.userId(), goes);
            }
            AtomicInteger pages = new AtomicInteger();
            Walk walk = new Walk(
                    context,
                    limit,
                    page -> {
                        for (String seen : page.userIds()) {
                            StoredRecord goes = go.remove(seen);
                            if (goes != null) {
                                context.store().mustErase(goes.userId());
                            }
                        }
                        int number = pages.incrementAndGet();
                        if (number % 3 == 0 && number < 90) {
                            context.inserted(context.id(limit + "-" + (100 - number) + "-comes"));
                        }
                    },
                    List.of(store));
            walk.mustHaveFound(
                    stay,
                    "pages use OFFSET, so that rows move from page to page; or the cursor is lost when its row is erased. Let"
                            + " the cursor be the last id, and ask for the ids after it.");
        }
    }

    @Test
    @DisplayName("walk: the id of a spoiled record MUST appear")
    void walk_withASpoiledRecord_findsItsId() throws Exception {
        ScannableTwoFactorStore store = scannable();
        Set<String> present = new TreeSet<>();
        for (String end : List.of("a", "b", "c")) {
            present.add(context.inserted(context.id(end)).userId());
        }
        spoilRecord(context.id("b"));

        for (int limit : limits(store, 1, 1_000)) {
            new Walk(context, limit, page -> {}, List.of(store))
                    .mustHaveFound(
                            present,
                            "the walk reads the whole records, and stops at or skips one that it cannot read.");
        }
    }

    @Test
    @DisplayName("walk: a cursor MUST work on another instance")
    void walk_onAnotherInstance_goesOn() {
        TwoFactorStore other = context.second().store();
        if (context.store().store() instanceof ScannableTwoFactorStore != other instanceof ScannableTwoFactorStore) {
            throw context.store()
                    .broken(
                            "One instance is a ScannableTwoFactorStore and the other is not, and both MUST be or neither.",
                            "one of the two is inside a wrapper that has four methods only.");
        }
        ScannableTwoFactorStore store = scannable();
        Set<String> present = new TreeSet<>();
        for (int i = 0; i < 10; i++) {
            present.add(context.inserted(context.id("user-" + i)).userId());
        }
        for (int limit : limits(store, 3)) {
            new Walk(context, limit, page -> {}, List.of(store, (ScannableTwoFactorStore) other))
                    .mustHaveFound(present, "the cursor refers to the memory of one process. Let it be the last id.");
        }
    }

    @Test
    @DisplayName("walk: a limit under 1 MUST be refused with an IllegalArgumentException")
    void walk_withALimitUnder1_isRefused() {
        ScannableTwoFactorStore store = scannable();
        for (int limit : new int[] {0, -1, Integer.MIN_VALUE}) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> store.userIds(null, limit),
                    "userIds with the limit " + limit + " MUST throw an IllegalArgumentException.\n"
                            + "Usual cause: the store passes the limit on to the backend, where 0 or less may mean all.\n");
        }
    }

    /** These limits, or greater ones where the walk would have too many pages because of other users. */
    private List<Integer> limits(ScannableTwoFactorStore store, int... wanted) {
        Walk whole = new Walk(context, Walk.LARGE, page -> {}, List.of(store));
        int least = whole.leastLimit();
        if (least > wanted[0]) {
            System.out.println(getClass().getSimpleName() + " leaves out walks with pages of fewer than " + least
                    + " ids: the store holds " + whole.ids() + ", and the pages would be more than " + Walk.MOST_PAGES
                    + ". On an emptier store smaller pages are possible.");
        }
        return IntStream.of(wanted)
                .map(limit -> Math.max(limit, least))
                .distinct()
                .boxed()
                .toList();
    }

    private ScannableTwoFactorStore scannable() {
        if (context.store().store() instanceof ScannableTwoFactorStore scannable) {
            return scannable;
        }
        return Assumptions.abort("the store is no ScannableTwoFactorStore, and does not have to be one");
    }

    // --- The promises of the core, on this store ---

    private static final String CORE =
            "look at the other failures of this run first, above all at the tests \"threads\" and \"second instance\".";

    @Test
    @DisplayName("core: one code from 64 threads MUST be accepted once, and by no instance again")
    void core_oneCodeManyTimes_isAcceptedOnce() {
        Application application = new Application(context.instances());
        UserId user = UserId.of(context.id("user"));
        application.enroll(user, Phone.OLD);
        try (ConcurrentThreads threads = new ConcurrentThreads(MANY_THREADS)) {
            for (Repetitions repetitions = new Repetitions(10, 2); repetitions.hasNext(); ) {
                String code = Phone.OLD.codeAt(application.now());
                Challenge challenge = application.challenge(user);
                List<VerificationResult> results =
                        threads.run(i -> application.node(i).verify(challenge, code));
                mustBe(
                        1,
                        count(Verified.class, results),
                        "of " + MANY_THREADS + " threads with one code",
                        "were verified");
                mustBe(
                        MANY_THREADS - 1,
                        count(Rejected.class, results),
                        "of " + MANY_THREADS + " threads with one code",
                        "were rejected");
                for (int i = 0; i < 2; i++) {
                    assertEquals(
                            new Rejected(),
                            application.signIn(i, user, code),
                            "A used code MUST be rejected on every instance.\nUsual cause: " + CORE);
                }
                application.set(application.now().plus(Application.STEP));
            }
        }
    }

    @Test
    @DisplayName("core: one backup code from 64 threads MUST be accepted once, and by no instance again")
    void core_oneBackupCodeManyTimes_isAcceptedOnce() {
        Application application = new Application(context.instances());
        UserId user = UserId.of(context.id("user"));
        String code = application.enroll(user, Phone.OLD).backupCodes().get(0);
        Challenge challenge = application.challenge(user);
        try (ConcurrentThreads threads = new ConcurrentThreads(MANY_THREADS)) {
            List<VerificationResult> results =
                    threads.run(i -> application.node(i).verify(challenge, code));
            String who = "of " + MANY_THREADS + " threads with one backup code";
            mustBe(1, count(Verified.class, results), who, "were verified");
            mustBe(MANY_THREADS - 1, count(SignInAgain.class, results), who, "had to sign in again");
        }
        for (int i = 0; i < 2; i++) {
            assertEquals(
                    new Rejected(),
                    application.signIn(i, user, code),
                    "A used backup code MUST be rejected on every instance.\nUsual cause: " + CORE);
        }
        mustBe(1, application.node(1).status(user).backupCodesLeft(), "backup codes of two", "were left");
    }

    @Test
    @DisplayName("core: of 64 wrong guesses at once exactly those that are free MUST be answered and counted")
    void core_wrongGuessesAtOnce_areAnsweredAndCountedAsFarAsFree() {
        Application application = new Application(context.instances());
        int free = Application.POLICY.failuresBeforeLockout();
        Duration lockout = Application.POLICY.firstLockout();
        try (ConcurrentThreads threads = new ConcurrentThreads(MANY_THREADS)) {
            for (Repetitions repetitions = new Repetitions(5, 1); repetitions.hasNext(); ) {
                UserId user = UserId.of(context.id("user-" + application.now()));
                application.enroll(user, Phone.OLD);
                String wrong = Phone.OLD.wrongAt(application.now());
                Challenge challenge = application.challenge(user);
                List<VerificationResult> results =
                        threads.run(i -> application.node(i).verify(challenge, wrong));
                mustBe(free, count(Rejected.class, results), "of " + MANY_THREADS + " wrong guesses", "were answered");
                mustBe(
                        MANY_THREADS - free,
                        count(LockedOut.class, results),
                        "of " + MANY_THREADS + " wrong guesses",
                        "were refused");

                // One more failure doubles the lockout, but only if exactly the free guesses were counted.
                application.set(application.now().plus(lockout));
                application.node(0).verify(challenge, wrong);
                assertEquals(
                        Optional.of(application.now().plus(lockout.multipliedBy(2))),
                        application.node(1).status(user).strangers().lock().flatMap(TwoFactorStatus.Lock::until),
                        "Every wrong guess that is answered MUST be counted, and no other.\nUsual cause: " + CORE);
            }
        }
    }

    @Test
    @DisplayName(
            "core: when disable and a new enrollment race verifications, nothing of the old enrollment MUST survive")
    void core_reEnrollmentRacingVerifications_leavesNothingOfTheOldOne() {
        Application application = new Application(context.instances());
        try (ConcurrentThreads threads = new ConcurrentThreads(THREADS)) {
            for (Repetitions repetitions = new Repetitions(20, 2); repetitions.hasNext(); ) {
                UserId user = UserId.of(context.id("user-" + application.now()));
                Owner before = application.enroll(user, Phone.OLD);
                String oldCode = Phone.OLD.codeAt(application.now());
                Challenge challenge = application.challenge(user);
                AtomicReference<@Nullable Owner> after = new AtomicReference<>();
                List<VerificationResult> results = threads.run(i -> {
                    if (i > 0) {
                        return application.node(i).verify(challenge, oldCode);
                    }
                    application.node(0).disable(before.proof());
                    after.set(application.enrollNow(user, Phone.NEW));
                    return new SignInAgain();
                });
                long verified = count(Verified.class, results);
                assertTrue(
                        verified <= 1,
                        () -> verified + " threads with one code were verified, and at most one MUST be.\nUsual cause: "
                                + CORE);

                Owner owner = after.get();
                assertEquals(
                        List.of(owner == null ? "" : owner.authenticator()),
                        application.node(1).status(user).authenticators().stream()
                                .map(TwoFactorStatus.Authenticator::id)
                                .toList(),
                        "After a new enrollment only its authenticator MUST be there.\nUsual cause: " + CORE);
                application.set(application.now().plus(Application.STEP));
                String nextOldCode = Phone.OLD.codeAt(application.now());
                mustNotBeVerified(application.node(1).verify(challenge, nextOldCode), "a sign-in from before");
                mustNotBeVerified(application.signIn(1, user, nextOldCode), "a code of the old phone");
                mustNotBeVerified(
                        application.signIn(1, user, before.backupCodes().get(0)), "an old backup code");
                VerificationResult result = application.signIn(1, user, Phone.NEW.codeAt(application.now()));
                assertTrue(
                        result instanceof Verified,
                        () -> "A code of the new phone got " + result + ", and MUST be verified.\nUsual cause: "
                                + CORE);
            }
        }
    }

    private static void mustNotBeVerified(VerificationResult result, String what) {
        assertFalse(
                result instanceof Verified,
                () -> "After a new enrollment " + what + " was accepted, and MUST NOT be.\nUsual cause: " + CORE);
    }

    private static long count(Class<? extends VerificationResult> kind, List<VerificationResult> results) {
        return results.stream().filter(kind::isInstance).count();
    }

    private static void mustBe(long expected, long actual, String ofWhat, String did) {
        assertEquals(
                expected,
                actual,
                () -> actual + " " + ofWhat + " " + did + ", and it MUST be " + expected + ".\nUsual cause: " + CORE);
    }
}
