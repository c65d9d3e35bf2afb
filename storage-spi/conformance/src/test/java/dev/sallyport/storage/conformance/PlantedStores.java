// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.SpoiledRecordException;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.UserIdPage;
import dev.sallyport.storage.conformance.CorrectStore.Table;
import java.text.Normalizer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Broken stores. Each has one defect, which its name tells. Such stores have been shipped. */
final class PlantedStores {
    private PlantedStores() {}

    // --- Writes that are not conditional ---

    /** UPDATE ... WHERE user_id = ?, without the version. */
    static final class LostUpdate extends CorrectStore {
        LostUpdate(Table table) {
            super(table);
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            synchronized (table) {
                if (row(current.userId()) == null) {
                    return false;
                }
                put(next);
                return true;
            }
        }
    }

    static final class InsertOverwriting extends CorrectStore {
        InsertOverwriting(Table table) {
            super(table);
        }

        @Override
        public boolean insert(StoredRecord record, RecordSummary summary) {
            synchronized (table) {
                put(record);
                return true;
            }
        }
    }

    /** Overwrites, and then answers false because there was a row. */
    static final class InsertOverwritingAndAnsweringFalse extends CorrectStore {
        InsertOverwritingAndAnsweringFalse(Table table) {
            super(table);
        }

        @Override
        public boolean insert(StoredRecord record, RecordSummary summary) {
            synchronized (table) {
                boolean added = row(record.userId()) == null;
                put(record);
                return added;
            }
        }
    }

    /** MERGE: updates where there is a row, and inserts where there is none. */
    static final class ReplaceThatInserts extends CorrectStore {
        ReplaceThatInserts(Table table) {
            super(table);
        }

        @Override
        boolean isCurrent(@Nullable StoredRecord stored, StoredRecord current) {
            return stored == null || super.isCurrent(stored, current);
        }
    }

    /** Erase marks the row, and insert takes the mark for a record. */
    static final class SoftDelete extends CorrectStore {
        SoftDelete(Table table) {
            super(table);
        }

        private static StoredRecord mark(String userId) {
            return StoredRecord.of(userId, Long.MAX_VALUE, new byte[] {0});
        }

        @Override
        public Optional<StoredRecord> find(String userId) {
            return super.find(userId).filter(record -> !record.equals(mark(userId)));
        }

        @Override
        public void erase(String userId) {
            synchronized (table) {
                super.erase(userId);
                table.rows().put(key(userId), mark(userId));
            }
        }
    }

    // --- Check first, then write ---

    /** Compares, and takes its lock only then. */
    static final class LockAfterTheCheck extends CorrectStore {
        LockAfterTheCheck(Table table) {
            super(table);
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            if (!isCurrent(find(current.userId()).orElse(null), current)) {
                return false;
            }
            table.roundTrip();
            synchronized (table) {
                if (row(current.userId()) == null) {
                    return false;
                }
                put(next);
                return true;
            }
        }
    }

    /** Reads and compares in one statement, and writes in another, which inserts where there is nothing. */
    static final class CheckThenActReplace extends CorrectStore {
        CheckThenActReplace(Table table) {
            super(table);
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            if (!isCurrent(find(current.userId()).orElse(null), current)) {
                return false;
            }
            table.roundTrip();
            synchronized (table) {
                put(next);
                return true;
            }
        }
    }

    static final class CheckThenActInsert extends CorrectStore {
        CheckThenActInsert(Table table) {
            super(table);
        }

        @Override
        public boolean insert(StoredRecord record, RecordSummary summary) {
            if (find(record.userId()).isPresent()) {
                return false;
            }
            table.roundTrip();
            synchronized (table) {
                put(record);
                return true;
            }
        }
    }

    /** Reads the record and deletes that version. If another thread has replaced it since, erase returns all the same. */
    static final class EraseThatGivesUp extends CorrectStore {
        EraseThatGivesUp(Table table) {
            super(table);
        }

        @Override
        public void erase(String userId) {
            StoredRecord read;
            synchronized (table) {
                read = row(userId);
            }
            table.roundTrip();
            synchronized (table) {
                if (Objects.equals(read, row(userId))) {
                    super.erase(userId);
                }
            }
        }
    }

    /** Cannot erase what it cannot read. */
    static final class EraseThatReadsFirst extends CorrectStore {
        EraseThatReadsFirst(Table table) {
            super(table);
        }

        @Override
        public void erase(String userId) {
            if (find(userId).isPresent()) {
                super.erase(userId);
            }
        }
    }

    /** Takes it for an error that no row was deleted. */
    static final class EraseFailingOnNothing extends CorrectStore {
        EraseFailingOnNothing(Table table) {
            super(table);
        }

        @Override
        public void erase(String userId) {
            synchronized (table) {
                if (row(userId) == null && !isSpoiled(userId)) {
                    throw new StoreException("no row was deleted");
                }
                super.erase(userId);
            }
        }
    }

    /** DELETE ... WHERE user_id LIKE 'id%'. */
    static final class EraseByPrefix extends CorrectStore {
        EraseByPrefix(Table table) {
            super(table);
        }

        @Override
        public void erase(String userId) {
            synchronized (table) {
                super.erase(userId);
                table.rows().keySet().removeIf(id -> id.startsWith(userId));
            }
        }
    }

    // --- Spoiled rows ---

    static final class SpoiledTakenForNothing extends CorrectStore {
        SpoiledTakenForNothing(Table table) {
            super(table);
        }

        @Override
        public Optional<StoredRecord> find(String userId) {
            try {
                return super.find(userId);
            } catch (SpoiledRecordException e) {
                return Optional.empty();
            }
        }
    }

    static final class SpoiledTakenForAFailure extends CorrectStore {
        SpoiledTakenForAFailure(Table table) {
            super(table);
        }

        @Override
        public Optional<StoredRecord> find(String userId) {
            try {
                return super.find(userId);
            } catch (SpoiledRecordException e) {
                throw new StoreException("the database failed", e);
            }
        }
    }

    /** The walk reads whole records, and skips those that it cannot read. */
    static final class WalkWithoutSpoiled extends CorrectStore {
        WalkWithoutSpoiled(Table table) {
            super(table);
        }

        @Override
        public UserIdPage userIds(@Nullable String cursor, int limit) {
            UserIdPage page = super.userIds(cursor, limit);
            synchronized (table) {
                return new UserIdPage(
                        page.userIds().stream().filter(id -> !isSpoiled(id)).toList(), page.nextCursor());
            }
        }
    }

    // --- Locks in the wrong place, writes in two steps ---

    /** Each instance has its own lock. */
    static final class LockOfOneInstance extends CorrectStore {
        LockOfOneInstance(Table table) {
            super(table);
        }

        @Override
        public synchronized boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            if (!isCurrent(find(current.userId()).orElse(null), current)) {
                return false;
            }
            table.roundTrip();
            synchronized (table) {
                put(next);
                return true;
            }
        }
    }

    /** Writes the version first and then the payload. */
    static final class TornWrite extends CorrectStore {
        TornWrite(Table table) {
            super(table);
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            StoredRecord half = StoredRecord.of(next.userId(), next.version(), current.payload());
            if (!super.replace(current, half, summary)) {
                return false;
            }
            table.roundTrip();
            return super.replace(half, next, summary);
        }
    }

    /** Inserts, and then reads again and answers by what it finds. */
    static final class AnswerByReadingAgain extends CorrectStore {
        AnswerByReadingAgain(Table table) {
            super(table);
        }

        @Override
        public boolean insert(StoredRecord record, RecordSummary summary) {
            if (!super.insert(record, summary)) {
                return false;
            }
            table.roundTrip();
            return find(record.userId()).filter(record::equals).isPresent();
        }
    }

    /** The last thread that read or inserted a row keeps it locked, and a writer that finds it locked gives up. */
    static final class ReadersBlockWriters extends CorrectStore {
        private final Map<String, Thread> locks = new ConcurrentHashMap<>();

        ReadersBlockWriters(Table table) {
            super(table);
        }

        @Override
        public Optional<StoredRecord> find(String userId) {
            locks.put(userId, Thread.currentThread());
            return super.find(userId);
        }

        @Override
        public boolean insert(StoredRecord record, RecordSummary summary) {
            locks.put(record.userId(), Thread.currentThread());
            return super.insert(record, summary);
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            table.rows();
            Thread locking = locks.get(current.userId());
            return (locking == null || locking.equals(Thread.currentThread())) && super.replace(current, next, summary);
        }
    }

    // --- Reads that are old ---

    /** A replica that is one write behind. */
    static final class StaleRead extends CorrectStore {
        private final Map<String, StoredRecord> before = new HashMap<>();

        StaleRead(Table table) {
            super(table);
        }

        @Override
        void put(StoredRecord record) {
            StoredRecord old = row(record.userId());
            if (old != null) {
                before.put(record.userId(), old);
            }
            super.put(record);
        }

        @Override
        public Optional<StoredRecord> find(String userId) {
            synchronized (table) {
                return super.find(userId).map(now -> before.getOrDefault(userId, now));
            }
        }

        @Override
        public void erase(String userId) {
            synchronized (table) {
                before.remove(userId);
                super.erase(userId);
            }
        }
    }

    /** Each instance has a cache, and does not notice the writes of the others. */
    static final class CachedRead extends CorrectStore {
        private final Map<String, StoredRecord> cache = new HashMap<>();

        CachedRead(Table table) {
            super(table);
        }

        @Override
        public Optional<StoredRecord> find(String userId) {
            synchronized (table) {
                StoredRecord cached = cache.get(userId);
                if (cached != null) {
                    table.rows();
                    return Optional.of(cached);
                }
                Optional<StoredRecord> found = super.find(userId);
                found.ifPresent(record -> cache.put(userId, record));
                return found;
            }
        }

        @Override
        void put(StoredRecord record) {
            super.put(record);
            cache.put(record.userId(), record);
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            return forget(current.userId(), super.replace(current, next, summary));
        }

        @Override
        public void erase(String userId) {
            synchronized (table) {
                super.erase(userId);
                cache.remove(userId);
            }
        }

        private boolean forget(String userId, boolean done) {
            synchronized (table) {
                cache.remove(userId);
                return done;
            }
        }
    }

    /** Each instance caches who has no record, until it writes one itself. */
    static final class CachedAbsence extends CorrectStore {
        private final Map<String, Boolean> absent = new HashMap<>();

        CachedAbsence(Table table) {
            super(table);
        }

        @Override
        public Optional<StoredRecord> find(String userId) {
            synchronized (table) {
                if (table.rows().isEmpty() || !absent.containsKey(userId)) {
                    Optional<StoredRecord> found = super.find(userId);
                    if (found.isEmpty()) {
                        absent.put(userId, true);
                    }
                    return found;
                }
                return Optional.empty();
            }
        }

        @Override
        void put(StoredRecord record) {
            super.put(record);
            absent.remove(record.userId());
        }
    }

    // --- Failures that are not reported ---

    /** Turns every exception into an answer. */
    static final class SwallowedException extends CorrectStore {
        SwallowedException(Table table) {
            super(table);
        }

        @Override
        public Optional<StoredRecord> find(String userId) {
            try {
                return super.find(userId);
            } catch (StoreException e) {
                return Optional.empty();
            }
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            try {
                return super.replace(current, next, summary);
            } catch (StoreException e) {
                return false;
            }
        }
    }

    /** Throws the exception of the engine. */
    static final class ForeignException extends CorrectStore {
        ForeignException(Table table) {
            super(table);
        }

        @Override
        public void erase(String userId) {
            try {
                super.erase(userId);
            } catch (StoreException e) {
                throw new IllegalStateException("connection reset", e);
            }
        }
    }

    /** Never answers, and ignores interrupts. */
    static final class Hanging extends CorrectStore {
        Hanging(Table table) {
            super(table);
        }

        @Override
        public Optional<StoredRecord> find(String userId) {
            CountDownLatch never = new CountDownLatch(1);
            while (true) {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    // It ignores this.
                }
            }
        }
    }

    // --- Ids that are not compared exactly ---

    /** Compares ids by a collation. */
    private abstract static class Collated extends CorrectStore {
        private final UnaryOperator<String> collation;

        Collated(Table table, UnaryOperator<String> collation) {
            super(table);
            this.collation = collation;
        }

        @Override
        final String key(String userId) {
            return collation.apply(userId);
        }
    }

    static final class CaseInsensitiveIds extends Collated {
        CaseInsensitiveIds(Table table) {
            super(table, id -> id.toLowerCase(Locale.ROOT));
        }
    }

    /** PAD SPACE. */
    static final class TrailingSpaceIgnoringIds extends Collated {
        TrailingSpaceIgnoringIds(Table table) {
            super(table, id -> id.replaceAll(" +$", ""));
        }
    }

    static final class LeadingSpaceIgnoringIds extends Collated {
        LeadingSpaceIgnoringIds(Table table) {
            super(table, String::stripLeading);
        }
    }

    static final class NormalizedIds extends Collated {
        NormalizedIds(Table table) {
            super(table, id -> Normalizer.normalize(id, Normalizer.Form.NFC));
        }
    }

    static final class AccentInsensitiveIds extends Collated {
        AccentInsensitiveIds(Table table) {
            super(table, id -> Normalizer.normalize(id, Normalizer.Form.NFD).replaceAll("\\p{Mn}", ""));
        }
    }

    /** A Latin-1 column. */
    static final class Latin1Ids extends Collated {
        Latin1Ids(Table table) {
            super(table, id -> id.replaceAll("[^\\x{0}-\\x{FF}]", "?"));
        }
    }

    /** An index over the first 191 characters: 767 bytes in utf8mb4. */
    static final class ShortIds extends Collated {
        ShortIds(Table table) {
            super(table, id -> id.substring(0, Math.min(191, id.length())));
        }
    }

    /** A column with a numeric affinity. */
    static final class NumericIds extends Collated {
        NumericIds(Table table) {
            super(table, id -> id.matches("\\+?\\d+(\\.0)?(e0)?") ? "" + Double.parseDouble(id) : id);
        }
    }

    static final class InvisibleIgnoringIds extends Collated {
        InvisibleIgnoringIds(Table table) {
            super(table, id -> id.replaceAll("\\p{Cf}", ""));
        }
    }

    /** LIKE instead of =. */
    static final class PatternIds extends CorrectStore {
        PatternIds(Table table) {
            super(table);
        }

        @Override
        @Nullable
        StoredRecord row(String userId) {
            if (!userId.contains("_")) {
                return super.row(userId);
            }
            return table.rows().values().stream()
                    .filter(record -> like(userId, record.userId()))
                    .findFirst()
                    .orElse(null);
        }

        private static boolean like(String pattern, String id) {
            boolean[] same = {pattern.length() == id.length()};
            for (int i = 0; same[0] && i < id.length(); i++) {
                same[0] = pattern.charAt(i) == '_' || pattern.charAt(i) == id.charAt(i);
            }
            return same[0];
        }
    }

    // --- The store does not return what was written ---

    /** MySQL's BLOB: 65,535 bytes. */
    static final class TruncatedPayload extends CorrectStore {
        TruncatedPayload(Table table) {
            super(table);
        }

        @Override
        StoredRecord kept(StoredRecord record) {
            byte[] payload = record.payload();
            return StoredRecord.of(
                    record.userId(), record.version(), Arrays.copyOf(payload, Math.min(payload.length, 65_535)));
        }
    }

    /** A column that loses blanks at its end. */
    static final class PaddedPayload extends CorrectStore {
        PaddedPayload(Table table) {
            super(table);
        }

        @Override
        StoredRecord kept(StoredRecord record) {
            byte[] payload = record.payload();
            int end = payload.length;
            while (end > 1 && payload[end - 1] == ' ') {
                end--;
            }
            return StoredRecord.of(record.userId(), record.version(), Arrays.copyOf(payload, end));
        }
    }

    /** All rows share one buffer for each length of payloads. */
    static final class AliasedPayload extends CorrectStore {
        AliasedPayload(Table table) {
            super(table);
        }

        @Override
        public Optional<StoredRecord> find(String userId) {
            return super.find(userId).map(this::fromBuffer);
        }

        private StoredRecord fromBuffer(StoredRecord row) {
            synchronized (table) {
                byte[] payload = table.buffers().getOrDefault(row.payload().length, row.payload());
                return StoredRecord.of(row.userId(), row.version(), payload);
            }
        }

        @Override
        StoredRecord kept(StoredRecord record) {
            byte[] payload = record.payload();
            table.buffers().put(payload.length, payload);
            return record;
        }
    }

    static final class VersionAsDouble extends CorrectStore {
        VersionAsDouble(Table table) {
            super(table);
        }

        @Override
        StoredRecord kept(StoredRecord record) {
            return StoredRecord.of(record.userId(), (long) (double) record.version(), record.payload());
        }

        @Override
        boolean isCurrent(@Nullable StoredRecord stored, StoredRecord current) {
            return stored != null && (double) stored.version() == (double) current.version();
        }
    }

    /** The record is stored correctly. The version that is compared is an int. */
    static final class VersionComparedAsInt extends CorrectStore {
        VersionComparedAsInt(Table table) {
            super(table);
        }

        @Override
        boolean isCurrent(@Nullable StoredRecord stored, StoredRecord current) {
            return stored != null && (int) stored.version() == (int) current.version();
        }
    }

    /** Its own optimistic lock counts the writes of a row, and starts again for each new row. */
    static final class ReusedVersion extends CorrectStore {
        ReusedVersion(Table table) {
            super(table);
        }

        @Override
        void put(StoredRecord record) {
            StoredRecord old = row(record.userId());
            table.locks().put(record, old == null ? 1 : lock(old) + 1);
            super.put(record);
        }

        @Override
        boolean isCurrent(@Nullable StoredRecord stored, StoredRecord current) {
            return stored != null && lock(stored) == lock(current);
        }

        /** 0 for a record that it does not know. */
        private int lock(StoredRecord record) {
            return table.locks().getOrDefault(record, 0);
        }
    }

    static final class PayloadComparedInsteadOfVersion extends CorrectStore {
        PayloadComparedInsteadOfVersion(Table table) {
            super(table);
        }

        @Override
        boolean isCurrent(@Nullable StoredRecord stored, StoredRecord current) {
            return stored != null && Arrays.equals(stored.payload(), current.payload());
        }
    }

    /** A cache with room for 100. */
    static final class Evicting extends CorrectStore {
        private final Deque<String> oldestFirst = new ArrayDeque<>();

        Evicting(Table table) {
            super(table);
        }

        @Override
        void put(StoredRecord record) {
            oldestFirst.remove(record.userId());
            oldestFirst.add(record.userId());
            if (oldestFirst.size() > 100) {
                table.rows().remove(oldestFirst.remove());
            }
            super.put(record);
        }
    }

    /** A summary column that is NOT NULL. */
    static final class SummaryNotNull extends CorrectStore {
        SummaryNotNull(Table table) {
            super(table);
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            if (summary.enabledAt() == null) {
                throw new StoreException("column enabled_at cannot be null");
            }
            return super.replace(current, next, summary);
        }
    }

    // --- Walks that miss ids ---

    /** LIMIT ... OFFSET ... */
    static final class PagesByOffset extends CorrectStore {
        PagesByOffset(Table table) {
            super(table);
        }

        @Override
        public UserIdPage userIds(@Nullable String cursor, int limit) {
            if (limit < 1) {
                throw new IllegalArgumentException("limit");
            }
            synchronized (table) {
                int offset = cursor == null ? 0 : Integer.parseInt(cursor);
                List<String> ids =
                        table.rows().keySet().stream().skip(offset).limit(limit).toList();
                return new UserIdPage(ids, ids.isEmpty() ? null : "" + (offset + ids.size()));
            }
        }
    }

    /** ORDER BY and > with a collation that ignores letter case. */
    static final class CaseInsensitiveCursor extends CorrectStore {
        CaseInsensitiveCursor(Table table) {
            super(table);
        }

        @Override
        public UserIdPage userIds(@Nullable String cursor, int limit) {
            if (limit < 1) {
                throw new IllegalArgumentException("limit");
            }
            synchronized (table) {
                List<String> ids = table.rows().keySet().stream()
                        .filter(id -> cursor == null || id.compareToIgnoreCase(cursor) > 0)
                        .sorted(String.CASE_INSENSITIVE_ORDER)
                        .limit(limit)
                        .toList();
                return new UserIdPage(ids, ids.size() < limit ? null : ids.get(limit - 1));
            }
        }
    }

    /** The cursor is a number in a list of this instance. */
    static final class CursorOfOneInstance extends CorrectStore {
        private final List<List<String>> walks = new ArrayList<>();

        CursorOfOneInstance(Table table) {
            super(table);
        }

        @Override
        public UserIdPage userIds(@Nullable String cursor, int limit) {
            if (limit < 1) {
                throw new IllegalArgumentException("limit");
            }
            synchronized (table) {
                if (cursor == null) {
                    walks.add(new ArrayList<>(table.rows().keySet()));
                }
                int walk =
                        cursor == null ? walks.size() - 1 : Integer.parseInt(cursor.substring(0, cursor.indexOf(':')));
                List<String> left = walk < walks.size() ? walks.get(walk) : new ArrayList<>();
                List<String> ids = List.copyOf(left.subList(0, Math.min(limit, left.size())));
                left.removeAll(ids);
                return new UserIdPage(ids, left.isEmpty() ? null : walk + ":" + left.size());
            }
        }
    }

    /** Begins at the cursor and not after it, and so returns the last id for ever. */
    static final class EndlessWalk extends CorrectStore {
        EndlessWalk(Table table) {
            super(table);
        }

        @Override
        public UserIdPage userIds(@Nullable String cursor, int limit) {
            UserIdPage page = super.userIds(cursor, limit);
            return page.nextCursor() == null && cursor != null ? new UserIdPage(page.userIds(), cursor) : page;
        }
    }

    /** Goes from the end back to the page before, and so returns the last two pages for ever. */
    static final class WalkInACircle extends CorrectStore {
        WalkInACircle(Table table) {
            super(table);
        }

        @Override
        public UserIdPage userIds(@Nullable String cursor, int limit) {
            UserIdPage page = super.userIds(cursor, limit);
            if (page.nextCursor() != null || cursor == null) {
                return page;
            }
            synchronized (table) {
                return new UserIdPage(
                        page.userIds(),
                        table.rows().headMap(cursor, false).descendingMap().keySet().stream()
                                .skip(limit - 1)
                                .findFirst()
                                .orElse(null));
            }
        }
    }

    /** A limit of 0 is everything. */
    static final class LimitZero extends CorrectStore {
        LimitZero(Table table) {
            super(table);
        }

        @Override
        public UserIdPage userIds(@Nullable String cursor, int limit) {
            return super.userIds(cursor, limit < 1 ? Integer.MAX_VALUE : limit);
        }
    }

    /** The walk reads whole records, and one that it cannot read stops it. */
    static final class WalkStoppedBySpoiled extends CorrectStore {
        WalkStoppedBySpoiled(Table table) {
            super(table);
        }

        @Override
        public UserIdPage userIds(@Nullable String cursor, int limit) {
            UserIdPage page = super.userIds(cursor, limit);
            synchronized (table) {
                if (page.userIds().stream().anyMatch(this::isSpoiled)) {
                    throw new StoreException("the store failed", new IllegalArgumentException("a version is positive"));
                }
            }
            return page;
        }
    }

    // --- The caller's transaction and session ---

    /** Writes on the connection of the caller's transaction, as JdbcTemplate does. */
    static final class InCallersTransaction extends CorrectStore {
        InCallersTransaction(Table table) {
            super(table);
        }

        @Override
        public boolean insert(StoredRecord record, RecordSummary summary) {
            synchronized (table) {
                undoOnRollback(record.userId());
                return super.insert(record, summary);
            }
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            synchronized (table) {
                undoOnRollback(current.userId());
                return super.replace(current, next, summary);
            }
        }

        @Override
        public void erase(String userId) {
            synchronized (table) {
                undoOnRollback(userId);
                super.erase(userId);
            }
        }

        private void undoOnRollback(String userId) {
            StoredRecord old = row(userId);
            table.transaction()
                    .ifPresent(transaction -> transaction.undo().push(() -> {
                        if (old == null) {
                            table.rows().remove(userId);
                        } else {
                            table.rows().put(userId, old);
                        }
                    }));
        }
    }

    /** Reads through the session that is bound to the thread of a request, as JPA does under open-in-view. */
    static final class FirstLevelCache extends CorrectStore {
        FirstLevelCache(Table table) {
            super(table);
        }

        @Override
        public Optional<StoredRecord> find(String userId) {
            Optional<StoredRecord> cached = table.transaction()
                    .flatMap(session -> Optional.ofNullable(session.session().get(userId)));
            if (cached.isPresent()) {
                return cached;
            }
            Optional<StoredRecord> found = super.find(userId);
            found.ifPresent(record -> remember(userId, record));
            return found;
        }

        private void remember(String userId, @Nullable StoredRecord record) {
            table.transaction().ifPresent(session -> session.session().compute(userId, (id, old) -> record));
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            boolean replaced = super.replace(current, next, summary);
            remember(current.userId(), replaced ? next : null);
            return replaced;
        }

        @Override
        public void erase(String userId) {
            super.erase(userId);
            remember(userId, null);
        }
    }

    // --- Records that disappear, keys that several users share ---

    /** Each record lives for two seconds: so long that on a busy machine, too, it is read before. */
    static final class Expiring extends CorrectStore {
        static final Duration LIFETIME = Duration.ofSeconds(2);
        private final Map<StoredRecord, Long> writtenAt = new ConcurrentHashMap<>();

        Expiring(Table table) {
            super(table);
        }

        @Override
        void put(StoredRecord record) {
            writtenAt.put(record, System.nanoTime());
            super.put(record);
        }

        @Override
        @Nullable
        StoredRecord row(String userId) {
            StoredRecord row = super.row(userId);
            Long written = row == null ? null : writtenAt.get(row);
            return written != null && System.nanoTime() - written > LIFETIME.toNanos() ? null : row;
        }
    }

    static final class HashCodeIds extends Collated {
        HashCodeIds(Table table) {
            super(table, id -> "" + id.hashCode());
        }
    }

    // --- Revisions of the engine ---

    /** Reads the record, and writes if the revision is still the same. It begins again for each new row, as @Version does. */
    static final class OwnRevisionThatRestarts extends CorrectStore {
        OwnRevisionThatRestarts(Table table) {
            super(table);
        }

        @Override
        void put(StoredRecord record) {
            StoredRecord old = row(record.userId());
            table.locks().put(record, old == null ? 1 : revision(old) + 1);
            super.put(record);
        }

        private int revision(StoredRecord record) {
            return table.locks().getOrDefault(record, 0);
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            int read;
            synchronized (table) {
                StoredRecord row = row(current.userId());
                if (isSpoiled(current.userId()) || row == null || row.version() != current.version()) {
                    return false;
                }
                read = revision(row);
            }
            table.roundTrip();
            synchronized (table) {
                StoredRecord row = row(current.userId());
                if (row == null || revision(row) != read) {
                    return false;
                }
                put(next);
                return true;
            }
        }
    }

    // --- Members and replicas ---

    /** The other member of the cluster is one write behind, and answers reads by itself. */
    static final class MemberBehind extends CorrectStore {
        private final boolean behind;

        MemberBehind(Table table) {
            super(table);
            behind = table.isAnotherRoute();
        }

        @Override
        void put(StoredRecord record) {
            StoredRecord old = row(record.userId());
            if (old != null) {
                table.before().put(record.userId(), old);
            }
            super.put(record);
        }

        @Override
        public void erase(String userId) {
            synchronized (table) {
                table.before().remove(userId);
                super.erase(userId);
            }
        }

        @Override
        public Optional<StoredRecord> find(String userId) {
            synchronized (table) {
                Optional<StoredRecord> found = super.find(userId);
                return behind ? found.map(now -> table.before().getOrDefault(userId, now)) : found;
            }
        }
    }

    /** Each instance has a replica that it writes and reads, and the replicas never meet. */
    static final class StickyReplica extends CorrectStore {
        private final Map<String, StoredRecord> replica = new ConcurrentHashMap<>();

        StickyReplica(Table table) {
            super(table);
        }

        @Override
        @Nullable
        StoredRecord row(String userId) {
            table.rows();
            return replica.get(userId);
        }

        @Override
        void put(StoredRecord record) {
            super.put(record);
            replica.put(record.userId(), record);
        }

        @Override
        public void erase(String userId) {
            synchronized (table) {
                super.erase(userId);
                replica.remove(userId);
            }
        }
    }

    // --- Interrupts ---

    /** Another thread works, and this one waits for it. */
    private abstract static class WaitingForAnotherThread extends CorrectStore {
        private static final ExecutorService WORKERS = Executors.newCachedThreadPool(work -> {
            Thread thread = new Thread(work, "planted-worker");
            thread.setDaemon(true);
            return thread;
        });

        WaitingForAnotherThread(Table table) {
            super(table);
        }

        abstract <T> T interrupted(InterruptedException e, T nothing);

        @Override
        public Optional<StoredRecord> find(String userId) {
            return await(() -> super.find(userId), Optional.empty());
        }

        @Override
        public boolean insert(StoredRecord record, RecordSummary summary) {
            return await(() -> super.insert(record, summary), false);
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            return await(() -> super.replace(current, next, summary), false);
        }

        private <T> T await(Callable<T> work, T nothing) {
            try {
                return WORKERS.submit(() -> {
                            table.roundTrip();
                            return work.call();
                        })
                        .get();
            } catch (InterruptedException e) {
                return interrupted(e, nothing);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof StoreException failure) {
                    throw failure;
                }
                throw new StoreException("the worker failed", e);
            }
        }
    }

    /** Answers false or empty when it is interrupted, while the other thread goes on. */
    static final class InterruptTakenForNo extends WaitingForAnotherThread {
        InterruptTakenForNo(Table table) {
            super(table);
        }

        @Override
        <T> T interrupted(InterruptedException e, T nothing) {
            Thread.currentThread().interrupt();
            return nothing;
        }
    }

    /** Throws, and forgets to set the interrupt flag again. */
    static final class InterruptFlagLost extends WaitingForAnotherThread {
        InterruptFlagLost(Table table) {
            super(table);
        }

        @Override
        <T> T interrupted(InterruptedException e, T nothing) {
            throw new StoreException("interrupted", e);
        }
    }
}
