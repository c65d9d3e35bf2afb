// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.TwoFactor;
import dev.sallyport.spring.host.People.Equipped;
import dev.sallyport.spring.host.Server.Client;
import dev.sallyport.testing.SteppedClock;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.authentication.preauth.AbstractPreAuthenticatedProcessingFilter;
import org.springframework.web.filter.OncePerRequestFilter;

/** Filters of an application that act for a user before the gate, or sign in behind it. */
class FiltersAroundTheGateTest {
    private static Server server;

    private Client browser;
    private Equipped alice;

    @Import(BaseHost.class)
    static class Host {
        @Bean
        SecurityFilterChain web(HttpSecurity http) throws Exception {
            return http.authorizeHttpRequests(rules -> rules.requestMatchers("/", "/open/**")
                            .permitAll()
                            .anyRequest()
                            .authenticated())
                    .formLogin(Customizer.withDefaults())
                    .addFilterBefore(new Issuer(), AbstractPreAuthenticatedProcessingFilter.class)
                    .addFilterBefore(new Tokens(), AuthorizationFilter.class)
                    .csrf(csrf -> csrf.ignoringRequestMatchers("/open/own-login"))
                    .build();
        }
    }

    /** Answers where the authorization endpoint of Spring's authorization server does. */
    private static final class Issuer extends OncePerRequestFilter {
        @Override
        protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws ServletException, IOException {
            Authentication user = SecurityContextHolder.getContext().getAuthentication();
            if (user != null && request.getServletPath().equals("/authorize")) {
                response.getWriter().write("code for " + user.getName());
            } else {
                chain.doFilter(request, response);
            }
        }
    }

    /** Signs in as late as a filter can. */
    private static final class Tokens extends OncePerRequestFilter {
        @Override
        protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws ServletException, IOException {
            String token = request.getHeader("Authorization");
            if (token != null) {
                AppUser user = new AppUser(token.substring("Bearer ".length()));
                SecurityContextHolder.getContext()
                        .setAuthentication(
                                UsernamePasswordAuthenticationToken.authenticated(user, null, user.getAuthorities()));
            }
            chain.doFilter(request, response);
        }
    }

    @BeforeAll
    static void start() {
        server = Server.start(List.of(), Host.class);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void equip() {
        browser = server.client();
        alice = server.bean(People.class).equip("alice");
        server.bean(People.class).withoutSecondFactor("bob");
    }

    @Test
    void filterBeforeTheGate_getsACompleteSignIn() {
        browser.logIn("alice");
        browser.code(alice.phone().code());
        assertThat(browser.page("/authorize").body()).isEqualTo("code for alice");
    }

    @Test
    @DisplayName("[88] MISP #10807: a filter before the gate does not see a half-finished sign-in")
    void filterBeforeTheGate_doesNotGetASignInThatOwesACode() {
        browser.sendForm("", "/open/own-login", "text/html", "u", "alice");
        assertThat(browser.page("/authorize").outcome()).isEqualTo("302 /two-factor/code");
    }

    @Test
    @DisplayName("[88] MISP #10807: a filter before the gate does not see a session whose trust has ended")
    void filterBeforeTheGate_doesNotGetASessionWhoseTrustHasEnded() {
        browser.logIn("alice");
        browser.code(alice.phone().code());
        server.bean(TwoFactor.class).endTrust(alice.id());
        server.bean(SteppedClock.class).advance(Duration.ofMinutes(1));
        assertThat(browser.page("/authorize").outcome()).isEqualTo("302 /login");
    }

    @Test
    @DisplayName("[88] MISP #10807: a sign-in by a filter behind the gate meets it all the same")
    void signInBehindTheGate_owesACodeToo() {
        assertThat(browser.fetch("/private", Map.of("Authorization", "Bearer alice"))
                        .status())
                .isEqualTo(401);
        assertThat(browser.fetch("/", Map.of("Authorization", "Bearer alice")).status())
                .isEqualTo(401);
    }

    @Test
    void signInBehindTheGate_withoutSecondFactor_passes() {
        assertThat(browser.fetch("/private", Map.of("Authorization", "Bearer bob"))
                        .body())
                .isEqualTo("bob");
    }
}
