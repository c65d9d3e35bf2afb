// SPDX-License-Identifier: Apache-2.0
package com.acme.servlet;

import dev.sallyport.EnrollmentHandle;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.qr.QrCode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.util.Optional;

/** Turns two-factor authentication on and off. Each call is for a signed-in user. */
record Settings(TwoFactor twoFactor) {
    /** The password was asked for again. */
    void begin(UserId user, HttpServletRequest request, HttpServletResponse response) throws IOException {
        PendingEnrollment pending = twoFactor.beginEnrollment(
                user, EnrollmentRequest.of("alice@acme.example").browser(SignIn.browser(request)));
        request.getSession().setAttribute("enrollment", pending.handle().value());
        show(pending, response);
    }

    void showAgain(HttpSession session, HttpServletResponse response) throws IOException {
        String handle = (String) session.getAttribute("enrollment");
        Optional<PendingEnrollment> pending = twoFactor.pendingEnrollment(EnrollmentHandle.of(handle));
        if (pending.isPresent()) {
            show(pending.get(), response);
        } else {
            response.setStatus(404);
        }
    }

    private static void show(PendingEnrollment pending, HttpServletResponse response) throws IOException {
        String uri = pending.keyUri().toUriString();
        response.getWriter().print(uri + "\n" + QrCode.of(uri).toSvg());
    }

    void confirm(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession();
        String handle = (String) session.getAttribute("enrollment");
        if (twoFactor.confirmEnrollment(EnrollmentHandle.of(handle), request.getParameter("code"))
                instanceof Enrolled enrolled) {
            enrolled.proof().browserToken().ifPresent(token -> response.addHeader("Set-Cookie", token.setCookie()));
            session.removeAttribute("enrollment");
            session.setAttribute("stamp", enrolled.proof().stamp().value());
            response.getWriter().print(String.join("\n", enrolled.backupCodes().orElseThrow()));
        } else {
            response.setStatus(401);
        }
    }

    void disable(UserId user, HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession();
        TrustStamp stamp = TrustStamp.of((String) session.getAttribute("stamp"));
        if (twoFactor.stepUp(user, stamp, request.getParameter("code")) instanceof Verified proof) {
            session.setAttribute("stamp", twoFactor.disable(proof).value());
            response.getWriter().print("off");
        } else {
            response.setStatus(401);
        }
    }
}
