// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first thing that a newcomer copies has to compile. */
class ReadmeTest {
    private static final Path README = Path.of("../../README.md");

    /** What the snippet takes for granted: a page to write to, what the user typed, the imports. */
    private static final String HOST = """
            import dev.sallyport.*;
            import dev.sallyport.VerificationResult.*;
            import dev.sallyport.qr.QrCode;
            import dev.sallyport.storage.InMemoryTwoFactorStore;
            import java.time.Duration;

            abstract class Host {
                String typed;
                String browserCookie;

                abstract void show(String svg, String secretForTyping);
                abstract void show(String backupCode);
                abstract void tell(String sentence);
                abstract void setCookie(String value, Duration maxAge);
                abstract void signInFromTheStart();

                void story() {
            %s
                }
            }
            """;

    @TempDir
    Path classes;

    @Test
    void firstScreen_asItStands_compiles() throws IOException {
        assertThat(compile(snippet())).isEmpty();
    }

    @Test
    void firstScreen_withAMethodThatIsNotThere_doesNotCompile() throws IOException {
        assertThat(compile(snippet().replace("twoFactor.disable(proof)", "twoFactor.disable(alice)")))
                .contains("incompatible types");
    }

    private static String snippet() throws IOException {
        Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(README, UTF_8));
        assertThat(block.find()).as("a block of Java in the README").isTrue();
        return block.group(1);
    }

    private String compile(String snippet) {
        StringWriter errors = new StringWriter();
        JavaFileObject source =
                new SimpleJavaFileObject(URI.create("string:///Host.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return HOST.formatted(snippet);
                    }
                };
        List<String> options =
                List.of("-proc:none", "-d", classes.toString(), "-classpath", System.getProperty("java.class.path"));
        boolean compiled = ToolProvider.getSystemJavaCompiler()
                .getTask(errors, null, null, options, null, List.of(source))
                .call();
        assertThat(compiled).isEqualTo(errors.toString().isEmpty());
        return errors.toString();
    }
}
