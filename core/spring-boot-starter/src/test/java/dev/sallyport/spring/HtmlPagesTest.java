// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.spring.Answer.Change;
import dev.sallyport.spring.Answer.CodeDue;
import dev.sallyport.spring.Answer.CodeForChange;
import dev.sallyport.spring.Answer.Overview;
import dev.sallyport.spring.Problem.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.context.support.StaticMessageSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.w3c.dom.Attr;
import org.w3c.dom.Element;

class HtmlPagesTest {
    private static final SampleAnswers SAMPLES = new SampleAnswers();
    private static final Rendering RENDERING = new Rendering(SAMPLES.now());

    private static final PageSettings SETTINGS =
            new PageSettings(6, Duration.ofSeconds(30), Duration.ofDays(30), Assets.STYLE, Assets.SCRIPT, null);

    static Stream<Arguments> pages() {
        return pagesIn(List.of("en", "ar"));
    }

    static Stream<Arguments> pagesInAllLanguages() {
        return pagesIn(TextsTest.LANGUAGES);
    }

    private static Stream<Arguments> pagesIn(List<String> languages) {
        return languages.stream()
                .flatMap(language -> SAMPLES.pages().entrySet().stream()
                        .map(page -> Arguments.of(page.getKey(), language, page.getValue())));
    }

    private static ParsedPage parsed(Answer answer, String language) {
        return ParsedPage.of(RENDERING.page(answer, Locale.forLanguageTag(language)));
    }

    private static ParsedPage parsed(String sample) {
        return parsed(SAMPLES.page(sample), "en");
    }

    @ParameterizedTest
    @MethodSource("pagesInAllLanguages")
    void page_inEveryLanguage_hasLanguageDirectionTitleAndOneHeading(String name, String language, Answer answer) {
        ParsedPage page = parsed(answer, language);

        assertThat(page.root().getAttribute("lang")).isEqualTo(language);
        assertThat(page.root().getAttribute("dir")).isEqualTo(language.equals("ar") ? "rtl" : "ltr");
        assertThat(page.only("title").getTextContent()).endsWith(" – Acme");
        assertThat(page.only("h1").getTextContent()).isNotBlank();
        assertThat(page.only("main")).isNotNull();
        assertThat(page.text()).doesNotContain("sallyport.", "{0}", "{1}", "\uFFFD");
    }

    /** The content security policy forbids all of these. */
    @ParameterizedTest
    @MethodSource("pages")
    void page_hasNoInlineScriptAndNoInlineStyle(String name, String language, Answer answer) {
        ParsedPage page = parsed(answer, language);

        assertThat(page.all("style")).isEmpty();
        assertThat(page.all("script")).allSatisfy(script -> {
            assertThat(script.getTextContent()).isEmpty();
            assertThat(script.getAttribute("src")).startsWith("/two-factor/script.js?v=");
        });
        assertThat(attributes(page))
                .allSatisfy(attribute ->
                        assertThat(attribute.getName()).isNotEqualTo("style").doesNotStartWith("on"));
        assertThat(attributes(page).filter(HtmlPagesTest::isAddress))
                .allSatisfy(address -> assertThat(address.getValue())
                        .matches("(?s)/.*|otpauth://.*|data:text/plain;charset=utf-8,.*"));
    }

    private static Stream<Attr> attributes(ParsedPage page) {
        return page.all("*")
                .flatMap(element -> Stream.iterate(0, i -> i + 1)
                        .limit(element.getAttributes().getLength())
                        .map(i -> (Attr) element.getAttributes().item(i)));
    }

    private static boolean isAddress(Attr attribute) {
        return Set.of("href", "src", "action").contains(attribute.getName());
    }

    @ParameterizedTest
    @MethodSource("pages")
    void page_everyFieldHasLabelAndDescription(String name, String language, Answer answer) {
        ParsedPage page = parsed(answer, language);
        List<String> ids = page.all("*")
                .map(element -> element.getAttribute("id"))
                .filter(id -> !id.isEmpty())
                .toList();
        Set<String> labels =
                page.all("label").map(label -> label.getAttribute("for")).collect(Collectors.toSet());

        assertThat(ids).doesNotHaveDuplicates();
        assertThat(page.all("input").filter(HtmlPagesTest::isVisible))
                .allMatch(input -> ParsedPage.isInside(input, "label") || labels.contains(input.getAttribute("id")));
        assertThat(page.all("*")
                        .map(element -> element.getAttribute("aria-describedby"))
                        .filter(id -> !id.isEmpty()))
                .allMatch(ids::contains);
        assertThat(page.all("input")
                        .filter(input -> input.hasAttribute("autofocus"))
                        .count())
                .isLessThanOrEqualTo(1);
        assertThat(Stream.concat(page.all("button"), page.all("a")))
                .allSatisfy(control -> assertThat(control.getTextContent()).isNotBlank());
    }

    private static boolean isVisible(Element input) {
        return !input.getAttribute("type").equals("hidden") && !input.hasAttribute("hidden");
    }

    @ParameterizedTest
    @MethodSource("pages")
    void page_everyPostBringsTheCsrfToken(String name, String language, Answer answer) {
        ParsedPage page = parsed(answer, language);

        assertThat(page.all("form").filter(form -> form.getAttribute("method").equals("post")))
                .allSatisfy(form -> assertThat(hiddenFields(form)).containsEntry("_csrf", Rendering.TOKEN));
        assertThat(page.all("form").filter(form -> form.getAttribute("method").equals("get")))
                .allSatisfy(form -> assertThat(hiddenFields(form)).doesNotContainKey("_csrf"));
    }

    private static Map<String, String> hiddenFields(Element form) {
        var inputs = form.getElementsByTagName("input");
        return Stream.iterate(0, i -> i + 1)
                .limit(inputs.getLength())
                .map(i -> (Element) inputs.item(i))
                .filter(input -> input.getAttribute("type").equals("hidden"))
                .collect(Collectors.toMap(input -> input.getAttribute("name"), input -> input.getAttribute("value")));
    }

    @ParameterizedTest
    @MethodSource("pages")
    void page_withProblem_announcesItAboveTheForm(String name, String language, Answer answer) {
        ParsedPage page = parsed(answer, language);
        Problem problem = answer instanceof Answer.Failed failed ? failed.problem() : answer.problem();

        assertThat(page.all("*").filter(element -> element.getAttribute("role").equals("alert")))
                .hasSize(problem == null ? 0 : 1);
    }

    @Test
    void codePage_fieldFitsAnyCode() {
        Element field = parsed("code").named("code");

        assertThat(field.getAttribute("autocomplete")).isEqualTo("one-time-code");
        assertThat(field.getAttribute("inputmode")).isEqualTo("numeric");
        assertThat(field.getAttribute("dir")).isEqualTo("ltr");
        assertThat(field.hasAttribute("autofocus")).isTrue();
        // A pasted backup code has more characters than a one-time code.
        assertThat(field.hasAttribute("maxlength")).isFalse();
        assertThat(field.hasAttribute("pattern")).isFalse();
    }

    @Test
    void codePage_forBackupCode_hasKeyboardWithLetters() {
        MockHttpServletRequest request = Rendering.browser("GET", "/two-factor/code", Locale.ENGLISH);
        request.setParameter("backup", "true");

        ParsedPage page = ParsedPage.of(Rendering.text(RENDERING.write(new CodeDue(null), request)));

        assertThat(page.named("code").hasAttribute("inputmode")).isFalse();
        assertThat(page.named("backup").getAttribute("value")).isEqualTo("true");
    }

    @Test
    void codePage_duringLockout_asksForBackupCodeAndCountsDown() {
        ParsedPage page = parsed("code-locked");

        assertThat(page.named("code").hasAttribute("inputmode")).isFalse();
        assertThat(page.all("span").filter(span -> span.hasAttribute("data-seconds")))
                .singleElement()
                .satisfies(span -> assertThat(span.getAttribute("data-seconds")).isEqualTo("755"));
        assertThat(page.only("time").getAttribute("datetime"))
                .isEqualTo(SAMPLES.now().plusSeconds(754).toString());
    }

    @Test
    void codePage_namesTheLifetimeOfThePolicy() {
        assertThat(parsed("code").text()).contains("Remember this browser for 30 days");
    }

    @Test
    void codePage_afterRejectedCode_offersTwoCodes() {
        assertThat(parsed("code-rejected").named("second").hasAttribute("required"))
                .isFalse();
        assertThat(parsed("code").all("details")).isEmpty();
    }

    @Test
    void enrollPage_hasQrCodeLinkAndSecret() {
        Answer.Enrolling answer = (Answer.Enrolling) SAMPLES.page("enroll");
        ParsedPage page = parsed("enroll");

        assertThat(page.only("svg").getAttribute("role")).isEqualTo("img");
        assertThat(page.all("a").map(link -> link.getAttribute("href")))
                .contains(answer.pending().keyUri().toUriString());
        assertThat(page.all("p").filter(p -> p.getAttribute("class").equals("secret")))
                .singleElement()
                .satisfies(secret -> {
                    assertThat(secret.getTextContent())
                            .isEqualTo(answer.pending().secretForTyping());
                    assertThat(secret.getAttribute("dir")).isEqualTo("ltr");
                });
    }

    @Test
    void enrollPage_whenClockIsOff_takesTwoCodes() {
        assertThat(parsed("enroll-clock").named("second")).isNotNull();
        assertThat(parsed("enroll-clock").text()).contains("wrong by 5 minutes");
    }

    @Test
    void backupCodesPage_worksWithoutScript() {
        Answer.NewBackupCodes answer = (Answer.NewBackupCodes) SAMPLES.page("codes");
        ParsedPage page = parsed("codes");

        assertThat(page.all("code").map(Element::getTextContent))
                .containsExactlyElementsOf(answer.codes().asList());
        assertThat(page.only("ol").getAttribute("dir")).isEqualTo("ltr");
        assertThat(page.named("saved").hasAttribute("required")).isTrue();
        Element download = page.all("a")
                .filter(link -> link.hasAttribute("download"))
                .findFirst()
                .orElseThrow();
        assertThat(download.getAttribute("download")).isEqualTo("Acme backup codes for alice.txt");
        String content =
                java.net.URLDecoder.decode(download.getAttribute("href"), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(content)
                .contains("Acme backup codes for alice", answer.codes().asList().get(9));
        // Buttons that need the script are shown by it.
        assertThat(page.all("button")
                        .filter(button -> button.getAttribute("type").equals("button")))
                .hasSize(2)
                .allMatch(button -> button.hasAttribute("hidden"));
    }

    @Test
    void settingsPage_showsEverything() {
        ParsedPage page = parsed("settings");

        assertThat(page.text())
                .contains(
                        "Alice’s phone",
                        "Its secret is short",
                        "wrong by 1 minute",
                        "Not used yet",
                        "This browser",
                        "Remembered until",
                        "Backup codes left: 7",
                        "Wrong codes in the last 31 days: 73",
                        "Unknown browser on Windows");
        assertThat(page.all("time")
                        .filter(time -> time.getAttribute("data-local").equals("time")))
                .hasSize(2);
        assertThat(parsed("settings-few").text()).contains("Few backup codes are left");
        assertThat(parsed("settings").text()).doesNotContain("Few backup codes");
    }

    @Test
    void settingsPage_withOneAuthenticator_doesNotOfferToRemoveIt() {
        assertThat(parsed("settings-few").all("a").map(link -> link.getAttribute("href")))
                .noneMatch(href -> href.contains("/remove"))
                .contains("/two-factor/add", "/two-factor/disable", "/two-factor/regenerate");
        assertThat(parsed("settings").all("a").map(link -> link.getAttribute("href")))
                .contains("/two-factor/remove?authenticator=aabbccddeeff0011");
    }

    @Test
    void settingsPage_localizesLabelsOfBrowsers() {
        assertThat(parsed(SAMPLES.page("settings"), "de").text())
                .contains("Firefox unter Linux", "Unbekannter Browser unter Windows", "Authenticator-App");
    }

    @Test
    void changePage_forNewAuthenticator_beginsWithItsName() {
        ParsedPage page = parsed("change-ADD");

        assertThat(page.named("label").hasAttribute("autofocus")).isTrue();
        assertThat(page.named("code").hasAttribute("autofocus")).isFalse();
        assertThat(parsed("change-malformed").named("code").hasAttribute("autofocus"))
                .isTrue();
    }

    @Test
    void changePage_keepsTheAuthenticator() {
        Answer answer = new CodeForChange(Change.REMOVE, "aabbccddeeff0011", "Old phone", Problem.of(Kind.REJECTED));
        ParsedPage page = parsed(answer, "en");

        assertThat(page.named("authenticator").getAttribute("value")).isEqualTo("aabbccddeeff0011");
        assertThat(page.all("a").map(link -> link.getAttribute("href")))
                .contains("/two-factor/remove?authenticator=aabbccddeeff0011&backup=true");
    }

    @Test
    void failedPage_leadsWhereTheAnswerSays() {
        ParsedPage page = parsed(new Answer.Failed(Problem.of(Kind.SIGN_IN_AGAIN), "/login"), "en");

        assertThat(page.all("a").map(link -> link.getAttribute("href"))).contains("/login");
    }

    @Test
    void failedPage_ofStoreThatFails_offersToTryAgain() {
        Answer answer = new Answer.Failed(Problem.of(Kind.STORE_FAILED));
        MockHttpServletRequest get = Rendering.browser("GET", "/orders", Locale.ENGLISH);
        get.setQueryString("page=2&sort=\"><b>");

        assertThat(links(answer, get)).contains("/orders?page=2&sort=\"><b>");
        assertThat(links(answer, Rendering.browser("POST", "/orders", Locale.ENGLISH)))
                .doesNotContain("/orders");
        assertThat(links(answer, Rendering.browser("GET", "//evil.example/", Locale.ENGLISH)))
                .noneMatch(link -> link.startsWith("//"));
    }

    private static List<String> links(Answer answer, MockHttpServletRequest request) {
        return ParsedPage.of(Rendering.text(RENDERING.write(answer, request)))
                .all("a")
                .map(link -> link.getAttribute("href"))
                .toList();
    }

    @Test
    void page_inContextPath_linksBelowIt() {
        MockHttpServletRequest request = Rendering.browser("GET", "/shop/two-factor/code", Locale.ENGLISH);
        request.setContextPath("/shop");
        Rendering rendering =
                new Rendering(Instant.EPOCH, Map.of("sallyport.style-sheet", "/brand.css"), new StaticMessageSource());

        ParsedPage page = ParsedPage.of(Rendering.text(rendering.write(new CodeDue(null), request)));

        assertThat(page.all("form").map(form -> form.getAttribute("action")))
                .containsExactly("/shop/two-factor/code", "/shop/two-factor/cancel");
        assertThat(page.all("link").map(link -> link.getAttribute("href")).reduce((first, second) -> second))
                .contains("/shop/brand.css");
    }

    @Test
    void page_withoutIssuer_namesTheServer() {
        MockHttpServletRequest request = Rendering.browser("GET", "/two-factor/code", Locale.ENGLISH);
        request.setServerName("shop.example");
        Rendering rendering = new Rendering(Instant.EPOCH, Map.of("sallyport.issuer", ""), new StaticMessageSource());

        assertThat(Rendering.text(rendering.write(new CodeDue(null), request)))
                .contains("<title>Enter your code – shop.example</title>");
    }

    @Test
    void page_forUserWithoutPassword_asksForNone() {
        ParsedPage page = parsed(new Answer.PasswordDue(false, null), "en");

        assertThat(page.all("input").map(input -> input.getAttribute("name"))).containsExactly("_csrf");
        assertThat(page.text()).doesNotContain("password again").contains("within the last 10 minutes");
    }

    @ParameterizedTest
    @CsvSource({"code, false", "code-rejected, true", "code-locked, false", "password-wrong, true"})
    void field_isInvalidIfTheProblemIsAboutIt(String sample, boolean invalid) {
        assertThat(parsed(sample).all("input").anyMatch(input -> input.hasAttribute("aria-invalid")))
                .isEqualTo(invalid);
    }

    @Test
    void page_ofLongLockout_showsHours() {
        Problem problem = new Problem(Kind.LOCKED_OUT, SAMPLES.now().plus(Duration.ofHours(5)), null);

        assertThat(parsed(new CodeDue(problem), "en").text()).contains("Codes are checked again at");
    }

    @Test
    void page_withoutCsrfToken_hasNone() {
        MockHttpServletRequest request = Rendering.browser("GET", "/two-factor", Locale.ENGLISH);
        request.removeAttribute(org.springframework.security.web.csrf.CsrfToken.class.getName());
        Answer answer =
                new Overview(SampleAnswers.empty(dev.sallyport.TwoFactorStatus.State.OFF), Optional.empty(), null);

        assertThat(Rendering.text(RENDERING.write(answer, request))).doesNotContain("_csrf");
    }

    @Test
    void done_isNoPage() {
        assertThatThrownBy(() -> new HtmlPages(SETTINGS, PageContextOf.english()).of(new Answer.Done("/")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** The least that a page needs. */
    private static final class PageContextOf {
        static PageContext english() {
            return new PageContext(
                    "Acme",
                    new Texts(new StaticMessageSource()).in(Locale.ENGLISH),
                    "",
                    "/two-factor",
                    "",
                    null,
                    false,
                    null,
                    null,
                    Instant.EPOCH);
        }
    }
}
