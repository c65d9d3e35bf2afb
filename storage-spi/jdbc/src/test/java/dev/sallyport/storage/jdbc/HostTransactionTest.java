// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.sallyport.Rejected;
import dev.sallyport.TwoFactor;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** An application that calls Sallyport in the middle of a transaction of its own. */
@ParameterizedClass
@EnumSource(names = {"POSTGRESQL", "MARIADB"})
class HostTransactionTest {
    private static final int THREADS = 4;

    private final DataSource direct;
    private final HikariDataSource pool;
    private final String table = Database.newTable();
    private final String hostTable = Database.newTable();
    private final JdbcTwoFactorStore store;
    private final TwoFactor twoFactor;
    private final Owner owner;

    HostTransactionTest(Database database) {
        direct = database.dataSource();
        HikariConfig config = database.poolConfig(THREADS);
        config.setConnectionTimeout(500);
        pool = new HikariDataSource(config);
        store = JdbcTwoFactorStore.of(pool).withTable(table);
        store.createTableIfMissing();
        Sql.run(direct, "CREATE TABLE " + hostTable + " (login INTEGER NOT NULL)");
        twoFactor = Owner.node(store);
        owner = Owner.enroll(twoFactor);
    }

    @BeforeParameterizedClassInvocation
    static void engineIsThere(Database database) {
        database.assumeThere();
    }

    @AfterEach
    void closePool() {
        pool.close();
    }

    private @Nullable String failedAttempts() {
        return Sql.ask(direct, "SELECT failed_attempts FROM " + table).get(0);
    }

    /** Rows of the host that another connection sees. */
    private int hostRows() {
        return Sql.ask(direct, "SELECT login FROM " + hostTable).size();
    }

    private void logIn(Connection connection) throws SQLException {
        Sql.run(connection, "INSERT INTO " + hostTable + " VALUES (1)");
    }

    /** A transaction of the host that has begun to write, and whose snapshot is taken. */
    private Connection begin(int isolation) throws SQLException {
        Connection connection = pool.getConnection();
        connection.setTransactionIsolation(isolation);
        connection.setAutoCommit(false);
        logIn(connection);
        connection
                .prepareStatement("SELECT login FROM " + hostTable)
                .executeQuery()
                .close();
        return connection;
    }

    @InEachIsolation
    @DisplayName("[17] Vikunja CVE-2026-35597: a transaction that rolls back after failures leaves them counted")
    void verify_hostRollsBack_failuresStayCounted(int isolation) throws SQLException {
        for (int failures = 1; failures <= 5; failures++) {
            try (Connection host = begin(isolation)) {
                assertThat(owner.verify(twoFactor, owner.wrong())).isEqualTo(new Rejected());
                host.rollback();
            }
            assertThat(failedAttempts()).isEqualTo(Integer.toString(failures));
        }
        assertThat(owner.verify(twoFactor, owner.code())).isInstanceOf(LockedOut.class);
        assertThat(hostRows()).isZero();
    }

    @InEachIsolation
    @DisplayName("[17] Vikunja CVE-2026-35597: a code that was accepted stays used when the transaction rolls back")
    void verify_hostRollsBackAnAcceptedCode_codeStaysUsed(int isolation) throws SQLException {
        try (Connection host = begin(isolation)) {
            assertThat(owner.verify(twoFactor, owner.code())).isInstanceOf(Verified.class);
            host.rollback();
        }

        assertThat(owner.verify(twoFactor, owner.code())).isEqualTo(new Rejected());
    }

    @Test
    void verify_insideAnOldSnapshot_seesWhatAnotherNodeHasWrittenSince() throws SQLException {
        TwoFactor otherNode = Owner.node(JdbcTwoFactorStore.of(direct).withTable(table));
        try (Connection host = begin(Connection.TRANSACTION_REPEATABLE_READ)) {
            assertThat(owner.verify(otherNode, owner.code())).isInstanceOf(Verified.class);

            assertThat(owner.verify(twoFactor, owner.code())).isEqualTo(new Rejected());
            host.commit();
        }
        assertThat(hostRows()).isEqualTo(1);
    }

    @Nested
    class Pools {

        @Test
        void verify_poolExhausted_throwsAndCountsNothing() throws SQLException {
            try (Connection one = pool.getConnection();
                    Connection two = pool.getConnection();
                    Connection three = pool.getConnection();
                    Connection four = pool.getConnection()) {
                assertThat(List.of(one, two, three, four)).hasSize(THREADS);
                assertTimeoutPreemptively(
                        ConcurrentCalls.HANG,
                        () -> assertThatExceptionOfType(StoreException.class)
                                .isThrownBy(() -> owner.verify(twoFactor, owner.wrong()))
                                .as("by the pool's own time-out")
                                .withCauseInstanceOf(SQLTransientConnectionException.class));
            }

            assertThat(failedAttempts()).isEqualTo("0");
            assertThat(owner.verify(twoFactor, owner.code())).isInstanceOf(Verified.class);
        }

        @Test
        @DisplayName("N threads in transactions on a pool of N: the time-out that the documentation foretells, no hang")
        void verify_eachThreadInATransactionOnOnePool_throwsAndLeavesTheHostItsWork() {
            CyclicBarrier allBegun = new CyclicBarrier(THREADS);
            CyclicBarrier allDone = new CyclicBarrier(THREADS);

            List<Class<?>> outcomes = ConcurrentCalls.run(THREADS, i -> {
                try (Connection host = begin(Connection.TRANSACTION_READ_COMMITTED)) {
                    allBegun.await();
                    Class<?> outcome = outcome(twoFactor);
                    allDone.await();
                    host.commit();
                    return outcome;
                }
            });

            assertThat(outcomes).containsOnly(StoreException.class);
            assertThat(hostRows()).isEqualTo(THREADS);
            assertThat(failedAttempts()).isEqualTo("0");
        }

        @Test
        void verify_eachThreadInATransactionAndASecondPool_isServed() {
            HikariConfig config = new HikariConfig();
            config.setDataSource(direct);
            config.setMaximumPoolSize(1);
            try (HikariDataSource second = new HikariDataSource(config)) {
                TwoFactor apart = Owner.node(JdbcTwoFactorStore.of(second).withTable(table));
                CyclicBarrier allBegun = new CyclicBarrier(THREADS);

                List<Class<?>> outcomes = ConcurrentCalls.run(THREADS, i -> {
                    try (Connection host = begin(Connection.TRANSACTION_READ_COMMITTED)) {
                        allBegun.await();
                        Class<?> outcome = outcome(apart);
                        host.rollback();
                        return outcome;
                    }
                });

                assertThat(outcomes).containsOnly(Rejected.class);
                assertThat(failedAttempts()).isEqualTo(Integer.toString(THREADS));
                assertThat(hostRows()).isZero();
            }
        }

        private Class<?> outcome(TwoFactor called) {
            try {
                return owner.verify(called, owner.wrong()).getClass();
            } catch (StoreException e) {
                return e.getClass();
            }
        }
    }

    /** Spring's data source that hands out the connection of the transaction that runs. */
    @Nested
    class TransactionAware {
        private final TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(pool));
        private final TwoFactor onProxy = Owner.node(
                JdbcTwoFactorStore.of(new TransactionAwareDataSourceProxy(pool)).withTable(table));

        private void logInWithinTheTransaction() {
            Connection connection = DataSourceUtils.getConnection(pool);
            try {
                logIn(connection);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            } finally {
                DataSourceUtils.releaseConnection(connection, pool);
            }
        }

        private void isRefused(String code) {
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> owner.verify(onProxy, code))
                    .withMessageContaining("TransactionAwareDataSourceProxy");
            assertThat(hostRows()).as("not committed by Sallyport").isZero();
        }

        @Test
        @DisplayName("[62] Found by attacking our own design: "
                + "the host's own transaction is refused, and not rolled back")
        void verify_inATransactionThatCommits_isRefusedAndTheHostCommits() {
            transaction.executeWithoutResult(status -> {
                logInWithinTheTransaction();
                isRefused(owner.code());
            });

            assertThat(hostRows()).isEqualTo(1);
            assertThat(owner.verify(twoFactor, owner.code())).as("never used").isInstanceOf(Verified.class);
        }

        @Test
        @DisplayName(
                "[62] Found by attacking our own design: " + "the host's own transaction is refused, and not committed")
        void verify_inATransactionThatRollsBack_isRefusedAndTheHostRollsBack() {
            transaction.executeWithoutResult(status -> {
                logInWithinTheTransaction();
                isRefused(owner.wrong());
                status.setRollbackOnly();
            });

            assertThat(hostRows()).isZero();
            assertThat(failedAttempts()).isEqualTo("0");
        }

        @Test
        void verify_outsideOfAnyTransaction_isServed() {
            assertThat(owner.verify(onProxy, owner.wrong())).isEqualTo(new Rejected());
            assertThat(failedAttempts()).isEqualTo("1");
        }

        @Test
        @DisplayName("[17] Vikunja CVE-2026-35597: on the data source behind Spring's proxy it is so too")
        void verify_onTheDataSourceBehindTheProxy_staysCounted() {
            transaction.executeWithoutResult(status -> {
                logInWithinTheTransaction();
                assertThat(owner.verify(twoFactor, owner.wrong())).isEqualTo(new Rejected());
                status.setRollbackOnly();
            });

            assertThat(hostRows()).isZero();
            assertThat(failedAttempts()).isEqualTo("1");
        }
    }
}
