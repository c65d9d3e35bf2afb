// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import dev.sallyport.TwoFactorEvent;
import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.UserId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * What happened to an account, for its owner to read. A real application also sends a mail for each event whose
 * type says {@link TwoFactorEvent.Type#notifiesUser()}.
 */
@Component
class Activity {
    private static final Logger LOG = LoggerFactory.getLogger(Activity.class);
    private static final int SHOWN = 50;

    private final JdbcClient database;

    Activity(JdbcClient database) {
        this.database = database;
    }

    /** One thing that happened. */
    public record Entry(String happened, String text) {}

    List<Entry> of(UserId user) {
        return database.sql(
                        "SELECT happened, text FROM account_activity WHERE user_id = ? ORDER BY id DESC LIMIT " + SHOWN)
                .param(Long.valueOf(user.value()))
                .query(Entry.class)
                .list();
    }

    @EventListener
    void on(TwoFactorEvent event) {
        // Whose it was is in the table; the log is read by more people.
        LOG.info("{}", event.type());
        String text = sentence(event);
        if (!text.isEmpty()) {
            Instant at = event.at().truncatedTo(ChronoUnit.SECONDS);
            database.sql("INSERT INTO account_activity (user_id, happened, text) VALUES (?, ?, ?)")
                    .params(Long.valueOf(event.user().value()), at.toString(), text)
                    .update();
        }
    }

    private static String sentence(TwoFactorEvent event) {
        String label = event.detail(Detail.LABEL).map(text -> ": " + text).orElse("");
        return switch (event.type()) {
            case AUTHENTICATOR_ADDED -> "An authenticator was added" + label;
            case AUTHENTICATOR_IMPORTED -> "An authenticator was taken over from another program" + label;
            case AUTHENTICATOR_REMOVED -> "An authenticator was removed" + label;
            case CODE_ACCEPTED -> "A code from an authenticator was accepted";
            case RESYNCHRONIZED -> "A hardware token was found again by two codes" + label;
            // Only those that are counted: there are few, so nobody can fill the page with them.
            case CODE_REJECTED -> event.isFrequent() ? "" : "A wrong code was entered";
            case LOCKED_OUT, BUDGET_SPENT -> "Too many wrong codes: codes from authenticators are locked for a while";
            case SUSPENDED -> "Too many wrong codes: codes from authenticators are suspended";
            case BACKUP_CODE_USED -> "A backup code was used";
            case BACKUP_CODES_LOW -> "Few backup codes are left";
            case BACKUP_CODES_REGENERATED -> "New backup codes were made";
            case TEMPORARY_CODE_ISSUED -> "Support issued a temporary code";
            case TEMPORARY_CODE_USED -> "A temporary code was used";
            case BROWSER_NOTED -> "A new browser signed in" + label;
            case BROWSER_REMEMBERED -> "A browser was remembered" + label;
            case BROWSER_RECOGNIZED -> "A remembered browser signed in" + label;
            case BROWSER_FORGOTTEN -> "A browser was forgotten" + label;
            case TRUST_ENDED -> "All other sessions were signed out";
            case SESSIONS_EXPELLED -> "Too many wrong codes in a session: all sessions were signed out";
            case DISABLED -> "Two-factor authentication was disabled";
            case UNLOCKED -> "Support ended a lockout";
            case RESET -> "Support removed two-factor authentication";
            case RECORD_RESTORED -> "Support accepted settings from a backup";
            default -> "";
        };
    }
}
