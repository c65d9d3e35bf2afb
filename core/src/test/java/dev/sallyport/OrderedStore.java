// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.util.Optional;

/** A store in between, whose callers wait for their turn at each question. */
record OrderedStore(TwoFactorStore store, EveryOrder order) implements TwoFactorStore {

    @Override
    public Optional<StoredRecord> find(String userId) {
        return order.ask("find", () -> store.find(userId));
    }

    @Override
    public boolean insert(StoredRecord record, RecordSummary summary) {
        return order.ask("insert", () -> store.insert(record, summary));
    }

    @Override
    public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
        return order.ask("replace", () -> store.replace(current, next, summary));
    }

    @Override
    public void erase(String userId) {
        order.ask("erase", () -> {
            store.erase(userId);
            return true;
        });
    }
}
