// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web.twofactor;

import dev.sallyport.UserId;

/** What this package asks of the application that it is lifted into. */
public interface TwoFactorHost {

    /**
     * Finds a user's id.
     *
     * @param username as in Spring Security's authentication
     * @return an id that stays when the name changes
     */
    UserId idOf(String username);

    /**
     * Says what the authenticator app shows below the issuer.
     *
     * @param username as in Spring Security's authentication
     * @return usually the e-mail address
     */
    String accountName(String username);

    /**
     * Checks the password again. The application limits guesses at it, as at sign-in.
     *
     * @param username as in Spring Security's authentication
     * @param typed what the user typed
     * @return whether it is right
     */
    boolean isPassword(String username, String typed);

    /**
     * Reads a flag in the application's own table of users, so that a record that was deleted is noticed.
     *
     * @param user who
     * @return what {@link #setTwoFactorEnabled} was told last; false at first
     */
    boolean isTwoFactorEnabled(UserId user);

    /**
     * Keeps the flag. Called outside of any transaction.
     *
     * @param user who
     * @param enabled whether two-factor authentication is on
     */
    void setTwoFactorEnabled(UserId user, boolean enabled);

    /**
     * Tells whether the user has said that the backup codes are saved.
     *
     * @param user who
     * @return what {@link #setBackupCodesSaved} was told last; false at first
     */
    boolean hasSavedBackupCodes(UserId user);

    /**
     * Keeps whether the user has said that the backup codes are saved.
     *
     * @param user who
     * @param saved whether they are
     */
    void setBackupCodesSaved(UserId user, boolean saved);
}
