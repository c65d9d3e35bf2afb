// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import dev.sallyport.UserId;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.core.userdetails.UsernameNotFoundException;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Component;

/** The host's users, in a table of their own. */
@Component
class Users implements UserDetailsService {
    private static final String PERSON = "SELECT id, username, password, name, email FROM users WHERE ";

    private final JdbcClient database;
    private final PasswordEncoder passwords;

    Users(JdbcClient database, PasswordEncoder passwords) {
        this.database = database;
        this.passwords = passwords;
    }

    /** One of them. */
    public record Person(long id, String username, String password, String name, String email) {
        public String initials() {
            StringBuilder initials = new StringBuilder();
            for (String word : name.strip().split("\\s+", 0)) {
                initials.appendCodePoint(Character.toUpperCase(word.codePointAt(0)));
            }
            return initials.toString();
        }
    }

    void addIfMissing(String username, String name, String email, String password) {
        if (person(username).isEmpty()) {
            database.sql("INSERT INTO users (username, password, name, email) VALUES (?, ?, ?, ?)")
                    .params(username, passwords.encode(password), name, email)
                    .update();
        }
    }

    Optional<Person> person(String username) {
        return database.sql(PERSON + "username = ?")
                .param(username)
                .query(Person.class)
                .optional();
    }

    void setPassword(UserId user, String password) {
        database.sql("UPDATE users SET password = ? WHERE id = ?")
                .params(passwords.encode(password), Long.valueOf(user.value()))
                .update();
    }

    private Person known(String username) {
        return person(username).orElseThrow(() -> new UsernameNotFoundException("no such user"));
    }

    @Override
    public UserDetails loadUserByUsername(String username) {
        return new Account(known(username));
    }

    boolean isPassword(String username, String typed) {
        return passwords.matches(typed, known(username).password());
    }

    UserId idOf(String username) {
        return UserId.of(Long.toString(known(username).id()));
    }

    void delete(UserId user) {
        database.sql("DELETE FROM users WHERE id = ?")
                .param(Long.valueOf(user.value()))
                .update();
    }
}
