// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import jakarta.servlet.Filter;
import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.security.web.FilterChainProxy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.ExceptionTranslationFilter;
import org.springframework.security.web.authentication.AbstractAuthenticationProcessingFilter;
import org.springframework.security.web.authentication.AuthenticationFailureHandler;
import org.springframework.security.web.authentication.AuthenticationFilter;
import org.springframework.security.web.authentication.AuthenticationSuccessHandler;
import org.springframework.security.web.authentication.LoginUrlAuthenticationEntryPoint;
import org.springframework.security.web.authentication.SavedRequestAwareAuthenticationSuccessHandler;
import org.springframework.security.web.authentication.SimpleUrlAuthenticationFailureHandler;
import org.springframework.security.web.authentication.preauth.AbstractPreAuthenticatedProcessingFilter;
import org.springframework.security.web.authentication.rememberme.RememberMeAuthenticationFilter;
import org.springframework.security.web.authentication.session.SessionAuthenticationStrategy;
import org.springframework.security.web.authentication.ui.DefaultLoginPageGeneratingFilter;
import org.springframework.security.web.debug.DebugFilter;
import org.springframework.util.ReflectionUtils;

/**
 * All security filter chains of the application. When every bean is made, this class finds the filters that sign in and
 * stands before their success handlers. It refuses to start an application that has a chain without the gate, because
 * a password alone would be enough there.
 */
final class SignInChains implements SmartInitializingSingleton {
    private static final String SUCCESS = "successHandler";
    private static final String PRE_AUTHENTICATED_SUCCESS = "authenticationSuccessHandler";
    private static final String FAILURE = "failureHandler";
    private static final String SESSIONS = "sessionStrategy";
    private static final String FILTER_CHAINS = "springSecurityFilterChain";

    private final BeanFactory beans;
    private final Map<String, SignIn> signIns = new ConcurrentHashMap<>();
    private final Map<SignInChain, String> loginPages = new ConcurrentHashMap<>();
    private volatile @Nullable String loginPage;

    SignInChains(BeanFactory beans) {
        this.beans = beans;
    }

    /** How one sign-in filter goes on after the code. */
    record SignIn(
            SignInChain chain,
            AuthenticationSuccessHandler success,
            AuthenticationFailureHandler failure,
            SessionAuthenticationStrategy sessions) {}

    /** {@return how to go on; as form login does by default, if no sign-in filter is known by the key} */
    SignIn resume(@Nullable String key, SignInChain otherwise) {
        SignIn known = key == null ? null : signIns.get(key);
        if (known != null) {
            return known;
        }
        SavedRequestAwareAuthenticationSuccessHandler success = new SavedRequestAwareAuthenticationSuccessHandler();
        success.setRequestCache(otherwise.parts().requests());
        return new SignIn(otherwise, success, failure(), otherwise.parts().sessions());
    }

    private AuthenticationFailureHandler failure() {
        return new SimpleUrlAuthenticationFailureHandler(loginPage());
    }

    /** {@return the page where somebody signs in; "/" if no chain names one} */
    String loginPage() {
        String page = loginPage;
        return page == null ? "/" : page;
    }

    /** {@return the page where somebody signs in to this filter chain} */
    String loginPage(SignInChain chain) {
        return loginPages.getOrDefault(chain, loginPage());
    }

    boolean isLoginPage(String path) {
        return loginPages.containsValue(path);
    }

    // --- At the start ---

    @Override
    public void afterSingletonsInstantiated() {
        List<SecurityFilterChain> chains = chains();
        for (int i = 0; i < chains.size(); i++) {
            List<Filter> filters = chains.get(i).getFilters();
            SignInChain chain = chainOf(filters);
            if (chain != null) {
                findLoginPage(chain, filters);
                stand(chain, i, filters);
            } else if (!filters.isEmpty()) {
                throw new ConfigurationException(
                        "The security filter chain " + chains.get(i) + " has no gate for two-factor authentication, so"
                                + " a password alone would be enough there.",
                        "Build it from the HttpSecurity that Spring gives to the @Bean method, and do not disable the"
                                + " SecondFactorConfigurer. If nobody signs in there, use a chain without filters. To"
                                + " leave out some paths, set sallyport.exempt-paths.");
            }
        }
    }

    private List<SecurityFilterChain> chains() {
        Object proxy = beans.containsBean(FILTER_CHAINS) ? beans.getBean(FILTER_CHAINS) : null;
        if (proxy instanceof DebugFilter debug) {
            proxy = debug.getFilterChainProxy();
        }
        return proxy instanceof FilterChainProxy all
                ? all.getFilterChains()
                : beans.getBeanProvider(SecurityFilterChain.class)
                        .orderedStream()
                        .toList();
    }

    private static @Nullable SignInChain chainOf(List<Filter> filters) {
        for (Filter filter : filters) {
            if (filter instanceof SecondFactorGate gate) {
                return gate.chain();
            }
        }
        return null;
    }

    private void findLoginPage(SignInChain chain, List<Filter> filters) {
        keepLoginPage(chain, chain.parts().loginPage());
        for (Filter filter : filters) {
            keepLoginPage(chain, loginPageOf(filter));
        }
    }

    private void keepLoginPage(SignInChain chain, @Nullable String page) {
        if (page != null && page.startsWith("/")) {
            loginPages.put(chain, page);
            // The last chain is the one for everything else, and our pages are there.
            loginPage = page;
        }
    }

    private static @Nullable String loginPageOf(Filter filter) {
        if (filter instanceof DefaultLoginPageGeneratingFilter generated) {
            return generated.getLoginPageUrl();
        }
        return filter instanceof ExceptionTranslationFilter translation
                        && translation.getAuthenticationEntryPoint() instanceof LoginUrlAuthenticationEntryPoint entry
                ? entry.getLoginFormUrl()
                : null;
    }

    /** Stands before each handler, once. The key counts, so that two filters of one class have two keys. */
    private void stand(SignInChain chain, int index, List<Filter> filters) {
        Map<String, Integer> counts = new HashMap<>();
        for (Filter filter : filters) {
            String type = filter.getClass().getName();
            String key = index + ":" + type + ":" + counts.merge(type, 1, Integer::sum);
            Handlers handlers = Handlers.of(filter);
            if (handlers == null || handlers.success() == null) {
                continue;
            }
            if (filter instanceof AbstractAuthenticationProcessingFilter login) {
                InterruptedSignIn interrupted = InterruptedSignIn.of(login, chain, key);
                if (interrupted != null) {
                    interrupt(login, handlers, interrupted, chain, key);
                    continue;
                }
            }
            AuthenticationSuccessHandler success =
                    handlers.success() instanceof CodeBeforeSuccess before ? before.application() : handlers.success();
            handlers.setSuccess(new CodeBeforeSuccess(success, chain, key));
            SessionAuthenticationStrategy sessions = handlers.sessions();
            if (sessions != null) {
                handlers.setSessions(chain.afterCode(sessions));
            }
            signIns.put(
                    key,
                    new SignIn(
                            chain,
                            success,
                            handlers.failure() == null ? failure() : handlers.failure(),
                            sessions == null ? chain.parts().sessions() : SessionStrategyAfterCode.unwrap(sessions)));
        }
    }

    private void interrupt(
            AbstractAuthenticationProcessingFilter login,
            Handlers handlers,
            InterruptedSignIn interrupted,
            SignInChain chain,
            String key) {
        AuthenticationFailureHandler failure = handlers.failure();
        AuthenticationFailureHandler application = failure == null ? failure() : failure;
        SessionAuthenticationStrategy sessions = handlers.sessions();
        SessionAuthenticationStrategy strategy =
                sessions == null ? chain.parts().sessions() : sessions;
        login.setAuthenticationFailureHandler(interrupted.failure(application));
        login.setSessionAuthenticationStrategy(interrupted.sessions(chain.afterCode(strategy)));
        signIns.put(
                key, new SignIn(chain, interrupted.success(), application, SessionStrategyAfterCode.unwrap(strategy)));
    }

    /**
     * The handlers of a filter. Spring Security has setters for them all, and no getter for most. The names are the
     * same in 6.5, 7.0 and 7.1; the start fails if one is not there.
     */
    private record Handlers(Filter filter, Class<?> type, String successField) {
        static @Nullable Handlers of(Filter filter) {
            if (filter instanceof AbstractAuthenticationProcessingFilter) {
                return new Handlers(filter, AbstractAuthenticationProcessingFilter.class, SUCCESS);
            }
            if (filter instanceof AuthenticationFilter) {
                return new Handlers(filter, AuthenticationFilter.class, SUCCESS);
            }
            if (filter instanceof RememberMeAuthenticationFilter) {
                return new Handlers(filter, RememberMeAuthenticationFilter.class, SUCCESS);
            }
            if (filter instanceof AbstractPreAuthenticatedProcessingFilter) {
                return new Handlers(filter, AbstractPreAuthenticatedProcessingFilter.class, PRE_AUTHENTICATED_SUCCESS);
            }
            return null;
        }

        @Nullable
        AuthenticationSuccessHandler success() {
            return filter instanceof AuthenticationFilter any
                    ? any.getSuccessHandler()
                    : (AuthenticationSuccessHandler) read(successField);
        }

        void setSuccess(AuthenticationSuccessHandler handler) {
            if (filter instanceof AbstractAuthenticationProcessingFilter login) {
                login.setAuthenticationSuccessHandler(handler);
            } else if (filter instanceof AuthenticationFilter any) {
                any.setSuccessHandler(handler);
            } else if (filter instanceof RememberMeAuthenticationFilter rememberMe) {
                rememberMe.setAuthenticationSuccessHandler(handler);
            } else if (filter instanceof AbstractPreAuthenticatedProcessingFilter preAuthenticated) {
                preAuthenticated.setAuthenticationSuccessHandler(handler);
            }
        }

        @Nullable
        AuthenticationFailureHandler failure() {
            if (filter instanceof AbstractAuthenticationProcessingFilter) {
                return (AuthenticationFailureHandler) read(FAILURE);
            }
            return filter instanceof AuthenticationFilter any ? any.getFailureHandler() : null;
        }

        @Nullable
        SessionAuthenticationStrategy sessions() {
            return filter instanceof AbstractAuthenticationProcessingFilter
                            || filter instanceof RememberMeAuthenticationFilter
                    ? (SessionAuthenticationStrategy) read(SESSIONS)
                    : null;
        }

        void setSessions(SessionAuthenticationStrategy strategy) {
            if (filter instanceof AbstractAuthenticationProcessingFilter login) {
                login.setSessionAuthenticationStrategy(strategy);
            } else if (filter instanceof RememberMeAuthenticationFilter rememberMe) {
                rememberMe.setSessionAuthenticationStrategy(strategy);
            }
        }

        private @Nullable Object read(String name) {
            Field field = field(type, name);
            ReflectionUtils.makeAccessible(field);
            return ReflectionUtils.getField(field, filter);
        }
    }

    /** {@return the fields that have no getter, for a native image} */
    static List<Field> handlerFields() {
        return List.of(
                field(AbstractAuthenticationProcessingFilter.class, SUCCESS),
                field(AbstractAuthenticationProcessingFilter.class, FAILURE),
                field(AbstractAuthenticationProcessingFilter.class, SESSIONS),
                field(RememberMeAuthenticationFilter.class, SUCCESS),
                field(RememberMeAuthenticationFilter.class, SESSIONS),
                field(AbstractPreAuthenticatedProcessingFilter.class, PRE_AUTHENTICATED_SUCCESS));
    }

    private static Field field(Class<?> type, String name) {
        Field field = ReflectionUtils.findField(type, name);
        if (field == null) {
            throw new IllegalStateException(
                    "this version of Spring Security is not supported: " + type.getName() + " has no field " + name);
        }
        return field;
    }
}
