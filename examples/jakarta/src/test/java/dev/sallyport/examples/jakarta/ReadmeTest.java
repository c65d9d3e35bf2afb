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

/** What the README shows as Java is what the tests of this package compile and run. */
class ReadmeTest {
    private static final Path TESTS = Path.of("src/test/java/dev/sallyport/examples/jakarta");
    private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    private static List<String> blocks() throws IOException {
        return BLOCK.matcher(read(Path.of("README.md")))
                .results()
                .map((MatchResult block) -> block.group(1))
                .toList();
    }

    private static String tests() throws IOException {
        return read(TESTS.resolve("RecipesTest.java"));
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
    void blocks_ofTheReadme_areInTheTests() throws IOException {
        String tests = withoutIndentation(tests());

        assertThat(blocks())
                .hasSizeGreaterThanOrEqualTo(7)
                .allSatisfy(block -> assertThat(tests).contains(withoutIndentation(block)));
    }

    @Test
    void blocks_withAnotherWord_areNotInTheTests() throws IOException {
        String tests = withoutIndentation(tests());

        assertThat(blocks())
                .map(block -> withoutIndentation(block.replaceFirst("\\(", "_(")))
                .noneMatch(tests::contains);
    }

    @Test
    void headings_ofTheRecipes_areEight() throws IOException {
        try (Stream<String> lines = read(Path.of("README.md")).lines()) {
            assertThat(lines.filter(line -> line.startsWith("### "))).hasSize(8);
        }
    }
}
