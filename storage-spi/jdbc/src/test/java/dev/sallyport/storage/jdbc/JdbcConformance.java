// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.conformance.ScannableTwoFactorStoreConformance;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;

/** The kit over pools, one for each instance of the store. */
abstract class JdbcConformance extends ScannableTwoFactorStoreConformance {
    private final Database database;
    private final List<HikariDataSource> pools = new ArrayList<>();
    private final String table = Database.newTable();

    JdbcConformance(Database database) {
        this.database = database;
    }

    @BeforeParameterizedClassInvocation
    static void engineIsThere(Database database) {
        database.assumeThere();
    }

    @AfterEach
    void closePools() {
        pools.forEach(HikariDataSource::close);
    }

    @Override
    protected ScannableTwoFactorStore createStore() {
        JdbcTwoFactorStore store = store();
        store.createTableIfMissing();
        return store;
    }

    @Override
    protected ScannableTwoFactorStore secondInstance() {
        return store();
    }

    private JdbcTwoFactorStore store() {
        HikariDataSource pool = new HikariDataSource(configure(database.poolConfig(8)));
        pools.add(pool);
        return store(pool);
    }

    JdbcTwoFactorStore store(HikariDataSource pool) {
        return JdbcTwoFactorStore.of(pool).withTable(table);
    }

    HikariConfig configure(HikariConfig config) {
        return config;
    }

    @Override
    protected void spoilRecord(String userId) {
        Sql.run(database.dataSource(), "UPDATE " + table + " SET version = 0 WHERE user_id = ?", userId);
    }

    @Override
    protected void breakBackend() throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE " + table);
        }
    }

    @Override
    protected Duration timeLimit() {
        return Duration.ofMinutes(5);
    }
}
