// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.SpoiledRecordException;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.UserIdPage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
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
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the records in one table of a relational database.
 *
 * <pre>{@code
 * JdbcTwoFactorStore store = JdbcTwoFactorStore.of(dataSource);
 * store.createTableIfMissing();                 // or run the file from schema/ with your migrations
 * }</pre>
 *
 * <p><b>Transactions.</b> This store never takes part in the caller's transaction. If the caller rolled back, a failed
 * attempt would not be counted. Each call gets its own connection from the {@link DataSource}, runs each statement in
 * its own transaction in READ COMMITTED, and gives the connection back with the settings that it had. On PostgreSQL the
 * store does not change the isolation of the connection, because PostgreSQL never reads uncommitted data.
 *
 * <ul>
 *   <li>The application SHOULD call Sallyport outside of its own transactions. Inside of one, the thread needs a second
 *       connection while it keeps the first. If N threads do this on a pool of N connections, all of them wait until
 *       the pool times out, and each gets a {@link StoreException}. If you cannot avoid it, give this store its own
 *       pool.
 *   <li>The data source MUST NOT return the connection of the caller's transaction. Do not use Spring's {@code
 *       TransactionAwareDataSourceProxy}, a data source that is enlisted in JTA, or a single shared connection. The
 *       store refuses a connection with auto-commit off. It throws a {@link StoreException} and leaves the connection's
 *       transaction as it is. For pools whose connections have auto-commit off, see {@link
 *       #withAutoCommitOffByDefault()}.
 *   <li>The data source MUST lead to the primary database, and never to a replica that may be behind.
 *   <li>The driver and any proxy MUST NOT repeat statements by themselves. Switch off {@code autoReconnect} and {@code
 *       transactionReplay}; on ProxySQL set {@code mysql-query_retries_on_failure=0}; on MaxScale switch off {@code
 *       delayed_retry} and {@code transaction_replay}. A repeated write can meet its own first try, and would then look
 *       like the write of somebody else.
 *   <li>Connections SHOULD come in READ COMMITTED. Otherwise each call sets it and sets it back. Behind a proxy that
 *       pools transactions they MUST come in READ COMMITTED, because the setting may stay on the connection of somebody
 *       else. On PostgreSQL in SERIALIZABLE, a call may throw a {@link StoreException} while others write to the table.
 *   <li>SQLite has one writer at a time. While the caller has an open write transaction, a write of this store waits
 *       for SQLite's {@code busy_timeout} and then throws.
 * </ul>
 *
 * <p><b>Settings of the database.</b> A commit that was confirmed MUST survive a crash: {@code fsync} and {@code
 * synchronous_commit} on (PostgreSQL), {@code innodb_flush_log_at_trx_commit=1} (MariaDB, MySQL), {@code
 * hsqldb.write_delay=false} (HSQLDB), {@code synchronous=FULL} (SQLite). Otherwise a crash forgets the last used codes,
 * and they can be used again. H2 never forces a commit to the disk: with {@code WRITE_DELAY 0} a commit survives the
 * end of the process, but not a power failure. A fail-over to an asynchronous replica forgets commits too. On a Galera
 * cluster set {@code wsrep_sync_wait=1}. Set time-outs at the pool and at the driver's socket, because this store sets
 * none.
 *
 * <p><b>Errors.</b> {@code insert} and {@code replace} return {@code false} if certainly nothing changed: no row has
 * that version, the key exists already (SQLState 23505, and what other engines report instead), or the database rolled
 * back because of another writer (40001, 40P01). Everything else is a {@link StoreException}: for
 * example a lost connection, a lock time-out, an interrupt, an unknown outcome (40003), or a busy SQLite. The change
 * may then have been made or not, and the next call reads the record again. The cause is the driver's own exception. It
 * may quote a row, with the user id and the ciphertext; on PostgreSQL {@code logServerErrorDetail=false} prevents that.
 *
 * <p><b>Databases.</b> The store knows those of {@link Engine}. It refuses any other database with a {@link
 * StoreException}, until {@link #withEngine} says which one it is like. {@link Engine} says which of them the build
 * tests. On Oracle each session MUST have {@code NLS_SORT} and {@code NLS_COMP} BINARY, and the data source MUST NOT
 * replay (Application Continuity). On Db2 switch off automatic client reroute ({@code enableSeamlessFailover}). On
 * Firebird connect with {@code encoding=UTF8}, and leave forced writes on.
 *
 * <p><b>The table.</b> Its key is the user id and the length of the user id. The two together are exact on every
 * database: some databases ignore blanks at the end when they compare. Ids are stored as text, so {@code WHERE user_id
 * = '42'} finds a row. The columns for people contain instants as text in UTC: {@code 2026-11-01T08:30:00.000Z}. No
 * time zone of a session or of a driver changes them, and they sort by time.
 *
 * <p>Do not delete or edit rows with SQL. A deleted row switches two-factor authentication off for its user, and
 * sessions from before the user enabled it can become valid again. To delete an account, call the core.
 *
 * <p>Somebody who can read the table learns who uses two-factor authentication and how their attempts went, but no
 * secret. Somebody who can write to the table cannot make a record that opens. They can delete a record or put an older
 * one back.
 *
 * <p>Immutable. Any number of threads may use it, and any number of processes may use the same table.
 */
public final class JdbcTwoFactorStore implements ScannableTwoFactorStore {
    /** By its name, because this module opens no channel and does not depend on that package. */
    private static final String CLOSED_BY_INTERRUPT = "java.nio.channels.ClosedByInterruptException";

    private static final String DEFAULT_TABLE = "sallyport_record";
    private static final String NAME = "[A-Za-z_][A-Za-z0-9_]{0,62}";
    private static final Pattern TABLE = Pattern.compile("(" + NAME + "\\.)?" + NAME);
    private static final String KEY = "user_id = ? AND user_id_length = ?";
    private static final String KEY_AND_VERSION = KEY + " AND version = ?";
    private static final DateTimeFormatter UTC = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final int MOST_CAUSES = 32;
    private static final int LONGEST_ID = 255;
    private static final int LARGEST_PAYLOAD = 65_536;

    private final DataSource dataSource;
    private final String table;
    private final boolean autoCommitOffByDefault;
    private final @Nullable Engine givenEngine;

    private JdbcTwoFactorStore(
            DataSource dataSource, String table, boolean autoCommitOffByDefault, @Nullable Engine givenEngine) {
        this.dataSource = Objects.requireNonNull(dataSource, "dataSource");
        this.table = table;
        this.autoCommitOffByDefault = autoCommitOffByDefault;
        this.givenEngine = givenEngine;
    }

    /**
     * Makes a store that uses the table {@code sallyport_record}. It does not connect to the database yet.
     *
     * @param dataSource returns connections that nobody else uses, see the description of the class
     * @return the store
     */
    public static JdbcTwoFactorStore of(DataSource dataSource) {
        return new JdbcTwoFactorStore(dataSource, DEFAULT_TABLE, false, null);
    }

    /**
     * Makes a store that is like this one and uses another table.
     *
     * @param name the name of a table, or the names of a schema and a table with a dot between them. Each name is an
     *     ASCII letter or underscore, followed by up to 62 letters, digits and underscores. The SQL statements contain
     *     it without quotes
     * @return another store
     * @throws IllegalArgumentException if the name is anything else
     */
    public JdbcTwoFactorStore withTable(String name) {
        if (!TABLE.matcher(name).matches()) {
            throw new IllegalArgumentException("a table name is an ASCII letter or underscore, followed by up to 62"
                    + " letters, digits and underscores, with the name of a schema and a dot before it if needed");
        }
        return new JdbcTwoFactorStore(dataSource, name, autoCommitOffByDefault, givenEngine);
    }

    /**
     * Makes a store that is like this one, for a pool whose connections have auto-commit off and no open transaction.
     * The store then commits or rolls back its own statements, and leaves auto-commit off.
     *
     * <p>Do not use this because a {@code TransactionAwareDataSourceProxy} or a JTA data source was refused. The store
     * would then commit the caller's unfinished work.
     *
     * @return another store
     */
    public JdbcTwoFactorStore withAutoCommitOffByDefault() {
        return new JdbcTwoFactorStore(dataSource, table, true, givenEngine);
    }

    /**
     * Makes a store that is like this one, for a database that the store does not know. The store treats the database
     * like the given engine, whatever product name the database reports.
     *
     * <p>The database has to report the same SQLStates as that engine, and an UPDATE has to report how many rows it
     * matched. Run the tests of {@code sallyport-storage-conformance} on it before you use it.
     *
     * @param engine which engine the database is like
     * @return another store
     */
    public JdbcTwoFactorStore withEngine(Engine engine) {
        return new JdbcTwoFactorStore(
                dataSource, table, autoCommitOffByDefault, Objects.requireNonNull(engine, "engine"));
    }

    /**
     * Creates the table if it does not exist, with the statement from the schema file of the engine. Any number of
     * nodes may call this at the same time. The database user needs the right to create tables. An application that has
     * its own migrations copies the schema file instead.
     *
     * @throws StoreException if the engine is not known, if a table of this name has other columns or columns that are
     *     too short, or if the database fails
     */
    public void createTableIfMissing() {
        Optional<String> tooShort;
        try {
            tooShort = tooShortColumn();
        } catch (StoreException missing) {
            createTable(call((connection, engine) -> schemaEngine(connection, engine)));
            return;
        }
        if (tooShort.isPresent()) {
            throw new StoreException("the table " + table + " exists, but " + tooShort.get()
                    + ". Larger records would fail later: compare the table with schema/*.sql of"
                    + " sallyport-storage-jdbc");
        }
    }

    private void createTable(Engine engine) {
        try {
            call((connection, same) -> {
                try (Statement statement = connection.createStatement()) {
                    return statement.executeUpdate(engine.schema().replace(DEFAULT_TABLE, table));
                }
            });
        } catch (StoreException e) {
            try {
                // Another node may have created the table in the meantime. Then all is well.
                tooShortColumn();
            } catch (StoreException stillMissing) {
                e.addSuppressed(stillMissing);
                throw new StoreException(
                        "the table " + table + " cannot be created, or it exists with other columns: compare it with "
                                + engine.schemaFile() + " of sallyport-storage-jdbc, or choose another name",
                        e);
            }
        }
    }

    /** CockroachDB's driver reports PostgreSQL. Of all statements only the schema differs. */
    private static Engine schemaEngine(Connection connection, Engine engine) throws SQLException {
        if (engine != Engine.POSTGRESQL) {
            return engine;
        }
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT version()")) {
            return rows.next() && rows.getString(1).startsWith("CockroachDB") ? Engine.COCKROACHDB : engine;
        }
    }

    /** Throws if a column is missing. Says which one is too short, as far as the driver knows the length. */
    private Optional<String> tooShortColumn() {
        return call((connection, engine) -> {
            try (PreparedStatement statement = connection.prepareStatement("SELECT user_id, payload, user_id_length,"
                            + " version, state, failed_attempts, locked_until, backup_codes_left, remembered_browsers,"
                            + " enabled_at, updated_at FROM " + table + " WHERE 1 = 0");
                    ResultSet rows = statement.executeQuery()) {
                ResultSetMetaData columns = rows.getMetaData();
                int payload = columns.getPrecision(2);
                return tooShort("user_id", columns.getPrecision(1), LONGEST_ID)
                        .or(() -> tooShort("payload", payload, LARGEST_PAYLOAD));
            }
        });
    }

    /** A driver that does not know the length gives 0. */
    private static Optional<String> tooShort(String column, int length, int needed) {
        return length > 0 && length < needed
                ? Optional.of("its column " + column + " has room for " + length + ", and " + needed + " are needed")
                : Optional.empty();
    }

    @Override
    public Optional<StoredRecord> find(String userId) {
        Objects.requireNonNull(userId, "userId");
        String select = "SELECT user_id, version, payload FROM " + table + " WHERE " + KEY;
        Work<Optional<StoredRecord>> read = (connection, engine) -> {
            try (PreparedStatement statement = connection.prepareStatement(select)) {
                bindKey(statement, 1, userId);
                try (ResultSet rows = statement.executeQuery()) {
                    return requireExactKey(rows, userId) ? Optional.of(record(rows, userId)) : Optional.empty();
                }
            }
        };
        return use(
                Engine::isolationOfFind,
                (connection, engine) -> inTransaction(connection, engine, () -> read.on(connection, engine)));
    }

    /**
     * Moves to the row. Returns false if there is none. A row of another user means that the table is wrong for all
     * users. It is not reported as one spoiled record, because the reset of that record would erase the other user's
     * record.
     */
    private boolean requireExactKey(ResultSet rows, String userId) throws SQLException {
        if (!rows.next()) {
            return false;
        }
        if (!userId.equals(rows.getString("user_id"))) {
            throw new StoreException(
                    "the table " + table + " does not distinguish user ids exactly: compare its key and"
                            + " its collation with schema/*.sql of sallyport-storage-jdbc");
        }
        return true;
    }

    private StoredRecord record(ResultSet rows, String userId) throws SQLException {
        long version = rows.getLong("version");
        byte[] payload = rows.getBytes("payload");
        if (rows.next()) {
            throw new StoreException("the table " + table + " has two rows for one user: compare its key with"
                    + " schema/*.sql of sallyport-storage-jdbc");
        }
        if (payload == null) {
            throw new SpoiledRecordException("a row of the table " + table + " has no payload");
        }
        try {
            return StoredRecord.of(userId, version, payload);
        } catch (IllegalArgumentException e) {
            throw new SpoiledRecordException("a row of the table " + table + " is not a record", e);
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
            throw new IllegalArgumentException("a record can only be replaced by a record of the same user");
        }
        return write(
                0,
                "UPDATE " + table + " SET version = ?, payload = ?, state = ?, failed_attempts = ?, locked_until = ?,"
                        + " backup_codes_left = ?, remembered_browsers = ?, enabled_at = ?, updated_at = ? WHERE "
                        + KEY_AND_VERSION,
                statement -> bindKeyAndVersion(statement, bindContent(statement, next, summary), current));
    }

    @Override
    public void erase(String userId) {
        Objects.requireNonNull(userId, "userId");
        use((connection, engine) -> {
            // A collation that ignores letter case would let the DELETE remove the row of another user.
            boolean present = inTransaction(connection, engine, () -> isPresent(connection, userId));
            try {
                return present && inTransaction(connection, engine, () -> delete(connection, userId));
            } catch (SQLException e) {
                if (engine.isErasedMeanwhile(e)) {
                    return false;
                }
                throw e;
            }
        });
    }

    private boolean isPresent(Connection connection, String userId) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT user_id FROM " + table + " WHERE " + KEY)) {
            bindKey(statement, 1, userId);
            try (ResultSet rows = statement.executeQuery()) {
                return requireExactKey(rows, userId);
            }
        }
    }

    private boolean delete(Connection connection, String userId) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM " + table + " WHERE " + KEY)) {
            bindKey(statement, 1, userId);
            return isOneRow(statement.executeUpdate(), 0);
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>The ids are sorted by the key of the table. The cursor is the last id of the page.
     */
    @Override
    public UserIdPage userIds(@Nullable String cursor, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a page has room for 1 id or more, not " + limit);
        }
        // This form of "after the cursor" lets every engine start at the cursor in the index of the key.
        String after = cursor == null ? "" : " WHERE user_id >= ? AND (user_id > ? OR user_id_length > ?)";
        String select = "SELECT user_id FROM " + table + after + " ORDER BY user_id, user_id_length";
        List<String> ids = call((connection, engine) -> {
            try (PreparedStatement statement = connection.prepareStatement(select + engine.limit(limit))) {
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

    /** One conditional write: true if it changed its row, false if certainly nothing changed. */
    private boolean write(int leastRows, String sql, Binding binding) {
        return use((connection, engine) -> {
            try {
                return inTransaction(connection, engine, () -> {
                    try (PreparedStatement statement = connection.prepareStatement(sql)) {
                        binding.to(statement);
                        return isOneRow(statement.executeUpdate(), leastRows);
                    }
                });
            } catch (SQLException e) {
                if (engine.isRolledBack(e) || engine.isDuplicateKey(e)) {
                    return false;
                }
                throw e;
            }
        });
    }

    private boolean isOneRow(int rows, int leastRows) {
        if (rows < leastRows || rows > 1) {
            throw new StoreException(
                    "a write to the table " + table + " changed " + rows + " rows, as the database says."
                            + " Either the table has no primary key, or a trigger changes what is reported");
        }
        return rows == 1;
    }

    private <T> T call(Work<T> work) {
        return use((connection, engine) -> inTransaction(connection, engine, () -> work.on(connection, engine)));
    }

    /** Works on a connection of its own that reads committed data, and gives it back with the settings that it had. */
    private <T> T use(Work<T> work) {
        return use(engine -> Connection.TRANSACTION_READ_COMMITTED, work);
    }

    private <T> T use(ToIntFunction<Engine> isolation, Work<T> work) {
        try (Connection connection = dataSource.getConnection()) {
            if (!autoCommitOffByDefault && !connection.getAutoCommit()) {
                throw new StoreException("refused a connection with auto-commit off, because a rollback of the caller"
                        + " would undo what is counted here. Possible reasons: (1) a TransactionAwareDataSourceProxy:"
                        + " give the store the data source behind it; (2) JTA: give the store a data source that is not"
                        + " enlisted; (3) a pool with this setting: use withAutoCommitOffByDefault()");
            }
            Engine engine = engine(connection);
            return use(connection, engine, isolation.applyAsInt(engine), work);
        } catch (StoreException e) {
            throw e;
        } catch (SQLException e) {
            throw failure(e, false);
        } catch (Exception e) {
            // This catches every kind, because some pools throw checked exceptions that they do not declare.
            restoreInterrupt(e);
            throw new StoreException("the driver or the pool failed", e);
        }
    }

    private <T> T use(Connection connection, Engine engine, int wanted, Work<T> work) {
        try {
            if (engine == Engine.POSTGRESQL || engine == Engine.COCKROACHDB) {
                // They read committed data in every isolation, and setting the isolation costs a round trip.
                return work.on(connection, engine);
            }
            int isolation = connection.getTransactionIsolation();
            if (isolation == wanted) {
                return work.on(connection, engine);
            }
            connection.setTransactionIsolation(wanted);
            return thenRestoring(isolation, connection, engine, work);
        } catch (SQLException e) {
            throw failure(e, engine.isWrongTable(e));
        }
    }

    private Engine engine(Connection connection) throws SQLException {
        if (givenEngine != null) {
            return givenEngine;
        }
        String name = connection.getMetaData().getDatabaseProductName();
        return Engine.ofProductName(name)
                .orElseThrow(() -> new StoreException("the database reports the name \"" + name + "\", which this store"
                        + " does not know. If it is like one of " + List.of(Engine.values())
                        + ", use withEngine(..), create the table with its file from schema/, and run the tests of"
                        + " sallyport-storage-conformance"));
    }

    @SuppressWarnings("try") // The resource restores the setting, and keeps the first exception the first.
    private static <T> T thenRestoring(int isolation, Connection connection, Engine engine, Work<T> work)
            throws SQLException {
        try (Restoration restoration = () -> connection.setTransactionIsolation(isolation)) {
            return work.on(connection, engine);
        }
    }

    private static <T> T inTransaction(Connection connection, Engine engine, Statements<T> statements)
            throws SQLException {
        if (connection.getAutoCommit()) {
            return statements.run();
        }
        try {
            T result = statements.run();
            commit(connection, engine);
            return result;
        } catch (SQLException | RuntimeException | Error e) {
            try {
                connection.rollback();
            } catch (SQLException notRolledBack) {
                e.addSuppressed(notRolledBack);
                restoreInterrupt(e);
                throw new StoreException(
                        "a write failed, and its rollback failed too: it may have been made or not", e);
            }
            throw e;
        }
    }

    /** A commit that fails may have been made all the same, unless the engine says that it has rolled back. */
    private static void commit(Connection connection, Engine engine) throws SQLException {
        try {
            connection.commit();
        } catch (SQLException e) {
            if (engine.isRolledBack(e)) {
                throw e;
            }
            restoreInterrupt(e);
            throw new StoreException("the commit failed: the write may have been made or not", e);
        }
    }

    private StoreException failure(SQLException e, boolean wrongTable) {
        restoreInterrupt(e);
        return new StoreException(
                wrongTable
                        ? "the table " + table
                                + " is missing, has other columns, or this database user may not use it: call"
                                + " createTableIfMissing(), or run schema/*.sql of sallyport-storage-jdbc"
                        : "the database failed or cannot be reached",
                e);
    }

    /** Some drivers and pools clear the interrupt flag when they throw. */
    private static void restoreInterrupt(Throwable thrown) {
        if (Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
                .limit(MOST_CAUSES)
                .anyMatch(cause -> cause instanceof InterruptedException
                        || cause.getClass().getName().equals(CLOSED_BY_INTERRUPT))) {
            Thread.currentThread().interrupt();
        }
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
        T on(Connection connection, Engine engine) throws SQLException;
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
