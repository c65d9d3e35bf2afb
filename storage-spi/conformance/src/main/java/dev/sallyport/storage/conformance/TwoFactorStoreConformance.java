// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static dev.sallyport.storage.conformance.Race.CHECKS_THEN_WRITES;
import static dev.sallyport.storage.conformance.Session.record;
import static dev.sallyport.storage.conformance.Session.withVersion;
import static dev.sallyport.storage.conformance.StoreUnderTest.SUMMARY;
import static dev.sallyport.storage.conformance.StoreUnderTest.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.NotEnrolled;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.RecordSummary.State;
import dev.sallyport.storage.ScannableTwoFactorStore;
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
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
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
 * Proves a {@link TwoFactorStore} right: each MUST of the SPI that can be seen from outside is a test here, and at the end
 * the core is run over the store and has to keep its own promises. Extend it, and open the store.
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
 * <p>Where a store has no second instance, or its backend cannot be broken, say so: {@code return notPossible("it lives in
 * this process only")}. The tests that need it are skipped, and the reason is printed.
 *
 * <p>A test makes up users whose ids nobody else has, and deletes their records when it is over, so that it can run on a
 * database that is not empty. There the walks over all users leave out the pages of which there would be more than 200, and
 * print so; on an empty one they try pages of a single id. The backend is broken by the last test of all. Where classes
 * run in parallel, and others use the backend that {@link #breakBackend} breaks, annotate the class with JUnit's {@code
 * @Isolated}.
 *
 * <p>A run takes a few seconds for a store in memory, and up to a minute for one on a disk. No test makes more than about
 * 200 calls one after the other, except for walks over the users of others. With 50 ms for a call the longest test takes
 * some 10 seconds, and a run two and a half minutes. Raise {@link #patience} where a call takes half a second or longer.
 *
 * <p>The kit calls the store, and the methods that open and break it, on threads of its own: what is bound to the thread
 * that runs {@code @BeforeEach} (a transaction, a session, a scope) is not there.
 *
 * <p>Not seen from outside, and not proved: that a write is durable before the answer, that no record ever expires, that
 * the store takes no part in a transaction of the caller, and that it logs no payload. Nor are short ids tried, since
 * somebody else may have them: each has a number of 18 digits in it.
 */
@ExtendWith(Patience.class)
@Execution(ExecutionMode.SAME_THREAD)
@TestMethodOrder(MethodOrderer.DisplayName.class)
public abstract class TwoFactorStoreConformance {
    private static final int THREADS = 16;
    private static final int CROWD = 64;
    private static final int MOST_COMING_AND_GOING = 64;

    // Both are kept until a test asks for the store; no subclass is called before it is complete.
    @SuppressWarnings("this-escape")
    final Session session = new Session(this::createStore, this::secondInstance);

    /** For subclasses. */
    protected TwoFactorStoreConformance() {}

    // --- What an integrator provides ---

    /**
     * Opens the store that is to be proved. Called once in each test, after every {@code @BeforeEach}, and once more after
     * {@link #repairBackend}, on a thread of the kit's own; close what it needs in an {@code @AfterEach}.
     *
     * @return the store; each time over the same data or other data, as is easier
     * @throws Exception if it cannot be opened
     */
    protected abstract TwoFactorStore createStore() throws Exception;

    /**
     * Opens another instance, as another node of the application would have it, over the data of the store that {@link
     * #createStore} gave last. It shares nothing with that one but the backend: no cache, no connection. Called on a thread of
     * the kit's own.
     *
     * @return the other instance, or what {@link #notPossible} returns
     * @throws Exception if it cannot be opened
     */
    protected abstract TwoFactorStore secondInstance() throws Exception;

    /**
     * Makes the backend fail under the store that {@link #createStore} gave last, as in a bad night: stops the database,
     * cuts the connections, drops the table. Or calls {@link #notPossible}. Called by the last test of the class, on a
     * thread of the kit's own.
     *
     * @throws Exception if it cannot be broken
     */
    protected abstract void breakBackend() throws Exception;

    /**
     * Undoes {@link #breakBackend}. Called after it, however that ended, and before a last {@link #createStore} that deletes
     * what was written. Does nothing unless overridden, which is right where each store has a backend of its own. Where the
     * backend is shared with other tests or its data outlive the test, this MUST be overridden, or all that comes after it
     * fails too.
     *
     * @throws Exception if it cannot be repaired
     */
    protected void repairBackend() throws Exception {}

    /**
     * How long one test may take, with the deleting of what it wrote, before the store counts as hanging. Nothing else
     * depends on it.
     *
     * @return 2 minutes, unless overridden
     */
    protected Duration patience() {
        return Duration.ofMinutes(2);
    }

    /**
     * Says that there is no second instance, or that the backend cannot be broken. The test that needs it is skipped.
     *
     * @param reason why, for those who read the report
     * @return never
     */
    protected static TwoFactorStore notPossible(String reason) {
        return Assumptions.abort(reason);
    }

    // --- One after the other: the answers ---

    private static final String FINDS_OLD =
            "find is answered by a cache, by a replica that lags behind, or from an old snapshot of a transaction. Read the"
                    + " newest committed record.";
    private static final String NOT_CONDITIONAL =
            "the write does not ask for the version, as with UPDATE ... WHERE user_id"
                    + " = ? AND version = ?, or the number of changed rows is not looked at.";
    private static final String UPSERT =
            "an upsert (MERGE, REPLACE INTO, ON CONFLICT DO UPDATE, put), or a write whose number of changed rows is not"
                    + " looked at.";
    private static final String VERSION_REUSED =
            "a version of the store's own (an optimistic lock, a revision) begins anew with each row. Compare the record's"
                    + " version.";

    @Test
    @DisplayName("find MUST be empty if there certainly is no record")
    void find_noRecord_isEmpty() {
        session.store().mustHoldNothing(session.id("nobody"), "an empty answer of the backend is not looked at.");
    }

    @Test
    @DisplayName("find MUST give back the newest record, right after each write")
    void find_afterEachWrite_isTheNewestRecord() {
        StoreUnderTest store = session.store();
        StoredRecord first = session.record(session.id("user"));
        StoredRecord second = session.record(first.userId());
        StoredRecord third = session.record(first.userId());

        store.mustHoldNothing(first.userId(), FINDS_OLD);
        store.mustInsert(first);
        store.mustHold(first, FINDS_OLD);
        store.mustReplace(first, second);
        store.mustHold(second, FINDS_OLD);
        store.mustReplace(second, third);
        store.mustHold(third, FINDS_OLD);
        store.mustDelete(third);
        store.mustHoldNothing(first.userId(), FINDS_OLD);
    }

    @Test
    @DisplayName("insert MUST answer false and change nothing, if the user has a record")
    void insert_recordExists_isFalseAndChangesNothing() {
        StoreUnderTest store = session.store();
        StoredRecord record = session.inserted(session.id("user"));

        store.mustNotInsert(session.record(record.userId()), UPSERT);
        store.mustHold(record, UPSERT);
        store.mustNotInsert(record, UPSERT);
        store.mustHold(record, UPSERT);
    }

    @Test
    @DisplayName("insert MUST answer true again, if the user's record was deleted")
    void insert_afterDelete_isTrue() {
        StoreUnderTest store = session.store();
        String hint = "delete only marks the row, and insert finds it in its way.";
        StoredRecord first = session.inserted(session.id("user"));
        StoredRecord second = session.record(first.userId());

        store.mustDelete(first, hint);
        store.mustInsert(second, hint);
        store.mustHold(second, hint);
    }

    @Test
    @DisplayName("replace MUST answer false and add nothing, if the user has no record")
    void replace_noRecord_isFalseAndAddsNothing() {
        StoreUnderTest store = session.store();
        StoredRecord never = session.record(session.id("never"));
        StoredRecord gone = session.inserted(session.id("gone"));
        store.mustDelete(gone);

        for (StoredRecord current : List.of(never, gone)) {
            store.mustNotReplace(current, session.record(current.userId()), UPSERT);
            store.mustHoldNothing(current.userId(), UPSERT);
        }
    }

    @Test
    @DisplayName("replace MUST answer false and change nothing, if the stored version is another")
    void replace_anotherVersion_isFalseAndChangesNothing() {
        StoreUnderTest store = session.store();
        StoredRecord old = session.inserted(session.id("user"));
        StoredRecord record = session.record(old.userId());
        StoredRecord next = session.record(old.userId());
        store.mustReplace(old, record);

        for (StoredRecord stale : List.of(old, withVersion(record, record.version() + 100), withVersion(record, 1))) {
            store.mustNotReplace(stale, next, NOT_CONDITIONAL);
            store.mustHold(record, NOT_CONDITIONAL);
        }
    }

    @Test
    @DisplayName("replace MUST answer true once, if it is asked twice")
    void replace_twice_isTrueOnce() {
        StoreUnderTest store = session.store();
        StoredRecord record = session.inserted(session.id("user"));
        StoredRecord next = session.record(record.userId());

        store.mustReplace(record, next);
        store.mustNotReplace(record, next, NOT_CONDITIONAL);
        store.mustHold(next, NOT_CONDITIONAL);
    }

    @Test
    @DisplayName("delete MUST answer false, if the user has no record")
    void delete_noRecord_isFalse() {
        StoreUnderTest store = session.store();
        String hint = "the number of deleted rows is not looked at.";
        StoredRecord record = session.inserted(session.id("user"));

        store.mustNotDelete(session.record(session.id("never")), hint);
        store.mustDelete(record);
        store.mustNotDelete(record, hint);
    }

    @Test
    @DisplayName("delete MUST answer false and change nothing, if the stored version is another")
    void delete_anotherVersion_isFalseAndChangesNothing() {
        StoreUnderTest store = session.store();
        StoredRecord old = session.inserted(session.id("user"));
        StoredRecord record = session.record(old.userId());
        store.mustReplace(old, record);

        for (StoredRecord stale : List.of(old, withVersion(record, record.version() + 100), withVersion(record, 1))) {
            store.mustNotDelete(stale, NOT_CONDITIONAL);
            store.mustHold(record, NOT_CONDITIONAL);
        }
    }

    @Test
    @DisplayName("replace and delete MUST answer false to a record from before a delete and an insert (ABA)")
    void staleRecord_afterDeleteAndInsert_isRefused() {
        StoreUnderTest store = session.store();
        StoredRecord before = session.inserted(session.id("user"));
        store.mustDelete(before);
        StoredRecord after = session.inserted(before.userId());

        store.mustNotReplace(before, session.record(before.userId()), VERSION_REUSED);
        store.mustHold(after, VERSION_REUSED);
        store.mustNotDelete(before, VERSION_REUSED);
        store.mustHold(after, VERSION_REUSED);
    }

    @Test
    @DisplayName("replace and delete MUST compare the version, also where the payload is the same")
    void staleRecord_withTheSamePayload_isRefused() {
        StoreUnderTest store = session.store();
        String hint = "payloads are compared, or hashes of them, and not versions.";
        StoredRecord record = session.inserted(session.id("user"));
        StoredRecord stale = withVersion(record, record.version() - 1);

        store.mustNotReplace(stale, session.record(record.userId()), hint);
        store.mustNotDelete(stale, hint);
        store.mustHold(record, hint);
    }

    // --- What is kept is what was given ---

    @Test
    @DisplayName("version MUST be kept exactly, whatever positive long it is")
    void version_anyPositiveLong_isKeptExactly() {
        StoreUnderTest store = session.store();
        String hint = "the version is kept as a double, which is exact up to 2^53 only, or as an int.";
        long exactInDouble = 1L << 53;
        for (long version : new long[] {
            1, 1 << 8, 1 << 16, Integer.MAX_VALUE, 1L << 31, 1L << 32, exactInDouble, 1L << 62, Long.MAX_VALUE - 1
        }) {
            String userId = session.id("version-" + version);
            StoredRecord record = record(userId, version, 40);
            StoredRecord next = record(userId, version + 1, 40);
            store.mustInsert(record, hint);
            store.mustHold(record, hint);
            store.mustReplace(record, next, hint);
            store.mustHold(next, hint);
            store.mustDelete(next, hint);
        }
    }

    @Test
    @DisplayName("version MUST be compared exactly, where a double or an int sees no difference")
    void version_closeToAnother_isNotTakenForIt() {
        StoreUnderTest store = session.store();
        String hint = "the version is compared as a double, which is exact up to 2^53 only, or as an int.";
        long[][] pairs = {
            {1L << 53, (1L << 53) + 1},
            {(1L << 53) + 1, 1L << 53},
            {1L << 62, (1L << 62) + 1},
            {Long.MAX_VALUE, Long.MAX_VALUE - 1},
            {5, 5 + (1L << 32)},
            {(7L << 32) + 1, 1},
        };
        for (long[] pair : pairs) {
            StoredRecord record = record(session.id(pair[0] + "-" + pair[1]), pair[0], 40);
            StoredRecord stale = withVersion(record, pair[1]);
            store.mustInsert(record, hint);
            store.mustNotReplace(stale, record(record.userId(), 3, 40), hint);
            store.mustNotDelete(stale, hint);
            store.mustHold(record, hint);
        }
    }

    @Test
    @DisplayName("payload MUST be kept exactly, from 1 byte to 65,536")
    void payload_ofAnySize_isKeptExactly() {
        StoreUnderTest store = session.store();
        String hint =
                "the column holds fewer bytes and cuts the rest off (BLOB of MySQL: 65,535; use MEDIUMBLOB), or is"
                        + " padded to its width.";
        StoredRecord current = session.inserted(session.id("user"));
        for (int bytes : new int[] {
            1, 2, 127, 128, 255, 256, 1_000, 2_000, 2_001, 4_000, 4_001, 8_000, 8_192, 32_767, 32_768, 65_535, 65_536, 1
        }) {
            StoredRecord next = session.record(current.userId(), bytes);
            store.mustReplace(current, next, hint);
            store.mustHold(next, hint);
            current = next;
        }
        StoredRecord largest = session.record(session.id("largest"), StoredRecord.MAX_PAYLOAD_BYTES);
        store.mustInsert(largest, hint);
        store.mustHold(largest, hint);
    }

    @Test
    @DisplayName("payload MUST be kept exactly, whatever bytes it has")
    void payload_ofAnyBytes_isKeptExactly() {
        StoreUnderTest store = session.store();
        String hint =
                "the payload goes through a text (a character set, a trim, a line ending) or a padded type. Keep it as"
                        + " bytes, or as Base64.";
        byte[] all = new byte[256];
        IntStream.range(0, all.length).forEach(i -> all[i] = (byte) i);
        byte[] any = new byte[5_000];
        new SplittableRandom(42).nextBytes(any);
        StoredRecord current = session.inserted(session.id("user"));
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
                    current.userId(), session.record(current.userId()).version(), payload);
            store.mustReplace(current, next, hint);
            store.mustHold(next, hint);
            current = next;
        }
    }

    @Test
    @DisplayName("payload MUST be kept apart from those of other users and from later writes")
    void payload_ofManyUsers_areKeptApart() {
        StoreUnderTest store = session.store();
        String hint = "one array or buffer is kept for several records, or is written into again.";
        List<StoredRecord> records = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            records.add(session.inserted(session.id("user-" + i)));
        }
        records.forEach(record -> store.mustHold(record, hint));
        StoredRecord next = session.record(records.get(2).userId());
        store.mustReplace(records.set(2, next), next, hint);
        records.forEach(record -> store.mustHold(record, hint));
    }

    @Test
    @DisplayName("record MUST NOT be evicted to make room for others")
    void record_amongManyOthers_isNotEvicted() {
        StoreUnderTest store = session.store();
        String hint =
                "a cache with a bound, or a time to live. Two-factor authentication is off for whoever is evicted.";
        List<StoredRecord> records = session.insertedAtOnce(
                IntStream.range(0, 300).mapToObj(i -> session.id("user-" + i)).toList());
        Crowd.share(records, record -> store.mustHold(record, hint));
    }

    @Test
    @DisplayName("summary MUST be taken, whatever it says, and the record kept all the same")
    void summary_ofAnyAccount_isTaken() {
        StoreUnderTest store = session.store();
        String hint =
                "a column of the summary is NOT NULL, too narrow for the number, or of a type with a smaller range (the"
                        + " TIMESTAMP of MySQL ends in 2038).";
        Instant first = Instant.EPOCH;
        Instant now = Instant.parse("2026-03-29T02:30:00.123Z");
        Instant after2038 = Instant.parse("2038-01-19T03:14:08Z");
        Instant last = Instant.parse("9999-12-31T23:59:59.999Z");
        List<RecordSummary> summaries = List.of(
                new RecordSummary(State.PENDING, 0, null, 0, 0, null, now),
                new RecordSummary(State.ENABLED, 0, null, 10, 0, now, now),
                new RecordSummary(State.ENABLED, 5, now, 10, 20, first, after2038),
                new RecordSummary(State.ENABLED, 1, last, 1, 1, last, last),
                new RecordSummary(
                        State.SUSPENDED, Integer.MAX_VALUE, first, Integer.MAX_VALUE, Integer.MAX_VALUE, first, first),
                new RecordSummary(State.SUSPENDED, 100, null, 0, 0, null, now));
        StoredRecord current = session.inserted(session.id("replaced"));
        for (RecordSummary summary : summaries) {
            StoredRecord inserted = session.record(session.id("inserted-" + summaries.indexOf(summary)));
            StoredRecord before = current;
            StoredRecord next = session.record(before.userId());
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

    // --- Ids, byte for byte ---

    @Test
    @DisplayName("id MUST be told from one that differs in letter case")
    void id_ofAnotherCase_isAnother() {
        mustTellApart(
                "ids are compared case-blind: give the column a binary collation.",
                "a|A|i|I|\u0131|k|K|ss|SS|\u00DF|\u1E9E|\u03C3|\u03C2|\u03A3|\u0436|\u0416");
    }

    @Test
    @DisplayName("id MUST be told from one that differs in a blank at the end")
    void id_withTrailingBlank_isAnother() {
        mustTellApart(
                "ids are padded or trimmed: CHAR columns, and PAD SPACE collations (nearly all of MySQL and MariaDB). Use a"
                        + " NO PAD or binary one.",
                "a|a |a  |a\t|a\n|a\r\n|a\u00A0|a\u3000");
    }

    @Test
    @DisplayName("id MUST be told from one that differs in a blank at the beginning")
    void id_withLeadingBlank_isAnother() {
        mustBeUsersOfTheirOwn(
                "ids are trimmed.",
                Stream.of("", " ", "  ", "\t", "\n", "\u00A0", "\u3000")
                        .map(beginning -> session.id(beginning, "a"))
                        .toList());
    }

    @Test
    @DisplayName("id MUST be told from one that is the same only after Unicode normalization")
    void id_ofAnotherNormalForm_isAnother() {
        mustTellApart(
                "ids are normalized to NFC, NFD, NFKC or NFKD, by the store, the collation or the file system.",
                "\u00E9|e\u0301|\u00C5|A\u030A|\u037E|;|\uAC00|\u1100\u1161|\uFB01|fi|\uFF21|A|\u2460|1|q\u0307\u0323|q\u0323\u0307");
    }

    @Test
    @DisplayName("id MUST be told from one that differs in an accent")
    void id_withAnotherAccent_isAnother() {
        mustTellApart(
                "ids are compared accent-blind: give the column a binary collation.",
                "e|\u00E9|\u00E8|\u00EA|o|\u00F6|\u00F8|oe|\u0153|n|\u00F1|l|\u0142|\u0438|\u0439");
    }

    @Test
    @DisplayName("id MUST be told from one that differs in a character of any script, emoji included")
    void id_ofAnyScript_isKeptAsItIs() {
        mustTellApart(
                "the column or the connection has a character set without these characters, and keeps a '?'; or the collation"
                        + " gives all of them the same weight. Use UTF-8 everywhere (utf8mb4 in MySQL and MariaDB), and a"
                        + " binary collation.",
                "|?|??|\uFFFD|\u0416|\u05D0|\u0627|\u0905|\u6F22|\u5B57|\u3042|\u30A2|\uD83D\uDE00|\uD83D\uDE01|\uDBFF\uDFFD|\uFFFF");
    }

    @Test
    @DisplayName("id MUST be told from one that differs in characters that cannot be seen")
    void id_withInvisibleCharacters_isAnother() {
        mustTellApart(
                "the collation or a filter ignores control and format characters, or the id is cut where it has one.",
                "ab|a\u0001b|a\u007Fb|a\u0085b|a\u00ADb|a\u200Bb|a\u200Db|a\u2028b|a\uFE0Fb|\uFEFFab|a\tb|a\nb|a\rb|a"
                        + "|\uD83D\uDC68\u200D\uD83D\uDC69|\uD83D\uDC68\uD83D\uDC69");
    }

    @Test
    @DisplayName("id MUST be told from one that a query or a path would take for the same")
    void id_withSpecialCharacters_isKeptAsItIs() {
        mustTellApart(
                "ids are put into a query, a pattern or a path as text, instead of being bound as a parameter.",
                "axb|a_b|a%b|a*b|a?b|a[x]b|a.b|a'b|a''b|a\"b|a\\b|a\\\\b|a/b|a/./b|a:b|a;--|a{}b|a$b|a&b|a+b|a%20b|a b|a,b|null|'|..|/");
    }

    @Test
    @DisplayName("id MUST be told from one that is the same number")
    void id_ofTheSameNumber_isAnother() {
        mustBeUsersOfTheirOwn(
                "ids are compared as numbers: the column or the map has a numeric type, or an affinity to it.",
                Stream.of("#", "0#", "00#", "+#", "#.0", "#e0", "#0", "#1", "0x#")
                        .map(session::number)
                        .toList());
    }

    @Test
    @DisplayName("id MUST be kept whole, up to 255 characters")
    void id_of255Characters_isKeptWhole() {
        mustBeUsersOfTheirOwn(
                "the column is too short, counts bytes (255 characters are up to 765 in UTF-8), or is indexed by its"
                        + " beginning only.",
                Stream.of("x", "\u00E9", "\u6F22", "\uD83D\uDE00", " ")
                        .flatMap(filler -> Stream.of("a", "b", "\u6F22", " ").map(end -> session.longId(filler, end)))
                        .toList());
    }

    private void mustTellApart(String hint, String ends) {
        mustBeUsersOfTheirOwn(
                hint, Stream.of(ends.split("\\|", -1)).map(session::id).toList());
    }

    /** What is written, replaced or deleted for one of them leaves all others as they are. */
    private void mustBeUsersOfTheirOwn(String hint, List<String> userIds) {
        StoreUnderTest store = session.store();
        Deque<StoredRecord> records = new ArrayDeque<>();
        for (String userId : userIds) {
            store.mustHoldNothing(userId, hint);
            StoredRecord record = session.record(userId);
            store.mustInsert(record, hint);
            records.add(record);
        }
        records.forEach(record -> store.mustHold(record, hint));
        for (String userId : userIds) {
            StoredRecord next = session.record(userId);
            store.mustReplace(records.removeFirst(), next, hint);
            records.addLast(next);
        }
        records.forEach(record -> store.mustHold(record, hint));
        // Each is deleted by its version, and so has been left as it was until then.
        for (StoredRecord record : records) {
            store.mustDelete(record, hint);
            store.mustHoldNothing(record.userId(), hint);
        }
    }

    // --- Two instances over the same data ---

    private static final String INSTANCE_CACHES =
            "each instance has a cache of its own, reads from a replica, or keeps a transaction open whose snapshot is old.";

    @Test
    @DisplayName("second instance MUST see every write of the first at once, and the first every write of the second")
    void secondInstance_afterEachWrite_seesIt() {
        StoreUnderTest first = session.store();
        StoreUnderTest second = session.second();
        StoredRecord current = session.record(session.id("user"));
        first.mustHoldNothing(current.userId(), INSTANCE_CACHES);
        second.mustHoldNothing(current.userId(), INSTANCE_CACHES);
        first.mustInsert(current);
        for (int i = 0; i < 20; i++) {
            StoreUnderTest writes = i % 2 == 0 ? first : second;
            StoreUnderTest reads = i % 2 == 0 ? second : first;
            StoredRecord next = session.record(current.userId());
            reads.mustHold(current, INSTANCE_CACHES);
            writes.mustReplace(current, next);
            reads.mustHold(next, INSTANCE_CACHES);
            current = next;
        }
        first.mustDelete(current);
        second.mustHoldNothing(current.userId(), INSTANCE_CACHES);
    }

    @Test
    @DisplayName("second instance MUST find a user whom it did not find before the first wrote")
    void secondInstance_afterAnEmptyAnswer_findsTheRecord() {
        StoreUnderTest first = session.store();
        StoreUnderTest second = session.second();
        String hint = "that there is no record is cached too.";
        StoredRecord record = session.record(session.id("user"));

        for (int i = 0; i < 5; i++) {
            second.mustHoldNothing(record.userId(), hint);
            first.mustInsert(record, hint);
            second.mustHold(record, hint);
            first.mustDelete(record, hint);
            record = session.record(record.userId());
        }
    }

    @Test
    @DisplayName("second instance MUST refuse what the first has changed since, and change nothing")
    void secondInstance_withARecordFromBefore_isRefused() {
        StoreUnderTest first = session.store();
        StoreUnderTest second = session.second();
        StoredRecord stale = session.inserted(session.id("user"));
        StoredRecord record = session.record(stale.userId());
        second.mustHold(stale, INSTANCE_CACHES);
        first.mustReplace(stale, record);

        second.mustNotInsert(session.record(stale.userId()), INSTANCE_CACHES);
        second.mustNotReplace(stale, session.record(stale.userId()), INSTANCE_CACHES);
        second.mustNotDelete(stale, INSTANCE_CACHES);
        first.mustHold(record, INSTANCE_CACHES);
        second.mustHold(record, INSTANCE_CACHES);
    }

    // --- Many threads, on all instances there are ---

    @Test
    @DisplayName("threads: of many inserts for one user exactly one MUST answer true, and it is what is kept")
    void threads_insertingForOneUser_haveOneWinner() {
        String userId = session.id("user");
        try (Race race = new Race(session, THREADS)) {
            for (Effort effort = new Effort(200, 10); effort.goesOn(); ) {
                StoredRecord kept = race.winner("insert", userId, (instance, own) -> instance.insert(own, SUMMARY));
                session.store().mustHold(kept, CHECKS_THEN_WRITES);
                session.store().mustDelete(kept);
            }
        }
    }

    @Test
    @DisplayName("threads: of many replaces of one record exactly one MUST answer true, and it is what is kept")
    void threads_replacingOneRecord_haveOneWinner() {
        StoredRecord record = session.inserted(session.id("user"));
        try (Race race = new Race(session, THREADS)) {
            for (Effort effort = new Effort(200, 10); effort.goesOn(); ) {
                StoredRecord before = record;
                record = race.winner(
                        "replace", before.userId(), (instance, own) -> instance.replace(before, own, SUMMARY));
                session.store().mustHold(record, CHECKS_THEN_WRITES);
            }
        }
    }

    @Test
    @DisplayName("threads: of many deletes of one record exactly one MUST answer true")
    void threads_deletingOneRecord_haveOneWinner() {
        String userId = session.id("user");
        try (Race race = new Race(session, THREADS)) {
            for (Effort effort = new Effort(200, 10); effort.goesOn(); ) {
                StoredRecord record = session.inserted(userId);
                race.winner("delete", userId, (instance, own) -> instance.delete(record));
                session.store().mustHoldNothing(userId, CHECKS_THEN_WRITES);
            }
        }
    }

    @Test
    @DisplayName("threads: an update that was answered true MUST NOT be lost")
    void threads_countingInOneRecord_loseNoUpdate() {
        StoreUnderTest store = session.store();
        StoredRecord zero = session.inserted(session.id("user"));
        AtomicInteger counted = new AtomicInteger();
        Effort effort = new Effort(100_000, 200);
        try (Race race = new Race(session, THREADS)) {
            race.run((instance, member) -> {
                while (effort.goesOn()) {
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
                    "conflicting writers give way to each other for ever.");
        }
        store.mustHold(record(zero.userId(), zero.version() + sum, 40), CHECKS_THEN_WRITES);
    }

    @Test
    @DisplayName("threads: each record that was written MUST end once, replaced or deleted by one thread")
    void threads_writingAndDeleting_endEachRecordOnce() {
        StoreUnderTest store = session.store();
        String userId = session.id("user");
        Queue<Long> written = new ConcurrentLinkedQueue<>();
        Queue<Long> ended = new ConcurrentLinkedQueue<>();
        Effort effort = new Effort(100_000, 200);
        try (Race race = new Race(session, THREADS)) {
            race.run((instance, member) -> {
                for (int i = member; effort.goesOn(); i++) {
                    StoredRecord next = session.record(userId);
                    StoredRecord current = instance.find(userId).orElse(null);
                    boolean adds = current == null || i % 2 == 0;
                    boolean done = current == null
                            ? instance.insert(next, SUMMARY)
                            : adds ? instance.replace(current, next, SUMMARY) : instance.delete(current);
                    if (done && adds) {
                        written.add(next.version());
                    }
                    if (done && current != null) {
                        ended.add(current.version());
                    }
                }
            });
        }
        Set<Long> endedOnce = new HashSet<>();
        for (Long version : ended) {
            if (!endedOnce.add(version)) {
                throw store.broken(
                        "replace or delete answered true to two threads for version " + version
                                + ", and MUST answer true to one.",
                        CHECKS_THEN_WRITES);
            }
        }
        Set<Long> left = new TreeSet<>(written);
        Set<Long> seen = new TreeSet<>(endedOnce);
        store.store().find(userId).map(StoredRecord::version).ifPresent(seen::add);
        left.removeAll(seen);
        if (!left.isEmpty()) {
            throw store.broken(
                    "version " + left.iterator().next()
                            + " was written with the answer true, and is gone though nobody was told that they"
                            + " replaced or deleted it.",
                    CHECKS_THEN_WRITES);
        }
        written.forEach(seen::remove);
        if (!seen.isEmpty()) {
            throw store.broken(
                    "insert or replace answered false to version "
                            + seen.iterator().next()
                            + ", which was there afterwards, and MUST answer false only if nothing changed.",
                    "the answer is found by reading again after the write, when another thread may have written too; or a"
                            + " failure after the write is turned into false.");
        }
    }

    @Test
    @DisplayName("threads: find MUST give back one whole record, and the newest that was there when it was asked")
    void threads_readingWhileOneWrites_findWholeRecordsInOrder() {
        StoreUnderTest store = session.store();
        StoredRecord first = session.record(session.id("user"), 200);
        store.mustInsert(first);
        AtomicLong committed = new AtomicLong(first.version());
        AtomicBoolean over = new AtomicBoolean();
        try (Race race = new Race(session, THREADS)) {
            race.run((instance, member) -> {
                if (member > 0) {
                    while (!over.get()) {
                        long before = committed.get();
                        mustBeWholeAndNotBefore(before, store.present(instance.find(first.userId())));
                    }
                    return;
                }
                try {
                    for (Effort effort = new Effort(5_000, 50); effort.goesOn(); ) {
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
                    "readers lock the row, and the writer that does not get the lock gives up at once; or what was read"
                            + " counts as a conflict.");
        }
    }

    private void mustBeWholeAndNotBefore(long committed, StoredRecord found) {
        if (!found.equals(record(found.userId(), found.version(), 200))) {
            throw session.store()
                    .broken(
                            "find gave back version " + found.version()
                                    + " with the payload of another, and MUST give back one whole record.",
                            "version and payload are written or read in two steps.");
        }
        if (found.version() < committed) {
            throw session.store()
                    .broken(
                            "find gave back version " + found.version() + " after version " + committed
                                    + " was written with the answer true, and MUST give back the newest.",
                            FINDS_OLD);
        }
    }

    @Test
    @DisplayName("threads: users MUST NOT stand in each other's way")
    void threads_eachWithAUserOfItsOwn_areAlone() {
        Effort effort = new Effort(1_000, 50);
        try (Race race = new Race(session, THREADS)) {
            race.run((instance, member) -> {
                String userId = session.id("user-" + member);
                while (effort.goesOn()) {
                    StoredRecord record = session.record(userId);
                    StoredRecord next = session.record(userId);
                    race.mustSucceed("insert", instance, null, record, () -> instance.insert(record, SUMMARY));
                    race.mustSucceed("replace", instance, record, next, () -> instance.replace(record, next, SUMMARY));
                    race.mustSucceed("delete", instance, next, null, () -> instance.delete(next));
                }
            });
        }
    }

    // --- The backend is down ---

    @Test
    // The tests are in the order of these names. It is the last of them, because a backend may stay broken.
    @DisplayName(
            "when the backend is broken, every operation MUST throw a StoreException, and not answer false or empty")
    void brokenBackend_everyOperation_throwsStoreException() throws Exception {
        StoreUnderTest store = session.store();
        TwoFactorStore broken = store.store();
        StoredRecord kept = session.inserted(session.id("kept"));
        StoredRecord next = session.record(kept.userId());
        StoredRecord stale = withVersion(kept, kept.version() - 1);
        StoredRecord never = session.record(session.id("never"));
        Map<String, Call> calls = new LinkedHashMap<>();
        calls.put("find", () -> broken.find(kept.userId()));
        calls.put("find without a record", () -> broken.find(never.userId()));
        calls.put("insert", () -> broken.insert(never, SUMMARY));
        calls.put("insert for a user who has a record", () -> broken.insert(next, SUMMARY));
        calls.put("replace", () -> broken.replace(kept, next, SUMMARY));
        calls.put("replace of a stale record", () -> broken.replace(stale, next, SUMMARY));
        calls.put("delete", () -> broken.delete(kept));
        calls.put("delete of a stale record", () -> broken.delete(stale));
        if (broken instanceof ScannableTwoFactorStore scannable) {
            calls.put("userIds", () -> scannable.userIds(null, 10));
        }
        try {
            breakBackend();
            // At once, because each may wait for its time-out.
            List<Map.Entry<String, Call>> list = List.copyOf(calls.entrySet());
            try (Crowd crowd = new Crowd(list.size())) {
                crowd.play(i -> mustThrowStoreException(
                        list.get(i).getKey(), list.get(i).getValue()));
            }
        } finally {
            session.abandonStore();
            repairBackend();
        }
    }

    /** A call to the store, with whatever answer. */
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
                            + "Usual cause: the exception of the engine is not caught, or not each kind of it.",
                    e);
        }
        return fail(name + " answered " + answer + " while the backend is broken, and MUST throw a StoreException.\n"
                + "Usual cause: an exception is caught and turned into false or empty, or a cache answers. Whoever signs in"
                + " then has no second factor, or is not counted.");
    }

    // --- The walk over all users, for stores that offer it ---

    @Test
    @DisplayName("walk: every id MUST appear, on pages of any size, exactly as it was written")
    void walk_withPagesOfAnySize_findsEveryId() {
        ScannableTwoFactorStore store = scannable();
        Set<String> present = new TreeSet<>();
        for (String end :
                "a|A|a |a  |\u00E9|e\u0301|e|\uD83D\uDE00|\uD83D\uDE01|\uFF5E|%|_|'|\"|\\|a,b|a\nb|z|Z|\u00DF|ss|0|00|~|."
                        .split("\\|", -1)) {
            present.add(session.inserted(session.id(end)).userId());
        }
        session.store().mustDelete(session.inserted(session.id("gone")));

        for (int limit : limits(store, 1, 2, 7, present.size() - 1, present.size(), 1_000)) {
            Walk walk = new Walk(session, limit, page -> {}, List.of(store));
            walk.mustHaveFound(
                    present,
                    "the cursor is compared by another collation than the ids are sorted by, or an id equal to it by that"
                            + " collation is skipped.");
            walk.mustHaveFoundNoOther(
                    present, "rows that are only marked as deleted are listed, or ids are changed on the way.");
        }
    }

    @Test
    @DisplayName("walk: every id that is there throughout MUST appear, while others come and go")
    void walk_whileOthersComeAndGo_findsEveryIdThatStays() {
        ScannableTwoFactorStore store = scannable();
        for (int limit : limits(store, 1, 2, 7)) {
            Assumptions.assumeTrue(
                    limit <= MOST_COMING_AND_GOING,
                    "the store has so many users that a page would hold all who come and go; try it on an emptier store");
            Set<String> stay = new TreeSet<>();
            Map<String, StoredRecord> go = new HashMap<>();
            List<StoredRecord> records = session.insertedAtOnce(IntStream.range(0, Math.max(30, 4 * limit))
                    .mapToObj(i -> session.id(limit + "-" + (10 + i)))
                    .toList());
            for (int i = 0; i < records.size(); i += 2) {
                stay.add(records.get(i).userId());
                StoredRecord goes = records.get(i + 1);
                go.put(goes.userId(), goes);
            }
            AtomicInteger pages = new AtomicInteger();
            Walk walk = new Walk(
                    session,
                    limit,
                    page -> {
                        for (String seen : page.userIds()) {
                            StoredRecord goes = go.remove(seen);
                            if (goes != null) {
                                session.store().mustDelete(goes);
                            }
                        }
                        int number = pages.incrementAndGet();
                        if (number % 3 == 0 && number < 90) {
                            session.inserted(session.id(limit + "-" + (100 - number) + "-comes"));
                        }
                    },
                    List.of(store));
            walk.mustHaveFound(
                    stay,
                    "pages are counted with OFFSET, so that rows move between them; or the cursor is lost with the row that"
                            + " it stands on. Let it be the last id, and ask for those after it.");
        }
    }

    @Test
    @DisplayName("walk: a cursor MUST be good on another instance")
    void walk_onAnotherInstance_goesOn() {
        TwoFactorStore other = session.second().store();
        if (session.store().store() instanceof ScannableTwoFactorStore != other instanceof ScannableTwoFactorStore) {
            throw session.store()
                    .broken(
                            "One instance is a ScannableTwoFactorStore and the other is not, and both MUST be or neither.",
                            "one of the two is wrapped in a class that passes on four methods only.");
        }
        ScannableTwoFactorStore store = scannable();
        Set<String> present = new TreeSet<>();
        for (int i = 0; i < 10; i++) {
            present.add(session.inserted(session.id("user-" + i)).userId());
        }
        for (int limit : limits(store, 3)) {
            new Walk(session, limit, page -> {}, List.of(store, (ScannableTwoFactorStore) other))
                    .mustHaveFound(
                            present, "the cursor names something in the memory of one process. Let it be the last id.");
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
                            + "Usual cause: the limit is passed on to the backend, where 0 or less may mean all.\n");
        }
    }

    /** These, or what has to stand in for those whose pages are too many, because so many others are there. */
    private List<Integer> limits(ScannableTwoFactorStore store, int... wanted) {
        Walk whole = new Walk(session, Walk.LARGE, page -> {}, List.of(store));
        int least = whole.leastLimit();
        if (least > wanted[0]) {
            System.out.println(getClass().getSimpleName() + " leaves out walks with pages of fewer than " + least
                    + " ids: the store holds " + whole.ids() + ", and the pages would be more than " + Walk.MOST_PAGES
                    + ". On an emptier store smaller pages are tried.");
        }
        return IntStream.of(wanted)
                .map(limit -> Math.max(limit, least))
                .distinct()
                .boxed()
                .toList();
    }

    private ScannableTwoFactorStore scannable() {
        if (session.store().store() instanceof ScannableTwoFactorStore scannable) {
            return scannable;
        }
        return Assumptions.abort("the store is no ScannableTwoFactorStore, and need not be one");
    }

    // --- What it is all for: the core's own promises, on this store ---

    private static final String CORE =
            "see the other failures of this run, and the tests named \"threads\" and \"second instance\" first.";

    @Test
    @DisplayName("core: one code from 64 threads MUST be accepted once, and by no instance again")
    void core_oneCodeManyTimes_isAcceptedOnce() {
        Application application = new Application(session.instances());
        UserId user = UserId.of(session.id("user"));
        application.enroll(user, Phone.OLD);
        try (Crowd crowd = new Crowd(CROWD)) {
            for (Effort effort = new Effort(10, 2); effort.goesOn(); ) {
                String code = Phone.OLD.codeAt(application.now());
                List<VerificationResult> results =
                        crowd.play(i -> application.node(i).verify(user, code));
                mustBe(1, count(Verified.class, results), "of " + CROWD + " threads with one code", "were verified");
                mustBe(
                        CROWD - 1,
                        count(Rejected.class, results),
                        "of " + CROWD + " threads with one code",
                        "were rejected");
                for (int i = 0; i < 2; i++) {
                    assertEquals(
                            new Rejected(),
                            application.node(i).verify(user, code),
                            "A used code was offered again, and MUST be rejected on every instance.\nUsual cause: "
                                    + CORE);
                }
                application.set(application.now().plus(Application.STEP));
            }
        }
    }

    @Test
    @DisplayName("core: one backup code from 64 threads MUST be accepted once")
    void core_oneBackupCodeManyTimes_isAcceptedOnce() {
        Application application = new Application(session.instances());
        UserId user = UserId.of(session.id("user"));
        String code = application.enroll(user, Phone.OLD).backupCodes().get(0);
        try (Crowd crowd = new Crowd(CROWD)) {
            List<VerificationResult> results =
                    crowd.play(i -> application.node(i).verify(user, code));
            mustBe(1, count(Verified.class, results), "of " + CROWD + " threads with one backup code", "were verified");
        }
        mustBe(1, application.node(1).status(user).backupCodesLeft(), "backup codes of two", "were left");
    }

    @Test
    @DisplayName("core: of 64 wrong guesses at once exactly as many MUST be answered and counted as are free")
    void core_wrongGuessesAtOnce_areAnsweredAndCountedAsFarAsFree() {
        Application application = new Application(session.instances());
        int free = Application.POLICY.failuresBeforeLockout();
        Duration lockout = Application.POLICY.firstLockout();
        try (Crowd crowd = new Crowd(CROWD)) {
            for (Effort effort = new Effort(5, 1); effort.goesOn(); ) {
                UserId user = UserId.of(session.id("user-" + application.now()));
                application.enroll(user, Phone.OLD);
                String wrong = Phone.OLD.wrongAt(application.now());
                List<VerificationResult> results =
                        crowd.play(i -> application.node(i).verify(user, wrong));
                mustBe(free, count(Rejected.class, results), "of " + CROWD + " wrong guesses", "were answered");
                mustBe(CROWD - free, count(LockedOut.class, results), "of " + CROWD + " wrong guesses", "were refused");

                // One failure more doubles the lockout, if, and only if, exactly the free ones were counted.
                application.set(application.now().plus(lockout));
                application.node(0).verify(user, wrong);
                assertEquals(
                        Optional.of(application.now().plus(lockout.multipliedBy(2))),
                        application.node(1).status(user).lockedUntil(),
                        "Wrong guesses were answered and not counted, or counted and not answered.\nUsual cause: "
                                + CORE);
            }
        }
    }

    @Test
    @DisplayName(
            "core: when disable and a new enrollment race verifications, nothing of the old enrollment MUST survive")
    void core_reEnrollmentRacingVerifications_leavesNothingOfTheOldOne() {
        Application application = new Application(session.instances());
        try (Crowd crowd = new Crowd(THREADS)) {
            for (Effort effort = new Effort(20, 2); effort.goesOn(); ) {
                UserId user = UserId.of(session.id("user-" + application.now()));
                Owner before = application.enroll(user, Phone.OLD);
                String oldCode = Phone.OLD.codeAt(application.now());
                AtomicReference<@Nullable Owner> after = new AtomicReference<>();
                List<VerificationResult> results = crowd.play(i -> {
                    if (i > 0) {
                        return application.node(i).verify(user, oldCode);
                    }
                    application.node(0).disable(before.proof());
                    after.set(application.enrollNow(user, Phone.NEW));
                    return new NotEnrolled();
                });
                long verified = count(Verified.class, results);
                assertTrue(
                        verified <= 1,
                        () -> verified
                                + " threads with one code were verified, and it MUST be one at most.\nUsual cause: "
                                + CORE);

                TwoFactor other = application.node(1);
                TwoFactorStatus status = other.status(user);
                Owner owner = after.get();
                assertEquals(
                        List.of(owner == null ? "" : owner.authenticator()),
                        status.authenticators().stream()
                                .map(TwoFactorStatus.Authenticator::id)
                                .toList(),
                        "The authenticators after a new enrollment MUST be the new one.\nUsual cause: " + CORE);
                // The late ones were wrong guesses at the new enrollment.
                other.unlock(user, "conformance");
                application.set(application.now().plus(Application.STEP));
                mustNotBeVerified(other.verify(user, Phone.OLD.codeAt(application.now())), "a code of the old phone");
                mustNotBeVerified(other.verify(user, before.backupCodes().get(0)), "an old backup code");
                VerificationResult result = other.verify(user, Phone.NEW.codeAt(application.now()));
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
                () -> "After a new enrollment " + what + " was accepted, and MUST be rejected.\nUsual cause: " + CORE);
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
