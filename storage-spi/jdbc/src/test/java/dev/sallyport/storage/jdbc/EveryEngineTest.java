// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.sallyport.Browser;
import dev.sallyport.MissingRecordException;
import dev.sallyport.Rejected;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.TwoFactor;
import dev.sallyport.UnreadableRecordException;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.RecordSummary.State;
import dev.sallyport.storage.SpoiledRecordException;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.UserIdPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EnumSource
class EveryEngineTest {
    private static final Instant UPDATED = Instant.parse("2026-10-25T01:30:00.5Z");
    private static final RecordSummary SUMMARY = new RecordSummary(State.ENABLED, 0, null, 10, 0, UPDATED, UPDATED);

    private final Database database;
    private final DataSource dataSource;
    private final String table = Database.newTable();
    private final JdbcTwoFactorStore store;

    EveryEngineTest(Database database) {
        this.database = database;
        this.dataSource = database.dataSource();
        this.store = JdbcTwoFactorStore.of(dataSource).withTable(table);
        store.createTableIfMissing();
    }

    @BeforeParameterizedClassInvocation
    static void engineIsThere(Database database) {
        database.assumeThere();
    }

    private static StoredRecord record(String userId, long version) {
        return StoredRecord.of(userId, version, new byte[] {1, 2, 3});
    }

    private @Nullable String column(String name) {
        return Sql.ask(dataSource, "SELECT " + name + " FROM " + table).get(0);
    }

    @Test
    void find_idsThatDifferByBlanksCaseOrComposition_areApart() {
        List<String> ids = List.of(
                "a",
                "a ",
                "a  ",
                " a",
                "A",
                "a\t",
                "\u00e9",
                "e\u0301",
                "E\u0301",
                "\ud83d\ude00",
                "\ud83d\ude01",
                " ",
                "  ",
                "\t",
                "%",
                "_",
                "'",
                "\\",
                "\u00df",
                "ss",
                "\u0131",
                "i",
                "I",
                "\u200b",
                "a\u200b",
                "42",
                "042",
                "4.2e1",
                "null");
        for (int i = 0; i < ids.size(); i++) {
            assertThat(store.insert(record(ids.get(i), i + 1), SUMMARY))
                    .as(ids.get(i))
                    .isTrue();
        }

        for (int i = 0; i < ids.size(); i++) {
            assertThat(store.find(ids.get(i))).contains(record(ids.get(i), i + 1));
        }
        store.erase("a ");
        assertThat(store.find("a ")).isEmpty();
        assertThat(store.find("a")).contains(record("a", 1));
        assertThat(store.find("a  ")).contains(record("a  ", 3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "\u00fc", "\u20ac", "\ud83d\ude00"})
    void insert_longestId_isKept(String character) {
        String id = character.repeat(255 / character.length());
        assertThat(store.insert(record(id, 1), SUMMARY)).isTrue();

        assertThat(store.find(id)).contains(record(id, 1));
        assertThat(store.userIds(null, 10).userIds()).containsExactly(id);
    }

    @Test
    void insert_summary_isReadableForPeople() {
        Instant locked = Instant.parse("2026-03-29T02:30:00.123456789Z");
        RecordSummary summary = new RecordSummary(State.SUSPENDED, 7, locked, 9, 3, Instant.EPOCH, UPDATED);
        store.insert(record("42", 1), summary);

        assertThat(Sql.ask(dataSource, "SELECT state FROM " + table + " WHERE user_id = '42'"))
                .containsExactly("SUSPENDED");
        assertThat(column("failed_attempts")).isEqualTo("7");
        assertThat(column("locked_until")).isEqualTo("2026-03-29T02:30:00.123Z");
        assertThat(column("backup_codes_left")).isEqualTo("9");
        assertThat(column("remembered_browsers")).isEqualTo("3");
        assertThat(column("enabled_at")).isEqualTo("1970-01-01T00:00:00.000Z");
        assertThat(column("updated_at")).isEqualTo("2026-10-25T01:30:00.500Z");
    }

    @Test
    void replace_summary_takesTheOldOnesPlace() {
        store.insert(record("42", 1), new RecordSummary(State.SUSPENDED, 7, UPDATED, 9, 3, UPDATED, UPDATED));

        store.replace(record("42", 1), record("42", 2), new RecordSummary(State.PENDING, 0, null, 0, 0, null, UPDATED));

        assertThat(column("state")).isEqualTo("PENDING");
        assertThat(column("version")).isEqualTo("2");
        assertThat(column("failed_attempts")).isEqualTo("0");
        assertThat(column("locked_until")).isNull();
        assertThat(column("enabled_at")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-999999999-01-01T00:00:00Z", "+999999999-12-31T23:59:59.999999999Z"})
    void insert_instantsBeyondAnyCalendar_areTaken(Instant instant) {
        assertThat(store.insert(record("42", 1), new RecordSummary(State.ENABLED, 0, instant, 0, 0, instant, instant)))
                .isTrue();
    }

    @Test
    @DisplayName("The SQL of storage-spi/README.md, as it stands there")
    void summary_sqlOfTheReadme_findsWhatItSays() throws IOException {
        Instant now = Instant.parse("2026-11-01T08:30:00Z");
        insert("off", State.OFF, null, now);
        insert("begun", State.PENDING, null, now);
        insert("enabled", State.ENABLED, null, now);
        insert("locked", State.ENABLED, now.plusMillis(1), now);
        insert("no-longer-locked", State.ENABLED, now, now);
        insert("suspended", State.SUSPENDED, null, now);
        String page = Files.readString(Path.of("..", "README.md"));
        String sql = page.substring(page.indexOf("```sql\n") + 7, page.indexOf("\n```", page.indexOf("```sql\n")));
        List<String> statements = Stream.of(sql.replaceAll("(?m)^--.*$", "")
                        .replace("sallyport_record", table)
                        .split(";"))
                .map(String::strip)
                .toList();

        assertThat(statements).hasSize(2);
        assertThat(Sql.ask(dataSource, statements.get(0)))
                .containsExactlyInAnyOrder("enabled", "locked", "no-longer-locked", "suspended");
        assertThat(Sql.ask(dataSource, statements.get(1))).containsExactlyInAnyOrder("locked", "suspended");
    }

    private void insert(String userId, State state, @Nullable Instant lockedUntil, Instant updatedAt) {
        store.insert(record(userId, 1), new RecordSummary(state, 0, lockedUntil, 0, 0, null, updatedAt));
    }

    @Test
    void userIds_walkWhileRowsComeAndGo_showsEachIdThatWasThereThroughout() {
        List<String> throughout = Stream.concat(
                        IntStream.range(0, 40).mapToObj(i -> "user" + " ".repeat(i % 4) + i / 4),
                        Stream.of("user", "user ", "user  ", "user\t", " ", "  ", "\t", "\ud83d\ude00"))
                .toList();
        throughout.forEach(id -> store.insert(record(id, 1), SUMMARY));

        List<String> seen = new ArrayList<>();
        String cursor = null;
        do {
            UserIdPage page = store.userIds(cursor, 3);
            assertThat(page.userIds()).hasSizeLessThanOrEqualTo(3);
            seen.addAll(page.userIds());
            store.insert(record("user0x" + seen.size(), 1), SUMMARY);
            store.erase("user0x" + (seen.size() - 3));
            cursor = page.nextCursor();
        } while (cursor != null);

        assertThat(seen).containsAll(throughout).doesNotHaveDuplicates();
    }

    @Test
    void createTableIfMissing_again_keepsTheRecords() {
        store.insert(record("42", 1), SUMMARY);

        store.createTableIfMissing();

        assertThat(store.find("42")).contains(record("42", 1));
    }

    @Test
    void createTableIfMissing_onManyNodesAtOnce_succeedsOnEach() {
        String fresh = Database.newTable();

        ConcurrentCalls.run(6, i -> {
            JdbcTwoFactorStore.of(dataSource).withTable(fresh).createTableIfMissing();
            return true;
        });

        assertThat(JdbcTwoFactorStore.of(dataSource).withTable(fresh).find("42"))
                .isEmpty();
    }

    @Test
    void everyCall_tableMissing_saysWhatToRun() {
        JdbcTwoFactorStore missing = JdbcTwoFactorStore.of(dataSource).withTable(Database.newTable());

        for (Callable<?> call : List.<Callable<?>>of(
                () -> missing.find("42"),
                () -> missing.insert(record("42", 1), SUMMARY),
                () -> missing.replace(record("42", 1), record("42", 2), SUMMARY),
                () -> erase(missing, "42"),
                () -> missing.userIds(null, 1))) {
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(call::call)
                    .withMessageContaining("is missing")
                    .withMessageContaining("createTableIfMissing()")
                    .withMessageContaining("schema/");
        }
    }

    @Test
    void everyCall_tableWithOtherColumns_saysWhatToRun() {
        String other = Database.newTable();
        Sql.run(dataSource, "CREATE TABLE " + other + " (user_id VARCHAR(255) NOT NULL, version BIGINT NOT NULL)");
        JdbcTwoFactorStore misshapen = JdbcTwoFactorStore.of(dataSource).withTable(other);

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> misshapen.find("42"))
                .withMessageContaining("other columns")
                .withMessageContaining("schema/");
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> misshapen.insert(record("42", 1), SUMMARY))
                .withMessageContaining("other columns");
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(misshapen::createTableIfMissing)
                .withMessageContaining("other columns")
                .withMessageContaining("schema/");
    }

    @ParameterizedTest
    @ValueSource(strings = {"VARBINARY(255)", "VARBINARY(2000)"})
    @DisplayName("A table with a short payload serves small records and fails months later, so it is refused at once")
    void createTableIfMissing_payloadTooShort_saysSo(String type) {
        assumeThat(database)
                .as("these have no such type")
                .isNotIn(Database.SQLITE, Database.POSTGRESQL, Database.DERBY, Database.FIREBIRD);
        String other = Database.newTable();
        Sql.run(
                dataSource,
                engine().schema()
                        .replace("sallyport_record", other)
                        .replaceFirst("(?m)^( +payload +)\\w+(\\(\\d+\\))?", "$1" + type));

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(JdbcTwoFactorStore.of(dataSource).withTable(other)::createTableIfMissing)
                .withMessageContaining("payload has room for " + type.replaceAll("\\D", ""))
                .withMessageContaining("65536 are needed")
                .withMessageContaining("schema/");
    }

    @Test
    void createTableIfMissing_userIdTooShort_saysSo() {
        assumeThat(database).as("its text has no length").isNotEqualTo(Database.SQLITE);
        String other = Database.newTable();
        String schema = engine().schema().replace("sallyport_record", other);
        Sql.run(dataSource, schema.replaceFirst("(?m)^( +user_id +\\w+)\\(\\d+\\)", "$1(64)"));

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(JdbcTwoFactorStore.of(dataSource).withTable(other)::createTableIfMissing)
                .withMessageContaining("user_id has room for 64");
    }

    private Engine engine() {
        try (Connection connection = dataSource.getConnection()) {
            return Engine.ofProductName(connection.getMetaData().getDatabaseProductName())
                    .orElseThrow();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    @DisplayName("A NOT NULL column that the store does not know is no duplicate key")
    void insert_columnTooMany_throws() {
        String wider = Database.newTable();
        Sql.run(
                dataSource,
                engine().schema()
                        .replace("sallyport_record", wider)
                        .replace("PRIMARY KEY", "tenant INTEGER NOT NULL, PRIMARY KEY"));
        JdbcTwoFactorStore misshapen = JdbcTwoFactorStore.of(dataSource).withTable(wider);

        // MariaDB reports HY000 for a column without a default, so the message does not name the columns.
        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> misshapen.insert(record("42", 1), SUMMARY));
    }

    @Test
    @DisplayName("[19] Nextcloud CVE-2021-41177: the table is gone, and nothing is accepted")
    void verify_tableGone_throws() {
        TwoFactor twoFactor = Owner.node(store);
        Owner owner = Owner.enroll(twoFactor);
        Sql.run(dataSource, "DROP TABLE " + table);

        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> owner.verify(twoFactor, owner.code()));
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> twoFactor.signInRequirement(owner.user(), Browser.none()));
    }

    @Test
    @DisplayName("[57] Found by attacking our own design: the row is deleted, and the application knows better")
    void verify_rowDeletedButWitnessed_throws() {
        Owner owner = Owner.enroll(Owner.node(store));
        TwoFactor witnessed = Owner.witnessed(store);
        assertThatCode(() -> witnessed.signInRequirement(owner.user(), Browser.none()))
                .doesNotThrowAnyException();
        Sql.run(dataSource, "DELETE FROM " + table);

        assertThatExceptionOfType(MissingRecordException.class)
                .isThrownBy(() -> witnessed.signInRequirement(owner.user(), Browser.none()));
        assertThatExceptionOfType(MissingRecordException.class).isThrownBy(() -> owner.verify(witnessed, owner.code()));
    }

    @Test
    void erase_ofOneOrNoRow_leavesNothing() {
        store.insert(record("42", 1), SUMMARY);

        store.erase("42");
        store.erase("42");

        assertThat(store.find("42")).isEmpty();
        assertThat(Sql.ask(dataSource, "SELECT user_id FROM " + table)).isEmpty();
        assertThat(store.replace(record("42", 1), record("42", 2), SUMMARY)).isFalse();
        assertThat(store.insert(record("42", 3), SUMMARY)).isTrue();
    }

    @Test
    void erase_atOnce_leavesNothing() {
        store.insert(record("42", 1), SUMMARY);

        ConcurrentCalls.run(8, i -> erase(store, "42"));

        assertThat(store.find("42")).isEmpty();
    }

    private static boolean erase(JdbcTwoFactorStore store, String userId) {
        store.erase(userId);
        return true;
    }

    @ParameterizedTest
    @ValueSource(strings = {"version = 0", "version = -1", "payload = ?"})
    @DisplayName("[72] A spoiled row, in each engine: it is reported, the walk goes on behind it, and it can be erased")
    void spoiledRow_isReportedListedAndErased(String edit) {
        store.insert(record("42", 1), SUMMARY);
        store.insert(record("43", 1), SUMMARY);
        Object[] parameters = edit.endsWith("?") ? new Object[] {new byte[0], "42"} : new Object[] {"42"};
        Sql.run(dataSource, "UPDATE " + table + " SET " + edit + " WHERE user_id = ?", parameters);

        assertThatExceptionOfType(SpoiledRecordException.class).isThrownBy(() -> store.find("42"));
        assertThat(store.insert(record("42", 2), SUMMARY)).isFalse();
        assertThat(store.userIds(null, 10).userIds()).containsExactly("42", "43");

        store.erase("42");

        assertThat(store.find("42")).isEmpty();
        assertThat(store.find("43")).contains(record("43", 1));
        assertThat(store.insert(record("42", 2), SUMMARY)).isTrue();
    }

    @Test
    @DisplayName("[72] A spoiled row, in each engine: nobody gets in until the operator's reset")
    void spoiledRow_forTheApplication_isUnreadableUntilTheReset() {
        TwoFactor twoFactor = Owner.node(store);
        Owner owner = Owner.enroll(twoFactor);
        Sql.run(dataSource, "UPDATE " + table + " SET version = 0");

        assertThatExceptionOfType(UnreadableRecordException.class)
                .isThrownBy(() -> twoFactor.signInRequirement(owner.user(), Browser.none()));
        twoFactor.operator("test").resetWithoutProof(owner.user(), "the row is damaged");

        assertThat(twoFactor.signInRequirement(owner.user(), Browser.none())).isInstanceOf(NoCodeRequired.class);
        assertThat(column("state")).isEqualTo("OFF");
    }

    @Test
    @DisplayName("[13] Spring Security CVE-2026-22751: of many inserts at once one wins")
    void insert_atOnce_isTrueOnce() {
        List<Boolean> answers = ConcurrentCalls.run(8, i -> store.insert(record("42", i + 1), SUMMARY));

        assertThat(answers).containsOnlyOnce(true);
        assertThat(store.find("42")).contains(record("42", answers.indexOf(true) + 1));
    }

    @Test
    @DisplayName("[18] ASP.NET CVE-2023-33170: of many wrong guesses at once as many are answered as were free")
    void verify_wrongGuessesAtOnce_areAnsweredAsFarAsFree() {
        try (HikariDataSource pool = database.pool(8)) {
            TwoFactor twoFactor = Owner.node(JdbcTwoFactorStore.of(pool).withTable(table));
            Owner owner = Owner.enroll(twoFactor);

            List<Object> results = ConcurrentCalls.run(16, i -> owner.verify(twoFactor, owner.wrong()));

            assertThat(results).filteredOn(Rejected.class::isInstance).hasSize(5);
            assertThat(results).filteredOn(LockedOut.class::isInstance).hasSize(11);
            assertThat(column("failed_attempts")).isEqualTo("5");
        }
    }

    @Test
    void withAutoCommitOffByDefault_poolSetSo_servesAndLeavesItSo() throws SQLException {
        HikariConfig config = database.poolConfig(1);
        config.setAutoCommit(false);
        try (HikariDataSource pool = new HikariDataSource(config)) {
            JdbcTwoFactorStore refusing = JdbcTwoFactorStore.of(pool).withTable(table);
            JdbcTwoFactorStore serving = refusing.withAutoCommitOffByDefault();
            TwoFactor twoFactor = Owner.node(serving);

            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> refusing.find("42"))
                    .withMessageContaining("TransactionAwareDataSourceProxy")
                    .withMessageContaining("JTA")
                    .withMessageContaining("withAutoCommitOffByDefault()");
            Owner owner = Owner.enroll(twoFactor);
            assertThat(owner.verify(twoFactor, owner.wrong())).isEqualTo(new Rejected());
            assertThat(column("failed_attempts"))
                    .as("seen from another connection")
                    .isEqualTo("1");
            assertThat(owner.verify(twoFactor, owner.code())).isInstanceOf(Verified.class);
            assertThat(owner.verify(twoFactor, owner.code())).isEqualTo(new Rejected());
            assertThat(serving.insert(record(owner.user().value(), 1), SUMMARY))
                    .as("duplicate")
                    .isFalse();
            assertThat(serving.userIds(null, 10).userIds())
                    .containsExactly(owner.user().value());
            serving.withTable(Database.newTable()).createTableIfMissing();
            try (Connection connection = pool.getConnection()) {
                assertThat(connection.getAutoCommit()).isFalse();
            }
        }
    }
}
