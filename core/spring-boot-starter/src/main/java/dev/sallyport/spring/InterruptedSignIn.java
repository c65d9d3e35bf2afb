// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.authentication.AbstractAuthenticationProcessingFilter;
import org.springframework.security.web.authentication.AuthenticationFailureHandler;
import org.springframework.security.web.authentication.AuthenticationSuccessHandler;
import org.springframework.security.web.authentication.session.SessionAuthenticationStrategy;
import org.springframework.util.ReflectionUtils;

/**
 * A sign-in filter of the application that overrides {@code successfulAuthentication}, for example to write a token
 * there. Such a filter calls no success handler. So the sign-in is interrupted one step earlier, where the filter calls
 * the session strategy, and the method runs after the code.
 */
final class InterruptedSignIn {
    private static final FilterChain NO_CHAIN = (request, response) -> {};

    private final AbstractAuthenticationProcessingFilter filter;
    private final Method method;
    private final SignInChain chain;
    private final String key;

    private InterruptedSignIn(
            AbstractAuthenticationProcessingFilter filter, Method method, SignInChain chain, String key) {
        this.filter = filter;
        this.method = method;
        this.chain = chain;
        this.key = key;
    }

    /** {@return null for a filter that calls its success handler} */
    static @Nullable InterruptedSignIn of(
            AbstractAuthenticationProcessingFilter filter, SignInChain chain, String key) {
        Method method = ReflectionUtils.findMethod(
                filter.getClass(),
                "successfulAuthentication",
                HttpServletRequest.class,
                HttpServletResponse.class,
                FilterChain.class,
                Authentication.class);
        if (method == null || method.getDeclaringClass().getName().startsWith("org.springframework.security.")) {
            return null;
        }
        ReflectionUtils.makeAccessible(method);
        return new InterruptedSignIn(filter, method, chain, key);
    }

    /** The method of the application, as a handler that runs after the code. */
    AuthenticationSuccessHandler success() {
        return (request, response, authentication) -> {
            try {
                method.invoke(filter, request, response, NO_CHAIN, authentication);
            } catch (InvocationTargetException e) {
                Throwable thrown = e.getCause();
                if (thrown instanceof IOException failed) {
                    throw failed;
                }
                if (thrown instanceof ServletException failed) {
                    throw failed;
                }
                ReflectionUtils.rethrowRuntimeException(thrown);
            } catch (IllegalAccessException e) {
                throw new AssertionError("the method was made accessible", e);
            }
        };
    }

    /** Interrupts a sign-in that needs a code. */
    SessionAuthenticationStrategy sessions(SessionAuthenticationStrategy strategy) {
        return (authentication, request, response) -> {
            strategy.onAuthentication(authentication, request, response);
            if (!chain.passes(authentication, key, request, response)) {
                throw new CodeDueException();
            }
        };
    }

    /** Asks for the code where the filter believes that the sign-in has failed. */
    AuthenticationFailureHandler failure(AuthenticationFailureHandler application) {
        return (request, response, exception) -> {
            if (exception instanceof CodeDueException) {
                chain.answerInterrupted(request, response);
            } else {
                application.onAuthenticationFailure(request, response, exception);
            }
        };
    }

    /** Ends the work of the filter. */
    private static final class CodeDueException extends AuthenticationException {
        private static final long serialVersionUID = 1L;

        CodeDueException() {
            super("a code is missing");
        }
    }
}
