// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

/** Why one-time codes are refused unseen. */
public enum LockReason {
    /** Several consecutive failures; the lockout ends by itself and grows with each further failure. */
    BACK_OFF,
    /** Too many consecutive failures; a backup code or {@link TwoFactor#unlock} ends it, waiting does not. */
    SUSPENDED,
    /** The failure budget of 30 days is spent; it refills as the days go by. */
    BUDGET_SPENT
}
