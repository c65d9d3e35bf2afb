// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.not;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.cookie;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrl;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrlPattern;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import dev.sallyport.EnrollmentRequest;
import dev.sallyport.ExistingAuthenticator;
import dev.sallyport.TwoFactor;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.testing.SteppedClock;
import jakarta.servlet.http.Cookie;
import java.io.Serial;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.oauth2.client.oidc.userinfo.OidcUserService;
import org.springframework.security.oauth2.core.oidc.user.DefaultOidcUser;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.MvcResult;
import org.springframework.test.web.servlet.request.MockHttpServletRequestBuilder;

/** The application with two more ways to sign in: at an identity provider, and by the cookie of remember-me. */
@SpringBootTest(
        properties = {
            "spring.datasource.url=jdbc:h2:mem:${random.uuid}",
            "sallyport.encryption-keys=tests:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "spring.security.oauth2.client.registration.acme-id.client-id=" + IdentityProvider.CLIENT,
            "spring.security.oauth2.client.registration.acme-id.client-secret=secret",
            "spring.security.oauth2.client.registration.acme-id.scope=openid"
        })
@AutoConfigureMockMvc
@DirtiesContext
@Import({StandingTime.class, OtherSignInsTest.TwoMoreWays.class})
class OtherSignInsTest {
    private static final IdentityProvider PROVIDER = IdentityProvider.start();

    @DynamicPropertySource
    static void provider(DynamicPropertyRegistry settings) {
        settings.add("spring.security.oauth2.client.provider.acme-id.issuer-uri", PROVIDER::issuer);
    }

    @AfterAll
    static void stop() {
        PROVIDER.close();
    }

    /** Nothing here is about the second factor. */
    @TestConfiguration(proxyBeanMethods = false)
    static class TwoMoreWays {
        @Bean
        Customizer<HttpSecurity> twoMoreWays(Users users) {
            OidcUserService provider = new OidcUserService();
            return http -> http.rememberMe(remember -> remember.key("tests"))
                    .oauth2Login(login -> login.loginPage("/login")
                            .userInfoEndpoint(info -> info.oidcUserService(
                                    request -> new ProvidersAccount(users, provider.loadUser(request)))));
        }
    }

    /** A user of Acme who has signed in at the provider. The property sallyport.user-id finds the same id. */
    static final class ProvidersAccount extends DefaultOidcUser {
        @Serial
        private static final long serialVersionUID = 1;

        private final Account account;

        ProvidersAccount(Users users, OidcUser user) {
            super(user.getAuthorities(), user.getIdToken());
            account = (Account) users.loadUserByUsername(Objects.requireNonNull(user.getPreferredUsername()));
            account.eraseCredentials();
        }

        public long getId() {
            return account.getId();
        }

        @Override
        public String getEmail() {
            return account.getEmail();
        }

        @Override
        public String getName() {
            return account.getUsername();
        }
    }

    @Autowired
    MockMvc http;

    @Autowired
    TwoFactor twoFactor;

    @Autowired
    Users users;

    @Autowired
    SteppedClock clock;

    @Autowired
    JdbcClient database;

    @BeforeEach
    void clean() {
        Cleaned.clean(database);
    }

    private Phone enabled() {
        SharedSecret secret = SharedSecret.generate();
        twoFactor
                .operator("tests")
                .importWithoutConfirmation(
                        users.idOf("alice"),
                        List.of(EnrollmentRequest.of("alice")
                                .existing(ExistingAuthenticator.totp(secret, TotpParameters.DEFAULT)
                                        .lastUsedStep(0))));
        return Phone.typed(secret.toBase32(), clock);
    }

    private static MockHttpServletRequestBuilder page(String path) {
        return get(path).accept(MediaType.TEXT_HTML);
    }

    private static MockHttpServletRequestBuilder form(String path, Cookie session) {
        return post(path).accept(MediaType.TEXT_HTML).with(csrf()).cookie(session);
    }

    private static Cookie cookieOf(MvcResult result, String name) {
        return Objects.requireNonNull(result.getResponse().getCookie(name), "no new cookie " + name);
    }

    private static Cookie session(MvcResult result) {
        return cookieOf(result, "SESSION");
    }

    private Cookie code(Phone phone, Cookie half) throws Exception {
        return session(http.perform(form("/two-factor/code", half).param("code", phone.code()))
                .andExpect(status().isFound())
                .andReturn());
    }

    private void isSignedIn(Cookie session) throws Exception {
        http.perform(page("/profile").cookie(session)).andExpect(status().isOk());
        http.perform(get("/api/me").cookie(session)).andExpect(content().string(containsString("alice")));
    }

    private void needsACode(Cookie session) throws Exception {
        http.perform(page("/profile").cookie(session)).andExpect(redirectedUrl("/two-factor/code"));
        http.perform(get("/api/me").cookie(session))
                .andExpect(status().isUnauthorized())
                .andExpect(content().string(not(containsString("alice"))));
    }

    @Nested
    class AtAProvider {
        /** What the application answers when the browser comes back from the provider. */
        private MvcResult comeBack(Cookie... sent) throws Exception {
            MockHttpServletRequestBuilder begin = page("/oauth2/authorization/acme-id");
            MvcResult begun = http.perform(sent.length == 0 ? begin : begin.cookie(sent))
                    .andExpect(status().isFound())
                    .andReturn();
            Cookie[] next = sent.length == 0 ? new Cookie[] {session(begun)} : sent;
            URI back = PROVIDER.signIn(
                    "alice", Objects.requireNonNull(begun.getResponse().getRedirectedUrl()));
            return http.perform(get(back).accept(MediaType.TEXT_HTML).cookie(next))
                    .andExpect(status().isFound())
                    .andReturn();
        }

        @Test
        void signIn_withoutASecondFactor_isComplete() throws Exception {
            MvcResult result = comeBack();

            assertThat(result.getResponse().getRedirectedUrl()).isEqualTo("/");
            isSignedIn(session(result));
        }

        @Test
        @DisplayName("[88] MISP #10807: a sign-in at an OpenID provider meets the gate")
        void signIn_withASecondFactor_needsTheCode() throws Exception {
            Phone phone = enabled();
            MvcResult result = comeBack();

            assertThat(result.getResponse().getRedirectedUrl()).isEqualTo("/two-factor/code");
            needsACode(session(result));
            isSignedIn(code(phone, session(result)));
        }

        @Test
        void signIn_onTheWayToAPage_endsThereAfterTheCode() throws Exception {
            Phone phone = enabled();
            Cookie anonymous = session(http.perform(page("/activity")).andReturn());
            Cookie half = session(comeBack(anonymous));

            http.perform(form("/two-factor/code", half).param("code", phone.code()))
                    .andExpect(redirectedUrlPattern("**/activity?continue"));
        }

        @Test
        void rememberedBrowser_needsNoCode() throws Exception {
            Phone phone = enabled();
            MvcResult first = http.perform(form("/two-factor/code", session(comeBack()))
                            .param("code", phone.code())
                            .param("remember", "true"))
                    .andReturn();
            Cookie anonymous = session(http.perform(page("/profile")).andReturn());
            MvcResult again = comeBack(anonymous, cookieOf(first, "__Host-sallyport"));

            assertThat(again.getResponse().getRedirectedUrl()).doesNotContain("/two-factor/code");
            isSignedIn(session(again));
        }

        @Test
        void enable_shortlyAfterTheSignIn_takesNoPassword() throws Exception {
            Cookie session = session(comeBack());

            http.perform(page("/two-factor/enable").cookie(session))
                    .andExpect(content().string(not(containsString("type=\"password\""))));
            http.perform(form("/two-factor/enable", session))
                    .andExpect(status().isOk())
                    .andExpect(content().string(containsString("otpauth://totp/Acme:alice%40acme.example")));
        }

        @Test
        void enable_longAfterTheSignIn_takesASignIn() throws Exception {
            Cookie session = session(comeBack());
            clock.advance(Duration.ofMinutes(11));

            http.perform(form("/two-factor/enable", session))
                    .andExpect(status().isUnauthorized())
                    .andExpect(content().string(containsString("Sign in again")));
        }

        @Test
        void trust_ended_endsTheSession() throws Exception {
            Phone phone = enabled();
            Cookie session = code(phone, session(comeBack()));
            twoFactor.endTrust(users.idOf("alice"));
            clock.advance(Duration.ofMinutes(1));

            http.perform(page("/profile").cookie(session)).andExpect(redirectedUrl("/login"));
        }
    }

    @Nested
    class RememberMe {
        private MvcResult password(Cookie... sent) throws Exception {
            MockHttpServletRequestBuilder login = post("/login")
                    .accept(MediaType.TEXT_HTML)
                    .param("username", "alice")
                    .param("password", "correct horse")
                    .param("remember-me", "true")
                    .with(csrf());
            return http.perform(sent.length == 0 ? login : login.cookie(sent))
                    .andExpect(status().isFound())
                    .andReturn();
        }

        private static Cookie rememberMe(MvcResult result) {
            return cookieOf(result, "remember-me");
        }

        @Test
        void cookie_withoutASecondFactor_signsIn() throws Exception {
            isSignedIn(rememberMe(password()));
        }

        @Test
        @DisplayName("[88] MISP #10807: a remember-me cookie of the password alone meets the gate")
        void cookie_ofThePasswordAlone_reachesTheCodePageAndNothingElse() throws Exception {
            enabled();
            Cookie cookie = rememberMe(password());

            needsACode(cookie);
            http.perform(get("/welcome").cookie(cookie))
                    .andExpect(status().isOk())
                    .andExpect(content().string(not(containsString("Alice"))));
        }

        @Test
        @DisplayName("[88] MISP #10807: a remember-me cookie of a complete sign-in meets the gate")
        void cookie_ofACompleteSignIn_needsACodeInANewSession() throws Exception {
            Phone phone = enabled();
            MvcResult password = password();
            isSignedIn(code(phone, session(password)));
            clock.advance(Duration.ofSeconds(30));

            Cookie half =
                    session(http.perform(page("/").cookie(rememberMe(password))).andReturn());
            needsACode(half);
            isSignedIn(code(phone, half));
        }

        @Test
        void cookie_inARememberedBrowser_needsNoCode() throws Exception {
            Phone phone = enabled();
            MvcResult password = password();
            MvcResult whole = http.perform(form("/two-factor/code", session(password))
                            .param("code", phone.code())
                            .param("remember", "true"))
                    .andReturn();

            http.perform(page("/profile").cookie(rememberMe(password), cookieOf(whole, "__Host-sallyport")))
                    .andExpect(status().isOk());
        }

        @Test
        void cookie_afterSignOutEverywhere_needsACodeAgain() throws Exception {
            Phone phone = enabled();
            MvcResult password = password();
            MvcResult whole = http.perform(form("/two-factor/code", session(password))
                            .param("code", phone.code())
                            .param("remember", "true"))
                    .andReturn();
            http.perform(form("/two-factor/sign-out-everywhere", session(whole)))
                    .andExpect(redirectedUrl("/two-factor"));

            http.perform(page("/profile").cookie(rememberMe(password), cookieOf(whole, "__Host-sallyport")))
                    .andExpect(redirectedUrl("/two-factor/code"));
        }

        @Test
        void cancel_dropsTheCookie() throws Exception {
            enabled();
            MvcResult password = password();

            http.perform(post("/two-factor/cancel")
                            .accept(MediaType.TEXT_HTML)
                            .with(csrf())
                            .cookie(session(password), rememberMe(password)))
                    .andExpect(redirectedUrl("/login"))
                    .andExpect(cookie().maxAge("remember-me", 0));
        }
    }
}
