// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.util.Optional;

/** A store that leaves everything to another, for those that do one thing otherwise. */
class DelegatingStore implements TwoFactorStore {
    final TwoFactorStore store;

    DelegatingStore(TwoFactorStore store) {
        this.store = store;
    }

    @Override
    public Optional<StoredRecord> find(String userId) {
        return store.find(userId);
    }

    @Override
    public boolean insert(StoredRecord record, RecordSummary summary) {
        return store.insert(record, summary);
    }

    @Override
    public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
        return store.replace(current, next, summary);
    }

    @Override
    public void erase(String userId) {
        store.erase(userId);
    }
}
