// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sallyport.Challenge;
import dev.sallyport.Rejected;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.conformance.Application.Owner;
import dev.sallyport.storage.conformance.Application.Phone;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The promises of the core, on this store. */
@Proves("the promises of the core on this store")
abstract class CoreTests extends ProcessTests {
    private static final int MANY_THREADS = 64;

    private static final String CORE =
            "look at the other failures of this run first, above all at the tests \"threads\" and \"second instance\".";

    @Test
    @DisplayName("core: one code from 64 threads MUST be accepted once, and by no instance again")
    void core_oneCodeManyTimes_isAcceptedOnce() {
        Application application = new Application(context.instances());
        UserId user = UserId.of(context.id("user"));
        application.enroll(user, Phone.OLD);
        try (ConcurrentThreads threads = new ConcurrentThreads(MANY_THREADS)) {
            for (Repetitions repetitions = repetitions(10, 2); repetitions.hasNext(); ) {
                String code = Phone.OLD.codeAt(application.now());
                Challenge challenge = application.challenge(user);
                List<Optional<VerificationResult>> results =
                        threads.run(i -> answer(() -> application.node(i).verify(challenge, code)));
                if (mustHaveOneWinner(results, Rejected.class, "with one code") == 0) {
                    // A write that threw was made, or the code is still unused.
                    application.signIn(0, user, code);
                }
                for (int i = 0; i < 2; i++) {
                    assertEquals(
                            new Rejected(),
                            application.signIn(i, user, code),
                            "A used code MUST be rejected on every instance.\nUsual cause: " + CORE);
                }
                application.set(application.now().plus(Application.STEP));
            }
        }
    }

    @Test
    @DisplayName("core: one backup code from 64 threads MUST be accepted once, and by no instance again")
    void core_oneBackupCodeManyTimes_isAcceptedOnce() {
        Application application = new Application(context.instances());
        UserId user = UserId.of(context.id("user"));
        String code = application.enroll(user, Phone.OLD).backupCodes().get(0);
        Challenge challenge = application.challenge(user);
        try (ConcurrentThreads threads = new ConcurrentThreads(MANY_THREADS)) {
            List<Optional<VerificationResult>> results =
                    threads.run(i -> answer(() -> application.node(i).verify(challenge, code)));
            if (mustHaveOneWinner(results, SignInAgain.class, "with one backup code") == 0) {
                application.signIn(0, user, code);
            }
        }
        for (int i = 0; i < 2; i++) {
            assertEquals(
                    new Rejected(),
                    application.signIn(i, user, code),
                    "A used backup code MUST be rejected on every instance.\nUsual cause: " + CORE);
        }
        mustBe(1, 1, application.node(1).status(user).backupCodesLeft(), "backup codes of two", "were left");
    }

    @Test
    @DisplayName("core: of 64 wrong guesses at once exactly those that are free MUST be answered and counted")
    void core_wrongGuessesAtOnce_areAnsweredAndCountedAsFarAsFree() {
        Application application = new Application(context.instances());
        int free = Application.POLICY.failuresBeforeLockout();
        Duration lockout = Application.POLICY.firstLockout();
        try (ConcurrentThreads threads = new ConcurrentThreads(MANY_THREADS)) {
            for (Repetitions repetitions = repetitions(5, 1); repetitions.hasNext(); ) {
                UserId user = UserId.of(context.id("user-" + application.now()));
                application.enroll(user, Phone.OLD);
                String wrong = Phone.OLD.wrongAt(application.now());
                Challenge challenge = application.challenge(user);
                List<Optional<VerificationResult>> results =
                        threads.run(i -> answer(() -> application.node(i).verify(challenge, wrong)));
                long unknown = results.stream().filter(Optional::isEmpty).count();
                long answered = count(Rejected.class, results);
                String who = "of " + MANY_THREADS + " wrong guesses";
                mustBe(Math.max(0, free - unknown), free, answered, who, "were answered");
                mustBe(
                        MANY_THREADS - answered - unknown,
                        MANY_THREADS - answered - unknown,
                        count(LockedOut.class, results),
                        who,
                        "were refused");
                mustBe(
                        answered,
                        Math.min(free, answered + unknown),
                        application.node(1).status(user).strangers().consecutiveFailures(),
                        who,
                        "were counted");
                if (unknown > 0) {
                    application.set(application.now().plus(lockout));
                    continue;
                }

                // One more failure doubles the lockout, but only if exactly the free guesses were counted.
                application.set(application.now().plus(lockout));
                application.node(0).verify(challenge, wrong);
                assertEquals(
                        Optional.of(application.now().plus(lockout.multipliedBy(2))),
                        application.node(1).status(user).strangers().lock().flatMap(TwoFactorStatus.Lock::until),
                        "Every wrong guess that is answered MUST be counted, and no other.\nUsual cause: " + CORE);
            }
        }
    }

    @Test
    @DisplayName(
            "core: when disable and a new enrollment race verifications, nothing of the old enrollment MUST survive")
    void core_reEnrollmentRacingVerifications_leavesNothingOfTheOldOne() {
        Application application = new Application(context.instances());
        try (ConcurrentThreads threads = new ConcurrentThreads(THREADS)) {
            for (Repetitions repetitions = repetitions(20, 2); repetitions.hasNext(); ) {
                UserId user = UserId.of(context.id("user-" + application.now()));
                Owner before = application.enroll(user, Phone.OLD);
                String oldCode = Phone.OLD.codeAt(application.now());
                Challenge challenge = application.challenge(user);
                AtomicReference<@Nullable Owner> after = new AtomicReference<>();
                List<Optional<VerificationResult>> results = threads.run(i -> answer(() -> {
                    if (i > 0) {
                        return application.node(i).verify(challenge, oldCode);
                    }
                    application.node(0).disable(before.proof());
                    after.set(application.enrollNow(user, Phone.NEW));
                    return new SignInAgain();
                }));
                long verified = count(Verified.class, results);
                assertTrue(
                        verified <= 1,
                        () -> verified + " threads with one code were verified, and at most one MUST be.\nUsual cause: "
                                + CORE);

                Owner owner = after.get();
                if (owner == null) {
                    // The store threw, and nobody knows how far this went. Alone it has to go to the end.
                    application.set(application.now().plus(Application.STEP));
                    mustEnrollAgain(application, UserId.of(context.id("alone-" + application.now())));
                    continue;
                }
                assertEquals(
                        List.of(owner.authenticator()),
                        application.node(1).status(user).authenticators().stream()
                                .map(TwoFactorStatus.Authenticator::id)
                                .toList(),
                        "After a new enrollment only its authenticator MUST be there.\nUsual cause: " + CORE);
                application.set(application.now().plus(Application.STEP));
                String nextOldCode = Phone.OLD.codeAt(application.now());
                mustNotBeVerified(application.node(1).verify(challenge, nextOldCode), "a sign-in from before");
                mustNotBeVerified(application.signIn(1, user, nextOldCode), "a code of the old phone");
                mustNotBeVerified(
                        application.signIn(1, user, before.backupCodes().get(0)), "an old backup code");
                VerificationResult result = application.signIn(1, user, Phone.NEW.codeAt(application.now()));
                assertTrue(
                        result instanceof Verified,
                        () -> "A code of the new phone got " + result + ", and MUST be verified.\nUsual cause: "
                                + CORE);
            }
        }
    }

    private static void mustEnrollAgain(Application application, UserId user) {
        Owner owner = application.enroll(user, Phone.OLD);
        try {
            application.node(0).disable(owner.proof());
            application.enrollNow(user, Phone.NEW);
        } catch (StoreException e) {
            throw new AssertionError(
                    StoreUnderTest.rootCause(e)
                            + "\nDisabling and enrolling again threw this, with nobody else writing,"
                            + " and MUST succeed.\nUsual cause: what the first line says. Or: " + CORE,
                    e);
        }
    }

    private static void mustNotBeVerified(VerificationResult result, String what) {
        assertFalse(
                result instanceof Verified,
                () -> "After a new enrollment " + what + " was accepted, and MUST NOT be.\nUsual cause: " + CORE);
    }

    /** Empty if the store threw: the outcome is unknown then. */
    private static Optional<VerificationResult> answer(Supplier<VerificationResult> call) {
        try {
            return Optional.of(call.get());
        } catch (StoreException e) {
            return Optional.empty();
        }
    }

    /** At most one is verified, and all others get the answer of the losers. Returns how many were verified. */
    private static long mustHaveOneWinner(
            List<Optional<VerificationResult>> results, Class<? extends VerificationResult> loser, String with) {
        String who = "of " + results.size() + " threads " + with;
        long unknown = results.stream().filter(Optional::isEmpty).count();
        long verified = count(Verified.class, results);
        long losers = results.size() - verified - unknown;
        mustBe(unknown > 0 ? 0 : 1, 1, verified, who, "were verified");
        mustBe(losers, losers, count(loser, results), who, "were refused");
        return verified;
    }

    private static long count(Class<? extends VerificationResult> kind, List<Optional<VerificationResult>> results) {
        return results.stream()
                .flatMap(Optional::stream)
                .filter(kind::isInstance)
                .count();
    }

    private static void mustBe(long least, long most, long actual, String ofWhat, String did) {
        assertTrue(
                least <= actual && actual <= most,
                () -> actual + " " + ofWhat + " " + did + ", and it MUST be " + least
                        + (least == most ? "" : " to " + most) + ".\nUsual cause: " + CORE);
    }
}
