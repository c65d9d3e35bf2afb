// SPDX-License-Identifier: Apache-2.0
package com.acme.servlet;

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
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;

/** What two-factor authentication adds to the sign-in. */
record SignIn(TwoFactor twoFactor) {
    void afterPassword(UserId user, HttpServletRequest request, HttpServletResponse response) throws IOException {
        request.getSession(); // the id of no session cannot be changed
        request.changeSessionId();
        SignInRequirement next = twoFactor.signInRequirement(user, browser(request));
        if (next instanceof NoCodeRequired free) {
            signIn(user, free.stamp(), request, response);
        } else if (next instanceof CodeRequired code) {
            request.getSession().removeAttribute("user");
            request.getSession().setAttribute("challenge", code.challenge().value());
            response.getWriter().print("code");
        }
    }

    void checkCode(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String challenge = (String) request.getSession().getAttribute("challenge");
        VerificationResult result = twoFactor.verify(Challenge.of(challenge), request.getParameter("code"));
        if (result instanceof Verified proof) {
            proof.browserToken().ifPresent(token -> response.addHeader("Set-Cookie", token.setCookie()));
            if (request.getParameter("remember") != null) {
                twoFactor.rememberBrowser(proof);
            }
            request.changeSessionId();
            signIn(proof.user(), proof.stamp(), request, response);
        } else {
            response.setStatus(401);
        }
    }

    private void signIn(UserId user, TrustStamp stamp, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        request.getSession().removeAttribute("challenge");
        request.getSession().setAttribute("user", user.value());
        request.getSession().setAttribute("stamp", stamp.value());
        response.getWriter().print("signed in");
    }

    boolean isSignedIn(HttpSession session) {
        String user = (String) session.getAttribute("user");
        String stamp = (String) session.getAttribute("stamp");
        return user != null && twoFactor.isCurrent(UserId.of(user), TrustStamp.of(stamp));
    }

    static Browser browser(HttpServletRequest request) {
        return Browser.fromHeaders(request.getHeader("Cookie"), request.getHeader("User-Agent"));
    }
}
