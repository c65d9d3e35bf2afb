// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.web.filter.GenericFilterBean;

/**
 * Stands behind the filter that leads an anonymous request to the login page. Where the request is anonymous because a
 * code is missing, or because the session has just ended, it says so instead.
 */
final class CodeDueTranslation extends GenericFilterBean {
    private final SignInChain chain;
    private final Paths paths;
    private final AnswerWriter answers;

    CodeDueTranslation(SignInChain chain, Paths paths, AnswerWriter answers) {
        this.chain = chain;
        this.paths = paths;
        this.answers = answers;
    }

    @Override
    public void doFilter(ServletRequest anyRequest, ServletResponse anyResponse, FilterChain rest)
            throws IOException, ServletException {
        HttpServletRequest request = (HttpServletRequest) anyRequest;
        HttpServletResponse response = (HttpServletResponse) anyResponse;
        try {
            rest.doFilter(request, response);
        } catch (RuntimeException | ServletException e) {
            if (response.isCommitted() || !isDenied(e) || !answer(request, response)) {
                throw e;
            }
        }
    }

    private boolean answer(HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        Authentication current = chain.current();
        if (current != null && SecondFactor.isSomebody(current)) {
            return false;
        }
        boolean page = answers.wantsPage(request);
        SessionState state = SessionState.of(request);
        if (state != null && state.waiting() != null) {
            if (page) {
                SignInChain.redirect(paths.code(), request, response);
            } else {
                chain.refuse(Problem.of(Problem.Kind.CODE_REQUIRED), request, response);
            }
            return true;
        }
        if (request.getAttribute(SecondFactorGate.ENDED) != null && !page) {
            chain.refuse(Problem.of(Problem.Kind.SIGN_IN_AGAIN), request, response);
            return true;
        }
        return false;
    }

    private static boolean isDenied(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof AccessDeniedException || cause instanceof AuthenticationException) {
                return true;
            }
        }
        return false;
    }
}
