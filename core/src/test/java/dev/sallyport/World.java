// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Rejected;
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

/** An application with Sallyport in it: a store, a clock that stands still, and a list of what has happened. */
public final class World {
    public static final UserId ALICE = UserId.of("42");
    public static final UserId BOB = UserId.of("43");
    /** The first instant of a time step, in the middle of a UTC day. */
    public static final Instant START = Instant.parse("2026-03-02T12:00:00Z");

    public static final Duration STEP = Duration.ofSeconds(30);

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

    /** Who has two-factor authentication on, and what they hold. */
    public record Owner(Phone phone, AuthenticatorId authenticator, List<String> backupCodes, Verified proof) {}

    public Owner enroll() {
        return enroll(ALICE);
    }

    /** Enrolls a user, and lets a step go by, so that the phone shows an unused code. */
    public Owner enroll(UserId user) {
        Phone phone = Phone.scan(twoFactor.beginEnrollment(user, "alice@acme.example"));
        Enrolled enrolled = confirm(user, phone);
        clock.advance(STEP);
        return new Owner(
                phone,
                enrolled.authenticator(),
                enrolled.backupCodes().orElseThrow().asList(),
                enrolled.proof());
    }

    /** Adds another app, and lets a step go by. */
    public Owner enrollAnother(Verified proof) {
        Phone phone = Phone.scan(twoFactor.beginEnrollment(proof, EnrollmentRequest.of("alice@acme.example")));
        Enrolled enrolled = confirm(proof.user(), phone);
        clock.advance(STEP);
        return new Owner(phone, enrolled.authenticator(), List.of(), enrolled.proof());
    }

    private Enrolled confirm(UserId user, Phone phone) {
        EnrollmentResult result = twoFactor.confirmEnrollment(user, phone.codeAt(now()));
        assertThat(result).isInstanceOf(Enrolled.class);
        return (Enrolled) result;
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
        AuthenticatorSeed seed = AuthenticatorSeed.of(KeyUri.parse(keyUri));
        twoFactor.importWithoutConfirmation(
                ALICE, EnrollmentRequest.of("alice@acme.example").seed(seed));
        return Phone.scan(keyUri);
    }

    public Instant now() {
        return clock.instant();
    }

    public VerificationResult verify(String typed) {
        return twoFactor.verify(ALICE, typed);
    }

    /** A proof from the code that the phone shows. */
    public Verified prove(Phone phone) {
        return proof(verify(phone.codeAt(now())));
    }

    public static Verified proof(VerificationResult result) {
        assertThat(result).isInstanceOf(Verified.class);
        return (Verified) result;
    }

    /** Wrong codes, each compared and counted: one that is locked out comes again when the lockout ends. */
    public void fail(Phone phone, int times) {
        for (int i = 0; i < times; i++) {
            VerificationResult result = verify(phone.wrongAt(now()));
            if (result instanceof LockedOut locked) {
                clock.set(locked.until());
                result = verify(phone.wrongAt(now()));
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
