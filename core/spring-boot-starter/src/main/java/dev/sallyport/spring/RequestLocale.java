// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import java.util.function.Function;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.util.ClassUtils;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.LocaleResolver;

/**
 * The language of a request. An application with Spring MVC decides by its {@link LocaleResolver}, so that Sallyport's
 * pages have the language of its own pages. Otherwise the header {@code Accept-Language} decides.
 */
final class RequestLocale implements Function<HttpServletRequest, Locale> {
    private static final boolean MVC = ClassUtils.isPresent(
            "org.springframework.web.servlet.LocaleResolver", RequestLocale.class.getClassLoader());

    private final BeanFactory beans;

    /**
     * Makes the function.
     *
     * @param beans where the application's {@code LocaleResolver} is
     */
    RequestLocale(BeanFactory beans) {
        this.beans = beans;
    }

    @Override
    public Locale apply(HttpServletRequest request) {
        if (MVC && Mvc.hasResolver(beans)) {
            return Mvc.locale(beans, request);
        }
        // Without the header, the servlet API would give the language of the server.
        return request.getHeader("Accept-Language") == null ? Locale.ENGLISH : request.getLocale();
    }

    /** Loaded only where Spring MVC is there. */
    private static final class Mvc {
        private Mvc() {}

        static boolean hasResolver(BeanFactory beans) {
            return beans.containsBean(DispatcherServlet.LOCALE_RESOLVER_BEAN_NAME);
        }

        static Locale locale(BeanFactory beans, HttpServletRequest request) {
            return beans.getBean(DispatcherServlet.LOCALE_RESOLVER_BEAN_NAME, LocaleResolver.class)
                    .resolveLocale(request);
        }
    }
}
