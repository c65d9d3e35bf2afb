// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;

import dev.sallyport.EnrollmentResult.Enrolled;
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
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Writes records of the present format, one in each state that a record can be in, with a script of calls on it. What a
 * call must answer is said here by hand, and the codes are those of a {@link Phone}: the file bears witness to what was
 * meant, not to what happened to come out.
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
        line("# Sealed records, and what must be said of them for ever. RecordsToKeep wrote this file, and nobody");
        line("# changes it: a release that cannot read it locks its users out. The key is good for nothing else.");
        line("key id: " + KEY_ID);
        line("key: " + key);
        pending();
        enabled();
        everyAlgorithm();
        lockedOut();
        suspended();
        budgetSpent();
        return file.toString();
    }

    private void pending() {
        Phone phone = Phone.scan(twoFactor.beginEnrollment(USER, "alice@acme.example"));
        record("an enrollment that waits for its first code", USER);

        say("status", "", "PENDING; authenticators 0, backup codes 0, browsers 0; lock none");
        say("signInRequirement", "", "NotEnrolled");
        say("confirmEnrollment", phone.wrongAt(now()), "Rejected");
        clock.advance(Duration.ofMinutes(10));
        say("confirmEnrollment", phone.codeAt(now()), "Enrolled");
        say("verify", phone.codeAt(now()), "Rejected");
        clock.advance(STEP);
        say("verify", phone.codeAt(now()), "Verified");
    }

    private void enabled() {
        Phone phone = Phone.scan(twoFactor.beginEnrollment(USER, "alice@acme.example"));
        List<String> backupCodes = confirm(phone).backupCodes().orElseThrow().asList();
        twoFactor.verify(USER, backupCodes.get(0));
        String used = next(phone);
        BrowserToken browser = twoFactor.rememberBrowser(prove(USER, used), "Firefox on Linux");
        twoFactor.verify(USER, phone.wrongAt(now()));
        twoFactor.verify(USER, phone.wrongAt(now()));
        twoFactor.verify(USER, "0000-0000-0000-0000");
        record("one app, nine of ten backup codes, a browser, and a few failures", USER);

        say("status", "", "ENABLED; authenticators 1, backup codes 9, browsers 1; lock none");
        say("signInRequirement", browser.value(), "RememberedBrowser");
        say("signInRequirement", browser.value().toLowerCase(Locale.ROOT), "CodeRequired");
        say("verify", used, "Rejected");
        say("verify", phone.codeAt(now().minus(STEP)), "Rejected");
        say("verify", next(phone), "Verified");
        say("verify", backupCodes.get(0), "Rejected");
        say("signInRequirement", browser.value(), "RememberedBrowser");
        say("verify", backupCodes.get(9), "Verified");
        say("verify", backupCodes.get(9), "Rejected");
        say("status", "", "ENABLED; authenticators 1, backup codes 8, browsers 0; lock none");
        say("signInRequirement", browser.value(), "CodeRequired");
    }

    private void everyAlgorithm() {
        Instant t0 = Instant.ofEpochSecond(1_000_000_007);
        TotpParameters fromT0 = new TotpParameters(HmacAlgorithm.SHA256, 8, Duration.ofSeconds(30), t0);
        SharedSecret secret = SharedSecret.generate();
        Phone imported = Phone.scan("?secret=" + secret.toBase32() + "&algorithm=SHA256&digits=8");
        twoFactor.importWithoutConfirmation(
                UNUSUAL_USER,
                EnrollmentRequest.of("alice")
                        .label("Counts from another instant")
                        .seed(AuthenticatorSeed.totp(secret, fromT0)));
        long step = Math.floorDiv(now().getEpochSecond() - t0.getEpochSecond(), 30L);
        Verified proof = prove(UNUSUAL_USER, imported.code(step - 1));

        Phone app = another(
                proof,
                "SHA-512",
                AuthenticatorSeed.totp(
                        secret(64),
                        new TotpParameters(HmacAlgorithm.SHA512, 7, Duration.ofSeconds(40), Instant.EPOCH)));
        Phone token = another(proof, "Token", AuthenticatorSeed.hotp(secret(16), HmacAlgorithm.SHA1, 6, 99));
        Phone newPhone = Phone.scan(twoFactor.beginEnrollment(
                proof, EnrollmentRequest.of("\u00e4lice@acme.example").label("\u65b0\u3057\u3044\u96fb\u8a71")));
        record("authenticators of every kind, and another that waits", UNUSUAL_USER);

        say("status", "", "ENABLED; authenticators 3, backup codes 0, browsers 0; lock none");
        say("verify", imported.code(step - 1), "Rejected");
        say("verify", imported.code(step), "Verified");
        say("verify", app.codeAt(now().plusSeconds(40)), "Verified");
        say("verify", app.codeAt(now()), "Rejected");
        say("verify", token.press(), "Verified");
        token.pressIdly(5);
        say("verify", token.press(), "Verified");
        say("confirmEnrollment", newPhone.codeAt(now()), "Enrolled");
        say("status", "", "ENABLED; authenticators 4, backup codes 0, browsers 0; lock none");
    }

    private void lockedOut() {
        Phone phone = Phone.scan(twoFactor.beginEnrollment(USER, "alice@acme.example"));
        String backupCode = confirm(phone).backupCodes().orElseThrow().asList().get(0);
        for (int i = 0; i < 5; i++) {
            twoFactor.verify(USER, phone.wrongAt(now()));
        }
        record("a lockout of 30 seconds", USER);

        say("status", "", "ENABLED; authenticators 1, backup codes 10, browsers 0; lock BACK_OFF");
        clock.advance(STEP.minusMillis(1));
        say("verify", phone.codeAt(now()), "LockedOut");
        clock.advance(Duration.ofMillis(1));
        say("verify", phone.wrongAt(now()), "Rejected");
        say("verify", phone.codeAt(now()), "LockedOut");
        say("verify", backupCode, "Verified");
        say("verify", phone.codeAt(now()), "Verified");
    }

    private void suspended() {
        Phone phone = Phone.scan(twoFactor.beginEnrollment(USER, "alice@acme.example"));
        String backupCode = confirm(phone).backupCodes().orElseThrow().asList().get(0);
        fail(phone, 100);
        record("suspended after a hundred failures in a row", USER);

        say("status", "", "ENABLED; authenticators 1, backup codes 10, browsers 0; lock SUSPENDED");
        clock.advance(Duration.ofDays(365));
        say("verify", phone.codeAt(now()), "Suspended");
        say("verify", backupCode, "Verified");
        say("verify", phone.codeAt(now()), "Verified");
    }

    private void budgetSpent() {
        Phone phone = Phone.scan(twoFactor.beginEnrollment(USER, "alice@acme.example"));
        confirm(phone);
        Instant budgetFrom = now();
        for (int row = 0; row < 24; row++) {
            fail(phone, 4);
            prove(USER, next(phone));
            clock.advance(Duration.ofHours(6));
        }
        fail(phone, 4);
        record("the failure budget spent within a week", USER);

        say("status", "", "ENABLED; authenticators 1, backup codes 10, browsers 0; lock BUDGET_SPENT");
        say("verify", phone.codeAt(now()), "LockedOut");
        clock.set(budgetFrom.plus(Duration.ofDays(30)));
        say("verify", phone.codeAt(now()), "LockedOut");
        clock.set(budgetFrom.plus(Duration.ofDays(31)));
        say("verify", phone.codeAt(now()), "Verified");
    }

    private Instant now() {
        return clock.instant();
    }

    private Enrolled confirm(Phone phone) {
        Enrolled enrolled = (Enrolled) twoFactor.confirmEnrollment(USER, phone.codeAt(now()));
        clock.advance(STEP);
        return enrolled;
    }

    /** The code of the next step. */
    private String next(Phone phone) {
        clock.advance(STEP);
        return phone.codeAt(now());
    }

    private Verified prove(UserId user, String code) {
        return (Verified) twoFactor.verify(user, code);
    }

    private SharedSecret secret(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return SharedSecret.fromBytes(bytes);
    }

    private Phone another(Verified proof, String label, AuthenticatorSeed seed) {
        Phone phone = Phone.scan(twoFactor.beginEnrollment(
                proof, EnrollmentRequest.of("alice").label(label).seed(seed)));
        String code = seed.totp() == null ? phone.press() : phone.codeAt(now());
        Enrolled unused = (Enrolled) twoFactor.confirmEnrollment(proof.user(), code);
        return phone;
    }

    private void fail(Phone phone, int times) {
        for (int failures = 0; failures < times; ) {
            if (twoFactor.verify(USER, phone.wrongAt(now())) instanceof LockedOut locked) {
                clock.set(locked.until());
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
        twoFactor.resetWithoutProof(user, "the next record");
    }

    private void say(String call, String argument, String answer) {
        line("at " + now() + " " + call + (argument.isEmpty() ? "" : " " + argument) + " -> " + answer);
    }

    private void line(String text) {
        file.append(text).append('\n');
    }

    /** What {@link #say} has said should come of a call. */
    static String answer(TwoFactor twoFactor, UserId user, String call, String argument) {
        return switch (call) {
            case "status" -> status(twoFactor.status(user));
            case "signInRequirement" -> name(twoFactor.signInRequirement(user, argument));
            case "verify" -> name(twoFactor.verify(user, argument));
            case "confirmEnrollment" -> name(twoFactor.confirmEnrollment(user, argument));
            default -> throw new IllegalArgumentException("no call " + call);
        };
    }

    private static String name(Object result) {
        return result.getClass().getSimpleName();
    }

    private static String status(TwoFactorStatus status) {
        return status.state()
                + "; authenticators " + status.authenticators().size()
                + ", backup codes " + status.backupCodesLeft()
                + ", browsers " + status.browsers().size()
                + "; lock " + status.lock().map(LockReason::name).orElse("none");
    }
}
