// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.TwoFactorEvent;
import dev.sallyport.TwoFactorEvent.Detail;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.MessageSource;
import org.springframework.context.support.ResourceBundleMessageSource;

/** Writes a mail for each event that a user should know about. The application's own messages come first. */
final class Mails implements EventSink {
    static final String BUNDLE = "dev.sallyport.spring.mails";
    private static final int LONGEST_LABEL = 64;

    private final ObjectProvider<TwoFactorMailer> mailers;
    private final MessageSource host;
    private final MessageSource ours = ours();
    private final Set<TwoFactorEvent.Type> omit;
    private final @Nullable String issuer;

    Mails(ObjectProvider<TwoFactorMailer> mailers, MessageSource host, SallyportProperties properties) {
        this.mailers = mailers;
        this.host = host;
        this.omit = properties.mail().omit();
        this.issuer = properties.issuer();
    }

    private static MessageSource ours() {
        ResourceBundleMessageSource source = new ResourceBundleMessageSource();
        source.setBundleClassLoader(Mails.class.getClassLoader());
        source.setBasename(BUNDLE);
        source.setDefaultEncoding(UTF_8.name());
        source.setFallbackToSystemLocale(false);
        source.setAlwaysUseMessageFormat(true);
        return source;
    }

    @Override
    public void on(TwoFactorEvent event) {
        if (event.type().notifiesUser() && !omit.contains(event.type())) {
            mailers.orderedStream().forEach(mailer -> mailer.send(mail(event, mailer.localeOf(event.user()))));
        }
    }

    TwoFactorMail mail(TwoFactorEvent event, Locale locale) {
        String type = EventNames.of(event.type());
        StringBuilder text = new StringBuilder(text(type + ".text", locale)).append("\n\n");
        line(text, "when", time(event.at(), locale), locale);
        event.detail(Detail.LABEL).ifPresent(label -> line(text, "name", harmless(label), locale));
        event.detail(Detail.UNTIL).ifPresent(until -> line(text, "until", time(Instant.parse(until), locale), locale));
        event.detail(Detail.BACKUP_CODES_LEFT).ifPresent(left -> line(text, "backup-codes-left", left, locale));
        text.append('\n').append(text("closing", locale)).append('\n');
        return new TwoFactorMail(event.user(), locale, text(type + ".subject", locale), text.toString(), event);
    }

    private void line(StringBuilder text, String key, String value, Locale locale) {
        text.append(text(key, locale, value)).append('\n');
    }

    private String text(String key, Locale locale, String... values) {
        String code = "sallyport.mail." + key;
        // In the sentences, {0} is the name of the application. In the lines below them, it is the value.
        Object[] arguments = values.length == 0 ? new Object[] {String.valueOf(issuer)} : values;
        String found = host.getMessage(code, arguments, null, locale);
        // A source can be told to return the code in the place of a message that it does not have.
        return found == null || found.equals(code) ? ours.getMessage(code, arguments, locale) : found;
    }

    private static String time(Instant instant, Locale locale) {
        return DateTimeFormatter.ofLocalizedDateTime(FormatStyle.LONG, FormatStyle.SHORT)
                        .withLocale(locale)
                        .withZone(ZoneOffset.UTC)
                        .format(instant)
                + " UTC";
    }

    /** Somebody else may have chosen the name. Without dots, slashes and the like, no mail program makes it a link. */
    private static String harmless(String label) {
        StringBuilder kept = new StringBuilder();
        label.codePoints()
                .map(c -> Character.isLetterOrDigit(c) || c == '-' || c == '_' || c == '(' || c == ')' ? c : ' ')
                .limit(LONGEST_LABEL)
                .forEach(kept::appendCodePoint);
        return kept.toString().strip().replaceAll(" +", " ");
    }
}
