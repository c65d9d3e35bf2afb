// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The example in a process of its own, as people start it. Its output is a pipe here. */
@Timeout(60)
class MainTest {
    private record Run(int exitCode, String output) {}

    private static Run java(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), Charset.defaultCharset());
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), output);
    }

    @Test
    void simulate_withoutInput_exitsWithZero() throws Exception {
        Run run = java("--simulate");

        assertThat(run.output()).contains("steps went as they should.").doesNotContain("\u001B");
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void noArguments_withoutInput_quitsAndExitsWithZero() throws Exception {
        Run run = java();

        assertThat(run.output())
                .startsWith(System.lineSeparator() + "Two-factor")
                .contains("Goodbye.");
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void argument_unknown_showsTheUsageAndExitsWithTwo() throws Exception {
        Run run = java("--nonsense");

        assertThat(run.output()).startsWith("Usage: ");
        assertThat(run.exitCode()).isEqualTo(2);
    }
}
