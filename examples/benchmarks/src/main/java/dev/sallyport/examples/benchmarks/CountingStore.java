// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.util.Optional;

/** Counts the calls of a store. A write counts whether or not it changes anything. Serves one thread. */
final class CountingStore implements TwoFactorStore {
    private final TwoFactorStore store;
    private int reads;
    private int writes;

    CountingStore(TwoFactorStore store) {
        this.store = store;
    }

    int reads() {
        return reads;
    }

    int writes() {
        return writes;
    }

    @Override
    public Optional<StoredRecord> find(String userId) {
        reads++;
        return store.find(userId);
    }

    @Override
    public boolean insert(StoredRecord record, RecordSummary summary) {
        writes++;
        return store.insert(record, summary);
    }

    @Override
    public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
        writes++;
        return store.replace(current, next, summary);
    }

    @Override
    public void erase(String userId) {
        writes++;
        store.erase(userId);
    }
}
