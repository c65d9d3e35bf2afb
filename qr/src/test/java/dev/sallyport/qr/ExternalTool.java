// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.qr;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.opentest4j.TestAbortedException;

/** A program of this machine that a test needs. Without it the test is skipped, but on a CI machine it fails. */
record ExternalTool(Path program) {

    static ExternalTool zbarimg() {
        return find("zbarimg", "zbar-tools", System.getenv());
    }

    static ExternalTool rsvgConvert() {
        return find("rsvg-convert", "librsvg2-bin", System.getenv());
    }

    static ExternalTool find(String name, String debianPackage, Map<String, String> environment) {
        for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            Path program = Path.of(folder, name);
            if (Files.isExecutable(program)) {
                return new ExternalTool(program);
            }
        }
        String reason = name + " is not on the PATH (Debian: " + debianPackage + ")";
        if (environment.containsKey("CI")) {
            throw new AssertionError(reason + ", and CI is set");
        }
        System.out.println("skipped: " + reason);
        throw new TestAbortedException(reason);
    }

    /** Runs it to its end; what it printed, whatever its exit status was. Its standard error is dropped. */
    byte[] run(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(arguments);
        command.add(0, program.toString());
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        process.getOutputStream().close();
        byte[] output = process.getInputStream().readAllBytes();
        process.waitFor();
        return output;
    }
}
