// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Runs the command as an operator does, and keeps all that it says. */
final class CommandLineRun {
    /** When users are moved. */
    static final Instant NOW = Instant.parse("2026-11-02T09:00:00Z");

    static final String KEYS = "test AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

    private final List<String> args = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private @Nullable Path report;
    private boolean terminal;

    private CommandLineRun(String jdbc) {
        args.addAll(List.of("--issuer", "Acme", "--jdbc", jdbc));
        environment.put("SALLYPORT_KEYS", KEYS);
    }

    /** What a run said. */
    record Result(int status, String out, String err, String report, String jsonLines) {
        String everything() {
            return out + err + report + jsonLines;
        }
    }

    static CommandLineRun into(String jdbc) {
        return new CommandLineRun(jdbc);
    }

    CommandLineRun from(String format, Path file) {
        return with("--from", format, file.toString());
    }

    CommandLineRun from(Sample sample) {
        environment.putAll(sample.environment());
        return from(sample.format(), sample.file()).with(sample.args().toArray(String[]::new));
    }

    CommandLineRun with(String... more) {
        args.addAll(List.of(more));
        return this;
    }

    CommandLineRun dryRun() {
        return with("--dry-run");
    }

    CommandLineRun reportTo(Path base) {
        report = base;
        return with("--report", base.toString());
    }

    CommandLineRun environment(String name, @Nullable String value) {
        if (value == null) {
            environment.remove(name);
        } else {
            environment.put(name, value);
        }
        return this;
    }

    CommandLineRun onTerminal() {
        terminal = true;
        return this;
    }

    Result run() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Migration.run(
                new Surroundings(
                        environment,
                        new PrintStream(out, true, UTF_8),
                        new PrintStream(err, true, UTF_8),
                        terminal,
                        InstantSource.fixed(NOW)),
                args.toArray(String[]::new));
        return new Result(status, out.toString(UTF_8), err.toString(UTF_8), read(".txt"), read(".jsonl"));
    }

    private String read(String end) {
        return Optional.ofNullable(report)
                .map(base -> Path.of(base + end))
                .filter(Files::exists)
                .map(CommandLineRun::text)
                .orElse("");
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
