// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.RecordSummary.State;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Instant;
import java.util.Map;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What differs between the engines. Most of them cannot run here: their exceptions are made up from their manuals. */
class EngineTest {
    private static final RecordSummary SUMMARY =
            new RecordSummary(State.ENABLED, 0, null, 10, 0, Instant.EPOCH, Instant.EPOCH);
    private static final StoredRecord FIRST = StoredRecord.of("42", 1, new byte[] {1});
    private static final StoredRecord SECOND = StoredRecord.of("42", 2, new byte[] {2});

    /** The store treats H2 like this engine, and every write of it fails with this exception. */
    private static JdbcTwoFactorStore failing(Engine engine, SQLException failure) {
        DataSource real = Database.H2.dataSource();
        String table = Database.newTable();
        JdbcTwoFactorStore.of(real).withTable(table).createTableIfMissing();
        DataSource failing = DriverInterceptor.of(real, (method, call) -> {
            if (method.equals("executeUpdate")) {
                throw failure;
            }
            return call.proceed();
        });
        return JdbcTwoFactorStore.of(failing).withTable(table).withEngine(engine);
    }

    @ParameterizedTest
    @CsvSource({
        "H2, H2",
        "HSQL Database Engine, HSQLDB",
        "SQLite, SQLITE",
        "Apache Derby, DERBY",
        "PostgreSQL, POSTGRESQL",
        "MariaDB, MARIADB",
        "MySQL, MYSQL",
        "Microsoft SQL Server, SQLSERVER",
        "Oracle, ORACLE",
        "DB2/LINUXX8664, DB2",
        "DB2/NT64, DB2",
        "Firebird 3.0, FIREBIRD",
        "Firebird 5.0, FIREBIRD",
        "CockroachDB, COCKROACHDB"
    })
    void ofProductName_whatTheDriverReports_isTheEngine(String name, Engine engine) {
        assertThat(Engine.ofProductName(name)).contains(engine);
    }

    @ParameterizedTest
    @DisplayName("Db2 for z/OS and for i have other types, and are not Db2 for Linux, UNIX and Windows")
    @ValueSource(strings = {"", "DB2", "DB2 UDB for AS/400", "DuckDB", "H2 ", "Oracle TimesTen", "MySQLX"})
    void ofProductName_another_isNone(String name) {
        assertThat(Engine.ofProductName(name)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "H2, 23505, 23505",
        "HSQLDB, 23505, -104",
        "DERBY, 23505, 20000",
        "POSTGRESQL, 23505, 0",
        "COCKROACHDB, 23505, 0",
        "MARIADB, 23000, 1062",
        "MYSQL, 23000, 1062",
        "SQLSERVER, 23000, 2627",
        "SQLSERVER, 23000, 2601",
        "ORACLE, 23000, 1",
        "DB2, 23505, -803",
        "FIREBIRD, 23000, 335544665",
        "FIREBIRD, 23000, 335544349"
    })
    void insert_duplicateKey_isFalse(Engine engine, String state, int code) {
        assertThat(failing(engine, new SQLException("no", state, code)).insert(FIRST, SUMMARY))
                .isFalse();
    }

    @Test
    void insert_duplicateKeyOnSqlite_isFalse() {
        SQLException duplicate = new SQLException("UNIQUE constraint failed: t.user_id, t.user_id_length", null, 19);

        assertThat(failing(Engine.SQLITE, duplicate).insert(FIRST, SUMMARY)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "H2, 40001, 40001",
        "HSQLDB, 40001, -4861",
        "DERBY, 40001, 30000",
        "POSTGRESQL, 40001, 0",
        "POSTGRESQL, 40P01, 0",
        "COCKROACHDB, 40001, 0",
        "MARIADB, 40001, 1213",
        "MYSQL, 40001, 1213",
        "SQLSERVER, 40001, 1205",
        "DB2, 40001, -911",
        "FIREBIRD, 40001, 335544336"
    })
    void replace_rolledBackBecauseOfAnotherWriter_isFalse(Engine engine, String state, int code) {
        assertThat(failing(engine, new SQLException("no", state, code)).replace(FIRST, SECOND, SUMMARY))
                .isFalse();
    }

    @Test
    @DisplayName("Firebird fails a write that waited for an erase. Other engines report that they changed 0 rows")
    void everyWrite_rowErasedMeanwhileOnFirebird_changesNothing() {
        SQLException erased = new SQLException("cannot update erased record [SQLState:HY000]", "HY000", 335544382);
        SQLException general = new SQLException("something else [SQLState:HY000]", "HY000", 335544382);

        assertThat(failing(Engine.FIREBIRD, erased).replace(FIRST, SECOND, SUMMARY))
                .isFalse();
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> failing(Engine.FIREBIRD, general).replace(FIRST, SECOND, SUMMARY));
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> failing(Engine.H2, erased).replace(FIRST, SECOND, SUMMARY));
    }

    @ParameterizedTest
    @DisplayName(
            "The codes of another engine, another constraint, an open transaction or an unknown outcome are a doubt")
    @CsvSource({
        "H2, 23000, 1062",
        "H2, 23506, 23506",
        "HSQLDB, 23502, -10",
        "DERBY, 40XL1, 30000",
        "POSTGRESQL, 23000, 1062",
        "POSTGRESQL, 40003, 0",
        "COCKROACHDB, 40003, 0",
        "COCKROACHDB, 40P01, 0",
        "MARIADB, 23505, 0",
        "MARIADB, 23000, 1048",
        "MARIADB, HY000, 1205",
        "MYSQL, 23000, 1",
        "SQLITE, 23505, 0",
        "SQLITE, , 5",
        "SQLITE, , 19",
        "SQLSERVER, 23000, 515",
        "SQLSERVER, 23000, 547",
        "SQLSERVER, S0001, 2627",
        "SQLSERVER, S0001, 1222",
        "SQLSERVER, HY008, 0",
        "ORACLE, 23000, 1400",
        "ORACLE, 23505, 0",
        "ORACLE, 61000, 60",
        "ORACLE, 40001, 60",
        "ORACLE, 72000, 8177",
        "ORACLE, 08003, 17008",
        "DB2, 57033, -913",
        "DB2, 23502, -407",
        "DB2, 08506, -4498",
        "DB2, 23000, 1",
        "FIREBIRD, 23000, 335544347",
        "FIREBIRD, 23505, 0",
        "FIREBIRD, 08006, 335544721"
    })
    void everyWrite_anythingElse_throws(Engine engine, @Nullable String state, int code) {
        SQLException cause = new SQLException("no", state, code);
        JdbcTwoFactorStore failing = failing(engine, cause);

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> failing.insert(FIRST, SUMMARY))
                .withCause(cause);
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> failing.replace(FIRST, SECOND, SUMMARY))
                .withCause(cause);
    }

    @ParameterizedTest
    @DisplayName("A time-out is a doubt on every engine, whatever its codes say")
    @CsvSource({
        "POSTGRESQL, 23505, 0",
        "POSTGRESQL, 40001, 0",
        "MYSQL, 23000, 1062",
        "SQLSERVER, 23000, 2627",
        "SQLSERVER, 40001, 1205",
        "ORACLE, 23000, 1",
        "DB2, 40001, -911",
        "FIREBIRD, 40001, 335544336"
    })
    void everyWrite_timeOut_throws(Engine engine, String state, int code) {
        JdbcTwoFactorStore failing = failing(engine, new SQLTimeoutException("too slow", state, code));

        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> failing.insert(FIRST, SUMMARY));
        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> failing.replace(FIRST, SECOND, SUMMARY));
    }

    @ParameterizedTest
    @CsvSource({
        "SQLSERVER, S0002, 208",
        "SQLSERVER, S0001, 207",
        "SQLSERVER, S0005, 229",
        "ORACLE, 42000, 942",
        "DB2, 42704, -204",
        "DB2, 42501, -551",
        "COCKROACHDB, 42P01, 0",
        "FIREBIRD, 42S02, 335544580"
    })
    void everyWrite_tableMissing_saysWhatToRun(Engine engine, String state, int code) {
        JdbcTwoFactorStore failing = failing(engine, new SQLException("no", state, code));

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> failing.insert(FIRST, SUMMARY))
                .withMessageContaining("is missing")
                .withMessageContaining("createTableIfMissing()");
    }

    /** This proves that H2 reads the statements of these engines. It proves nothing about the engines. */
    @ParameterizedTest
    @EnumSource(names = {"SQLSERVER", "ORACLE", "DB2", "COCKROACHDB"})
    void schemaAndStatements_h2InTheModeOfTheEngine_areReadWithoutAnError(Engine engine) {
        Map<Engine, String> modes = Map.of(
                Engine.SQLSERVER, "MSSQLServer",
                Engine.ORACLE, "Oracle",
                Engine.DB2, "DB2",
                Engine.COCKROACHDB, "PostgreSQL");
        JdbcDataSource dataSource = new JdbcDataSource();
        dataSource.setURL("jdbc:h2:mem:like-" + engine + ";DB_CLOSE_DELAY=-1;MODE=" + modes.get(engine));
        // H2 has no collation of a column, no length without a limit, and one unit of length.
        Sql.run(
                dataSource,
                engine.schema()
                        .replace(" COLLATE Latin1_General_100_BIN2", "")
                        .replace(" CODEUNITS32", "")
                        .replace("VARBINARY(MAX)", "VARBINARY(65536)"));
        JdbcTwoFactorStore store = JdbcTwoFactorStore.of(dataSource).withEngine(engine);

        assertThat(store.insert(FIRST, SUMMARY)).isTrue();
        assertThat(store.replace(FIRST, SECOND, SUMMARY)).isTrue();
        assertThat(store.find("42")).contains(SECOND);
        assertThat(store.userIds(null, 1).userIds()).containsExactly("42");
        assertThat(store.userIds("42", 1).userIds()).isEmpty();
        store.erase("42");
        assertThat(store.find("42")).isEmpty();
    }

    @Test
    @DisplayName(
            "CockroachDB's driver reports PostgreSQL, and only version() says otherwise. H2 does not know COLLATE \"C\"")
    void createTableIfMissing_versionSaysCockroachDb_runsItsSchema() {
        JdbcDataSource dataSource = new JdbcDataSource();
        dataSource.setURL("jdbc:h2:mem:version;DB_CLOSE_DELAY=-1");
        JdbcTwoFactorStore store = JdbcTwoFactorStore.of(dataSource).withEngine(Engine.POSTGRESQL);
        Sql.run(dataSource, "CREATE ALIAS version AS 'String version() {return \"PostgreSQL 18.1\";}'");
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(store::createTableIfMissing)
                .withMessageContaining("schema/postgresql.sql");
        Sql.run(dataSource, "DROP ALIAS version");
        Sql.run(dataSource, "CREATE ALIAS version AS 'String version() {return \"CockroachDB CCL v25.2.1\";}'");

        store.createTableIfMissing();

        assertThat(store.insert(FIRST, SUMMARY)).isTrue();
    }
}
