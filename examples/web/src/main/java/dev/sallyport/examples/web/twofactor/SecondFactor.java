// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web.twofactor;

import dev.sallyport.SignInRequirement.RememberedBrowser;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.FactorGrantedAuthority;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.userdetails.UsernameNotFoundException;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.DefaultRedirectStrategy;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.authentication.HttpStatusEntryPoint;
import org.springframework.security.web.authentication.logout.SecurityContextLogoutHandler;
import org.springframework.security.web.authentication.session.ChangeSessionIdAuthenticationStrategy;
import org.springframework.security.web.authentication.session.CompositeSessionAuthenticationStrategy;
import org.springframework.security.web.authentication.session.SessionAuthenticationStrategy;
import org.springframework.security.web.context.HttpSessionSecurityContextRepository;
import org.springframework.security.web.context.SecurityContextRepository;
import org.springframework.security.web.csrf.CsrfAuthenticationStrategy;
import org.springframework.security.web.csrf.HttpSessionCsrfTokenRepository;
import org.springframework.security.web.savedrequest.HttpSessionRequestCache;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Connects the second factor to a filter chain. Whoever has typed the password and lacks the second factor is sent to the page
 * that asks for a code; a remembered browser takes its place.
 */
@Component
public class SecondFactor extends AbstractHttpConfigurer<SecondFactor, HttpSecurity> {
    /** The authority of those who have shown their second factor in this session. */
    public static final String AUTHORITY = "FACTOR_TOTP";

    /** The pages that ask for a code. They are open to those who have typed their password. */
    public static final String PAGES = "/sign-in/**";

    /** The style and the script of its pages, which everybody may load. */
    public static final String STATIC = "/two-factor.{file:css|js}";

    /** What programs ask for. They are answered by a status, and not led to a page. */
    public static final RequestMatcher PROGRAMS =
            PathPatternRequestMatcher.withDefaults().matcher("/api/**");

    private final TwoFactor twoFactor;
    private final TwoFactorHost host;
    private final BrowserCookie cookie;
    private final SecurityContextRepository contexts = new HttpSessionSecurityContextRepository();
    private final SessionAuthenticationStrategy steps = new CompositeSessionAuthenticationStrategy(List.of(
            new ChangeSessionIdAuthenticationStrategy(),
            new CsrfAuthenticationStrategy(new HttpSessionCsrfTokenRepository())));

    SecondFactor(TwoFactor twoFactor, TwoFactorHost host, BrowserCookie cookie) {
        this.twoFactor = twoFactor;
        this.host = host;
        this.cookie = cookie;
    }

    @Override
    public void init(HttpSecurity http) {
        AuthenticationEntryPoint forPeople = (request, response, e) ->
                new DefaultRedirectStrategy().sendRedirect(request, response, "/sign-in/code");
        AuthenticationEntryPoint forPrograms = new HttpStatusEntryPoint(HttpStatus.UNAUTHORIZED);
        http.exceptionHandling(exceptions -> exceptions.defaultDeniedHandlerForMissingAuthority(
                (request, response, e) ->
                        (PROGRAMS.matches(request) ? forPrograms : forPeople).commence(request, response, e),
                AUTHORITY));
        // After the code people go where they were going: to a page, and not to a picture or an endpoint.
        HttpSessionRequestCache cache = new HttpSessionRequestCache();
        cache.setRequestMatcher(request -> request.getMethod().equals("GET")
                && String.valueOf(request.getHeader(HttpHeaders.ACCEPT)).contains("text/html")
                && !PROGRAMS.matches(request));
        http.requestCache(requests -> requests.requestCache(cache));
    }

    @Override
    public void configure(HttpSecurity http) {
        http.addFilterBefore(new RememberedBrowserFilter(), AuthorizationFilter.class);
    }

    /** Writes into the session that the second factor was shown. The session gets a new id, and forms a new token. */
    void shown(HttpServletRequest request, HttpServletResponse response) {
        Authentication password =
                Objects.requireNonNull(SecurityContextHolder.getContext().getAuthentication(), "nobody has signed in");
        Authentication both = password.toBuilder()
                .authorities(authorities -> {
                    authorities.removeIf(authority -> AUTHORITY.equals(authority.getAuthority()));
                    authorities.add(FactorGrantedAuthority.fromAuthority(AUTHORITY));
                })
                .build();
        steps.onAuthentication(both, request, response);
        SecurityContext context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(both);
        SecurityContextHolder.setContext(context);
        contexts.saveContext(context, request, response);
    }

    static boolean isShownBy(@Nullable Authentication authentication) {
        return authentication != null
                && authentication.getAuthorities().stream()
                        .anyMatch(authority -> AUTHORITY.equals(authority.getAuthority()));
    }

    /** Right after the password: is this one of the browsers that need no code? */
    private final class RememberedBrowserFilter extends OncePerRequestFilter {

        @Override
        protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws ServletException, IOException {
            Authentication authentication = SecurityContextHolder.getContext().getAuthentication();
            if (authentication != null
                    && !(authentication instanceof AnonymousAuthenticationToken)
                    && !isShownBy(authentication)) {
                recognize(authentication, request, response);
            }
            chain.doFilter(request, response);
        }

        private void recognize(
                Authentication authentication, HttpServletRequest request, HttpServletResponse response) {
            try {
                UserId user = host.idOf(authentication.getName());
                String token = cookie.of(user, request);
                if (token != null && twoFactor.signInRequirement(user, token) instanceof RememberedBrowser) {
                    shown(request, response);
                }
            } catch (UsernameNotFoundException e) {
                // The user was deleted, and the session was not.
                new SecurityContextLogoutHandler().logout(request, response, authentication);
            }
        }
    }
}
