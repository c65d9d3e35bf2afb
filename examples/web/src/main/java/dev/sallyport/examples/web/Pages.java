// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorStatus.State;
import java.security.Principal;
import java.util.Map;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ResponseBody;

/** The host's own pages, and one endpoint for programs. */
@Controller
class Pages {
    private final Users users;
    private final Activity activity;
    private final TwoFactor twoFactor;

    Pages(Users users, Activity activity, TwoFactor twoFactor) {
        this.users = users;
        this.activity = activity;
        this.twoFactor = twoFactor;
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

    @GetMapping("/api/me")
    @ResponseBody
    Map<String, String> me(Principal principal) {
        return Map.of("username", principal.getName());
    }
}
