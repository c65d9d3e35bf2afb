// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.authentication.session.SessionAuthenticationStrategy;

/**
 * Counts a session only after the code. Otherwise somebody with the password alone could push the owner's session out
 * of an application that allows one session. After the password, the id of the session changes and nothing else.
 */
final class SessionStrategyAfterCode implements SessionAuthenticationStrategy {
    private final SessionAuthenticationStrategy application;
    private final SecondFactor secondFactor;

    private SessionStrategyAfterCode(SessionAuthenticationStrategy application, SecondFactor secondFactor) {
        this.application = application;
        this.secondFactor = secondFactor;
    }

    static SessionAuthenticationStrategy wrap(SessionAuthenticationStrategy strategy, SecondFactor secondFactor) {
        return strategy instanceof SessionStrategyAfterCode
                ? strategy
                : new SessionStrategyAfterCode(strategy, secondFactor);
    }

    static SessionAuthenticationStrategy unwrap(SessionAuthenticationStrategy strategy) {
        return strategy instanceof SessionStrategyAfterCode wrapper ? wrapper.application : strategy;
    }

    @Override
    public void onAuthentication(
            Authentication authentication, HttpServletRequest request, HttpServletResponse response) {
        if (secondFactor.signIn(authentication, request) instanceof Verdict.Pass) {
            application.onAuthentication(authentication, request, response);
        } else if (request.getSession(false) != null && !SecondFactor.isRepeated(authentication)) {
            request.changeSessionId();
        }
    }
}
