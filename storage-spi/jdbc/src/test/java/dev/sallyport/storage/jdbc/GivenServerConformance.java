// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;

/** The kit on a server that somebody names. Each test has a table of its own and drops it. */
class GivenServerConformance extends JdbcConformance {
    private final GivenServer server = new GivenServer();

    GivenServerConformance() {
        super(
                new GivenServer(),
                "sallyport_kit_"
                        + Integer.toHexString(ThreadLocalRandom.current().nextInt()));
    }

    @AfterEach
    void dropTable() throws SQLException {
        closePools();
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            if (isThere(statement)) {
                statement.execute("DROP TABLE " + table());
            }
        }
    }

    private boolean isThere(Statement statement) {
        try {
            return statement.execute("SELECT user_id FROM " + table() + " WHERE 1 = 0");
        } catch (SQLException missing) {
            return false;
        }
    }
}
