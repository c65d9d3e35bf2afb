// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.pages.TestSources.TestMethod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each abuse case has a test, and each such test its row in core/ABUSE-CASES.md. */
class AbuseCasesPageTest {
    private static final int CASES = 94;
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (\\d+) \\|.*\\|([^|]*)\\|$");
    private static final Pattern TEST = Pattern.compile("`([^`]+)`");
    private static final Pattern TITLE = Pattern.compile("(?s)\\[(\\d+)] .+");

    private record Row(int number, List<String> tests) {}

    private static List<Row> rows(String page) {
        return ROW.matcher(page)
                .results()
                .map(row -> new Row(
                        Integer.parseInt(row.group(1)),
                        TEST.matcher(row.group(2))
                                .results()
                                .map(test -> test.group(1))
                                .toList()))
                .toList();
    }

    private static Optional<Integer> number(TestMethod test) {
        return test.title()
                .map(TITLE::matcher)
                .filter(Matcher::matches)
                .map(MatchResult.class::cast)
                .map(title -> Integer.parseInt(title.group(1)));
    }

    /** What is wrong with a page of so many cases, in words. */
    private static List<String> faults(String page, int cases, TestSources sources) {
        List<String> faults = new ArrayList<>();
        List<Row> rows = rows(page);
        for (int number = 1; number <= cases; number++) {
            int wanted = number;
            if (rows.stream().filter(row -> row.number() == wanted).count() != 1) {
                faults.add("case " + number + " has not one row");
            }
        }
        for (Row row : rows) {
            faultsOf(row, cases, sources, faults);
        }
        for (TestMethod test : sources.all()) {
            number(test)
                    .filter(number ->
                            rows.stream().noneMatch(row -> row.number() == number && names(row, test, sources)))
                    .ifPresent(number -> faults.add("case " + number + " does not list " + test.qualifiedName()));
        }
        return faults;
    }

    private static void faultsOf(Row row, int cases, TestSources sources, List<String> faults) {
        String subject = "case " + row.number();
        if (row.number() < 1 || row.number() > cases) {
            faults.add(subject + " is none");
        }
        if (row.tests().isEmpty()) {
            faults.add(subject + " has no test");
        }
        for (String name : row.tests()) {
            List<TestMethod> called = sources.called(name);
            if (called.size() != 1) {
                faults.add(subject + " lists " + name + ", of which there are " + called.size());
            } else if (!number(called.get(0)).equals(Optional.of(row.number()))) {
                faults.add(subject + " lists " + name + ", whose display name has not this number");
            } else if (called.get(0).disabled()) {
                faults.add(subject + " lists " + name + ", which is disabled");
            }
        }
    }

    private static boolean names(Row row, TestMethod test, TestSources sources) {
        return row.tests().stream()
                .flatMap(name -> sources.called(name).stream())
                .anyMatch(called -> called.file().equals(test.file())
                        && called.qualifiedName().equals(test.qualifiedName()));
    }

    @Test
    void page_ofTheAbuseCases_namesTheTestOfEachAndNoOther() throws IOException {
        String page = Files.readString(TestSources.root().resolve("core/ABUSE-CASES.md"));

        assertThat(faults(page, CASES, TestSources.ofRepository())).isEmpty();
    }

    @Nested
    class Planted {
        private static final String RIGHT =
                "| 1 | **A:** wrong. | Right. | `SomeTest.one` `SomeTest.another` |\n| 2 | B | C | `SomeTest.two` |\n";

        @TempDir
        private Path root = Path.of("");

        private List<String> faultsOf(String page) throws IOException {
            Path folder = Files.createDirectories(root.resolve("core/src/test/java"));
            Files.writeString(
                    folder.resolve("SomeTest.java"), """
                    class SomeTest {
                        @Test @DisplayName("[1] A: first") void one() {}
                        @RepeatedTest(2) @DisplayName("[1] A: second") void another() {}
                        @ParameterizedTest @DisplayName("[2] " + "B") void two(int n) {}
                        @Test @DisplayName("about [2]") void ofNoCase() {}
                        @Test void without() {}
                    }
                    @Disabled class OffTest {
                        @Test @DisplayName("[%s] C") void off() {}
                    }
                    """.replace("%s", page.contains("OffTest") ? "2" : "none"));
            return faults(page, 2, TestSources.below(root));
        }

        @Test
        void page_asItShouldBe_hasNoFault() throws IOException {
            assertThat(faultsOf(RIGHT)).isEmpty();
        }

        @Test
        void row_missing_isAFault() throws IOException {
            assertThat(faultsOf(RIGHT.substring(0, RIGHT.indexOf("| 2"))))
                    .containsExactly("case 2 has not one row", "case 2 does not list SomeTest.two");
        }

        @Test
        void row_twiceOrOfNoCase_isAFault() throws IOException {
            assertThat(faultsOf(RIGHT + "| 2 | B | C | `SomeTest.two` |\n")).containsExactly("case 2 has not one row");
            assertThat(faultsOf(RIGHT + "| 3 | B | C | |\n")).containsExactly("case 3 is none", "case 3 has no test");
        }

        @Test
        void row_withoutATest_isAFault() throws IOException {
            assertThat(faultsOf(RIGHT.replace("`SomeTest.two`", "")))
                    .containsExactly("case 2 has no test", "case 2 does not list SomeTest.two");
        }

        @Test
        void test_withoutARow_isAFault() throws IOException {
            assertThat(faultsOf(RIGHT.replace(" `SomeTest.another`", "")))
                    .containsExactly("case 1 does not list SomeTest.another");
        }

        @Test
        void test_thatIsNotThere_isAFault() throws IOException {
            assertThat(faultsOf(RIGHT.replace("`SomeTest.two`", "`SomeTest.two` `SomeTest.gone`")))
                    .containsExactly("case 2 lists SomeTest.gone, of which there are 0");
        }

        @Test
        void test_ofAnotherNumberOrOfNone_isAFault() throws IOException {
            assertThat(faultsOf(RIGHT.replace("`SomeTest.two`", "`SomeTest.two` `SomeTest.one` `SomeTest.without`")))
                    .containsExactly(
                            "case 2 lists SomeTest.one, whose display name has not this number",
                            "case 2 lists SomeTest.without, whose display name has not this number");
        }

        @Test
        void test_disabled_isAFault() throws IOException {
            assertThat(faultsOf(RIGHT.replace("`SomeTest.two`", "`SomeTest.two` `OffTest.off`")))
                    .containsExactly("case 2 lists OffTest.off, which is disabled");
        }
    }
}
