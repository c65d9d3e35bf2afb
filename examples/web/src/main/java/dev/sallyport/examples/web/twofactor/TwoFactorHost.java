// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web.twofactor;

import dev.sallyport.UserId;
import org.springframework.security.core.userdetails.UserDetails;

/** What this package asks of the application that it is lifted into. */
public interface TwoFactorHost {

    /**
     * Finds a user's id.
     *
     * @param username as in Spring Security's authentication
     * @return an id that stays when the name changes
     * @throws org.springframework.security.core.userdetails.UsernameNotFoundException if the user was deleted
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
     * Finds a user by id, to sign the user in after the code.
     *
     * @param user what {@link #idOf} returned
     * @return name and authorities, as from the application's {@code UserDetailsService}
     * @throws org.springframework.security.core.userdetails.UsernameNotFoundException if the user was deleted
     */
    UserDetails userDetails(UserId user);

    /**
     * Reads a number in the application's own table of users, so that a record that was deleted, or replaced by an older one,
     * is noticed: see {@link dev.sallyport.VersionWitness}.
     *
     * @param user who
     * @return the highest version that {@link #raiseTwoFactorVersion} was given; 0 at first
     */
    long twoFactorVersion(UserId user);

    /**
     * Raises the number, and never lowers it. Called outside of any transaction.
     *
     * @param user who
     * @param version the version of the user's record
     */
    void raiseTwoFactorVersion(UserId user, long version);

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
