// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanWrapper;
import org.springframework.beans.BeanWrapperImpl;
import org.springframework.security.core.Authentication;

/**
 * Reads a claim of the token that a sign-in came with. The classes of Spring Security's resource server have the claims
 * in properties of these names; they are read by name because most applications do not have that library.
 */
final class TokenClaims {
    private TokenClaims() {}

    static @Nullable Object read(Authentication authentication, String claim) {
        Object value = entry(property(authentication, "tokenAttributes"), claim);
        for (Object part : new Object[] {authentication.getPrincipal(), authentication.getDetails()}) {
            if (value == null && part != null) {
                value = entry(part, claim);
            }
            if (value == null && part != null) {
                value = entry(property(part, "claims"), claim);
            }
            if (value == null && part != null) {
                value = entry(property(part, "attributes"), claim);
            }
        }
        return value;
    }

    private static @Nullable Object property(Object owner, String name) {
        BeanWrapper bean = new BeanWrapperImpl(owner);
        return bean.isReadableProperty(name) ? bean.getPropertyValue(name) : null;
    }

    private static @Nullable Object entry(@Nullable Object owner, String name) {
        return owner instanceof Map<?, ?> map ? map.get(name) : null;
    }
}
