// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the records in a {@link ConcurrentMap}: a {@code ConcurrentHashMap} in one process, or a distributed map whose
 * {@code putIfAbsent}, {@code replace(key, old, new)} and {@code remove(key)} are atomic over all nodes. Each key is
 * a user id, each value the Base64 of {@link StoredRecord#toBytes()}.
 *
 * <p>The map MUST be configured so that it never loses or invents an entry, and so that a doubt is an exception. None of
 * these is by default:
 *
 * <ul>
 *   <li>Hazelcast {@code IMap}: synchronous backups, {@code hazelcast.operation.fail.on.indeterminate.state}, split-brain
 *       protection by a majority of three members or more, merge policy {@code DiscardMergePolicy}; no near cache, no
 *       eviction, no time to live, no reads from backups.
 *   <li>Infinispan {@code Cache}: synchronous with two owners or more, partition handling DENY_READ_WRITES on three nodes
 *       or more; no eviction or expiry.
 *   <li>Redisson {@code RMap}: {@code retryAttempts} 0, {@code StringCodec}, ReadMode.MASTER, not an {@code
 *       RLocalCachedMap}, no eviction by the server.
 * </ul>
 *
 * <p>Values are compared as the map compares them, some by their serialized form: nothing may encode one string in two
 * ways, as an encrypting codec does.
 *
 * <p>Where copies are made asynchronously, as Redis always makes them, a fail-over may forget the last writes, and with
 * them a code that was used. A map that repeats a write after a failure may meet its own and answer that nothing changed;
 * the settings above prevent it, except on Infinispan, if another write has come between. The core reads again then, and
 * accepts no code twice.
 *
 * <p>Whatever the map throws comes out as a {@link StoreException}. Safe for use by many threads, as the map is.
 */
public class MapTwoFactorStore implements ScannableTwoFactorStore {
    private final ConcurrentMap<String, String> map;

    /**
     * Keeps the records in a map, which nobody else changes.
     *
     * @param map where to keep them
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
     * <p>The ids come in their natural order, and the cursor is the last id. Each page looks at every key of the map.
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
        } catch (RuntimeException e) {
            throw new StoreException("the map failed", e);
        }
    }
}
