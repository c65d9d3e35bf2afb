// SPDX-License-Identifier: Apache-2.0
package com.acme.quarkus;

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
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.Session;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;

/** What two-factor authentication adds to the sign-in. */
@Singleton
class SignIn {
    private final TwoFactor twoFactor;

    SignIn(TwoFactor twoFactor) {
        this.twoFactor = twoFactor;
    }

    Response afterPassword(UserId user, RoutingContext context) {
        Session session = context.session().regenerateId();
        SignInRequirement next = twoFactor.signInRequirement(user, browser(context));
        if (next instanceof NoCodeRequired free) {
            return signIn(user, free.stamp(), session).build();
        }
        session.remove("user");
        session.put("challenge", ((CodeRequired) next).challenge().value());
        return Response.ok("code").build();
    }

    Response checkCode(String typed, boolean remember, RoutingContext context) {
        Session session = context.session();
        VerificationResult result = twoFactor.verify(Challenge.of(session.get("challenge")), typed);
        if (!(result instanceof Verified proof)) {
            return Response.status(401).build();
        }
        if (remember) {
            twoFactor.rememberBrowser(proof);
        }
        Response.ResponseBuilder response = signIn(proof.user(), proof.stamp(), session.regenerateId());
        proof.browserToken().ifPresent(token -> response.header(HttpHeaders.SET_COOKIE, token.setCookie()));
        return response.build();
    }

    private static Response.ResponseBuilder signIn(UserId user, TrustStamp stamp, Session session) {
        session.remove("challenge");
        session.put("user", user.value());
        session.put("stamp", stamp.value());
        return Response.ok("signed in");
    }

    /** Reads the store, so it belongs on a worker thread. */
    boolean isSignedIn(Session session) {
        String user = session.get("user");
        return user != null && twoFactor.isCurrent(UserId.of(user), TrustStamp.of(session.get("stamp")));
    }

    static Browser browser(RoutingContext context) {
        return Browser.fromHeaders(
                context.request().getHeader("Cookie"), context.request().getHeader("User-Agent"));
    }
}
