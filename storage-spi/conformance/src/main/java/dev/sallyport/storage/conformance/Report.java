// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a run of the kit has proven for a store, and what it has not. */
final class Report {
    private static final List<String> NEVER_PROVEN = List.of(
            "that a write survives a power failure, the loss of a disk, or a fail-over to another server",
            "that no record expires after a longer time",
            "that the settings in production are those of this run",
            "that the store logs no payload");
    private static final int MOST_CHARACTERS_OF_A_FAILURE = 300;

    private final String testClass;
    private final Instant start;
    private final Map<Result, Map<String, Entry>> entries = new TreeMap<>();
    private final Set<String> notes = new TreeSet<>();
    private @Nullable String engine;

    Report(String testClass, Instant start) {
        this.testClass = testClass;
        this.start = start;
        for (Result each : Result.values()) {
            entries.put(each, new TreeMap<>());
        }
    }

    /** How a test ended. */
    enum Result {
        PROVEN("proven"),
        FAILED("failed"),
        LEFT_OUT("left-out");

        private final String word;

        Result(String word) {
            this.word = word;
        }
    }

    /** A test and how it ended. */
    private record Entry(String topic, String name, String reason) {}

    /** Finds out the name of the engine. */
    interface Naming {
        String name() throws Exception;
    }

    /** Asks for the name of the engine, the first time. A store may be tested without one. */
    synchronized void nameEngine(Naming naming) {
        if (engine == null) {
            try {
                engine = naming.name();
            } catch (Exception | AssertionError e) {
                engine = "not known, because engine() threw " + StoreUnderTest.rootCause(e);
            }
        }
    }

    synchronized void note(Set<String> more) {
        notes.addAll(more);
    }

    synchronized void add(Method test, String name, Result result, String reason) {
        String topic = test.getDeclaringClass().getAnnotation(Proves.class).value();
        map(result).put(test.getName(), new Entry(topic, name, reason));
    }

    private Map<String, Entry> map(Result result) {
        return entries.getOrDefault(result, Map.of());
    }

    private String engine() {
        return Objects.requireNonNullElse(engine, "not named: no test has opened the store");
    }

    // --- As text ---

    synchronized String toText() {
        StringBuilder text = new StringBuilder("\n== Storage conformance of ")
                .append(testClass)
                .append("\nEngine: ")
                .append(engine())
                .append("\nProven by ")
                .append(map(Result.PROVEN).size())
                .append(" tests:\n");
        Map<String, Long> topics = new TreeMap<>();
        map(Result.PROVEN).values().forEach(entry -> topics.merge(entry.topic(), 1L, Long::sum));
        topics.forEach((topic, tests) ->
                text.append("  ").append(topic).append(" (").append(tests).append(")\n"));
        if (!map(Result.FAILED).isEmpty()) {
            text.append("FAILED, ").append(map(Result.FAILED).size()).append(" tests:\n");
            map(Result.FAILED)
                    .values()
                    .forEach(entry -> text.append("  ").append(entry.name()).append('\n'));
        }
        appendLeftOut(text);
        appendList(text, "NOTE:\n", notes);
        appendList(text, "No run of the kit proves:\n", NEVER_PROVEN);
        return text.toString();
    }

    private void appendLeftOut(StringBuilder text) {
        if (map(Result.LEFT_OUT).isEmpty()) {
            return;
        }
        text.append("NOT PROVEN, ").append(map(Result.LEFT_OUT).size()).append(" tests were left out:\n");
        Map<String, List<String>> byReason = new LinkedHashMap<>();
        map(Result.LEFT_OUT)
                .values()
                .forEach(entry -> byReason.computeIfAbsent(entry.reason(), reason -> new ArrayList<>())
                        .add(entry.name()));
        byReason.forEach((reason, names) -> {
            text.append("  because ").append(reason).append(":\n");
            names.forEach(name -> text.append("    ").append(name).append('\n'));
        });
    }

    private static void appendList(StringBuilder text, String title, Collection<String> lines) {
        if (!lines.isEmpty()) {
            text.append(title);
            lines.forEach(line -> text.append("  ").append(line).append('\n'));
        }
    }

    // --- As JSON ---

    /** Writes a file of its own for each engine, and returns its path. */
    synchronized Path write(Path directory, String runBy) {
        String name = engine == null ? testClass : testClass + "-" + engine.replaceAll("[^A-Za-z0-9.]+", "-");
        Path file = directory.resolve(name.substring(0, Math.min(150, name.length())) + ".json");
        try {
            Files.createDirectories(directory);
            return Files.writeString(file, toJson(runBy));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized String toJson(String runBy) {
        List<String> tests = new ArrayList<>();
        entries.forEach((result, byName) -> byName.forEach((test, entry) -> tests.add(object(
                "test", test,
                "name", entry.name(),
                "topic", entry.topic(),
                "result", result.word,
                "reason", brief(entry.reason())))));
        return "{\n  " + pair("testClass", testClass)
                + ",\n  " + pair("engine", engine())
                + ",\n  " + pair("runBy", runBy)
                + ",\n  "
                + pair("startedAt", start.truncatedTo(ChronoUnit.SECONDS).toString())
                + ",\n  "
                + pair(
                        "kit",
                        Objects.requireNonNullElse(
                                Report.class.getPackage().getImplementationVersion(), "not packaged"))
                + ",\n  " + pair("java", System.getProperty("java.vm.name") + " " + Runtime.version())
                + ",\n  " + pair("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"))
                + ",\n  \"proven\": " + map(Result.PROVEN).size()
                + ",\n  \"failed\": " + map(Result.FAILED).size()
                + ",\n  \"leftOut\": " + map(Result.LEFT_OUT).size()
                + ",\n  \"notes\": " + list(notes.stream().map(Report::quoted).toList())
                + ",\n  \"neverProven\": "
                + list(NEVER_PROVEN.stream().map(Report::quoted).toList())
                + ",\n  \"tests\": " + list(tests) + "\n}\n";
    }

    /** Without the calls before a failure, which are in JUnit's own report. */
    private static String brief(String reason) {
        return reason.substring(0, Math.min(MOST_CHARACTERS_OF_A_FAILURE, reason.length()));
    }

    private static String list(List<String> items) {
        return items.isEmpty() ? "[]" : "[\n    " + String.join(",\n    ", items) + "\n  ]";
    }

    private static String object(String... namesAndValues) {
        List<String> pairs = new ArrayList<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            pairs.add(pair(namesAndValues[i], namesAndValues[i + 1]));
        }
        return "{" + String.join(", ", pairs) + "}";
    }

    private static String pair(String name, String value) {
        return quoted(name) + ": " + quoted(value);
    }

    private static String quoted(String value) {
        StringBuilder json = new StringBuilder("\"");
        value.chars().forEach(c -> {
            if (c == '"' || c == '\\') {
                json.append('\\').append((char) c);
            } else if (c < ' ' || c > '~') {
                json.append(String.format(Locale.ROOT, "\\u%04x", c));
            } else {
                json.append((char) c);
            }
        });
        return json.append('"').toString();
    }
}
