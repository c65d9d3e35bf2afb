// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import com.zaxxer.hikari.HikariDataSource;
import dev.sallyport.Rejected;
import dev.sallyport.TwoFactor;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.RecordSummary.State;
import dev.sallyport.storage.SpoiledRecordException;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.UserIdPage;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteDataSource;

/** What does not depend on the engine, on H2 and with drivers that fail. */
class JdbcTwoFactorStoreTest {
    private static final RecordSummary SUMMARY =
            new RecordSummary(State.ENABLED, 0, null, 10, 0, Instant.EPOCH, Instant.EPOCH);
    private static final StoredRecord FIRST = StoredRecord.of("42", 1, new byte[] {1});
    private static final StoredRecord SECOND = StoredRecord.of("42", 2, new byte[] {2});

    private final DataSource real = Database.H2.dataSource();
    private final String table = Database.newTable();
    private final JdbcTwoFactorStore store = JdbcTwoFactorStore.of(real).withTable(table);
    private final List<String> calls = new ArrayList<>();

    @BeforeEach
    void createTable() {
        store.createTableIfMissing();
    }

    private static boolean erase(JdbcTwoFactorStore store, String userId) {
        store.erase(userId);
        return true;
    }

    /** The store over a driver whose calls a test intercepts. */
    private JdbcTwoFactorStore over(DriverInterceptor between) {
        return JdbcTwoFactorStore.of(DriverInterceptor.of(real, (method, call) -> {
                    calls.add(method);
                    return between.on(method, call);
                }))
                .withTable(table);
    }

    /** The call is made, and then it throws. */
    private JdbcTwoFactorStore failingAfter(String failing, Exception failure) {
        return over((method, call) -> {
            Object result = call.proceed();
            if (method.equals(failing)) {
                throw failure;
            }
            return result;
        });
    }

    private JdbcTwoFactorStore failingInsteadOf(String failing, Exception failure) {
        return over((method, call) -> {
            if (method.equals(failing)) {
                throw failure;
            }
            return call.proceed();
        });
    }

    /** A driver whose connections come with this isolation, as from a pool with that setting. */
    private JdbcTwoFactorStore over(int isolation, List<Connection> lent) {
        return over((method, call) -> {
            if (method.equals("close")) {
                return null;
            }
            if (method.startsWith("execute")) {
                Connection connection = lent.get(lent.size() - 1);
                assertThat(connection.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_READ_COMMITTED);
            }
            Object result = call.proceed();
            if (result instanceof Connection connection) {
                connection.setTransactionIsolation(isolation);
                lent.add(connection);
            }
            return result;
        });
    }

    @Nested
    class Names {

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    " ",
                    "two words",
                    "1st",
                    "a-b",
                    "a.b.c",
                    ".a",
                    "a.",
                    "a;DROP TABLE users",
                    "a--",
                    "\"a\"",
                    "`a`",
                    "t\u00e4ble",
                    "a\n",
                    "\u0661",
                    "a234567890123456789012345678901234567890123456789012345678901234"
                })
        void withTable_anythingButAPlainName_isRefused(String name) {
            assertThatIllegalArgumentException().isThrownBy(() -> store.withTable(name));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "a",
                    "_",
                    "sallyport_record",
                    "Security.two_factor",
                    "a23456789012345678901234567890123456789012345678901234567890123"
                })
        void withTable_plainName_isTaken(String name) {
            assertThat(store.withTable(name)).isNotSameAs(store);
        }

        @Test
        void withTable_withSchema_keepsTheRecordsThere() {
            Sql.run(real, "CREATE SCHEMA IF NOT EXISTS security");
            JdbcTwoFactorStore elsewhere = JdbcTwoFactorStore.of(real).withTable("security." + table);
            elsewhere.createTableIfMissing();

            assertThat(elsewhere.insert(FIRST, SUMMARY)).isTrue();
            assertThat(store.find("42")).isEmpty();
            assertThat(elsewhere.find("42")).contains(FIRST);
        }

        @Test
        void withTable_another_leavesTheFirstAsItWas() {
            JdbcTwoFactorStore another = store.withTable(Database.newTable());
            another.createTableIfMissing();
            another.insert(FIRST, SUMMARY);

            assertThat(store.find("42")).isEmpty();
        }
    }

    @Nested
    class Misuse {

        @Test
        @SuppressWarnings("NullAway") // What an application without a null checker may do.
        void null_isRefusedAsSuch() {
            assertThatNullPointerException().isThrownBy(() -> JdbcTwoFactorStore.of(null));
            assertThatNullPointerException().isThrownBy(() -> store.withTable(null));
            assertThatNullPointerException().isThrownBy(() -> store.find(null));
            assertThatNullPointerException().isThrownBy(() -> store.insert(null, SUMMARY));
            assertThatNullPointerException().isThrownBy(() -> store.insert(FIRST, null));
            assertThatNullPointerException().isThrownBy(() -> store.replace(null, SECOND, SUMMARY));
            assertThatNullPointerException().isThrownBy(() -> store.replace(FIRST, null, SUMMARY));
            assertThatNullPointerException().isThrownBy(() -> store.replace(FIRST, SECOND, null));
            assertThatNullPointerException().isThrownBy(() -> store.erase(null));
            assertThatNullPointerException().isThrownBy(() -> store.withEngine(null));
        }

        @Test
        void replace_byAnotherUsersRecord_isRefused() {
            store.insert(FIRST, SUMMARY);

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> store.replace(FIRST, StoredRecord.of("43", 2, new byte[] {1}), SUMMARY));
            assertThat(store.find("42")).contains(FIRST);
        }

        @ParameterizedTest
        @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
        void userIds_noRoom_isRefused(int limit) {
            assertThatIllegalArgumentException().isThrownBy(() -> store.userIds(null, limit));
        }
    }

    @Nested
    class Table {

        @Test
        void everyCall_unknownEngine_isRefusedBeforeAnyStatement() {
            JdbcTwoFactorStore unknown = renamed();

            for (Callable<?> call : List.<Callable<?>>of(
                    () -> unknown.find("42"),
                    () -> unknown.insert(FIRST, SUMMARY),
                    () -> unknown.replace(FIRST, SECOND, SUMMARY),
                    () -> erase(unknown, "42"),
                    () -> unknown.userIds(null, 1),
                    () -> {
                        unknown.createTableIfMissing();
                        return true;
                    })) {
                calls.clear();
                assertThatExceptionOfType(StoreException.class)
                        .isThrownBy(call::call)
                        .withMessageContaining("\"Access\"")
                        .withMessageContaining("withEngine(..)");
                assertThat(calls).doesNotContain("prepareStatement", "createStatement");
            }
        }

        @Test
        void withEngine_ofAnUnknownDatabase_servesIt() {
            String fresh = Database.newTable();
            JdbcTwoFactorStore like = renamed().withTable(fresh).withEngine(Engine.H2);
            like.createTableIfMissing();

            assertThat(like.insert(FIRST, SUMMARY)).isTrue();
            assertThat(like.userIds(null, 1).userIds()).containsExactly("42");
            assertThat(like.withTable(table).withAutoCommitOffByDefault().find("42"))
                    .as("the engine stays")
                    .isEmpty();
        }

        private JdbcTwoFactorStore renamed() {
            return over((method, call) -> {
                Object result = call.proceed();
                return result instanceof DatabaseMetaData metaData ? Named.otherwise(metaData, "Access") : result;
            });
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"REGULAR", "LEGACY", "STRICT", "PostgreSQL", "MySQL", "MariaDB", "Oracle", "MSSQLServer"})
        void userIds_h2InAnotherMode_walks(String mode) {
            JdbcDataSource dataSource = new JdbcDataSource();
            dataSource.setURL("jdbc:h2:mem:mode-" + mode + ";DB_CLOSE_DELAY=-1;MODE=" + mode);
            JdbcTwoFactorStore inMode = JdbcTwoFactorStore.of(dataSource);
            inMode.createTableIfMissing();
            inMode.insert(FIRST, SUMMARY);
            inMode.insert(StoredRecord.of("43", 1, new byte[] {1}), SUMMARY);

            assertThat(inMode.userIds(null, 1)).isEqualTo(new UserIdPage(List.of("42"), "42"));
            assertThat(inMode.userIds("42", 2)).isEqualTo(new UserIdPage(List.of("43"), null));
        }

        @ParameterizedTest
        @EnumSource
        void schemaFile_ofEachEngine_isThereAndEndsAsAStatement(Engine engine) throws IOException {
            try (InputStream in = Engine.class.getResourceAsStream(engine.schemaFile())) {
                assertThat(in).isNotNull();
                assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                        .startsWith("-- SPDX-License-Identifier: Apache-2.0\n")
                        .contains("CREATE TABLE sallyport_record (")
                        .endsWith(";\n");
            }
        }

        @Test
        @DisplayName("A table that takes Alice for alice gives nobody the record of another, and erases nobody else")
        void find_caseInsensitiveColumn_throws() {
            String loose = Database.newTable();
            Sql.run(real, "CREATE TABLE " + loose + " AS SELECT * FROM " + table + " WHERE 1 = 0");
            Sql.run(real, "ALTER TABLE " + loose + " ALTER COLUMN user_id VARCHAR_IGNORECASE(255) NOT NULL");
            JdbcTwoFactorStore wrong = JdbcTwoFactorStore.of(real).withTable(loose);
            wrong.insert(StoredRecord.of("alice", 1, new byte[] {1}), SUMMARY);

            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> wrong.find("Alice"))
                    .withMessageContaining("does not distinguish user ids")
                    .isNotInstanceOf(SpoiledRecordException.class);
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> wrong.erase("Alice"))
                    .withMessageContaining("does not distinguish user ids");
            assertThat(wrong.find("alice")).isPresent();
        }

        @Test
        void everyCall_tableWithoutAKey_throwsOnceThereAreTwo() {
            String loose = Database.newTable();
            Sql.run(real, "CREATE TABLE " + loose + " AS SELECT * FROM " + table + " WHERE 1 = 0");
            JdbcTwoFactorStore wrong = JdbcTwoFactorStore.of(real).withTable(loose);
            wrong.insert(FIRST, SUMMARY);
            wrong.insert(FIRST, SUMMARY);

            assertThatExceptionOfType(StoreException.class).isThrownBy(() -> wrong.find("42"));
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> wrong.replace(FIRST, SECOND, SUMMARY))
                    .withMessageContaining("no primary key");
        }

        @ParameterizedTest
        @ValueSource(strings = {"version = 0", "version = -1", "payload = X''"})
        void find_rowThatIsNoRecord_throwsSpoiledRecordException(String edit) {
            store.insert(FIRST, SUMMARY);
            Sql.run(real, "UPDATE " + table + " SET " + edit);

            assertThatExceptionOfType(SpoiledRecordException.class)
                    .isThrownBy(() -> store.find("42"))
                    .withMessageContaining("not a record");
        }

        @Test
        void find_rowWithoutPayload_throwsSpoiledRecordException() {
            String loose = Database.newTable();
            Sql.run(real, "CREATE TABLE " + loose + " AS SELECT * FROM " + table + " WHERE 1 = 0");
            Sql.run(real, "ALTER TABLE " + loose + " ALTER COLUMN payload SET NULL");
            JdbcTwoFactorStore nullable = store.withTable(loose);
            nullable.insert(FIRST, SUMMARY);
            Sql.run(real, "UPDATE " + loose + " SET payload = NULL");

            assertThatExceptionOfType(SpoiledRecordException.class)
                    .isThrownBy(() -> nullable.find("42"))
                    .withMessageContaining("no payload");
            nullable.erase("42");
            assertThat(nullable.find("42")).isEmpty();
        }
    }

    @Nested
    class Connections {

        @InEachIsolation
        void everyCall_anyIsolation_readsCommittedAndLeavesItAsItCame(int isolation) throws SQLException {
            List<Connection> lent = new ArrayList<>();
            JdbcTwoFactorStore served = over(isolation, lent);

            served.insert(FIRST, SUMMARY);
            served.insert(FIRST, SUMMARY);
            served.replace(FIRST, SECOND, SUMMARY);
            served.find("42");
            served.userIds(null, 1);
            served.erase("42");
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> served.withTable("nowhere").find("42"));

            assertThat(lent).hasSize(7);
            for (Connection connection : lent) {
                assertThat(connection.getTransactionIsolation()).isEqualTo(isolation);
                assertThat(connection.getAutoCommit()).isTrue();
                connection.close();
            }
        }

        @Test
        void everyCall_closesItsConnectionOnce() {
            JdbcTwoFactorStore watched = over((method, call) -> call.proceed());

            watched.insert(FIRST, SUMMARY);

            assertThat(calls).containsOnlyOnce("getConnection").endsWith("close", "close");
        }

        @Test
        @DisplayName("[62] Found by attacking our own design: "
                + "a connection enlisted elsewhere (JTA) is refused untouched")
        void everyCall_autoCommitOff_isRefusedUntouched() {
            JdbcTwoFactorStore enlisted =
                    over((method, call) -> method.equals("getAutoCommit") ? false : call.proceed());

            for (Callable<?> call : List.<Callable<?>>of(
                    () -> enlisted.find("42"),
                    () -> enlisted.insert(FIRST, SUMMARY),
                    () -> enlisted.replace(FIRST, SECOND, SUMMARY),
                    () -> erase(enlisted, "42"),
                    () -> enlisted.userIds(null, 1))) {
                calls.clear();
                assertThatExceptionOfType(StoreException.class)
                        .isThrownBy(call::call)
                        .withMessageContaining("TransactionAwareDataSourceProxy")
                        .withMessageContaining("JTA")
                        .withMessageContaining("withAutoCommitOffByDefault()");
                assertThat(calls).containsExactly("getConnection", "getAutoCommit", "close");
            }
        }

        @Test
        void withAutoCommitOffByDefault_connectionWithAutoCommit_isServedToo() {
            assertThat(store.withAutoCommitOffByDefault().insert(FIRST, SUMMARY))
                    .isTrue();

            assertThat(store.find("42")).contains(FIRST);
        }

        @Test
        @DisplayName(
                "SQLite while the host writes: refused after one busy_timeout, the host's work left alone, reads served")
        void verify_hostHoldsSqlitesWriteLock_throws() throws SQLException {
            SQLiteDataSource sqlite = Database.sqlite(1);
            JdbcTwoFactorStore onSqlite = JdbcTwoFactorStore.of(sqlite);
            onSqlite.createTableIfMissing();
            Sql.run(sqlite, "CREATE TABLE host (login INTEGER)");
            TwoFactor twoFactor = Owner.node(onSqlite);
            Owner owner = Owner.enroll(twoFactor);
            try (Connection host = sqlite.getConnection()) {
                host.setAutoCommit(false);
                Sql.run(host, "INSERT INTO host VALUES (1)");

                assertThatExceptionOfType(StoreException.class)
                        .isThrownBy(() -> owner.verify(twoFactor, owner.code()))
                        .havingCause()
                        .withMessageContaining("SQLITE_BUSY");
                assertThat(onSqlite.find(owner.user().value())).isPresent();
                assertThat(Sql.ask(sqlite, "SELECT login FROM host")).isEmpty();
                host.commit();
            }
            assertThat(Sql.ask(sqlite, "SELECT login FROM host")).hasSize(1);
            assertThat(owner.verify(twoFactor, owner.code())).isInstanceOf(Verified.class);
        }
    }

    /** Drivers and servers that fail. */
    @Nested
    class Failures {

        @ParameterizedTest
        @CsvSource({"23505, 0", "23505, -104", "40001, 0", "40001, 1213"})
        void replace_engineSaysThatItChangedNothing_isFalse(@Nullable String state, int code) {
            store.insert(FIRST, SUMMARY);

            assertThat(failingInsteadOf("executeUpdate", new SQLException("no", state, code))
                            .replace(FIRST, SECOND, SUMMARY))
                    .isFalse();
        }

        @ParameterizedTest
        @ValueSource(strings = {"23505", "40001"})
        @DisplayName("Erase has no false: where another writer won, the record may be there still")
        void erase_engineSaysThatItChangedNothing_throws(String state) {
            store.insert(FIRST, SUMMARY);
            SQLException cause = new SQLException("no", state);

            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> failingInsteadOf("executeUpdate", cause).erase("42"))
                    .withCause(cause);
            assertThat(store.find("42")).contains(FIRST);
        }

        @ParameterizedTest
        @ValueSource(strings = {"23505", "40001", "40P01", "57014", "HYT00"})
        @DisplayName("A time-out is a doubt, whatever its SQLState")
        void everyWrite_timeOut_throws(String state) {
            store.insert(FIRST, SUMMARY);
            JdbcTwoFactorStore failing = failingInsteadOf("executeUpdate", new SQLTimeoutException("too slow", state));

            for (Callable<?> call : List.<Callable<?>>of(
                    () -> failing.insert(FIRST, SUMMARY),
                    () -> failing.replace(FIRST, SECOND, SUMMARY),
                    () -> erase(failing, "42"))) {
                assertThatExceptionOfType(StoreException.class).isThrownBy(call::call);
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"getConnection", "prepareStatement", "executeUpdate", "close"})
        void everyWrite_interrupted_throwsAndKeepsTheInterruptFlag(String failing) {
            for (Exception failure : List.of(
                    new SQLException("interrupted", new InterruptedException()),
                    new SQLException("interrupted", new ClosedByInterruptException()),
                    new IllegalStateException(new InterruptedException()),
                    new InterruptedException())) {
                assertThatExceptionOfType(StoreException.class)
                        .isThrownBy(() -> failingAfter(failing, failure).insert(FIRST, SUMMARY));
                assertThat(Thread.interrupted()).as(failure.toString()).isTrue();
                store.erase("42");
            }
        }

        @Test
        void insert_interruptedWhileWaitingForAPool_throwsAndKeepsTheInterruptFlag() throws SQLException {
            try (HikariDataSource pool = Database.H2.pool(1);
                    Connection only = pool.getConnection()) {
                assertThat(only).isNotNull();
                Thread.currentThread().interrupt();

                assertThatExceptionOfType(StoreException.class)
                        .isThrownBy(() ->
                                JdbcTwoFactorStore.of(pool).withTable(table).insert(FIRST, SUMMARY));

                assertThat(Thread.interrupted()).isTrue();
            }
        }

        @ParameterizedTest
        @CsvSource({
            "40003, 0",
            "40002, 0",
            "08000, 0",
            "08003, 0",
            "08006, 0",
            "08S01, 0",
            "57P01, 0",
            "57014, 0",
            "HYT00, 0",
            "HY000, 1205",
            "55P03, 0",
            "25006, 0",
            "53300, 0",
            "XX000, 0",
            "HY000, 0",
            ", 0",
            ", 5",
            ", 6",
            ", 10",
            ", 19",
            ", 1062",
            "23000, 0",
            "23000, 1048",
            "23502, 0",
            "42S02, 0",
            "22001, 0",
            "'', 0"
        })
        void everyWrite_engineSaysAnythingElse_throws(@Nullable String state, int code) {
            store.insert(FIRST, SUMMARY);
            SQLException cause = new SQLException("no", state, code);
            JdbcTwoFactorStore failing = failingInsteadOf("executeUpdate", cause);

            for (Callable<?> call : List.<Callable<?>>of(
                    () -> failing.insert(FIRST, SUMMARY),
                    () -> failing.replace(FIRST, SECOND, SUMMARY),
                    () -> erase(failing, "42"))) {
                assertThatExceptionOfType(StoreException.class)
                        .isThrownBy(call::call)
                        .withCause(cause);
            }
        }

        @Test
        @DisplayName("[19] Nextcloud CVE-2021-41177: "
                + "the answer to a committed write is lost, and the replay is refused")
        void verify_answerLost_throwsAndRefusesTheReplay() {
            Owner owner = Owner.enroll(Owner.node(store));
            TwoFactor unlucky =
                    Owner.node(failingAfter("executeUpdate", new SQLException("connection reset", "08006")));

            assertThatExceptionOfType(StoreException.class).isThrownBy(() -> owner.verify(unlucky, owner.code()));
            assertThat(owner.verify(Owner.node(store), owner.code())).isEqualTo(new Rejected());
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"getConnection", "getAutoCommit", "getTransactionIsolation", "prepareStatement", "close"})
        void everyCall_driverFails_throws(String failing) {
            JdbcTwoFactorStore broken = over((method, call) -> {
                Object result = call.proceed();
                if (method.equals(failing)) {
                    throw new SQLException("no");
                }
                return result;
            });

            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> broken.find("42"))
                    .withCauseInstanceOf(SQLException.class);
            assertThatExceptionOfType(StoreException.class).isThrownBy(() -> broken.insert(FIRST, SUMMARY));
        }

        @ParameterizedTest
        @ValueSource(strings = {"getConnection", "prepareStatement", "executeUpdate", "close"})
        void everyWrite_driverOrPoolFailsUnchecked_throws(String failing) {
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> failingAfter(failing, new IllegalStateException("pool closed"))
                            .insert(FIRST, SUMMARY));
        }

        @Test
        @DisplayName("A duplicate key whose rollback fails is a doubt, and not false")
        void insert_rollbackFails_throws() {
            store.insert(FIRST, SUMMARY);
            JdbcTwoFactorStore doubtful = over((method, call) -> {
                        if (method.equals("rollback")) {
                            throw new SQLException("connection reset", "08006");
                        }
                        Object result = call.proceed();
                        if (result instanceof Connection connection) {
                            connection.setAutoCommit(false);
                        }
                        return result;
                    })
                    .withAutoCommitOffByDefault();

            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> doubtful.insert(FIRST, SUMMARY))
                    .withMessageContaining("made or not");
        }

        @ParameterizedTest
        @CsvSource({
            "40001, true",
            "40P01, false",
            "40003, false",
            "08006, false",
            "25P02, false",
            "23505, false",
            ", false"
        })
        void replace_commitFails_isFalseOnlyIfItWasRolledBack(@Nullable String state, boolean certain) {
            store.insert(FIRST, SUMMARY);
            JdbcTwoFactorStore failing = over((method, call) -> {
                        if (method.equals("commit")) {
                            throw new SQLException("no", state);
                        }
                        Object result = call.proceed();
                        if (result instanceof Connection connection) {
                            connection.setAutoCommit(false);
                        }
                        return result;
                    })
                    .withAutoCommitOffByDefault();

            if (certain) {
                assertThat(failing.replace(FIRST, SECOND, SUMMARY)).isFalse();
            } else {
                assertThatExceptionOfType(StoreException.class)
                        .isThrownBy(() -> failing.replace(FIRST, SECOND, SUMMARY));
            }
            assertThat(calls).contains("rollback");
            assertThat(store.find("42")).contains(FIRST);
        }

        @Test
        @DisplayName(
                "A commit that was made and reported as busy (SQLite's driver begins the next transaction at once) is no false")
        void replace_committedAndReportedAsBusy_throws() {
            store.insert(FIRST, SUMMARY);
            JdbcTwoFactorStore lying = over((method, call) -> {
                        Object result = call.proceed();
                        if (method.equals("commit")) {
                            throw new SQLException("busy", null, 5);
                        }
                        if (result instanceof Connection connection) {
                            connection.setAutoCommit(false);
                        }
                        return result;
                    })
                    .withAutoCommitOffByDefault();

            assertThatExceptionOfType(StoreException.class).isThrownBy(() -> lying.replace(FIRST, SECOND, SUMMARY));
            assertThat(store.find("42")).contains(SECOND);
        }

        @ParameterizedTest
        @ValueSource(ints = {-2, -1, 2})
        @DisplayName(
                "A count of rows other than 0 and 1 is a doubt: because of a trigger, or of a server that does not count")
        void everyWrite_countOfRowsIsOdd_throws(int rows) {
            store.insert(FIRST, SUMMARY);
            JdbcTwoFactorStore odd = over((method, call) -> method.equals("executeUpdate") ? rows : call.proceed());

            for (Callable<?> call : List.<Callable<?>>of(
                    () -> odd.insert(StoredRecord.of("43", 1, new byte[] {1}), SUMMARY),
                    () -> odd.replace(FIRST, SECOND, SUMMARY),
                    () -> erase(odd, "42"))) {
                assertThatExceptionOfType(StoreException.class).isThrownBy(call::call);
            }
        }

        @Test
        @DisplayName(
                "An insert that wrote no row and violated no key is a doubt: a trigger may have put the row elsewhere")
        void insert_noRowAndNoError_throws() {
            JdbcTwoFactorStore odd = over((method, call) -> method.equals("executeUpdate") ? 0 : call.proceed());

            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> odd.insert(FIRST, SUMMARY))
                    .withMessageContaining("trigger");
        }

        @Test
        @DisplayName("The isolation cannot be restored: an exception, and the cause is the first one")
        void insert_isolationNotRestored_throws() {
            store.insert(FIRST, SUMMARY);
            SQLException statement = new SQLException("connection reset", "08006");
            int[] settings = {0};
            JdbcTwoFactorStore broken = over((method, call) -> {
                Object result = call.proceed();
                if (result instanceof Connection connection) {
                    connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
                }
                if (method.equals("executeUpdate")) {
                    throw statement;
                }
                if (method.equals("setTransactionIsolation") && settings[0]++ > 0) {
                    throw new SQLException("closed", "08003");
                }
                return result;
            });

            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> broken.erase("42"))
                    .withCause(statement);
        }
    }

    /** A database that reports another name. */
    private static final class Named {
        private Named() {}

        static DatabaseMetaData otherwise(DatabaseMetaData metaData, String name) {
            return (DatabaseMetaData) Proxy.newProxyInstance(
                    Named.class.getClassLoader(),
                    new Class<?>[] {DatabaseMetaData.class},
                    (proxy, method, arguments) -> method.getName().equals("getDatabaseProductName")
                            ? name
                            : method.invoke(metaData, arguments));
        }
    }
}
