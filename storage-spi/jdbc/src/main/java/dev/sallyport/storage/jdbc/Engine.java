// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The databases that {@link JdbcTwoFactorStore} knows. An application needs this enum only if its database is not one
 * of them and behaves like one of them: see {@link JdbcTwoFactorStore#withEngine}. Later releases may add constants.
 *
 * <p>The build runs the conformance kit on H2, HSQLDB, SQLite, Derby, PostgreSQL, MariaDB and Firebird. For the others
 * it tests the codes that their manuals name, and nothing else: run the kit on your server before you rely on one of
 * them. {@code storage-spi/README.md} has the command.
 */
public enum Engine {
    /** H2, version 2. */
    H2("H2"),
    /** HSQLDB, version 2.7. */
    HSQLDB("HSQL Database Engine"),
    /** SQLite, version 3. */
    SQLITE("SQLite"),
    /** Apache Derby, version 10.16. */
    DERBY("Apache Derby"),
    /** PostgreSQL. */
    POSTGRESQL("PostgreSQL"),
    /** MariaDB. */
    MARIADB("MariaDB"),
    /** MySQL. It gets the same statements as MariaDB. */
    MYSQL("MySQL"),
    /** Microsoft SQL Server and Azure SQL Database. The kit has not been run on them. */
    SQLSERVER("Microsoft SQL Server"),
    /** Oracle Database. The kit has not been run on it. */
    ORACLE("Oracle"),
    /** Db2 for Linux, UNIX and Windows. Db2 for z/OS and for i are other databases. The kit has not been run on it. */
    DB2("DB2/"),
    /**
     * CockroachDB. The kit has not been run on it. Its driver is PostgreSQL's and reports PostgreSQL, and the store
     * sends it the same statements, so no application has to name it.
     */
    COCKROACHDB("CockroachDB"),
    /** Firebird, version 3 or later. */
    FIREBIRD("Firebird");

    private static final String INTEGRITY_VIOLATION = "23000";

    /** Db2 and Firebird report their platform or version after it. */
    private static final Set<String> WITH_MORE_AFTER_IT = Set.of("DB2/", "Firebird");

    private static final int FIREBIRD_GENERAL = 335544382;
    private static final int FIREBIRD_UNIQUE_KEY = 335544665;
    private static final int FIREBIRD_UNIQUE_INDEX = 335544349;
    private static final int MYSQL_DUPLICATE_ENTRY = 1062;
    private static final int ORACLE_UNIQUE_CONSTRAINT = 1;
    private static final int SQLITE_ERROR = 1;
    private static final int SQLITE_CONSTRAINT = 19;
    private static final Set<Integer> SQLSERVER_DUPLICATE_KEY = Set.of(2601, 2627);

    /** No such column, no such table, other number of columns, no permission. */
    private static final Set<Integer> SQLSERVER_WRONG_TABLE = Set.of(207, 208, 213, 229);

    private final String productName;

    Engine(String productName) {
        this.productName = productName;
    }

    /** The engine that reports this product name; empty if there is none. */
    static Optional<Engine> ofProductName(String name) {
        return Stream.of(values()).filter(engine -> engine.reports(name)).findFirst();
    }

    private boolean reports(String name) {
        return WITH_MORE_AFTER_IT.contains(productName) ? name.startsWith(productName) : name.equals(productName);
    }

    /** Path of the file with its CREATE TABLE statement, relative to this package. */
    String schemaFile() {
        return "schema/" + (this == MYSQL ? MARIADB : this).name().toLowerCase(Locale.ROOT) + ".sql";
    }

    /** The statement of its schema file, which creates the table with the default name. */
    String schema() {
        try (InputStream in = Objects.requireNonNull(Engine.class.getResourceAsStream(schemaFile()), schemaFile())) {
            String text = new String(in.readAllBytes(), UTF_8);
            // The file ends in a semicolon for people who paste it. Derby's driver refuses one.
            return text.substring(0, text.lastIndexOf(';'));
        } catch (IOException e) {
            throw new UncheckedIOException("the jar is damaged: " + schemaFile(), e);
        }
    }

    /** Ends the query of a page, so that the engine stops after that many rows. */
    String limit(int rows) {
        return switch (this) {
            // H2 accepts LIMIT in some of its modes only.
            case H2, DERBY, ORACLE, DB2, FIREBIRD -> " FETCH FIRST " + rows + " ROWS ONLY";
            case SQLSERVER -> " OFFSET 0 ROWS FETCH NEXT " + rows + " ROWS ONLY";
            case HSQLDB, SQLITE, POSTGRESQL, COCKROACHDB, MARIADB, MYSQL -> " LIMIT " + rows;
        };
    }

    /**
     * How {@code find} reads. In READ COMMITTED Firebird may remove a payload between the moments when it returns the
     * row and when the driver asks for the payload, if another transaction replaces the row. It keeps it for a
     * snapshot. A snapshot of one statement is as new as READ COMMITTED.
     */
    int isolationOfFind() {
        return this == FIREBIRD ? Connection.TRANSACTION_REPEATABLE_READ : Connection.TRANSACTION_READ_COMMITTED;
    }

    /** Whether a write certainly changed nothing, because a row with its key is there. */
    boolean isDuplicateKey(SQLException e) {
        if (e instanceof SQLTimeoutException) {
            return false;
        }
        String state = state(e);
        int code = e.getErrorCode();
        return switch (this) {
            case H2, HSQLDB, DERBY, POSTGRESQL, COCKROACHDB, DB2 -> state.equals("23505");
            case MARIADB, MYSQL -> state.equals(INTEGRITY_VIOLATION) && code == MYSQL_DUPLICATE_ENTRY;
            case SQLSERVER -> state.equals(INTEGRITY_VIOLATION) && SQLSERVER_DUPLICATE_KEY.contains(code);
            case ORACLE -> state.equals(INTEGRITY_VIOLATION) && code == ORACLE_UNIQUE_CONSTRAINT;
            case FIREBIRD ->
                state.equals(INTEGRITY_VIOLATION) && (code == FIREBIRD_UNIQUE_KEY || code == FIREBIRD_UNIQUE_INDEX);
            // SQLite's driver gives no state. Its code 19 is any constraint, and only the message says which.
            case SQLITE ->
                state.isEmpty()
                        && code == SQLITE_CONSTRAINT
                        && String.valueOf(e.getMessage()).contains("UNIQUE constraint failed");
        };
    }

    /** Whether the engine says that it has rolled back because of another writer. */
    boolean isRolledBack(SQLException e) {
        if (e instanceof SQLTimeoutException) {
            return false;
        }
        return switch (this) {
            case POSTGRESQL -> state(e).equals("40001") || state(e).equals("40P01");
            // Db2: -911. After its -913 (57033) the transaction is open, and its outcome is a doubt.
            case H2, HSQLDB, DERBY, MARIADB, MYSQL, SQLSERVER, DB2, COCKROACHDB -> state(e).equals("40001");
            case FIREBIRD -> state(e).equals("40001") || isErasedMeanwhile(e);
            // Oracle's deadlock undoes one statement and leaves its transaction open.
            case ORACLE, SQLITE -> false;
        };
    }

    /**
     * Whether a write changed nothing, because another transaction has erased its row and committed. Other engines then
     * report 0 rows. Firebird has one general code for this and for much else, and only the message says which.
     */
    boolean isErasedMeanwhile(SQLException e) {
        return this == FIREBIRD
                && e.getErrorCode() == FIREBIRD_GENERAL
                && String.valueOf(e.getMessage()).contains("cannot update erased record");
    }

    /** Whether the table or the right to use it is missing, or its columns are others. */
    boolean isWrongTable(SQLException e) {
        String state = state(e);
        int code = e.getErrorCode();
        return switch (this) {
            case SQLITE -> state.isEmpty() && (code == SQLITE_ERROR || code == SQLITE_CONSTRAINT);
            case SQLSERVER -> SQLSERVER_WRONG_TABLE.contains(code) || isDataOrSyntax(state);
            default -> isDataOrSyntax(state);
        };
    }

    private static boolean isDataOrSyntax(String state) {
        return state.startsWith("22") || state.startsWith("23") || state.startsWith("42");
    }

    private static String state(SQLException e) {
        return Objects.requireNonNullElse(e.getSQLState(), "");
    }
}
