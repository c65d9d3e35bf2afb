// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.spring.SallyportProperties.InitializeSchema;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.UserIdPage;
import dev.sallyport.storage.jdbc.JdbcTwoFactorStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the records in a table of the application's database. It connects when it is used for the first time and not
 * when it is made, because Flyway, Liquibase or a script may create the table in between. It then asks one connection
 * whether the pool has auto-commit off, and creates the table if it is told to. Safe for use by many threads.
 */
final class HostDatabaseStore implements ScannableTwoFactorStore {
    private static final Pattern IN_MEMORY = Pattern.compile("jdbc:(h2:mem|hsqldb:mem|derby:memory):.*");

    private final DataSource dataSource;
    private final JdbcTwoFactorStore table;
    private final InitializeSchema initializeSchema;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable JdbcTwoFactorStore prepared;

    HostDatabaseStore(DataSource dataSource, String table, InitializeSchema initializeSchema) {
        this.dataSource = dataSource;
        this.table = JdbcTwoFactorStore.of(dataSource).withTable(table);
        this.initializeSchema = initializeSchema;
    }

    @Override
    public Optional<StoredRecord> find(String userId) {
        return prepared().find(userId);
    }

    @Override
    public boolean insert(StoredRecord record, RecordSummary summary) {
        return prepared().insert(record, summary);
    }

    @Override
    public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
        return prepared().replace(current, next, summary);
    }

    @Override
    public void erase(String userId) {
        prepared().erase(userId);
    }

    @Override
    public UserIdPage userIds(@Nullable String cursor, int limit) {
        return prepared().userIds(cursor, limit);
    }

    private JdbcTwoFactorStore prepared() {
        JdbcTwoFactorStore found = prepared;
        if (found != null) {
            return found;
        }
        lock.lock();
        try {
            found = prepared;
            if (found == null) {
                found = prepare();
                // After a failure the next call tries again.
                prepared = found;
            }
            return found;
        } finally {
            lock.unlock();
        }
    }

    private JdbcTwoFactorStore prepare() {
        JdbcTwoFactorStore store = table;
        boolean create = initializeSchema == InitializeSchema.ALWAYS;
        try (Connection connection = dataSource.getConnection()) {
            if (!connection.getAutoCommit()) {
                store = store.withAutoCommitOffByDefault();
            }
            create |= initializeSchema == InitializeSchema.EMBEDDED
                    && IN_MEMORY
                            .matcher(String.valueOf(connection.getMetaData().getURL()))
                            .matches();
        } catch (SQLException e) {
            throw new StoreException("the database failed or cannot be reached", e);
        }
        if (create) {
            store.createTableIfMissing();
        }
        return store;
    }
}
