// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.UserIdPage;
import dev.sallyport.storage.conformance.HonestStore.Table;
import java.text.Normalizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Broken stores. Each has the defect that its name says, as such stores have been shipped, and no other. */
final class PlantedStores {
    private PlantedStores() {}

    // --- Writes that are not conditional ---

    /** UPDATE ... WHERE user_id = ?, without the version. */
    static final class LostUpdate extends HonestStore {
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

    static final class DeleteIgnoringTheVersion extends HonestStore {
        DeleteIgnoringTheVersion(Table table) {
            super(table);
        }

        @Override
        public boolean delete(StoredRecord current) {
            synchronized (table) {
                return table.rows().remove(key(current.userId())) != null;
            }
        }
    }

    static final class InsertOverwriting extends HonestStore {
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

    /** Overwrites, and tells by the old row that there was one. */
    static final class InsertOverwritingAndAnsweringFalse extends HonestStore {
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
    static final class ReplaceThatInserts extends HonestStore {
        ReplaceThatInserts(Table table) {
            super(table);
        }

        @Override
        boolean isCurrent(@Nullable StoredRecord stored, StoredRecord current) {
            return stored == null || super.isCurrent(stored, current);
        }

        @Override
        public boolean delete(StoredRecord current) {
            synchronized (table) {
                return row(current.userId()) != null && super.delete(current);
            }
        }
    }

    /** Deletes are marked in the row, and inserts run into the mark. */
    static final class SoftDelete extends HonestStore {
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
        public boolean delete(StoredRecord current) {
            synchronized (table) {
                if (!super.delete(current)) {
                    return false;
                }
                table.rows().put(key(current.userId()), mark(current.userId()));
                return true;
            }
        }
    }

    // --- Look first, write then ---

    /** Looks, takes the lock, writes, and gives the lock back: with care, and too late. */
    static final class LockAfterTheCheck extends HonestStore {
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
    static final class CheckThenActReplace extends HonestStore {
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

    static final class CheckThenActInsert extends HonestStore {
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

    static final class CheckThenActDelete extends HonestStore {
        CheckThenActDelete(Table table) {
            super(table);
        }

        @Override
        public boolean delete(StoredRecord current) {
            if (!isCurrent(find(current.userId()).orElse(null), current)) {
                return false;
            }
            table.roundTrip();
            synchronized (table) {
                table.rows().remove(key(current.userId()));
                return true;
            }
        }
    }

    /** Takes its lock in each instance, where every node has its own. */
    static final class LockOfOneInstance extends HonestStore {
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

    /** Writes the version first and the payload then. */
    static final class TornWrite extends HonestStore {
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

    /** Inserts where there is nothing, and reads again to be sure that its record is there. */
    static final class AnswerByReadingAgain extends HonestStore {
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

    /** A row stays locked for whoever was the last to read or insert it, and a writer who finds it locked gives up. */
    static final class ReadersInTheWay extends HonestStore {
        private final Map<String, Thread> locks = new ConcurrentHashMap<>();

        ReadersInTheWay(Table table) {
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
    static final class StaleRead extends HonestStore {
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
                StoredRecord now = row(userId);
                return Optional.ofNullable(now == null ? null : before.getOrDefault(userId, now));
            }
        }

        @Override
        public boolean delete(StoredRecord current) {
            synchronized (table) {
                before.remove(current.userId());
                return super.delete(current);
            }
        }
    }

    /** Each instance remembers what it has read and written, and does not hear of the others. */
    static final class CachedRead extends HonestStore {
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
        public boolean delete(StoredRecord current) {
            return forget(current.userId(), super.delete(current));
        }

        private boolean forget(String userId, boolean done) {
            synchronized (table) {
                cache.remove(userId);
                return done;
            }
        }
    }

    /** Each instance remembers who has no record, until it writes one itself. */
    static final class CachedAbsence extends HonestStore {
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

    // --- Failures that are not told ---

    /** Lets no exception out. */
    static final class SwallowedException extends HonestStore {
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

    /** Lets the engine's own exception out. */
    static final class ForeignException extends HonestStore {
        ForeignException(Table table) {
            super(table);
        }

        @Override
        public boolean delete(StoredRecord current) {
            try {
                return super.delete(current);
            } catch (StoreException e) {
                throw new IllegalStateException("connection reset", e);
            }
        }
    }

    /** Never answers, and does not listen to interrupts. */
    static final class Hanging extends HonestStore {
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
                    // On it hangs.
                }
            }
        }
    }

    // --- Ids that are not compared byte for byte ---

    /** Ids as a collation sees them. */
    private abstract static class Collated extends HonestStore {
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

    static final class CaseBlindIds extends Collated {
        CaseBlindIds(Table table) {
            super(table, id -> id.toLowerCase(Locale.ROOT));
        }
    }

    /** PAD SPACE. */
    static final class TrailingSpaceBlindIds extends Collated {
        TrailingSpaceBlindIds(Table table) {
            super(table, id -> id.replaceAll(" +$", ""));
        }
    }

    static final class LeadingSpaceBlindIds extends Collated {
        LeadingSpaceBlindIds(Table table) {
            super(table, String::stripLeading);
        }
    }

    static final class NormalizedIds extends Collated {
        NormalizedIds(Table table) {
            super(table, id -> Normalizer.normalize(id, Normalizer.Form.NFC));
        }
    }

    static final class AccentBlindIds extends Collated {
        AccentBlindIds(Table table) {
            super(table, id -> Normalizer.normalize(id, Normalizer.Form.NFD).replaceAll("\\p{Mn}", ""));
        }
    }

    /** A Latin-1 column. */
    static final class QuestionMarkedIds extends Collated {
        QuestionMarkedIds(Table table) {
            super(table, id -> id.replaceAll("[^\\x{0}-\\x{FF}]", "?"));
        }
    }

    /** An index over the first 191 characters, as of utf8mb4 in 767 bytes. */
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

    static final class InvisibleBlindIds extends Collated {
        InvisibleBlindIds(Table table) {
            super(table, id -> id.replaceAll("\\p{Cf}", ""));
        }
    }

    /** LIKE instead of =. */
    static final class PatternIds extends HonestStore {
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

    // --- What is kept is not what was given ---

    /** MySQL's BLOB: 65,535 bytes. */
    static final class TruncatedPayload extends HonestStore {
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

    /** A column that is padded with blanks, and read without those at its end. */
    static final class PaddedPayload extends HonestStore {
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

    /** Keeps the last payload of each length in one buffer, which all rows share. */
    static final class AliasedPayload extends HonestStore {
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

    static final class VersionAsDouble extends HonestStore {
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

    /** The record is a blob, and right; the version beside it, which is compared, is an int. */
    static final class VersionComparedAsInt extends HonestStore {
        VersionComparedAsInt(Table table) {
            super(table);
        }

        @Override
        boolean isCurrent(@Nullable StoredRecord stored, StoredRecord current) {
            return stored != null && (int) stored.version() == (int) current.version();
        }
    }

    /** An optimistic lock of its own, which counts the writes of a row and begins anew with each. */
    static final class ReusedVersion extends HonestStore {
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

        /** Of a record that it has not seen it thinks nothing. */
        private int lock(StoredRecord record) {
            return table.locks().getOrDefault(record, 0);
        }
    }

    static final class PayloadComparedInsteadOfVersion extends HonestStore {
        PayloadComparedInsteadOfVersion(Table table) {
            super(table);
        }

        @Override
        boolean isCurrent(@Nullable StoredRecord stored, StoredRecord current) {
            return stored != null && Arrays.equals(stored.payload(), current.payload());
        }
    }

    /** A cache with room for 100. */
    static final class Evicting extends HonestStore {
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
    static final class SummaryNotNull extends HonestStore {
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

    // --- Walks that leave somebody out ---

    /** LIMIT ... OFFSET ... */
    static final class PagesByOffset extends HonestStore {
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

    /** ORDER BY and > by a collation that does not see letter case. */
    static final class CaseBlindCursor extends HonestStore {
        CaseBlindCursor(Table table) {
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
    static final class CursorOfOneInstance extends HonestStore {
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

    /** Ids from the cursor on, and so the last one for ever. */
    static final class EndlessWalk extends HonestStore {
        EndlessWalk(Table table) {
            super(table);
        }

        @Override
        public UserIdPage userIds(@Nullable String cursor, int limit) {
            UserIdPage page = super.userIds(cursor, limit);
            return page.nextCursor() == null && cursor != null ? new UserIdPage(page.userIds(), cursor) : page;
        }
    }

    /** From the end back to the page before, and so the last two pages for ever. */
    static final class WalkInACircle extends HonestStore {
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

    /** Every instance but the first is wrapped, and the wrapper has the four methods only. */
    static TwoFactorStore walkOnTheFirstInstance(Table table) {
        HonestStore store = new HonestStore(table);
        return table.isOpenedFirst() ? store : new HonestStore.Unlisted(store);
    }

    /** A limit of 0 is everything. */
    static final class LimitZero extends HonestStore {
        LimitZero(Table table) {
            super(table);
        }

        @Override
        public UserIdPage userIds(@Nullable String cursor, int limit) {
            return super.userIds(cursor, limit < 1 ? Integer.MAX_VALUE : limit);
        }
    }
}
