// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.storage.MapTwoFactorStore;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** An application with Sallyport in it: a store, a clock that stands still, and a list of what has happened. */
public final class World {
    public static final UserId ALICE = UserId.of("42");
    public static final UserId BOB = UserId.of("43");
    /** The first instant of a time step, in the middle of a UTC day. */
    public static final Instant START = Instant.parse("2026-03-02T12:00:00Z");

    public static final Duration STEP = Duration.ofSeconds(30);

    /** What a browser without cookies sends. */
    public static final Browser FIREFOX =
            Browser.fromHeaders(null, "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0");

    public final SteppedClock clock = new SteppedClock(START);
    public final ConcurrentMap<String, String> rows = new ConcurrentHashMap<>();
    public final WatchedStore store = new WatchedStore(new MapTwoFactorStore(rows));
    public final KeyRing keys = KeyRing.generate();
    public final List<TwoFactorEvent> events = new CopyOnWriteArrayList<>();
    public final TwoFactor twoFactor;

    private final SecureRandom random = repeatable();

    public World() {
        this(TwoFactorPolicy.defaults());
    }

    public World(TwoFactorPolicy policy) {
        twoFactor = node().policy(policy).build();
    }

    /** Another node over the same store, with the default policy if no other is set. */
    public TwoFactor.Builder node() {
        return TwoFactor.builder()
                .issuer("Acme")
                .store(store)
                .encryptionKeys(keys)
                .clock(clock)
                .random(random)
                .listener(events::add);
    }

    /** A user who has two-factor authentication on, and what that user has. The browser is a known one. */
    public record Owner(
            Phone phone, AuthenticatorId authenticator, List<String> backupCodes, Verified proof, Browser browser) {}

    public Owner enroll() {
        return enroll(ALICE);
    }

    /** Enrolls a user in a browser, and lets a step go by, so that the phone shows an unused code. */
    public Owner enroll(UserId user) {
        EnrollmentRequest request = EnrollmentRequest.of("alice@acme.example").browser(FIREFOX);
        return confirm(twoFactor.beginEnrollment(user, request));
    }

    /** Adds another app, and lets a step go by. */
    public Owner enrollAnother(Verified proof) {
        return confirm(twoFactor.addAuthenticator(proof, EnrollmentRequest.of("alice@acme.example")));
    }

    private Owner confirm(PendingEnrollment pending) {
        Phone phone = Phone.scan(pending);
        EnrollmentResult result = twoFactor.confirmEnrollment(pending.handle(), phone.codeAt(now()));
        assertThat(result).isInstanceOf(Enrolled.class);
        Enrolled enrolled = (Enrolled) result;
        clock.advance(STEP);
        return new Owner(
                phone,
                enrolled.authenticator(),
                enrolled.backupCodes().map(BackupCodes::asList).orElse(List.of()),
                enrolled.proof(),
                enrolled.proof().browserToken().map(World::browserWith).orElse(Browser.none()));
    }

    /** A Firefox that sends back the cookie that it was given. */
    public static Browser browserWith(BrowserToken token) {
        String cookie = token.setCookie().substring(0, token.setCookie().indexOf(';'));
        return Browser.fromHeaders(cookie, "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0");
    }

    /** An app with the RFCs' secret, live without backup codes: nothing is derived, and all its codes are known. */
    public Phone importApp() {
        return importKey("otpauth://totp/Acme:alice?issuer=Acme&secret=" + Phone.RFC_SECRET);
    }

    /** A token with a button and the RFCs' secret, which shows the code of counter 0 next. */
    public Phone importToken() {
        return importKey("otpauth://hotp/Acme:alice?issuer=Acme&counter=0&secret=" + Phone.RFC_SECRET);
    }

    public Phone importKey(String keyUri) {
        ExistingAuthenticator existing = ExistingAuthenticator.of(KeyUri.parse(keyUri));
        // Never used, so that the code of this moment is not burnt.
        importAll(keyUri.startsWith("otpauth://totp") ? existing.lastUsedStep(0) : existing);
        return Phone.scan(keyUri);
    }

    public List<AuthenticatorId> importAll(ExistingAuthenticator... existing) {
        List<EnrollmentRequest> requests = Stream.of(existing)
                .map(one -> EnrollmentRequest.of("alice@acme.example").existing(one))
                .toList();
        return twoFactor.operator("migration").importWithoutConfirmation(ALICE, requests);
    }

    public Instant now() {
        return clock.instant();
    }

    /** A challenge for a user whose password was just checked. The browser has to need a code. */
    public Challenge challenge(UserId user, Browser browser) {
        SignInRequirement requirement = twoFactor.signInRequirement(user, browser);
        assertThat(requirement).isInstanceOf(CodeRequired.class);
        return ((CodeRequired) requirement).challenge();
    }

    /** At the strangers' door, from a client that keeps nothing. */
    public VerificationResult verify(String typed) {
        return verify(Browser.none(), typed);
    }

    /** At the known door if the browser is known, at the strangers' door otherwise. */
    public VerificationResult verify(Browser browser, String typed) {
        return twoFactor.verify(challenge(ALICE, browser), typed);
    }

    /** A proof from the code that the phone shows. */
    public Verified prove(Phone phone) {
        return proof(verify(phone.codeAt(now())));
    }

    public static Verified proof(VerificationResult result) {
        assertThat(result).isInstanceOf(Verified.class);
        return (Verified) result;
    }

    /** Wrong codes of a stranger, each compared and counted: one that is locked out comes again when the lockout ends. */
    public void fail(Phone phone, int times) {
        fail(Browser.none(), phone, times);
    }

    public void fail(Browser browser, Phone phone, int times) {
        for (int i = 0; i < times; i++) {
            VerificationResult result = verify(browser, phone.wrongAt(now()));
            if (result instanceof LockedOut locked) {
                clock.set(locked.until().orElseThrow());
                result = verify(browser, phone.wrongAt(now()));
            }
            assertThat(result).isEqualTo(new Rejected());
        }
    }

    public List<Type> eventTypes() {
        return events.stream().map(TwoFactorEvent::type).toList();
    }

    public TwoFactorEvent lastEvent() {
        return events.get(events.size() - 1);
    }

    /** The same secrets in each run, so that no two codes are equal in one run of a million. */
    private static SecureRandom repeatable() {
        try {
            SecureRandom random = SecureRandom.getInstance("SHA1PRNG");
            random.setSeed(42);
            return random;
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("the test platform has SHA1PRNG", e);
        }
    }
}
