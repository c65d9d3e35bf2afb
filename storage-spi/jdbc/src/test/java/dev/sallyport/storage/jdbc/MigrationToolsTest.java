// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.RecordSummary.State;
import dev.sallyport.storage.StoredRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.sql.DataSource;
import liquibase.command.CommandScope;
import liquibase.command.core.UpdateCommandStep;
import liquibase.command.core.helpers.DbUrlConnectionArgumentsCommandStep;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The schema files as they stand in the jar, run by the tools that applications migrate with. */
class MigrationToolsTest {
    private static final RecordSummary SUMMARY =
            new RecordSummary(State.ENABLED, 0, null, 10, 0, Instant.EPOCH, Instant.EPOCH);
    /** Liquibase tells on the console what it does. The field keeps the setting from being collected. */
    private static final Logger LIQUIBASE = Logger.getLogger("liquibase");

    private static final StoredRecord RECORD = StoredRecord.of("42", 1, new byte[] {1});

    private final JdbcDataSource dataSource = new JdbcDataSource();

    @BeforeEach
    void emptyDatabase() {
        LIQUIBASE.setLevel(Level.WARNING);
        dataSource.setURL("jdbc:h2:mem:" + Database.newTable() + ";DB_CLOSE_DELAY=-1");
    }

    /** Flyway wants a version in the name of a file, so the application's build copies the file under one. */
    @Test
    void flyway_copyWithAVersionInItsName_createsTheTableOnce(@TempDir Path migrations) throws Exception {
        try (var schema = Engine.class.getResourceAsStream("schema/h2.sql")) {
            assertThat(schema).isNotNull();
            Files.copy(schema, migrations.resolve("V7__sallyport.sql"));
        }
        Flyway flyway = Flyway.configure()
                .dataSource(dataSource)
                .locations("filesystem:" + migrations)
                .load();

        assertThat(flyway.migrate().migrationsExecuted).isEqualTo(1);
        assertThat(flyway.migrate().migrationsExecuted).isZero();
        assertServes(dataSource);
    }

    @Test
    void liquibase_sqlFileFromTheJar_createsTheTableOnce() throws Exception {
        update();
        update();

        assertServes(dataSource);
        assertThat(Sql.ask(dataSource, "SELECT ID FROM DATABASECHANGELOG")).containsExactly("sallyport-1");
    }

    private void update() throws Exception {
        try (Connection connection = dataSource.getConnection()) {
            new CommandScope(UpdateCommandStep.COMMAND_NAME)
                    .addArgumentValue(
                            DbUrlConnectionArgumentsCommandStep.DATABASE_ARG,
                            DatabaseFactory.getInstance()
                                    .findCorrectDatabaseImplementation(new JdbcConnection(connection)))
                    .addArgumentValue(UpdateCommandStep.CHANGELOG_FILE_ARG, "liquibase/changelog.xml")
                    .execute();
        }
    }

    private static void assertServes(DataSource dataSource) {
        JdbcTwoFactorStore store = JdbcTwoFactorStore.of(dataSource);
        store.createTableIfMissing();
        assertThat(store.insert(RECORD, SUMMARY)).isTrue();
        assertThat(store.find("42")).contains(RECORD);
    }
}
