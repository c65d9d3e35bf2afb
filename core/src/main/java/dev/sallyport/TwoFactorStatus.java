// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a settings page or a support desk shows of an account. It contains no secret: a secret cannot be read after its
 * enrollment.
 *
 * @param state whether two-factor authentication is on
 * @param authenticators the live authenticators, oldest first
 * @param backupCodesLeft unused backup codes
 * @param browsers the known browsers, oldest first
 * @param strangers what the door for unknown browsers has counted
 * @param known what the door for known browsers and signed-in sessions has counted
 */
public record TwoFactorStatus(
        State state,
        List<Authenticator> authenticators,
        int backupCodesLeft,
        List<Browser> browsers,
        Door strangers,
        Door known) {

    /** Whether two-factor authentication is on. */
    public enum State {
        /** Two-factor authentication is off. */
        OFF,
        /** It is off, and an enrollment waits for its first code. */
        PENDING,
        /** It is on. */
        ENABLED
    }

    /**
     * One authenticator.
     *
     * @param id its id
     * @param label its label
     * @param added when it went live
     * @param lastUsed when a code of it was accepted last; empty if no code was accepted since its import
     * @param weakSecret whether its secret has fewer than 128 bits; suggest to enroll a new one
     * @param offset how many time steps its clock is ahead; negative if it is behind, 0 for a counter-based one
     */
    public record Authenticator(
            AuthenticatorId id,
            String label,
            Instant added,
            Optional<Instant> lastUsed,
            boolean weakSecret,
            int offset) {}

    /**
     * One known browser.
     *
     * @param id its id
     * @param label its label
     * @param lastUsed when a right code came from it last
     * @param rememberedUntil until when it needs no code; empty if it needs one now
     * @param lockedUntil until when its one-time codes are not compared; empty if they are compared now
     */
    public record Browser(
            BrowserId id,
            String label,
            Instant lastUsed,
            Optional<Instant> rememberedUntil,
            Optional<Instant> lockedUntil) {}

    /**
     * What one door has counted.
     *
     * @param consecutiveFailures wrong one-time codes since the last right one
     * @param failures wrong one-time codes in the last 31 calendar days
     * @param lock why all one-time codes at this door are refused now; empty if they are not
     */
    public record Door(int consecutiveFailures, int failures, Optional<Lock> lock) {}

    /**
     * Why one-time codes are not compared.
     *
     * @param reason why
     * @param until when that ends by itself; empty if waiting does not help
     */
    public record Lock(Reason reason, Optional<Instant> until) {

        /** The reasons for a lock. */
        public enum Reason {
            /** Too many consecutive failures a short time ago. */
            BACK_OFF,
            /** 50 consecutive failures: only a backup code, a temporary code or an operator helps. */
            SUSPENDED,
            /** The failure budget of the last 31 days is spent. */
            BUDGET_SPENT
        }
    }
}
