// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring.host;

import dev.sallyport.storage.InMemoryTwoFactorStore;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** The store in memory. It counts reads, and fails when a test wants that. */
public final class WatchedStore implements TwoFactorStore {
    private final TwoFactorStore store = new InMemoryTwoFactorStore();
    private final AtomicInteger reads = new AtomicInteger();
    private volatile boolean failing;

    public int reads() {
        return reads.get();
    }

    public void fail(boolean now) {
        failing = now;
    }

    private TwoFactorStore working() {
        if (failing) {
            throw new StoreException("the test wants the store to fail");
        }
        return store;
    }

    @Override
    public Optional<StoredRecord> find(String userId) {
        reads.incrementAndGet();
        return working().find(userId);
    }

    @Override
    public boolean insert(StoredRecord record, RecordSummary summary) {
        return working().insert(record, summary);
    }

    @Override
    public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
        return working().replace(current, next, summary);
    }

    @Override
    public void erase(String userId) {
        working().erase(userId);
    }
}
