// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {
    @TempDir
    private Path directory;

    private static Comparison comparison(Goal... goals) {
        return Comparison.of("Two ways", List.of(Contestant.of("one", () -> 1), Contestant.of("other", () -> 2)), goals)
                .withControl();
    }

    /** Three rounds in which the machine gets slower, of two JVMs; the other takes twice as long, and five times once. */
    private Report report(Goal... goals) throws Exception {
        Files.write(
                directory.resolve("a"),
                List.of("0 0 100 8", "0 1 200 80", "0 2 101 8", "1 0 300 8", "1 1 600 80", "1 2 299 8"));
        Files.write(directory.resolve("b"), List.of("0 2 900 8", "0 1 4500 80", "0 0 900 8"));
        return Results.read(directory, comparison(goals)).report();
    }

    @Test
    void report_machineThatChanges_hasTheMedianOfTheRatiosWithinRounds() throws Exception {
        assertThat(report().table())
                .contains("| one | 300 ns | 1.00 | 8 B |")
                .contains("| other | 600 ns | 2.00 | 80 B |")
                .contains("| one (again) | 299 ns | 1.00 | 8 B |");
    }

    @Test
    void report_goals_areMetOrMissed() throws Exception {
        Report report = report(
                Goal.faster("one", 2, "other"),
                Goal.faster("one", 2.1, "other"),
                Goal.within("other", 2, "one"),
                Goal.within("other", 1.9, "one"),
                Goal.bytes("one", 8),
                Goal.bytes("other", 79));

        assertThat(report.verdicts())
                .extracting(Report.Verdict::met)
                .containsExactly(true, false, true, false, true, false);
        assertThat(report.missed()).isEqualTo(3);
        assertThat(report.markdown())
                .startsWith("### Two ways\n\n| ")
                .contains("- one, how many times as fast as other: 2.00 (goal: at least 2.10): **missed**\n")
                .contains("- other, how many times the time of one: 2.00 (goal: at most 2.00): met\n");
    }

    @Test
    void read_roundWithoutAContestant_fails() throws Exception {
        Files.write(directory.resolve("a"), List.of("0 0 100 8"));
        Results results = Results.read(directory, comparison());

        assertThatThrownBy(results::report)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("other");
    }

    @Test
    void median_evenNumber_isBetweenTheTwoInTheMiddle() {
        assertThat(Results.median(Stream.of(4.0, 1.0, 100.0, 2.0))).isEqualTo(3.0, offset(1e-9));
    }

    @Test
    void time_anyLength_hasAUnit() {
        assertThat(Results.time(15)).isEqualTo("15 ns");
        assertThat(Results.time(1_500)).isEqualTo("1.50 us");
        assertThat(Results.time(2_500_000)).isEqualTo("2.50 ms");
    }
}
