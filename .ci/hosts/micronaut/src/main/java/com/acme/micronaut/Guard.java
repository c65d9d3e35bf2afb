// SPDX-License-Identifier: Apache-2.0
package com.acme.micronaut;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import jakarta.annotation.Nullable;
import java.util.Set;

/** Lets signed-in users pass. It reads the store, and without the executor it would do that on the event loop. */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
class Guard {
    private static final Set<String> OPEN = Set.of("/login", "/code", "/versions");

    private final SignIn signIn;
    private final Sessions sessions;

    Guard(SignIn signIn, Sessions sessions) {
        this.signIn = signIn;
        this.sessions = sessions;
    }

    @RequestFilter
    @ExecuteOn(TaskExecutors.BLOCKING)
    @Nullable
    HttpResponse<?> check(HttpRequest<?> request) {
        boolean open = OPEN.contains(request.getPath());
        return open || signIn.isSignedIn(sessions.of(request)) ? null : HttpResponse.unauthorized();
    }
}
