// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import java.io.Serial;
import java.util.List;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.core.userdetails.User;

/**
 * A user who signs in. The session contains it, without the password. The property {@code sallyport.user-id} names
 * {@link #getId}, because the id stays when the name changes.
 */
class Account extends User {
    @Serial
    private static final long serialVersionUID = 1;

    private final long id;
    private final String email;

    Account(Users.Person person) {
        super(person.username(), person.password(), List.of(new SimpleGrantedAuthority("ROLE_USER")));
        this.id = person.id();
        this.email = person.email();
    }

    /** {@return the number of the row in the table of users} */
    public long getId() {
        return id;
    }

    /** {@return what the authenticator app shows below the issuer} */
    public String getEmail() {
        return email;
    }
}
