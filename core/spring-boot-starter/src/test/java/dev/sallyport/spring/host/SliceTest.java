// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring.host;

import static dev.sallyport.spring.TwoFactorRequestPostProcessors.secondFactor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.user;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrlPattern;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import dev.sallyport.TwoFactor;
import dev.sallyport.spring.TwoFactorSessions;
import jakarta.servlet.http.HttpServletRequest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.autoconfigure.web.servlet.WebMvcTest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.test.context.support.WithMockUser;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A test of one controller, in an application that has none of the properties set. */
@WebMvcTest
class SliceTest {
    @SpringBootConfiguration
    @EnableAutoConfiguration
    @Import({Orders.class, Security.class})
    static class Application {}

    static class Security {
        @Bean
        SecurityFilterChain chain(HttpSecurity http) throws Exception {
            return http.authorizeHttpRequests(rules -> rules.anyRequest().authenticated())
                    .formLogin(Customizer.withDefaults())
                    .build();
        }
    }

    @RestController
    static class Orders {
        private final ObjectProvider<TwoFactorSessions> sessions;

        Orders(ObjectProvider<TwoFactorSessions> sessions) {
            this.sessions = sessions;
        }

        @GetMapping("/orders")
        String orders(HttpServletRequest request) {
            return request.getUserPrincipal().getName() + (sessions.getIfAvailable() == null ? "" : " gated");
        }
    }

    @Autowired
    private MockMvc mvc;

    @Autowired
    private ObjectProvider<TwoFactor> twoFactor;

    @Test
    void starter_isNotLoaded() {
        assertThat(twoFactor.getIfAvailable()).isNull();
    }

    @Test
    @WithMockUser("alice")
    void userThatATestMakesUp_passes() throws Exception {
        mvc.perform(get("/orders")).andExpect(content().string("alice"));
    }

    @Test
    void realPrincipal_passes() throws Exception {
        mvc.perform(get("/orders").with(user(new AppUser("alice"))))
                .andExpect(content().string("alice"));
    }

    @Test
    void nobody_isLedToTheSignIn() throws Exception {
        mvc.perform(get("/orders").accept("text/html"))
                .andExpect(status().isFound())
                .andExpect(redirectedUrlPattern("**/login"));
    }

    @Test
    @WithMockUser
    void secondFactor_isRefusedWithASentence() {
        assertThatThrownBy(() -> mvc.perform(get("/orders").with(secondFactor())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("@SpringBootTest");
    }
}
