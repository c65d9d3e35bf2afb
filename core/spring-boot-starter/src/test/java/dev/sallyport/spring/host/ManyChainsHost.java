// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring.host;

import dev.sallyport.TrustStamp;
import dev.sallyport.spring.TwoFactorSessions;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.web.DefaultSecurityFilterChain;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.AbstractAuthenticationProcessingFilter;
import org.springframework.security.web.authentication.HttpStatusEntryPoint;
import org.springframework.security.web.authentication.SavedRequestAwareAuthenticationSuccessHandler;
import org.springframework.security.web.authentication.UsernamePasswordAuthenticationFilter;
import org.springframework.security.web.authentication.switchuser.SwitchUserFilter;
import org.springframework.security.web.context.HttpSessionSecurityContextRepository;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.web.filter.OncePerRequestFilter;

/** A host with a chain of each kind. */
@Import(BaseHost.class)
public class ManyChainsHost {

    /** No filter at all. */
    @Bean
    @Order(0)
    SecurityFilterChain none() {
        return new DefaultSecurityFilterChain(matcher("/static/**"));
    }

    /** Programs with a password in each request. */
    @Bean
    @Order(1)
    SecurityFilterChain api(HttpSecurity http) throws Exception {
        return http.securityMatcher("/api/**")
                .authorizeHttpRequests(rules -> rules.anyRequest().authenticated())
                .httpBasic(Customizer.withDefaults())
                .csrf(csrf -> csrf.disable())
                .sessionManagement(sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .build();
    }

    /** Programs with a token, which a sign-in filter of the application issues. */
    @Bean
    @Order(2)
    SecurityFilterChain tokens(HttpSecurity http, ObjectProvider<TwoFactorSessions> sessions, UserDetailsService users)
            throws Exception {
        return http.securityMatcher("/jwt/**")
                .authorizeHttpRequests(rules -> rules.anyRequest().authenticated())
                .addFilterBefore(tokenLogin(sessions, users), UsernamePasswordAuthenticationFilter.class)
                .addFilterBefore(overridingTokenLogin(sessions, users), UsernamePasswordAuthenticationFilter.class)
                .addFilterBefore(tokenReader(sessions), UsernamePasswordAuthenticationFilter.class)
                .exceptionHandling(
                        errors -> errors.authenticationEntryPoint(new HttpStatusEntryPoint(HttpStatus.UNAUTHORIZED)))
                .csrf(csrf -> csrf.disable())
                .sessionManagement(sessionRules -> sessionRules.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .build();
    }

    private static AbstractAuthenticationProcessingFilter tokenLogin(
            ObjectProvider<TwoFactorSessions> sessions, UserDetailsService users) {
        UsernamePasswordAuthenticationFilter filter = new UsernamePasswordAuthenticationFilter(login(users));
        filter.setFilterProcessesUrl("/jwt/login");
        filter.setAuthenticationSuccessHandler((request, response, authentication) -> response.getWriter()
                .write(authentication.getName() + "/"
                        + sessions.getObject()
                                .stamp(request)
                                .map(TrustStamp::value)
                                .orElse("none")));
        return filter;
    }

    /** As many tutorials write it: the token is made in the method of the filter. */
    private static AbstractAuthenticationProcessingFilter overridingTokenLogin(
            ObjectProvider<TwoFactorSessions> sessions, UserDetailsService users) {
        UsernamePasswordAuthenticationFilter filter = new UsernamePasswordAuthenticationFilter(login(users)) {
            @Override
            protected void successfulAuthentication(
                    HttpServletRequest request,
                    HttpServletResponse response,
                    FilterChain chain,
                    Authentication authentication)
                    throws IOException {
                response.getWriter()
                        .write(authentication.getName() + "/"
                                + sessions.getObject()
                                        .stamp(request)
                                        .map(TrustStamp::value)
                                        .orElse("none"));
            }
        };
        filter.setFilterProcessesUrl("/jwt/login-of-a-tutorial");
        return filter;
    }

    private static AuthenticationManager login(UserDetailsService users) {
        return attempt -> {
            var user = users.loadUserByUsername(attempt.getName());
            return UsernamePasswordAuthenticationToken.authenticated(user, null, user.getAuthorities());
        };
    }

    private static OncePerRequestFilter tokenReader(ObjectProvider<TwoFactorSessions> sessions) {
        return new OncePerRequestFilter() {
            @Override
            protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                    throws ServletException, IOException {
                String header = request.getHeader("Authorization");
                if (header != null && header.startsWith("Bearer ")) {
                    String[] token = header.substring("Bearer ".length()).split("/", 2);
                    AppUser user = new AppUser(token[0]);
                    SecurityContextHolder.getContext()
                            .setAuthentication(UsernamePasswordAuthenticationToken.authenticated(
                                    user, null, user.getAuthorities()));
                    if (token.length > 1) {
                        sessions.getObject().carriedBy(request, TrustStamp.of(token[1]));
                    }
                }
                chain.doFilter(request, response);
            }
        };
    }

    /** A sign-in of its own, with one session for each user. */
    @Bean
    @Order(3)
    SecurityFilterChain admin(HttpSecurity http) throws Exception {
        return http.securityMatcher("/admin/**")
                .authorizeHttpRequests(rules -> rules.anyRequest().authenticated())
                .formLogin(form -> form.loginPage("/admin/login")
                        .permitAll()
                        .successHandler((request, response, authentication) -> {
                            response.setHeader("X-Admin", authentication.getName());
                            response.sendRedirect("/admin/home");
                        }))
                .sessionManagement(sessions -> sessions.maximumSessions(1).expiredUrl("/admin/expired"))
                .csrf(csrf -> csrf.disable())
                .build();
    }

    /** Everything else: a form, remember-me, a provider's callback, impersonation. */
    @Bean
    @Order(4)
    SecurityFilterChain web(HttpSecurity http, UserDetailsService users) throws Exception {
        SavedRequestAwareAuthenticationSuccessHandler handler = new SavedRequestAwareAuthenticationSuccessHandler() {
            @Override
            public void onAuthenticationSuccess(
                    HttpServletRequest request, HttpServletResponse response, Authentication authentication)
                    throws IOException, ServletException {
                response.setHeader(
                        "X-Host", authentication.getClass().getSimpleName() + " " + authentication.getName());
                super.onAuthenticationSuccess(request, response, authentication);
            }
        };
        return http.authorizeHttpRequests(rules -> rules.requestMatchers("/", "/open/**", "/exempt/**")
                        .permitAll()
                        .requestMatchers("/alice-only")
                        .hasRole("alice")
                        .anyRequest()
                        .authenticated())
                .formLogin(form -> form.successHandler(handler))
                .rememberMe(rememberMe -> rememberMe.key("key").userDetailsService(users))
                .addFilterBefore(callback("/partner", PartnerSignIn::new), UsernamePasswordAuthenticationFilter.class)
                .addFilterBefore(callback("/trusted", TrustedSignIn::new), UsernamePasswordAuthenticationFilter.class)
                .addFilter(switchUser(users))
                .csrf(csrf -> csrf.ignoringRequestMatchers("/partner", "/trusted", "/open/own-login"))
                .build();
    }

    private interface SignInOf {
        Authentication of(AppUser user);
    }

    /** The callback of an identity provider, such as OAuth2 login has. */
    private static AbstractAuthenticationProcessingFilter callback(String path, SignInOf signIn) {
        AbstractAuthenticationProcessingFilter filter = new AbstractAuthenticationProcessingFilter(matcher(path)) {
            @Override
            public Authentication attemptAuthentication(HttpServletRequest request, HttpServletResponse response) {
                return signIn.of(new AppUser(request.getParameter("u")));
            }
        };
        filter.setSecurityContextRepository(new HttpSessionSecurityContextRepository());
        filter.setAuthenticationManager(attempt -> attempt);
        filter.setAuthenticationSuccessHandler((request, response, authentication) -> {
            response.setHeader("X-Host", authentication.getClass().getSimpleName());
            response.sendRedirect("/from-provider");
        });
        return filter;
    }

    private static SwitchUserFilter switchUser(UserDetailsService users) {
        SwitchUserFilter filter = new SwitchUserFilter();
        filter.setUserDetailsService(users);
        filter.setSwitchUserMatcher(matcher("/act-as"));
        filter.setExitUserMatcher(matcher("/act-as/stop"));
        filter.setTargetUrl("/private");
        filter.setSecurityContextRepository(new HttpSessionSecurityContextRepository());
        filter.afterPropertiesSet();
        return filter;
    }

    private static PathPatternRequestMatcher matcher(String path) {
        return PathPatternRequestMatcher.withDefaults().matcher(path);
    }

    /** A sign-in at a provider. */
    public static class PartnerSignIn extends AbstractAuthenticationToken {
        private static final long serialVersionUID = 1L;

        private final AppUser user;

        PartnerSignIn(AppUser user) {
            super(user.getAuthorities());
            this.user = user;
            setAuthenticated(true);
        }

        @Override
        public Object getCredentials() {
            return "";
        }

        @Override
        public Object getPrincipal() {
            return user;
        }
    }

    /** A sign-in at a provider that has a second factor itself. */
    public static final class TrustedSignIn extends PartnerSignIn {
        private static final long serialVersionUID = 1L;

        TrustedSignIn(AppUser user) {
            super(user);
        }
    }
}
