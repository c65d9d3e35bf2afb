// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import dev.sallyport.BackupCodes;
import dev.sallyport.Browser;
import dev.sallyport.BrowserToken;
import dev.sallyport.Challenge;
import dev.sallyport.EnrollmentHandle;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.EnrollmentResult;
import dev.sallyport.EnrollmentResult.BeginAgain;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.KeyRing;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.Regenerated;
import dev.sallyport.SignInRequirement;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.StaleProofException;
import dev.sallyport.TemporaryCode;
import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorEvent;
import dev.sallyport.TwoFactorPolicy;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Method;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.qr.QrCode;
import dev.sallyport.storage.MapTwoFactorStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The life of a second factor, with a person and a real phone. An application has a page where this has a method. It has a
 * session and a cookie where this has two fields.
 */
final class Story {
    private static final String ISSUER = "Sallyport demo";
    /** An id that never changes. In an application, this is the user's primary key. */
    private static final UserId USER = UserId.of("1");

    private static final Duration TEMPORARY_CODE_LIFETIME = Duration.ofHours(1);

    private final Terminal terminal;
    private final InstantSource clock;
    private final AuditLog log = new AuditLog();
    private final TwoFactor twoFactor;
    private final StatusPage statusPage;

    private String accountName;
    /** What the session contains; null while the user is signed out. */
    private @Nullable String stamp;
    /** What the browser's cookie contains. */
    private @Nullable String browserToken;
    /** The proof of the last code. An application keeps it for one request, or carries it on with {@link TwoFactor#seal}. */
    private @Nullable Verified proof;

    private record Choice(String label, Runnable action) {}

    Story(Terminal terminal, InstantSource clock, String accountName) {
        this.terminal = terminal;
        this.clock = clock;
        this.accountName = accountName;
        this.statusPage = new StatusPage(terminal, clock);
        twoFactor = TwoFactor.builder()
                .issuer(ISSUER)
                // InMemoryTwoFactorStore would log a warning, and the first lines on the screen say the same.
                .store(new MapTwoFactorStore(new ConcurrentHashMap<>()))
                .encryptionKeys(KeyRing.generate())
                .clock(clock)
                .listener(log)
                .build();
    }

    /** Shows the menu until the person quits. */
    void run() {
        try {
            terminal.title("Two-factor authentication, from the first code to the last");
            terminal.say("You need a phone with an authenticator app. Nothing is kept: when you quit,");
            terminal.say("everything here is gone. Ctrl-D quits at any time.");
            signIn();
            enable();
            while (true) {
                menu();
            }
        } catch (QuitException e) {
            terminal.say("");
            terminal.say("Goodbye. You can delete \"" + ISSUER + "\" from your app now.");
        }
    }

    private void menu() {
        TwoFactorStatus status = twoFactor.status(USER);
        terminal.title(statusPage.summary(status));
        endSessionIfNotCurrent();
        if (stamp == null) {
            terminal.say("You are signed out.");
        }
        List<Choice> choices = status.state() == State.ENABLED
                ? List.of(
                        new Choice("Sign in", this::signIn),
                        new Choice("Try to sign in as a stranger who knows your password", this::signInAsStranger),
                        new Choice("Remember this browser", this::rememberBrowser),
                        new Choice("Show status", () -> statusPage.show(twoFactor.status(USER))),
                        new Choice("Add another phone", this::addPhone),
                        new Choice("New backup codes", this::regenerate),
                        new Choice("Ask support for a temporary code", this::issueTemporaryCode),
                        new Choice("Change the password", this::changePassword),
                        new Choice("Disable", this::disable))
                : List.of(new Choice("Sign in", this::signIn), new Choice("Enable", this::enable));
        for (int i = 0; i < choices.size(); i++) {
            terminal.say("  " + (i + 1) + "  " + choices.get(i).label());
        }
        terminal.say("  q  Quit");
        String typed = terminal.ask("Your choice");
        if (typed.length() == 1 && typed.charAt(0) >= '1' && typed.charAt(0) < '1' + choices.size()) {
            endSessionIfNotCurrent();
            choices.get(typed.charAt(0) - '1').action().run();
        } else if (typed.equals("q")) {
            throw new QuitException();
        } else {
            terminal.say("Please type a number from 1 to " + choices.size() + ", or q.");
        }
    }

    /** An application does this every minute or so, for instance in a filter. */
    private void endSessionIfNotCurrent() {
        if (stamp != null && !twoFactor.isCurrent(USER, TrustStamp.of(stamp))) {
            signOut();
            terminal.say("You were signed out here: what your session rested on has ended.");
        }
    }

    private void signOut() {
        stamp = null;
        proof = null;
    }

    private boolean isSignedOut() {
        if (stamp == null) {
            terminal.bad("Sign in first.");
        }
        return stamp == null;
    }

    // --- Sign in ---

    private void signIn() {
        terminal.title("Sign in");
        SignInRequirement requirement = twoFactor.signInRequirement(USER, thisBrowser());
        if (requirement instanceof NoCodeRequired free) {
            stamp = free.stamp().value();
            terminal.good(
                    free.browser().isPresent()
                            ? "Signed in, without a code: this browser is remembered."
                            : "Signed in. The password was enough: two-factor authentication is off.");
        } else if (requirement instanceof CodeRequired code) {
            signOut();
            terminal.say("The password was right. Now the second factor.");
            // In the session, the challenge is text.
            String challenge = code.challenge().value();
            askForCode(typed -> twoFactor.verify(Challenge.of(challenge), typed))
                    .ifPresent(verified -> {
                        takeOver(verified);
                        terminal.good("Signed in.");
                    });
        }
    }

    private Browser thisBrowser() {
        return Browser.ofToken(browserToken, "This browser");
    }

    /** The session rests on this proof from now on. A browser that was not known before gets its cookie. */
    private void takeOver(Verified verified) {
        proof = verified;
        stamp = verified.stamp().value();
        verified.browserToken().map(BrowserToken::value).ifPresent(token -> browserToken = token);
    }

    /** Wrong codes of a stranger do not lock the browsers that have shown a right code before. */
    private void signInAsStranger() {
        terminal.title("Sign in as a stranger");
        terminal.say("This is another browser, where nobody has typed a right code yet.");
        SignInRequirement requirement = twoFactor.signInRequirement(USER, Browser.ofToken(null, "Another browser"));
        if (requirement instanceof CodeRequired code) {
            askForCode(typed -> twoFactor.verify(code.challenge(), typed))
                    .ifPresent(stranger -> terminal.good("Signed in, over there. That browser is known now."));
        }
    }

    /** Asks until a code is right; empty if the person goes back, or has to sign in again. */
    private Optional<Verified> askForCode(Function<String, VerificationResult> check) {
        while (true) {
            String typed = terminal.ask("Code from your app, or a backup code (Enter: back)");
            if (typed.isEmpty()) {
                return Optional.empty();
            }
            VerificationResult result = check.apply(typed);
            if (result instanceof Verified verified) {
                tellAboutUsedCode(verified);
                return Optional.of(verified);
            }
            refuse(Sentences.about(result, clock.instant()));
            if (result instanceof SignInAgain) {
                return Optional.empty();
            } else if (result instanceof LockedOut locked) {
                locked.until().ifPresent(until -> terminal.countdown(until, clock));
            }
        }
    }

    private void tellAboutUsedCode(Verified verified) {
        log.take();
        if (verified.method() == Method.BACKUP_CODE) {
            terminal.say("That backup code is used up. Backup codes left: " + verified.backupCodesLeft() + ".");
        }
        if (verified.method() != Method.ONE_TIME_CODE) {
            terminal.say("Other sessions have ended, and remembered browsers need a code again.");
        }
    }

    /** Tells what every user is told, and then what only the log is told. */
    private void refuse(String sentence) {
        terminal.bad(sentence);
        for (TwoFactorEvent event : log.take()) {
            AuditLog.reason(event, clock.instant()).ifPresent(reason -> terminal.detail("The log: " + reason + "."));
        }
    }

    // --- Enable ---

    private void enable() {
        terminal.title("Enable");
        if (isSignedOut()) {
            return;
        }
        // Before this, a real application asks for the password again. This is the response to a POST.
        PendingEnrollment begun = askForName("Account name", accountName, name -> {
            EnrollmentRequest request =
                    EnrollmentRequest.of(name).label("First phone").browser(thisBrowser());
            accountName = request.accountName();
            return twoFactor.beginEnrollment(USER, request);
        });
        confirm(begun).ifPresent(enrolled -> {
            terminal.good("Two-factor authentication is on.");
            enrolled.backupCodes().ifPresent(this::handOver);
            terminal.say("Now sign in with the code that you have just used: it works only once.");
        });
    }

    private PendingEnrollment askForName(String prompt, String proposal, Function<String, PendingEnrollment> begin) {
        while (true) {
            String typed = terminal.ask(prompt + (proposal.isEmpty() ? "" : " [" + proposal + "]"));
            try {
                return begin.apply(typed.isEmpty() ? proposal : typed);
            } catch (IllegalArgumentException e) {
                terminal.bad("That name cannot be used: it is blank, too long, or has control characters.");
            }
        }
    }

    /** The page with the QR code, which can be loaded again, and the form below it. */
    private Optional<Enrolled> confirm(PendingEnrollment begun) {
        // In the session, the handle is text. The secret is not in the session.
        EnrollmentHandle handle = EnrollmentHandle.of(begun.handle().value());
        String typed = "";
        while (true) {
            if (typed.isEmpty()) {
                Optional<PendingEnrollment> pending = twoFactor.pendingEnrollment(handle);
                if (pending.isEmpty()) {
                    terminal.bad(Sentences.about(new BeginAgain()));
                    return Optional.empty();
                }
                show(pending.get());
            }
            typed = terminal.ask("The code that your app shows (Enter: show again, q: cancel)");
            if (typed.equals("q")) {
                terminal.say("Canceled. Delete the new entry from your app.");
                return Optional.empty();
            }
            if (typed.isEmpty()) {
                continue;
            }
            EnrollmentResult result = twoFactor.confirmEnrollment(handle, typed);
            if (result instanceof Enrolled enrolled) {
                log.take();
                takeOver(enrolled.proof());
                return Optional.of(enrolled);
            }
            refuse(Sentences.about(result));
            if (result instanceof BeginAgain) {
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

    // --- With a proof ---

    /** Does something that takes a proof: with the last one while it is good, otherwise with a new code. */
    private void withProof(Consumer<Verified> action) {
        while (true) {
            Verified current = proof;
            if (current == null) {
                terminal.say("This takes a code.");
                Optional<Verified> fresh = stepUp();
                if (fresh.isEmpty()) {
                    return;
                }
                current = fresh.get();
            } else {
                terminal.detail("The proof: your code of " + Times.local(current.at(), clock.instant()) + ".");
            }
            try {
                action.accept(current);
                return;
            } catch (StaleProofException e) {
                terminal.detail("It does not count any more: it is too old, or trust has ended.");
                proof = null;
            }
        }
    }

    /** Asks a user who is signed in for a code. */
    private Optional<Verified> stepUp() {
        Optional<Verified> fresh = askForCode(typed -> twoFactor.stepUp(USER, TrustStamp.of(stamp), typed));
        fresh.ifPresent(this::takeOver);
        return fresh;
    }

    private void rememberBrowser() {
        terminal.title("Remember this browser");
        if (isSignedOut()) {
            return;
        }
        withProof(current -> {
            if (current.stamp().browser().isEmpty()) {
                terminal.bad("Sign in again first: no code was typed here since the password was changed.");
                return;
            }
            twoFactor.rememberBrowser(current);
            terminal.good("Remembered for "
                    + TwoFactorPolicy.defaults().browserLifetime().toDays()
                    + " days. Now sign in: no code is asked for.");
        });
    }

    private void addPhone() {
        terminal.title("Add another phone");
        if (isSignedOut()) {
            return;
        }
        withProof(current -> {
            try {
                PendingEnrollment begun = askForName("What do you call it", "Second phone", label -> {
                    EnrollmentRequest request =
                            EnrollmentRequest.of(accountName).label(label);
                    return twoFactor.addAuthenticator(current, request);
                });
                confirm(begun)
                        .ifPresent(enrolled -> terminal.good("Added. You can sign in with each of your phones now."));
            } catch (StaleProofException e) {
                // It is an IllegalStateException, too, but a new code helps.
                throw e;
            } catch (IllegalStateException e) {
                terminal.bad("No more phones: " + e.getMessage() + ".");
            }
        });
    }

    private void regenerate() {
        terminal.title("New backup codes");
        if (isSignedOut()) {
            return;
        }
        withProof(current -> {
            Regenerated regenerated = twoFactor.regenerateBackupCodes(current);
            takeOver(regenerated.proof());
            terminal.good("The old ones do not work any more. Other sessions have ended.");
            handOver(regenerated.codes());
        });
    }

    private void issueTemporaryCode() {
        terminal.title("Ask support for a temporary code");
        TemporaryCode code = twoFactor
                .operator("support")
                .issueTemporaryCode(USER, TEMPORARY_CODE_LIFETIME, "the phone is not at hand");
        terminal.say("Support has made sure that it is you, and tells you this code:");
        terminal.say("    " + code.value());
        terminal.say("It works once, until " + Times.local(code.expires(), clock.instant()) + ". Now sign in with it.");
    }

    private void changePassword() {
        terminal.title("Change the password");
        if (isSignedOut()) {
            return;
        }
        stamp = twoFactor.endTrust(USER).value();
        terminal.good("Changed. All other sessions have ended, and no browser is known any more.");
    }

    private void disable() {
        terminal.title("Disable");
        if (isSignedOut()) {
            return;
        }
        terminal.say("However fresh your last code is, this takes another one.");
        stepUp().ifPresent(fresh -> {
            stamp = twoFactor.disable(fresh).value();
            proof = null;
            browserToken = null;
            terminal.good("Two-factor authentication is off. Delete \"" + ISSUER + "\" from your app.");
        });
    }
}
