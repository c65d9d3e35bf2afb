// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.EnrollmentResult;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorEvent;
import dev.sallyport.TwoFactorListener;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.UserId;
import dev.sallyport.testing.SteppedClock;
import dev.sallyport.testing.VirtualPhone;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;

class OperatorEndpointTest {
    private static final UserId ALICE = UserId.of("alice");

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Host {
        private final List<TwoFactorEvent> events = new ArrayList<>();

        @Bean
        SteppedClock clock() {
            return new SteppedClock();
        }

        @Bean
        TwoFactorListener audit() {
            return events::add;
        }

        @Bean
        SecurityFilterChain chain(HttpSecurity http) throws Exception {
            return http.authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
                    .httpBasic(Customizer.withDefaults())
                    .csrf(csrf -> csrf.disable())
                    .build();
        }

        @Bean
        UserDetailsService users() {
            return new InMemoryUserDetailsManager(
                    User.withUsername("bob").password("{noop}pw").build());
        }
    }

    private static ConfigurableApplicationContext start(String... properties) {
        return new SpringApplicationBuilder(Host.class)
                .web(WebApplicationType.SERVLET)
                .properties(
                        "server.port=0",
                        "server.address=127.0.0.1",
                        "spring.datasource.generate-unique-name=true",
                        "sallyport.issuer=Acme",
                        "sallyport.user-id=name",
                        "sallyport.encryption-keys=2026-11:" + Hosts.KEY)
                .properties(properties)
                .run();
    }

    private static HttpResponse<String> send(ConfigurableApplicationContext host, String path, String body)
            throws IOException, InterruptedException {
        String port = host.getEnvironment().getProperty("local.server.port");
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + "/actuator/" + path))
                .header("Content-Type", "application/json")
                .header(
                        "Authorization",
                        "Basic " + Base64.getEncoder().encodeToString("bob:pw".getBytes(StandardCharsets.UTF_8)));
        request = body.isEmpty() ? request : request.POST(HttpRequest.BodyPublishers.ofString(body));
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static void enable(ConfigurableApplicationContext host) {
        TwoFactor twoFactor = host.getBean(TwoFactor.class);
        PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, "alice");
        String code =
                VirtualPhone.scan(pending, host.getBean(SteppedClock.class)).code();
        EnrollmentResult result = twoFactor.confirmEnrollment(pending.handle(), code);
        assertThat(result).isInstanceOf(EnrollmentResult.Enrolled.class);
    }

    @Test
    void withoutAccess_itIsNotThere_evenIfAllIsExposed() throws Exception {
        try (ConfigurableApplicationContext host = start("management.endpoints.web.exposure.include=*")) {
            assertThat(send(host, "twofactor/unlock", "{\"user\":\"alice\",\"reason\":\"r\"}")
                            .statusCode())
                    .isEqualTo(404);
            assertThat(send(host, "health", "").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void withAccess_anOperatorUnlocksIssuesCodesAndResets() throws Exception {
        try (ConfigurableApplicationContext host = start(
                "management.endpoints.web.exposure.include=*",
                "management.endpoint.twofactor.access=unrestricted",
                "management.endpoint.env.show-values=always",
                "management.endpoint.configprops.show-values=always")) {
            TwoFactor twoFactor = host.getBean(TwoFactor.class);
            enable(host);

            assertThat(send(host, "twofactor/unlock", "{\"user\":\"alice\",\"reason\":\"called\"}")
                            .statusCode())
                    .isEqualTo(204);
            HttpResponse<String> code = send(
                    host,
                    "twofactor/temporary-code",
                    "{\"user\":\"alice\",\"reason\":\"lost phone\",\"lifetime\":\"30m\"}");
            assertThat(code.statusCode()).isEqualTo(200);
            assertThat(code.body())
                    .containsPattern("\"code\":\"[0-9A-Z]{4}-")
                    .contains("\"expires\":\"2026-11-02T09:30:00Z\"");
            assertThat(code.headers().firstValue("Cache-Control").orElse("")).contains("no-store");
            assertThat(send(host, "twofactor/temporary-code", "{\"user\":\"alice\",\"reason\":\"lost phone\"}")
                            .body())
                    .contains("\"expires\":\"2026-11-02T10:00:00Z\"");
            assertThat(send(host, "twofactor/reset", "{\"user\":\"alice\",\"reason\":\"lost phone\"}")
                            .statusCode())
                    .isEqualTo(204);
            assertThat(twoFactor.status(ALICE).state()).isEqualTo(TwoFactorStatus.State.OFF);
            assertThat(host.getBean(Host.class).events)
                    .filteredOn(event -> event.operator().equals(Optional.of("bob")))
                    .extracting(TwoFactorEvent::type)
                    .containsExactly(
                            TwoFactorEvent.Type.UNLOCKED,
                            TwoFactorEvent.Type.TEMPORARY_CODE_ISSUED,
                            TwoFactorEvent.Type.TEMPORARY_CODE_ISSUED,
                            TwoFactorEvent.Type.RESET);

            assertThat(send(host, "twofactor/temporary-code", "{\"user\":\"alice\",\"reason\":\"r\"}")
                            .statusCode())
                    .as("two-factor authentication is off")
                    .isEqualTo(400);
            assertThat(send(host, "twofactor/unlock", "{\"user\":\"alice\",\"reason\":\" \"}")
                            .statusCode())
                    .isEqualTo(400);
            assertThat(send(host, "twofactor/unlock", "{\"user\":\"alice\"}").statusCode())
                    .isEqualTo(400);
            assertThat(send(host, "twofactor/delete", "{\"user\":\"alice\",\"reason\":\"r\"}")
                            .statusCode())
                    .isEqualTo(404);

            for (String shows : List.of("env", "configprops")) {
                HttpResponse<String> shown = send(host, shows, "");
                assertThat(shown.statusCode()).isEqualTo(200);
                assertThat(shown.body()).contains("Acme").doesNotContain(Hosts.KEY.substring(4, 24));
            }
        }
    }
}
