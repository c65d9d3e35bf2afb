// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

/**
 * Tells Sallyport the highest version of a user's record that an event has named. It is for developers who want
 * Sallyport to notice a deleted or restored row.
 *
 * <p>Keep one number per user in the application's own table, 0 at first. Raise it, and never lower it, to the version
 * that an event names ({@link TwoFactorEvent#position()}). Late, repeated or lost events do no harm. Never clear a
 * number.
 *
 * <p>Give the same witness to {@link Reencryption}: otherwise its walk gives an older row that was put back the version
 * that the witness knows.
 *
 * <p>An implementation must be safe for use by many threads. If it throws, the call fails with a {@link
 * dev.sallyport.storage.StoreException}, and nobody gets in.
 */
@FunctionalInterface
public interface VersionWitness {

    /**
     * {@return the highest version that an event has named for this user, 0 if there was none}
     *
     * @param user the user whose record it is
     */
    long versionOf(UserId user);
}
