// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.RememberMeAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.security.web.DefaultRedirectStrategy;
import org.springframework.security.web.authentication.logout.LogoutHandler;
import org.springframework.security.web.authentication.session.SessionAuthenticationStrategy;
import org.springframework.security.web.context.NullSecurityContextRepository;
import org.springframework.security.web.context.RequestAttributeSecurityContextRepository;
import org.springframework.security.web.context.SecurityContextRepository;
import org.springframework.security.web.savedrequest.RequestCache;

/** What one security filter chain of the application does with a sign-in. */
final class SignInChain {
    private static final String INTERRUPTED = SignInChain.class.getName() + ".interrupted";

    private final SecondFactor secondFactor;
    private final Paths paths;
    private final AnswerWriter answers;
    private final Parts parts;
    private final RequestAttributeSecurityContextRepository ofRequest = new RequestAttributeSecurityContextRepository();

    SignInChain(SecondFactor secondFactor, Paths paths, AnswerWriter answers, Parts parts) {
        this.secondFactor = secondFactor;
        this.paths = paths;
        this.answers = answers;
        this.parts = parts;
    }

    /**
     * The parts of a filter chain.
     *
     * @param holder where the sign-in of the request is
     * @param contexts where sign-ins are stored
     * @param sessions what happens to the session at a sign-in
     * @param requests where the page is stored that a sign-in interrupts
     * @param passwords checks passwords; null if there is nothing that does
     * @param loginPage the page of form login; null if there is none
     * @param rememberMe drops the cookie of remember-me; null if there is none
     */
    record Parts(
            SecurityContextHolderStrategy holder,
            SecurityContextRepository contexts,
            SessionAuthenticationStrategy sessions,
            RequestCache requests,
            @Nullable AuthenticationManager passwords,
            @Nullable String loginPage,
            @Nullable LogoutHandler rememberMe) {}

    Parts parts() {
        return parts;
    }

    boolean isStateless() {
        return parts.contexts() instanceof NullSecurityContextRepository
                || parts.contexts() instanceof RequestAttributeSecurityContextRepository;
    }

    SessionAuthenticationStrategy afterCode(SessionAuthenticationStrategy strategy) {
        return SessionStrategyAfterCode.wrap(strategy, secondFactor);
    }

    @Nullable
    Authentication current() {
        return parts.holder().getContext().getAuthentication();
    }

    // --- After the password ---

    /**
     * Tells whether the success handler of a sign-in filter may run now. Otherwise the response is written, and the
     * handler runs after the code.
     */
    boolean admits(Authentication authentication, String key, HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        if (passes(authentication, key, request, response)) {
            return true;
        }
        answerInterrupted(request, response);
        return false;
    }

    /** Tells whether a sign-in is complete. Otherwise it is put aside, and the response is not written. */
    boolean passes(
            Authentication authentication, String key, HttpServletRequest request, HttpServletResponse response) {
        Verdict verdict = secondFactor.signIn(authentication, request);
        if (verdict instanceof Verdict.Pass pass) {
            accept(pass, authentication, request);
            return true;
        }
        request.setAttribute(INTERRUPTED, verdict);
        if (verdict instanceof Verdict.CodeDue due) {
            hold(authentication, due, key, request, response);
        } else {
            clear(request, response);
        }
        return false;
    }

    /** Answers a sign-in that {@link #passes} has put aside. */
    void answerInterrupted(HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        if (request.getAttribute(INTERRUPTED) instanceof Verdict.CodeDue due) {
            askForCode(due, request, response);
        } else {
            answers.write(new Answer.Failed(problem((Verdict) request.getAttribute(INTERRUPTED))), request, response);
        }
    }

    private void accept(Verdict.Pass pass, Authentication authentication, HttpServletRequest request) {
        SessionState state = isStateless() ? null : SessionState.of(request);
        if (pass.user() == null || pass.stamp() == null) {
            if (state != null) {
                state.startOver();
                state.signedIn(secondFactor.now());
            }
            return;
        }
        SecondFactor.restOn(request, pass.user(), pass.stamp());
        if (state != null) {
            boolean password = !(authentication instanceof RememberMeAuthenticationToken);
            secondFactor.accept(state, pass.user(), pass.stamp(), password ? secondFactor.now() : Instant.EPOCH);
        }
    }

    /** Takes a sign-in out of the security context and keeps it beside, until the code is right. */
    void hold(
            Authentication authentication,
            Verdict.CodeDue due,
            @Nullable String resume,
            HttpServletRequest request,
            HttpServletResponse response) {
        clear(request, response);
        SessionState state = SessionState.create(request);
        Authentication waiting = state.waiting();
        // Remember-me and the like come with each request. They must not take the place of a sign-in that waits.
        boolean repeats = resume == null || SecondFactor.isRepeated(authentication);
        if (!repeats
                || waiting == null
                || !secondFactor.userId(waiting, request).equals(due.user())) {
            state.wait(authentication, due.challenge(), resume);
        }
    }

    /** Makes the request, and the session, one of nobody. */
    void clear(HttpServletRequest request, HttpServletResponse response) {
        SecurityContext empty = parts.holder().createEmptyContext();
        parts.holder().setContext(empty);
        parts.contexts().saveContext(empty, request, response);
        ofRequest.saveContext(empty, request, response);
    }

    /** Ends the session that a sign-in rested on. */
    void end(HttpServletRequest request, HttpServletResponse response) {
        clear(request, response);
        HttpSession session = request.getSession(false);
        if (session != null) {
            session.invalidate();
        }
    }

    private void askForCode(Verdict.CodeDue due, HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        if (answers.wantsPage(request)) {
            redirect(paths.code(), request, response);
        } else {
            refuse(due, request, response);
        }
    }

    /** Tells a program that a code is missing. */
    void refuse(Verdict.CodeDue due, HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        Problem problem = new Problem(Problem.Kind.CODE_REQUIRED, null, null, isStateless() ? due.challenge() : null);
        refuse(problem, request, response);
    }

    void refuse(Problem problem, HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        if (problem.kind().status == HttpServletResponse.SC_UNAUTHORIZED) {
            // RFC 9110 section 15.5.2 asks for the header. No browser opens a window for this scheme.
            response.setHeader("WWW-Authenticate", "Sallyport");
        }
        answers.write(new Answer.Failed(problem), request, response);
    }

    static Problem problem(Verdict verdict) {
        return verdict instanceof Verdict.Failed failed ? failed.problem() : Problem.of(Problem.Kind.SIGN_IN_AGAIN);
    }

    static void redirect(String path, HttpServletRequest request, HttpServletResponse response) throws IOException {
        new DefaultRedirectStrategy().sendRedirect(request, response, path);
    }
}
