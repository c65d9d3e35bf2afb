// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.TwoFactorStoreConformance;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.MethodSelector;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A store over Spring's JdbcTemplate takes part in the transaction of its caller, and so it has to fail the kit. */
class JdbcTemplateStoreTest {

    @BeforeAll
    static void engineIsThere() {
        Database.POSTGRESQL.assumeThere();
    }

    /** Right in everything but the transaction. */
    record JdbcTemplateStore(JdbcTemplate jdbc, String table) implements TwoFactorStore {
        @Override
        public Optional<StoredRecord> find(String userId) {
            return jdbc
                    .query(
                            "SELECT version, payload FROM " + table + " WHERE user_id = ?",
                            (row, number) -> StoredRecord.of(userId, row.getLong(1), row.getBytes(2)),
                            userId)
                    .stream()
                    .findFirst();
        }

        @Override
        public boolean insert(StoredRecord record, RecordSummary summary) {
            try {
                return jdbc.update(
                                "INSERT INTO " + table + " VALUES (?, ?, ?)",
                                record.userId(),
                                record.version(),
                                record.payload())
                        == 1;
            } catch (DuplicateKeyException e) {
                return false;
            }
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            return jdbc.update(
                            "UPDATE " + table + " SET version = ?, payload = ? WHERE user_id = ? AND version = ?",
                            next.version(),
                            next.payload(),
                            current.userId(),
                            current.version())
                    == 1;
        }

        @Override
        public void erase(String userId) {
            jdbc.update("DELETE FROM " + table + " WHERE user_id = ?", userId);
        }
    }

    static final class JdbcTemplateKit extends TwoFactorStoreConformance {
        private final DataSource dataSource = Database.POSTGRESQL.dataSource();
        private final String table = Database.newTable();

        @Override
        protected TwoFactorStore createStore() {
            Sql.run(
                    dataSource,
                    "CREATE TABLE " + table + " (user_id VARCHAR(255) COLLATE \"C\" PRIMARY KEY, version BIGINT,"
                            + " payload BYTEA)");
            return secondInstance();
        }

        @Override
        protected TwoFactorStore secondInstance() {
            return new JdbcTemplateStore(new JdbcTemplate(dataSource), table);
        }

        @Override
        protected void inCallersTransactionThatRollsBack(Runnable work) {
            new TransactionTemplate(new JdbcTransactionManager(dataSource)).executeWithoutResult(transaction -> {
                work.run();
                transaction.setRollbackOnly();
            });
        }

        @Override
        protected void breakBackend() {
            notPossible("the test before has told enough");
        }
    }

    private static Events run(String... tests) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(List.of(tests).stream()
                        .map(test -> selectMethod(JdbcTemplateKit.class, test))
                        .toArray(MethodSelector[]::new))
                .execute()
                .testEvents();
    }

    private static String message(Event event) {
        return String.valueOf(event.getRequiredPayload(TestExecutionResult.class)
                .getThrowable()
                .orElseThrow()
                .getMessage());
    }

    @Test
    void kit_withoutATransaction_passes() {
        run("find_afterEachWrite_isTheNewestRecord", "threads_replacingOneRecord_haveOneWinner")
                .assertStatistics(statistics -> statistics.succeeded(2));
    }

    @Test
    void kit_inATransactionThatIsRolledBack_fails() {
        Map<String, String> failures = run(
                        "callersTransaction_rolledBack_keepsEveryWrite",
                        "callersTransaction_rolledBackAfterEachGuess_locksAllTheSame")
                .failed()
                .stream()
                .collect(Collectors.toMap(
                        event -> event.getTestDescriptor().getDisplayName(), JdbcTemplateStoreTest::message));

        assertThat(failures).hasSize(2);
        assertThat(failures.values())
                .allSatisfy(message -> assertThat(message)
                        .contains("MUST", "takes part in the transaction of its caller (JdbcTemplate"))
                .anySatisfy(message -> assertThat(message)
                        .contains("insert inside of the caller's transaction, which was rolled back,"))
                .anySatisfy(message -> assertThat(message).contains("wrong guesses were answered"));
    }
}
