// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CookieJarTest {
    private final CookieJar cookies = new CookieJar();

    private void keep(String... setCookies) {
        cookies.keep(Arrays.asList(setCookies));
    }

    @Nested
    class Keep {
        @Test
        void header_ofAnEmptyJar_isAbsent() {
            keep();

            assertThat(cookies.header()).isEmpty();
        }

        @Test
        void cookies_ofSeveralResponses_goIntoOneHeader() {
            keep("SESSION=abc; Path=/; HttpOnly", "lang=en");
            keep("theme=dark");

            assertThat(cookies.header()).hasValue("SESSION=abc; lang=en; theme=dark");
        }

        @Test
        void cookie_withANewValue_isReplacedInItsPlace() {
            keep("SESSION=abc", "lang=en");
            keep("SESSION=def");

            assertThat(cookies.header()).hasValue("SESSION=def; lang=en");
            assertThat(cookies.value("SESSION")).hasValue("def");
        }

        @Test
        void names_inAnotherCase_areOtherCookies() {
            keep("session=abc", "SESSION=def");

            assertThat(cookies.header()).hasValue("session=abc; SESSION=def");
        }

        @ParameterizedTest
        @CsvSource(
                quoteCharacter = '~',
                value = {
                    "a=b=c, b=c",
                    "a=, ~~",
                    "~ a = b ~, b",
                    "a=\"quoted\"; Path=/, \"quoted\"",
                    "a=b;, b",
                    "a=b;;Secure;, b"
                })
        void value_asItIsSent_isKept(String setCookie, String value) {
            keep(setCookie);

            assertThat(cookies.value("a")).hasValue(value);
        }

        @ParameterizedTest
        @ValueSource(strings = {"Max-Age=0", "max-age=-1", "MAX-AGE=00", "Max-Age = 0", "Max-Age=60; Max-Age=0"})
        void cookie_withAMaxAgeOfZeroOrLess_isDeleted(String maxAge) {
            keep("SESSION=abc", "lang=en");
            keep("SESSION=; " + maxAge);

            assertThat(cookies.header()).hasValue("lang=en");
            assertThat(cookies.value("SESSION")).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"Max-Age=1", "Max-Age=34560000", "Max-Age=99999999999999999999", "Max-Age", "Max-Age=x"})
        void cookie_withAnotherMaxAge_isKept(String maxAge) {
            keep("SESSION=abc; " + maxAge);

            assertThat(cookies.value("SESSION")).hasValue("abc");
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "abc", "=abc", "; Secure", " =abc; Path=/"})
        void cookie_withoutAName_isRefused(String setCookie) {
            assertThatThrownBy(() -> keep(setCookie))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("begins with a name");
        }

        @Test
        void cookies_beforeARefusedOne_areKept() {
            assertThatThrownBy(() -> keep("a=1", "__Host-b=2", "c=3")).isInstanceOf(IllegalArgumentException.class);

            assertThat(cookies.header()).hasValue("a=1");
        }
    }

    @Nested
    class Prefixes {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "__Host-sallyport=abc; Path=/; Max-Age=34560000; Secure; HttpOnly; SameSite=Lax",
                    "__Host-sallyport=abc;secure;path=/",
                    "__Host-sallyport=abc; Secure; Path=/x; Path=/"
                })
        void hostCookie_thatKeepsTheRules_isKept(String setCookie) {
            keep(setCookie);

            assertThat(cookies.header()).hasValue("__Host-sallyport=abc");
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "__Host-a=b; Path=/; HttpOnly | it is not Secure",
                    "__Host-a=b; Path=/x; Secure | its Path is not /",
                    "__Host-a=b; Secure | its Path is not /",
                    "__Host-a=b; Path=/; Secure; Domain=acme.example | it has a Domain",
                    "__Host-a=b; Path=/; Secure; Domain | it has a Domain",
                    "__host-a=b; Path=/; HttpOnly | it is not Secure",
                    "__Secure-a=b; Path=/ | it is not Secure",
                    "__SECURE-a=b; Path=/ | it is not Secure"
                })
        void prefixedCookie_thatBreaksARule_isRefusedWithTheRule(String setCookie, String rule) {
            assertThatThrownBy(() -> keep(setCookie))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(setCookie.substring(0, setCookie.indexOf('=')))
                    .hasMessageEndingWith(rule);
            assertThat(cookies.header()).isEmpty();
        }

        @Test
        void deletion_thatBreaksARule_deletesNothing() {
            keep("__Host-a=b; Path=/; Secure");

            assertThatThrownBy(() -> keep("__Host-a=; Path=/; Max-Age=0")).hasMessageEndingWith("it is not Secure");
            assertThat(cookies.value("__Host-a")).hasValue("b");
        }

        @Test
        void secureCookie_withADomainAndAPath_isKept() {
            keep("__Secure-a=b; Path=/x; Domain=acme.example; Secure");

            assertThat(cookies.value("__Secure-a")).hasValue("b");
        }
    }

    @Nested
    class ByHand {
        @Test
        void put_anyCookie_isSent() {
            cookies.put("__Host-sallyport", "stolen");

            assertThat(cookies.header()).hasValue("__Host-sallyport=stolen");
        }

        @Test
        void remove_oneCookie_leavesTheOthers() {
            keep("a=1", "b=2");
            cookies.remove("a");
            cookies.remove("a");

            assertThat(cookies.header()).hasValue("b=2");
        }

        @Test
        @SuppressWarnings("NullAway")
        void put_null_isRefused() {
            assertThatThrownBy(() -> cookies.put("a", null)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> cookies.put(null, "b")).isInstanceOf(NullPointerException.class);
        }
    }

    @Test
    void toString_ofAJar_namesTheCookiesWithoutTheirValues() {
        keep("SESSION=abc", "lang=en");

        assertThat(cookies).hasToString("CookieJar[SESSION, lang]");
    }
}
