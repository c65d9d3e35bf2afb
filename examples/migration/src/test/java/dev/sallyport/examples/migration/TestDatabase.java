// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.storage.jdbc.JdbcTwoFactorStore;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A database that is there as long as this is open. */
final class TestDatabase implements AutoCloseable {
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private final String url;
    private final Connection connection;

    private TestDatabase(String url) throws SQLException {
        this.url = url;
        this.connection = DriverManager.getConnection(url);
    }

    static TestDatabase h2() throws SQLException {
        return new TestDatabase("jdbc:h2:mem:test" + DATABASES.incrementAndGet());
    }

    static TestDatabase at(String url) throws SQLException {
        return new TestDatabase(url);
    }

    String url() {
        return url;
    }

    Connection connection() {
        return connection;
    }

    JdbcTwoFactorStore store(String table) {
        return JdbcTwoFactorStore.of(new UrlDataSource(url)).withTable(table);
    }

    boolean hasTables() throws SQLException {
        try (ResultSet tables =
                connection.getMetaData().getTables(null, null, "%", new String[] {"TABLE", "BASE TABLE"})) {
            while (tables.next()) {
                if (!tables.getString("TABLE_SCHEM").toLowerCase(Locale.ROOT).contains("schema")) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Every byte of the table: all columns of each row, by user id. */
    Map<String, String> rows(String table) throws SQLException {
        Map<String, String> rows = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT * FROM " + table)) {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                StringBuilder row = new StringBuilder();
                for (int i = 1; i <= columns; i++) {
                    byte[] bytes = result.getObject(i) instanceof byte[] binary
                            ? binary
                            : String.valueOf(result.getString(i)).getBytes(UTF_8);
                    row.append(HexFormat.of().formatHex(bytes)).append(' ');
                }
                rows.put(result.getString("user_id"), row.toString());
            }
        }
        return rows;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    /** A new connection for each call. */
    private record UrlDataSource(String url) implements DataSource {
        @Override
        public Connection getConnection() throws SQLException {
            return DriverManager.getConnection(url);
        }

        @Override
        public Connection getConnection(String user, String password) throws SQLException {
            return DriverManager.getConnection(url, user, password);
        }

        @Override
        public @Nullable PrintWriter getLogWriter() {
            return null;
        }

        @Override
        public void setLogWriter(PrintWriter writer) {}

        @Override
        public void setLoginTimeout(int seconds) {}

        @Override
        public int getLoginTimeout() {
            return 0;
        }

        @Override
        public Logger getParentLogger() throws SQLFeatureNotSupportedException {
            throw new SQLFeatureNotSupportedException();
        }

        @Override
        public <T> T unwrap(Class<T> type) throws SQLException {
            throw new SQLException("nothing is wrapped");
        }

        @Override
        public boolean isWrapperFor(Class<?> type) {
            return false;
        }
    }
}
