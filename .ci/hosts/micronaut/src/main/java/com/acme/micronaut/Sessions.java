// SPDX-License-Identifier: Apache-2.0
package com.acme.micronaut;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.cookie.Cookie;
import io.micronaut.http.cookie.SameSite;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** The sessions that the application had before: texts in memory, and a cookie with a random id. */
@Singleton
class Sessions {
    private static final String COOKIE = "session";

    private final Map<String, Map<String, String>> sessions = new ConcurrentHashMap<>();

    /** The session of a request; an empty one if it has none, which is not kept. */
    Map<String, String> of(HttpRequest<?> request) {
        return request.getCookies()
                .findCookie(COOKIE)
                .map(cookie -> sessions.get(cookie.getValue()))
                .orElseGet(ConcurrentHashMap::new);
    }

    /** Ends the session of the request, and begins another one. */
    void begin(HttpRequest<?> request, MutableHttpResponse<?> response, Map<String, String> session) {
        request.getCookies().findCookie(COOKIE).ifPresent(cookie -> sessions.remove(cookie.getValue()));
        String id = UUID.randomUUID().toString();
        sessions.put(id, new ConcurrentHashMap<>(session));
        response.cookie(Cookie.of(COOKIE, id).path("/").httpOnly(true).sameSite(SameSite.Lax));
    }
}
