// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.pages;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The formatter wraps code and leaves comments alone, so a long comment is found here. */
class LineLengthTest {
    private static final int COLUMNS = 120;

    private static List<String> linesThatAreTooLong(Path folder) throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : TestSources.javaFilesIn(folder)) {
            for (String line : Files.readAllLines(file, UTF_8)) {
                if (line.codePointCount(0, line.length()) > COLUMNS) {
                    found.add(file.getFileName() + ": " + line.strip());
                }
            }
        }
        return found;
    }

    @ParameterizedTest
    @ValueSource(strings = {"core", "core/testing", "qr", "storage-spi/spi", "storage-spi/jdbc"})
    void lines_ofThePublishedModules_haveAtMost120Columns(String module) throws IOException {
        assertThat(linesThatAreTooLong(TestSources.root().resolve(module).resolve("src/main/java")))
                .isEmpty();
    }

    @Test
    void line_of121Columns_isFound(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("Long.java"), "// " + "x".repeat(117) + "\n// " + "y".repeat(118) + "\n");

        assertThat(linesThatAreTooLong(folder)).containsExactly("Long.java: // " + "y".repeat(118));
    }
}
