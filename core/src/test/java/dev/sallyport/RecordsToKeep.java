// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.FIREFOX;
import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;

import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.storage.StoredRecord;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Writes records of the present format, one in each state that a record can be in, with a script of calls on it. The
 * answers in the script are written here by hand, and the codes are those of a {@link Phone}. So the file says what was
 * meant, and not what happened to come out.
 */
final class RecordsToKeep {
    private static final String KEY_ID = "2026-11";
    private static final UserId USER = UserId.of("42");
    /** With letters that other alphabets and cases fold, and one beyond the first 65,536. */
    private static final UserId UNUSUAL_USER = UserId.of("\u0130stanbul/\u03a3\u03c2 \ud83d\udd11");

    private final SecureRandom random = new SecureRandom();
    private final String key = key();
    private final SteppedClock clock = new SteppedClock(START);
    private final MapTwoFactorStore store = new MapTwoFactorStore(new ConcurrentHashMap<>());
    private final TwoFactor twoFactor = TwoFactor.builder()
            .issuer("Acme")
            .store(store)
            .encryptionKeys(KeyRing.fromBase64(KEY_ID, key))
            .clock(clock)
            .build();
    private final StringBuilder file = new StringBuilder();

    private String key() {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    String write() {
        line(
                "# Sealed records, and what every later release must answer about them. RecordsToKeep wrote this file. From");
        line(
                "# its release on nobody changes it: a release that cannot read it locks its users out. The key is good for");
        line("# nothing else.");
        line("key id: " + KEY_ID);
        line("key: " + key);
        pending();
        enabled();
        everyAlgorithm();
        temporaryCode();
        lockedOut();
        suspended();
        budgetSpent();
        disabled();
        return file.toString();
    }

    private void pending() {
        PendingEnrollment pending = twoFactor.beginEnrollment(
                USER, EnrollmentRequest.of("alice@acme.example").browser(FIREFOX));
        Phone phone = Phone.scan(pending);
        String handle = pending.handle().value();
        TrustStamp none = new TrustStamp(TrustStamp.NO_EPOCH, null);
        record("an enrollment that waits for its first code", USER);

        say("status", "PENDING; authenticators 0, backup codes 0, browsers 0; strangers open, known open");
        say("signInRequirement -", "NoCodeRequired");
        say("isCurrent " + none.value(), "true");
        say(
                "pendingEnrollment " + handle,
                "alice@acme.example " + pending.keyUri().secret().toBase32());
        say("confirmEnrollment " + handle + " " + phone.wrongAt(now()), "Rejected");
        clock.advance(Duration.ofMinutes(10));
        say("confirmEnrollment " + handle + " " + phone.codeAt(now()), "Enrolled");
        say("isCurrent " + none.value(), "false");
        say("status", "ENABLED; authenticators 1, backup codes 10, browsers 1; strangers open, known open");
        say("verify - " + phone.codeAt(now()), "Rejected");
        clock.advance(STEP);
        say("verify - " + phone.codeAt(now()), "Verified");
    }

    private void enabled() {
        Phone phone = enroll();
        List<String> backupCodes = regenerate(phone);
        prove("-", backupCodes.get(0));
        clock.advance(STEP.multipliedBy(2));
        Verified laptop = (Verified) verify(FIREFOX, phone.codeAt(now()));
        twoFactor.rememberBrowser(laptop);
        String remembered = laptop.browserToken().orElseThrow().value();
        String used = next(phone);
        Verified tablet = (Verified) verify(Browser.ofToken(null, "Tablet"), used);
        String known = tablet.browserToken().orElseThrow().value();
        verify(Browser.none(), phone.wrongAt(now()));
        verify(Browser.none(), phone.wrongAt(now()));
        verify(Browser.ofToken(known, "Tablet"), phone.wrongAt(now()));
        twoFactor.stepUp(USER, tablet.stamp(), phone.wrongAt(now()));
        record("one app, nine of ten backup codes, a remembered browser, a known one, and a few failures", USER);

        say("status", "ENABLED; authenticators 1, backup codes 9, browsers 2; strangers 2 open, known 2 open");
        say("signInRequirement " + remembered, "NoCodeRequired");
        say("signInRequirement " + remembered.toLowerCase(Locale.ROOT), "CodeRequired");
        say("signInRequirement " + known, "CodeRequired");
        say("isCurrent " + laptop.stamp().value(), "true");
        say("isCurrent " + tablet.stamp().value(), "true");
        say("verify - " + used, "Rejected");
        say("verify - " + phone.codeAt(now().minus(STEP)), "Rejected");
        say("verify " + known + " " + next(phone), "Verified");
        say("status", "ENABLED; authenticators 1, backup codes 9, browsers 2; strangers open, known open");
        say("stepUp " + tablet.stamp().value() + " " + phone.wrongAt(now()), "Rejected");
        say("verify - " + backupCodes.get(0), "Rejected");
        say("signInRequirement " + remembered, "NoCodeRequired");
        say("verify - " + backupCodes.get(9), "Verified");
        say("verify - " + backupCodes.get(9), "Rejected");
        say("status", "ENABLED; authenticators 1, backup codes 8, browsers 2; strangers open, known open");
        say("signInRequirement " + remembered, "CodeRequired");
        say("isCurrent " + laptop.stamp().value(), "false");
    }

    private void everyAlgorithm() {
        Instant t0 = Instant.ofEpochSecond(1_000_000_007);
        TotpParameters fromT0 = new TotpParameters(HmacAlgorithm.SHA256, 8, Duration.ofSeconds(30), t0);
        SharedSecret first = secret(32);
        SharedSecret ownClock = secret(20);
        Phone imported = Phone.scan("?secret=" + first.toBase32() + "&algorithm=SHA256&digits=8");
        Phone clockToken = Phone.scan("?secret=" + ownClock.toBase32());
        long step = Math.floorDiv(now().getEpochSecond() - t0.getEpochSecond(), 30L);
        twoFactor
                .operator("migration")
                .importWithoutConfirmation(
                        UNUSUAL_USER,
                        List.of(
                                EnrollmentRequest.of("alice")
                                        .label("Counts from another instant")
                                        .existing(ExistingAuthenticator.totp(first, fromT0)
                                                .lastUsedStep(step - 2)),
                                EnrollmentRequest.of("alice")
                                        .label("Clock token")
                                        .existing(ExistingAuthenticator.totp(ownClock, TotpParameters.DEFAULT)
                                                .ownClock()
                                                .lastUsedStep(0))));
        // The token is ten steps ahead of the clock.
        Instant ahead = now().plus(STEP.multipliedBy(10));
        Verified proof = (Verified) twoFactor.verify(
                challenge(UNUSUAL_USER, Browser.none()), clockToken.codeAt(ahead), clockToken.codeAt(ahead.plus(STEP)));

        TotpParameters sha512 = new TotpParameters(HmacAlgorithm.SHA512, 7, Duration.ofSeconds(40), Instant.EPOCH);
        Phone app = another(
                proof, "SHA-512", ExistingAuthenticator.totp(secret(64), sha512).lastUsedStep(0));
        Phone token = another(proof, "Token", ExistingAuthenticator.hotp(secret(16), HmacAlgorithm.SHA1, 6, 99));
        PendingEnrollment pending = twoFactor.addAuthenticator(
                proof, EnrollmentRequest.of("\u00e4lice@acme.example").label("\u65b0\u3057\u3044\u96fb\u8a71"));
        Phone newPhone = Phone.scan(pending);
        record("authenticators of every kind, and another that waits", UNUSUAL_USER);

        say("status", "ENABLED; authenticators 4, backup codes 0, browsers 0; strangers open, known open");
        say("verify - " + imported.code(step - 2), "Rejected");
        say("verify - " + imported.code(step - 1), "Verified");
        say("verify - " + app.codeAt(now().plusSeconds(40)), "Verified");
        say("verify - " + app.codeAt(now()), "Rejected");
        say("verify - " + clockToken.codeAt(ahead.plus(STEP)), "Rejected");
        say("verify - " + clockToken.codeAt(ahead.plus(STEP.multipliedBy(2))), "Verified");
        say("verify - " + token.press(), "Verified");
        token.pressIdly(2);
        say("verify - " + token.press(), "Verified");
        say("confirmEnrollment " + pending.handle().value() + " " + newPhone.codeAt(now()), "Enrolled");
        say("status", "ENABLED; authenticators 5, backup codes 0, browsers 0; strangers open, known open");
    }

    private void temporaryCode() {
        Phone phone = enroll();
        Verified session = prove("-", next(phone));
        String code = twoFactor
                .operator("support")
                .issueTemporaryCode(USER, Duration.ofHours(2), "phone in repair")
                .value();
        record("a temporary code that is good for two hours", USER);

        say("isCurrent " + session.stamp().value(), "true");
        clock.advance(Duration.ofHours(2));
        say("verify - " + code, "Verified");
        say("isCurrent " + session.stamp().value(), "false");
        say("verify - " + code, "Rejected");
        say("verify - " + phone.codeAt(now()), "Rejected");
    }

    private void lockedOut() {
        Phone phone = enroll();
        String backupCode = regenerate(phone).get(0);
        Verified laptop = (Verified) verify(FIREFOX, next(phone));
        String known = laptop.browserToken().orElseThrow().value();
        fail(phone, 5);
        record("a lockout of 60 seconds at the strangers' door", USER);

        say("status", "ENABLED; authenticators 1, backup codes 10, browsers 1; strangers 5 BACK_OFF, known open");
        clock.advance(Duration.ofSeconds(60).minusMillis(1));
        String until = now().plusMillis(1).toString();
        say("verify - " + phone.codeAt(now()), "LockedOut until " + until);
        clock.advance(Duration.ofMillis(1));
        say("verify - " + phone.wrongAt(now()), "Rejected");
        say("verify - " + phone.codeAt(now()), "LockedOut until " + now().plusSeconds(120));
        say("verify " + known + " " + phone.codeAt(now()), "Verified");
        say("verify - " + next(phone), "Verified");
        say("verify - " + backupCode, "Verified");
    }

    private void suspended() {
        Phone phone = enroll();
        String backupCode = regenerate(phone).get(0);
        fail(phone, 50);
        record("suspended at the strangers' door after 50 failures in a row", USER);

        say("status", "ENABLED; authenticators 1, backup codes 10, browsers 0; strangers 50 SUSPENDED, known open");
        clock.advance(Duration.ofDays(365));
        say("verify - " + phone.codeAt(now()), "LockedOut");
        say("verify - " + backupCode, "Verified");
        clock.advance(STEP.multipliedBy(2));
        say("verify - " + phone.codeAt(now()), "Verified");
    }

    private void budgetSpent() {
        Phone phone = enroll();
        clock.set(START.plus(Duration.ofDays(400)));
        Instant firstDay = now().truncatedTo(ChronoUnit.DAYS);
        for (int row = 0; row < 12; row++) {
            fail(phone, 4);
            prove("-", next(phone));
            clock.advance(Duration.ofHours(6));
        }
        fail(phone, 2);
        record("the failure budget of the strangers' door spent within three days", USER);

        Instant room = firstDay.plus(Duration.ofDays(31));
        say("status", "ENABLED; authenticators 1, backup codes 10, browsers 0; strangers 2 BUDGET_SPENT, known open");
        say("verify - " + phone.codeAt(now()), "LockedOut until " + room);
        clock.set(room.minusMillis(1));
        say("verify - " + phone.codeAt(now()), "LockedOut until " + room);
        clock.set(room);
        say("verify - " + phone.codeAt(now()), "Verified");
    }

    private void disabled() {
        Phone phone = enroll();
        Verified proof = prove("-", next(phone));
        TrustStamp after = twoFactor.disable(proof);
        record("two-factor authentication switched off", USER);

        say("status", "OFF; authenticators 0, backup codes 0, browsers 0; strangers open, known open");
        say("signInRequirement -", "NoCodeRequired");
        say("isCurrent " + proof.stamp().value(), "false");
        say("isCurrent " + after.value(), "true");
    }

    private Phone enroll() {
        PendingEnrollment pending = twoFactor.beginEnrollment(USER, "alice@acme.example");
        Phone phone = Phone.scan(pending);
        Enrolled unused = (Enrolled) twoFactor.confirmEnrollment(pending.handle(), phone.codeAt(now()));
        return phone;
    }

    private List<String> regenerate(Phone phone) {
        return twoFactor.regenerateBackupCodes(prove("-", next(phone))).codes().asList();
    }

    private Challenge challenge(UserId user, Browser browser) {
        return ((CodeRequired) twoFactor.signInRequirement(user, browser)).challenge();
    }

    private VerificationResult verify(Browser browser, String typed) {
        return twoFactor.verify(challenge(USER, browser), typed);
    }

    private Verified prove(String token, String typed) {
        return (Verified) verify(browser(token), typed);
    }

    private Instant now() {
        return clock.instant();
    }

    /** The code of the next step. */
    private String next(Phone phone) {
        clock.advance(STEP);
        return phone.codeAt(now());
    }

    private SharedSecret secret(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return SharedSecret.fromBytes(bytes);
    }

    private Phone another(Verified proof, String label, ExistingAuthenticator existing) {
        PendingEnrollment pending = twoFactor.addAuthenticator(
                proof, EnrollmentRequest.of("alice").label(label).existing(existing));
        Phone phone = Phone.scan(pending);
        String code = pending.keyUri().counter().isPresent() ? phone.press() : phone.codeAt(now());
        Enrolled unused = (Enrolled) twoFactor.confirmEnrollment(pending.handle(), code);
        return phone;
    }

    private void fail(Phone phone, int times) {
        for (int failures = 0; failures < times; ) {
            if (verify(Browser.none(), phone.wrongAt(now())) instanceof LockedOut locked) {
                clock.set(locked.until().orElseThrow());
            } else {
                failures++;
            }
        }
    }

    private void record(String title, UserId user) {
        StoredRecord stored = store.find(user.value()).orElseThrow();
        line("");
        line("record: " + title);
        line("user: " + user.value());
        line("version: " + stored.version());
        line("payload: " + Base64.getEncoder().encodeToString(stored.payload()));
        twoFactor.operator("support").deleteAccount(user);
    }

    private void say(String call, String answer) {
        line("at " + now() + " " + call + " -> " + answer);
    }

    private void line(String text) {
        file.append(text).append('\n');
    }

    /** Makes a call of {@link #say}, and puts its answer into the same words. */
    static String answer(TwoFactor twoFactor, UserId user, List<String> call) {
        return switch (call.get(0)) {
            case "status" -> status(twoFactor.status(user));
            case "signInRequirement" -> name(twoFactor.signInRequirement(user, browser(call.get(1))));
            case "verify" -> verify(twoFactor, user, browser(call.get(1)), call.get(2));
            case "stepUp" -> name(twoFactor.stepUp(user, TrustStamp.of(call.get(1)), call.get(2)));
            case "isCurrent" -> String.valueOf(twoFactor.isCurrent(user, TrustStamp.of(call.get(1))));
            case "pendingEnrollment" ->
                twoFactor
                        .pendingEnrollment(EnrollmentHandle.of(call.get(1)))
                        .map(pending -> pending.keyUri().accountName() + " "
                                + pending.keyUri().secret().toBase32())
                        .orElse("none");
            case "confirmEnrollment" ->
                name(twoFactor.confirmEnrollment(EnrollmentHandle.of(call.get(1)), call.get(2)));
            default -> throw new IllegalArgumentException("no call " + call);
        };
    }

    /** A hyphen stands for a client that keeps no token. */
    private static Browser browser(String token) {
        return token.equals("-") ? Browser.none() : Browser.ofToken(token, "Laptop");
    }

    private static String verify(TwoFactor twoFactor, UserId user, Browser browser, String typed) {
        SignInRequirement requirement = twoFactor.signInRequirement(user, browser);
        return requirement instanceof CodeRequired code
                ? name(twoFactor.verify(code.challenge(), typed))
                : name(requirement);
    }

    private static String name(Object result) {
        String name = result.getClass().getSimpleName();
        return result instanceof LockedOut locked
                ? locked.until().map(until -> name + " until " + until).orElse(name)
                : name;
    }

    private static String status(TwoFactorStatus status) {
        return status.state()
                + "; authenticators " + status.authenticators().size()
                + ", backup codes " + status.backupCodesLeft()
                + ", browsers " + status.browsers().size()
                + "; strangers " + door(status.strangers())
                + ", known " + door(status.known());
    }

    private static String door(TwoFactorStatus.Door door) {
        String failures = door.consecutiveFailures() == 0 ? "" : door.consecutiveFailures() + " ";
        return failures + door.lock().map(lock -> lock.reason().name()).orElse("open");
    }
}
