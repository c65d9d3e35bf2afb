// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.LoopbackProxy;
import dev.sallyport.storage.conformance.ScannableTwoFactorStoreConformance;
import dev.sallyport.storage.conformance.StoreOpener;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The kit over pools, one for each instance of the store. */
abstract class JdbcConformance extends ScannableTwoFactorStoreConformance {
    private final TestDatabase database;
    private final List<HikariDataSource> pools = new ArrayList<>();
    private final String table;

    JdbcConformance(TestDatabase database, String table) {
        this.database = database;
        this.table = table;
    }

    String table() {
        return table;
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
        return store(database.poolConfig(8));
    }

    private JdbcTwoFactorStore store(HikariConfig config) {
        HikariDataSource pool = new HikariDataSource(configure(config));
        pools.add(pool);
        return store(pool);
    }

    JdbcTwoFactorStore store(HikariDataSource pool) {
        return database.storeOn(pool).withTable(table);
    }

    HikariConfig configure(HikariConfig config) {
        return config;
    }

    @Override
    protected ScannableTwoFactorStore anotherRoute() {
        return notPossible("there is one server, without a replica");
    }

    @Override
    protected void inCallersTransactionThatRollsBack(Runnable work) {
        new TransactionTemplate(new JdbcTransactionManager(pools.get(0))).executeWithoutResult(transaction -> {
            work.run();
            transaction.setRollbackOnly();
        });
    }

    @Override
    protected TwoFactorStore instanceThrough(LoopbackProxy proxy) {
        Endpoint endpoint = endpoint();
        String host = endpoint.host().orElseGet(() -> notPossible("the URL has no //host:port"));
        return store(endpoint.through(proxy.portTo(host, endpoint.port())).poolConfig());
    }

    @Override
    protected Class<? extends StoreOpener> anotherProcess(Properties settings) {
        Endpoint endpoint = endpoint();
        settings.putAll(endpoint.settings());
        settings.setProperty("table", table);
        GivenServer.engine().ifPresent(engine -> settings.setProperty("engine", engine.name()));
        settings.setProperty("autoCommit", "" + pools.get(0).isAutoCommit());
        return JdbcOpener.class;
    }

    private Endpoint endpoint() {
        return database.endpoint().orElseGet(() -> notPossible("the engine runs in this process only"));
    }

    /** The drivers wait for an answer as long as it takes. */
    @Override
    protected Duration longestTimeOut() {
        return Duration.ofSeconds(1);
    }

    @Override
    protected String engine() throws SQLException {
        try (Connection connection = database.dataSource().getConnection()) {
            DatabaseMetaData about = connection.getMetaData();
            return about.getDatabaseProductName() + " " + about.getDatabaseProductVersion() + ", "
                    + about.getDriverName() + " " + about.getDriverVersion();
        }
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
