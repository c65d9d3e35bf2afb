// SPDX-License-Identifier: Apache-2.0
package com.acme.quarkus;

import dev.sallyport.EnrollmentHandle;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.EnrollmentResult;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.qr.QrCode;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.Session;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;

/** Turns two-factor authentication on and off. Each call is for a signed-in user. */
@Singleton
class Settings {
    private final TwoFactor twoFactor;

    Settings(TwoFactor twoFactor) {
        this.twoFactor = twoFactor;
    }

    /** The password was asked for again. */
    Response begin(UserId user, RoutingContext context) {
        EnrollmentRequest request =
                EnrollmentRequest.of("alice@acme.example").browser(SignIn.browser(context));
        PendingEnrollment pending = twoFactor.beginEnrollment(user, request);
        context.session().put("enrollment", pending.handle().value());
        return show(pending);
    }

    Response showAgain(Session session) {
        return twoFactor
                .pendingEnrollment(EnrollmentHandle.of(session.get("enrollment")))
                .map(Settings::show)
                .orElseGet(() -> Response.status(404).build());
    }

    private static Response show(PendingEnrollment pending) {
        String uri = pending.keyUri().toUriString();
        return Response.ok(uri + "\n" + QrCode.of(uri).toSvg()).build();
    }

    Response confirm(String typed, Session session) {
        EnrollmentResult result =
                twoFactor.confirmEnrollment(EnrollmentHandle.of(session.get("enrollment")), typed);
        if (!(result instanceof Enrolled enrolled)) {
            return Response.status(401).build();
        }
        session.remove("enrollment");
        session.put("stamp", enrolled.proof().stamp().value());
        String backupCodes = String.join("\n", enrolled.backupCodes().orElseThrow());
        Response.ResponseBuilder response = Response.ok(backupCodes);
        enrolled.proof().browserToken()
                .ifPresent(token -> response.header(HttpHeaders.SET_COOKIE, token.setCookie()));
        return response.build();
    }

    Response disable(UserId user, String typed, Session session) {
        TrustStamp stamp = TrustStamp.of(session.get("stamp"));
        if (!(twoFactor.stepUp(user, stamp, typed) instanceof Verified proof)) {
            return Response.status(401).build();
        }
        session.put("stamp", twoFactor.disable(proof).value());
        return Response.ok("off").build();
    }
}
