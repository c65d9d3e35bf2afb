// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MapTwoFactorStoreTest {
    private static final RecordSummary SUMMARY =
            new RecordSummary(RecordSummary.State.ENABLED, 0, null, 10, 0, Instant.EPOCH, Instant.EPOCH);

    private final ConcurrentMap<String, String> map = new ConcurrentHashMap<>();
    private final MapTwoFactorStore store = new MapTwoFactorStore(map);

    private static StoredRecord record(String userId, long version, String payload) {
        return StoredRecord.of(userId, version, payload.getBytes(UTF_8));
    }

    @Nested
    class Find {

        @Test
        void find_nobody_isEmpty() {
            assertThat(store.find("alice")).isEmpty();
        }

        @Test
        void find_afterInsert_isThatRecord() {
            StoredRecord record = record("alice", 1L << 53 | 1, "payload");
            store.insert(record, SUMMARY);

            assertThat(store.find("alice")).contains(record);
        }

        @ParameterizedTest
        @ValueSource(strings = {"Alice", "alice ", " alice", "al\u0131ce", "\uff41lice", "alice\u0301"})
        void find_idThatSomebodyCouldTakeForTheSame_isEmpty(String other) {
            store.insert(record("alice", 1, "payload"), SUMMARY);

            assertThat(store.find(other)).isEmpty();
            assertThat(store.insert(record(other, 1, "another"), SUMMARY)).isTrue();
            assertThat(store.find("alice")).contains(record("alice", 1, "payload"));
        }

        @Test
        void value_ofTheMap_isTheByteFormInBase64() {
            StoredRecord record = record("alice", 7, "payload");
            store.insert(record, SUMMARY);

            assertThat(map).containsOnlyKeys("alice");
            assertThat(Base64.getDecoder().decode(map.get("alice"))).isEqualTo(record.toBytes());
        }
    }

    @Nested
    class Insert {

        @Test
        void insert_whereThereIsNone_isTrue() {
            assertThat(store.insert(record("alice", 1, "payload"), SUMMARY)).isTrue();
        }

        @Test
        void insert_whereThereIsOne_isFalseAndChangesNothing() {
            store.insert(record("alice", 1, "first"), SUMMARY);

            assertThat(store.insert(record("alice", 2, "second"), SUMMARY)).isFalse();
            assertThat(store.insert(record("alice", 1, "first"), SUMMARY)).isFalse();
            assertThat(store.find("alice")).contains(record("alice", 1, "first"));
        }
    }

    @Nested
    class Replace {

        @Test
        void replace_ofTheStoredVersion_isTrue() {
            store.insert(record("alice", 1, "first"), SUMMARY);

            assertThat(store.replace(record("alice", 1, "first"), record("alice", 2, "second"), SUMMARY))
                    .isTrue();
            assertThat(store.find("alice")).contains(record("alice", 2, "second"));
        }

        @Test
        void replace_ofAnEarlierVersion_isFalseAndChangesNothing() {
            store.insert(record("alice", 1, "first"), SUMMARY);
            store.replace(record("alice", 1, "first"), record("alice", 2, "second"), SUMMARY);

            assertThat(store.replace(record("alice", 1, "first"), record("alice", 2, "other"), SUMMARY))
                    .isFalse();
            assertThat(store.find("alice")).contains(record("alice", 2, "second"));
        }

        @Test
        void replace_whereThereIsNone_isFalseAndAddsNothing() {
            assertThat(store.replace(record("alice", 1, "first"), record("alice", 2, "second"), SUMMARY))
                    .isFalse();
            assertThat(map).isEmpty();
        }

        @Test
        void replace_afterEraseAndInsert_isFalseAndChangesNothing() {
            store.insert(record("alice", 1, "first"), SUMMARY);
            store.erase("alice");
            store.insert(record("alice", 100, "new"), SUMMARY);

            assertThat(store.replace(record("alice", 1, "first"), record("alice", 2, "second"), SUMMARY))
                    .isFalse();
            assertThat(store.find("alice")).contains(record("alice", 100, "new"));
        }

        @Test
        void replace_ofOneUser_leavesTheOthers() {
            store.insert(record("alice", 1, "first"), SUMMARY);
            store.insert(record("bob", 1, "first"), SUMMARY);

            store.replace(record("alice", 1, "first"), record("alice", 2, "second"), SUMMARY);

            assertThat(store.find("bob")).contains(record("bob", 1, "first"));
        }

        @Test
        void replace_byManyThreads_losesNoUpdate() throws Exception {
            int threads = 8;
            int each = 100;
            store.insert(counter(1, 0), SUMMARY);
            CyclicBarrier start = new CyclicBarrier(threads);
            ExecutorService pool = Executors.newFixedThreadPool(threads);
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                running.add(pool.submit(() -> {
                    start.await();
                    for (int n = 0; n < each; n++) {
                        countOneUp();
                    }
                    return true;
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
            pool.shutdown();

            StoredRecord last = store.find("alice").orElseThrow();
            assertThat(ByteBuffer.wrap(last.payload()).getInt()).isEqualTo(threads * each);
            assertThat(last.version()).isEqualTo(1 + threads * each);
        }

        private void countOneUp() {
            boolean done = false;
            while (!done) {
                StoredRecord current = store.find("alice").orElseThrow();
                int count = ByteBuffer.wrap(current.payload()).getInt();
                done = store.replace(current, counter(current.version() + 1, count + 1), SUMMARY);
            }
        }

        private StoredRecord counter(long version, int count) {
            return StoredRecord.of(
                    "alice",
                    version,
                    ByteBuffer.allocate(Integer.BYTES).putInt(count).array());
        }
    }

    @Nested
    class Erase {

        @Test
        void erase_ofARecord_leavesNothing() {
            store.insert(record("alice", 1, "first"), SUMMARY);

            store.erase("alice");

            assertThat(store.find("alice")).isEmpty();
            assertThat(map).isEmpty();
        }

        @Test
        void erase_ofOneUser_leavesTheOthers() {
            store.insert(record("alice", 1, "first"), SUMMARY);
            store.insert(record("Alice", 1, "first"), SUMMARY);

            store.erase("alice");

            assertThat(store.find("Alice")).contains(record("Alice", 1, "first"));
        }

        @Test
        void erase_whereThereIsNone_isNoError() {
            store.erase("alice");
            store.erase("alice");

            assertThat(map).isEmpty();
        }

        @Test
        void erase_thenReplaceOfWhatWasThere_isFalseAndAddsNothing() {
            store.insert(record("alice", 1, "first"), SUMMARY);

            store.erase("alice");

            assertThat(store.replace(record("alice", 1, "first"), record("alice", 2, "second"), SUMMARY))
                    .isFalse();
            assertThat(map).isEmpty();
        }

        @Test
        void erase_thenInsert_isTrue() {
            store.insert(record("alice", 1, "first"), SUMMARY);

            store.erase("alice");

            assertThat(store.insert(record("alice", 100, "new"), SUMMARY)).isTrue();
            assertThat(store.find("alice")).contains(record("alice", 100, "new"));
        }
    }

    @Nested
    class UserIds {

        @Test
        void userIds_ofNobody_isAnEmptyLastPage() {
            assertThat(store.userIds(null, 10)).isEqualTo(new UserIdPage(List.of(), null));
        }

        @Test
        void userIds_moreThanThePageHolds_areSpreadOverPages() {
            for (String id : List.of("d", "a", "c", "b", "e")) {
                store.insert(record(id, 1, "payload"), SUMMARY);
            }

            assertThat(store.userIds(null, 2)).isEqualTo(new UserIdPage(List.of("a", "b"), "b"));
            assertThat(store.userIds("b", 2)).isEqualTo(new UserIdPage(List.of("c", "d"), "d"));
            assertThat(store.userIds("d", 2)).isEqualTo(new UserIdPage(List.of("e"), null));
        }

        @Test
        void userIds_cursorOfOneWhoIsGone_goesOnBehindIt() {
            store.insert(record("a", 1, "payload"), SUMMARY);
            store.insert(record("c", 1, "payload"), SUMMARY);

            assertThat(store.userIds("b", 2).userIds()).containsExactly("c");
        }

        @ParameterizedTest
        @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
        void userIds_limitUnderOne_isRefused(int limit) {
            assertThatIllegalArgumentException().isThrownBy(() -> store.userIds(null, limit));
        }
    }

    /** A map whose methods throw. */
    @SuppressWarnings("unchecked")
    private static ConcurrentMap<String, String> broken(Exception failure) {
        return (ConcurrentMap<String, String>) Proxy.newProxyInstance(
                MapTwoFactorStoreTest.class.getClassLoader(),
                new Class<?>[] {ConcurrentMap.class},
                (proxy, method, arguments) -> {
                    throw failure;
                });
    }

    @Nested
    class Failures {

        @Test
        void everyCall_ofABrokenMap_isAStoreExceptionWithTheCause() {
            RuntimeException failure = new UnsupportedOperationException("the cluster has split");
            MapTwoFactorStore failing = new MapTwoFactorStore(broken(failure));
            StoredRecord record = record("alice", 1, "payload");
            List<Runnable> calls = List.of(
                    () -> failing.find("alice"),
                    () -> failing.insert(record, SUMMARY),
                    () -> failing.replace(record, record("alice", 2, "next"), SUMMARY),
                    () -> failing.erase("alice"),
                    () -> failing.userIds(null, 10));

            assertThat(calls)
                    .allSatisfy(call -> assertThatThrownBy(call::run)
                            .isInstanceOf(StoreException.class)
                            .hasCause(failure));
        }

        @Test
        void everyCall_interrupted_isAStoreExceptionAndKeepsTheInterruptFlag() {
            MapTwoFactorStore failing =
                    new MapTwoFactorStore(broken(new IllegalStateException("wrapped", new InterruptedException())));
            List<Runnable> calls = List.of(
                    () -> failing.find("alice"),
                    () -> failing.insert(record("alice", 1, "payload"), SUMMARY),
                    () -> failing.erase("alice"));

            assertThat(calls).allSatisfy(call -> {
                assertThatThrownBy(call::run).isInstanceOf(StoreException.class);
                assertThat(Thread.interrupted()).isTrue();
            });
        }

        @Test
        void find_anyOtherFailure_leavesTheInterruptFlagUnset() {
            MapTwoFactorStore failing = new MapTwoFactorStore(broken(new IllegalStateException()));

            assertThatThrownBy(() -> failing.find("alice")).isInstanceOf(StoreException.class);

            assertThat(Thread.interrupted()).isFalse();
        }

        @Test
        @SuppressWarnings("NullAway")
        void findAndErase_null_areRefused() {
            assertThatNullPointerException().isThrownBy(() -> store.find(null));
            assertThatNullPointerException().isThrownBy(() -> store.erase(null));
        }

        @Test
        @SuppressWarnings("NullAway")
        void new_null_isRefused() {
            assertThatThrownBy(() -> new MapTwoFactorStore(null)).isInstanceOf(NullPointerException.class);
        }
    }

    @Nested
    class SpoiledRecords {

        @ParameterizedTest
        @ValueSource(strings = {"", "not a record", "AQ==", "AAAAAAAAAAAAAAAAAAAA", "\u00e4"})
        void find_valueThatIsNoRecord_throwsSpoiledRecordException(String foreign) {
            map.put("alice", foreign);

            assertThatExceptionOfType(SpoiledRecordException.class)
                    .isThrownBy(() -> store.find("alice"))
                    .withMessage("the map holds a value that is not a record");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "0100000000000000000005616c696365ff", // version 0
                    "0180000000000000000005616c696365ff", // the smallest negative version
                    "0100000000000000010005616c696365" // no payload
                })
        void find_versionOrPayloadOutOfRange_throwsSpoiledRecordException(String hex) {
            map.put("alice", Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex)));

            assertThatExceptionOfType(SpoiledRecordException.class).isThrownBy(() -> store.find("alice"));
        }

        @Test
        void find_recordInAnotherSpelling_throwsSpoiledRecordException() {
            byte[] record = StoredRecord.of("alice", 1, new byte[] {1, 2, 3}).toBytes();
            String withoutPadding = Base64.getEncoder().withoutPadding().encodeToString(record);
            assertThat(withoutPadding).isNotEqualTo(Base64.getEncoder().encodeToString(record));
            map.put("alice", withoutPadding);

            assertThatExceptionOfType(SpoiledRecordException.class).isThrownBy(() -> store.find("alice"));
        }

        @Test
        void find_recordOfAnotherUser_throwsSpoiledRecordException() {
            store.insert(record("mallory", 1, "payload"), SUMMARY);
            map.put("alice", map.get("mallory"));

            assertThatExceptionOfType(SpoiledRecordException.class)
                    .isThrownBy(() -> store.find("alice"))
                    .withMessage("the map holds the record of another user under this user's key");
        }

        /** A distributed map can hold such a value if another application writes into it. */
        @Test
        void find_valueThatIsNoString_throwsSpoiledRecordException() {
            putAnInteger();

            assertThatExceptionOfType(SpoiledRecordException.class)
                    .isThrownBy(() -> store.find("alice"))
                    .withMessage("the map holds a value that is not a String");
        }

        @Test
        void insertAndReplace_overASpoiledValue_areFalseAndChangeNothing() {
            map.put("alice", "not a record");

            assertThat(store.insert(record("alice", 1, "payload"), SUMMARY)).isFalse();
            assertThat(store.replace(record("alice", 1, "payload"), record("alice", 2, "next"), SUMMARY))
                    .isFalse();
            assertThat(map).containsEntry("alice", "not a record");
        }

        @Test
        void erase_ofASpoiledValue_removesIt() {
            map.put("alice", "not a record");

            store.erase("alice");

            assertThat(map).isEmpty();
            assertThat(store.insert(record("alice", 1, "payload"), SUMMARY)).isTrue();
        }

        @Test
        void erase_ofAValueThatIsNoString_removesIt() {
            putAnInteger();

            store.erase("alice");

            assertThat(map).isEmpty();
        }

        @Test
        void userIds_withSpoiledValues_listsThem() {
            putAnInteger();
            map.put("bob", "not a record");
            store.insert(record("carol", 1, "payload"), SUMMARY);

            assertThat(store.userIds(null, 10)).isEqualTo(new UserIdPage(List.of("alice", "bob", "carol"), null));
        }

        @SuppressWarnings("unchecked")
        private void putAnInteger() {
            ((ConcurrentMap<String, Object>) (ConcurrentMap<String, ?>) map).put("alice", 42);
        }
    }
}
