// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.jdbc.JdbcTwoFactorStore;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The database to which users come. */
final class Target implements AutoCloseable {
    private static final Pattern PASSWORD_IN_URL =
            Pattern.compile("password\\s*=|://[^/@]*:[^/@]*@", Pattern.CASE_INSENSITIVE);

    /** PostgreSQL; H2, MariaDB and MySQL; HSQLDB; Derby. */
    private static final Set<String> NO_SUCH_TABLE = Set.of("42P01", "42S02", "42S03", "42S04", "42501", "42X05");

    private final HikariDataSource pool;
    private final JdbcTwoFactorStore store;

    private Target(HikariDataSource pool, JdbcTwoFactorStore store) {
        this.pool = pool;
        this.store = store;
    }

    /** The address of the database. The password comes from the environment, because others can see command lines. */
    record Address(
            String url, @Nullable String user, @Nullable String password, String table) {
        @Override
        public String toString() {
            return "Address[" + table + "]";
        }
    }

    static Target open(Address address) throws BadInput {
        if (PASSWORD_IN_URL.matcher(address.url()).find()) {
            throw new BadInput("--jdbc: the URL has a password in it. Others can see it in the list of processes."
                    + " Put it into the environment variable SALLYPORT_JDBC_PASSWORD");
        }
        try {
            DriverManager.getDriver(address.url());
        } catch (SQLException e) {
            throw new BadInput("--jdbc: there is no driver for this URL on the class path");
        }
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(address.url());
        config.setUsername(address.user());
        config.setPassword(address.password());
        config.setMaximumPoolSize(2);
        HikariDataSource pool;
        try {
            pool = new HikariDataSource(config);
        } catch (PoolInitializationException e) {
            throw new StoreException("the database does not let us in: " + reason(e), e);
        }
        try {
            return new Target(pool, JdbcTwoFactorStore.of(pool).withTable(address.table()));
        } catch (IllegalArgumentException e) {
            pool.close();
            throw new BadInput("--table: " + e.getMessage());
        }
    }

    JdbcTwoFactorStore store() {
        return store;
    }

    boolean hasTable() {
        try {
            store.find("migration");
            return true;
        } catch (StoreException e) {
            String state = sqlState(e);
            if (state != null && NO_SUCH_TABLE.contains(state)) {
                return false;
            }
            throw e;
        }
    }

    /** The driver's own message at a failed connection. It names hosts and users, and no row. */
    private static String reason(Throwable failure) {
        SQLException cause = sqlException(failure);
        return cause == null ? failure.getClass().getSimpleName() : Labels.show(String.valueOf(cause.getMessage()));
    }

    static @Nullable String sqlState(Throwable failure) {
        SQLException cause = sqlException(failure);
        return cause == null ? null : cause.getSQLState();
    }

    private static @Nullable SQLException sqlException(Throwable failure) {
        Throwable cause = failure;
        for (int i = 0; cause != null && i < 16; i++) {
            if (cause instanceof SQLException found) {
                return found;
            }
            cause = cause.getCause();
        }
        return null;
    }

    @Override
    public void close() {
        pool.close();
    }
}
