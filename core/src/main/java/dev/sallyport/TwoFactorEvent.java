// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Something that happened to an account. It never contains a secret, code, key URI or token. It does contain user data,
 * so log it with care.
 *
 * @param type what happened
 * @param user the user whose account it is
 * @param at when
 * @param details more about it, by name; which details there are depends on the type
 * @param operator who did it, as given to {@link TwoFactor#operator}; empty if no operator did
 * @param position which committed version it belongs to; empty if nothing was written
 */
public record TwoFactorEvent(
        Type type,
        UserId user,
        Instant at,
        Map<Detail, String> details,
        Optional<String> operator,
        Optional<Position> position) {

    /** What can happen. More types may come. */
    public enum Type {
        /** An enrollment has begun. */
        ENROLLMENT_STARTED(false),
        /** An enrollment was confirmed by a right code. */
        ENROLLMENT_CONFIRMED(false),
        /** An enrollment ended unconfirmed: it took too long, or saw too many wrong codes. */
        ENROLLMENT_EXPIRED(false),
        /** An authenticator is live. */
        AUTHENTICATOR_ADDED(true),
        /** An operator imported an authenticator. */
        AUTHENTICATOR_IMPORTED(false),
        /** An authenticator was removed. */
        AUTHENTICATOR_REMOVED(true),
        /** A one-time code was right. */
        CODE_ACCEPTED(false),
        /** Two consecutive codes have moved a hardware token. */
        RESYNCHRONIZED(true),
        /** A code was not accepted; {@link TwoFactorEvent#rejection()} tells why. */
        CODE_REJECTED(false),
        /** A code was not compared, because of a lockout. */
        ATTEMPT_REFUSED(false),
        /** The first lockout of a row of failures begins. */
        LOCKED_OUT(true),
        /** A further lockout of the same row begins. */
        LOCKED_OUT_AGAIN(false),
        /** One-time codes are suspended at a door from now on. */
        SUSPENDED(true),
        /** The failure budget of a door is spent. */
        BUDGET_SPENT(true),
        /** A backup code was used. */
        BACKUP_CODE_USED(true),
        /** Few backup codes are left. */
        BACKUP_CODES_LOW(false),
        /** A new set of backup codes has replaced the old one. */
        BACKUP_CODES_REGENERATED(true),
        /** An operator issued a temporary code. */
        TEMPORARY_CODE_ISSUED(true),
        /** A temporary code was used. */
        TEMPORARY_CODE_USED(true),
        /** A right code came from an unknown browser. The browser is known from now on. */
        BROWSER_NOTED(true),
        /** The user has remembered a browser. */
        BROWSER_REMEMBERED(true),
        /** A remembered browser took the place of a code. */
        BROWSER_RECOGNIZED(false),
        /** A known browser was forgotten. */
        BROWSER_FORGOTTEN(false),
        /** All sessions, known browsers, proofs and half-finished sign-ins were ended. */
        TRUST_ENDED(false),
        /** Wrong codes in a signed-in session have ended all sessions. */
        SESSIONS_EXPELLED(true),
        /** Two-factor authentication was switched off with a proof. */
        DISABLED(true),
        /** An operator ended the lockouts. */
        UNLOCKED(false),
        /** An operator switched two-factor authentication off without a proof. */
        RESET(true),
        /** An operator accepted a record that was restored from a backup. */
        RECORD_RESTORED(true),
        /** An operator deleted the account. */
        ACCOUNT_DELETED(false),
        /** The record was encrypted with an older key, and is under the current one now. */
        KEY_RENEWED(false),
        /** The clock differs by over 400 days from the last write to the record. */
        CLOCK_JUMPED(false),
        /** The record contained an instant later than now. It was replaced by now. */
        CLOCK_CORRECTED(false);

        private final boolean notifiesUser;

        Type(boolean notifiesUser) {
            this.notifiesUser = notifiesUser;
        }

        /** {@return whether the application should tell the user about it, by mail for instance} */
        public boolean notifiesUser() {
            return notifiesUser;
        }
    }

    /** Names of details. More may come. */
    public enum Detail {
        /** Why: a {@link Rejection}, a {@link TwoFactorStatus.Lock.Reason}, or what an operator gave as the reason. */
        REASON,
        /** The kind of code, a {@link VerificationResult.Method}. */
        METHOD,
        /** The door at which it was typed: STRANGERS or KNOWN. */
        DOOR,
        /** The id of an authenticator. */
        AUTHENTICATOR,
        /** The id of a known browser. */
        BROWSER,
        /** The label of an authenticator or browser. */
        LABEL,
        /** When a lockout or a temporary code ends, in ISO 8601. */
        UNTIL,
        /** How many backup codes are left. */
        BACKUP_CODES_LEFT,
        /** How many time steps a clock is ahead; negative if it is behind. */
        OFFSET,
        /** The id of an encryption key. */
        KEY_ID
    }

    /** Why a code was rejected. This is for people who run the application. The user must not learn it. */
    public enum Rejection {
        /**
         * It belongs to no step or counter of the window, or is no backup code of the set. A one-time code is counted.
         */
        WRONG,
        /**
         * It was used before, or a backup code has used it up. A one-time code is counted, unless it is the one that
         * was accepted last, because a double click is not a guess.
         */
        REPLAYED,
        /**
         * All codes of the present window are used up, for example by a backup code or because the clock was set back.
         * Not counted.
         */
        BEHIND_THE_CLOCK,
        /** No authenticator of the account has codes of this length. Not counted. */
        OTHER_LENGTH,
        /** It does not look like a code, or is a kind of code that is not accepted here. Not counted. */
        MALFORMED
    }

    /**
     * The place of an event among the events of a record. Each committed version of a record has at least one event, so
     * a lost event leaves a gap.
     *
     * @param version the version of the record
     * @param index which of the version's events this is, from 1
     * @param of how many events the version has
     */
    public record Position(long version, int index, int of) {}

    /**
     * Makes an event.
     *
     * @param type what happened
     * @param user the user whose account it is
     * @param at when
     * @param details copied
     * @param operator who did it; empty if no operator did
     * @param position which committed version it belongs to; empty if nothing was written
     */
    public TwoFactorEvent {
        // In the order of Detail, for people who read logs.
        details = details.isEmpty() ? Map.of() : Collections.unmodifiableMap(new EnumMap<>(details));
    }

    TwoFactorEvent with(Detail name, String value) {
        Map<Detail, String> more = new EnumMap<>(Detail.class);
        more.putAll(details);
        more.put(name, value);
        return new TwoFactorEvent(type, user, at, more, operator, position);
    }

    TwoFactorEvent at(Position committed) {
        return new TwoFactorEvent(type, user, at, details, operator, Optional.of(committed));
    }

    /**
     * One of the details.
     *
     * @param name which
     * @return its value; empty if this event has none
     */
    public Optional<String> detail(Detail name) {
        return Optional.ofNullable(details.get(name));
    }

    /** {@return why the code was rejected; empty unless this is a {@link Type#CODE_REJECTED}} */
    public Optional<Rejection> rejection() {
        return type == Type.CODE_REJECTED ? detail(Detail.REASON).map(Rejection::valueOf) : Optional.empty();
    }

    /**
     * {@return whether nothing was written and no operator made the call. Anybody with the password can cause many such
     * events}
     */
    public boolean isFrequent() {
        return position.isEmpty() && operator.isEmpty();
    }
}
