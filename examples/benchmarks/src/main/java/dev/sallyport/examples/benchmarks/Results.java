// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import dev.sallyport.examples.benchmarks.Report.Verdict;
import dev.sallyport.examples.benchmarks.Rounds.Slice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The slices of one comparison, of all its JVMs, and what they say. */
final class Results {
    private final Comparison comparison;
    private final List<Map<String, Slice>> rounds;

    private Results(Comparison comparison, List<Map<String, Slice>> rounds) {
        this.comparison = comparison;
        this.rounds = rounds;
    }

    /** Reads what the JVMs have left. */
    static Results read(Path directory, Comparison comparison) throws IOException {
        List<Map<String, Slice>> rounds = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                rounds.addAll(Files.readAllLines(file).stream()
                        .map(Slice::parse)
                        .collect(Collectors.groupingBy(
                                Slice::round,
                                Collectors.toMap(
                                        slice -> comparison
                                                .contestants()
                                                .get(slice.contestant())
                                                .name(),
                                        slice -> slice)))
                        .values());
            }
        }
        return new Results(comparison, rounds);
    }

    Report report() {
        String first = comparison.contestants().get(0).name();
        StringBuilder table = new StringBuilder(comparison.threads() == 1 ? "| | processor time |" : "| | time |");
        table.append(" of ").append(first).append("'s | allocated |\n|---|---:|---:|---:|\n");
        for (Contestant contestant : comparison.contestants()) {
            String name = contestant.name();
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %.2f | %.0f B |\n",
                    name,
                    time(median(rounds.stream().map(round -> slice(round, name).nanos()))),
                    ratio(name, first),
                    median(rounds.stream().map(round -> slice(round, name).bytes()))));
        }
        return new Report(
                comparison.title(),
                table.toString(),
                comparison.goals().stream().map(this::verdict).toList());
    }

    private Verdict verdict(Goal goal) {
        double value = value(goal);
        if (goal.kind() == Goal.Kind.BYTES) {
            return Verdict.atMost("bytes that " + goal.contestant() + " allocates:", value, goal.most());
        }
        return goal.most() < 1
                ? Verdict.atLeast(
                        goal.contestant() + ", how many times as fast as " + goal.other() + ":",
                        1 / value,
                        1 / goal.most())
                : Verdict.atMost(
                        goal.contestant() + ", how many times the time of " + goal.other() + ":", value, goal.most());
    }

    private double value(Goal goal) {
        return goal.kind() == Goal.Kind.TIME
                ? ratio(goal.contestant(), goal.other())
                : median(rounds.stream()
                        .map(round -> slice(round, goal.contestant()).bytes()));
    }

    /** The median over the rounds of the ratio within a round. */
    private double ratio(String contestant, String other) {
        return median(rounds.stream()
                .map(round ->
                        slice(round, contestant).nanos() / slice(round, other).nanos()));
    }

    private static Slice slice(Map<String, Slice> round, String contestant) {
        Slice slice = round.get(contestant);
        if (slice == null) {
            throw new IllegalStateException("a round without " + contestant);
        }
        return slice;
    }

    static double median(Stream<Double> values) {
        double[] sorted = values.mapToDouble(Double::doubleValue).sorted().toArray();
        return IntStream.of((sorted.length - 1) / 2, sorted.length / 2)
                .mapToDouble(i -> sorted[i])
                .average()
                .orElseThrow();
    }

    static String time(double nanos) {
        if (nanos < 1e3) {
            return String.format(Locale.ROOT, "%.0f ns", nanos);
        }
        return nanos < 1e6
                ? String.format(Locale.ROOT, "%.2f us", nanos / 1e3)
                : String.format(Locale.ROOT, "%.2f ms", nanos / 1e6);
    }
}
