// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.UserId;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.util.StringUtils;

/** Reads the id of the user at the path of {@code sallyport.user-id}. */
final class PathUserIdResolver implements UserIdResolver {
    private static final int LONGEST_ID = 200;

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
                            + " of users never change and are never given to somebody else, set it to name. Or give a"
                            + " bean of type UserIdResolver.");
        }
        return new PathUserIdResolver(
                PropertyPath.of("sallyport.user-id", userId), PropertyPath.of("sallyport.account-name", accountName));
    }

    @Override
    public UserId userId(Authentication authentication) {
        try {
            return UserId.of(userId.read(authentication));
        } catch (IllegalStateException e) {
            return UserId.of(StringUtils.truncate("made up by a test: " + ofATest(authentication, e), LONGEST_ID));
        }
    }

    @Override
    public String accountName(Authentication authentication) {
        try {
            return accountName.read(authentication);
        } catch (IllegalStateException e) {
            return ofATest(authentication, e);
        }
    }

    /** {@code @WithMockUser} makes up a principal without the application's properties. Such a user has no record. */
    private static String ofATest(Authentication authentication, IllegalStateException e) {
        if (MockRequests.isCurrent()) {
            return authentication.getName();
        }
        throw e;
    }
}
