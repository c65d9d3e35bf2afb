// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import dev.sallyport.BackupCodes;
import dev.sallyport.BrowserToken;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.EnrollmentResult;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.KeyRing;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.SignInRequirement;
import dev.sallyport.StaleProofException;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorEvent;
import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorPolicy;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.UserId;
import dev.sallyport.VerificationMethod;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.NotEnrolled;
import dev.sallyport.VerificationResult.Suspended;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.qr.QrCode;
import dev.sallyport.storage.MapTwoFactorStore;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The life of a second factor, with a person and a real phone. Where an application has pages, this has methods; where it
 * has a session and a cookie, this has two fields.
 */
final class Story {
    private static final String ISSUER = "Sallyport demo";
    /** An id that never changes: in an application, the user's primary key. */
    private static final UserId USER = UserId.of("1");

    private final Terminal terminal;
    private final InstantSource clock;
    private final AuditLog log = new AuditLog();
    private final TwoFactor twoFactor;
    private final StatusPage statusPage;

    private String accountName;
    /** The proof of the last code. An application keeps it no longer than a request, or {@link TwoFactor#seal}s it. */
    private @Nullable Verified proof;
    /** What this browser would send. */
    private @Nullable String browserCookie;

    private record Choice(String label, Runnable action) {}

    Story(Terminal terminal, InstantSource clock, String accountName) {
        this.terminal = terminal;
        this.clock = clock;
        this.accountName = accountName;
        this.statusPage = new StatusPage(terminal, clock);
        twoFactor = TwoFactor.builder()
                .issuer(ISSUER)
                // InMemoryTwoFactorStore without its warning: the first lines on the screen say the same.
                .store(new MapTwoFactorStore(new ConcurrentHashMap<>()))
                .encryptionKeys(KeyRing.generate())
                .clock(clock)
                .listener(log)
                .build();
    }

    /** Goes on until the person leaves. */
    void live() {
        try {
            terminal.title("Two-factor authentication, from the first code to the last");
            terminal.say("You need a phone with an authenticator app. Nothing is kept: when you quit,");
            terminal.say("everything here is gone. Ctrl-D quits at any time.");
            enable();
            while (true) {
                menu();
            }
        } catch (Leaving e) {
            terminal.say("");
            terminal.say("Goodbye. You can delete \"" + ISSUER + "\" from your app now.");
        }
    }

    private void menu() {
        TwoFactorStatus status = twoFactor.status(USER);
        terminal.title(statusPage.summary(status));
        List<Choice> choices = status.state() == State.ENABLED
                ? List.of(
                        new Choice("Sign in", this::signIn),
                        new Choice("Sign in with a backup code", this::signInWithBackupCode),
                        new Choice("Remember this browser", this::rememberBrowser),
                        new Choice("Show status", () -> statusPage.show(twoFactor.status(USER))),
                        new Choice("Add another phone", this::addPhone),
                        new Choice("New backup codes", this::regenerate),
                        new Choice("Disable", this::disable),
                        new Choice("Quit", Story::quit))
                : List.of(
                        new Choice("Sign in", this::signIn),
                        new Choice("Enable", this::enable),
                        new Choice("Quit", Story::quit));
        for (int i = 0; i < choices.size(); i++) {
            terminal.say("  " + (i + 1) + "  " + choices.get(i).label());
        }
        String typed = terminal.ask("Your choice");
        if (typed.length() == 1 && typed.charAt(0) >= '1' && typed.charAt(0) < '1' + choices.size()) {
            choices.get(typed.charAt(0) - '1').action().run();
        } else if (typed.equals("q")) {
            quit();
        } else {
            terminal.say("Please type a number from 1 to " + choices.size() + ".");
        }
    }

    private static void quit() {
        throw new Leaving();
    }

    // --- Enable ---

    private void enable() {
        terminal.title("Enable");
        // A real application has asked for the password again by now, and this is the answer to a POST.
        askForName("Account name", accountName, name -> {
            twoFactor.beginEnrollment(USER, EnrollmentRequest.of(name).label("First phone"));
            accountName = name;
        });
        confirm(() -> twoFactor.pendingEnrollment(USER)).ifPresent(enrolled -> {
            terminal.good("Two-factor authentication is on.");
            enrolled.backupCodes().ifPresent(this::handOver);
            terminal.say("Now sign in with the code that you have just used: it works once only.");
        });
    }

    private void askForName(String prompt, String proposal, Consumer<String> begin) {
        while (true) {
            String typed = terminal.ask(prompt + (proposal.isEmpty() ? "" : " [" + proposal + "]"));
            try {
                begin.accept(typed.isEmpty() ? proposal : typed);
                return;
            } catch (IllegalArgumentException e) {
                terminal.bad("That will not do: " + e.getMessage() + ".");
            }
        }
    }

    /** The page with the QR code, which may be loaded again, and the form below it. */
    private Optional<Enrolled> confirm(Supplier<Optional<PendingEnrollment>> page) {
        String typed = "";
        while (true) {
            if (typed.isEmpty()) {
                Optional<PendingEnrollment> pending = page.get();
                if (pending.isEmpty()) {
                    terminal.bad("That took too long. Begin again, with a new secret.");
                    return Optional.empty();
                }
                show(pending.get());
            }
            typed = terminal.ask("The code that your app shows (Enter: show again, q: cancel)");
            if (typed.equals("q")) {
                twoFactor.cancelEnrollment(USER);
                terminal.say("Cancelled. Delete the new entry from your app.");
                return Optional.empty();
            }
            if (typed.isEmpty()) {
                continue;
            }
            EnrollmentResult result = twoFactor.confirmEnrollment(USER, typed);
            if (result instanceof Enrolled enrolled) {
                proof = enrolled.proof();
                return Optional.of(enrolled);
            } else if (result instanceof EnrollmentResult.Rejected) {
                refuse("That code is not right. Try the next one.");
            } else if (result instanceof EnrollmentResult.Expired) {
                refuse("This secret is no longer good. Begin again, with a new one.");
                return Optional.empty();
            } else if (result instanceof EnrollmentResult.NotPending) {
                refuse("There is nothing to confirm any more. Begin again.");
                return Optional.empty();
            }
        }
    }

    private void show(PendingEnrollment pending) {
        terminal.say("");
        terminal.say("Scan this with your app, or add an entry by hand with the secret");
        terminal.say("    " + pending.secretForTyping());
        terminal.draw(QrCode.of(pending.keyUri().toUriString()).toText());
    }

    private void handOver(BackupCodes codes) {
        new BackupCodeSheet(terminal, codes.toText(ISSUER + " backup codes for " + accountName)).handOver();
    }

    // --- Sign in ---

    private void signIn() {
        terminal.title("Sign in");
        SignInRequirement requirement = twoFactor.signInRequirement(USER, browserCookie);
        if (requirement instanceof SignInRequirement.NotEnrolled) {
            terminal.good("Signed in. The password was enough: two-factor authentication is off.");
        } else if (requirement instanceof SignInRequirement.RememberedBrowser) {
            terminal.good("Signed in, without a code: this browser is remembered.");
        } else if (requirement instanceof SignInRequirement.CodeRequired) {
            if (browserCookie != null) {
                terminal.say("This browser was remembered, and is no longer.");
                browserCookie = null;
            }
            terminal.say("The password was right. Now the second factor.");
            askForCode("Code from your app").ifPresent(verified -> terminal.good("Signed in."));
        }
    }

    private void signInWithBackupCode() {
        terminal.title("Sign in with a backup code");
        askForCode("Backup code").ifPresent(verified -> terminal.good("Signed in."));
    }

    /** Asks until a code is right; empty if the person gives up, or has to. It may be an app's or a backup code. */
    private Optional<Verified> askForCode(String prompt) {
        while (true) {
            String typed = terminal.ask(prompt + " (Enter: back)");
            if (typed.isEmpty()) {
                return Optional.empty();
            }
            VerificationResult result = twoFactor.verify(USER, typed);
            if (result instanceof Verified verified) {
                proof = verified;
                if (verified.method() == VerificationMethod.BACKUP_CODE) {
                    terminal.say("That backup code is used up, " + verified.backupCodesLeft() + " are left. "
                            + "Remembered browsers are forgotten.");
                }
                return Optional.of(verified);
            } else if (result instanceof LockedOut locked) {
                refuse("Too many attempts. Try again after " + Times.local(locked.until(), clock.instant()) + ".");
                if (!terminal.countdown(locked.until(), clock)) {
                    return Optional.empty();
                }
            } else if (result instanceof Suspended) {
                refuse("Use a backup code, or ask support.");
            } else if (result instanceof NotEnrolled) {
                refuse("Two-factor authentication was switched off. Sign in from the start.");
                return Optional.empty();
            } else {
                Optional<Instant> locked =
                        refuse("That code is not right, or was used already. Wait for the next one.");
                if (locked.isPresent() && !terminal.countdown(locked.get(), clock)) {
                    return Optional.empty();
                }
            }
        }
    }

    /**
     * Says what every user is told, and then what only the log is told.
     *
     * @return when codes are looked at again, if this was the one that locks
     */
    private Optional<Instant> refuse(String toTheUser) {
        terminal.bad(toTheUser);
        List<TwoFactorEvent> events = log.take();
        for (TwoFactorEvent event : events) {
            AuditLog.why(event, clock.instant()).ifPresent(why -> terminal.detail("The log: " + why + "."));
        }
        return events.stream()
                .flatMap(event -> event.detail(Detail.UNTIL).stream())
                .map(Instant::parse)
                .findFirst();
    }

    // --- With a proof ---

    /**
     * Does something that takes a proof: with the last one while it is good, else with a new code.
     *
     * @param action throws {@link StaleProofException} if the proof is no longer good, as the library does
     */
    private void withProof(Consumer<Verified> action) {
        while (true) {
            Verified current = proof;
            if (current == null) {
                Optional<Verified> asked = askForCode("This takes a code");
                if (asked.isEmpty()) {
                    return;
                }
                current = asked.get();
            } else {
                terminal.detail("The proof: your code of " + Times.local(current.at(), clock.instant()) + ".");
            }
            try {
                action.accept(current);
                return;
            } catch (StaleProofException e) {
                terminal.detail("It has gone stale: " + e.getMessage() + ".");
                proof = null;
            }
        }
    }

    private void rememberBrowser() {
        terminal.title("Remember this browser");
        if (twoFactor.signInRequirement(USER, browserCookie) instanceof SignInRequirement.RememberedBrowser) {
            terminal.say("It is remembered already. Sign in: no code is asked for.");
            return;
        }
        withProof(current -> {
            BrowserToken token = twoFactor.rememberBrowser(current, "This terminal");
            browserCookie = token.value();
            terminal.good("Remembered for " + token.maxAge().toDays() + " days. Now sign in: no code is asked for.");
        });
    }

    private void addPhone() {
        terminal.title("Add another phone");
        int most = TwoFactorPolicy.defaults().maxAuthenticators();
        if (twoFactor.status(USER).authenticators().size() >= most) {
            terminal.bad("You have " + most + " already, and that is the most there can be.");
            return;
        }
        withProof(current -> {
            askForName(
                    "What do you call it",
                    "Second phone",
                    label -> twoFactor.beginEnrollment(
                            current, EnrollmentRequest.of(accountName).label(label)));
            confirm(() -> twoFactor.pendingEnrollment(current))
                    .ifPresent(enrolled -> terminal.good("Added. Each of your phones gets you in now."));
        });
    }

    private void regenerate() {
        terminal.title("New backup codes");
        withProof(current -> {
            BackupCodes codes = twoFactor.regenerateBackupCodes(current);
            terminal.good("The old ones are dead, and remembered browsers forgotten.");
            handOver(codes);
        });
    }

    private void disable() {
        terminal.title("Disable");
        terminal.say("However fresh your last code is, this takes another.");
        askForCode("Code from your app, or a backup code").ifPresent(fresh -> {
            twoFactor.disable(fresh);
            proof = null;
            browserCookie = null;
            terminal.good("Two-factor authentication is off. Delete \"" + ISSUER + "\" from your app.");
        });
    }
}
