// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import dev.sallyport.TwoFactorStatus;
import dev.sallyport.TwoFactorStatus.Door;
import dev.sallyport.TwoFactorStatus.State;
import java.time.Instant;
import java.time.InstantSource;

/** Shows the status, in one line or in full. It contains no secret. */
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
                + count(status.browsers().size(), "known browser")
                + (status.strangers().lock().isPresent() ? ". Strangers are locked out" : "");
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
        status.browsers().forEach(browser -> {
            terminal.say("  " + browser.label() + ": last used " + time(browser.lastUsed()));
            browser.rememberedUntil().ifPresent(until -> terminal.say("      needs no code until " + time(until)));
            browser.lockedUntil().ifPresent(until -> terminal.say("      locked until " + time(until)));
        });
        show("Strangers", status.strangers());
        show("Known browsers and sessions", status.known());
    }

    private void show(String who, Door door) {
        terminal.say("  " + who + ": " + count(door.failures(), "wrong code") + " in the last 31 days");
        door.lock()
                .ifPresent(lock -> terminal.say("      locked"
                        + lock.until().map(until -> " until " + time(until)).orElse(". A backup code ends that.")));
    }

    private String time(Instant instant) {
        return Times.local(instant, clock.instant());
    }
}
