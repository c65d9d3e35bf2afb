// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.UserIdPage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the records in one table of a relational database.
 *
 * <pre>{@code
 * JdbcTwoFactorStore store = JdbcTwoFactorStore.of(dataSource);
 * store.createTableIfMissing();                 // or let your migrations run the file from schema/
 * }</pre>
 *
 * <p><b>Transactions.</b> A failed attempt that is rolled back with the caller's transaction was never counted, so this store
 * takes no part in one. Each call gets a connection of its own from the {@link DataSource}, runs one statement in READ
 * COMMITTED, which commits by itself, and gives the connection back as it came. On PostgreSQL it runs in whatever isolation
 * the connection has: none of them reads what is not committed.
 *
 * <ul>
 *   <li>The application SHOULD call Sallyport outside its transactions. Inside one, the call needs a second connection while
 *       the first is held: N threads that do so at once starve on a pool of N until its time-out, and each gets a {@link
 *       StoreException}. If it must be so, give this store a pool of its own.
 *   <li>The data source MUST hand out connections of its own, not the one of the caller's transaction: not Spring's {@code
 *       TransactionAwareDataSourceProxy}, not one enlisted in JTA, not a single shared connection. A connection that arrives
 *       with auto-commit off is refused with a {@link StoreException}, and whatever was begun on it is left alone. See
 *       {@link #withAutoCommitOffByDefault()} for pools that are set so.
 *   <li>It MUST lead to the primary, never to a replica that may lag behind.
 *   <li>Neither its driver nor a proxy on the way may repeat a statement by itself ({@code autoReconnect}, {@code
 *       transactionReplay}; ProxySQL: {@code mysql-query_retries_on_failure=0}; MaxScale: {@code delayed_retry} and {@code
 *       transaction_replay} off): a write that meets its own first try would look like somebody else's.
 *   <li>It SHOULD come in READ COMMITTED, or each call sets that and sets it back. Behind a proxy that pools transactions it
 *       MUST, since there such a setting may stick to another's connection. On PostgreSQL nothing is set; a call that comes
 *       in SERIALIZABLE may end in a {@link StoreException} where others work on the table at the same time.
 *   <li>SQLite has one writer at a time: while the caller holds a write transaction open, a write waits for SQLite's {@code
 *       busy_timeout}, and fails.
 * </ul>
 *
 * <p><b>What the database MUST do.</b> A commit that was acknowledged survives a crash: {@code fsync} and {@code
 * synchronous_commit} on (PostgreSQL), {@code innodb_flush_log_at_trx_commit=1} (MariaDB, MySQL), {@code
 * hsqldb.write_delay=false} (HSQLDB), {@code synchronous=FULL} (SQLite). Otherwise a crash forgets the last codes that were
 * used. H2 never forces a commit to the disk: with {@code WRITE_DELAY 0} it survives the end of its process, and not a power
 * cut. The same goes for a fail-over to an asynchronous replica, and on a Galera cluster for nodes without {@code
 * wsrep_sync_wait=1}. Set time-outs at the pool and at the driver's socket: this store adds none.
 *
 * <p><b>Errors.</b> What certainly changed nothing is {@code false}: no row of that version, a duplicate key (SQLState 23505,
 * and what the engines named below say instead), a serialization failure or deadlock (40001, 40P01). Everything else is a
 * {@link StoreException}, a lost connection, a lock time-out and a busy SQLite among it: the change may or may not have been
 * made, and the next call reads which. The cause is the driver's own exception and may quote a row, with its user id and its
 * ciphertext; on PostgreSQL {@code logServerErrorDetail=false} prevents that.
 *
 * <p><b>Engines.</b> Tried on H2, HSQLDB, SQLite, Derby, PostgreSQL and MariaDB. MySQL gets the same statements as MariaDB.
 * Others may do with a schema of their own, if a duplicate key is 23505 there: where it is not, a lost race to enroll ends
 * in an exception.
 *
 * <p><b>The table.</b> Its key is the user id and the length of it, which together are exact on every engine: some ignore
 * blanks at the end when they compare. Ids stay text, so {@code WHERE user_id = '42'} finds a row. The columns for people
 * hold instants as text, in UTC: {@code 2026-11-01T08:30:00.000Z}. No session time zone and no driver bends them, their order
 * is the order of time, and one clean-up of abandoned enrollments runs on every engine:
 *
 * <pre>{@code
 * DELETE FROM sallyport_record WHERE state = 'PENDING' AND updated_at < '2026-10-31T00:00:00.000Z'
 * }</pre>
 *
 * <p>Somebody who can read the table learns who has two-factor authentication and how their attempts go, and no secret.
 * Somebody who can write it cannot make a record that opens, but can delete one or put an older one back.
 *
 * <p>Immutable, and safe for use by many threads, and by many processes over one database.
 */
public final class JdbcTwoFactorStore implements ScannableTwoFactorStore {
    private static final String DEFAULT_TABLE = "sallyport_record";
    private static final String NAME = "[A-Za-z_][A-Za-z0-9_]{0,62}";
    private static final Pattern TABLE = Pattern.compile("(" + NAME + "\\.)?" + NAME);
    private static final String KEY = "user_id = ? AND user_id_length = ?";
    private static final String KEY_AND_VERSION = KEY + " AND version = ?";
    private static final DateTimeFormatter UTC = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final int SQLITE_ERROR = 1;
    private static final int SQLITE_CONSTRAINT = 19;
    private static final int MYSQL_DUPLICATE_ENTRY = 1062;

    private final DataSource dataSource;
    private final String table;
    private final boolean autoCommitOffByDefault;

    private JdbcTwoFactorStore(DataSource dataSource, String table, boolean autoCommitOffByDefault) {
        this.dataSource = Objects.requireNonNull(dataSource, "dataSource");
        this.table = table;
        this.autoCommitOffByDefault = autoCommitOffByDefault;
    }

    /**
     * Keeps the records in the table {@code sallyport_record}. Nothing is asked of the database yet.
     *
     * @param dataSource hands out connections that belong to nobody else, as the class says
     * @return the store
     */
    public static JdbcTwoFactorStore of(DataSource dataSource) {
        return new JdbcTwoFactorStore(dataSource, DEFAULT_TABLE, false);
    }

    /**
     * The same with another table.
     *
     * @param name a table's name, or a schema's and a table's with a dot between; each an ASCII letter or underscore and then
     *     up to 62 letters, digits and underscores. It stands unquoted in the statements
     * @return another store
     * @throws IllegalArgumentException if the name is anything else
     */
    public JdbcTwoFactorStore withTable(String name) {
        if (!TABLE.matcher(name).matches()) {
            throw new IllegalArgumentException("not a plain table name");
        }
        return new JdbcTwoFactorStore(dataSource, name, autoCommitOffByDefault);
    }

    /**
     * The same for a pool whose connections come with auto-commit off, each outside of any transaction. The store then
     * commits what it wrote, or rolls it back, and leaves auto-commit off.
     *
     * <p>It MUST NOT be used to silence the refusal of a {@code TransactionAwareDataSourceProxy} or of JTA: the store would
     * commit the caller's half-done work with its own.
     *
     * @return another store
     */
    public JdbcTwoFactorStore withAutoCommitOffByDefault() {
        return new JdbcTwoFactorStore(dataSource, table, true);
    }

    /**
     * Creates the table with the statement of the engine's schema file, if it is not there. Any number of nodes may call it
     * at once. It needs the right to create tables; an application that runs its own migrations copies the file instead.
     *
     * @throws StoreException if the engine is none of those with a schema file, if the table has another shape, or if the
     *     database fails
     */
    public void createTableIfMissing() {
        Engine engine = call(Engine::of)
                .orElseThrow(() -> new StoreException("no schema file is shipped for this database: adapt"
                        + " schema/postgresql.sql of sallyport-storage-jdbc, and run it"));
        try {
            requireTable();
        } catch (StoreException missing) {
            createTable(engine);
        }
    }

    private void createTable(Engine engine) {
        try {
            call(connection -> {
                try (Statement statement = connection.createStatement()) {
                    return statement.executeUpdate(engine.schema().replace(DEFAULT_TABLE, table));
                }
            });
        } catch (StoreException e) {
            try {
                // Another node may have been quicker. What counts is the table, not who made it.
                requireTable();
            } catch (StoreException stillMissing) {
                e.addSuppressed(stillMissing);
                throw new StoreException(
                        "the table " + table + " cannot be created, or is there with another shape: compare it with "
                                + engine.schemaFile() + " of sallyport-storage-jdbc, or choose another name",
                        e);
            }
        }
    }

    private void requireTable() {
        call(connection -> {
            try (PreparedStatement statement = connection.prepareStatement("SELECT user_id, user_id_length, version,"
                            + " payload, state, failed_attempts, locked_until, backup_codes_left, remembered_browsers,"
                            + " enabled_at, updated_at FROM " + table + " WHERE 1 = 0");
                    ResultSet rows = statement.executeQuery()) {
                return rows.next();
            }
        });
    }

    @Override
    public Optional<StoredRecord> find(String userId) {
        Objects.requireNonNull(userId, "userId");
        String select = "SELECT user_id, version, payload FROM " + table + " WHERE " + KEY;
        return call(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(select)) {
                bindKey(statement, 1, userId);
                try (ResultSet rows = statement.executeQuery()) {
                    if (!rows.next()) {
                        return Optional.empty();
                    }
                    StoredRecord record = record(rows);
                    if (!record.userId().equals(userId) || rows.next()) {
                        throw new StoreException("the table " + table + " does not tell user ids apart: its key or its"
                                + " collation is not that of schema/*.sql of sallyport-storage-jdbc");
                    }
                    return Optional.of(record);
                }
            }
        });
    }

    private static StoredRecord record(ResultSet row) throws SQLException {
        try {
            return StoredRecord.of(row.getString("user_id"), row.getLong("version"), row.getBytes("payload"));
        } catch (IllegalArgumentException e) {
            throw new StoreException("the table holds a row that is not a record", e);
        }
    }

    @Override
    public boolean insert(StoredRecord record, RecordSummary summary) {
        Objects.requireNonNull(record, "record");
        Objects.requireNonNull(summary, "summary");
        return write(
                1,
                "INSERT INTO " + table + " (version, payload, state, failed_attempts, locked_until, backup_codes_left,"
                        + " remembered_browsers, enabled_at, updated_at, user_id, user_id_length)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                statement -> bindKey(statement, bindContent(statement, record, summary), record.userId()));
    }

    @Override
    public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
        Objects.requireNonNull(summary, "summary");
        if (!current.userId().equals(next.userId())) {
            throw new IllegalArgumentException("a record is replaced by one of the same user");
        }
        return write(
                0,
                "UPDATE " + table + " SET version = ?, payload = ?, state = ?, failed_attempts = ?, locked_until = ?,"
                        + " backup_codes_left = ?, remembered_browsers = ?, enabled_at = ?, updated_at = ? WHERE "
                        + KEY_AND_VERSION,
                statement -> bindKeyAndVersion(statement, bindContent(statement, next, summary), current));
    }

    @Override
    public boolean delete(StoredRecord current) {
        Objects.requireNonNull(current, "current");
        return write(
                0,
                "DELETE FROM " + table + " WHERE " + KEY_AND_VERSION,
                statement -> bindKeyAndVersion(statement, 1, current));
    }

    /**
     * {@inheritDoc}
     *
     * <p>The ids come in the order of the table's key, and the cursor is the last id.
     */
    @Override
    public UserIdPage userIds(@Nullable String cursor, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a page has room for 1 id or more, not " + limit);
        }
        String from = "SELECT user_id FROM " + table;
        // Behind the cursor, in a form that lets every engine start its walk of the key there.
        String after = cursor == null ? "" : " WHERE user_id >= ? AND (user_id > ? OR user_id_length > ?)";
        List<String> ids = call(connection -> {
            Optional<Engine> engine = Engine.of(connection);
            String end = engine.map(known -> known.limit(limit)).orElse("");
            try (PreparedStatement statement =
                    connection.prepareStatement(from + after + " ORDER BY user_id, user_id_length" + end)) {
                if (engine.isEmpty()) {
                    statement.setMaxRows(limit);
                }
                if (cursor != null) {
                    statement.setString(1, cursor);
                    bindKey(statement, 2, cursor);
                }
                try (ResultSet rows = statement.executeQuery()) {
                    List<String> page = new ArrayList<>();
                    while (rows.next()) {
                        page.add(rows.getString(1));
                    }
                    return page;
                }
            }
        });
        return new UserIdPage(ids, ids.size() < limit ? null : ids.get(limit - 1));
    }

    /** One conditional write: true if it changed its row, false if it certainly changed nothing. */
    private boolean write(int leastRows, String sql, Binding binding) {
        return use(connection -> {
            try {
                return inTransaction(connection, () -> {
                    try (PreparedStatement statement = connection.prepareStatement(sql)) {
                        binding.to(statement);
                        int rows = statement.executeUpdate();
                        if (rows < leastRows || rows > 1) {
                            throw new StoreException(
                                    "the table " + table + " has no key, or a trigger that hides what was"
                                            + " written: " + rows + " rows by the engine's count");
                        }
                        return rows == 1;
                    }
                });
            } catch (SQLException e) {
                if (gaveWay(e) || isDuplicateKey(e)) {
                    return false;
                }
                throw e;
            }
        });
    }

    private <T> T call(Work<T> work) {
        return use(connection -> inTransaction(connection, () -> work.on(connection)));
    }

    /** Lends a connection of the store's own, so that it reads what is committed, and gives it back as it came. */
    private <T> T use(Work<T> work) {
        try (Connection connection = dataSource.getConnection()) {
            if (!autoCommitOffByDefault && !connection.getAutoCommit()) {
                throw new StoreException("refused a connection with auto-commit off, since a rollback of the caller's"
                        + " would erase what is counted here. It comes from (1) a TransactionAwareDataSourceProxy: give"
                        + " the store the data source behind it; (2) JTA: give it a data source that is not enlisted;"
                        + " or (3) a pool that is set so: use withAutoCommitOffByDefault()");
            }
            if (Engine.POSTGRESQL.isBehind(connection)) {
                // It reads what is committed in every isolation, and to ask for that one costs a round trip.
                return work.on(connection);
            }
            int isolation = connection.getTransactionIsolation();
            if (isolation == Connection.TRANSACTION_READ_COMMITTED) {
                return work.on(connection);
            }
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            return inOtherIsolation(connection, isolation, work);
        } catch (SQLException e) {
            throw failure(e);
        } catch (StoreException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new StoreException("the driver or the pool failed", e);
        }
    }

    @SuppressWarnings("try") // The resource is there for its end, and to keep the first exception the first.
    private static <T> T inOtherIsolation(Connection connection, int asFound, Work<T> work) throws SQLException {
        try (Restoration restoration = () -> connection.setTransactionIsolation(asFound)) {
            return work.on(connection);
        }
    }

    private static <T> T inTransaction(Connection connection, Statements<T> statements) throws SQLException {
        if (connection.getAutoCommit()) {
            return statements.run();
        }
        try {
            T result = statements.run();
            commit(connection);
            return result;
        } catch (SQLException | RuntimeException | Error e) {
            try {
                connection.rollback();
            } catch (SQLException notRolledBack) {
                e.addSuppressed(notRolledBack);
                throw new StoreException("neither committed nor rolled back for certain", e);
            }
            throw e;
        }
    }

    /** A commit that fails may have been made all the same, unless the engine says that it has rolled back. */
    private static void commit(Connection connection) throws SQLException {
        try {
            connection.commit();
        } catch (SQLException e) {
            if (gaveWay(e)) {
                throw e;
            }
            throw new StoreException("committed or not, nobody knows", e);
        }
    }

    /** Whether the engine says that it has rolled back in favour of another writer. */
    private static boolean gaveWay(SQLException e) {
        return "40001".equals(e.getSQLState()) || "40P01".equals(e.getSQLState());
    }

    private static boolean isDuplicateKey(SQLException e) {
        return switch (Objects.requireNonNullElse(e.getSQLState(), "")) {
            case "23505" -> true;
            case "23000" -> e.getErrorCode() == MYSQL_DUPLICATE_ENTRY;
            // SQLite's driver gives no state. Its code 19 is any constraint, and only the text says which.
            case "" ->
                e.getErrorCode() == SQLITE_CONSTRAINT
                        && String.valueOf(e.getMessage()).contains("UNIQUE constraint failed");
            default -> false;
        };
    }

    private StoreException failure(SQLException e) {
        String state = Objects.requireNonNullElse(e.getSQLState(), "");
        boolean shape = state.isEmpty()
                ? e.getErrorCode() == SQLITE_ERROR || e.getErrorCode() == SQLITE_CONSTRAINT
                : state.startsWith("22") || state.startsWith("23") || state.startsWith("42");
        return new StoreException(
                shape
                        ? "the table " + table
                                + " is missing, has another shape, or is closed to this database user: call"
                                + " createTableIfMissing(), or run schema/*.sql of sallyport-storage-jdbc"
                        : "the database or the way to it failed",
                e);
    }

    private static int bindContent(PreparedStatement statement, StoredRecord record, RecordSummary summary)
            throws SQLException {
        int i = 1;
        statement.setLong(i++, record.version());
        statement.setBytes(i++, record.payload());
        statement.setString(i++, summary.state().name());
        statement.setInt(i++, summary.failedAttempts());
        statement.setString(i++, utc(summary.lockedUntil()));
        statement.setInt(i++, summary.backupCodesLeft());
        statement.setInt(i++, summary.rememberedBrowsers());
        statement.setString(i++, utc(summary.enabledAt()));
        statement.setString(i++, utc(summary.updatedAt()));
        return i;
    }

    private static int bindKey(PreparedStatement statement, int first, String userId) throws SQLException {
        statement.setString(first, userId);
        statement.setInt(first + 1, userId.length());
        return first + 2;
    }

    private static void bindKeyAndVersion(PreparedStatement statement, int first, StoredRecord record)
            throws SQLException {
        statement.setLong(bindKey(statement, first, record.userId()), record.version());
    }

    private static @Nullable String utc(@Nullable Instant instant) {
        return instant == null ? null : UTC.format(instant);
    }

    private interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    private interface Statements<T> {
        T run() throws SQLException;
    }

    private interface Binding {
        void to(PreparedStatement statement) throws SQLException;
    }

    private interface Restoration extends AutoCloseable {
        @Override
        void close() throws SQLException;
    }
}
