// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.web.filter.GenericFilterBean;

/**
 * Stands before every filter that signs in, and notes which sign-in was loaded from the session. It also answers the
 * code page's form of a browser tab whose sign-in is over, which no longer has a valid CSRF token. That changes
 * nothing.
 */
final class LoadedSignIn extends GenericFilterBean {
    private static final String LOADED = LoadedSignIn.class.getName();

    private final SignInChain chain;
    private final CodeEndpoints codes;

    LoadedSignIn(SignInChain chain, CodeEndpoints codes) {
        this.chain = chain;
        this.codes = codes;
    }

    static @Nullable Authentication of(HttpServletRequest request) {
        return (Authentication) request.getAttribute(LOADED);
    }

    @Override
    public void doFilter(ServletRequest anyRequest, ServletResponse anyResponse, FilterChain rest)
            throws IOException, ServletException {
        HttpServletRequest request = (HttpServletRequest) anyRequest;
        request.setAttribute(LOADED, chain.current());
        if (request.getDispatcherType() != DispatcherType.REQUEST
                || !codes.serveLateForm(chain, request, (HttpServletResponse) anyResponse)) {
            rest.doFilter(anyRequest, anyResponse);
        }
    }
}
