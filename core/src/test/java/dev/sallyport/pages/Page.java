// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.pages;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A page in Markdown, and what it names. */
record Page(Path file, String text) {
    private static final Pattern FENCED = Pattern.compile("^```.*?^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern IN_BACKTICKS = Pattern.compile("`([^`\n]+)`");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern NAME = Pattern.compile("[A-Za-z]\\w*(\\.[A-Za-z]\\w*)*");
    private static final Pattern FILE = Pattern.compile(".*\\.(md|java|xml|sql|txt|yml)");
    private static final Pattern TYPE = Pattern.compile("[A-Z]\\w*[a-z]\\w*(\\..*)?");
    private static final Pattern TEST = Pattern.compile("(\\w+\\.)+[a-z]\\w*_\\w*|\\w+Test(\\..*)?");
    private static final Pattern MEMBER = Pattern.compile("[a-z]+[A-Z]\\w*|[A-Z]{5,}|[A-Z]+(_[A-Z]+)+");
    private static final Pattern HEADING = Pattern.compile("^#+ +(.*)$", Pattern.MULTILINE);

    /** Names of the JDK and of libraries. */
    private static final Set<String> OTHERS = Set.of(
            "SecureRandom",
            "Mac",
            "Cipher",
            "SecretKeySpec",
            "Base32",
            "String",
            "MessageDigest",
            "Logger",
            "LoggerFactory",
            "Encoder",
            "ByteMatrix",
            "EncodeHintType",
            "ErrorCorrectionLevel",
            "WriterException",
            "NullMarked",
            "Nullable",
            "HmacSHA256",
            "ConcurrentMap",
            "DataSource",
            "DELETE",
            "AssertionError",
            "IllegalStateException",
            "Security");

    static Page read(Path file) {
        return new Page(file, Sources.read(file));
    }

    /** What it says that is not true, a sentence each. */
    List<String> complaints(TestSources tests, Sources sources) {
        String prose = FENCED.matcher(text).replaceAll("");
        Stream<String> names = all(IN_BACKTICKS, prose)
                .map(span -> span.replaceFirst("\\(.*\\)$", ""))
                .filter(span ->
                        NAME.matcher(span).matches() && !FILE.matcher(span).matches())
                .map(name -> TEST.matcher(name).matches() ? aboutTest(name, tests) : aboutName(name, sources))
                .flatMap(Optional::stream);
        Stream<String> links = all(LINK, prose).map(this::aboutLink).flatMap(Optional::stream);
        return Stream.concat(names, links).toList();
    }

    /** The tests that a text names and that there are. */
    static List<String> testsIn(String text, TestSources tests) {
        return all(IN_BACKTICKS, text)
                .filter(span ->
                        TEST.matcher(span).matches() && aboutTest(span, tests).isEmpty())
                .toList();
    }

    private static Optional<String> aboutTest(String name, TestSources tests) {
        boolean wholeClass = !name.contains(".");
        List<TestSources.TestMethod> found = wholeClass
                ? tests.all().stream()
                        .filter(test -> (test.className() + ".").startsWith(name + "."))
                        .filter(test -> !test.disabled())
                        .limit(1)
                        .toList()
                : tests.called(name);
        if (found.isEmpty()) {
            return Optional.of("there is no test " + name);
        }
        if (found.size() > 1) {
            return Optional.of("there are several tests " + name);
        }
        return found.get(0).disabled() ? Optional.of("the test " + name + " is disabled") : Optional.empty();
    }

    private static Optional<String> aboutName(String name, Sources sources) {
        boolean known = TYPE.matcher(name).matches()
                ? sources.haveType(name)
                : !MEMBER.matcher(name).matches() || sources.haveMember(name);
        return known || OTHERS.contains(name.replaceFirst("\\..*", ""))
                ? Optional.empty()
                : Optional.of("there is nothing called " + name);
    }

    private Optional<String> aboutLink(String link) {
        if (link.startsWith("http://") || link.startsWith("https://")) {
            return Optional.empty();
        }
        String[] parts = link.split("#", 2);
        Path target = parts[0].isEmpty() ? file : file.resolveSibling(parts[0]).normalize();
        if (!Files.exists(target) && !parts[0].isEmpty()) {
            return Optional.of("there is no file " + link);
        }
        String there = target.equals(file) ? text : parts.length == 2 ? Sources.read(target) : "";
        return parts.length == 1 || all(HEADING, there).map(Page::anchor).anyMatch(parts[1]::equals)
                ? Optional.empty()
                : Optional.of("there is no heading for " + link);
    }

    /** As the pages are shown on GitHub. */
    private static String anchor(String heading) {
        return heading.toLowerCase(Locale.ROOT).replaceAll("[^\\w\\- ]", "").replace(' ', '-');
    }

    /** The cells of each row whose first cell matches, without the rows' ends. */
    List<List<String>> rows(Pattern firstCell) {
        List<List<String>> rows = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            if (line.startsWith("| ") && line.endsWith(" |")) {
                List<String> cells = Stream.of(
                                line.substring(2, line.length() - 2).split(" \\| ", -1))
                        .map(String::strip)
                        .toList();
                if (firstCell.matcher(cells.get(0)).matches()) {
                    rows.add(cells);
                }
            }
        }
        return rows;
    }

    private static Stream<String> all(Pattern pattern, String text) {
        return pattern.matcher(text).results().map((MatchResult found) -> found.group(1));
    }
}
