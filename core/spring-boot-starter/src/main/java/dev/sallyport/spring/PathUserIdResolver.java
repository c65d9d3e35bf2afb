// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.UserId;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;

/** Reads the id of the user at the path of {@code sallyport.user-id}. */
final class PathUserIdResolver implements UserIdResolver {
    private final PropertyPath userId;
    private final PropertyPath accountName;

    private PathUserIdResolver(PropertyPath userId, PropertyPath accountName) {
        this.userId = userId;
        this.accountName = accountName;
    }

    static PathUserIdResolver of(@Nullable String userId, String accountName) {
        if (userId == null || userId.isBlank()) {
            throw new ConfigurationException(
                    "The property sallyport.user-id is missing. It says where a sign-in has the id of its user.",
                    "Set it to a path such as principal.id, if the principal has a method getId() or id(). If the names"
                            + " of users never change, are never given to somebody else, and are not merely what the"
                            + " user typed, set it to name. Or give a bean of type UserIdResolver.");
        }
        return new PathUserIdResolver(
                PropertyPath.of("sallyport.user-id", userId), PropertyPath.of("sallyport.account-name", accountName));
    }

    @Override
    public UserId userId(Authentication authentication) {
        return UserId.of(userId.read(authentication));
    }

    @Override
    public String accountName(Authentication authentication) {
        return accountName.read(authentication);
    }
}
