// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.TwoFactor;
import jakarta.servlet.http.HttpSession;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationContext;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractAuthenticationFilterConfigurer;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.FormLoginConfigurer;
import org.springframework.security.config.annotation.web.configurers.LogoutConfigurer;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.security.web.access.ExceptionTranslationFilter;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.authentication.AnonymousAuthenticationFilter;
import org.springframework.security.web.authentication.RememberMeServices;
import org.springframework.security.web.authentication.logout.LogoutFilter;
import org.springframework.security.web.authentication.logout.LogoutHandler;
import org.springframework.security.web.authentication.session.NullAuthenticatedSessionStrategy;
import org.springframework.security.web.authentication.session.SessionAuthenticationStrategy;
import org.springframework.security.web.context.HttpSessionSecurityContextRepository;
import org.springframework.security.web.context.SecurityContextRepository;
import org.springframework.security.web.csrf.CsrfFilter;
import org.springframework.security.web.savedrequest.HttpSessionRequestCache;
import org.springframework.security.web.savedrequest.RequestCache;
import org.springframework.util.ReflectionUtils;

/**
 * Puts the gate into a security filter chain. Spring Security finds this class in {@code META-INF/spring.factories} and
 * adds it to each {@link HttpSecurity} that it gives to the application. It does nothing in an application without a
 * {@link TwoFactor}, or with {@code sallyport.enabled=false}.
 */
public final class SecondFactorConfigurer extends AbstractHttpConfigurer<SecondFactorConfigurer, HttpSecurity> {
    private @Nullable SessionAuthenticationStrategy sessions;

    /** Made by Spring Security. */
    public SecondFactorConfigurer() {}

    private static @Nullable <T> T bean(HttpSecurity http, Class<T> type) {
        return http.getSharedObject(ApplicationContext.class)
                .getBeanProvider(type)
                .getIfAvailable();
    }

    @Override
    public void init(HttpSecurity http) {
        SecondFactor secondFactor = bean(http, SecondFactor.class);
        if (secondFactor == null) {
            return;
        }
        sessions = http.getSharedObject(SessionAuthenticationStrategy.class);
        if (sessions != null) {
            http.setSharedObject(
                    SessionAuthenticationStrategy.class, SessionStrategyAfterCode.wrap(sessions, secondFactor));
        }
        LogoutConfigurer<HttpSecurity> logout = logout(http);
        if (logout != null) {
            // An application may keep the session at a sign-out. What a sign-in has left there must not stay.
            logout.addLogoutHandler((request, response, authentication) -> {
                HttpSession session = request.getSession(false);
                SessionState state = session == null ? null : SessionState.of(request);
                if (state != null) {
                    state.startOver();
                }
            });
        }
    }

    @SuppressWarnings("unchecked")
    private static @Nullable LogoutConfigurer<HttpSecurity> logout(HttpSecurity http) {
        return http.getConfigurer(LogoutConfigurer.class);
    }

    /** {@return the page of form login; null if there is none} The getter is protected in 6.5, 7.0 and 7.1. */
    @SuppressWarnings("unchecked")
    private static @Nullable String loginPage(HttpSecurity http) {
        FormLoginConfigurer<HttpSecurity> form = http.getConfigurer(FormLoginConfigurer.class);
        if (form == null) {
            return null;
        }
        Method getter = loginPageGetter();
        ReflectionUtils.makeAccessible(getter);
        return (String) ReflectionUtils.invokeMethod(getter, form);
    }

    /** {@return the method that is called by reflection, for a native image} */
    static Method loginPageGetter() {
        Method getter = ReflectionUtils.findMethod(AbstractAuthenticationFilterConfigurer.class, "getLoginPage");
        if (getter == null) {
            throw new IllegalStateException("this version of Spring Security is not supported: "
                    + AbstractAuthenticationFilterConfigurer.class.getName() + " has no method getLoginPage");
        }
        return getter;
    }

    @Override
    public void configure(HttpSecurity http) {
        SecondFactor secondFactor = bean(http, SecondFactor.class);
        TwoFactor twoFactor = bean(http, TwoFactor.class);
        Paths paths = bean(http, Paths.class);
        SignInChains chains = bean(http, SignInChains.class);
        AnswerWriter answers = bean(http, AnswerWriter.class);
        if (secondFactor == null || twoFactor == null || paths == null || chains == null || answers == null) {
            return;
        }
        SignInChain chain = new SignInChain(secondFactor, paths, answers, parts(http));
        CodeEndpoints codes = new CodeEndpoints(twoFactor, secondFactor, chains, paths, answers);
        http.addFilterBefore(new LoadedSignIn(chain, codes), CsrfFilter.class);
        SecondFactorGate gate = new SecondFactorGate(secondFactor, chain, chains, paths, codes, answers);
        // A filter may act for the user of the session before the gate: an authorization server issues codes there.
        http.addFilterAfter(gate.elsewhere(), LogoutFilter.class);
        http.addFilterBefore(gate, AnonymousAuthenticationFilter.class);
        // A filter of the application may sign in behind the gate.
        http.addFilterBefore(gate.elsewhere(), AuthorizationFilter.class);
        http.addFilterAfter(new CodeDueTranslation(chain, paths, answers), ExceptionTranslationFilter.class);
        http.addFilterAfter(
                new SettingsEndpoints(twoFactor, secondFactor, chain, chains, paths, answers),
                AuthorizationFilter.class);
    }

    private SignInChain.Parts parts(HttpSecurity http) {
        SecurityContextHolderStrategy holder = bean(http, SecurityContextHolderStrategy.class);
        SecurityContextRepository contexts = http.getSharedObject(SecurityContextRepository.class);
        RequestCache requests = http.getSharedObject(RequestCache.class);
        RememberMeServices rememberMe = http.getSharedObject(RememberMeServices.class);
        return new SignInChain.Parts(
                holder == null ? SecurityContextHolder.getContextHolderStrategy() : holder,
                contexts == null ? new HttpSessionSecurityContextRepository() : contexts,
                sessions == null ? new NullAuthenticatedSessionStrategy() : sessions,
                requests == null ? new HttpSessionRequestCache() : requests,
                http.getSharedObject(AuthenticationManager.class),
                loginPage(http),
                rememberMe instanceof LogoutHandler logout ? logout : null);
    }
}
