// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import static dev.sallyport.examples.migration.CommandLineRun.KEYS;
import static dev.sallyport.examples.migration.SourceText.RFC_BASE32;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.examples.migration.CommandLineRun.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CommandLineTest {
    private static final String TABLE = "sallyport_record";
    private static final String OTHER_KEYS = "test MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=\n";

    @TempDir
    private Path directory;

    private TestDatabase database;

    @BeforeEach
    void open() throws SQLException {
        database = TestDatabase.h2();
    }

    @AfterEach
    void close() throws SQLException {
        database.close();
    }

    private CommandLineRun command() {
        return CommandLineRun.into(database.url());
    }

    private CommandLineRun move(String csv) {
        return command()
                .from("csv", SourceText.write(csv, ".csv"))
                .with("--create-table")
                .reportTo(directory.resolve("report"));
    }

    private TwoFactor application() throws BadInput {
        return TwoFactor.builder()
                .issuer("Acme")
                .store(database.store(TABLE))
                .encryptionKeys(Keys.read("test", KEYS))
                .clock(InstantSource.fixed(CommandLineRun.NOW))
                .build();
    }

    private static Path write(Path file, String text) throws IOException {
        return Files.writeString(file, text);
    }

    @Nested
    class DryRun {
        @ParameterizedTest
        @MethodSource("dev.sallyport.examples.migration.SamplesTest#samples")
        void dryRun_ofEverySample_writesNothingAndForetellsTheRun(Sample sample) throws SQLException {
            Result foretold = command().from(sample).dryRun().run();
            assertThat(database.hasTables()).isFalse();

            Result moved = command()
                    .from(sample)
                    .with("--create-table")
                    .reportTo(directory.resolve("report"))
                    .run();

            assertThat(foretold.status()).isEqualTo(moved.status()).isEqualTo(sample.status());
            assertThat(numbers(foretold.out())).isEqualTo(numbers(moved.out()));
        }

        @Test
        void dryRun_afterTheRun_seesWhoIsThereAndChangesNothing() throws SQLException {
            move("user_id,secret\n7," + RFC_BASE32).run();
            Map<String, String> before = database.rows(TABLE);

            Result result = command()
                    .from("csv", SourceText.write("user_id,secret\n7," + RFC_BASE32, ".csv"))
                    .dryRun()
                    .run();

            assertThat(result.out()).containsPattern("there already, unchanged +1\n");
            assertThat(database.rows(TABLE)).isEqualTo(before);
        }

        @Test
        void dryRun_withoutKeys_worksAsLongAsNobodyIsThere() throws IOException {
            Path file = write(directory.resolve("users.csv"), "user_id,secret\n7," + RFC_BASE32);
            assertThat(command()
                            .environment("SALLYPORT_KEYS", null)
                            .from("csv", file)
                            .dryRun()
                            .run()
                            .status())
                    .isEqualTo(Migration.ALL_OVER);
            move("user_id,secret\n7," + RFC_BASE32).run();

            Result result = command()
                    .environment("SALLYPORT_KEYS", null)
                    .from("csv", file)
                    .dryRun()
                    .run();

            assertThat(result.status()).isEqualTo(Migration.BAD_INPUT);
            assertThat(result.err()).contains("SALLYPORT_KEYS or --keys-file");
        }

        /** The numbers of the report, without the words that differ. */
        private static String numbers(String out) {
            return out.lines()
                    .filter(line -> line.matches(".* [0-9,]+"))
                    .map(line -> line.substring(line.lastIndexOf(' ')))
                    .toList()
                    .toString();
        }
    }

    @Nested
    class WhoComesOver {
        @Test
        void sixAuthenticators_fiveComeOverAndTheSixthIsNamed() throws BadInput {
            StringBuilder csv = new StringBuilder("user_id,secret,encoding\n");
            for (int i = 1; i <= 6; i++) {
                csv.append("7,secret-of-phone-000").append(i).append(",raw\n");
            }

            Result result = move(csv.toString()).run();

            assertThat(result.status()).isEqualTo(Migration.ALL_OVER);
            assertThat(application().status(UserId.of("7")).authenticators()).hasSize(5);
            assertThat(result.out()).contains("7, line 7: a user has at most 5 authenticators");
        }

        @Test
        void oneOfTwoAuthenticatorsRefused_theOtherComesOver() throws BadInput {
            Result result = move("user_id,secret,period\n7," + RFC_BASE32 + ",600\n7,JBSWY3DPEHPK3PXP,30\n")
                    .run();

            assertThat(result.status()).isEqualTo(Migration.ALL_OVER);
            assertThat(result.out()).contains("7, line 2: period is ");
            assertThat(application().status(UserId.of("7")).authenticators())
                    .singleElement()
                    .satisfies(one -> assertThat(one.weakSecret()).isTrue());
        }

        @Test
        void oneSecretWithTwoPeriods_comesOverOnce() throws BadInput {
            Result result = move("user_id,secret,period\n7," + RFC_BASE32 + ",30\n7," + RFC_BASE32 + ",60\n")
                    .run();

            assertThat(result.out()).contains("7, line 3: ");
            assertThat(application().status(UserId.of("7")).authenticators()).hasSize(1);
        }

        @Test
        void lengthsOfSecrets_from10To128BytesComeOver() {
            String csv = "user_id,secret,encoding\n9," + "a".repeat(9) + ",raw\n10," + "a".repeat(10) + ",raw\n128,"
                    + "a".repeat(128) + ",raw\n129," + "a".repeat(129) + ",raw\n";

            Result result = move(csv).run();

            assertThat(result.status()).isEqualTo(Migration.SOME_LEFT);
            assertThat(result.out())
                    .contains("    9: line 2: a shared secret has 10 to 128 bytes, not 9\n")
                    .contains("    129: line 5: a shared secret has 10 to 128 bytes, not 129\n")
                    .containsPattern("Users who came over +2\n");
        }

        @Test
        void lastStepFarAhead_isRefused() {
            Result result = move("user_id,secret,last_step\n7," + RFC_BASE32 + ",99999999")
                    .run();

            assertThat(result.status()).isEqualTo(Migration.SOME_LEFT);
            assertThat(result.out()).contains("steps ahead of the clock");
        }

        @Test
        void userIdThatIsTooLong_isLeftWithTheReason() {
            Result result = move("user_id,secret\n" + "x".repeat(256) + "," + RFC_BASE32)
                    .run();

            assertThat(result.status()).isEqualTo(Migration.SOME_LEFT);
            assertThat(result.out()).contains("a user id has 1 to 255 characters, not 256");
        }

        @Test
        void nameWithControlCharacters_isShownHarmlessly() {
            Result result = move("user_id,user,secret\n7,\"al\u001B[2J\nice\u202E\",bad")
                    .run();

            assertThat(result.everything())
                    .doesNotContain("\u001B", "\u202E")
                    .contains("al\\u{1b}[2J\\u{a}ice\\u{202e}");
        }

        @Test
        void enrolledUserWhoseOldAuthenticatorCannotComeOver_isThereAlready() throws BadInput {
            move("user_id,secret\n7," + RFC_BASE32).run();

            Result result = move("user_id,secret\n7,short").run();

            assertThat(result.status()).isEqualTo(Migration.ALL_OVER);
            assertThat(result.out()).containsPattern("there already, unchanged +1\n");
        }

        @Test
        void recordThatDoesNotOpen_isLeftAloneAndReported() throws SQLException {
            move("user_id,secret\n7," + RFC_BASE32 + "\n8," + RFC_BASE32).run();
            try (Statement statement = database.connection().createStatement()) {
                statement.executeUpdate("UPDATE " + TABLE + " SET version = version + 1 WHERE user_id = '7'");
            }
            Map<String, String> before = database.rows(TABLE);

            Result result = move("user_id,secret\n7," + RFC_BASE32 + "\n8," + RFC_BASE32)
                    .run();

            assertThat(result.status()).isEqualTo(Migration.STORE_FAILED);
            assertThat(result.out()).contains("7: the target has a record that does not open");
            assertThat(database.rows(TABLE)).isEqualTo(before);
        }
    }

    @Nested
    class UserIds {
        private CommandLineRun moveWithMap(String csv, String text) throws IOException {
            return move(csv)
                    .with(
                            "--user-map",
                            write(directory.resolve("map.csv"), text).toString());
        }

        @Test
        @DisplayName("The id of the source is the user id, and the name is what the app shows")
        void sourceWithIds_usesThem() throws SQLException {
            Result result = move("user_id,user,secret\n7,alice," + RFC_BASE32).run();

            assertThat(database.rows(TABLE)).containsOnlyKeys("7");
            assertThat(result.out()).contains("User ids: the column user_id\n").doesNotContain("--user-map");
        }

        @Test
        void sourceWithoutIds_usesNamesAndWarns() throws SQLException {
            Result result = move("user,secret\nalice," + RFC_BASE32).run();

            assertThat(database.rows(TABLE)).containsOnlyKeys("alice");
            assertThat(result.out())
                    .contains("because there is no column user_id")
                    .contains("Use --user-map");
        }

        @Test
        void userMap_findsNamesAndOldIds() throws Exception {
            String csv = "user_id,user,secret\n7,alice," + RFC_BASE32 + "\n8,bob," + RFC_BASE32 + "\n9,carol,"
                    + RFC_BASE32 + "\n";
            Result result = moveWithMap(csv, "name,user_id\nalice,u-1\n8,u-2\n").run();

            assertThat(database.rows(TABLE)).containsOnlyKeys("u-1", "u-2");
            assertThat(result.status()).isEqualTo(Migration.SOME_LEFT);
            assertThat(result.out())
                    .contains("User ids: those of the user map")
                    .contains("carol: it is not in the user map");
        }

        @Test
        @DisplayName("Nobody gets somebody else's second factor by a slip in the map")
        void userMapWithOneIdTwice_isRefused() throws Exception {
            String csv = "user,secret\nalice," + RFC_BASE32 + "\nbob," + RFC_BASE32;
            assertThat(moveWithMap(csv, "name,user_id\nalice,u-1\nbob,u-1\n")
                            .run()
                            .err())
                    .contains("line 3: line 2 has the same user_id");
            assertThat(moveWithMap(csv, "name,user_id\nalice,u-1\nalice,u-2\n")
                            .run()
                            .err())
                    .contains("line 3: this name was there before");
            assertThat(moveWithMap("user_id,user,secret\n7,alice," + RFC_BASE32, "name,user_id\nalice,u-1\n7,u-2\n")
                            .run()
                            .err())
                    .contains("lead to different user ids");
            assertThat(database.hasTables()).isFalse();
        }
    }

    @Nested
    class Reports {
        @Test
        void report_hasALineForEachUser() throws IOException {
            Result result = command()
                    .from(Sample.keycloak())
                    .with("--create-table")
                    .reportTo(directory.resolve("report"))
                    .run();

            assertThat(result.jsonLines()).hasLineCount(7);
            JsonNode carol = new ObjectMapper()
                    .readTree(result.jsonLines().lines().toList().get(2));
            assertThat(carol.get("outcome").asText()).isEqualTo("left_without_second_factor");
            assertThat(carol.get("leftBehind").get("recovery codes").asInt()).isEqualTo(12);
            assertThat(carol.get("user").asText()).isEqualTo("f7c9a1d0-1111-4222-8333-000000000003");
            assertThat(result.report()).contains("Users who came over", "recovery codes cannot come over (12)");
        }

        @Test
        void report_isForItsOwnerAlone() throws IOException {
            move("user_id,secret\n7," + RFC_BASE32).run();

            for (String end : new String[] {".txt", ".jsonl"}) {
                assertThat(Files.getPosixFilePermissions(directory.resolve("report" + end)))
                        .containsExactlyInAnyOrder(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
            }
        }

        @Test
        void screen_showsTwentyAndTheReportAll() {
            StringBuilder csv = new StringBuilder("user_id,secret\n");
            for (int i = 0; i < 30; i++) {
                csv.append("user-").append(i).append(",bad\n");
            }

            Result result = move(csv.toString()).run();

            assertThat(result.out())
                    .contains("user-19: ")
                    .doesNotContain("user-20: ")
                    .contains("and 10 more");
            assertThat(result.report()).contains("user-29: ");
        }

        @Test
        void progress_isABarOnATerminalAndLinesElsewhere() {
            StringBuilder csv = new StringBuilder("user_id,secret,encoding\n");
            for (int i = 0; i < 200; i++) {
                csv.append(i).append(",secret-of-user-").append(i + 1000).append(",raw\n");
            }

            assertThat(move(csv.toString()).run().out())
                    .contains("\n100 of 200 users\n")
                    .doesNotContain("\r");
            assertThat(move(csv.toString()).onTerminal().run().out())
                    .contains("\r[####################                    ] 100 of 200 users")
                    .contains("] 200 of 200 users\n");
        }
    }

    @Nested
    class Refusals {
        private Result refused(CommandLineRun run) {
            Result result = run.run();
            assertThat(result.status()).as(result.everything()).isEqualTo(Migration.BAD_INPUT);
            return result;
        }

        @Test
        void badFile_stopsBeforeAnythingIsWritten() throws SQLException {
            Result result = refused(move("user_id,secret\n7," + RFC_BASE32 + "\n8"));

            assertThat(result.err()).contains("line 3: it has 1 cells, and the header has 2");
            assertThat(database.hasTables()).isFalse();
            assertThat(refused(command().from("csv", directory.resolve("none")).dryRun())
                            .err())
                    .contains("there is no such file");
            assertThat(refused(command().from("ldap", directory).dryRun()).err())
                    .contains("--from is one of keycloak, django-otp, csv, authelia, pskc, otpauth, cxf");
        }

        @Test
        void fileThatIsNoUtf8_isRefused() throws IOException {
            Path file = Files.write(directory.resolve("latin"), new byte[] {'a', (byte) 0xE4, ',', 'b'});

            assertThat(refused(command().from("csv", file).dryRun()).err()).contains("it is not a text in UTF-8");
        }

        @Test
        void missingTable_isNotCreatedByItself() throws SQLException {
            Result result = refused(command()
                    .from(Sample.authelia())
                    .reportTo(directory.resolve("report"))
                    .with("--table", "mistyped"));

            assertThat(result.err()).contains("there is no table mistyped. Create it, or say --create-table");
            assertThat(database.hasTables()).isFalse();
        }

        @Test
        void tableNameWithSql_isRefused() {
            assertThat(refused(move("user_id,secret\n").with("--table", "a; DROP TABLE b"))
                            .err())
                    .contains("--table: a table name is");
        }

        @Test
        void otherKeysThanThoseOfTheRecords_areRefused() throws SQLException {
            move("user_id,secret\n7," + RFC_BASE32).run();
            Map<String, String> before = database.rows(TABLE);

            Result result = refused(move("user_id,secret\n8," + RFC_BASE32).environment("SALLYPORT_KEYS", OTHER_KEYS));
            assertThat(result.err()).contains("do not open with these keys and this namespace");
            refused(move("user_id,secret\n8," + RFC_BASE32).with("--namespace", "other"));
            assertThat(database.rows(TABLE)).isEqualTo(before);
        }

        @Test
        void missingOrBadKeys_areRefusedAndNotShown() throws IOException {
            assertThat(refused(move("user_id,secret\n").environment("SALLYPORT_KEYS", null))
                            .err())
                    .contains("SALLYPORT_KEYS", "--keys-file");
            for (String bad : new String[] {"2026 AAECAwQF", "only-one-word", "a b c", "2026 %%%%", "# nothing"}) {
                Result result = refused(move("user_id,secret\n").environment("SALLYPORT_KEYS", bad));
                assertThat(result.err()).doesNotContain("AAECAwQF", "only-one-word", "%%%%");
                Path file = write(directory.resolve("keys"), bad);
                assertThat(refused(move("user_id,secret\n").with("--keys-file", file.toString()))
                                .err())
                        .startsWith("migrate: --keys-file: ");
            }
        }

        @Test
        void passwordInTheUrl_isRefusedAndNotShown() throws IOException {
            Path file = write(directory.resolve("users.csv"), "user_id,secret\n");
            for (String url : new String[] {
                "jdbc:postgresql://127.0.0.1/db?user=a&password=hunter2",
                "jdbc:h2:mem:x;PASSWORD=hunter2",
                "jdbc:postgresql://a:hunter2@127.0.0.1/db"
            }) {
                Result result =
                        refused(CommandLineRun.into(url).from("csv", file).dryRun());
                assertThat(result.err()).contains("SALLYPORT_JDBC_PASSWORD");
                assertThat(result.everything()).doesNotContain("hunter2");
            }
        }

        @Test
        void missingOptions_areRefused() {
            assertThat(refused(command().from(Sample.authelia())).err()).contains("--report is needed");
            assertThat(refused(command().dryRun()).err()).contains("--from");
            assertThat(refused(CommandLineRun.into("jdbc:unknown:x")
                                    .from(Sample.authelia())
                                    .dryRun())
                            .err())
                    .contains("there is no driver for this URL");
            assertThat(refused(command()
                                    .from(Sample.authelia())
                                    .with("--create-table")
                                    .reportTo(directory.resolve("no/such/folder")))
                            .err())
                    .contains("the report cannot be written there");
        }

        @Test
        void databaseThatDoesNotAnswer_isAStoreFailure() throws IOException {
            Path file = write(directory.resolve("users.csv"), "user_id,secret\n");
            Result result = CommandLineRun.into("jdbc:postgresql://127.0.0.1:1/none")
                    .from("csv", file)
                    .dryRun()
                    .run();

            assertThat(result.status()).isEqualTo(Migration.STORE_FAILED);
            assertThat(result.err()).contains("the database does not let us in");
        }

        @Test
        void storeThatFailsInTheMiddle_keepsWhoCameOver() throws Exception {
            move("user_id,secret\n1," + RFC_BASE32).run();
            try (Statement statement = database.connection().createStatement()) {
                statement.executeUpdate("ALTER TABLE " + TABLE + " ADD CONSTRAINT no_nine CHECK (user_id <> '9')");
            }
            String csv = "user_id,secret\n8," + RFC_BASE32 + "\n9," + RFC_BASE32 + "\n10," + RFC_BASE32;

            Result stopped = move(csv).run();

            assertThat(stopped.status()).isEqualTo(Migration.STORE_FAILED);
            assertThat(stopped.err()).contains("the store failed", "Run it again");
            assertThat(stopped.report()).contains("STOPPED");
            assertThat(database.rows(TABLE)).containsOnlyKeys("1", "8");

            try (Statement statement = database.connection().createStatement()) {
                statement.executeUpdate("ALTER TABLE " + TABLE + " DROP CONSTRAINT no_nine");
            }
            assertThat(move(csv).run().status()).isEqualTo(Migration.ALL_OVER);
            assertThat(database.rows(TABLE)).containsOnlyKeys("1", "8", "9", "10");
        }
    }

    @Test
    void keysFile_withAPreviousKey_readsTheRecordsUnderIt() throws Exception {
        move("user_id,secret\n7," + RFC_BASE32).run();
        Path keys = write(
                directory.resolve("keys"),
                "# newest first\nnext MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=\n" + KEYS);

        Result result = move("user_id,secret\n7," + RFC_BASE32 + "\n8," + RFC_BASE32)
                .environment("SALLYPORT_KEYS", null)
                .with("--keys-file", keys.toString())
                .run();

        assertThat(result.status()).isEqualTo(Migration.ALL_OVER);
        assertThat(result.out()).containsPattern("there already, unchanged +1\n");
    }

    @Test
    void help_namesTheExitCodesAndEveryFormat() {
        Result result = command().with("--help").run();

        assertThat(result.status()).isZero();
        assertThat(result.out()).contains("Exit codes: 0", "--user-map");
        for (Format format : Format.values()) {
            assertThat(result.out()).contains(format.option());
        }
    }
}
