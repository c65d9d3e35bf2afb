// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import dev.sallyport.TwoFactorStatus;
import dev.sallyport.TwoFactorStatus.State;
import java.time.Instant;
import java.time.InstantSource;

/** What is on, in one line or in full. No secret can be on it: the status holds none. */
final class StatusPage {
    private final Terminal terminal;
    private final InstantSource clock;

    StatusPage(Terminal terminal, InstantSource clock) {
        this.terminal = terminal;
        this.clock = clock;
    }

    String summary(TwoFactorStatus status) {
        if (status.state() != State.ENABLED) {
            return "Two-factor authentication is off";
        }
        return "On: " + count(status.authenticators().size(), "phone") + ", "
                + count(status.backupCodesLeft(), "backup code") + ", "
                + count(status.browsers().size(), "remembered browser")
                + (status.lock().isPresent() ? ". Locked" : "");
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    void show(TwoFactorStatus status) {
        terminal.title("Status");
        status.authenticators()
                .forEach(phone -> terminal.say("  " + phone.label() + ": added " + time(phone.added())
                        + phone.lastUsed()
                                .map(used -> ", last used " + time(used))
                                .orElse("")));
        terminal.say("  Backup codes: " + status.backupCodesLeft() + " left");
        status.browsers()
                .forEach(browser ->
                        terminal.say("  " + browser.label() + ": remembered until " + time(browser.expires())));
        status.lockedUntil().ifPresent(until -> terminal.say("  Locked until " + time(until)));
        if (status.suspended()) {
            terminal.say("  One-time codes are suspended. A backup code ends that.");
        }
    }

    private String time(Instant instant) {
        return Times.local(instant, clock.instant());
    }
}
