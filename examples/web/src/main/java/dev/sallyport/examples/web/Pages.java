// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.UserId;
import dev.sallyport.examples.web.twofactor.SecondFactor;
import jakarta.servlet.http.HttpServletRequest;
import java.security.Principal;
import java.util.Map;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseBody;

/** The host's own pages, and one endpoint for programs. */
@Controller
class Pages {
    private static final int MIN_PASSWORD_LENGTH = 8;

    private final Users users;
    private final Activity activity;
    private final TwoFactor twoFactor;
    private final SecondFactor secondFactor;

    Pages(Users users, Activity activity, TwoFactor twoFactor, SecondFactor secondFactor) {
        this.users = users;
        this.activity = activity;
        this.twoFactor = twoFactor;
        this.secondFactor = secondFactor;
    }

    @GetMapping("/")
    String home() {
        return "home";
    }

    @GetMapping("/login")
    String login() {
        return "login";
    }

    @GetMapping("/profile")
    String profile(Principal principal, Model model) {
        model.addAttribute(
                "twoFactorEnabled",
                twoFactor.status(users.idOf(principal.getName())).state() == State.ENABLED);
        return "profile";
    }

    @GetMapping("/activity")
    String activity(Principal principal, Model model) {
        model.addAttribute("entries", activity.of(users.idOf(principal.getName())));
        return "activity";
    }

    @GetMapping("/password")
    String askForTheNewPassword(Principal principal, Model model) {
        model.addAttribute("username", principal.getName());
        return "password";
    }

    /** Whoever knew the old password is signed out, and has no half-finished sign-in either. */
    @PostMapping("/password")
    String changePassword(
            Principal principal,
            @RequestParam("password") String current,
            @RequestParam("newPassword") String next,
            HttpServletRequest request) {
        if (!users.isPassword(principal.getName(), current)) {
            return "redirect:/password?refused";
        }
        if (next.length() < MIN_PASSWORD_LENGTH) {
            return "redirect:/password?short";
        }
        UserId user = users.idOf(principal.getName());
        users.setPassword(user, next);
        secondFactor.endOtherSessions(user, request);
        return "redirect:/profile?password";
    }

    @GetMapping("/api/me")
    @ResponseBody
    Map<String, String> me(Principal principal) {
        return Map.of("username", principal.getName());
    }
}
