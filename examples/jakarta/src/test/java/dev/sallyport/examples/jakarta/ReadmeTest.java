// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.jakarta;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The README shows only code that is compiled and run, by the tests of this package or by the hosts of .ci/hosts. */
class ReadmeTest {
    private static final Path TESTS = Path.of("src/test/java/dev/sallyport/examples/jakarta");
    private static final Path HOSTS = Path.of("../../.ci/hosts");
    private static final Pattern BLOCK = Pattern.compile("```(?:java|kotlin)\n(.*?)```", Pattern.DOTALL);

    private static List<String> blocks() throws IOException {
        return BLOCK.matcher(read(Path.of("README.md")))
                .results()
                .map((MatchResult block) -> block.group(1))
                .toList();
    }

    private static String sources() throws IOException {
        return read(TESTS.resolve("RecipesTest.java"))
                + read(HOSTS.resolve("javalin/src/main/kotlin/com/acme/javalin/TwoFactorPages.kt"))
                + read(HOSTS.resolve("micronaut/src/main/java/com/acme/micronaut/Beans.java"))
                + read(HOSTS.resolve("quarkus/src/main/java/com/acme/quarkus/Beans.java"));
    }

    private static String read(Path file) throws IOException {
        // Git may have given it other line ends.
        return Files.readString(file, UTF_8).replace("\r", "");
    }

    /** The indentation is another one in a nested class. */
    private static String withoutIndentation(String source) {
        return source.lines().map(String::strip).collect(joining("\n"));
    }

    @Test
    void blocks_ofTheReadme_areInTheSources() throws IOException {
        String sources = withoutIndentation(sources());

        assertThat(blocks())
                .hasSizeGreaterThanOrEqualTo(9)
                .allSatisfy(block -> assertThat(sources).contains(withoutIndentation(block)));
    }

    @Test
    void blocks_withAnotherWord_areNotInTheSources() throws IOException {
        String sources = withoutIndentation(sources());

        assertThat(blocks())
                .map(block -> withoutIndentation(block.replaceFirst("\\(", "_(")))
                .noneMatch(sources::contains);
    }

    @Test
    void headings_ofTheRecipes_areNine() throws IOException {
        try (Stream<String> lines = read(Path.of("README.md")).lines()) {
            assertThat(lines.filter(line -> line.startsWith("### "))).hasSize(9);
        }
    }
}
