// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What people may see of a record whose payload is ciphertext: a projection for SQL columns and dashboards, written with
 * every record. The core never reads it back, so nothing depends on it, and a store may ignore it.
 *
 * @param state how far the account has come
 * @param failedAttempts consecutive failures with one-time codes, 0 or more
 * @param lockedUntil when the lockout on one-time codes ends, as known at the time of writing; null if there is none
 * @param backupCodesLeft unused backup codes, 0 or more
 * @param rememberedBrowsers browsers remembered and not yet expired at the time of writing, 0 or more
 * @param enabledAt since when two-factor authentication is on; null while it is not
 * @param updatedAt when the record was written
 */
public record RecordSummary(
        State state,
        int failedAttempts,
        @Nullable Instant lockedUntil,
        int backupCodesLeft,
        int rememberedBrowsers,
        @Nullable Instant enabledAt,
        Instant updatedAt) {

    /** How far an account has come. */
    public enum State {
        /** An enrollment has begun and was never confirmed; two-factor authentication is off. */
        PENDING,
        /** Two-factor authentication is on. */
        ENABLED,
        /** It is on, and one-time codes are suspended after too many consecutive failures. */
        SUSPENDED
    }
}
