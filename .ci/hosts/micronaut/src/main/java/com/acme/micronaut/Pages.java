// SPDX-License-Identifier: Apache-2.0
package com.acme.micronaut;

import dev.sallyport.UserId;
import io.micronaut.core.version.VersionUtils;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import jakarta.annotation.Nullable;
import org.apache.commons.codec.binary.Base32;
import org.slf4j.Logger;

/** An application with a sign-in of its own and one page. Its one user is alice, whose id is 42. */
@Controller
@Consumes(MediaType.APPLICATION_FORM_URLENCODED)
@Produces(MediaType.TEXT_PLAIN)
@ExecuteOn(TaskExecutors.BLOCKING)
class Pages {
    private static final UserId ALICE = UserId.of("42");

    private final SignIn signIn;
    private final Settings settings;
    private final Sessions sessions;

    Pages(SignIn signIn, Settings settings, Sessions sessions) {
        this.signIn = signIn;
        this.settings = settings;
        this.sessions = sessions;
    }

    @Post("/login")
    HttpResponse<String> login(String name, String password, HttpRequest<?> request) {
        return name.equals("alice") && isPasswordRight(password)
                ? signIn.afterPassword(ALICE, request)
                : HttpResponse.unauthorized();
    }

    @Post("/code")
    HttpResponse<String> code(String code, @Nullable String remember, HttpRequest<?> request) {
        return signIn.checkCode(code, remember != null, request);
    }

    @Get("/me")
    String me(HttpRequest<?> request) {
        return sessions.of(request).get("user");
    }

    @Get("/enable")
    HttpResponse<String> enable(HttpRequest<?> request) {
        return settings.showAgain(sessions.of(request));
    }

    @Post("/enable")
    HttpResponse<String> enable(String password, HttpRequest<?> request) {
        return isPasswordRight(password)
                ? settings.begin(ALICE, request, sessions.of(request))
                : HttpResponse.unauthorized();
    }

    @Post("/confirm")
    HttpResponse<String> confirm(String code, HttpRequest<?> request) {
        return settings.confirm(code, sessions.of(request));
    }

    @Post("/disable")
    HttpResponse<String> disable(String code, HttpRequest<?> request) {
        return settings.disable(ALICE, code, sessions.of(request));
    }

    @Get("/versions")
    String versions() {
        return "Micronaut " + VersionUtils.MICRONAUT_VERSION + ", commons-codec " + version(Base32.class)
                + ", slf4j-api " + version(Logger.class);
    }

    private static String version(Class<?> loaded) {
        return loaded.getPackage().getImplementationVersion();
    }

    private static boolean isPasswordRight(String password) {
        return password.equals("wonderland");
    }
}
