// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Something that happened to an account. It never holds a secret, code, key URI or token; it does hold user data, so log
 * it with care.
 *
 * @param type what happened
 * @param user to whose account
 * @param at when
 * @param details more about it, by name; which there are depends on the type
 */
public record TwoFactorEvent(Type type, UserId user, Instant at, Map<Detail, String> details) {

    /** What can happen. */
    public enum Type {
        /** An enrollment has begun. */
        ENROLLMENT_STARTED,
        /** An enrollment was confirmed by a right code. Notify the user. */
        ENROLLMENT_CONFIRMED,
        /** An enrollment was cancelled. */
        ENROLLMENT_CANCELLED,
        /** An enrollment took too long, saw too many wrong codes, or was begun with a proof that has gone stale. */
        ENROLLMENT_EXPIRED,
        /** An authenticator is live. Notify the user. */
        AUTHENTICATOR_ADDED,
        /** An authenticator was removed. Notify the user. */
        AUTHENTICATOR_REMOVED,
        /** A one-time code was right. */
        CODE_ACCEPTED,
        /** A code was not accepted; {@link TwoFactorEvent#rejection()} says why. */
        CODE_REJECTED,
        /** A code was not looked at, because of a lockout. */
        ATTEMPT_REFUSED,
        /** A lockout begins. Notify the user. */
        LOCKED_OUT,
        /** One-time codes are suspended from now on. Notify the user. */
        SUSPENDED,
        /** The failure budget is spent. Notify the user. */
        BUDGET_SPENT,
        /** A backup code was used. Notify the user. */
        BACKUP_CODE_USED,
        /** Few backup codes are left. */
        BACKUP_CODES_LOW,
        /** A new set of backup codes has taken the place of the old. Notify the user. */
        BACKUP_CODES_REGENERATED,
        /** A browser was remembered. Notify the user. */
        BROWSER_REMEMBERED,
        /** A remembered browser took the place of a code. */
        BROWSER_RECOGNIZED,
        /** One remembered browser, or all of them, were forgotten. */
        BROWSERS_FORGOTTEN,
        /** Two-factor authentication was switched off with a proof. Notify the user. */
        DISABLED,
        /** An operator ended the lockouts. */
        UNLOCKED,
        /** An operator deleted the record without a proof. Notify the user. */
        RESET,
        /** The record was encrypted with an older key and is under the current one now. */
        KEY_RENEWED,
        /** The clock differs by over 400 days from the last write to the record. */
        CLOCK_JUMPED
    }

    /** Names of details. */
    public enum Detail {
        /** Why: a {@link Rejection}, a {@link LockReason}, or what an operator gave as the reason. */
        REASON,
        /** The kind of code, a {@link VerificationMethod}. */
        METHOD,
        /** The id of an authenticator. */
        AUTHENTICATOR,
        /** The id of a remembered browser. */
        BROWSER,
        /** The label of an authenticator or browser. */
        LABEL,
        /** When a lockout ends, in ISO 8601. */
        UNTIL,
        /** How many backup codes are left. */
        BACKUP_CODES_LEFT,
        /** The id of an encryption key. */
        KEY_ID
    }

    /** Why a code was rejected. For those who run the application; to the user, every rejection is the same. */
    public enum Rejection {
        /** It belongs to no step or counter of the window, or is no backup code of the set. Counted. */
        WRONG,
        /** It was used before. Counted, except for the very one-time code that was accepted last: a double
         * click is no guess. */
        REPLAYED,
        /** The last accepted code is ahead of everything that the clock allows: the clock stepped back. Not counted. */
        BEHIND_THE_CLOCK,
        /** It does not have the form of any code, or not of one that is taken here. Not counted. */
        MALFORMED
    }

    /**
     * Makes an event.
     *
     * @param type what happened
     * @param user to whose account
     * @param at when
     * @param details more about it, copied
     */
    public TwoFactorEvent {
        // In the order of Detail, for those who read logs.
        details = details.isEmpty() ? Map.of() : Collections.unmodifiableMap(new EnumMap<>(details));
    }

    TwoFactorEvent with(Detail name, String value) {
        Map<Detail, String> more = new EnumMap<>(Detail.class);
        more.putAll(details);
        more.put(name, value);
        return new TwoFactorEvent(type, user, at, more);
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

    /**
     * Why the code was rejected.
     *
     * @return the reason of a {@link Type#CODE_REJECTED}; empty for other types
     */
    public Optional<Rejection> rejection() {
        return type == Type.CODE_REJECTED ? detail(Detail.REASON).map(Rejection::valueOf) : Optional.empty();
    }
}
