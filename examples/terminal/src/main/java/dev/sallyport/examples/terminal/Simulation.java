// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import dev.sallyport.BackupCodes;
import dev.sallyport.Browser;
import dev.sallyport.BrowserToken;
import dev.sallyport.Challenge;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.EnrollmentResult;
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
import dev.sallyport.TwoFactorStatus.Lock;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.testing.SteppedClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The life of a second factor with simulated phones and a clock of its own. Each step is compared with what is expected. */
final class Simulation {
    private static final UserId KIM = UserId.of("1");
    private static final Duration PERIOD = Duration.ofSeconds(30);
    private static final int WRONG_CODES_THAT_LOCK = 5;
    private static final int WRONG_CODES_THAT_SUSPEND = 50;

    /** A browser in which Kim has never signed in, or somebody else's. */
    private static final Browser STRANGER = Browser.ofToken(null, "Chrome on Windows");

    private final Terminal terminal;
    private final SteppedClock clock = new SteppedClock();
    private final AuditLog log = new AuditLog();
    private final List<Phone> phones = new ArrayList<>();
    private final TwoFactor twoFactor;
    /** Kim's own browser, which keeps the cookie that it gets. */
    private Browser browser = Browser.ofToken(null, "Firefox on Linux");

    private int steps;
    private int guess;

    /** The result of a step is not the expected one, and the terminal has shown both. */
    private static final class UnexpectedResultException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    Simulation(Terminal terminal) {
        this(terminal, new MapTwoFactorStore(new ConcurrentHashMap<>()));
    }

    Simulation(Terminal terminal, TwoFactorStore store) {
        this.terminal = terminal;
        twoFactor = TwoFactor.builder()
                .issuer("Sallyport demo")
                .store(store)
                .encryptionKeys(KeyRing.generate())
                .clock(clock)
                .listener(log)
                .build();
    }

    /** Runs all steps. True if each had the expected result. */
    boolean run() {
        terminal.title("Two-factor authentication with simulated phones, on a clock of its own");
        try {
            List<String> codes = enable().asList();
            signIn();
            burnCodesAsStranger(codes.get(0));
            rememberBrowser(codes.get(1));
            guessForDays(codes.get(2));
            useTemporaryCode();
            addPhone();
            List<String> newCodes = regenerate(codes.get(3)).asList();
            changePassword();
            forgetBrowser();
            guessInSession();
            disable(newCodes.get(1));
        } catch (UnexpectedResultException e) {
            return false;
        } catch (RuntimeException e) {
            terminal.bad("Step " + (steps + 1) + " threw an exception: " + e);
            return false;
        }
        terminal.title("All " + steps + " steps went as they should.");
        return true;
    }

    // --- The story ---

    private BackupCodes enable() {
        terminal.title("Enable");
        step("Two-factor authentication is off", State.OFF, state());
        TrustStamp before = signInWithoutCode(STRANGER);
        step("Its session is current", true, isCurrent(before));

        PendingEnrollment first = begin();
        PendingEnrollment pending = begin();
        step(
                "Of two enrollments the later one counts",
                "BeginAgain",
                confirm(first, scan(first).code()));
        phones.clear();
        step("The first page cannot be loaded again", false, isShownAgain(first));
        step("The second page can, with the same secret", true, isShownAgain(pending));

        Phone phone = scan(pending);
        step("The phone reads the QR code", "Sallyport demo (kim)", phone.title());
        step("A wrong code confirms nothing", "Rejected", confirm(pending, wrongCode()));
        EnrollmentResult malformed = twoFactor.confirmEnrollment(pending.handle(), "let me in");
        step("Other input is answered with what a code looks like", "A code has 6 digits.", Sentences.about(malformed));
        phone.clockOff(Duration.ofMinutes(5));
        step(
                "A phone with a wrong clock is told so",
                "Your phone's clock is 5 minutes off. Set it to automatic.",
                Sentences.about(twoFactor.confirmEnrollment(pending.handle(), phone.code())));
        step("Until the first right code it stays off", State.PENDING, state());

        phone.clockOff(Duration.ZERO);
        EnrollmentResult result = twoFactor.confirmEnrollment(pending.handle(), phone.code());
        step("With the clock mended, the code switches it on", "Enrolled", name(result));
        Enrolled enrolled = (Enrolled) result;
        BackupCodes codes = enrolled.backupCodes().orElseThrow();
        step(
                "There are ten backup codes, all different",
                10L,
                codes.asList().stream().distinct().count());
        step("The confirmed enrollment cannot be used again", "BeginAgain", confirm(pending, phone.code()));
        step("The session from before has ended", false, isCurrent(before));
        step(
                "The session that enabled it goes on",
                true,
                isCurrent(enrolled.proof().stamp()));
        keepCookie(enrolled.proof());
        step("From now on a sign-in takes a code", "CodeRequired", requirement(browser));
        return codes;
    }

    private void signIn() {
        terminal.title("Sign in");
        Challenge challenge = challenge(browser);
        VerificationResult malformed = twoFactor.verify(challenge, "let me in");
        step(
                "Other input is answered with what a code looks like",
                "A code has 6 digits, a backup code 24 letters and digits.",
                Sentences.about(malformed, clock.instant()));
        step("The log says so, too", "Malformed as MALFORMED", verify(browser, "let me in"));
        step("The code that confirmed is used up", "Rejected as REPLAYED", verify(browser, phone().code()));
        String code = nextCode(phone());
        step("The next code signs in", "Verified", verify(browser, code));
        step("The same code again is rejected", "Rejected as REPLAYED", verify(browser, code));
        clock.advance(PERIOD);
        step("Half a minute later it is rejected, too", "Rejected as REPLAYED", verify(browser, code));
        step("The new code signs in", "Verified", verify(browser, phone().code()));
        clock.advance(Duration.ofMinutes(11));
        step("After ten minutes a sign-in has ended", "SignInAgain", name(twoFactor.verify(challenge, phone().code())));
    }

    private void burnCodesAsStranger(String backupCode) {
        terminal.title("A stranger who knows the password burns codes");
        burnCodes();
        Instant until = clock.instant().plusSeconds(60);
        step(
                "That locks strangers for a minute",
                Optional.of(until),
                strangersLock().flatMap(Lock::until));
        step(
                "From a new browser, even the right code is not compared",
                "LockedOut until " + until,
                verify(STRANGER, phone().code()));
        step("In the known browser, Kim signs in all the same", "Verified", verify(browser, phone().code()));
        step("That has ended the lock", Optional.empty(), strangersLock());

        burnCodes();
        clock.advance(Duration.ofSeconds(59));
        step("The stranger is locked out for a minute", "LockedOut", name(strangerTries(phone().code())));
        clock.advance(Duration.ofSeconds(1));
        step("Then the right code signs in from a new browser", "Verified", verify(STRANGER, phone().code()));

        burnCodes();
        step("A backup code signs in from anywhere", "Verified", verify(STRANGER, backupCode));
        step("It has ended the lock", Optional.empty(), strangersLock());
        step("It does not work twice", "Rejected as REPLAYED", verify(STRANGER, backupCode));
        step("Nine are left", 9, twoFactor.status(KIM).backupCodesLeft());
        step("The app's present code is used up, too", "Rejected", name(strangerTries(phone().code())));
        waitForUnusedCode();
    }

    private void burnCodes() {
        for (int i = 1; i <= WRONG_CODES_THAT_LOCK; i++) {
            step("Wrong code number " + i + " is rejected", "Rejected as WRONG", verify(STRANGER, wrongCode()));
        }
    }

    private void rememberBrowser(String backupCode) {
        terminal.title("Remember this browser");
        twoFactor.rememberBrowser(prove());
        TrustStamp stamp = signInWithoutCode(browser);
        step("Its session is current", true, isCurrent(stamp));
        step("Any other browser does", "CodeRequired", requirement(STRANGER));
        step("A made-up cookie is no help", "CodeRequired", requirement(Browser.ofToken("A".repeat(43), "Firefox")));
        step("Somebody uses a backup code elsewhere", "Verified", verify(STRANGER, backupCode));
        step("Now the browser needs a code again", "CodeRequired", requirement(browser));
        step("The session in it has ended", false, isCurrent(stamp));
        waitForUnusedCode();
        step("A fresh code signs in again", "Verified", verify(browser, nextCode(phone())));
    }

    private void guessForDays(String backupCode) {
        terminal.title("A stranger guesses for days");
        clock.advance(Duration.ofDays(32));
        Instant start = clock.instant();
        int wrong = 0;
        while (!isSuspended() && wrong < 2 * WRONG_CODES_THAT_SUSPEND) {
            strangersLock().flatMap(Lock::until).ifPresent(clock::set);
            strangerTries(wrongCode());
            wrong++;
        }
        step("Fifty wrong codes in a row suspend strangers", WRONG_CODES_THAT_SUSPEND, wrong);
        step(
                "The waits between them took more than a day",
                true,
                Duration.between(start, clock.instant()).toDays() >= 1);
        clock.advance(Duration.ofDays(180));
        step("Half a year later their codes are not compared", "LockedOut", verify(STRANGER, phone().code()));
        step("Kim's known browser has its own limits", "Verified", verify(browser, phone().code()));
        step("That has ended the suspension", Optional.empty(), strangersLock());

        suspendStrangers();
        step("A backup code signs in", "Verified", verify(STRANGER, backupCode));
        step(
                "The 50 wrong codes of a month stay counted",
                Optional.of(Lock.Reason.BUDGET_SPENT),
                strangersLock().map(Lock::reason));
        clock.advance(Duration.ofDays(32));
        step("A month later the app's code signs in", "Verified", verify(STRANGER, phone().code()));
    }

    private void suspendStrangers() {
        while (!isSuspended()) {
            strangersLock().flatMap(Lock::until).ifPresent(clock::set);
            strangerTries(wrongCode());
        }
    }

    private boolean isSuspended() {
        return strangersLock()
                .filter(lock -> lock.reason() == Lock.Reason.SUSPENDED)
                .isPresent();
    }

    private void useTemporaryCode() {
        terminal.title("The phone is at home: a temporary code");
        TrustStamp session = prove().stamp();
        TemporaryCode code =
                twoFactor.operator("support").issueTemporaryCode(KIM, Duration.ofHours(1), "the phone is at home");
        step("The session goes on meanwhile", true, isCurrent(session));
        step("The temporary code signs in", "Verified", verify(STRANGER, code.value()));
        step("It works only once", "Rejected as WRONG", verify(STRANGER, code.value()));
        step("It has ended the other session", false, isCurrent(session));
        TemporaryCode unused =
                twoFactor.operator("support").issueTemporaryCode(KIM, Duration.ofHours(1), "the phone is at home");
        clock.advance(Duration.ofHours(2));
        step("After its hour it is worth nothing", "Rejected as WRONG", verify(STRANGER, unused.value()));
    }

    private void addPhone() {
        terminal.title("Add another phone");
        Phone first = phone();
        PendingEnrollment pending =
                twoFactor.addAuthenticator(prove(), EnrollmentRequest.of("kim").label("Second phone"));
        Phone second = scan(pending);
        step("The old phone still signs in", "Verified", verify(browser, nextCode(first)));
        step("The new one does not yet", "Rejected as WRONG", verify(browser, second.code()));
        EnrollmentResult result = twoFactor.confirmEnrollment(pending.handle(), second.code());
        step("Its first code confirms it", "Enrolled", name(result));
        step("The backup codes stay as they are", Optional.empty(), ((Enrolled) result).backupCodes());
        step("Now the new phone signs in", "Verified", verify(browser, nextCode(second)));
        step("So does the old one", "Verified", verify(browser, first.code()));
    }

    private BackupCodes regenerate(String oldCode) {
        terminal.title("New backup codes");
        TrustStamp other = prove().stamp();
        Regenerated regenerated = twoFactor.regenerateBackupCodes(prove());
        step("There are ten again", 10, twoFactor.status(KIM).backupCodesLeft());
        step(
                "The session that asked goes on",
                true,
                isCurrent(regenerated.proof().stamp()));
        step("Any other session has ended", false, isCurrent(other));
        step("An old code is rejected", "Rejected as WRONG", verify(browser, oldCode));
        step(
                "A new one signs in",
                "Verified",
                verify(browser, regenerated.codes().asList().get(0)));
        waitForUnusedCode();
        return regenerated.codes();
    }

    private void changePassword() {
        terminal.title("Change the password");
        Verified proof = prove();
        twoFactor.rememberBrowser(proof);
        Challenge halfSignedIn = challenge(STRANGER);
        TrustStamp after = twoFactor.endTrust(KIM);
        step("The session that changed it goes on", true, isCurrent(after));
        step("Any other session is stale", false, isCurrent(proof.stamp()));
        step(
                "A step-up in it takes no code",
                "SignInAgain",
                name(twoFactor.stepUp(KIM, proof.stamp(), nextCode(phone()))));
        step("A half-finished sign-in has ended", "SignInAgain", name(twoFactor.verify(halfSignedIn, phone().code())));
        step("The remembered browser needs a code", "CodeRequired", requirement(browser));
        step("A proof from before does not count", "refused", remember(proof));
        step("A proof from after does", "remembered", remember(prove()));
    }

    private void forgetBrowser() {
        terminal.title("Forget this browser");
        TrustStamp stamp = signInWithoutCode(browser);
        TrustStamp elsewhere = ((Verified) strangerTries(nextCode(phone()))).stamp();
        twoFactor.forgetBrowser(KIM, stamp.browser().orElseThrow());
        step("The session in it has ended", false, isCurrent(stamp));
        step("A session in another browser goes on", true, isCurrent(elsewhere));
        step("The browser needs a code", "CodeRequired", requirement(browser));
    }

    private void guessInSession() {
        terminal.title("A thief in a session guesses");
        TrustStamp stolen = prove().stamp();
        for (int i = 1; i <= 10; i++) {
            step("Wrong code number " + i + " is rejected", "Rejected", name(stepUpWhenUnlocked(stolen)));
        }
        step("Ten wrong codes end the session", false, isCurrent(stolen));
        step("Kim signs in again", "Verified", verify(browser, nextCode(phone())));
    }

    private VerificationResult stepUpWhenUnlocked(TrustStamp stamp) {
        VerificationResult result = twoFactor.stepUp(KIM, stamp, wrongCode());
        if (result instanceof LockedOut locked) {
            clock.set(locked.until().orElseThrow());
            return twoFactor.stepUp(KIM, stamp, wrongCode());
        }
        return result;
    }

    private void disable(String backupCode) {
        terminal.title("Disable");
        TrustStamp session = prove().stamp();
        Challenge halfSignedIn = challenge(STRANGER);
        VerificationResult result = twoFactor.stepUp(KIM, session, backupCode);
        step("A backup code gives a proof", "Verified", name(result));
        TrustStamp after = twoFactor.disable((Verified) result);
        step("Two-factor authentication is off", State.OFF, state());
        step("The session that did it goes on", true, isCurrent(after));
        step("Any other session has ended", false, isCurrent(session));
        step(
                "A half-finished sign-in takes no code",
                "SignInAgain",
                name(twoFactor.verify(halfSignedIn, nextCode(phone()))));
        step("A sign-in takes the password only", "NoCodeRequired", requirement(browser));
    }

    // --- Steps ---

    private void step(String what, Object expected, Object actual) {
        steps++;
        if (!expected.equals(actual)) {
            terminal.bad("Step " + steps + ", \"" + what + "\": expected " + expected + ", but was " + actual);
            throw new UnexpectedResultException();
        }
        terminal.good(what);
    }

    private static String name(Object result) {
        return result.getClass().getSimpleName();
    }

    private State state() {
        return twoFactor.status(KIM).state();
    }

    private Optional<Lock> strangersLock() {
        return twoFactor.status(KIM).strangers().lock();
    }

    private boolean isCurrent(TrustStamp stamp) {
        // In a session, a stamp is text.
        return twoFactor.isCurrent(KIM, TrustStamp.of(stamp.value()));
    }

    private String requirement(Browser from) {
        return name(twoFactor.signInRequirement(KIM, from));
    }

    private TrustStamp signInWithoutCode(Browser from) {
        SignInRequirement requirement = twoFactor.signInRequirement(KIM, from);
        step("The password is enough to sign in", "NoCodeRequired", name(requirement));
        return ((NoCodeRequired) requirement).stamp();
    }

    private Challenge challenge(Browser from) {
        SignInRequirement requirement = twoFactor.signInRequirement(KIM, from);
        if (requirement instanceof CodeRequired code) {
            return code.challenge();
        }
        throw new IllegalStateException("a sign-in needs no code: " + requirement);
    }

    private String verify(Browser from, String code) {
        Challenge challenge = challenge(from);
        log.take();
        VerificationResult result = twoFactor.verify(challenge, code);
        if (result instanceof LockedOut locked) {
            return "LockedOut" + locked.until().map(until -> " until " + until).orElse("");
        }
        return log.take().stream()
                .flatMap(event -> event.rejection().stream())
                .map(reason -> name(result) + " as " + reason)
                .findFirst()
                .orElse(name(result));
    }

    private VerificationResult strangerTries(String code) {
        return twoFactor.verify(challenge(STRANGER), code);
    }

    /** Signs in in Kim's own browser. */
    private Verified prove() {
        VerificationResult result = twoFactor.verify(challenge(browser), nextCode(phone()));
        step("A fresh code gives a proof", "Verified", name(result));
        Verified proof = (Verified) result;
        keepCookie(proof);
        return proof;
    }

    private void keepCookie(Verified proof) {
        proof.browserToken()
                .map(BrowserToken::value)
                .ifPresent(token -> browser = Browser.ofToken(token, "Firefox on Linux"));
    }

    private String remember(Verified proof) {
        try {
            twoFactor.rememberBrowser(proof);
            return "remembered";
        } catch (StaleProofException e) {
            return "refused";
        }
    }

    private PendingEnrollment begin() {
        return twoFactor.beginEnrollment(
                KIM, EnrollmentRequest.of("kim").label("First phone").browser(browser));
    }

    private String confirm(PendingEnrollment pending, String code) {
        return name(twoFactor.confirmEnrollment(pending.handle(), code));
    }

    private boolean isShownAgain(PendingEnrollment pending) {
        return twoFactor
                .pendingEnrollment(pending.handle())
                .filter(again -> again.keyUri().equals(pending.keyUri()))
                .isPresent();
    }

    private Phone scan(PendingEnrollment pending) {
        Phone phone = Phone.scan(pending.keyUri().toUriString(), clock);
        phones.add(phone);
        return phone;
    }

    private Phone phone() {
        return phones.get(0);
    }

    /** A backup code uses up every code that is accepted now, also the app's next one. */
    private void waitForUnusedCode() {
        clock.advance(PERIOD);
    }

    /** Waits until the app shows another code. */
    private String nextCode(Phone phone) {
        clock.advance(PERIOD);
        return phone.code();
    }

    /** Another wrong code each time. */
    private String wrongCode() {
        String code;
        do {
            code = String.format(Locale.ROOT, "%06d", guess);
            guess++;
        } while (isShownAround(code));
        return code;
    }

    private boolean isShownAround(String code) {
        return phones.stream().anyMatch(phone -> phone.showsAround(code));
    }
}
