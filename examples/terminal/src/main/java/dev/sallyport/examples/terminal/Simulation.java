// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import dev.sallyport.BackupCodes;
import dev.sallyport.BrowserToken;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.EnrollmentResult;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.KeyRing;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.StaleProofException;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.storage.TwoFactorStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The same story with simulated phones and a clock of its own; each step is compared with what should happen. */
final class Simulation {
    private static final UserId KIM = UserId.of("1");
    private static final Duration PERIOD = Duration.ofSeconds(30);
    private static final int WRONG_CODES_THAT_LOCK = 5;
    private static final int WRONG_CODES_THAT_SUSPEND = 100;

    private final Terminal terminal;
    private final SteppedClock clock = new SteppedClock();
    private final AuditLog log = new AuditLog();
    private final List<Phone> phones = new ArrayList<>();
    private final TwoFactor twoFactor;
    private int steps;
    private int guess;

    /** A step went otherwise than it should, and this was said. */
    private static final class Deviation extends RuntimeException {
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

    /** Tells the story. True if all of it went as it should. */
    boolean run() {
        terminal.title("Two-factor authentication with simulated phones, on a clock of its own");
        try {
            List<String> codes = enable().asList();
            signIn();
            guess(codes.get(0));
            rememberBrowser(codes.get(1));
            guessForDays(codes.get(2));
            addPhone();
            List<String> newCodes = regenerate(codes.get(3)).asList();
            changePassword();
            disable(newCodes.get(1));
        } catch (Deviation e) {
            return false;
        } catch (RuntimeException e) {
            terminal.bad("Step " + (steps + 1) + " was to give an answer, but it threw " + e);
            return false;
        }
        terminal.title("All " + steps + " steps went as they should.");
        return true;
    }

    // --- The story ---

    private BackupCodes enable() {
        terminal.title("Enable");
        step("Two-factor authentication is off", State.NOT_ENROLLED, state());
        PendingEnrollment pending =
                twoFactor.beginEnrollment(KIM, EnrollmentRequest.of("kim").label("First phone"));
        Phone phone = scan(pending);
        step("The phone reads the QR code", "Sallyport demo (kim)", phone.title());
        step("A wrong code confirms nothing", "Rejected", name(twoFactor.confirmEnrollment(KIM, wrongCode())));
        step("The page, loaded again, shows the same secret", true, showsTheSame(pending));
        step("Until the first right code it stays off", "NotEnrolled", requirement(null));
        EnrollmentResult result = twoFactor.confirmEnrollment(KIM, phone.code());
        step("The first right code switches it on", "Enrolled", name(result));
        BackupCodes codes = ((Enrolled) result).backupCodes().orElseThrow();
        step(
                "There are ten backup codes, all different",
                10L,
                codes.asList().stream().distinct().count());
        step("From now on a sign-in takes a code", "CodeRequired", requirement(null));
        return codes;
    }

    private void signIn() {
        terminal.title("Sign in");
        step("The code that confirmed is used up by that", "Rejected as REPLAYED", verify(phone().code()));
        String code = nextCode(phone());
        step("The next code signs in", "Verified", verify(code));
        step("The same code again is refused", "Rejected as REPLAYED", verify(code));
        clock.advance(PERIOD);
        step("So it is when the app has moved on", "Rejected as REPLAYED", verify(code));
        step("Something that is no code is refused", "Rejected as MALFORMED", verify("let me in"));
        step("The new code signs in", "Verified", verify(phone().code()));
    }

    private void guess(String backupCode) {
        terminal.title("Guess");
        for (int i = 1; i <= WRONG_CODES_THAT_LOCK; i++) {
            step("Wrong code number " + i + " is refused", "Rejected as WRONG", verify(wrongCode()));
        }
        Instant until = clock.instant().plusSeconds(30);
        step(
                "That locks one-time codes for 30 seconds",
                Optional.of(until),
                twoFactor.status(KIM).lockedUntil());
        clock.advance(PERIOD.minusSeconds(1));
        step("Even the right code is not looked at", "LockedOut until " + until, verify(phone().code()));
        clock.advance(Duration.ofSeconds(1));
        step("When the time is over, it signs in", "Verified", verify(phone().code()));
        for (int i = 1; i <= WRONG_CODES_THAT_LOCK; i++) {
            step("Wrong again, number " + i, "Rejected as WRONG", verify(wrongCode()));
        }
        step("A backup code signs in all the same", "Verified", verify(backupCode));
        step("It has ended the lock", Optional.empty(), twoFactor.status(KIM).lockedUntil());
        step("It does not work twice", "Rejected as REPLAYED", verify(backupCode));
        step("Nine are left", 9, twoFactor.status(KIM).backupCodesLeft());
    }

    private void rememberBrowser(String backupCode) {
        terminal.title("Remember this browser");
        BrowserToken token = twoFactor.rememberBrowser(prove(), "Firefox on Linux");
        step("The remembered browser needs no code", "RememberedBrowser", requirement(token.value()));
        step("Any other browser does", "CodeRequired", requirement(null));
        step(
                "A made-up cookie is no help",
                "CodeRequired",
                requirement("A".repeat(token.value().length())));
        step("Somebody uses a backup code", "Verified", verify(backupCode));
        step("Now the browser is forgotten", "CodeRequired", requirement(token.value()));
    }

    private void guessForDays(String backupCode) {
        terminal.title("Guess for days");
        Instant start = clock.instant();
        int wrong = 0;
        while (!twoFactor.status(KIM).suspended() && wrong < 2 * WRONG_CODES_THAT_SUSPEND) {
            twoFactor.status(KIM).lockedUntil().ifPresent(clock::set);
            twoFactor.verify(KIM, wrongCode());
            wrong++;
        }
        step("A hundred wrong codes in a row suspend one-time codes", WRONG_CODES_THAT_SUSPEND, wrong);
        step(
                "The waits between them took days",
                true,
                Duration.between(start, clock.instant()).toDays() >= 3);
        clock.advance(Duration.ofDays(365));
        step("A year later the right code is not looked at", "Suspended", verify(phone().code()));
        step("A backup code signs in", "Verified", verify(backupCode));
        step("After it the app's code does, too", "Verified", verify(phone().code()));
    }

    private void addPhone() {
        terminal.title("Add another phone");
        Verified proof = prove();
        Phone first = phone();
        Phone second = scan(
                twoFactor.beginEnrollment(proof, EnrollmentRequest.of("kim").label("Second phone")));
        step("The old phone still signs in", "Verified", verify(nextCode(first)));
        step("The new one does not yet", "Rejected as WRONG", verify(second.code()));
        EnrollmentResult result = twoFactor.confirmEnrollment(KIM, second.code());
        step("Its first code confirms it", "Enrolled", name(result));
        step("The backup codes stay as they are", Optional.empty(), ((Enrolled) result).backupCodes());
        step("Now the new phone signs in", "Verified", verify(nextCode(second)));
        step("So does the old one", "Verified", verify(first.code()));
    }

    private BackupCodes regenerate(String oldCode) {
        terminal.title("New backup codes");
        BackupCodes codes = twoFactor.regenerateBackupCodes(prove());
        step("There are ten again", 10, twoFactor.status(KIM).backupCodesLeft());
        step("An old one is refused", "Rejected as WRONG", verify(oldCode));
        step("A new one signs in", "Verified", verify(codes.asList().get(0)));
        return codes;
    }

    private void changePassword() {
        terminal.title("Change the password");
        Verified proof = prove();
        BrowserToken token = twoFactor.rememberBrowser(proof, "Firefox on Linux");
        step("A browser is remembered", "RememberedBrowser", requirement(token.value()));
        twoFactor.forgetBrowsers(KIM);
        step("The new password forgets it", "CodeRequired", requirement(token.value()));
        step("A proof from before it is stale", "refused", remember(proof));
        step("A proof from after it is not", "remembered", remember(prove()));
    }

    private void disable(String backupCode) {
        terminal.title("Disable");
        VerificationResult result = twoFactor.verify(KIM, backupCode);
        step("A backup code proves who it is", "Verified", name(result));
        twoFactor.disable((Verified) result);
        step("Two-factor authentication is off", State.NOT_ENROLLED, state());
        step("A sign-in takes the password only", "NotEnrolled", requirement(null));
        step("No code means anything any more", "NotEnrolled", verify(nextCode(phone())));
    }

    // --- What it is told with ---

    private void step(String what, Object expected, Object actual) {
        steps++;
        if (!expected.equals(actual)) {
            terminal.bad("Step " + steps + ", \"" + what + "\": expected " + expected + ", but was " + actual);
            throw new Deviation();
        }
        terminal.good(what);
    }

    private static String name(Object result) {
        return result.getClass().getSimpleName();
    }

    private State state() {
        return twoFactor.status(KIM).state();
    }

    private String requirement(@Nullable String cookie) {
        return name(twoFactor.signInRequirement(KIM, cookie));
    }

    private String verify(String code) {
        log.take();
        VerificationResult result = twoFactor.verify(KIM, code);
        if (result instanceof LockedOut locked) {
            return "LockedOut until " + locked.until();
        }
        return log.take().stream()
                .flatMap(event -> event.rejection().stream())
                .map(reason -> name(result) + " as " + reason)
                .findFirst()
                .orElse(name(result));
    }

    private Verified prove() {
        VerificationResult result = twoFactor.verify(KIM, nextCode(phone()));
        step("A fresh code gives a proof", "Verified", name(result));
        return (Verified) result;
    }

    private String remember(Verified proof) {
        try {
            twoFactor.rememberBrowser(proof, "Firefox on Linux");
            return "remembered";
        } catch (StaleProofException e) {
            return "refused";
        }
    }

    private boolean showsTheSame(PendingEnrollment pending) {
        return twoFactor
                .pendingEnrollment(KIM)
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

    /** Waits until the app shows another code. */
    private String nextCode(Phone phone) {
        clock.advance(PERIOD);
        return phone.code();
    }

    /** Another guess each time, and never a lucky one. */
    private String wrongCode() {
        String code;
        do {
            code = String.format(Locale.ROOT, "%06d", guess);
            guess++;
        } while (showsAround(code));
        return code;
    }

    private boolean showsAround(String code) {
        return phones.stream().anyMatch(phone -> phone.showsAround(code));
    }
}
