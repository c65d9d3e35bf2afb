// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A store that costs next to nothing: it keeps the very objects, where others write and read text or rows. */
final class ObjectStore implements TwoFactorStore {
    private final ConcurrentHashMap<String, StoredRecord> records = new ConcurrentHashMap<>();

    @Override
    public Optional<StoredRecord> find(String userId) {
        return Optional.ofNullable(records.get(userId));
    }

    @Override
    public boolean insert(StoredRecord record, RecordSummary summary) {
        return records.putIfAbsent(record.userId(), record) == null;
    }

    @Override
    public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
        return records.replace(current.userId(), current, next);
    }

    @Override
    public void erase(String userId) {
        records.remove(userId);
    }
}
