// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.SpoiledRecordException;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.UserIdPage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A correct store, in small methods. Each planted store overrides one of them. */
class CorrectStore implements ScannableTwoFactorStore {
    final Table table;

    CorrectStore(Table table) {
        this.table = table;
    }

    /** The database, which all instances of a store share. Its monitor locks the rows. */
    static final class Table {
        private final NavigableMap<String, StoredRecord> rows = new TreeMap<>();
        private final Set<String> spoiled = new HashSet<>();
        private final Map<StoredRecord, Integer> locks = new HashMap<>();
        private final Map<Integer, byte[]> buffers = new HashMap<>();
        private final Map<String, StoredRecord> before = new HashMap<>();
        // Each store has transactions of its own, and lives as long as its test.
        @SuppressWarnings("ThreadLocalUsage")
        private final ThreadLocal<@Nullable Transaction> transaction = new ThreadLocal<>();

        private boolean anotherRoute;
        private volatile boolean broken;

        NavigableMap<String, StoredRecord> rows() {
            if (broken) {
                throw new StoreException("the table is broken");
            }
            return rows;
        }

        /** The time of a call to a database, in which other threads go on. */
        @SuppressWarnings("ThreadPriorityCheck") // It only makes the failure of a planted store more likely.
        void roundTrip() {
            Thread.yield();
        }

        /** For a planted store that counts the writes of each row. */
        Map<StoredRecord, Integer> locks() {
            return locks;
        }

        /** For a planted store that keeps payloads outside of its rows, by length. */
        Map<Integer, byte[]> buffers() {
            return buffers;
        }

        /** For a planted store with a member that is behind. */
        Map<String, StoredRecord> before() {
            return before;
        }

        ScannableTwoFactorStore openedByAnotherRoute(Function<Table, ScannableTwoFactorStore> opening) {
            anotherRoute = true;
            try {
                return opening.apply(this);
            } finally {
                anotherRoute = false;
            }
        }

        /** Whether the instance that is opened now comes by another route than the others. */
        boolean isAnotherRoute() {
            return anotherRoute;
        }

        /** The transaction of the caller, which a correct store does not see. */
        Optional<Transaction> transaction() {
            return Optional.ofNullable(transaction.get());
        }

        void rollBackAfter(Runnable work) {
            Transaction rolledBack = new Transaction(new ArrayDeque<>(), new HashMap<>());
            transaction.set(rolledBack);
            try {
                work.run();
            } finally {
                transaction.remove();
                synchronized (this) {
                    rolledBack.undo().forEach(Runnable::run);
                }
            }
        }

        /** Keys of rows that are no records. */
        Set<String> spoiled() {
            return spoiled;
        }

        void broken(boolean now) {
            broken = now;
        }
    }

    /**
     * A transaction of the caller.
     *
     * @param undo what its rollback does, the last write first
     * @param session what its session has read
     */
    record Transaction(Deque<Runnable> undo, Map<String, StoredRecord> session) {}

    /** Has the four methods only. */
    record WithoutWalk(CorrectStore store) implements TwoFactorStore {
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

    /** Has all five methods, and reports each call. */
    record Watched(CorrectStore store, Runnable onCall) implements ScannableTwoFactorStore {
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
        public void erase(String userId) {
            onCall.run();
            store.erase(userId);
        }

        @Override
        public UserIdPage userIds(@Nullable String cursor, int limit) {
            onCall.run();
            return store.userIds(cursor, limit);
        }
    }

    /** The key of a user's row. */
    String key(String userId) {
        return userId;
    }

    /** What the row contains of a record. */
    StoredRecord kept(StoredRecord record) {
        return record;
    }

    boolean isCurrent(@Nullable StoredRecord stored, StoredRecord current) {
        return stored != null && stored.version() == current.version();
    }

    boolean isSpoiled(String userId) {
        return table.spoiled().contains(key(userId));
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
            if (isSpoiled(userId)) {
                throw new SpoiledRecordException("the row is not a record");
            }
            return Optional.ofNullable(row(userId));
        }
    }

    @Override
    public boolean insert(StoredRecord record, RecordSummary summary) {
        synchronized (table) {
            if (row(record.userId()) != null || isSpoiled(record.userId())) {
                return false;
            }
            put(record);
            return true;
        }
    }

    @Override
    public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
        synchronized (table) {
            if (isSpoiled(current.userId()) || !isCurrent(row(current.userId()), current)) {
                return false;
            }
            put(next);
            return true;
        }
    }

    @Override
    public void erase(String userId) {
        synchronized (table) {
            table.rows().remove(key(userId));
            table.spoiled().remove(key(userId));
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
