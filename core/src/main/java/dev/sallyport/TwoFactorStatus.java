// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a settings page shows of an account. No secret is in it: a secret cannot be read after its enrollment.
 *
 * @param state how far the account has come
 * @param authenticators the live authenticators, oldest first
 * @param backupCodesLeft unused backup codes
 * @param browsers the remembered browsers that have not expired, oldest first
 * @param lock why one-time codes are refused at present; empty if they are not
 * @param lockedUntil when that ends by itself; empty if they are not refused or are suspended
 */
public record TwoFactorStatus(
        State state,
        List<Authenticator> authenticators,
        int backupCodesLeft,
        List<Browser> browsers,
        Optional<LockReason> lock,
        Optional<Instant> lockedUntil) {

    /** How far an account has come. */
    public enum State {
        /** Two-factor authentication is off. */
        NOT_ENROLLED,
        /** It is off, and an enrollment waits for its first code. */
        PENDING,
        /** It is on. */
        ENABLED
    }

    /**
     * Whether one-time codes are suspended: only a backup code or an operator helps, waiting does not.
     *
     * @return true if they are
     */
    public boolean suspended() {
        return lock.filter(LockReason.SUSPENDED::equals).isPresent();
    }

    /**
     * One authenticator.
     *
     * @param id its id
     * @param label its label
     * @param added when it went live
     * @param lastUsed when a code of it was accepted last; empty if none was since an import
     */
    public record Authenticator(AuthenticatorId id, String label, Instant added, Optional<Instant> lastUsed) {}

    /**
     * One remembered browser.
     *
     * @param id its id
     * @param label its label
     * @param remembered when it was remembered
     * @param expires when it is asked for a code again
     */
    public record Browser(BrowserId id, String label, Instant remembered, Instant expires) {}
}
