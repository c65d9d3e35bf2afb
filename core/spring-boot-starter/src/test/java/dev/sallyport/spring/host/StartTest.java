// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.TwoFactor;
import dev.sallyport.spring.host.People.Equipped;
import dev.sallyport.spring.host.Server.Client;
import dev.sallyport.testing.SteppedClock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.DefaultSecurityFilterChain;
import org.springframework.security.web.FilterChainProxy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.www.BasicAuthenticationFilter;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;

/** Starts applications that are unlike the usual one. */
class StartTest {

    /** A chain that was made by hand. */
    @Import(BaseHost.class)
    static class WithoutGate {
        @Bean
        @Order(1)
        SecurityFilterChain byHand() {
            return new DefaultSecurityFilterChain(
                    PathPatternRequestMatcher.withDefaults().matcher("/legacy/**"),
                    new BasicAuthenticationFilter(authentication -> authentication));
        }

        @Bean
        @Order(2)
        SecurityFilterChain web(HttpSecurity http) throws Exception {
            return http.formLogin(Customizer.withDefaults()).build();
        }
    }

    /** A chain that has put the gate away. */
    @Import(BaseHost.class)
    static class GateDisabled {
        @Bean
        SecurityFilterChain web(HttpSecurity http) throws Exception {
            http.getConfigurer(dev.sallyport.spring.SecondFactorConfigurer.class)
                    .disable();
            return http.formLogin(Customizer.withDefaults()).build();
        }
    }

    /** The application that Spring Boot secures by itself, with a context that is saved at the end of each request. */
    @Import(BaseHost.class)
    static class Implicit {
        @Bean
        SecurityFilterChain web(HttpSecurity http) throws Exception {
            return http.securityContext(contexts -> contexts.requireExplicitSave(false))
                    .authorizeHttpRequests(rules -> rules.requestMatchers("/open/**")
                            .permitAll()
                            .anyRequest()
                            .authenticated())
                    .formLogin(Customizer.withDefaults())
                    .logout(logout -> logout.invalidateHttpSession(false))
                    .csrf(csrf -> csrf.ignoringRequestMatchers("/open/own-login"))
                    .build();
        }
    }

    /** A login page of its own beside HTTP Basic: Spring Security has one entry point for each. */
    @Import(BaseHost.class)
    static class OwnLoginPage {
        @Bean
        SecurityFilterChain web(HttpSecurity http) throws Exception {
            return http.authorizeHttpRequests(rules -> rules.requestMatchers("/open/**")
                            .permitAll()
                            .anyRequest()
                            .authenticated())
                    .formLogin(form -> form.loginPage("/open/page").loginProcessingUrl("/login"))
                    .httpBasic(Customizer.withDefaults())
                    .build();
        }
    }

    @Test
    void ownLoginPageBesideBasic_isReachedHalfSignedIn() {
        try (Server server = Server.start(List.of(), OwnLoginPage.class)) {
            server.bean(People.class).equip("alice");
            Client client = server.client();
            assertThat(client.logIn("alice").outcome()).isEqualTo("302 /two-factor/code");
            assertThat(client.page("/open/page").body()).isEqualTo("nobody");
            assertThat(client.form("/two-factor/cancel").outcome()).isEqualTo("303 /open/page");
            assertThat(client.page("/two-factor/code").body()).contains("href=\"/open/page\"");
        }
    }

    @Test
    void chainWithoutGate_failsTheStart() {
        assertThatThrownBy(() -> Server.start(List.of(), WithoutGate.class))
                .hasStackTraceContaining("has no gate for two-factor authentication")
                .hasStackTraceContaining("/legacy/**");
        assertThatThrownBy(() -> Server.start(List.of(), GateDisabled.class))
                .hasStackTraceContaining("has no gate for two-factor authentication");
    }

    @Test
    void disabled_leavesTheChainsAlone() {
        try (Server server = Server.start(List.of("sallyport.enabled=false"), WithoutGate.class)) {
            assertThat(server.bean(FilterChainProxy.class).getFilterChains())
                    .flatExtracting(SecurityFilterChain::getFilters)
                    .noneMatch(filter -> filter.getClass().getName().contains("sallyport"));
            server.bean(People.class).equip("alice");
            Client client = server.client();
            client.logIn("alice");
            assertThat(client.page("/private").body()).isEqualTo("alice");
        }
    }

    @Test
    void intervalOfZero_looksAtEachRequest() {
        try (Server server = Server.start(List.of("sallyport.check-interval=0"), Implicit.class)) {
            WatchedStore store = server.bean(WatchedStore.class);
            Equipped alice = server.bean(People.class).equip("alice");
            Client client = server.client();
            client.logIn("alice");
            client.code(alice.phone().code());
            int reads = store.reads();
            for (int i = 0; i < 5; i++) {
                assertThat(client.page("/private").body()).isEqualTo("alice");
            }
            assertThat(store.reads() - reads).isEqualTo(5);
            server.bean(TwoFactor.class).endTrust(alice.id());
            assertThat(client.page("/private").outcome()).isEqualTo("302 /login");
        }
    }

    @Test
    void contextSavedAtTheEndOfTheRequest_isGatedToo() {
        try (Server server = Server.start(List.of(), Implicit.class)) {
            Equipped alice = server.bean(People.class).equip("alice");
            Client client = server.client();
            assertThat(client.logIn("alice").outcome()).isEqualTo("302 /two-factor/code");
            assertThat(client.page("/private").outcome()).isEqualTo("302 /two-factor/code");
            assertThat(client.fetch("/open/guarded").body()).isEqualTo("denied");
            client.code(alice.phone().code());
            assertThat(client.page("/private").body()).isEqualTo("alice");
            server.bean(TwoFactor.class).endTrust(alice.id());
            server.bean(SteppedClock.class).advance(Duration.ofMinutes(1));
            assertThat(client.page("/private").outcome()).isEqualTo("302 /login");
        }
    }

    @Test
    void sessionsInADatabase_keepEverythingReadable() {
        List<String> properties = List.of(
                "spring.autoconfigure.exclude=",
                "spring.datasource.generate-unique-name=true",
                "spring.session.jdbc.initialize-schema=always");
        try (Server server = Server.start(properties, Implicit.class)) {
            Equipped alice = server.bean(People.class).equip("alice");
            Client client = server.client();
            assertThat(client.logIn("alice").outcome()).isEqualTo("302 /two-factor/code");
            assertThat(client.sessionId()).as("the cookie of Tomcat").isEmpty();
            String before = client.cookie("SESSION");
            assertThat(client.page("/private").outcome()).isEqualTo("302 /two-factor/code");
            assertThat(client.code(alice.phone().code()).location()).startsWith("/private");
            assertThat(client.cookie("SESSION")).isNotEmpty().isNotEqualTo(before);
            assertThat(client.page("/private").body()).isEqualTo("alice");
            server.bean(TwoFactor.class).endTrust(alice.id());
            server.bean(SteppedClock.class).advance(Duration.ofMinutes(1));
            assertThat(client.page("/private").outcome()).isEqualTo("302 /login");
        }
    }

    @Test
    void logoutThatKeepsTheSession_leavesNoStampBehind() {
        try (Server server = Server.start(List.of(), Implicit.class)) {
            Equipped alice = server.bean(People.class).equip("alice");
            Client client = server.client();
            client.logIn("alice");
            client.code(alice.phone().code());
            client.form("/logout");
            client.sendForm("", "/open/own-login", "text/html", "u", "alice");
            assertThat(client.page("/private").outcome()).isEqualTo("302 /two-factor/code");
        }
    }
}
