// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web.twofactor;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.springframework.ui.Model;

/** Why a page asks for a code again. To the user, wrong and used are one. */
enum Trouble {
    REFUSED,
    LOCKED,
    SUSPENDED,
    STALE;

    void show(Model model) {
        model.addAttribute("trouble", name());
    }

    /** Until when, and for how long, for those with and without a script. */
    static void showLock(Instant until, Instant now, Model model) {
        LOCKED.show(model);
        model.addAttribute("lockedUntil", until.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1));
        model.addAttribute(
                "lockedSeconds", Math.max(1, Duration.between(now, until).toSeconds() + 1));
    }
}
