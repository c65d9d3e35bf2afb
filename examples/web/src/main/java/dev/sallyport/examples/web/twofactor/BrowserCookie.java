// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web.twofactor;

import dev.sallyport.BrowserToken;
import dev.sallyport.UserId;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;
import org.springframework.stereotype.Component;
import org.springframework.web.util.WebUtils;

/**
 * The cookie of a remembered browser: one for each user, so that two people can share a browser, and sent to this host alone,
 * over TLS alone, out of reach of scripts and of other sites' forms.
 */
@Component
class BrowserCookie {

    @Nullable
    String of(UserId user, HttpServletRequest request) {
        Cookie cookie = WebUtils.getCookie(request, name(user));
        return cookie == null ? null : cookie.getValue();
    }

    void set(UserId user, BrowserToken token, HttpServletResponse response) {
        send(user, token.value(), token.maxAge(), response);
    }

    void clear(UserId user, HttpServletResponse response) {
        send(user, "", Duration.ZERO, response);
    }

    private static void send(UserId user, String value, Duration maxAge, HttpServletResponse response) {
        ResponseCookie cookie = ResponseCookie.from(name(user), value)
                .maxAge(maxAge)
                .path("/")
                .secure(true)
                .httpOnly(true)
                .sameSite("Lax")
                .build();
        response.addHeader(HttpHeaders.SET_COOKIE, cookie.toString());
    }

    /** Any id fits so, whatever characters it has. */
    private static String name(UserId user) {
        return "__Host-browser-" + Sha256.hex(user.value()).substring(0, 16);
    }

    /** What tells the user which browser it was. */
    static String label(HttpServletRequest request) {
        String agent = String.valueOf(request.getHeader(HttpHeaders.USER_AGENT));
        String browser = agent.contains("Edg/")
                ? "Edge"
                : agent.contains("Firefox/")
                        ? "Firefox"
                        : agent.contains("Chrome/") ? "Chrome" : agent.contains("Safari/") ? "Safari" : "A browser";
        String system = agent.contains("Android")
                ? "Android"
                : agent.contains("iPhone") || agent.contains("iPad")
                        ? "iOS"
                        : agent.contains("Windows")
                                ? "Windows"
                                : agent.contains("Mac OS") ? "macOS" : agent.contains("Linux") ? "Linux" : "";
        return system.isEmpty() ? browser : browser + " on " + system;
    }
}
