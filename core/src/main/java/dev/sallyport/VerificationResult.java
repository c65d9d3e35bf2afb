// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a code. A caller names every case; Java 17 cannot check that, so copy the snippet of {@link TwoFactor}.
 *
 * <p>To the user, say the same for each {@link Rejected}: the reason is for the {@link TwoFactorListener}.
 */
public sealed interface VerificationResult {

    /**
     * The code was right, and is used up: a proof of the second factor. Only Sallyport makes one, so a method that
     * demands it cannot be called without.
     *
     * <p>It serves its own user and record for five minutes by default, any number of calls, and no longer once the user forgot a
     * browser, removed an authenticator, used a backup code or switched two-factor authentication off. It lives inside
     * one request; {@link TwoFactor#seal} carries it to another. Immutable.
     */
    final class Verified implements VerificationResult {
        private final Trust trust;
        private final UserId user;
        private final Instant at;
        private final @Nullable AuthenticatorId authenticator;
        private final int backupCodesLeft;

        Verified(Trust trust, UserId user, Instant at, @Nullable AuthenticatorId authenticator, int backupCodesLeft) {
            this.trust = trust;
            this.user = user;
            this.at = at;
            this.authenticator = authenticator;
            this.backupCodesLeft = backupCodesLeft;
        }

        /**
         * Who proved it.
         *
         * @return the user
         */
        public UserId user() {
            return user;
        }

        /**
         * When it was proved.
         *
         * @return the instant, in milliseconds
         */
        public Instant at() {
            return at;
        }

        /**
         * What it was proved with.
         *
         * @return the kind of code
         */
        public VerificationMethod method() {
            return authenticator == null ? VerificationMethod.BACKUP_CODE : VerificationMethod.ONE_TIME_CODE;
        }

        /**
         * Which authenticator made the code.
         *
         * @return the authenticator; empty for a backup code
         */
        public Optional<AuthenticatorId> authenticator() {
            return Optional.ofNullable(authenticator);
        }

        /**
         * How many backup codes were left then. Few or none is a reason to tell the user.
         *
         * @return the number, 0 or more
         */
        public int backupCodesLeft() {
            return backupCodesLeft;
        }

        Trust trust() {
            return trust;
        }

        Verified with(Trust renewed) {
            return new Verified(renewed, user, at, authenticator, backupCodesLeft);
        }

        @Override
        public String toString() {
            return "Verified[at=" + at + ", method=" + method() + "]";
        }
    }

    /** The code is wrong, was used already, or is none at all. */
    record Rejected() implements VerificationResult {}

    /**
     * The code was not looked at: there were too many failures. It was not counted either.
     *
     * @param until when codes of this kind are looked at again; a backup code may pass earlier
     */
    record LockedOut(Instant until) implements VerificationResult {}

    /** The code was not looked at: one-time codes are suspended until a backup code is used or an operator unlocks. */
    record Suspended() implements VerificationResult {}

    /** Two-factor authentication is not on for this user: it was switched off since the password was checked. */
    record NotEnrolled() implements VerificationResult {}
}
