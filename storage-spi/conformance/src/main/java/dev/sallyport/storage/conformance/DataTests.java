// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static dev.sallyport.storage.conformance.StoreUnderTest.text;
import static dev.sallyport.storage.conformance.TestContext.record;
import static dev.sallyport.storage.conformance.TestContext.withVersion;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.RecordSummary.State;
import dev.sallyport.storage.StoredRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The store returns exactly what was written. */
@Proves("version, payload and summary kept as written, no eviction")
abstract class DataTests extends AnswerTests {

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

    @Test
    @DisplayName("record MUST NOT expire, whether it was inserted or replaced last")
    void record_afterSomeTime_isStillThere() throws InterruptedException {
        StoreUnderTest store = context.store();
        String hint = "a time to live, or a maximum idle time. Two-factor authentication is off for a user whose record"
                + " expires.";
        StoredRecord inserted = context.inserted(context.id("inserted"));
        StoredRecord old = context.inserted(context.id("replaced"));
        StoredRecord replaced = context.record(old.userId());
        store.mustReplace(old, replaced);

        Thread.sleep(longestLifetime().toMillis());

        store.mustHold(inserted, hint);
        store.mustHold(replaced, hint);
        context.note("a record was kept for " + longestLifetime().toMillis()
                + " ms. Nothing is known of a longer time to live: see longestLifetime()");
    }
}
