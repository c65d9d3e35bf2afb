// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorEvent;
import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.UserId;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.MessageSource;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.context.support.StaticMessageSource;

@ExtendWith(OutputCaptureExtension.class)
class MailsTest {
    private static final List<String> LANGUAGES = List.of("", "de", "fr", "es", "pt", "ja", "ar");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\d}");

    private final List<TwoFactorMail> sent = new ArrayList<>();

    private static Properties bundle(String language) {
        String name = "mails" + (language.isEmpty() ? "" : "_" + language) + ".properties";
        Properties properties = new Properties();
        try (InputStream in = Mails.class.getResourceAsStream(name)) {
            properties.load(new InputStreamReader(in, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return properties;
    }

    private WebApplicationContextRunner host() {
        return Hosts.withDatabase().withBean(TwoFactorMailer.class, () -> sent::add);
    }

    private static Stream<Type> notifying() {
        return Stream.of(Type.values()).filter(Type::notifiesUser);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "de", "fr", "es", "pt", "ja", "ar"})
    void bundle_hasAllKeysWithTheSamePlaceholders(String language) {
        Properties english = bundle("");
        Properties other = bundle(language);

        assertThat(other.stringPropertyNames()).isEqualTo(english.stringPropertyNames());
        for (String key : english.stringPropertyNames()) {
            String text = other.getProperty(key);
            assertThat(placeholders(text)).as(key).isEqualTo(placeholders(english.getProperty(key)));
            // MessageFormat swallows a straight apostrophe.
            assertThat(text).as(key).isNotBlank().doesNotContain("'");
            if (!language.isEmpty()) {
                assertThat(text).as(key).isNotEqualTo(key.endsWith(".name") ? "" : english.getProperty(key));
            }
        }
    }

    private static List<String> placeholders(String text) {
        return PLACEHOLDER
                .matcher(text)
                .results()
                .map(found -> found.group())
                .distinct()
                .toList();
    }

    @Test
    void bundle_hasTextsForTheTypesThatNotify_andNoOthers() {
        List<String> types = notifying().map(EventNames::of).toList();

        assertThat(bundle("").stringPropertyNames().stream().filter(key -> key.endsWith(".subject")))
                .containsExactlyInAnyOrderElementsOf(types.stream()
                        .map(type -> "sallyport.mail." + type + ".subject")
                        .toList());
        assertThat(bundle("").stringPropertyNames().stream().filter(key -> key.endsWith(".text")))
                .hasSameSizeAs(types);
    }

    @ParameterizedTest
    @EnumSource(Type.class)
    void mail_isSentForTheTypesThatNotify_inEachLanguage(Type type) {
        host().run(context -> {
            Mails mails = context.getBean(Mails.class);
            for (String language : LANGUAGES) {
                LocaleContextHolder.setLocale(Locale.forLanguageTag(language.isEmpty() ? "en" : language));
                try {
                    mails.on(EventsTest.event(type, Map.of()));
                } finally {
                    LocaleContextHolder.resetLocaleContext();
                }
            }
        });
        assertThat(sent).hasSize(type.notifiesUser() ? LANGUAGES.size() : 0);
        assertThat(sent)
                .extracting(TwoFactorMail::subject)
                .doesNotHaveDuplicates()
                .allSatisfy(subject -> assertThat(subject).contains("Acme"));
        assertThat(sent).allSatisfy(mail -> {
            assertThat(mail.text())
                    .contains("Acme")
                    .contains("2026")
                    .contains("UTC")
                    .doesNotContain("{", "}", "null");
            assertThat(mail.user()).isEqualTo(UserId.of("u-1"));
            assertThat(mail.event().type()).isEqualTo(type);
        });
    }

    @Test
    void mail_showsTheDetailsThatThereAre() {
        host().run(context -> context.getBean(Mails.class)
                .on(EventsTest.event(
                        Type.BACKUP_CODE_USED,
                        Map.of(
                                Detail.LABEL,
                                "Firefox on Linux",
                                Detail.UNTIL,
                                "2026-11-03T10:00:00Z",
                                Detail.BACKUP_CODES_LEFT,
                                "9"))));
        assertThat(sent).singleElement().satisfies(mail -> {
            assertThat(mail.locale()).isEqualTo(LocaleContextHolder.getLocale());
            assertThat(mail.text().lines().toList())
                    .containsSubsequence("Name: Firefox on Linux", "Backup codes left: 9");
            assertThat(mail.text()).contains("When: November 2, 2026").contains("Until: November 3, 2026");
        });
    }

    @Test
    void label_thatSomebodyElseChose_isNoLink() {
        host().run(context -> context.getBean(Mails.class)
                .on(EventsTest.event(
                        Type.AUTHENTICATOR_ADDED, Map.of(Detail.LABEL, "Call <b>https://evil.example/x</b>\u202e!"))));
        assertThat(sent.get(0).text()).contains("Name: Call b https evil example x b\n");
    }

    @Test
    void typeThatIsOmitted_sendsNone() {
        host().withPropertyValues("sallyport.mail.omit=browser-noted,BROWSER_REMEMBERED")
                .run(context -> {
                    Mails mails = context.getBean(Mails.class);
                    mails.on(EventsTest.event(Type.BROWSER_NOTED, Map.of()));
                    mails.on(EventsTest.event(Type.BROWSER_REMEMBERED, Map.of()));
                    mails.on(EventsTest.event(Type.DISABLED, Map.of()));
                });
        assertThat(sent).extracting(mail -> mail.event().type()).containsExactly(Type.DISABLED);
    }

    @Test
    void messagesOfTheHost_comeFirst() {
        StaticMessageSource messages = new StaticMessageSource();
        messages.setUseCodeAsDefaultMessage(true);
        messages.addMessage("sallyport.mail.disabled.subject", Locale.GERMAN, "Aus bei {0}");
        host().withBean("messageSource", MessageSource.class, () -> messages).run(context -> {
            TwoFactorMail mail =
                    context.getBean(Mails.class).mail(EventsTest.event(Type.DISABLED, Map.of()), Locale.GERMAN);
            assertThat(mail.subject()).isEqualTo("Aus bei Acme");
            assertThat(mail.text()).startsWith("Die Zwei-Faktor-Authentifizierung wurde ausgeschaltet.");
        });
    }

    @Test
    void localeOfTheMailer_isUsed() {
        TwoFactorMailer mailer = new TwoFactorMailer() {
            @Override
            public void send(TwoFactorMail mail) {
                sent.add(mail);
            }

            @Override
            public Locale localeOf(UserId user) {
                return Locale.JAPAN;
            }
        };
        Hosts.withDatabase()
                .withBean(TwoFactorMailer.class, () -> mailer)
                .run(context -> context.getBean(Mails.class).on(EventsTest.event(Type.RESET, Map.of())));
        assertThat(sent.get(0).subject()).isEqualTo("Acme のアカウントの二要素認証がリセットされました");
    }

    @Test
    void mailerThatFails_isLogged_andTheCallSucceeds(CapturedOutput output) {
        Hosts.withDatabase()
                .withBean(TwoFactorMailer.class, () -> mail -> {
                    throw new IllegalStateException("no mail server for u-1");
                })
                .run(context -> context.getBean(TwoFactor.class)
                        .operator("bob")
                        .resetWithoutProof(UserId.of("u-1"), "lost phone"));
        assertThat(output.getAll().lines().filter(line -> line.contains("ERROR")))
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .contains("Mails failed on RESET")
                        .doesNotContain("u-1")
                        .doesNotContain("no mail server"));
    }

    @Test
    void realEvent_reachesTheMailer() {
        host().run(context ->
                context.getBean(TwoFactor.class).operator("bob").resetWithoutProof(UserId.of("u-1"), "lost phone"));
        assertThat(sent)
                .extracting(TwoFactorMail::event)
                .extracting(TwoFactorEvent::type)
                .containsExactly(Type.RESET);
    }
}
