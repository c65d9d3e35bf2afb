// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web.twofactor;

import dev.sallyport.Challenge;
import dev.sallyport.TwoFactor;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** The second step of a sign-in: a code from the authenticator, or a backup code. */
@Controller
class SignInController {
    private final TwoFactor twoFactor;
    private final SecondFactor secondFactor;
    private final InstantSource clock;
    private final String issuer;

    SignInController(
            TwoFactor twoFactor,
            SecondFactor secondFactor,
            InstantSource clock,
            @Value("${two-factor.issuer}") String issuer) {
        this.twoFactor = twoFactor;
        this.secondFactor = secondFactor;
        this.clock = clock;
        this.issuer = issuer;
    }

    @ModelAttribute("issuer")
    String issuer() {
        return issuer;
    }

    @GetMapping("/sign-in/{page:code|backup-code}")
    String ask(@PathVariable("page") String page, HttpServletRequest request) {
        return secondFactor.challenge(request).isPresent() ? "two-factor/sign-in-" + page : elsewhere(request);
    }

    @PostMapping("/sign-in/{page:code|backup-code}")
    @Nullable
    String check(
            @PathVariable("page") String page,
            @RequestParam("code") String typed,
            @RequestParam(name = "remember", defaultValue = "false") boolean remember,
            HttpServletRequest request,
            HttpServletResponse response,
            RedirectAttributes next)
            throws ServletException, IOException {
        Optional<Challenge> challenge = secondFactor.challenge(request);
        if (challenge.isEmpty()) {
            return elsewhere(request);
        }
        VerificationResult result = twoFactor.verify(challenge.get(), typed);
        if (result instanceof Verified proof) {
            SecondFactor.setCookie(proof, response);
            if (remember) {
                twoFactor.rememberBrowser(proof);
            }
            secondFactor.codeIsRight(proof, request, response);
            return null;
        }
        if (result instanceof SignInAgain) {
            secondFactor.signOut(request, response);
            return "redirect:" + SecondFactor.LOGIN + "?again";
        }
        Trouble.of(result, clock.instant()).forEach(next::addFlashAttribute);
        return "redirect:/sign-in/" + page;
    }

    /** Nothing waits for a code here. */
    private static String elsewhere(HttpServletRequest request) {
        return "redirect:" + (request.getUserPrincipal() == null ? SecondFactor.LOGIN : "/");
    }
}
