// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web.twofactor;

import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.NotEnrolled;
import dev.sallyport.VerificationResult.Verified;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.authentication.SavedRequestAwareAuthenticationSuccessHandler;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** The second step of a sign-in: a code from the authenticator, or a backup code. */
@Controller
class SignInController {
    private final TwoFactor twoFactor;
    private final TwoFactorHost host;
    private final SecondFactor secondFactor;
    private final BrowserCookie cookie;
    private final InstantSource clock;
    private final String issuer;
    private final SavedRequestAwareAuthenticationSuccessHandler whereTheyWereGoing =
            new SavedRequestAwareAuthenticationSuccessHandler();

    SignInController(
            TwoFactor twoFactor,
            TwoFactorHost host,
            SecondFactor secondFactor,
            BrowserCookie cookie,
            InstantSource clock,
            @Value("${two-factor.issuer}") String issuer) {
        this.twoFactor = twoFactor;
        this.host = host;
        this.secondFactor = secondFactor;
        this.cookie = cookie;
        this.clock = clock;
        this.issuer = issuer;
    }

    @ModelAttribute("issuer")
    String issuer() {
        return issuer;
    }

    @GetMapping("/sign-in/{page:code|backup-code}")
    String ask(
            @PathVariable("page") String page,
            @RequestParam(name = "refused", required = false) @Nullable String refused,
            Authentication authentication,
            Model model) {
        TwoFactorStatus status = twoFactor.status(host.idOf(authentication.getName()));
        if (SecondFactor.isShownBy(authentication) || status.state() != TwoFactorStatus.State.ENABLED) {
            return "redirect:/";
        }
        if (refused != null) {
            Trouble.REFUSED.show(model);
        }
        // A lock is on codes from authenticators alone: the way back stays open.
        if (page.equals("code")) {
            status.lockedUntil().ifPresent(until -> Trouble.showLock(until, clock.instant(), model));
            if (status.suspended()) {
                Trouble.SUSPENDED.show(model);
            }
        }
        return "two-factor/sign-in-" + page;
    }

    @PostMapping("/sign-in/{page:code|backup-code}")
    @Nullable
    String check(
            @PathVariable("page") String page,
            @RequestParam("code") String typed,
            @RequestParam(name = "remember", defaultValue = "false") boolean remember,
            Authentication authentication,
            HttpServletRequest request,
            HttpServletResponse response)
            throws ServletException, IOException {
        UserId user = host.idOf(authentication.getName());
        VerificationResult result = twoFactor.verify(user, typed);
        if (result instanceof Verified proof) {
            if (remember) {
                cookie.set(user, twoFactor.rememberBrowser(proof, BrowserCookie.label(request)), response);
            }
            secondFactor.shown(request, response);
            whereTheyWereGoing.onAuthenticationSuccess(request, response, authentication);
            return null;
        }
        if (result instanceof NotEnrolled) {
            return "redirect:/";
        }
        // Whatever it was: the page that is loaded now shows a lock, if there is one.
        return "redirect:/sign-in/" + page + "?refused";
    }
}
