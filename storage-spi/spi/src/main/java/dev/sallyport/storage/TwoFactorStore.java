// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

import java.util.Optional;

/**
 * Keeps one record per user. All rules of two-factor authentication are in the core. A store makes three writes atomic
 * and reads the newest record.
 *
 * <p>This interface is for people who connect a database that Sallyport does not know. The artifact
 * {@code sallyport-storage-conformance} has the tests that an implementation has to pass.
 *
 * <p><b>Atomic writes.</b>
 *
 * <ul>
 *   <li>A store MUST compare and write in one atomic step. If it reads, compares and then writes in two steps, a
 *       one-time code that was already used can be accepted a second time.
 *   <li>A write MUST be as durable as the application's other data before the method returns.
 *   <li>A store MUST NOT take part in the caller's transaction. If the caller rolls back, a failed attempt would not be
 *       counted.
 *   <li>A store MUST NOT repeat a write by itself, and it MUST switch off the repetition of writes in its driver. A
 *       repeated write can meet its own first try. It would then report that nothing changed, although something did.
 *   <li>The version decides the comparison. A store may compare the payload as well. A store may compare an engine's
 *       own revision instead only if the engine never gives the same revision to a user twice, not even after
 *       {@link #erase(String)} and {@link #insert}.
 * </ul>
 *
 * <p><b>Answers.</b>
 *
 * <ul>
 *   <li>{@code false} means that certainly nothing changed. A store MUST NOT return {@code false}, or an empty
 *       {@code Optional}, because of a failure.
 *   <li>Every doubt MUST be a {@link StoreException}: a lost connection, a time-out, an interrupt, an answer that the
 *       store does not understand. After an interrupt the thread's interrupt flag MUST be set. The core reads the
 *       record again at the next call.
 *   <li>Under contention a store may throw a {@link StoreException}. The record MUST then have changed completely or
 *       not at all.
 * </ul>
 *
 * <p><b>Data.</b>
 *
 * <ul>
 *   <li>A store MUST compare user ids exactly. It MUST NOT normalize them: no change of case, no trimming, no Unicode
 *       normalization.
 *   <li>A store MUST return the version and the payload exactly as they were written. A version is any positive
 *       {@code long}. A payload has 1 to {@value StoredRecord#MAX_PAYLOAD_BYTES} bytes.
 *   <li>A store MUST NOT let a record expire and MUST NOT evict one. If a record disappears, two-factor authentication
 *       is off for that user.
 *   <li>A store MUST NOT log payloads. It SHOULD NOT log user ids.
 * </ul>
 *
 * <p>Any number of threads may call a store at the same time.
 */
public interface TwoFactorStore {

    /**
     * Reads a user's record.
     *
     * @param userId the user's id, 1 to 255 UTF-16 characters
     * @return the newest committed record. It MUST NOT come from a cache or from a replica that may be behind. Empty
     *     only if nothing is stored under this id
     * @throws SpoiledRecordException if something is stored under this id that is not a record of this user: for
     *     example a version of 0, an empty payload, a value that cannot be read, or the record of another user
     * @throws StoreException if the store cannot read
     */
    Optional<StoredRecord> find(String userId);

    /**
     * Adds a record for a user who has none.
     *
     * @param record the record to add
     * @param summary a readable summary of the record; a store may ignore it
     * @return true if the record was added. False if certainly nothing changed, because something is stored under this
     *     id already or because another writer won
     * @throws StoreException in every other case, and if the outcome is unknown
     */
    boolean insert(StoredRecord record, RecordSummary summary);

    /**
     * Replaces a record, if and only if the stored version is the version of {@code current}.
     *
     * @param current the record as it was read
     * @param next the new record of the same user
     * @param summary a readable summary of the new record; a store may ignore it
     * @return true if the record was replaced. False if certainly nothing changed, because the user has no record or a
     *     record with another version, or because another writer won
     * @throws StoreException in every other case, and if the outcome is unknown
     */
    boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary);

    /**
     * Removes whatever is stored under an id. It does not matter whether it can be read, and it is no error if nothing
     * is stored. The core calls this to delete an account and to reset a spoiled record.
     *
     * <p>After this method has returned, {@link #find} MUST NOT find what was stored before, and no {@link #replace} of
     * a record from before may succeed.
     *
     * @param userId the user's id, 1 to 255 UTF-16 characters
     * @throws StoreException if the store is not certain that nothing is left of what was stored
     */
    void erase(String userId);
}
