// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring.host;

import static dev.sallyport.spring.TwoFactorRequestPostProcessors.secondFactor;
import static dev.sallyport.spring.TwoFactorRequestPostProcessors.signedInWithTwoFactor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.containsString;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.user;
import static org.springframework.security.test.web.servlet.setup.SecurityMockMvcConfigurers.springSecurity;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrl;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrlPattern;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.testing.SteppedClock;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.mock.web.MockHttpSession;
import org.springframework.security.test.context.support.WithMockUser;
import org.springframework.security.test.context.support.WithUserDetails;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.ResultActions;
import org.springframework.test.web.servlet.request.MockHttpServletRequestBuilder;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.context.WebApplicationContext;

/** The tests that applications already have. */
@SpringBootTest(
        classes = ManyChainsHost.class,
        properties = {
            "sallyport.issuer=Acme",
            "spring.autoconfigure.exclude=org.springframework.boot.autoconfigure.session.SessionAutoConfiguration,"
                    + "org.springframework.boot.session.autoconfigure.SessionAutoConfiguration,"
                    + "org.springframework.boot.session.jdbc.autoconfigure.JdbcSessionAutoConfiguration"
        })
class MockMvcTest {
    @Autowired
    private WebApplicationContext context;

    @Autowired
    private People people;

    @Autowired
    private WatchedStore store;

    @Autowired
    private TwoFactor twoFactor;

    @Autowired
    private SteppedClock clock;

    private MockMvc mvc;

    @BeforeEach
    void mvc() {
        mvc = MockMvcBuilders.webAppContextSetup(context)
                .apply(springSecurity())
                .build();
    }

    @Test
    @WithMockUser
    void userThatATestMakesUp_passes_withOneRead() throws Exception {
        int reads = store.reads();
        mvc.perform(get("/private").accept("text/html")).andExpect(content().string("user"));
        assertThat(store.reads() - reads).isLessThanOrEqualTo(1);
        mvc.perform(get("/alice-only")).andExpect(status().isForbidden());
        mvc.perform(get("/api/me")).andExpect(content().string("user"));
    }

    @Test
    @WithMockUser("alice")
    void userThatATestMakesUp_hasNoSecondFactor_whateverTheName() throws Exception {
        people.equip("alice");
        mvc.perform(get("/private")).andExpect(content().string("alice"));
    }

    @Test
    void realPrincipal_isGated() throws Exception {
        people.equip("alice");
        mvc.perform(get("/private").accept("text/html").with(user(new AppUser("alice"))))
                .andExpect(redirectedUrl("/two-factor/code"));
        mvc.perform(get("/private").accept("application/json").with(user(new AppUser("alice"))))
                .andExpect(status().isUnauthorized());
    }

    @Test
    void formLogin_isGated() throws Exception {
        var alice = people.equip("alice");
        MockHttpSession session = new MockHttpSession();
        mvc.perform(post("/login")
                        .session(session)
                        .with(csrf())
                        .accept("text/html")
                        .param("username", "alice")
                        .param("password", "pw-alice"))
                .andExpect(redirectedUrl("/two-factor/code"));
        mvc.perform(get("/").session(session).accept("text/html")).andExpect(redirectedUrl("/two-factor/code"));
        mvc.perform(post("/two-factor/code")
                        .session(session)
                        .with(csrf())
                        .accept("text/html")
                        .param("code", alice.phone().code()))
                .andExpect(status().is3xxRedirection());
        mvc.perform(get("/private").session(session)).andExpect(content().string("alice"));
    }

    /** What the starter gives to these tests. */
    @Nested
    class WithTheSecondFactor {
        private static MockHttpServletRequestBuilder page(String path) {
            return get(path).accept("text/html");
        }

        private MockHttpSession sessionOf(ResultActions result) {
            return (MockHttpSession)
                    Objects.requireNonNull(result.andReturn().getRequest().getSession(false));
        }

        @Test
        void userWhoHasIt_passes() throws Exception {
            people.equip("alice");
            mvc.perform(page("/private").with(user(new AppUser("alice")))).andExpect(redirectedUrl("/two-factor/code"));
            mvc.perform(page("/private").with(signedInWithTwoFactor("alice")))
                    .andExpect(content().string("alice"));
            mvc.perform(page("/alice-only").with(signedInWithTwoFactor("alice")))
                    .andExpect(status().isOk());
        }

        @Test
        void userWithoutIt_hasItInTheStore() throws Exception {
            people.withoutSecondFactor("bob");
            mvc.perform(page("/private").with(signedInWithTwoFactor("bob")))
                    .andExpect(content().string("bob"));
            assertThat(twoFactor.status(People.id("bob")).state()).isEqualTo(TwoFactorStatus.State.ENABLED);
            mvc.perform(page("/two-factor").with(signedInWithTwoFactor("bob"))).andExpect(status().isOk());
            mvc.perform(page("/private").with(user(new AppUser("bob")))).andExpect(redirectedUrl("/two-factor/code"));
        }

        @Test
        void requestsOfOneUser_keepTheSessionsOfEachOther() throws Exception {
            people.equip("alice");
            MockHttpSession first = sessionOf(mvc.perform(page("/private").with(signedInWithTwoFactor("alice"))));
            mvc.perform(page("/private").with(signedInWithTwoFactor("alice")))
                    .andExpect(content().string("alice"));
            clock.advance(Duration.ofMinutes(1));
            mvc.perform(page("/private").session(first).with(user(new AppUser("alice"))))
                    .andExpect(content().string("alice"));
        }

        @Test
        void session_endsWithItsTrust() throws Exception {
            people.equip("alice");
            MockHttpSession session = sessionOf(mvc.perform(page("/private").with(signedInWithTwoFactor("alice"))));
            twoFactor.endTrust(People.id("alice"));
            clock.advance(Duration.ofMinutes(1));
            mvc.perform(page("/private").session(session).with(user(new AppUser("alice"))))
                    .andExpect(redirectedUrlPattern("**/login"));
            assertThat(session.isInvalid()).isTrue();
            mvc.perform(page("/private").with(signedInWithTwoFactor("alice")))
                    .andExpect(content().string("alice"));
        }

        @Test
        void chainWithoutSessions_passes() throws Exception {
            people.equip("alice");
            mvc.perform(get("/api/me").with(user(new AppUser("alice")))).andExpect(status().isUnauthorized());
            mvc.perform(get("/api/me").with(signedInWithTwoFactor("alice")))
                    .andExpect(content().string("alice"));
        }

        @Test
        @WithUserDetails("alice")
        void userOfAnAnnotation_passes() throws Exception {
            people.equip("alice");
            mvc.perform(page("/private")).andExpect(redirectedUrl("/two-factor/code"));
            mvc.perform(page("/private").with(secondFactor()))
                    .andExpect(content().string("alice"));
        }

        @Test
        @WithMockUser
        void userThatATestMakesUp_getsIt() throws Exception {
            mvc.perform(get("/two-factor/api/status").with(secondFactor()))
                    .andExpect(content().string(containsString("ENABLED")));
        }

        @Test
        void nobody_isRefused() {
            assertThatThrownBy(() -> mvc.perform(page("/private").with(secondFactor())))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("nobody is signed in");
        }
    }
}
