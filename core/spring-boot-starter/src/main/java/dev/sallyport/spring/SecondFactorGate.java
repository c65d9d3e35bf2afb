// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.RememberMeAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.web.filter.GenericFilterBean;

/**
 * Stands directly before the filter that makes a request anonymous. A sign-in that still needs a code does not pass:
 * for the rest of the filter chain and for the application, the request is anonymous.
 *
 * <p>It also looks at the dispatches after the first one (errors, forwards, asynchronous requests), because a cookie of
 * remember-me signs in for each of them.
 */
final class SecondFactorGate extends GenericFilterBean {
    /** The request attribute of a session that has just ended. */
    static final String ENDED = SecondFactorGate.class.getName() + ".ended";

    private final SecondFactor secondFactor;
    private final SignInChain chain;
    private final SignInChains chains;
    private final Paths paths;
    private final CodeEndpoints codes;
    private final AnswerWriter answers;

    SecondFactorGate(
            SecondFactor secondFactor,
            SignInChain chain,
            SignInChains chains,
            Paths paths,
            CodeEndpoints codes,
            AnswerWriter answers) {
        this.secondFactor = secondFactor;
        this.chain = chain;
        this.chains = chains;
        this.paths = paths;
        this.codes = codes;
        this.answers = answers;
    }

    SignInChain chain() {
        return chain;
    }

    /** {@return a filter that judges at one more place of the chain, and does nothing else} */
    Filter elsewhere() {
        return new Elsewhere();
    }

    /** Some filters act for a user before the gate, and some sign in behind it. */
    private final class Elsewhere extends GenericFilterBean {
        @Override
        public void doFilter(ServletRequest anyRequest, ServletResponse response, FilterChain rest)
                throws IOException, ServletException {
            HttpServletRequest request = (HttpServletRequest) anyRequest;
            boolean first = request.getDispatcherType() == DispatcherType.REQUEST;
            if (paths.isExempt(request) || judge(first, request, (HttpServletResponse) response)) {
                rest.doFilter(request, response);
            }
        }
    }

    @Override
    public void doFilter(ServletRequest anyRequest, ServletResponse anyResponse, FilterChain rest)
            throws IOException, ServletException {
        HttpServletRequest request = (HttpServletRequest) anyRequest;
        HttpServletResponse response = (HttpServletResponse) anyResponse;
        boolean first = request.getDispatcherType() == DispatcherType.REQUEST;
        if (first && codes.serveAsset(request, response)) {
            return;
        }
        if (!paths.isExempt(request)) {
            if (!judge(first, request, response)) {
                return;
            }
            if (first && (codes.serve(chain, request, response) || leadToCode(request, response))) {
                return;
            }
        }
        rest.doFilter(request, response);
    }

    /** {@return false if the response is written} */
    private boolean judge(boolean first, HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        Authentication authentication = chain.current();
        if (authentication == null || !SecondFactor.isSomebody(authentication)) {
            return true;
        }
        boolean loaded = LoadedSignIn.of(request) == authentication;
        Verdict verdict = secondFactor.request(authentication, request, loaded);
        if (verdict instanceof Verdict.Pass) {
            return true;
        }
        if (!first) {
            chain.parts().holder().setContext(chain.parts().holder().createEmptyContext());
            return true;
        }
        if (verdict instanceof Verdict.CodeDue due) {
            if (!loaded && !waitsInSession(authentication, request)) {
                chain.clear(request, response);
                chain.refuse(due, request, response);
                return false;
            }
            chain.hold(authentication, due, null, request, response);
            return true;
        }
        if (verdict instanceof Verdict.Failed failed) {
            // The session is kept: the user goes on when the store is back.
            answers.write(new Answer.Failed(failed.problem()), request, response);
            return false;
        }
        if (!loaded) {
            chain.clear(request, response);
            chain.refuse(SignInChain.problem(verdict), request, response);
            return false;
        }
        chain.end(request, response);
        request.setAttribute(ENDED, true);
        return true;
    }

    /**
     * A sign-in that came with the request waits in the session if a person can show the code: by a cookie of
     * remember-me, or by a certificate or a proxy's header that opens a page. It goes on waiting there while other
     * requests bring it again, such as the form with the code. A program with a password or a token cannot show one.
     */
    private boolean waitsInSession(Authentication authentication, HttpServletRequest request) {
        if (authentication instanceof RememberMeAuthenticationToken) {
            return true;
        }
        SessionState state = SessionState.of(request);
        if (state != null && state.waiting() != null && SecondFactor.isRepeated(authentication)) {
            return true;
        }
        return !chain.isStateless()
                && request.getHeader(HttpHeaders.AUTHORIZATION) == null
                && Paths.isPageLoad(request);
    }

    /** Leads each page to the code page while a sign-in waits. {@return whether the response is written} */
    private boolean leadToCode(HttpServletRequest request, HttpServletResponse response) throws IOException {
        SessionState state = SessionState.of(request);
        String path = Paths.of(request);
        if (state == null
                || state.waiting() == null
                || !Paths.isPageLoad(request)
                || paths.isCodePageOfApplication(path)
                || chains.isLoginPage(path)) {
            return false;
        }
        if (chain.parts().requests().getRequest(request, response) == null) {
            chain.parts().requests().saveRequest(request, response);
        }
        SignInChain.redirect(paths.code(), request, response);
        return true;
    }
}
