// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring.host;

import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.userdetails.User;

/** A principal with an id that never changes. */
public final class AppUser extends User {
    private static final long serialVersionUID = 1L;

    private final String id;

    public AppUser(String name) {
        super(name, "{noop}pw-" + name, AuthorityUtils.createAuthorityList("ROLE_USER", "ROLE_" + name));
        this.id = "id-of-" + name;
    }

    public String getId() {
        return id;
    }
}
