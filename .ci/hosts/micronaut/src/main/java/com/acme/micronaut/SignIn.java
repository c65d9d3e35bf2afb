// SPDX-License-Identifier: Apache-2.0
package com.acme.micronaut;

import dev.sallyport.Browser;
import dev.sallyport.Challenge;
import dev.sallyport.SignInRequirement;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.Verified;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MutableHttpResponse;
import jakarta.inject.Singleton;
import java.util.Map;

/** What two-factor authentication adds to the sign-in. */
@Singleton
class SignIn {
    private final TwoFactor twoFactor;
    private final Sessions sessions;

    SignIn(TwoFactor twoFactor, Sessions sessions) {
        this.twoFactor = twoFactor;
        this.sessions = sessions;
    }

    MutableHttpResponse<String> afterPassword(UserId user, HttpRequest<?> request) {
        SignInRequirement next = twoFactor.signInRequirement(user, browser(request));
        if (next instanceof NoCodeRequired free) {
            return signIn(user, free.stamp(), request);
        }
        MutableHttpResponse<String> response = HttpResponse.ok("code");
        String challenge = ((CodeRequired) next).challenge().value();
        sessions.begin(request, response, Map.of("challenge", challenge));
        return response;
    }

    MutableHttpResponse<String> checkCode(String typed, boolean remember, HttpRequest<?> request) {
        Challenge challenge = Challenge.of(sessions.of(request).get("challenge"));
        VerificationResult result = twoFactor.verify(challenge, typed);
        if (!(result instanceof Verified proof)) {
            return HttpResponse.unauthorized();
        }
        if (remember) {
            twoFactor.rememberBrowser(proof);
        }
        MutableHttpResponse<String> response = signIn(proof.user(), proof.stamp(), request);
        proof.browserToken().ifPresent(token -> response.header(HttpHeaders.SET_COOKIE, token.setCookie()));
        return response;
    }

    private MutableHttpResponse<String> signIn(UserId user, TrustStamp stamp, HttpRequest<?> request) {
        MutableHttpResponse<String> response = HttpResponse.ok("signed in");
        sessions.begin(request, response, Map.of("user", user.value(), "stamp", stamp.value()));
        return response;
    }

    /** Reads the store, so it does not belong on the event loop. */
    boolean isSignedIn(Map<String, String> session) {
        String user = session.get("user");
        return user != null && twoFactor.isCurrent(UserId.of(user), TrustStamp.of(session.get("stamp")));
    }

    static Browser browser(HttpRequest<?> request) {
        return Browser.fromHeaders(
                request.getHeaders().get(HttpHeaders.COOKIE), request.getHeaders().get(HttpHeaders.USER_AGENT));
    }
}
