// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.user;
import static org.springframework.security.test.web.servlet.setup.SecurityMockMvcConfigurers.springSecurity;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrl;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.mock.web.MockHttpSession;
import org.springframework.security.test.context.support.WithMockUser;
import org.springframework.test.web.servlet.MockMvc;
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
}
