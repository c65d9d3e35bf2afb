// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoredRecordTest {
    private static final StoredRecord RECORD = StoredRecord.of("alice", 7, bytes("payload"));

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    @Nested
    class Of {

        @Test
        void of_givesBackWhatItWasGiven() {
            assertThat(RECORD.userId()).isEqualTo("alice");
            assertThat(RECORD.version()).isEqualTo(7);
            assertThat(RECORD.payload()).isEqualTo(bytes("payload"));
        }

        @Test
        void of_copiesThePayload() {
            byte[] given = bytes("payload");
            StoredRecord record = StoredRecord.of("alice", 7, given);

            Arrays.fill(given, (byte) 0);

            assertThat(record.payload()).isEqualTo(bytes("payload"));
        }

        @Test
        void payload_isACopy() {
            StoredRecord record = StoredRecord.of("alice", 7, bytes("payload"));

            Arrays.fill(record.payload(), (byte) 0);

            assertThat(record.payload()).isEqualTo(bytes("payload"));
        }

        @ParameterizedTest
        @ValueSource(longs = {0, -1, Long.MIN_VALUE})
        void of_versionThatIsNotPositive_isRefused(long version) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> StoredRecord.of("alice", version, bytes("payload")))
                    .withMessageContaining("version");
        }

        @ParameterizedTest
        @ValueSource(longs = {1, 1L << 53 | 1, Long.MAX_VALUE})
        void of_anyPositiveVersion_isAllowed(long version) {
            assertThat(StoredRecord.of("alice", version, bytes("payload")).version())
                    .isEqualTo(version);
        }

        @Test
        void of_idOfMoreThan255Characters_isRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> StoredRecord.of("x".repeat(256), 7, bytes("payload")))
                    .withMessageContaining("user id");
        }

        @ParameterizedTest
        @ValueSource(strings = {"\ud83d", "alice\udd11", "\udd11\ud83d"})
        void of_idWithALoneSurrogate_isRefused(String id) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> StoredRecord.of(id, 7, bytes("payload")))
                    .withMessageContaining("user id");
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 65_537})
        void of_payloadOutOfRange_isRefused(int length) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> StoredRecord.of("alice", 7, new byte[length]))
                    .withMessageContaining("payload");
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 65_536})
        void of_payloadInRange_isAllowed(int length) {
            assertThat(StoredRecord.of("alice", 7, new byte[length]).payload()).hasSize(length);
        }

        @Test
        @SuppressWarnings("NullAway")
        void of_null_isRefused() {
            assertThatNullPointerException().isThrownBy(() -> StoredRecord.of(null, 7, bytes("payload")));
            assertThatNullPointerException().isThrownBy(() -> StoredRecord.of("alice", 7, null));
        }
    }

    @Nested
    class Equality {

        @Test
        void equals_sameContent_isTrueWithTheSameHashCode() {
            StoredRecord same = StoredRecord.of("alice", 7, bytes("payload"));

            assertThat(same).isEqualTo(RECORD).hasSameHashCodeAs(RECORD);
        }

        @Test
        void hashCode_ofOtherUsersAndVersions_isRarelyTheSame() {
            Set<Integer> seen = new HashSet<>();
            for (int user = 0; user < 100; user++) {
                for (int version = 1; version <= 10; version++) {
                    seen.add(StoredRecord.of("user" + user, version, bytes("payload"))
                            .hashCode());
                }
            }

            assertThat(seen).hasSizeGreaterThan(900);
        }

        @Test
        void equals_anyDifference_isFalse() {
            assertThat(RECORD)
                    .isNotEqualTo(StoredRecord.of("Alice", 7, bytes("payload")))
                    .isNotEqualTo(StoredRecord.of("alice ", 7, bytes("payload")))
                    .isNotEqualTo(StoredRecord.of("alice", 8, bytes("payload")))
                    .isNotEqualTo(StoredRecord.of("alice", 7, bytes("payloae")))
                    .isNotEqualTo(StoredRecord.of("alice", 7, bytes("payload ")))
                    .isNotEqualTo(null)
                    .isNotEqualTo("alice");
        }
    }

    @Nested
    class ByteForm {

        @Test
        void toBytes_layout_isFormatVersionLengthIdPayload() {
            assertThat(HexFormat.of().formatHex(RECORD.toBytes()))
                    .isEqualTo("01" + "0000000000000007" + "0005" + "616c696365" + "7061796c6f6164");
        }

        @Test
        void fromBytes_ofThatLayout_isTheRecord() {
            byte[] layout = HexFormat.of().parseHex("01000000000000000700" + "05616c6963657061796c6f6164");

            assertThat(StoredRecord.fromBytes(layout)).isEqualTo(RECORD);
        }

        @Test
        void fromBytes_copiesThem() {
            byte[] bytes = RECORD.toBytes();
            StoredRecord record = StoredRecord.fromBytes(bytes);

            Arrays.fill(bytes, (byte) 0);

            assertThat(record).isEqualTo(RECORD);
        }

        @Test
        void toBytes_largestOfAll_isReadBack() {
            StoredRecord largest = StoredRecord.of("\u4e2d".repeat(255), Long.MAX_VALUE, new byte[65_536]);

            assertThat(StoredRecord.fromBytes(largest.toBytes())).isEqualTo(largest);
        }

        @Test
        void fromBytes_cutOffBeforeThePayload_isRefused() {
            byte[] bytes = RECORD.toBytes();

            for (int length = 0; length <= bytes.length - "payload".length(); length++) {
                byte[] cutOff = Arrays.copyOf(bytes, length);
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> StoredRecord.fromBytes(cutOff))
                        .withMessageContaining("byte form");
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "020000000000000007000161ff", // another format
                    "010000000000000000000161ff", // version 0
                    "01ffffffffffffffff000161ff", // version -1
                    "0100000000000000070002c0ae" + "ff", // overlong UTF-8
                    "0100000000000000070003eda0bd" + "ff", // half a surrogate pair in UTF-8
                    "010000000000000007000161", // no payload
                    "0100000000000000070003616161", // an id up to the end
                    "010000000000000007ffff61ff", // an id beyond the end
                    "0100000000000000070003edbfbfff" // the other half
                })
        void fromBytes_anythingElse_isRefused(String hex) {
            byte[] bytes = HexFormat.of().parseHex(hex);

            assertThatIllegalArgumentException().isThrownBy(() -> StoredRecord.fromBytes(bytes));
        }

        @Test
        void fromBytes_payloadTooLarge_isRefused() {
            byte[] bytes = Arrays.copyOf(RECORD.toBytes(), 70_000);

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> StoredRecord.fromBytes(bytes))
                    .withMessageContaining("payload");
        }
    }

    @Test
    void toString_showsNeitherUserNorPayload() {
        StoredRecord record = StoredRecord.of("alice", 7, "secret".getBytes(ISO_8859_1));

        assertThat(record).hasToString("StoredRecord[version=7, payload=6 bytes]");
    }
}
