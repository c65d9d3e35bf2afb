// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** The program {@code oathtool}, an implementation of somebody else. */
final class Oathtool {
    private Oathtool() {}

    /** Skips the test where it is not installed. In CI it has to be. */
    static void require() {
        try {
            run(List.of("--version"));
        } catch (UncheckedIOException e) {
            if (System.getenv("CI") != null) {
                throw e;
            }
            System.out.println("oathtool is not installed: codes are not compared with it (Debian package oathtool)");
            Assumptions.abort("oathtool is not installed");
        }
    }

    /** The code that an authenticator shows at a time, and the one after it. */
    static List<String> codes(Sample.Known authenticator, Instant at) {
        List<String> args = new ArrayList<>(authenticator.oathtool());
        if (authenticator.isTimeBased()) {
            args.add("--now=@" + (at.getEpochSecond() + (long) authenticator.drift() * authenticator.period()));
        }
        args.add("--window=1");
        args.add(authenticator.hex());
        return run(args);
    }

    private static List<String> run(List<String> args) {
        List<String> command = new ArrayList<>(List.of("oathtool"));
        command.addAll(args);
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            try (InputStream out = process.getInputStream()) {
                String said = new String(out.readAllBytes(), UTF_8);
                if (process.waitFor() != 0) {
                    throw new AssertionError("oathtool failed: " + said);
                }
                return said.lines().toList();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }
}
