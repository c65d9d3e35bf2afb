// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

import java.util.Optional;

/**
 * Keeps one record per user. All rules live in the core; a store only makes three writes atomic.
 *
 * <p>An implementation
 *
 * <ul>
 *   <li>MUST decide and write in one atomic step. "Read, compare, then write" in two steps lets a used code pass again.
 *   <li>MUST answer {@code false} only when it is certain that nothing changed, and throw {@link StoreException} in
 *       every other case of doubt: a lost connection, a time-out, an unknown outcome. It MUST NOT turn a failure into
 *       {@code false} or into an empty {@code Optional}.
 *   <li>MUST have made a write durable, as durable as the application's other data, before it answers {@code true}.
 *   <li>MUST compare user ids byte for byte: no case folding, no trimming, no Unicode normalization.
 *   <li>MUST give back version and payload exactly. A version is any positive {@code long}; a payload has 1 to {@value
 *       StoredRecord#MAX_PAYLOAD_BYTES} bytes.
 *   <li>MUST NOT expire or evict a record. A record that is gone is a user whose second factor is switched off.
 *   <li>MUST NOT take part in a transaction of the caller. Rolled back with it, a failed attempt would not count.
 *   <li>MUST be safe for use by any number of threads at once.
 *   <li>MUST NOT log the payload, and SHOULD NOT log user ids.
 * </ul>
 *
 * <p>Versions are chosen by the core and never used twice for a user, so comparing the version is enough; a store may
 * compare the payload besides.
 */
public interface TwoFactorStore {

    /**
     * Reads a user's record.
     *
     * @param userId the id, 1 to 255 UTF-16 characters
     * @return the newest committed record, never a cached one or a stale replica's; empty if there certainly is none
     * @throws StoreException if the store cannot tell
     */
    Optional<StoredRecord> find(String userId);

    /**
     * Adds a record for a user who has none.
     *
     * @param record the record to add
     * @param summary what people may see of it; a store may ignore it
     * @return true if the record was added; false, with nothing changed, if the user has a record, or the engine gave way to
     *     another writer
     * @throws StoreException if the outcome is anything else or unknown
     */
    boolean insert(StoredRecord record, RecordSummary summary);

    /**
     * Puts a record in the place of another, if and only if the stored version is that of {@code current}.
     *
     * @param current the record as it was read
     * @param next the record to keep instead, of the same user
     * @param summary what people may see of it; a store may ignore it
     * @return true if the record was replaced; false, with nothing changed, if the user has no record or one of another
     *     version, or the engine gave way to another writer
     * @throws StoreException if the outcome is anything else or unknown
     */
    boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary);

    /**
     * Removes a record, if and only if the stored version is that of {@code current}.
     *
     * @param current the record as it was read
     * @return true if the record was removed; false, with nothing changed, if the user has no record or one of another
     *     version, or the engine gave way to another writer
     * @throws StoreException if the outcome is anything else or unknown
     */
    boolean delete(StoredRecord current);
}
