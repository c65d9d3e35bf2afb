// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class StoredRecordLawsTest {

    @Property
    @Label("The byte form and back is the same record")
    void toBytes_andFromBytes_isTheSame(@ForAll("records") StoredRecord record) {
        assertThat(StoredRecord.fromBytes(record.toBytes())).isEqualTo(record);
    }

    @Property
    @Label("Equal records have equal bytes, and others have others")
    void toBytes_isEqualWhereTheRecordsAre(@ForAll("records") StoredRecord one, @ForAll("records") StoredRecord other) {
        StoredRecord copy = StoredRecord.of(one.userId(), one.version(), one.payload());

        assertThat(copy.toBytes()).isEqualTo(one.toBytes());
        assertThat(Arrays.equals(one.toBytes(), other.toBytes())).isEqualTo(one.equals(other));
    }

    @Property
    @Label("Any bytes at all are one record's byte form, or refused")
    void fromBytes_anyBytes_areOneByteFormOrRefused(@ForAll("almostByteForms") byte[] bytes) {
        StoredRecord record;
        try {
            record = StoredRecord.fromBytes(bytes);
        } catch (IllegalArgumentException refused) {
            // Anything else fails the test.
            return;
        }
        assertThat(record.toBytes()).isEqualTo(bytes);
    }

    @Provide
    Arbitrary<StoredRecord> records() {
        return Combinators.combine(
                        ids(),
                        Arbitraries.longs().greaterOrEqual(1),
                        Arbitraries.bytes().array(byte[].class).ofMinSize(1).ofMaxSize(300))
                .as(StoredRecord::of);
    }

    private static Arbitrary<String> ids() {
        return Arbitraries.integers()
                .between(1, Character.MAX_CODE_POINT)
                .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
                .list()
                .ofMinSize(1)
                .ofMaxSize(127)
                .map(points -> points.stream().map(Character::toString).reduce("", String::concat));
    }

    @Provide
    Arbitrary<byte[]> almostByteForms() {
        Arbitrary<byte[]> anything = Arbitraries.bytes().array(byte[].class).ofMaxSize(100);
        Arbitrary<byte[]> changed = Combinators.combine(
                        records(), Arbitraries.integers().between(0, 400), Arbitraries.bytes())
                .as((record, position, value) -> {
                    byte[] bytes = record.toBytes();
                    bytes[position % bytes.length] = value;
                    return bytes;
                });
        Arbitrary<byte[]> shortIds = anything.map(bytes -> {
            byte[] withHeader = new byte[11 + bytes.length];
            withHeader[0] = 1;
            withHeader[8] = 1;
            withHeader[10] = 3;
            System.arraycopy(bytes, 0, withHeader, 11, bytes.length);
            return withHeader;
        });
        return Arbitraries.oneOf(anything, changed, shortIds);
    }
}
