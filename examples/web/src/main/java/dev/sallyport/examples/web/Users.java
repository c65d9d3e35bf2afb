// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import dev.sallyport.UserId;
import dev.sallyport.examples.web.twofactor.TwoFactorHost;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.core.userdetails.UsernameNotFoundException;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Component;

/** The host's users, in a table of their own. */
@Component
class Users implements UserDetailsService, TwoFactorHost {
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
        return details(known(username));
    }

    private static UserDetails details(Person person) {
        return User.withUsername(person.username())
                .password(person.password())
                .roles("USER")
                .build();
    }

    // --- What the two-factor package asks of its host ---

    @Override
    public UserId idOf(String username) {
        return UserId.of(Long.toString(known(username).id()));
    }

    @Override
    public String accountName(String username) {
        return known(username).email();
    }

    @Override
    public boolean isPassword(String username, String typed) {
        return passwords.matches(typed, known(username).password());
    }

    @Override
    public UserDetails userDetails(UserId user) {
        return database.sql(PERSON + "id = ?")
                .param(Long.valueOf(user.value()))
                .query(Person.class)
                .optional()
                .map(Users::details)
                .orElseThrow(() -> new UsernameNotFoundException("no such user"));
    }

    @Override
    public long twoFactorVersion(UserId user) {
        return database.sql("SELECT two_factor_version FROM users WHERE id = ?")
                .param(Long.valueOf(user.value()))
                .query(Long.class)
                .optional()
                .orElse(0L);
    }

    @Override
    public void raiseTwoFactorVersion(UserId user, long version) {
        database.sql("UPDATE users SET two_factor_version = ? WHERE id = ? AND two_factor_version < ?")
                .params(version, Long.valueOf(user.value()), version)
                .update();
    }

    @Override
    public boolean hasSavedBackupCodes(UserId user) {
        return database.sql("SELECT backup_codes_saved FROM users WHERE id = ?")
                .param(Long.valueOf(user.value()))
                .query(Boolean.class)
                .optional()
                .orElse(false);
    }

    @Override
    public void setBackupCodesSaved(UserId user, boolean saved) {
        database.sql("UPDATE users SET backup_codes_saved = ? WHERE id = ?")
                .params(saved, Long.valueOf(user.value()))
                .update();
    }
}
