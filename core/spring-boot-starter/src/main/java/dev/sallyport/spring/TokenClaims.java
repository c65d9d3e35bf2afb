// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanWrapper;
import org.springframework.beans.BeanWrapperImpl;
import org.springframework.security.core.Authentication;

/**
 * Reads a claim of the token that a sign-in came with, and the provider that it came from. The classes of Spring
 * Security have them in properties of these names; they are read by name because most applications do not have those
 * libraries.
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

    /** {@return the id of the registration of an OAuth2 or SAML provider; empty for other sign-ins} */
    static String provider(Authentication authentication) {
        Object id = property(authentication, "authorizedClientRegistrationId");
        if (id == null) {
            id = property(authentication, "relyingPartyRegistrationId");
        }
        if (id == null && authentication.getPrincipal() != null) {
            id = property(authentication.getPrincipal(), "relyingPartyRegistrationId");
        }
        return id instanceof String text ? text : "";
    }

    private static @Nullable Object property(Object owner, String name) {
        BeanWrapper bean = new BeanWrapperImpl(owner);
        return bean.isReadableProperty(name) ? bean.getPropertyValue(name) : null;
    }

    private static @Nullable Object entry(@Nullable Object owner, String name) {
        return owner instanceof Map<?, ?> map ? map.get(name) : null;
    }
}
