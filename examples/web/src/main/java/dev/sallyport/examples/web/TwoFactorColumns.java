// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import dev.sallyport.TwoFactorEvent;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.UserId;
import dev.sallyport.VersionWitness;
import java.util.Set;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Two columns of the table of users, which follow the events. An application does not need them. The version makes a
 * record noticed that somebody deleted or replaced by an older one. The flag lets the settings warn a user who has not
 * saved the backup codes.
 */
@Component
class TwoFactorColumns implements VersionWitness {
    private static final Set<Type> BACKUP_CODES_END = Set.of(Type.BACKUP_CODES_REGENERATED, Type.DISABLED, Type.RESET);

    private final JdbcClient database;

    TwoFactorColumns(JdbcClient database) {
        this.database = database;
    }

    @Override
    public long versionOf(UserId user) {
        return database.sql("SELECT two_factor_version FROM users WHERE id = ?")
                .param(Long.valueOf(user.value()))
                .query(Long.class)
                .optional()
                .orElse(0L);
    }

    /** Raises the version, and never lowers it. */
    void raise(UserId user, long version) {
        database.sql("UPDATE users SET two_factor_version = ? WHERE id = ? AND two_factor_version < ?")
                .params(version, Long.valueOf(user.value()), version)
                .update();
    }

    boolean hasSavedBackupCodes(UserId user) {
        return database.sql("SELECT backup_codes_saved FROM users WHERE id = ?")
                .param(Long.valueOf(user.value()))
                .query(Boolean.class)
                .optional()
                .orElse(false);
    }

    void setBackupCodesSaved(UserId user, boolean saved) {
        database.sql("UPDATE users SET backup_codes_saved = ? WHERE id = ?")
                .params(saved, Long.valueOf(user.value()))
                .update();
    }

    @EventListener
    void on(TwoFactorEvent event) {
        event.position().ifPresent(position -> raise(event.user(), position.version()));
        if (BACKUP_CODES_END.contains(event.type())) {
            setBackupCodesSaved(event.user(), false);
        }
    }
}
