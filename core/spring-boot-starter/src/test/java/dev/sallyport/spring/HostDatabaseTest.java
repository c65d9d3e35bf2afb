// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.storage.TwoFactorStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.datasource.init.ScriptUtils;
import org.springframework.transaction.support.TransactionTemplate;

class HostDatabaseTest {
    private static final UserId ALICE = UserId.of("alice");

    private static DataSource h2() {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
        return source;
    }

    private static void enroll(ApplicationContext context) {
        context.getBean(TwoFactor.class).beginEnrollment(ALICE, "alice");
    }

    private static int rows(DataSource source, String table) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM " + table)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static WebApplicationContextRunner with(DataSource source) {
        return Hosts.withoutDatabase().withBean(DataSource.class, () -> source);
    }

    @Test
    void databaseInMemory_getsTheTable() {
        DataSource source = h2();
        with(source).run(context -> {
            enroll(context);
            assertThat(rows(source, "sallyport_record")).isEqualTo(1);
        });
    }

    @Test
    void databaseInMemory_tableOfAnotherName() {
        DataSource source = h2();
        with(source).withPropertyValues("sallyport.jdbc.table=second_factor").run(context -> {
            enroll(context);
            assertThat(rows(source, "second_factor")).isEqualTo(1);
        });
    }

    @Test
    void databaseInMemory_initializeSchemaNever_failsWithTheFileToRun() {
        with(h2()).withPropertyValues("sallyport.jdbc.initialize-schema=never").run(context -> {
            ConfigurationException failure = (ConfigurationException) context.getStartupFailure();
            assertThat(failure).hasMessageContaining("the table sallyport_record is missing");
            assertThat(failure.action())
                    .contains("dev/sallyport/storage/jdbc/schema")
                    .contains("sallyport.jdbc.initialize-schema")
                    .contains("sallyport.record-check=warn");
        });
    }

    @Test
    void databaseInAFile_getsNoTable_untilInitializeSchemaIsAlways(@TempDir Path folder) {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL("jdbc:h2:file:" + folder.resolve("h2"));
        with(source).run(context -> assertThat(context).getFailure().isInstanceOf(ConfigurationException.class));
        with(source)
                .withPropertyValues("sallyport.jdbc.initialize-schema=always")
                .run(context -> {
                    enroll(context);
                    assertThat(rows(source, "sallyport_record")).isEqualTo(1);
                });
        // The table is there now.
        with(source).run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void tableThatAMigrationCreatesAfterOurBeans_isFound() {
        with(h2())
                .withPropertyValues("sallyport.jdbc.initialize-schema=never")
                .withUserConfiguration(LateMigration.class)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    enroll(context);
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class LateMigration {
        @Bean
        InitializingBean migration(DataSource source, TwoFactor madeBefore) {
            return () -> {
                try (Connection connection = source.getConnection()) {
                    ScriptUtils.executeSqlScript(
                            connection, new ClassPathResource("dev/sallyport/storage/jdbc/schema/h2.sql"));
                }
            };
        }
    }

    @Test
    void poolWithAutoCommitOff_isRecognized() {
        Hosts.withDatabase()
                .withPropertyValues("spring.datasource.hikari.auto-commit=false")
                .run(context -> {
                    DataSource source = context.getBean(DataSource.class);
                    try (Connection connection = source.getConnection()) {
                        assertThat(connection.getAutoCommit()).isFalse();
                    }
                    TransactionTemplate caller = new TransactionTemplate(new DataSourceTransactionManager(source));
                    caller.executeWithoutResult(status -> {
                        enroll(context);
                        status.setRollbackOnly();
                    });
                    assertThat(rows(source, "sallyport_record")).isEqualTo(1);
                });
    }

    @Test
    void proxyThatIsAwareOfTransactions_isPassedBy() {
        DataSource target = h2();
        with(new TransactionAwareDataSourceProxy(target)).run(context -> {
            TransactionTemplate caller = new TransactionTemplate(new DataSourceTransactionManager(target));
            caller.executeWithoutResult(status -> {
                enroll(context);
                status.setRollbackOnly();
            });
            assertThat(rows(target, "sallyport_record")).isEqualTo(1);
        });
    }

    @Configuration(proxyBeanMethods = false)
    static class Two {
        @Bean
        DataSource orders() {
            return h2();
        }

        @Bean
        DataSource users() {
            return h2();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class TwoWithPrimary {
        @Bean
        DataSource orders() {
            return h2();
        }

        @Bean
        @Primary
        DataSource users() {
            return h2();
        }
    }

    @Test
    void twoDataSources_noneIsPrimary_failsWithTheirNames() {
        Hosts.withoutDatabase()
                .withUserConfiguration(Two.class)
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessage(
                                "There are several DataSource beans, [orders, users], and none of them is primary."));
    }

    @Test
    void twoDataSources_theNamedOneIsUsed() {
        Hosts.withoutDatabase()
                .withUserConfiguration(Two.class)
                .withPropertyValues("sallyport.jdbc.data-source=users")
                .run(context -> {
                    enroll(context);
                    assertThat(rows(context.getBean("users", DataSource.class), "sallyport_record"))
                            .isEqualTo(1);
                });
    }

    @Test
    void twoDataSources_thePrimaryOneIsUsed() {
        Hosts.withoutDatabase().withUserConfiguration(TwoWithPrimary.class).run(context -> {
            enroll(context);
            assertThat(rows(context.getBean("users", DataSource.class), "sallyport_record"))
                    .isEqualTo(1);
        });
    }

    @Test
    void bean_isMadeWithoutAConnection() {
        DataSource broken = new org.springframework.jdbc.datasource.AbstractDataSource() {
            @Override
            public Connection getConnection() throws SQLException {
                throw new SQLException("no connection");
            }

            @Override
            public Connection getConnection(String user, String password) throws SQLException {
                throw new SQLException("no connection");
            }
        };
        with(broken)
                .withPropertyValues("sallyport.record-check=off")
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(TwoFactorStore.class));
        with(broken)
                .run(context -> assertThat(context)
                        .getFailure()
                        .hasMessageContaining("the database failed or cannot be reached"));
    }
}
