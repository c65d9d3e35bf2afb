// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** A store in memory, as far away as a database, that can be told to break its contract. */
final class PlantedStore implements TwoFactorStore, Truth {
    private static final long WAY_NANOS = 200_000;
    private static final double LOST = 0.05;

    enum Fault {
        NONE,
        IGNORES_VERSIONS,
        LOSES_WRITES,
        FORGETS_AT_KILLS
    }

    private record Entry(StoredRecord record, RecordSummary summary) {}

    private final Map<String, Entry> entries = new HashMap<>();
    private final Map<String, Entry> before = new HashMap<>();
    private final Random random = new Random();
    private Fault fault = Fault.NONE;

    synchronized void plant(Fault planted) {
        fault = planted;
    }

    /** As a database does whose last commits were not on its disk. */
    synchronized void killed() {
        if (fault == Fault.FORGETS_AT_KILLS) {
            entries.putAll(before);
        }
    }

    @Override
    public synchronized Row of(String user) {
        RecordSummary summary = Objects.requireNonNull(entries.get(user)).summary();
        return new Row(summary.failedAttempts(), summary.backupCodesLeft());
    }

    @Override
    public Optional<StoredRecord> find(String userId) {
        Optional<StoredRecord> found;
        synchronized (this) {
            found = Optional.ofNullable(entries.get(userId)).map(Entry::record);
        }
        LockSupport.parkNanos(WAY_NANOS);
        return found;
    }

    @Override
    public synchronized boolean insert(StoredRecord record, RecordSummary summary) {
        return entries.putIfAbsent(record.userId(), new Entry(record, summary)) == null;
    }

    @Override
    public synchronized boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
        Entry stored = Objects.requireNonNull(entries.get(next.userId()));
        if (fault != Fault.IGNORES_VERSIONS && stored.record().version() != current.version()) {
            return false;
        }
        if (fault != Fault.LOSES_WRITES || random.nextDouble() >= LOST) {
            before.put(next.userId(), stored);
            entries.put(next.userId(), new Entry(next, summary));
        }
        return true;
    }

    @Override
    public void erase(String userId) {
        throw new UnsupportedOperationException("nobody leaves");
    }
}
