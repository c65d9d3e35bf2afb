// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StyleSheetTest {
    private static final String CSS = file("style.css");
    private static final Pattern COLOR = Pattern.compile("(--sallyport-[a-z-]+): #([0-9a-f]{6});");

    private static String file(String name) {
        try (InputStream in = Objects.requireNonNull(Assets.class.getResourceAsStream(name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Map<String, String> colors(boolean dark) {
        Map<String, String> colors = new HashMap<>();
        int darkStarts = CSS.indexOf("@media (prefers-color-scheme: dark)");
        Matcher matcher = COLOR.matcher(CSS);
        while (matcher.find()) {
            if (matcher.start() < darkStarts || dark) {
                colors.put(matcher.group(1), matcher.group(2));
            }
        }
        return colors;
    }

    /** WCAG 2.2, 1.4.3: text needs 4.5; 1.4.11: the rims of fields need 3. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void colors_haveEnoughContrast(boolean dark) {
        Map<String, String> colors = colors(dark);
        List<String> grounds = List.of("ground", "paper", "good", "bad", "warning");
        for (String ground : grounds) {
            assertThat(contrast(colors, "ink", ground)).as("ink on " + ground).isGreaterThanOrEqualTo(4.5);
        }
        for (String text : List.of("quiet", "accent", "danger")) {
            assertThat(contrast(colors, text, "paper")).as(text).isGreaterThanOrEqualTo(4.5);
        }
        assertThat(contrast(colors, "accent", "ground")).isGreaterThanOrEqualTo(4.5);
        assertThat(contrast(colors, "quiet", "ground")).isGreaterThanOrEqualTo(4.5);
        assertThat(contrast(colors, "ink", "line")).as("the badge").isGreaterThanOrEqualTo(4.5);
        assertThat(contrast(colors, "on-accent", "accent")).isGreaterThanOrEqualTo(4.5);
        assertThat(contrast(colors, "on-danger", "danger")).isGreaterThanOrEqualTo(4.5);
        for (String edge : List.of("good-line", "bad-line", "warning-line")) {
            assertThat(contrast(colors, edge, "paper")).as(edge).isGreaterThanOrEqualTo(3);
        }
    }

    private static double contrast(Map<String, String> colors, String text, String ground) {
        double one = luminance(Objects.requireNonNull(colors.get("--sallyport-" + text)));
        double two = luminance(Objects.requireNonNull(colors.get("--sallyport-" + ground)));
        return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    }

    private static double luminance(String hex) {
        double[] linear = new double[3];
        for (int i = 0; i < 3; i++) {
            double value = Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16) / 255.0;
            linear[i] = value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
        }
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    }

    /** Left and right would be wrong in Arabic. */
    @Test
    void styleSheet_namesNoSideOfThePage() {
        String rules = CSS.replaceAll("(?s)/\\*.*?\\*/", "");

        assertThat(rules).doesNotContainPattern("(margin|padding|border)-(left|right)\\b");
        assertThat(rules).doesNotContainPattern("text-align: (left|right)");
        assertThat(rules).doesNotContainPattern("(?m)^\\s*(left|right|float):");
    }

    @Test
    void styleSheet_fetchesNothing() {
        assertThat(CSS).doesNotContain("url(", "@import", "http");
    }

    @Test
    void classes_ofPages_areDocumented() {
        String documentation = CSS.substring(CSS.indexOf("Classes:"), CSS.indexOf("*/", CSS.indexOf("Classes:")));
        Set<String> used = new SampleAnswers()
                .pages().values().stream()
                        .map(answer -> new Rendering(Account.START).page(answer, java.util.Locale.ENGLISH))
                        .map(ParsedPage::of)
                        .flatMap(page -> page.all("*"))
                        .flatMap(
                                element -> List.of(element.getAttribute("class").split(" ")).stream())
                        .filter(name -> !name.isEmpty())
                        .collect(Collectors.toCollection(TreeSet::new));

        assertThat(used).allSatisfy(name -> assertThat(documentation).containsPattern("\\b" + name + "\\b"));
    }

    @Test
    void customProperties_areDocumented() {
        String documentation = CSS.substring(0, CSS.indexOf("Classes:"));
        Matcher matcher = Pattern.compile("(?m)^\\s+(--sallyport-[a-z-]+):").matcher(CSS);
        while (matcher.find()) {
            assertThat(documentation).contains(matcher.group(1));
        }
    }

    /** Sentences belong into the bundles. */
    @Test
    void script_containsNoSentence() {
        String script = file("script.js").replaceAll("(?m)^\\s*//.*$", "");

        assertThat(script).doesNotContainPattern("\"[A-Z][a-z]+ ");
        assertThat(script).doesNotContain("innerHTML", "eval", "document.write");
    }
}
