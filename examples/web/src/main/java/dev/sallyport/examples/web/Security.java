// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import static org.springframework.security.config.Customizer.withDefaults;

import dev.sallyport.KeyRing;
import dev.sallyport.examples.web.twofactor.SecondFactor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.crypto.factory.PasswordEncoderFactories;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;

/** The host's security: passwords, and what is open to whom. */
@Configuration(proxyBeanMethods = false)
class Security {
    private static final String POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self';"
            + " form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    @Bean
    SecurityFilterChain filterChain(HttpSecurity http, SecondFactor secondFactor) throws Exception {
        return http.authorizeHttpRequests(requests -> requests.requestMatchers(SecondFactor.PAGES, SecondFactor.STATIC)
                        .permitAll()
                        .requestMatchers(SecondFactor.LOGIN, "/error", "/host.css", "/favicon.svg")
                        .permitAll()
                        .anyRequest()
                        .authenticated())
                .with(secondFactor, withDefaults())
                .logout(logout -> logout.logoutSuccessUrl("/login?signedOut"))
                .headers(headers -> headers.contentSecurityPolicy(policy -> policy.policyDirectives(POLICY))
                        .referrerPolicy(policy -> policy.policy(ReferrerPolicy.SAME_ORIGIN)))
                .build();
    }

    @Bean
    PasswordEncoder passwordEncoder() {
        return PasswordEncoderFactories.createDelegatingPasswordEncoder();
    }

    /** The key that encrypts the records. It comes from a vault; only a demonstration makes one up and leaves it in a file. */
    @Bean
    KeyRing encryptionKeys(
            @Value("${two-factor.encryption-key:}") String configured, @Value("${demonstration.key-file}") Path file)
            throws IOException {
        if (!configured.isEmpty()) {
            return KeyRing.fromBase64("configured", configured);
        }
        if (Files.notExists(file)) {
            byte[] key = new byte[32];
            new SecureRandom().nextBytes(key);
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(file, Base64.getEncoder().encodeToString(key), StandardOpenOption.CREATE_NEW);
            if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            }
        }
        LoggerFactory.getLogger(Security.class)
                .warn("The encryption key is in {}: set two-factor.encryption-key, from a vault, in production", file);
        return KeyRing.fromBase64("demonstration", Files.readString(file));
    }
}
