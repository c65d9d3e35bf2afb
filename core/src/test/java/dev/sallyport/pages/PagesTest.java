// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.codec.binary.Base32;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;

/** The pages for reviewers are true: this compares them with the sources. */
class PagesTest {
    private static final Path ROOT = TestSources.root();
    private static final TestSources TESTS = TestSources.ofRepository();
    private static final Sources SOURCES = new Sources(ROOT);
    private static final Path REVIEWING = ROOT.resolve("core/REVIEWING.md");
    private static final Path COMPLIANCE = ROOT.resolve("core/COMPLIANCE.md");
    private static final Path SECURITY = ROOT.resolve(".github/SECURITY.md");

    private static List<String> complaintsAbout(Page page) {
        return page.complaints(TESTS, SOURCES);
    }

    /** A page with another text in the place of the first that fits. */
    private static Page planted(Path page, String from, String to) {
        String text = Sources.read(page);
        String wrong = Pattern.compile(from, Pattern.MULTILINE).matcher(text).replaceFirst(to.strip());

        assertThat(wrong).isNotEqualTo(text);
        return new Page(page, wrong);
    }

    @Nested
    @DisplayName("What a page names is there")
    class Names {

        private static Page saying(String text) {
            return new Page(REVIEWING, text);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "README.md",
                    ".github/SECURITY.md",
                    "core/COMPLIANCE.md",
                    "core/OTHER-WAYS-IN.md",
                    "core/REVIEWING.md",
                    ".ci/MUTANTS.md",
                    ".github/CONTRIBUTING.md"
                })
        void page_namesTestsClassesAndFiles_thatAreThere(String page) {
            assertThat(complaintsAbout(Page.read(ROOT.resolve(page)))).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "`VerifyTest.verify_aCodeThatNobodyTyped_isAccepted`",
                    "`VerifyTest.CounterBased.verify_rightCode_isAProof`",
                    "`PagesTest.page_withAPlantedMistake_isComplainedAbout`", // in several nested classes
                    "`NoSuchTest`",
                    "`Nobody.says_this_ever`",
                    "`TwoFactor.verifyAll`",
                    "`VerificationResult.Accepted`",
                    "`DefaultTwoFactorManager`",
                    "`verifyQuietly(UserId, …)`",
                    "`CODE_FORGIVEN`",
                    "[SECURITY.md](../SECURITY.md)",
                    "[SECURITY.md](../.github/SECURITY.md#no-such-heading)",
                    "[below](#no-such-heading)",
                })
        void page_thatNamesWhatIsNotThere_isComplainedAbout(String planted) {
            assertThat(complaintsAbout(saying("It is so: " + planted + ", as always.")))
                    .hasSize(1);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "`VerifyTest.verify_rightCode_isAProof`",
                    "`PagesTest.ListedFiles.page_withAPlantedMistake_isComplainedAbout`",
                    "`LeakTest`",
                    "`TwoFactor.Builder.clock`, `beginEnrollment(UserId, …)`, `CODE_REJECTED`",
                    "[SECURITY.md](../.github/SECURITY.md#what-the-application-must-do)",
                    "[elsewhere](https://example.org/nowhere)",
                    "`mvn verify`, `pom.xml`, `qr`, `*FuzzTest`",
                })
        void page_thatNamesWhatIsThere_isNot(String text) {
            assertThat(complaintsAbout(saying(text))).isEmpty();
        }

        @Test
        void page_withABlockOfCode_isNotReadThere() {
            assertThat(complaintsAbout(saying("""
                    ```java
                    DefaultTwoFactorManager.of(`DefaultTwoFactorManager`)
                    ```
                    """))).isEmpty();
        }

        @Test
        void page_thatNamesADisabledTest_isComplainedAbout(@TempDir Path root) throws IOException {
            Path file = root.resolve("core/src/test/java/OffTest.java");
            Files.createDirectories(file.getParent());
            Files.writeString(file, "class OffTest { @Test @Disabled void a_b_c() {} }");
            TestSources tests = TestSources.below(root);

            assertThat(saying("`OffTest.a_b_c`").complaints(tests, SOURCES)).hasSize(1);
            assertThat(saying("`OffTest`").complaints(tests, SOURCES)).hasSize(1);
        }
    }

    @Nested
    @DisplayName("REVIEWING.md lists every file of core and SPI, with what to look for")
    class ListedFiles {
        private static final Pattern FILE = Pattern.compile("\\[.*]\\((.*\\.java)\\)");

        private static List<String> complaints(Page page) {
            List<String> complaints = new ArrayList<>();
            Set<Path> left = Stream.of("core", "storage-spi/spi")
                    .flatMap(module -> TestSources.javaFilesIn(ROOT.resolve(module + "/src/main/java")).stream())
                    .collect(Collectors.toCollection(TreeSet::new));
            for (List<String> row : page.rows(FILE)) {
                String link = FILE.matcher(row.get(0)).replaceFirst("$1");
                if (!left.remove(REVIEWING.resolveSibling(link).normalize())) {
                    complaints.add(link + " is listed twice, or is not there");
                }
                if (row.size() != 2 || row.get(1).isEmpty()) {
                    complaints.add(link + " needs a cell that says what to look for");
                }
            }
            left.forEach(file -> complaints.add(file + " is not listed"));
            return complaints;
        }

        @Test
        void files_ofCoreAndSpi_areListed() {
            assertThat(complaints(Page.read(REVIEWING))).isEmpty();
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '!',
                value = {
                    "^.*/Account\\.java\\).*\\n! ''",
                    "^(.*/Account\\.java\\).*\\n)! $1$1",
                    "(/Account\\.java\\) \\|).*\\|$! $1  |",
                    "/Account\\.java! /Konto.java",
                })
        void page_withAPlantedMistake_isComplainedAbout(String from, String to) {
            assertThat(complaints(planted(REVIEWING, from, to))).isNotEmpty();
        }
    }

    @Nested
    @DisplayName("REVIEWING.md says for each rule what enforces it, and which test fails without it")
    class Rules {
        private static final Pattern NAME = Pattern.compile("`([^`]+)`");
        private static final Pattern NAMES = Pattern.compile("`[^`]+`(, `[^`]+`)*");

        private static List<List<String>> rules(Page page) {
            return new Page(page.file(), Facts.section(page, "The rules, and what enforces them"))
                    .rows(Pattern.compile("(?!rule$|-).*"));
        }

        private static List<String> complaints(Page page) {
            List<String> complaints = new ArrayList<>();
            for (List<String> row : rules(page)) {
                String rule = row.get(0);
                if (row.size() != 3 || row.stream().anyMatch(String::isEmpty) || !rule.endsWith(".")) {
                    complaints.add(rule + " has not a sentence, a place and a test");
                    continue;
                }
                if (!NAMES.matcher(row.get(1)).matches()
                        || !NAMES.matcher(row.get(2)).matches()) {
                    complaints.add(rule + " has something else than names");
                }
                NAME.matcher(row.get(1))
                        .results()
                        .map(found -> found.group(1))
                        .filter(name -> !SOURCES.haveType(name))
                        .forEach(name -> complaints.add(rule + " is not enforced by " + name));
                long tests = NAME.matcher(row.get(2)).results().count();
                if (tests != Page.testsIn(row.get(2), TESTS).size()) {
                    complaints.add(rule + " names something that is no test");
                }
            }
            return complaints;
        }

        @Test
        void rules_haveEachAPlaceAndATest() {
            Page page = Page.read(REVIEWING);

            assertThat(rules(page)).hasSizeGreaterThan(50);
            assertThat(complaints(page)).isEmpty();
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '!',
                value = {
                    "^(\\| A malformed.*|\\| A renewed.* \\| )`[^|]*` \\|$! $1`Account.renew` |",
                    "`Account\\.isCurrent` \\|! `Account.isCurrentAnyMore` |",
                    "`Account\\.isCurrent` \\|! |",
                    "`Account\\.isCurrent` \\|! see there |",
                    "^(\\| A renewed proof keeps.* \\| )`[^|]*` \\|$! $1|",
                    "`EndedTrustTest\\.proof_renewed! `EndedTrustTest.proof_old",
                })
        void page_withAPlantedMistake_isComplainedAbout(String from, String to) {
            assertThat(complaints(planted(REVIEWING, from, to))).isNotEmpty();
        }
    }

    @Nested
    @DisplayName("COMPLIANCE.md has a row for each of the 77 requirements")
    class Requirements {
        private static final Pattern ROW = Pattern.compile("[A-Z]+\\d*-\\d+");
        private static final Pattern STATE = Pattern.compile("\\*\\*(met|application|deviation|n/a)\\*\\*");

        // How many of each text, in the page's order.
        private static final List<Map.Entry<String, Integer>> TEXTS = List.of(
                Map.entry("RFC4226", 15),
                Map.entry("RFC6238", 11),
                Map.entry("NIST", 26),
                Map.entry("ASVS", 16),
                Map.entry("OWASP", 4),
                Map.entry("PCI", 1),
                Map.entry("PSD2", 2),
                Map.entry("CWE", 1),
                Map.entry("OWN", 1));

        private static List<String> required() {
            return TEXTS.stream()
                    .flatMap(text -> IntStream.rangeClosed(1, text.getValue()).mapToObj(n -> text.getKey() + "-" + n))
                    .toList();
        }

        private static List<String> complaints(Page page) {
            List<List<String>> rows = page.rows(ROW);
            List<String> complaints = new ArrayList<>();
            if (!rows.stream().map(row -> row.get(0)).toList().equals(required())) {
                complaints.add("the rows are not the requirements, one by one");
            }
            for (List<String> row : rows) {
                if (row.size() != 5 || row.stream().anyMatch(String::isEmpty)) {
                    complaints.add(row.get(0) + " has not five cells, each with something in it");
                    continue;
                }
                boolean ours = row.get(3).startsWith("**met**") || row.get(3).startsWith("**deviation**");
                if (!STATE.matcher(row.get(3)).lookingAt()) {
                    complaints.add(row.get(0) + " says none of the four answers");
                } else if (ours && Page.testsIn(row.get(4), TESTS).isEmpty()) {
                    complaints.add(row.get(0) + " is tested by nothing");
                } else if (row.get(3).startsWith("**deviation**") && row.get(3).length() < 60) {
                    complaints.add(row.get(0) + " gives no reason");
                }
            }
            return complaints;
        }

        @Test
        void requirements_areAsManyAsThePageSays() {
            assertThat(required()).hasSize(77).doesNotHaveDuplicates();
        }

        @Test
        void rows_areThereEachWithAnAnswerAndATest() {
            assertThat(complaints(Page.read(COMPLIANCE))).isEmpty();
        }

        @Test
        void deviations_aboveTheTables_areThoseOfTheRows() {
            Page page = Page.read(COMPLIANCE);
            String said = page.text().replaceFirst("(?s).*\\*\\*Deviations:\\*\\* ([^.]*)\\..*", "$1");

            assertThat(said.split("[\\s,]+", -1))
                    .containsExactlyElementsOf(page.rows(ROW).stream()
                            .filter(row -> row.get(3).startsWith("**deviation**"))
                            .map(row -> row.get(0))
                            .toList());
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '!',
                value = {
                    "^\\| NIST-7 .*\\n! ''",
                    "^(\\| NIST-7 .*\\n)! $1$1",
                    "^(\\| NIST-7 .*)\\*\\*met\\*\\*! $1**almost**",
                    "^(\\| ASVS-4 .*)\\*\\*deviation\\*\\*[^|]*! $1**deviation** ",
                    "^(\\| RFC6238-9 .* \\| )[^|]* \\|$! $1`Totp` |",
                    "^(\\| RFC6238-9 .* \\| )[^|]* \\|$! $1 |",
                })
        void page_withAPlantedMistake_isComplainedAbout(String from, String to) {
            assertThat(complaints(planted(COMPLIANCE, from, to))).isNotEmpty();
        }
    }

    @Nested
    @DisplayName("What REVIEWING.md says of memory, randomness and dependencies is what the sources have")
    class Facts {
        private static final Pattern BACKTICKS = Pattern.compile("`(\\w+)");

        static String section(Path page, String heading) {
            return section(Page.read(page), heading);
        }

        static String section(Page page, String heading) {
            String text = page.text();
            int begin = text.indexOf("\n## " + heading + "\n");
            assertThat(begin).as(heading).isNotNegative();
            int end = text.indexOf("\n## ", begin + 1);
            return text.substring(begin, end < 0 ? text.length() : end);
        }

        private static Set<String> namedIn(String text) {
            return BACKTICKS
                    .matcher(text)
                    .results()
                    .map(found -> found.group(1))
                    .collect(Collectors.toSet());
        }

        // The classes of core's main code in whose source there is a match.
        private static Set<String> classesWith(String pattern) {
            Pattern wanted = Pattern.compile(pattern);
            return TestSources.javaFilesIn(ROOT.resolve("core/src/main/java")).stream()
                    .filter(file -> wanted.matcher(Sources.read(file)).find())
                    .map(file -> file.getFileName().toString().replace(".java", ""))
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        @Test
        void classesThatOverwriteSecrets_areThoseOfTheTable() {
            Set<String> named = new HashSet<>();
            for (List<String> row : new Page(REVIEWING, section(REVIEWING, "Where secrets are in memory"))
                    .rows(Pattern.compile("(?!secret$|-).*"))) {
                named.addAll(namedIn(row.get(2).replaceAll("\\(`.*\\)", "")));
            }

            assertThat(classesWith("Arrays\\.fill\\(|\\.destroySecrets\\(|\\.destroy\\(\\)"))
                    .isEqualTo(named);
        }

        @Test
        void classesThatAskAGenerator_areThoseOfTheTable() {
            Set<String> named = new Page(REVIEWING, section(REVIEWING, "Randomness"))
                    .rows(Pattern.compile("(?!what$|-).*")).stream()
                            .flatMap(row -> namedIn(row.get(2)).stream())
                            .collect(Collectors.toSet());

            assertThat(classesWith("\\.next(Bytes|Int|Long)\\(")).isNotEmpty().isEqualTo(named);
        }

        @Test
        void generatorsOtherThanSecureRandom_areNowhere() {
            assertThat(classesWith("java\\.util\\.Random|ThreadLocalRandom|Math\\.random|SplittableRandom"))
                    .isEmpty();
            assertThat(classesWith("new Secure" + "Random\\(")).isNotEmpty();
        }

        @Test
        void importsFromOutside_areThoseOfTheTable() {
            Set<String> imported = Stream.of("core", "qr", "storage-spi/spi")
                    .flatMap(module -> TestSources.javaFilesIn(ROOT.resolve(module + "/src/main/java")).stream())
                    .flatMap(file -> Sources.read(file).lines())
                    .filter(line -> line.matches("import (?!static|java\\.|javax\\.crypto\\.|javax\\.security\\.|"
                            + "dev\\.sallyport\\.).*"))
                    .filter(line -> !line.startsWith("import org.jspecify.annotations."))
                    .map(line -> line.replaceAll(".*\\.|;", ""))
                    .collect(Collectors.toSet());
            Set<String> named = new Page(REVIEWING, section(REVIEWING, "What it stands on"))
                    .rows(Pattern.compile(".* \\d.*")).stream()
                            .flatMap(row -> namedIn(row.get(3)).stream())
                            .collect(Collectors.toSet());

            assertThat(named).isNotEmpty().isEqualTo(imported);
        }

        private static Stream<List<String>> jars() {
            return Stream.of(
                    List.of("commons-codec ", "commons-codec.version", Base32.class.getName()),
                    List.of("slf4j-api ", "slf4j.version", Logger.class.getName()),
                    List.of("jspecify ", "jspecify.version", NullMarked.class.getName()),
                    List.of("zxing core ", "zxing.version", ""));
        }

        @ParameterizedTest
        @MethodSource("jars")
        void dependency_hasTheVersionAndTheSizeOfTheTable(List<String> jar)
                throws IOException, URISyntaxException, ClassNotFoundException {
            String version =
                    Sources.read(ROOT.resolve("pom.xml")).replaceFirst("(?s).*<" + jar.get(1) + ">(.*?)<.*", "$1");
            List<List<String>> rows = new Page(REVIEWING, section(REVIEWING, "What it stands on"))
                    .rows(Pattern.compile(Pattern.quote(jar.get(0) + version)));

            assertThat(rows).hasSize(1);
            if (!jar.get(2).isEmpty()) {
                Path file = Path.of(Class.forName(jar.get(2))
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI());
                assertThat(rows.get(0).get(2)).isEqualTo(String.format(Locale.ROOT, "%,d", Files.size(file)));
            }
        }
    }

    @Nested
    @DisplayName("The arithmetic of SECURITY.md")
    class Arithmetic {
        private static final double SECONDS_PER_YEAR = 365.25 * 86_400;

        private static String scientific(double value) {
            return String.format(Locale.ROOT, "%.1e", value).replaceFirst("e\\+?(-?)0*", "e$1");
        }

        private static final double CODES_PER_GUESS = 10;

        @Test
        void backupCodesOffline_areFoundInAsManyYearsAsThePageSays() {
            List<List<String>> rows = Page.read(SECURITY).rows(Pattern.compile("(backup|temporary) code"));

            assertThat(rows).hasSize(2);
            for (List<String> row : rows) {
                int bits = Integer.parseInt(row.get(1));
                double hashes = row.get(0).equals("backup code")
                        ? Math.scalb(1.0, bits) / (CODES_PER_GUESS + 1)
                        : Math.scalb(1.0, bits - 1);
                assertThat(row.get(2)).isEqualTo(scientific(hashes / 2.2e10 / SECONDS_PER_YEAR));
            }
        }

        @Test
        void backupCodesOnline_areGuessedWithTheProbabilityOfThePage() {
            double attempts = 1e6 * SECONDS_PER_YEAR;

            assertThat(Sources.read(SECURITY))
                    .contains("a chance of " + scientific(attempts * CODES_PER_GUESS / Math.scalb(1.0, 115)));
        }
    }
}
