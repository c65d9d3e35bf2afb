// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the records in a {@link ConcurrentMap}: a {@code ConcurrentHashMap} in one process, or a distributed map whose
 * {@code putIfAbsent}, {@code replace(key, old, new)} and {@code remove(key)} are atomic on all nodes. Each key is a
 * user id. Each value is the Base64 text of {@link StoredRecord#toBytes()}.
 *
 * <p>A distributed map MUST be configured so that it never loses an entry, never brings one back, and reports every
 * doubt with an exception. No product does this with its default settings:
 *
 * <ul>
 *   <li>Hazelcast {@code IMap}: synchronous backups, {@code hazelcast.operation.fail.on.indeterminate.state},
 *       split-brain protection by a majority of three members or more, merge policy {@code DiscardMergePolicy}; no near
 *       cache, no eviction, no time to live, no reads from backups.
 *   <li>Infinispan {@code Cache}: synchronous with two owners or more, partition handling DENY_READ_WRITES on three
 *       nodes or more; no eviction or expiry.
 *   <li>Redisson {@code RMap}: {@code retryAttempts} 0, {@code StringCodec}, ReadMode.MASTER, not an {@code
 *       RLocalCachedMap}, no eviction by the server.
 * </ul>
 *
 * <p>Some maps compare values by their serialized form. Such a map MUST always serialize equal strings to equal bytes.
 * A codec that encrypts does not.
 *
 * <p>If copies are made asynchronously, as Redis always does, a fail-over may forget the last writes. A code that was
 * used can then be used again. If a map repeats a write after a failure, it may find its own first try, and report that
 * nothing changed. The settings above prevent that, with one exception: on Infinispan another write may come between
 * the two tries. The core then reads the record again, and accepts no code twice.
 *
 * <p>Every exception of the map becomes a {@link StoreException}. Any number of threads may use this store if they may
 * use the map.
 */
public class MapTwoFactorStore implements ScannableTwoFactorStore {
    private static final int MOST_CAUSES = 32;

    private final ConcurrentMap<String, String> map;

    /**
     * Makes a store over a map that nobody else changes.
     *
     * @param map holds the records
     */
    public MapTwoFactorStore(ConcurrentMap<String, String> map) {
        this.map = Objects.requireNonNull(map, "map");
    }

    @Override
    public final Optional<StoredRecord> find(String userId) {
        Objects.requireNonNull(userId, "userId");
        // Somebody else may have put something into the map that is not a String.
        Object value = ask(() -> ((ConcurrentMap<String, ?>) map).get(userId));
        return value == null ? Optional.empty() : Optional.of(decode(userId, value));
    }

    @Override
    public final boolean insert(StoredRecord record, RecordSummary summary) {
        String value = encode(record);
        return ask(() -> map.putIfAbsent(record.userId(), value) == null);
    }

    @Override
    public final boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
        String before = encode(current);
        String after = encode(next);
        return ask(() -> map.replace(current.userId(), before, after));
    }

    @Override
    public final void erase(String userId) {
        Objects.requireNonNull(userId, "userId");
        ask(() -> {
            map.remove(userId);
            return true;
        });
    }

    /**
     * {@inheritDoc}
     *
     * <p>The ids are in their natural order. The cursor is the last id of the page. Each page reads all keys of the
     * map.
     */
    @Override
    public final UserIdPage userIds(@Nullable String cursor, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a page has room for 1 id or more, not " + limit);
        }
        List<String> ids = ask(() -> map.keySet().stream()
                .filter(id -> cursor == null || id.compareTo(cursor) > 0)
                .sorted()
                .limit(limit)
                .toList());
        return new UserIdPage(ids, ids.size() < limit ? null : ids.get(limit - 1));
    }

    private static StoredRecord decode(String userId, Object value) {
        if (!(value instanceof String text)) {
            throw new SpoiledRecordException("the map holds a value that is not a String");
        }
        StoredRecord record;
        try {
            record = StoredRecord.fromBytes(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            throw new SpoiledRecordException("the map holds a value that is not a record", e);
        }
        if (!encode(record).equals(text)) {
            // No replace would ever find it, because it compares with the one spelling that this store writes.
            throw new SpoiledRecordException("the map holds a record in another spelling of Base64");
        }
        if (!record.userId().equals(userId)) {
            throw new SpoiledRecordException("the map holds the record of another user under this user's key");
        }
        return record;
    }

    private static String encode(StoredRecord record) {
        return Base64.getEncoder().encodeToString(record.toBytes());
    }

    private static <T extends @Nullable Object> T ask(Supplier<T> question) {
        try {
            return question.get();
        } catch (Exception e) {
            // This catches every kind, because some distributed maps throw checked exceptions that they do not declare.
            restoreInterrupt(e);
            throw new StoreException("the map failed", e);
        }
    }

    /** Some distributed maps clear the interrupt flag when they throw. */
    private static void restoreInterrupt(Throwable thrown) {
        if (Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
                .limit(MOST_CAUSES)
                .anyMatch(InterruptedException.class::isInstance)) {
            Thread.currentThread().interrupt();
        }
    }
}
