// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoredRecord;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CountingStoreTest {
    private static final RecordSummary SUMMARY =
            new RecordSummary(RecordSummary.State.ENABLED, 0, null, 10, 0, Instant.EPOCH, Instant.EPOCH);

    private final CountingStore store = new CountingStore(new ObjectStore());

    private static StoredRecord record(long version) {
        return StoredRecord.of("alice", version, new byte[] {1});
    }

    @Test
    void find_thereOrNot_isARead() {
        assertThat(store.find("alice")).isEmpty();
        assertThat(store.insert(record(1), SUMMARY)).isTrue();
        assertThat(store.find("alice")).isPresent();

        assertThat(store.reads()).isEqualTo(2);
    }

    @Test
    void write_thatChangesSomethingOrNot_isAWrite() {
        StoredRecord first = record(1);
        StoredRecord second = record(2);

        assertThat(store.insert(first, SUMMARY)).isTrue();
        assertThat(store.insert(first, SUMMARY)).isFalse();
        assertThat(store.replace(first, second, SUMMARY)).isTrue();
        assertThat(store.replace(first, second, SUMMARY)).isFalse();
        store.erase("alice");

        assertThat(store.writes()).isEqualTo(5);
        assertThat(store.reads()).isZero();
        assertThat(store.find("alice")).isEmpty();
    }
}
