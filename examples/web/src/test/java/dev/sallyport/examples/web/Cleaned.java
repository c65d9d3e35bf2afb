// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A database as on the first day. */
final class Cleaned {
    private Cleaned() {}

    static void clean(JdbcClient database) {
        for (String table :
                List.of("sallyport_record", "spring_session_attributes", "spring_session", "account_activity")) {
            database.sql("DELETE FROM " + table).update();
        }
        database.sql("DELETE FROM users WHERE username <> 'alice'").update();
        database.sql(
                        "UPDATE users SET two_factor_version = 0, backup_codes_saved = FALSE, password = '{noop}correct horse'")
                .update();
    }
}
