// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.UserId;
import org.springframework.security.core.Authentication;

/**
 * Says whose account a sign-in opens. A bean of this type takes the place of the property {@code sallyport.user-id}.
 * Implementations are called by many threads.
 */
public interface UserIdResolver {
    /**
     * Finds the id of the user, which never changes and is never given to somebody else.
     *
     * @param authentication a complete sign-in, not an anonymous one
     * @return the id of its user
     */
    UserId userId(Authentication authentication);

    /**
     * Finds the name that the authenticator app shows.
     *
     * @param authentication a complete sign-in, not an anonymous one
     * @return the name of its account; by default {@link Authentication#getName()}
     */
    default String accountName(Authentication authentication) {
        return authentication.getName();
    }
}
