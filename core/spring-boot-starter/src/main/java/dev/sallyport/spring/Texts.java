// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import java.nio.charset.StandardCharsets;
import java.text.DecimalFormatSymbols;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.Locale;
import org.springframework.context.MessageSource;
import org.springframework.context.support.ResourceBundleMessageSource;

/**
 * The sentences of pages, problems and mails. A sentence of the application's own {@code MessageSource} comes first; it
 * may be in a language that Sallyport does not know. Otherwise Sallyport's bundles have it, in the language that was
 * asked for or in English.
 */
final class Texts {
    private static final String BUNDLE = "dev.sallyport.spring.messages";

    private final MessageSource application;
    private final MessageSource ours;

    /**
     * Takes the sentences of an application.
     *
     * @param application where the application has its own sentences, such as its {@code ApplicationContext}
     */
    Texts(MessageSource application) {
        ResourceBundleMessageSource bundles = new ResourceBundleMessageSource();
        bundles.setBasename(BUNDLE);
        bundles.setDefaultEncoding(StandardCharsets.UTF_8.name());
        // The server's own language is nobody's business.
        bundles.setFallbackToSystemLocale(false);
        bundles.setBundleClassLoader(Texts.class.getClassLoader());
        this.application = application;
        this.ours = bundles;
    }

    /**
     * The sentences in one language.
     *
     * @param wanted the language of the user
     * @return its sentences
     */
    Language in(Locale wanted) {
        return new Language(wanted);
    }

    private static Locale asciiDigits(Locale locale) {
        return DecimalFormatSymbols.getInstance(locale).getZeroDigit() == '0'
                ? locale
                : new Locale.Builder()
                        .setLocale(locale)
                        .setUnicodeLocaleKeyword("nu", "latn")
                        .build();
    }

    /** The sentences in one language. */
    final class Language {
        private final Locale wanted;
        private final Locale locale;
        /** The same language with the digits that codes have. Two kinds of digits on one page are hard to read. */
        private final Locale asciiDigits;

        private final boolean rightToLeft;

        private Language(Locale wanted) {
            this.wanted = wanted;
            Locale found = Locale.forLanguageTag(find("sallyport.language", wanted));
            this.locale = found.getLanguage().equals(wanted.getLanguage()) ? wanted : found;
            this.asciiDigits = asciiDigits(locale);
            this.rightToLeft = find("sallyport.direction", wanted).equals("rtl");
        }

        /** {@return the language that the sentences are really in, with the user's country if that is known} */
        Locale locale() {
            return locale;
        }

        /** {@return the value of the attribute {@code lang}} */
        String tag() {
            return locale.toLanguageTag();
        }

        /** {@return the value of the attribute {@code dir}} */
        String direction() {
            return rightToLeft ? "rtl" : "ltr";
        }

        /**
         * A sentence.
         *
         * @param key its key, which begins with {@code sallyport.}
         * @param arguments what takes the place of {@code {0}} and so on
         * @return the sentence
         */
        String text(String key, Object... arguments) {
            Object[] isolated = arguments.clone();
            for (int i = 0; rightToLeft && i < isolated.length; i++) {
                // A Latin name in an Arabic sentence must not change the order of the words around it.
                isolated[i] = isolated[i] instanceof String text ? "\u2068" + text + "\u2069" : isolated[i];
            }
            return find(key, asciiDigits, isolated);
        }

        private String find(String key, Locale bundle, Object... arguments) {
            Object[] given = arguments.length == 0 ? null : arguments;
            String own = application.getMessage(key, given, null, wanted);
            // A MessageSource may be set to return the key of a sentence that it does not have.
            return own == null || own.equals(key) ? ours.getMessage(key, given, bundle) : own;
        }

        /** {@return the day, in UTC} */
        String date(Instant instant) {
            return format(DateTimeFormatter.ofLocalizedDate(FormatStyle.MEDIUM), instant);
        }

        /** {@return the day and the minute, in UTC, with the name of that zone} */
        String time(Instant instant) {
            return format(DateTimeFormatter.ofLocalizedDateTime(FormatStyle.MEDIUM, FormatStyle.SHORT), instant)
                    + " UTC";
        }

        private String format(DateTimeFormatter formatter, Instant instant) {
            return formatter.localizedBy(asciiDigits).format(instant.atOffset(ZoneOffset.UTC));
        }

        /** {@return the length of a span of time, in the largest unit that fits; without a sign} */
        String duration(Duration duration) {
            Duration length = duration.abs();
            if (length.toDays() > 1) {
                return text("sallyport.days", length.toDays());
            }
            if (length.toHours() > 1) {
                return text("sallyport.hours", length.toHours());
            }
            return length.toMinutes() > 0
                    ? text("sallyport.minutes", length.toMinutes())
                    : text("sallyport.seconds", length.toSeconds());
        }
    }
}
