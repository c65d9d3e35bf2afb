// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.Browser;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.examples.migration.CommandLineRun.Result;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Large files into a PostgreSQL, and a run that is killed. */
class PostgresTest {
    private static final int USERS = 10_000;
    private static final Instant AFTERWARDS = CommandLineRun.NOW.plus(Duration.ofMinutes(20));
    private static final String PASSWORD = UUID.randomUUID().toString();

    @TempDir
    private static Path directory;

    private static EmbeddedPostgres server;

    @TempDir
    private Path reports;

    @BeforeAll
    static void start() throws IOException {
        Path passwordFile = Files.writeString(directory.resolve("password"), PASSWORD);
        server = EmbeddedPostgres.builder()
                .setDataDirectory(directory.resolve("data"))
                .setRegisterShutdownHook(false)
                .setPGStartupWait(Duration.ofMinutes(2))
                .setServerConfig("listen_addresses", "127.0.0.1")
                // initdb: without these, every user of this machine would be let in.
                .setLocaleConfig("auth", "scram-sha-256")
                .setLocaleConfig("pwfile", passwordFile.toString())
                .setConnectConfig("password", PASSWORD)
                .setOutputRedirector(Redirect.DISCARD)
                .setErrorRedirector(Redirect.DISCARD)
                .start();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static String url() {
        return "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/postgres";
    }

    /** With the password, for the test's own connections. */
    private static TestDatabase database() throws SQLException {
        return TestDatabase.at(url() + "?user=postgres&password=" + PASSWORD);
    }

    private CommandLineRun into(String table) {
        return CommandLineRun.into(url())
                .with("--jdbc-user", "postgres", "--table", table, "--create-table")
                .environment("SALLYPORT_JDBC_PASSWORD", PASSWORD)
                .reportTo(reports.resolve("report"));
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("10,000 users come over; a second run changes no byte; codes of oathtool sign in")
    void tenThousandUsers_comeOverOnce(Format format) throws Exception {
        String table = "large_" + format.option().replace('-', '_');
        LargeFiles files = new LargeFiles(reports, USERS);
        try (TestDatabase database = database()) {
            Result first = files.add(into(table), format).run();
            assertThat(first.status()).as(first.err() + first.out()).isEqualTo(Migration.ALL_OVER);
            assertThat(first.out()).containsPattern("Users who came over +10,000\n");
            Map<String, String> rows = database.rows(table);
            assertThat(rows).hasSize(USERS).containsKeys(LargeFiles.user(1), LargeFiles.user(USERS));

            Result second = files.add(into(table), format).run();

            assertThat(second.status()).isEqualTo(Migration.ALL_OVER);
            assertThat(second.out()).containsPattern("already, unchanged +10,000\n");
            assertThat(second.jsonLines()).hasLineCount(USERS);
            assertThat(database.rows(table).equals(rows))
                    .as("no byte was changed")
                    .isTrue();
            assertThat(first.everything() + second.everything()).doesNotContainIgnoringCase("secret-of-");
            assertSignsIn(database, table, AFTERWARDS, 1, USERS / 2, USERS);
        }
    }

    private static void assertSignsIn(TestDatabase database, String table, Instant now, int... users) throws BadInput {
        Oathtool.require();
        TwoFactor twoFactor = TwoFactor.builder()
                .issuer("Acme")
                .store(database.store(table))
                .encryptionKeys(Keys.read("test", CommandLineRun.KEYS))
                .clock(InstantSource.fixed(now))
                .build();
        for (int user : users) {
            CodeRequired required =
                    (CodeRequired) twoFactor.signInRequirement(UserId.of(LargeFiles.user(user)), Browser.none());
            String code = Oathtool.codes(LargeFiles.known(user), now).get(0);
            assertThat(twoFactor.verify(required.challenge(), code)).isInstanceOf(Verified.class);
        }
    }

    @Test
    @DisplayName("A run that is killed in the middle is repeated, and nobody is half over")
    void killedRun_isRepeated() throws Exception {
        int users = 2000;
        LargeFiles files = new LargeFiles(reports, users);
        Path file = files.write(Format.CSV);
        try (TestDatabase database = database();
                TestDatabase blocker = database()) {
            database.store("killed").createTableIfMissing();
            Connection held = blocker.connection();
            held.setAutoCommit(false);
            // The run waits for this transaction when it comes to user 1,500, however fast or slow it is.
            reserve(held, "killed", LargeFiles.user(1500));
            killAfter("1,400 of 2,000 users", file, "killed");
            held.rollback();
            Map<String, String> before = database.rows("killed");
            assertThat(before).hasSizeBetween(1400, 1500);

            Result resumed = files.add(into("killed"), Format.CSV).run();

            assertThat(resumed.status()).as(resumed.err()).isEqualTo(Migration.ALL_OVER);
            Map<String, String> after = database.rows("killed");
            assertThat(after).hasSize(users).containsAllEntriesOf(before);
            // The process that was killed had the time of this machine.
            Instant afterwards = Instant.now().plus(Duration.ofMinutes(20));
            assertSignsIn(database, "killed", afterwards, 1, 1499, 1500, 1501, users);
        }
    }

    /** Takes a row's key in a transaction that stays open. */
    private static void reserve(Connection connection, String table, String user) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO " + table
                + " (user_id, user_id_length, version, payload, state, failed_attempts, backup_codes_left,"
                + " remembered_browsers, updated_at) VALUES (?, ?, 1, '', 'OFF', 0, 0, 0, '')")) {
            insert.setString(1, user);
            insert.setInt(2, user.length());
            insert.executeUpdate();
        }
    }

    private void killAfter(String line, Path file, String table) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Migration.class.getName()));
        command.addAll(List.of("--from", "csv", file.toString(), "--issuer", "Acme", "--jdbc", url()));
        command.addAll(List.of("--jdbc-user", "postgres", "--table", table));
        command.addAll(List.of("--report", reports.resolve("killed").toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("SALLYPORT_KEYS", CommandLineRun.KEYS);
        builder.environment().put("SALLYPORT_JDBC_PASSWORD", PASSWORD);
        Process process = builder.start();
        List<String> said = new ArrayList<>();
        try (BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String next = out.readLine(); next != null; next = out.readLine()) {
                said.add(next);
                if (next.equals(line)) {
                    break;
                }
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(said).contains(line);
    }
}
