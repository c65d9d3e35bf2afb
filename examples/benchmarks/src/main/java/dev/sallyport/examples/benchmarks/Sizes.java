// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import dev.sallyport.examples.benchmarks.Report.Verdict;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What an application takes on with each library: its jars, and those that they cannot do without. */
final class Sizes {
    private static final List<Library> LIBRARIES = List.of(
            new Library(
                    "Sallyport",
                    List.of("sallyport-core-", "sallyport-storage-spi-", "commons-codec-", "slf4j-api-", "jspecify-")),
            new Library("java-otp", List.of("java-otp-")),
            new Library("java-totp", List.of("totp-1", "commons-codec-", "core-3", "javase-", "jcommander-", "jai-")),
            new Library("otp-java", List.of("otp-java-", "commons-codec-")),
            new Library(
                    "GoogleAuth",
                    List.of("googleauth-", "commons-codec-", "httpclient-", "httpcore-", "commons-logging-")),
            new Library("aerogear", List.of("aerogear-otp-java-")),
            new Library(
                    "kotlin-onetimepassword",
                    List.of("kotlin-onetimepassword-", "commons-codec-", "kotlin-stdlib-", "annotations-")));

    private Sizes() {}

    private record Library(String name, List<String> jars) {}

    private record Jar(String name, long bytes) {}

    static Report list() throws Exception {
        StringBuilder table = new StringBuilder("| library | jars | all |\n|---|---|---:|\n");
        for (Library library : LIBRARIES) {
            List<Jar> jars = new ArrayList<>();
            for (String prefix : library.jars()) {
                jars.addAll(jars(prefix));
            }
            table.append("| ").append(library.name()).append(" | ");
            jars.forEach(jar -> table.append(jar.name())
                    .append(' ')
                    .append(kilobytes(jar.bytes()))
                    .append(", "));
            table.setLength(table.length() - 2);
            table.append(" | ")
                    .append(kilobytes(jars.stream().mapToLong(Jar::bytes).sum()))
                    .append(" |\n");
        }
        return new Report(
                "Sizes",
                table.toString(),
                List.of(
                        Verdict.atMost(
                                "kB of the core's jar:",
                                jars("sallyport-core-").get(0).bytes() / 1e3,
                                200),
                        Verdict.atMost(
                                "kB of the SPI's jar:",
                                jars("sallyport-storage-spi-").get(0).bytes() / 1e3,
                                30)));
    }

    private static String kilobytes(long bytes) {
        return String.format(Locale.ROOT, "%,.0f kB", bytes / 1e3);
    }

    /** What is called so on the class path. */
    private static List<Jar> jars(String prefix) throws Exception {
        List<Jar> jars = new ArrayList<>();
        for (String entry : Main.classPath().split(File.pathSeparator, -1)) {
            Path path = Path.of(entry);
            String name = path.getFileName().toString();
            if (name.startsWith(prefix) && name.endsWith(".jar")) {
                jars.add(new Jar(name.replace(".jar", ""), Files.size(path)));
            }
        }
        if (jars.isEmpty()) {
            throw new IllegalStateException("the class path has no jar called " + prefix + ": was it packaged?");
        }
        return jars;
    }
}
