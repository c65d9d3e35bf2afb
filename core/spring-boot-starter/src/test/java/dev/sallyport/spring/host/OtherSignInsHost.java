// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring.host;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.saml2.provider.service.authentication.DefaultSaml2AuthenticatedPrincipal;
import org.springframework.security.saml2.provider.service.authentication.Saml2Authentication;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.AbstractAuthenticationProcessingFilter;
import org.springframework.security.web.authentication.UsernamePasswordAuthenticationFilter;
import org.springframework.security.web.context.HttpSessionSecurityContextRepository;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.webauthn.api.Bytes;
import org.springframework.security.web.webauthn.api.ImmutablePublicKeyCredentialUserEntity;
import org.springframework.security.web.webauthn.authentication.WebAuthnAuthentication;
import org.springframework.web.filter.OncePerRequestFilter;

/** A host whose users sign in at OAuth2 and SAML providers, with a passkey, a certificate or a token. */
@Import(BaseHost.class)
public class OtherSignInsHost {
    static final byte[] TOKEN_KEY =
            "a key of 32 bytes for the tokens".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    @Bean
    JwtDecoder tokens() {
        return NimbusJwtDecoder.withSecretKey(new SecretKeySpec(TOKEN_KEY, "HmacSHA256"))
                .build();
    }

    /** A resource server. */
    @Bean
    @Order(1)
    SecurityFilterChain api(HttpSecurity http) throws Exception {
        return http.securityMatcher("/api/**")
                .authorizeHttpRequests(rules -> rules.anyRequest().authenticated())
                .oauth2ResourceServer(tokens -> tokens.jwt(Customizer.withDefaults()))
                .csrf(csrf -> csrf.disable())
                .sessionManagement(sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .build();
    }

    @Bean
    @Order(2)
    SecurityFilterChain web(HttpSecurity http) throws Exception {
        return http.authorizeHttpRequests(rules -> rules.requestMatchers("/open/**")
                        .permitAll()
                        .anyRequest()
                        .authenticated())
                .formLogin(Customizer.withDefaults())
                .oauth2Login(Customizer.withDefaults())
                .x509(Customizer.withDefaults())
                .addFilterBefore(signIn("/saml", OtherSignInsHost::saml), UsernamePasswordAuthenticationFilter.class)
                .addFilterBefore(
                        signIn("/passkey", OtherSignInsHost::passkey), UsernamePasswordAuthenticationFilter.class)
                .csrf(csrf -> csrf.ignoringRequestMatchers("/saml", "/passkey"))
                .build();
    }

    /** What Spring Security makes of a response of the provider, whose signature it has checked. */
    private static Authentication saml(String name) {
        DefaultSaml2AuthenticatedPrincipal principal =
                new DefaultSaml2AuthenticatedPrincipal(name, Map.<String, List<Object>>of("mail", List.of(name)));
        principal.setRelyingPartyRegistrationId("acme-saml");
        return new Saml2Authentication(principal, "<Response/>", AuthorityUtils.createAuthorityList("ROLE_USER"));
    }

    /** What Spring Security makes of a passkey, whose signature it has checked. */
    private static Authentication passkey(String name) {
        return new WebAuthnAuthentication(
                ImmutablePublicKeyCredentialUserEntity.builder()
                        .name(name)
                        .id(Bytes.random())
                        .displayName(name)
                        .build(),
                AuthorityUtils.createAuthorityList("ROLE_USER"));
    }

    private static AbstractAuthenticationProcessingFilter signIn(String path, Function<String, Authentication> signIn) {
        AbstractAuthenticationProcessingFilter filter =
                new AbstractAuthenticationProcessingFilter(
                        PathPatternRequestMatcher.withDefaults().matcher(path)) {
                    @Override
                    public Authentication attemptAuthentication(
                            HttpServletRequest request, HttpServletResponse response) {
                        return signIn.apply(request.getParameter("u"));
                    }
                };
        filter.setSecurityContextRepository(new HttpSessionSecurityContextRepository());
        filter.setAuthenticationManager(attempt -> attempt);
        return filter;
    }

    /** Does what a server does with the certificate of a TLS connection. */
    @Bean
    FilterRegistrationBean<OncePerRequestFilter> certificates() {
        FilterRegistrationBean<OncePerRequestFilter> bean = new FilterRegistrationBean<>(new OncePerRequestFilter() {
            @Override
            protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                    throws ServletException, IOException {
                if (request.getHeader("X-Has-Certificate") != null) {
                    request.setAttribute(
                            "jakarta.servlet.request.X509Certificate",
                            new X509Certificate[] {(X509Certificate) ofAlice()});
                }
                chain.doFilter(request, response);
            }
        });
        bean.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return bean;
    }

    private static Certificate ofAlice() throws IOException {
        try (InputStream pem =
                Objects.requireNonNull(OtherSignInsHost.class.getResourceAsStream("alice.pem"), "alice.pem")) {
            return CertificateFactory.getInstance("X.509").generateCertificate(pem);
        } catch (CertificateException e) {
            throw new AssertionError(e);
        }
    }
}
