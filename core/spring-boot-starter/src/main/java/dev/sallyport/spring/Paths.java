// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;

/** The paths of this module, without the context path. */
final class Paths {
    private final String base;
    private final String prefix;
    private final @Nullable String codePage;
    private final List<RequestMatcher> exempt;

    Paths(SallyportProperties properties) {
        this.base = properties.path();
        this.prefix = base + "/";
        this.codePage = properties.codePage();
        this.exempt = properties.exemptPaths().stream().map(Paths::matcher).toList();
    }

    private static RequestMatcher matcher(String pattern) {
        return PathPatternRequestMatcher.withDefaults().matcher(pattern);
    }

    static String of(HttpServletRequest request) {
        String info = request.getPathInfo();
        return request.getServletPath() + (info == null ? "" : info);
    }

    String base() {
        return base;
    }

    String code() {
        return base + "/code";
    }

    boolean isCodePageOfApplication(String path) {
        return path.equals(codePage);
    }

    /** {@return the part below the base, such as {@code /code}; null for other paths} */
    @Nullable
    String below(String path) {
        return path.equals(base) ? "" : path.startsWith(prefix) ? path.substring(base.length()) : null;
    }

    /** Our own paths are never exempt: they change what a sign-in needs. */
    boolean isExempt(HttpServletRequest request) {
        return !exempt.isEmpty()
                && below(of(request)) == null
                && exempt.stream().anyMatch(matcher -> matcher.matches(request));
    }

    /** Tells whether a browser opens a page. */
    static boolean isPageLoad(HttpServletRequest request) {
        if (!HttpMethod.GET.matches(request.getMethod())
                || "XMLHttpRequest".equals(request.getHeader("X-Requested-With"))) {
            return false;
        }
        try {
            return MediaType.parseMediaTypes(request.getHeader("Accept")).stream()
                    .anyMatch(MediaType.TEXT_HTML::equalsTypeAndSubtype);
        } catch (InvalidMediaTypeException e) {
            return false;
        }
    }
}
