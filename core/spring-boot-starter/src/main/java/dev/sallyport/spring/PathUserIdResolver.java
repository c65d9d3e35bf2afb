// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.UserId;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;

/** Reads the id of the user at the path of {@code sallyport.user-id}. */
final class PathUserIdResolver implements UserIdResolver {
    /** By name, because Spring Security's LDAP is not on every class path. */
    private static final String LDAP = "org.springframework.security.ldap.userdetails.LdapUserDetails";

    private static final Set<String> AS_TYPED = Set.of("name", "username", "getName", "getUsername");

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
        Object principal = authentication.getPrincipal();
        if (principal != null && AS_TYPED.contains(userId.last()) && isLdap(principal.getClass())) {
            throw new IllegalStateException("the property sallyport.user-id leads to the name of a user of LDAP, which"
                    + " is what the user typed: Alice and alice would be two users, and one of them needs no code. Set"
                    + " sallyport.user-id to an attribute that the server writes, such as entryUUID or objectGUID, or"
                    + " give a bean of type UserIdResolver");
        }
        return UserId.of(userId.read(authentication));
    }

    private static boolean isLdap(@Nullable Class<?> type) {
        return type != null
                && (type.getName().equals(LDAP)
                        || isLdap(type.getSuperclass())
                        || Arrays.stream(type.getInterfaces()).anyMatch(PathUserIdResolver::isLdap));
    }

    @Override
    public String accountName(Authentication authentication) {
        return accountName.read(authentication);
    }
}
