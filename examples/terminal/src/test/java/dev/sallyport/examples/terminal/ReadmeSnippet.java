// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** The first block of Java in README.md. Its parts are found by the comments that begin them. */
final class ReadmeSnippet {
    private static final Path README = Path.of("../../README.md");

    /** Each part becomes a method of this class, and what comes before the first part becomes its fields. */
    private static final String CLASS = """
            %s
            public final class Snippet extends dev.sallyport.examples.terminal.SnippetPages {
            %s
                public Snippet(java.time.InstantSource clock) {
                    super(clock);
            %s
                }
            %s
            }
            """;

    /** A method of {@link SnippetPages}, and the comment that its part of the snippet begins with. */
    private record Part(String method, String comment, String before) {}

    private static final List<Part> PARTS = List.of(
            new Part("signIn", "// 1. Sign in, after the password\n", ""),
            new Part("codePage", "// 2. The code page: ", ""),
            new Part("everyMinute", "// 3. Every minute or so", ""),
            // It is another request, so it reads the headers again.
            new Part(
                    "enablePage",
                    "// 4. Enable, the page ",
                    "Browser browser = Browser.fromHeaders(cookieHeader, userAgentHeader);"),
            new Part("enableForm", "// 5. Enable, the form\n", ""),
            new Part("disable", "// 6. Turn it off, ", ""));

    private final String text;

    private ReadmeSnippet(String text) {
        this.text = text;
    }

    static ReadmeSnippet read() throws IOException {
        // Git may have given it other line ends.
        String readme = Files.readString(README, UTF_8).replace("\r", "");
        Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(readme);
        assertThat(block.find()).as("a block of Java in the README").isTrue();
        return new ReadmeSnippet(block.group(1));
    }

    /** The same snippet with a fault. */
    ReadmeSnippet with(String from, String to) {
        assertThat(text).contains(from);
        return new ReadmeSnippet(text.replace(from, to));
    }

    /** {@return what the compiler says; empty if the snippet compiles} */
    String compile(Path classes) {
        StringBuilder methods = new StringBuilder();
        for (int i = 0; i < PARTS.size(); i++) {
            Part part = PARTS.get(i);
            int end = i + 1 < PARTS.size() ? beginOf(PARTS.get(i + 1)) : text.length();
            methods.append("    @Override public void ").append(part.method()).append("() {\n");
            methods.append(part.before()).append('\n').append(text, beginOf(part), end);
            methods.append("    }\n");
        }
        return compile(fieldsWithTheClock(), "", methods.toString(), classes);
    }

    /** The same, as a newcomer pastes it: all of it into one method. */
    String compileInOneMethod(Path classes) {
        String methods = PARTS.stream()
                .map(part -> "    @Override public void " + part.method() + "() {}\n")
                .collect(joining());
        return compile("", text.substring(imports().length()), methods, classes);
    }

    /** Compiles the snippet and makes an instance. */
    SnippetPages load(Path classes, InstantSource clock) throws IOException {
        assertThat(compile(classes)).isEmpty();
        URL[] urls = {classes.toUri().toURL()};
        // Its classes are loaded here, so that it can be closed.
        try (URLClassLoader loader = new URLClassLoader(urls, getClass().getClassLoader())) {
            return (SnippetPages) loader.loadClass("Snippet")
                    .getConstructor(InstantSource.class)
                    .newInstance(clock);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the snippet has a public constructor", e);
        }
    }

    private int beginOf(Part part) {
        int begin = text.indexOf(part.comment());
        assertThat(begin).as(part.comment()).isPositive().isEqualTo(text.lastIndexOf(part.comment()));
        return begin;
    }

    private String imports() {
        return text.substring(0, text.indexOf("TwoFactor twoFactor"));
    }

    /** The clock is the one thing that a test adds. A field of a superclass is set before those of its subclass. */
    private String fieldsWithTheClock() {
        String fields = text.substring(imports().length(), beginOf(PARTS.get(0)));
        assertThat(fields).containsOnlyOnce(".build();");
        return fields.replace(".build();", ".clock(clock).build();");
    }

    private String compile(String fields, String constructor, String methods, Path classes) {
        StringWriter errors = new StringWriter();
        String program = CLASS.formatted(imports(), fields, constructor, methods);
        JavaFileObject source =
                new SimpleJavaFileObject(URI.create("string:///Snippet.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return program;
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
