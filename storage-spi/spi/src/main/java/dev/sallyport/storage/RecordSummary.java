// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A readable summary of a record, for SQL columns and dashboards. The payload itself is encrypted. The core writes a
 * summary with every record and never reads it back, so a store may ignore it.
 *
 * @param state whether two-factor authentication is on
 * @param failedAttempts consecutive failures of callers without a known browser, 0 or more
 * @param lockedUntil when the lockout of callers without a known browser ends, as known when the record was written;
 *     null if they are not locked out
 * @param backupCodesLeft unused backup codes, 0 or more
 * @param rememberedBrowsers browsers that need no code, without those that had expired when the record was written, 0
 *     or more
 * @param enabledAt when two-factor authentication was enabled; null if it is off
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

    /** Whether two-factor authentication is on for a user. */
    public enum State {
        /** Two-factor authentication is off, and the record holds no secret. */
        OFF,
        /** Two-factor authentication is off, and an enrollment has begun. */
        PENDING,
        /** Two-factor authentication is on. */
        ENABLED,
        /** Two-factor authentication is on, and one-time codes are suspended after too many consecutive failures. */
        SUSPENDED
    }
}
