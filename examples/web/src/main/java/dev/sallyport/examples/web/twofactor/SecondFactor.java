// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web.twofactor;

import dev.sallyport.Browser;
import dev.sallyport.Challenge;
import dev.sallyport.EnrollmentHandle;
import dev.sallyport.SignInRequirement;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.StoreException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.config.ObjectPostProcessor;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UsernameNotFoundException;
import org.springframework.security.web.DefaultRedirectStrategy;
import org.springframework.security.web.RedirectStrategy;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.authentication.AuthenticationSuccessHandler;
import org.springframework.security.web.authentication.SavedRequestAwareAuthenticationSuccessHandler;
import org.springframework.security.web.authentication.UsernamePasswordAuthenticationFilter;
import org.springframework.security.web.authentication.WebAuthenticationDetailsSource;
import org.springframework.security.web.authentication.logout.SecurityContextLogoutHandler;
import org.springframework.security.web.authentication.session.ChangeSessionIdAuthenticationStrategy;
import org.springframework.security.web.authentication.session.CompositeSessionAuthenticationStrategy;
import org.springframework.security.web.authentication.session.SessionAuthenticationStrategy;
import org.springframework.security.web.context.HttpSessionSecurityContextRepository;
import org.springframework.security.web.context.NullSecurityContextRepository;
import org.springframework.security.web.context.SecurityContextRepository;
import org.springframework.security.web.csrf.CsrfAuthenticationStrategy;
import org.springframework.security.web.csrf.HttpSessionCsrfTokenRepository;
import org.springframework.security.web.savedrequest.HttpSessionRequestCache;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Connects the second factor to a filter chain, and keeps what the session rests on.
 *
 * <p>A session that waits for a code has a challenge and no authentication, so to Spring Security nobody is signed in yet. A
 * signed-in session has a stamp. The stamp is checked once a minute and before each change, so a session ends when the trust
 * ends that it rests on.
 */
@Component
public class SecondFactor extends AbstractHttpConfigurer<SecondFactor, HttpSecurity> {
    /** The pages that ask for a code. Everybody may ask for them; without a challenge they lead elsewhere. */
    public static final String PAGES = "/sign-in/**";

    /** The style and the script of its pages, which everybody may load. */
    public static final String STATIC = "/two-factor.{file:css|js}";

    /** The page that asks for the password. */
    public static final String LOGIN = "/login";

    /** What programs ask for. They are answered by a status, and not led to a page. */
    public static final RequestMatcher PROGRAMS =
            PathPatternRequestMatcher.withDefaults().matcher("/api/**");

    static final String CODE_PAGE = "/sign-in/code";

    private static final String CHALLENGE = SecondFactor.class.getName() + ".challenge";
    private static final String STAMP = SecondFactor.class.getName() + ".stamp";
    private static final String CHECKED = SecondFactor.class.getName() + ".checked";
    private static final String ENROLLMENT = SecondFactor.class.getName() + ".enrollment";
    private static final Duration CHECK_INTERVAL = Duration.ofMinutes(1);
    private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS", "TRACE");

    private final TwoFactor twoFactor;
    private final TwoFactorHost host;
    private final InstantSource clock;
    private final RedirectStrategy redirect = new DefaultRedirectStrategy();
    private final AuthenticationSuccessHandler whereTheyWereGoing = new SavedRequestAwareAuthenticationSuccessHandler();
    private final SecurityContextRepository contexts = new HttpSessionSecurityContextRepository();
    private final SessionAuthenticationStrategy steps = new CompositeSessionAuthenticationStrategy(List.of(
            new ChangeSessionIdAuthenticationStrategy(),
            new CsrfAuthenticationStrategy(new HttpSessionCsrfTokenRepository())));

    SecondFactor(TwoFactor twoFactor, TwoFactorHost host, InstantSource clock) {
        this.twoFactor = twoFactor;
        this.host = host;
        this.clock = clock;
    }

    @Override
    public void init(HttpSecurity http) {
        http.formLogin(login -> login.loginPage(LOGIN)
                .successHandler(this::passwordIsRight)
                .withObjectPostProcessor(new KeepNothing()));
        http.exceptionHandling(exceptions -> exceptions.authenticationEntryPoint(this::askToSignIn));
        // After the code people go where they were going: to a page, and not to a picture or an endpoint.
        HttpSessionRequestCache cache = new HttpSessionRequestCache();
        cache.setRequestMatcher(request -> request.getMethod().equals("GET")
                && String.valueOf(request.getHeader(HttpHeaders.ACCEPT)).contains("text/html")
                && !PROGRAMS.matches(request));
        http.requestCache(requests -> requests.requestCache(cache));
    }

    @Override
    public void configure(HttpSecurity http) {
        http.addFilterBefore(new TrustFilter(), AuthorizationFilter.class);
    }

    /** The form login would keep who has typed the password as signed in. Only {@link #signIn} may do that. */
    private static final class KeepNothing implements ObjectPostProcessor<UsernamePasswordAuthenticationFilter> {
        @Override
        public <F extends UsernamePasswordAuthenticationFilter> F postProcess(F filter) {
            filter.setSecurityContextRepository(new NullSecurityContextRepository());
            return filter;
        }
    }

    private void askToSignIn(HttpServletRequest request, HttpServletResponse response, AuthenticationException e)
            throws IOException {
        if (PROGRAMS.matches(request)) {
            response.setStatus(HttpStatus.UNAUTHORIZED.value());
        } else {
            redirect.sendRedirect(request, response, challenge(request).isPresent() ? CODE_PAGE : LOGIN);
        }
    }

    /** The session id and the forms' token have changed already, as at each step. */
    private void passwordIsRight(
            HttpServletRequest request, HttpServletResponse response, Authentication authentication)
            throws ServletException, IOException {
        SecurityContextHolder.clearContext();
        forget(request, response);
        SignInRequirement next = twoFactor.signInRequirement(host.idOf(authentication.getName()), browser(request));
        if (next instanceof NoCodeRequired free) {
            signIn(authentication, free.stamp(), request, response);
            whereTheyWereGoing.onAuthenticationSuccess(request, response, authentication);
        } else if (next instanceof CodeRequired code) {
            request.getSession().setAttribute(CHALLENGE, code.challenge().value());
            redirect.sendRedirect(request, response, CODE_PAGE);
        }
    }

    /** Whoever was signed in before, or half, is not any more. */
    private void forget(HttpServletRequest request, HttpServletResponse response) {
        contexts.saveContext(SecurityContextHolder.createEmptyContext(), request, response);
        for (String attribute : List.of(CHALLENGE, STAMP, CHECKED, ENROLLMENT)) {
            request.getSession().removeAttribute(attribute);
        }
    }

    private void signIn(
            Authentication authentication, TrustStamp stamp, HttpServletRequest request, HttpServletResponse response) {
        SecurityContext context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(authentication);
        SecurityContextHolder.setContext(context);
        contexts.saveContext(context, request, response);
        keep(stamp, request);
    }

    /** After the right code. */
    void codeIsRight(Verified proof, HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        UserDetails user = host.userDetails(proof.user());
        UsernamePasswordAuthenticationToken authentication =
                UsernamePasswordAuthenticationToken.authenticated(user, null, user.getAuthorities());
        authentication.eraseCredentials();
        authentication.setDetails(new WebAuthenticationDetailsSource().buildDetails(request));
        steps.onAuthentication(authentication, request, response);
        request.getSession().removeAttribute(CHALLENGE);
        signIn(authentication, proof.stamp(), request, response);
        whereTheyWereGoing.onAuthenticationSuccess(request, response, authentication);
    }

    /** Ends this session, signed in or half. */
    void signOut(HttpServletRequest request, HttpServletResponse response) {
        new SecurityContextLogoutHandler()
                .logout(request, response, SecurityContextHolder.getContext().getAuthentication());
    }

    // --- What the session keeps: text only ---

    /** The challenge of a session that waits for a code. */
    Optional<Challenge> challenge(HttpServletRequest request) {
        return Optional.ofNullable(attribute(CHALLENGE, request)).map(Challenge::of);
    }

    TrustStamp stamp(HttpServletRequest request) {
        return TrustStamp.of(attribute(STAMP, request));
    }

    /** What the session rests on from now on. */
    void keep(TrustStamp stamp, HttpServletRequest request) {
        request.getSession().setAttribute(STAMP, stamp.value());
        request.getSession().setAttribute(CHECKED, clock.instant());
    }

    Optional<EnrollmentHandle> enrollment(HttpServletRequest request) {
        return Optional.ofNullable(attribute(ENROLLMENT, request)).map(EnrollmentHandle::of);
    }

    void keep(EnrollmentHandle handle, HttpServletRequest request) {
        request.getSession().setAttribute(ENROLLMENT, handle.value());
    }

    void forgetEnrollment(HttpServletRequest request) {
        request.getSession().removeAttribute(ENROLLMENT);
    }

    /**
     * Changes the session's id, because this session is about to see a secret, or to outlive others. Somebody who has copied
     * the id is out. The forms' token stays: one of them may be open in a second tab.
     */
    static void changeId(HttpServletRequest request) {
        request.changeSessionId();
    }

    private static @Nullable String attribute(String name, HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        return session == null ? null : (String) session.getAttribute(name);
    }

    static Browser browser(HttpServletRequest request) {
        return Browser.fromHeaders(request.getHeader(HttpHeaders.COOKIE), request.getHeader(HttpHeaders.USER_AGENT));
    }

    /** Makes a browser that was not known before keep its token. */
    static void setCookie(Verified proof, HttpServletResponse response) {
        proof.browserToken().ifPresent(token -> response.addHeader(HttpHeaders.SET_COOKIE, token.setCookie()));
    }

    /**
     * Signs the user out everywhere but here. Call it when the password has changed.
     *
     * @param user who is signed in
     * @param request of the session that goes on
     */
    public void endOtherSessions(UserId user, HttpServletRequest request) {
        keep(twoFactor.endTrust(user), request);
        forgetEnrollment(request);
        changeId(request);
    }

    // --- Does it still hold? ---

    private final class TrustFilter extends OncePerRequestFilter {

        @Override
        protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws ServletException, IOException {
            Authentication authentication = SecurityContextHolder.getContext().getAuthentication();
            if (authentication != null && !(authentication instanceof AnonymousAuthenticationToken)) {
                try {
                    if (!isTrusted(authentication.getName(), request)) {
                        signOut(request, response);
                    }
                } catch (StoreException e) {
                    // Nobody can tell: the session stays, and nothing is shown.
                    logger.error("Cannot check what a session rests on", e);
                    response.sendError(HttpStatus.SERVICE_UNAVAILABLE.value());
                    return;
                }
            }
            chain.doFilter(request, response);
        }
    }

    /** Reads the record once a minute, and before each change: a stale session must not end the others. */
    private boolean isTrusted(String username, HttpServletRequest request) {
        UserId user;
        try {
            user = host.idOf(username);
        } catch (UsernameNotFoundException e) {
            return false; // the user was deleted, and the session was not
        }
        HttpSession session = request.getSession();
        Instant now = clock.instant();
        if (READING.contains(request.getMethod())
                && session.getAttribute(CHECKED) instanceof Instant checked
                && Duration.between(checked, now).abs().compareTo(CHECK_INTERVAL) < 0) {
            return true;
        }
        if (!twoFactor.isCurrent(user, stamp(request))) {
            return false;
        }
        session.setAttribute(CHECKED, now);
        return true;
    }
}
