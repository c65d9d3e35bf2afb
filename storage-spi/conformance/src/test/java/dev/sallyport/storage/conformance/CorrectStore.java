// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.UserIdPage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A store as it should be, in pieces small enough that a planted one differs in one of them. */
class HonestStore implements ScannableTwoFactorStore {
    final Table table;

    HonestStore(Table table) {
        this.table = table;
    }

    /** What the instances of a store share: the database. Its monitor is the lock of the rows. */
    static final class Table {
        private final NavigableMap<String, StoredRecord> rows = new TreeMap<>();
        private final Map<StoredRecord, Integer> locks = new HashMap<>();
        private final Map<Integer, byte[]> buffers = new HashMap<>();
        private final AtomicInteger openings = new AtomicInteger();
        private volatile boolean broken;

        NavigableMap<String, StoredRecord> rows() {
            if (broken) {
                throw new StoreException("the table is broken");
            }
            return rows;
        }

        /** The way to a database and back, on which others overtake. */
        @SuppressWarnings("ThreadPriorityCheck") // Nothing depends on it but how soon a planted store is found out.
        void roundTrip() {
            Thread.yield();
        }

        /** For a planted store that numbers its rows' writes. */
        Map<StoredRecord, Integer> locks() {
            return locks;
        }

        /** For a planted store that keeps payloads beside its rows, by their length. */
        Map<Integer, byte[]> buffers() {
            return buffers;
        }

        /** For a planted store whose instances are not alike. */
        boolean isOpenedFirst() {
            return openings.getAndIncrement() == 0;
        }

        void broken(boolean now) {
            broken = now;
        }
    }

    /** The four methods and no more. */
    record Unlisted(HonestStore store) implements TwoFactorStore {
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
        public boolean delete(StoredRecord current) {
            return store.delete(current);
        }
    }

    /** All five, and each is noticed. */
    record Watched(HonestStore store, Runnable onCall) implements ScannableTwoFactorStore {
        @Override
        public Optional<StoredRecord> find(String userId) {
            onCall.run();
            return store.find(userId);
        }

        @Override
        public boolean insert(StoredRecord record, RecordSummary summary) {
            onCall.run();
            return store.insert(record, summary);
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            onCall.run();
            return store.replace(current, next, summary);
        }

        @Override
        public boolean delete(StoredRecord current) {
            onCall.run();
            return store.delete(current);
        }

        @Override
        public UserIdPage userIds(@Nullable String cursor, int limit) {
            onCall.run();
            return store.userIds(cursor, limit);
        }
    }

    /** Under which key a user's row is. */
    String key(String userId) {
        return userId;
    }

    /** What is kept of a record. */
    StoredRecord kept(StoredRecord record) {
        return record;
    }

    boolean isCurrent(@Nullable StoredRecord stored, StoredRecord current) {
        return stored != null && stored.version() == current.version();
    }

    @Nullable
    StoredRecord row(String userId) {
        return table.rows().get(key(userId));
    }

    void put(StoredRecord record) {
        table.rows().put(key(record.userId()), kept(record));
    }

    @Override
    public Optional<StoredRecord> find(String userId) {
        synchronized (table) {
            return Optional.ofNullable(row(userId));
        }
    }

    @Override
    public boolean insert(StoredRecord record, RecordSummary summary) {
        synchronized (table) {
            if (row(record.userId()) != null) {
                return false;
            }
            put(record);
            return true;
        }
    }

    @Override
    public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
        synchronized (table) {
            if (!isCurrent(row(current.userId()), current)) {
                return false;
            }
            put(next);
            return true;
        }
    }

    @Override
    public boolean delete(StoredRecord current) {
        synchronized (table) {
            if (!isCurrent(row(current.userId()), current)) {
                return false;
            }
            table.rows().remove(key(current.userId()));
            return true;
        }
    }

    @Override
    public UserIdPage userIds(@Nullable String cursor, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a page has room for 1 id or more, not " + limit);
        }
        synchronized (table) {
            List<String> ids = (cursor == null ? table.rows() : table.rows().tailMap(cursor, false))
                    .values().stream().limit(limit).map(StoredRecord::userId).toList();
            return new UserIdPage(ids, ids.size() < limit ? null : ids.get(limit - 1));
        }
    }
}
