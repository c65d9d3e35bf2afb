// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.springframework.context.support.StaticMessageSource;
import org.springframework.mock.web.MockHttpServletRequest;

/** Whatever a label, a name or a parameter has in it: a page has the same elements as with harmless text. */
class HostileTextTest {
    private static final SampleAnswers HARMLESS = new SampleAnswers("Acme", "alice", "label");

    @Provide
    static Arbitrary<String> hostile() {
        Arbitrary<String> markup = Arbitraries.of(
                "<script>alert(1)</script>",
                "\"><img src=x onerror=alert(1)>",
                "' onfocus='alert(1)' autofocus='",
                "</title></head><body>",
                "<!--",
                "]]>",
                "&lt;b&gt;",
                "&#60;b&#62;",
                "javascript:alert(1)",
                "{0} {1} ''",
                "\u202Egpj.exe",
                "\u0000\u0001\u001F\u007F\u0085",
                "\uD800",
                "\uFFFE\uFFFF",
                "${7*7} #{7*7} [[${1}]]",
                "%3Cscript%3E",
                "\r\nSet-Cookie: a=b");
        Arbitrary<String> any = Arbitraries.strings().all().ofMinLength(1).ofMaxLength(40);
        return Arbitraries.oneOf(markup, any, markup.list().ofSize(2).map(both -> both.get(0) + both.get(1)));
    }

    @Property(tries = 60)
    void label_staysText(@ForAll("hostile") String label) {
        SampleAnswers samples = new SampleAnswers("Acme", "alice", "x" + label);
        Rendering rendering = new Rendering(samples.now());
        for (String name : new String[] {"settings", "change-REMOVE", "change-malformed"}) {
            ParsedPage page = ParsedPage.of(rendering.page(samples.page(name), Locale.ENGLISH));
            assertThat(page.structure()).as(name).isEqualTo(structure(rendering, name));
        }
        String shown = visible("x" + label);
        ParsedPage settings = ParsedPage.of(rendering.page(samples.page("settings"), Locale.ENGLISH));
        assertThat(settings.all("bdi").map(element -> element.getTextContent())).contains(shown);
    }

    /** The names come from an identity provider, so they are as hostile as a label. */
    @Property(tries = 60)
    void nameOfUser_staysText(@ForAll("hostile") String name) {
        SampleAnswers samples = new SampleAnswers();
        Rendering rendering = new Rendering(samples.now());
        for (String page : new String[] {"password", "codes"}) {
            MockHttpServletRequest request = Rendering.browser("GET", "/two-factor", Locale.ENGLISH);
            request.setRemoteUser("x" + name);
            String html = Rendering.text(rendering.write(samples.page(page), request));
            assertThat(ParsedPage.of(html).structure()).as(page).isEqualTo(structure(rendering, page));
        }
    }

    @Property(tries = 30)
    void sentenceOfApplication_staysText(@ForAll("hostile") String sentence) {
        StaticMessageSource application = new StaticMessageSource();
        application.addMessage("sallyport.code.title", Locale.ENGLISH, "x" + sentence);
        Rendering rendering = new Rendering(Account.START, Map.of(), application);

        ParsedPage page = ParsedPage.of(rendering.page(HARMLESS.page("code"), Locale.ENGLISH));

        assertThat(page.structure()).isEqualTo(structure(rendering, "code"));
    }

    @Property(tries = 60)
    void json_readsBackAsTheSameText(@ForAll("hostile") String text) throws Exception {
        String json = Json.of(Map.of("label", text));

        assertThat(json).matches("[ -~]*").doesNotContain("<", ">", "&");
        assertThat(new com.fasterxml.jackson.databind.ObjectMapper()
                        .readTree(json)
                        .get("label")
                        .textValue())
                .isEqualTo(text);
    }

    private static java.util.List<String> structure(Rendering rendering, String name) {
        return ParsedPage.of(rendering.page(HARMLESS.page(name), Locale.ENGLISH))
                .structure();
    }

    /** What HTML cannot contain is shown as a replacement character. */
    private static String visible(String text) {
        StringBuilder visible = new StringBuilder();
        text.codePoints().forEach(symbol -> {
            boolean control = Character.isISOControl(symbol) && symbol != '\n' && symbol != '\t';
            boolean noncharacter = (symbol & 0xFFFE) == 0xFFFE || (symbol >= 0xFDD0 && symbol <= 0xFDEF);
            boolean half = Character.getType(symbol) == Character.SURROGATE;
            visible.appendCodePoint(control || noncharacter || half ? '\uFFFD' : symbol);
        });
        return visible.toString();
    }
}
