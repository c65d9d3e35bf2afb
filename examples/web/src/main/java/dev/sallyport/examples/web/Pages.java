// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.UserId;
import dev.sallyport.spring.TwoFactorSessions;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.security.Principal;
import java.util.Map;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseBody;

/** The application's pages, and two endpoints for programs. */
@Controller
class Pages {
    private static final int MIN_PASSWORD_LENGTH = 8;

    private final Users users;
    private final Activity activity;
    private final TwoFactor twoFactor;
    private final TwoFactorSessions sessions;

    Pages(Users users, Activity activity, TwoFactor twoFactor, TwoFactorSessions sessions) {
        this.users = users;
        this.activity = activity;
        this.twoFactor = twoFactor;
        this.sessions = sessions;
    }

    @GetMapping("/")
    String home() {
        return "home";
    }

    /** For everybody: it greets those who are signed in. */
    @GetMapping("/welcome")
    String welcome() {
        return "welcome";
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

    /** Anyone who knew the old password is signed out, and has no half-finished sign-in either. */
    @PostMapping("/password")
    String changePassword(
            Principal principal,
            @RequestParam("password") String current,
            @RequestParam("newPassword") String next,
            HttpServletRequest request)
            throws ServletException {
        UserId user = users.idOf(principal.getName());
        if (!sessions.isCurrent(request)) {
            // The starter looks once a minute. A session that has ended in between must not end the others.
            request.logout();
            return "redirect:/login";
        }
        if (!users.isPassword(principal.getName(), current)) {
            return "redirect:/password?refused";
        }
        if (next.length() < MIN_PASSWORD_LENGTH) {
            return "redirect:/password?short";
        }
        users.setPassword(user, next);
        sessions.endOtherSessions(request);
        return "redirect:/profile?password";
    }

    @GetMapping("/api/me")
    @ResponseBody
    Map<String, String> me(Principal principal) {
        return Map.of("username", principal.getName());
    }

    /** A script sends this header with each POST. */
    @GetMapping("/api/csrf")
    @ResponseBody
    Map<String, String> csrf(CsrfToken token) {
        return Map.of("header", token.getHeaderName(), "token", token.getToken());
    }
}
