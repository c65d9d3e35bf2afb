// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.TwoFactorPolicy;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.context.MessageSource;
import org.springframework.context.support.StaticMessageSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.security.web.csrf.DefaultCsrfToken;

/** An answer writer and requests for it. */
final class Rendering {
    static final String TOKEN = "csrf-token-of-the-test";

    private final AnswerWriter writer;

    Rendering(Instant now, Map<String, String> properties, MessageSource application) {
        MapConfigurationPropertySource source = new MapConfigurationPropertySource();
        source.put("sallyport.issuer", "Acme");
        properties.forEach(source::put);
        SallyportProperties bound = new Binder(source).bindOrCreate("sallyport", SallyportProperties.class);
        writer = new AnswerWriter(
                bound, TwoFactorPolicy.defaults(), () -> now, application, HttpServletRequest::getLocale);
    }

    Rendering(Instant now) {
        this(now, Map.of(), new StaticMessageSource());
    }

    AnswerWriter writer() {
        return writer;
    }

    static MockHttpServletRequest browser(String method, String path, Locale locale) {
        MockHttpServletRequest request = new MockHttpServletRequest(method, path);
        request.addHeader("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        request.addPreferredLocale(locale);
        request.setRemoteUser("alice");
        request.setAttribute(CsrfToken.class.getName(), new DefaultCsrfToken("X-CSRF-TOKEN", "_csrf", TOKEN));
        return request;
    }

    static MockHttpServletRequest program(String method, String path) {
        MockHttpServletRequest request = new MockHttpServletRequest(method, path);
        request.addHeader("Accept", "application/json");
        request.addPreferredLocale(Locale.ENGLISH);
        request.setRemoteUser("alice");
        return request;
    }

    MockHttpServletResponse write(Answer answer, MockHttpServletRequest request) {
        MockHttpServletResponse response = new MockHttpServletResponse();
        try {
            writer.write(answer, request, response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ServletException e) {
            throw new AssertionError(e);
        }
        return response;
    }

    String page(Answer answer, Locale locale) {
        return text(write(answer, browser("GET", "/two-factor", locale)));
    }

    static String text(MockHttpServletResponse response) {
        return new String(response.getContentAsByteArray(), StandardCharsets.UTF_8);
    }
}
