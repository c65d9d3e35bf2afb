// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;

/** What the database says of an account, in the columns that are there for people. */
interface Truth {
    record Row(int failedAttempts, int backupCodesLeft) {}

    Row of(String user);

    static Truth in(DataSource dataSource, String table) {
        String select = "SELECT failed_attempts, backup_codes_left FROM " + table + " WHERE user_id = ?";
        return user -> {
            try (Connection connection = dataSource.getConnection();
                    PreparedStatement statement = connection.prepareStatement(select)) {
                statement.setString(1, user);
                try (ResultSet rows = statement.executeQuery()) {
                    rows.next();
                    return new Row(rows.getInt(1), rows.getInt(2));
                }
            } catch (SQLException e) {
                throw new IllegalStateException("the database does not answer", e);
            }
        };
    }
}
