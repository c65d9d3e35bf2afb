// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.spring.Problem.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.MessageFormat;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.springframework.context.support.AbstractMessageSource;
import org.springframework.context.support.StaticMessageSource;
import org.springframework.mock.web.MockHttpServletRequest;

class TextsTest {
    static final List<String> LANGUAGES = List.of("en", "de", "fr", "es", "pt", "ja", "ar");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{(\\d)");

    private static Map<String, String> bundle(String language) {
        String file = language.equals("en") ? "messages.properties" : "messages_" + language + ".properties";
        try (InputStream in = Objects.requireNonNull(Texts.class.getResourceAsStream(file), file)) {
            Properties properties = new Properties();
            properties.load(new InputStreamReader(in, StandardCharsets.UTF_8));
            return properties.entrySet().stream()
                    .collect(java.util.stream.Collectors.toMap(
                            entry -> (String) entry.getKey(), entry -> (String) entry.getValue()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @FieldSource("LANGUAGES")
    void bundle_hasTheSameKeysAndPlaceholdersAsEnglish(String language) {
        Map<String, String> english = bundle("en");
        Map<String, String> bundle = bundle(language);

        assertThat(bundle.keySet()).isEqualTo(english.keySet()).allMatch(key -> key.startsWith("sallyport."));
        assertThat(bundle).allSatisfy((key, sentence) -> {
            assertThat(sentence).isNotBlank().isEqualTo(sentence.strip());
            assertThat(placeholders(sentence))
                    .as(key)
                    .isEqualTo(placeholders(Objects.requireNonNull(english.get(key))));
        });
    }

    /** MessageFormat takes a single apostrophe for the begin of a quote, and shows the placeholders in it as they are. */
    @ParameterizedTest
    @FieldSource("LANGUAGES")
    void bundle_hasNoApostropheThatQuotes(String language) {
        assertThat(bundle(language)).allSatisfy((key, sentence) -> {
            assertThat(sentence).doesNotContain("'");
            assertThat(new MessageFormat(sentence, Locale.forLanguageTag(language))
                            .format(new Object[] {1, 2})
                            .contains("{"))
                    .as(key)
                    .isFalse();
        });
    }

    @Test
    void bundles_areWrittenInTheirLanguage() {
        Map<String, String> english = bundle("en");
        for (String language : LANGUAGES.subList(1, LANGUAGES.size())) {
            assertThat(bundle(language).entrySet())
                    .as(language)
                    .filteredOn(entry -> entry.getValue().equals(english.get(entry.getKey())))
                    .extracting(Map.Entry::getKey)
                    .isSubsetOf(
                            "sallyport.direction",
                            "sallyport.code.label",
                            "sallyport.settings.sessions",
                            "sallyport.browser-on");
        }
    }

    private static Set<String> placeholders(String sentence) {
        Set<String> found = new TreeSet<>();
        Matcher matcher = PLACEHOLDER.matcher(sentence);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    /** Remembers what is asked for. */
    private static final class Asked extends AbstractMessageSource {
        private final Set<String> keys = new HashSet<>();

        @Override
        protected @Nullable MessageFormat resolveCode(String code, Locale locale) {
            keys.add(code);
            return null;
        }

        @Override
        protected @Nullable String resolveCodeWithoutArguments(String code, Locale locale) {
            keys.add(code);
            return null;
        }
    }

    @Test
    void everySentenceIsUsed() {
        Asked asked = new Asked();
        SampleAnswers samples = new SampleAnswers();
        Rendering rendering = new Rendering(samples.now(), Map.of(), asked);
        samples.pages().values().forEach(answer -> {
            rendering.page(answer, Locale.ENGLISH);
            MockHttpServletRequest backup = Rendering.browser("GET", "/two-factor", Locale.ENGLISH);
            backup.setParameter("backup", "true");
            backup.setRemoteUser(null);
            rendering.write(answer, backup);
        });
        for (Answer.Notice notice : Answer.Notice.values()) {
            MockHttpServletRequest request = Rendering.browser("GET", "/two-factor", Locale.ENGLISH);
            request.getSession(true);
            rendering.write(new Answer.Done("/two-factor", notice), request);
            rendering.write(samples.page("off"), request);
            Texts.Language texts = new Texts(asked).in(Locale.ENGLISH);
            texts.duration(Duration.ofSeconds(5));
            texts.duration(Duration.ofHours(5));
        }
        rendering.page(samples.deviceWithoutName(), Locale.ENGLISH);
        rendering.page(samples.fullOfAuthenticators(), Locale.ENGLISH);

        assertThat(asked.keys).isEqualTo(bundle("en").keySet());
    }

    @Test
    void everyProblemHasASentence() {
        Texts.Language texts = new Texts(new StaticMessageSource()).in(Locale.GERMAN);
        for (Kind kind : Kind.values()) {
            assertThat(texts.text(kind.messageKey(), 6)).isNotBlank();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "de-AT, de-AT, Code eingeben",
        "pt-BR, pt-BR, Digite o seu código",
        "fr, fr, Saisissez votre code",
        "nl, en, Enter your code",
        "zh-Hant-TW, en, Enter your code",
        "en-GB, en-GB, Enter your code"
    })
    void in_anyLocale_speaksThatLanguageOrEnglish(String wanted, String tag, String title) {
        Texts.Language texts = new Texts(new StaticMessageSource()).in(Locale.forLanguageTag(wanted));

        assertThat(texts.tag()).isEqualTo(tag);
        assertThat(texts.text("sallyport.code.title")).isEqualTo(title);
    }

    @Test
    void in_doesNotDependOnTheLanguageOfTheServer() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            assertThat(new Texts(new StaticMessageSource())
                            .in(Locale.forLanguageTag("nl"))
                            .text("sallyport.continue"))
                    .isEqualTo("Continue");
            assertThat(new Texts(new StaticMessageSource()).in(Locale.ENGLISH).text("sallyport.continue"))
                    .isEqualTo("Continue");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void text_ofTheApplication_comesFirst() {
        StaticMessageSource application = new StaticMessageSource();
        Locale dutch = Locale.forLanguageTag("nl");
        application.addMessage("sallyport.language", dutch, "nl");
        application.addMessage("sallyport.step", dutch, "Stap {0} van {1}");
        Texts.Language texts = new Texts(application).in(dutch);

        assertThat(texts.tag()).isEqualTo("nl");
        assertThat(texts.text("sallyport.step", 1, 3)).isEqualTo("Stap 1 van 3");
        assertThat(texts.text("sallyport.cancel")).isEqualTo("Cancel");
    }

    @Test
    void text_ofSourceThatReturnsKeys_isOurs() {
        StaticMessageSource application = new StaticMessageSource();
        application.setUseCodeAsDefaultMessage(true);

        assertThat(new Texts(application).in(Locale.ENGLISH).text("sallyport.cancel"))
                .isEqualTo("Cancel");
    }

    @Test
    void numbersAndDates_haveTheDigitsOfCodes() {
        for (String tag : List.of("ar", "ar-EG", "ar-SA", "en", "ja")) {
            Texts.Language texts = new Texts(new StaticMessageSource()).in(Locale.forLanguageTag(tag));
            assertThat(texts.text("sallyport.step", 1, 3)).as(tag).contains("1", "3");
            assertThat(texts.date(Instant.parse("2026-11-26T18:05:00Z")))
                    .as(tag)
                    .contains("2026");
            assertThat(texts.time(Instant.parse("2026-11-26T18:05:00Z")))
                    .as(tag)
                    .endsWith("UTC");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "PT5S, 5 seconds",
        "PT-1M, 1 minute",
        "PT119M, 119 minutes",
        "PT2H, 2 hours",
        "P1D, 24 hours",
        "P30D, 30 days"
    })
    void duration_hasOneUnit(Duration duration, String text) {
        assertThat(new Texts(new StaticMessageSource()).in(Locale.ENGLISH).duration(duration))
                .isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"1, يوم واحد", "2, يومين", "3, 3 أيام", "10, 10 أيام", "11, 11 يومًا", "30, 30 يومًا", "365, 365 يوم"})
    void days_inArabic_haveTheirPlurals(int days, String text) {
        assertThat(new Texts(new StaticMessageSource())
                        .in(Locale.forLanguageTag("ar"))
                        .text("sallyport.days", days))
                .isEqualTo(text);
    }
}
