// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.Challenge;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.spring.Answer.CodeDue;
import dev.sallyport.spring.Answer.Done;
import dev.sallyport.spring.Answer.Failed;
import dev.sallyport.spring.Answer.Notice;
import dev.sallyport.spring.Answer.Overview;
import dev.sallyport.spring.Answer.PasswordDue;
import dev.sallyport.spring.Problem.Kind;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.context.support.StaticMessageSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.mock.web.MockHttpSession;
import org.springframework.web.servlet.i18n.FixedLocaleResolver;

class AnswerWriterTest {
    private final Rendering rendering = new Rendering(Account.START);

    private static MockHttpServletRequest asking(String path, @Nullable String accept) {
        MockHttpServletRequest request = new MockHttpServletRequest("GET", path);
        if (accept != null) {
            request.addHeader("Accept", accept);
        }
        return request;
    }

    private static JsonNode json(MockHttpServletResponse response) throws IOException {
        return new ObjectMapper().readTree(response.getContentAsByteArray());
    }

    @Nested
    class WhatTheClientWants {
        @ParameterizedTest
        @CsvSource(
                nullValues = "none",
                delimiter = '|',
                value = {
                    "/two-factor/code        | text/html,application/xhtml+xml,*/*;q=0.8 | text/html;charset=UTF-8",
                    "/two-factor/code        | none                                      | text/html;charset=UTF-8",
                    "/two-factor/code        | */*                                       | text/html;charset=UTF-8",
                    "/two-factor/code        | application/json                          | application/problem+json",
                    "/two-factor/code        | application/problem+json                  | application/problem+json",
                    "/two-factor/code        | application/json, text/html;q=0.5         | application/problem+json",
                    "/two-factor/code        | not a media type                          | text/html;charset=UTF-8",
                    "/two-factor/api/status  | text/html                                 | application/problem+json",
                    "/two-factor/api/status  | none                                      | application/problem+json",
                    "/orders                 | */*                                       | application/problem+json",
                    "/orders                 | none                                      | application/problem+json",
                    "/two-factors            | none                                      | application/problem+json",
                    "/orders                 | text/html                                 | text/html;charset=UTF-8",
                })
        void write_decidesByPathAndAccept(String path, @Nullable String accept, String type) {
            MockHttpServletResponse response = rendering.write(new CodeDue(null), asking(path, accept));

            assertThat(response.getContentType()).isEqualTo(type);
        }

        @Test
        void write_toScript_isJson() {
            MockHttpServletRequest request = asking("/two-factor", "text/html");
            request.addHeader("X-Requested-With", "XMLHttpRequest");

            assertThat(rendering.write(new CodeDue(null), request).getContentType())
                    .isEqualTo("application/problem+json");
        }

        @Test
        void write_inContextPath_looksAtThePathBelow() {
            MockHttpServletRequest request = asking("/shop/two-factor/api/verify", "text/html");
            request.setContextPath("/shop");

            assertThat(rendering.write(new CodeDue(null), request).getContentType())
                    .isEqualTo("application/problem+json");
        }
    }

    @Nested
    class Headers {
        @Test
        void page_isNotStoredAndRunsNothingForeign() {
            MockHttpServletResponse response = rendering.write(
                    new PasswordDue(null), Rendering.browser("GET", "/two-factor/enable", Locale.ENGLISH));

            assertThat(response.getStatus()).isEqualTo(200);
            assertThat(response.getHeader("Cache-Control")).isEqualTo("no-store");
            assertThat(response.getHeader("Content-Security-Policy"))
                    .isEqualTo("default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
                            + "base-uri 'none'; frame-ancestors 'none'; form-action 'self'");
            assertThat(response.getHeader("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(response.getHeader("X-Frame-Options")).isEqualTo("DENY");
            assertThat(response.getHeader("Referrer-Policy")).isEqualTo("same-origin");
            assertThat(response.getContentLength()).isEqualTo(response.getContentAsByteArray().length);
        }

        @Test
        void codePage_mayLeadToAnotherSiteAfterTheCode() {
            MockHttpServletResponse response =
                    rendering.write(new CodeDue(null), Rendering.browser("GET", "/two-factor/code", Locale.ENGLISH));

            assertThat(response.getHeader("Content-Security-Policy"))
                    .isEqualTo("default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
                            + "base-uri 'none'; frame-ancestors 'none'");
        }

        @ParameterizedTest
        @EnumSource(Kind.class)
        void problem_hasItsStatusOnPagesAndForPrograms(Kind kind) throws IOException {
            MockHttpServletResponse page = rendering.write(
                    new Failed(Problem.of(kind)), Rendering.browser("GET", "/two-factor", Locale.ENGLISH));
            MockHttpServletResponse json =
                    rendering.write(new Failed(Problem.of(kind)), Rendering.program("GET", "/two-factor/api/status"));

            assertThat(page.getStatus()).isEqualTo(kind.status);
            assertThat(json.getStatus()).isEqualTo(kind.status);
            assertThat(json(json).get("status").intValue()).isEqualTo(kind.status);
            assertThat(json.getHeader("Cache-Control")).isEqualTo("no-store");
        }

        @Test
        void lockout_saysHowLongItLasts() throws IOException {
            Problem problem = new Problem(Kind.LOCKED_OUT, Account.START.plusMillis(30_001), null);

            MockHttpServletResponse response =
                    rendering.write(new CodeDue(problem), Rendering.program("POST", "/two-factor/api/verify"));

            // Rounded up: a client that comes back then is not refused again.
            assertThat(response.getHeader("Retry-After")).isEqualTo("31");
            assertThat(json(response).get("retryAfter").intValue()).isEqualTo(31);
            assertThat(json(response).get("until").textValue()).isEqualTo("2026-11-26T18:00:30.001Z");
        }

        @Test
        void lockout_thatIsOver_saysOneSecond() {
            Problem problem = new Problem(Kind.LOCKED_OUT, Account.START.minusSeconds(9), null);

            assertThat(rendering
                            .write(new CodeDue(problem), Rendering.program("POST", "/two-factor/api/verify"))
                            .getHeader("Retry-After"))
                    .isEqualTo("1");
        }
    }

    @Nested
    class Programs {
        @Test
        void problem_isAProblemDetail() throws IOException {
            Problem problem = new Problem(Kind.CODE_REQUIRED, null, null, Challenge.of("the-challenge"));
            MockHttpServletRequest request = Rendering.program("GET", "/orders");
            request.addPreferredLocale(Locale.GERMAN);

            JsonNode detail = json(rendering.write(new Failed(problem), request));

            assertThat(detail.get("type").textValue()).isEqualTo("https://sallyport.dev/problems/code-required");
            assertThat(detail.get("title").textValue()).isEqualTo("Code required");
            assertThat(detail.get("detail").textValue())
                    .isEqualTo("Zum Abschluss der Anmeldung wird ein Code benötigt.");
            assertThat(detail.get("messageKey").textValue()).isEqualTo("sallyport.problem.code-required");
            assertThat(detail.get("challenge").textValue()).isEqualTo("the-challenge");
        }

        @ParameterizedTest
        @CsvSource({"code, CODE_REQUIRED", "password, PASSWORD_NEEDED", "change-ADD, PROOF_NEEDED"})
        void form_isAProblemThatSaysWhatIsMissing(String sample, Kind kind) {
            Answer answer = new SampleAnswers().page(sample);

            assertThat(rendering
                            .write(answer, Rendering.program("GET", "/two-factor/code"))
                            .getStatus())
                    .isEqualTo(kind.status);
        }

        @Test
        void done_isJson() throws IOException {
            MockHttpServletRequest request = Rendering.program("POST", "/shop/two-factor/api/disable");
            request.setContextPath("/shop");

            MockHttpServletResponse response = rendering.write(new Done("/two-factor"), request);

            assertThat(response.getStatus()).isEqualTo(200);
            assertThat(response.getContentType()).isEqualTo("application/json");
            assertThat(json(response).get("next").textValue()).isEqualTo("/shop/two-factor");
        }
    }

    @Nested
    class Redirects {
        private final MockHttpServletRequest request = Rendering.browser("POST", "/shop/two-factor/x", Locale.ENGLISH);

        @Test
        void done_isARedirectInTheApplication() {
            request.setContextPath("/shop");

            MockHttpServletResponse response = rendering.write(new Done("/login"), request);

            assertThat(response.getStatus()).isEqualTo(303);
            assertThat(response.getHeader("Location")).isEqualTo("/shop/login");
            assertThat(response.getContentAsByteArray()).isEmpty();
            assertThat(request.getSession(false)).isNull();
        }

        @Test
        void done_withWholeUrl_keepsIt() {
            request.setContextPath("/shop");

            assertThat(rendering
                            .write(new Done("https://login.example/"), request)
                            .getHeader("Location"))
                    .isEqualTo("https://login.example/");
        }

        @Test
        void notice_isShownOnce() {
            Overview off = new Overview(SampleAnswers.empty(TwoFactorStatus.State.OFF), Optional.empty(), null);
            MockHttpSession session = new MockHttpSession();
            request.setSession(session);
            rendering.write(new Done("/two-factor", Notice.DISABLED), request);

            assertThat(java.util.Collections.list(session.getAttributeNames())).hasSize(1);
            assertThat(Rendering.text(rendering.write(off, request))).contains("Two-factor authentication is off.");
            assertThat(Rendering.text(rendering.write(off, request)))
                    .doesNotContain("Two-factor authentication is off.");
            assertThat(java.util.Collections.list(session.getAttributeNames())).isEmpty();
        }

        @Test
        void notice_thatIsNotTrueAnyMore_isNotShown() {
            SampleAnswers samples = new SampleAnswers();
            MockHttpSession session = new MockHttpSession();
            request.setSession(session);
            rendering.write(new Done("/two-factor", Notice.DISABLED), request);

            assertThat(Rendering.text(rendering.write(samples.page("settings"), request)))
                    .doesNotContain("Two-factor authentication is off.");
        }

        @Test
        void notice_ofAnotherRelease_isIgnored() {
            MockHttpSession session = new MockHttpSession();
            session.setAttribute("sallyport.notice", "UNHEARD_OF");
            request.setSession(session);

            assertThat(rendering.write(new SampleAnswers().page("off"), request).getStatus())
                    .isEqualTo(200);
        }
    }

    @Nested
    class OwnPages {
        private final Rendering own = new Rendering(
                Account.START,
                Map.of(
                        "sallyport.code-page", "/my-code",
                        "sallyport.settings-page", "/my-settings",
                        "sallyport.enable-page", "/my-enable",
                        "sallyport.backup-codes-page", "/my-codes"),
                new StaticMessageSource());

        @ParameterizedTest
        @CsvSource({"code, /my-code", "settings, /my-settings", "enroll, /my-enable", "codes, /my-codes"})
        void page_isAForwardToThePageOfTheApplication(String sample, String page) {
            Answer answer = new SampleAnswers().page(sample);
            MockHttpServletRequest request = Rendering.browser("POST", "/two-factor/code", Locale.ENGLISH);

            MockHttpServletResponse response = own.write(answer, request);

            assertThat(response.getForwardedUrl()).isEqualTo(page);
            assertThat(response.getHeader("Cache-Control")).isEqualTo("no-store");
            assertThat(response.containsHeader("Content-Security-Policy")).isFalse();
            // A secret must not be in the session.
            assertThat(request.getSession(false)).isNull();
        }

        @Test
        void model_hasTheNamesOfTheJson() {
            Problem problem = new Problem(Kind.LOCKED_OUT, Account.START.plusSeconds(60), null);
            MockHttpServletRequest request = Rendering.browser("POST", "/two-factor/code", Locale.ENGLISH);

            MockHttpServletResponse response = own.write(new CodeDue(problem), request);

            assertThat(response.getStatus()).isEqualTo(429);
            assertThat(model(request))
                    .containsEntry("base", "/two-factor")
                    .containsEntry("issuer", "Acme")
                    .containsEntry("rememberDays", 30L)
                    .extractingByKey("problem")
                    .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                    .containsEntry("messageKey", "sallyport.problem.locked-out");
        }

        @Test
        void model_ofEnrollment_hasTheQrCode() {
            MockHttpServletRequest request = Rendering.browser("GET", "/two-factor/enable", Locale.ENGLISH);

            own.write(new SampleAnswers().page("enroll"), request);

            assertThat(model(request)).containsKeys("qrCode", "keyUri", "secretForTyping", "expires");
        }

        @SuppressWarnings("unchecked")
        private static Map<String, Object> model(MockHttpServletRequest request) {
            return (Map<String, Object>) request.getAttribute("sallyport");
        }

        @Test
        void otherPages_areOurs() {
            assertThat(own.write(
                                    new SampleAnswers().page("password"),
                                    Rendering.browser("GET", "/two-factor/enable", Locale.ENGLISH))
                            .getForwardedUrl())
                    .isNull();
        }

        @Test
        void programs_getJson() {
            assertThat(own.write(new CodeDue(null), Rendering.program("GET", "/two-factor/code"))
                            .getForwardedUrl())
                    .isNull();
        }
    }

    @Nested
    class Files {
        private MockHttpServletResponse get(String name, @Nullable String version, @Nullable String ifNoneMatch)
                throws IOException {
            MockHttpServletRequest request = new MockHttpServletRequest("GET", "/two-factor/" + name);
            if (version != null) {
                request.setParameter("v", version);
            }
            if (ifNoneMatch != null) {
                request.addHeader("If-None-Match", ifNoneMatch);
            }
            MockHttpServletResponse response = new MockHttpServletResponse();
            rendering.writer().writeAsset(name, request, response);
            return response;
        }

        @ParameterizedTest
        @CsvSource({"style.css, text/css;charset=UTF-8", "script.js, text/javascript;charset=UTF-8"})
        void file_isKeptForAYearUnderItsOwnAddress(String name, String type) throws IOException {
            String link = new Assets().link(name);
            MockHttpServletResponse response = get(name, link.substring(link.indexOf('=') + 1), null);

            assertThat(response.getStatus()).isEqualTo(200);
            assertThat(response.getContentType()).isEqualTo(type);
            assertThat(response.getHeader("Cache-Control")).isEqualTo("public, max-age=31536000, immutable");
            assertThat(response.getContentLength())
                    .isEqualTo(response.getContentAsByteArray().length)
                    .isPositive();
        }

        @Test
        void file_underAnyOtherAddress_isAskedForAgain() throws IOException {
            String tag = get("style.css", "old", null).getHeader("ETag");

            assertThat(get("style.css", "old", null).getHeader("Cache-Control")).isEqualTo("no-cache");
            assertThat(get("style.css", null, tag).getStatus()).isEqualTo(304);
            assertThat(get("style.css", null, "\"x\", W/" + tag).getStatus()).isEqualTo(304);
            assertThat(get("style.css", null, "*").getStatus()).isEqualTo(304);
            assertThat(get("style.css", null, tag).getContentAsByteArray()).isEmpty();
            assertThat(get("style.css", null, "\"x\"").getStatus()).isEqualTo(200);
        }

        @Test
        void head_hasNoContent() throws IOException {
            MockHttpServletResponse response = new MockHttpServletResponse();
            rendering.writer().writeAsset("script.js", new MockHttpServletRequest("HEAD", "/"), response);

            assertThat(response.getContentAsByteArray()).isEmpty();
            assertThat(response.getContentLength()).isPositive();
        }
    }

    @Nested
    class Languages {
        @Test
        void locale_isThatOfTheApplicationsResolver() {
            StaticListableBeanFactory beans = new StaticListableBeanFactory();
            beans.addBean("localeResolver", new FixedLocaleResolver(Locale.JAPANESE));

            assertThat(new RequestLocale(beans).apply(Rendering.browser("GET", "/", Locale.GERMAN)))
                    .isEqualTo(Locale.JAPANESE);
        }

        @Test
        void locale_withoutResolver_isThatOfTheBrowser() {
            MockHttpServletRequest request = new MockHttpServletRequest();
            request.addHeader("Accept-Language", "de");

            assertThat(new RequestLocale(new StaticListableBeanFactory()).apply(request))
                    .isEqualTo(Locale.GERMAN);
        }

        @Test
        void locale_ofClientThatSaysNothing_isEnglish() {
            // As a container on a French server answers.
            MockHttpServletRequest request = new MockHttpServletRequest() {
                @Override
                public Locale getLocale() {
                    return Locale.FRENCH;
                }
            };

            assertThat(new RequestLocale(new StaticListableBeanFactory()).apply(request))
                    .isEqualTo(Locale.ENGLISH);
        }
    }
}
