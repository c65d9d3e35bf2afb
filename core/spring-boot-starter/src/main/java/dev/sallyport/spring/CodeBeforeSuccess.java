// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.authentication.AuthenticationSuccessHandler;

/**
 * Stands before the success handler of a sign-in filter, so that the application's handler runs after the code and not
 * after the password.
 */
final class CodeBeforeSuccess implements AuthenticationSuccessHandler {
    private final AuthenticationSuccessHandler application;
    private final SignInChain chain;
    private final String key;

    /**
     * Wraps a handler.
     *
     * @param application the application's handler
     * @param chain the filter chain of the sign-in filter
     * @param key the same on every node of the application
     */
    CodeBeforeSuccess(AuthenticationSuccessHandler application, SignInChain chain, String key) {
        this.application = application;
        this.chain = chain;
        this.key = key;
    }

    AuthenticationSuccessHandler application() {
        return application;
    }

    @Override
    public void onAuthenticationSuccess(
            HttpServletRequest request, HttpServletResponse response, Authentication authentication)
            throws IOException, ServletException {
        if (chain.admits(authentication, key, request, response)) {
            application.onAuthenticationSuccess(request, response, authentication);
        }
    }

    /** Called by Spring Security's {@code AuthenticationFilter}, whose handler goes on with the chain. */
    @Override
    public void onAuthenticationSuccess(
            HttpServletRequest request, HttpServletResponse response, FilterChain rest, Authentication authentication)
            throws IOException, ServletException {
        if (chain.admits(authentication, key, request, response)) {
            application.onAuthenticationSuccess(request, response, rest, authentication);
        }
    }
}
