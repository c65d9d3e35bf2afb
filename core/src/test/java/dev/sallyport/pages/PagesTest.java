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

/** The pages for reviewers say what is so: they are read with the sources beside them. */
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
        @ValueSource(strings = {"README.md", ".github/SECURITY.md", "core/COMPLIANCE.md", "core/REVIEWING.md"})
        void page_namesTestsClassesAndFiles_thatAreThere(String page) {
            assertThat(complaintsAbout(Page.read(ROOT.resolve(page)))).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "`VerifyTest.verify_aCodeThatNobodyTyped_isAccepted`",
                    "`VerifyTest.CounterBased.verify_rightCode_isAProof`",
                    "`EnrollmentTest.begin_twice_theLaterWins`", // of two nested classes
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
                    "`EnrollmentTest.AnotherAuthenticator.begin_twice_theLaterWins`",
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
    @DisplayName("REVIEWING.md lists every file of core and SPI, with its lines of code")
    class Lines {
        private static final Pattern FILE = Pattern.compile("\\[.*]\\((.*\\.java)\\)");
        private static final Pattern TOTAL = Pattern.compile("([\\d,]+) lines of code in (\\d+) files");

        private static Map<Path, Integer> counted() {
            return Stream.of("core", "storage-spi/spi")
                    .flatMap(module -> TestSources.javaFilesIn(ROOT.resolve(module + "/src/main/java")).stream())
                    .collect(Collectors.toMap(file -> file, file -> Sources.linesOfCode(Sources.read(file))));
        }

        private static List<String> complaints(Page page) {
            List<String> complaints = new ArrayList<>();
            Map<Path, Integer> left = counted();
            int total = left.values().stream().mapToInt(Integer::intValue).sum();
            String said = String.format(Locale.ROOT, "%,d lines of code in %d files", total, left.size());
            if (!TOTAL.matcher(page.text())
                    .results()
                    .allMatch(found -> found.group().equals(said))) {
                complaints.add("there are " + said);
            }
            for (List<String> row : page.rows(FILE)) {
                String link = FILE.matcher(row.get(0)).replaceFirst("$1");
                Integer lines = left.remove(REVIEWING.resolveSibling(link).normalize());
                if (lines == null
                        || !row.get(1).equals(lines.toString())
                        || row.get(2).isEmpty()) {
                    complaints.add(link + " is listed twice, or not right: " + lines);
                }
            }
            left.keySet().forEach(file -> complaints.add(file + " is not listed"));
            return complaints;
        }

        @Test
        void files_ofCoreAndSpi_areListedWithTheirLines() {
            assertThat(complaints(Page.read(REVIEWING))).isEmpty();
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '!',
                value = {
                    "^.*/Account\\.java\\).*\\n! ''",
                    "^(.*/Account\\.java\\).*\\n)! $1$1",
                    "Account\\.java\\) \\| \\d+! Account.java) | 1",
                    "lines of code in \\d+ files! lines of code in 5 files",
                    "/Account\\.java! /Konto.java",
                })
        void page_withAPlantedMistake_isComplainedAbout(String from, String to) {
            assertThat(complaints(planted(REVIEWING, from, to))).isNotEmpty();
        }

        @Test
        void linesOfCode_countsCodeAndNothingElse() {
            String source = """
                    // SPDX-License-Identifier: Apache-2.0
                    package a;

                    import b.C;

                    /** A comment
                     * of three lines
                     */
                    class A { // 1
                        String s = "/* no comment"; // 2

                        /* none */ int i = '"'; // 3
                        // "nothing
                        String t = \"""
                            // a text, 5
                            \"""; // 6
                    }
                    """;

            assertThat(Sources.linesOfCode(source)).isEqualTo(7);
        }
    }

    @Nested
    @DisplayName("COMPLIANCE.md has a row for each of the seventy requirements")
    class Requirements {
        private static final Pattern ROW = Pattern.compile("[A-Z]+\\d*-\\d+");
        private static final Pattern STATE = Pattern.compile("\\*\\*(met|application|deviation|n/a)\\*\\*");

        // How many of each text, in the page's order.
        private static final List<Map.Entry<String, Integer>> TEXTS = List.of(
                Map.entry("RFC4226", 15),
                Map.entry("RFC6238", 11),
                Map.entry("NIST", 21),
                Map.entry("ASVS", 16),
                Map.entry("OWASP", 4),
                Map.entry("PCI", 1),
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
                    complaints.add(row.get(0) + " says nothing of those that can be said");
                } else if (ours && Page.testsIn(row.get(4), TESTS).isEmpty()) {
                    complaints.add(row.get(0) + " is held by no test");
                } else if (row.get(3).startsWith("**deviation**") && row.get(3).length() < 60) {
                    complaints.add(row.get(0) + " gives no reason");
                }
            }
            return complaints;
        }

        @Test
        void requirements_areSeventy() {
            assertThat(required()).hasSize(70).doesNotHaveDuplicates();
        }

        @Test
        void rows_areThereEachWithAnAnswerAndWhatHoldsIt() {
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

        private static String section(Path page, String heading) {
            String text = Sources.read(page);
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
            named.remove("PBEKeySpec");

            assertThat(classesWith("Arrays\\.fill\\(|\\.destroySecrets\\(|clearPassword"))
                    .isEqualTo(named);
        }

        @Test
        void classesThatAskAGenerator_areThree() {
            assertThat(classesWith("\\.nextBytes\\(")).containsExactly("Draw", "KeyRing", "SharedSecret");
            assertThat(section(REVIEWING, "Randomness")).contains("`Draw`", "`KeyRing`", "`SharedSecret`");
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

        @Test
        void backupCodesOffline_areFoundInAsManyYearsAsThePageSays() {
            List<List<String>> rows = Page.read(SECURITY).rows(Pattern.compile("(10|600),000 .*"));

            assertThat(rows).hasSize(2);
            for (List<String> row : rows) {
                int iterations =
                        Integer.parseInt(row.get(0).replaceFirst(" .*", "").replace(",", ""));
                double rate = 11.157e6 * 999 / iterations;
                assertThat(row.subList(1, 4))
                        .containsExactly(
                                String.format(Locale.ROOT, "%,.0f", rate),
                                scientific(Math.scalb(1.0, 80) / (11 * rate) / SECONDS_PER_YEAR),
                                scientific(Math.scalb(1.0, 79) / rate / SECONDS_PER_YEAR));
            }
        }

        @Test
        void backupCodesOnline_areGuessedWithTheProbabilityOfThePage() {
            int attempts = 365 * 86_400 / 5;

            assertThat(Sources.read(SECURITY))
                    .contains(String.format(Locale.ROOT, "%,d in a year", attempts))
                    .contains("a chance of " + scientific(attempts * 10 / Math.scalb(1.0, 80)));
        }
    }
}
