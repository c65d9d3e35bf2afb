// SPDX-License-Identifier: Apache-2.0
package com.acme.micronaut;

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
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MutableHttpResponse;
import jakarta.inject.Singleton;
import java.util.Map;

/** Turns two-factor authentication on and off. Each call is for a signed-in user. */
@Singleton
class Settings {
    private final TwoFactor twoFactor;

    Settings(TwoFactor twoFactor) {
        this.twoFactor = twoFactor;
    }

    /** The password was asked for again. */
    HttpResponse<String> begin(UserId user, HttpRequest<?> request, Map<String, String> session) {
        EnrollmentRequest enrollment =
                EnrollmentRequest.of("alice@acme.example").browser(SignIn.browser(request));
        PendingEnrollment pending = twoFactor.beginEnrollment(user, enrollment);
        session.put("enrollment", pending.handle().value());
        return show(pending);
    }

    HttpResponse<String> showAgain(Map<String, String> session) {
        return twoFactor
                .pendingEnrollment(EnrollmentHandle.of(session.get("enrollment")))
                .map(Settings::show)
                .orElseGet(HttpResponse::notFound);
    }

    private static HttpResponse<String> show(PendingEnrollment pending) {
        String uri = pending.keyUri().toUriString();
        return HttpResponse.ok(uri + "\n" + QrCode.of(uri).toSvg());
    }

    HttpResponse<String> confirm(String typed, Map<String, String> session) {
        EnrollmentResult result =
                twoFactor.confirmEnrollment(EnrollmentHandle.of(session.get("enrollment")), typed);
        if (!(result instanceof Enrolled enrolled)) {
            return HttpResponse.unauthorized();
        }
        session.remove("enrollment");
        session.put("stamp", enrolled.proof().stamp().value());
        MutableHttpResponse<String> response =
                HttpResponse.ok(String.join("\n", enrolled.backupCodes().orElseThrow()));
        enrolled.proof().browserToken()
                .ifPresent(token -> response.header(HttpHeaders.SET_COOKIE, token.setCookie()));
        return response;
    }

    HttpResponse<String> disable(UserId user, String typed, Map<String, String> session) {
        TrustStamp stamp = TrustStamp.of(session.get("stamp"));
        if (!(twoFactor.stepUp(user, stamp, typed) instanceof Verified proof)) {
            return HttpResponse.unauthorized();
        }
        session.put("stamp", twoFactor.disable(proof).value());
        return HttpResponse.ok("off");
    }
}
