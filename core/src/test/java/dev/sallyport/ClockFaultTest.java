// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.EnrollmentResult.Expired;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import dev.sallyport.storage.StoredRecord;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server whose clock is wrong for a while. */
class ClockFaultTest {
    private static final Duration YEAR = Duration.ofDays(365);

    private final World world = new World(Stage.POLICY);
    private final TwoFactor twoFactor = world.twoFactor;
    private final Owner owner = world.enroll();
    private final Phone phone = owner.phone();

    /** Something that happens while the clock is wrong by so much. */
    private void whileClockIsOff(Duration by, Runnable action) {
        Instant right = world.now();
        world.clock.advance(by);
        action.run();
        world.clock.set(right);
    }

    private VerificationResult wrong() {
        return world.verify(phone.wrongAt(world.now()));
    }

    private VerificationResult right() {
        return world.verify(phone.codeAt(world.now()));
    }

    private VerificationResult wrongBackupCode() {
        return world.verify("0000-0000-0000-0000");
    }

    private boolean isRecognized(BrowserToken token) {
        return !twoFactor.signInRequirement(ALICE, token.value()).equals(new CodeRequired());
    }

    private StoredRecord row() {
        return world.store.find(ALICE.value()).orElseThrow();
    }

    @Nested
    @DisplayName("A clock that is a year ahead for one attempt locks nobody for a year, and forgives nothing")
    class YearAhead {

        @Test
        void lockout_fromAFailureOfTheFuture_lastsItsTimeFromTheNextAttempt() {
            world.fail(phone, 4);
            whileClockIsOff(YEAR, ClockFaultTest.this::wrong);
            Instant until = world.now().plusSeconds(30);

            assertThat(right()).isEqualTo(new LockedOut(until));
            world.clock.advance(Duration.ofSeconds(10));
            assertThat(right()).isEqualTo(new LockedOut(until));
            world.clock.set(until);
            assertThat(right()).isInstanceOf(Verified.class);
        }

        @Test
        void lockout_ofAHundredthFailure_isNoShorterThanTheOneBefore() {
            world.fail(phone, 11);
            whileClockIsOff(YEAR, ClockFaultTest.this::wrong);
            Instant until = world.now().plus(Duration.ofHours(1));

            assertThat(right()).isEqualTo(new LockedOut(until));
        }

        @Test
        void failures_ofTheFuture_stayCounted() {
            world.fail(phone, 4);
            whileClockIsOff(YEAR, ClockFaultTest.this::wrong);

            assertThat(Unsealed.account(world.keys, world.store, ALICE).limits().codeFailures())
                    .isEqualTo(5);
        }

        @Test
        void budget_spentBeforeAndInTheFuture_isSpent() {
            spendBudget(99);
            whileClockIsOff(YEAR, ClockFaultTest.this::wrong);

            assertThat(right()).isInstanceOf(LockedOut.class);
            assertThat(twoFactor.status(ALICE).lock()).contains(LockReason.BUDGET_SPENT);
        }

        /** With a right code between each four wrong ones, so that nothing but the budget counts. */
        private void spendBudget(int failures) {
            for (int i = 1; i <= failures; i++) {
                world.fail(phone, 1);
                if (i % 4 == 0 && i < failures) {
                    world.clock.advance(STEP);
                    world.prove(phone);
                    world.clock.advance(Duration.ofHours(1));
                }
            }
        }

        @Test
        void budget_ofOneFailureOfTheFuture_isNotGivenBackWhenThatDayComes() {
            whileClockIsOff(YEAR, ClockFaultTest.this::wrong);
            world.prove(phone);

            assertThat(Unsealed.account(world.keys, world.store, ALICE)
                            .limits()
                            .budget()
                            .days())
                    .containsExactly(new FailureBudget.Day(world.now().getEpochSecond() / 86_400, 1));
        }

        @Test
        void backupCode_behindAWatermarkOfTheFuture_isTheWayBackIn() {
            whileClockIsOff(YEAR, () -> world.prove(phone));

            Verified proof = World.proof(world.verify(owner.backupCodes().get(0)));
            Owner another = world.enrollAnother(proof);
            assertThat(world.verify(another.phone().codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void proof_ofTheFuture_isStale() {
            Instant right = world.now();
            world.clock.advance(YEAR);
            Verified proof = world.prove(phone);
            String sealed = twoFactor.seal(proof);
            world.clock.set(right);

            assertThatThrownBy(() -> twoFactor.disable(proof)).isInstanceOf(StaleProofException.class);
            assertThat(twoFactor.unseal(ALICE, sealed)).isEmpty();
        }

        @Test
        void browser_rememberedInTheFuture_isNotRememberedLongerThanOthers() {
            Instant right = world.now();
            world.clock.advance(YEAR);
            BrowserToken token = twoFactor.rememberBrowser(world.prove(phone), "Firefox");
            world.clock.set(right);

            // Whether it is recognized now does not matter; to look must not extend it.
            twoFactor.signInRequirement(ALICE, token.value());
            world.clock.advance(Duration.ofDays(30));
            assertThat(isRecognized(token)).isFalse();
            world.clock.advance(Duration.ofDays(200));
            assertThat(isRecognized(token)).isFalse();
        }

        @Test
        void browser_rememberedInTheFuture_isForgottenThirtyDaysAfterTheNextAttempt() {
            Instant right = world.now();
            world.clock.advance(YEAR);
            BrowserToken token = twoFactor.rememberBrowser(world.prove(phone), "Firefox");
            world.clock.set(right);

            wrongBackupCode();

            assertThat(isRecognized(token)).isTrue();
            world.clock.advance(Duration.ofDays(30));
            assertThat(isRecognized(token)).isFalse();
        }

        @Test
        void browser_rememberedBefore_outlivesTheFault() {
            BrowserToken token = twoFactor.rememberBrowser(owner.proof(), "Firefox");
            whileClockIsOff(YEAR, () -> assertThat(isRecognized(token)).isFalse());
            whileClockIsOff(YEAR, ClockFaultTest.this::wrong);

            assertThat(isRecognized(token)).isTrue();
        }

        @Test
        void emptiedBudget_ofTheFuture_isNotEmptiedAgainAtOnce() {
            spendBudget(100);
            whileClockIsOff(YEAR, () -> {
                wrong();
                world.verify(owner.backupCodes().get(0));
            });
            spendBudget(100);

            world.verify(owner.backupCodes().get(1));

            assertThat(twoFactor.status(ALICE).lock()).contains(LockReason.BUDGET_SPENT);
        }
    }

    @Nested
    class YearBehind {

        @Test
        void verify_underAClockAYearBehind_isRejectedUncountedAndSaysWhy() {
            whileClockIsOff(YEAR.negated(), () -> {
                assertThat(right()).isEqualTo(new Rejected());
                assertThat(world.lastEvent().rejection()).contains(Rejection.BEHIND_THE_CLOCK);
            });

            assertThat(right()).isInstanceOf(Verified.class);
        }

        @Test
        void usedCode_afterAClockAYearBehind_isStillUsed() {
            String code = phone.codeAt(world.now());
            world.prove(phone);

            whileClockIsOff(YEAR.negated(), ClockFaultTest.this::right);

            assertThat(world.verify(code)).isEqualTo(new Rejected());
        }

        @Test
        void failuresInARow_afterAClockAYearBehind_areStillCounted() {
            world.fail(phone, 5);

            whileClockIsOff(YEAR.negated(), () -> {
                assertThat(right()).isInstanceOf(LockedOut.class);
                wrong();
            });

            assertThat(Unsealed.account(world.keys, world.store, ALICE).limits().codeFailures())
                    .isEqualTo(5);
        }

        @Test
        void proof_fromBefore_isStaleAsLongAsTheClockIsWrong() {
            Verified proof = world.prove(phone);

            whileClockIsOff(
                    YEAR.negated(),
                    () -> assertThatThrownBy(() -> twoFactor.disable(proof)).isInstanceOf(StaleProofException.class));

            twoFactor.disable(proof);
        }

        @Test
        void browser_rememberedUnderAClockAYearBehind_isForgottenWhenTheClockIsRight() {
            Instant right = world.now();
            world.clock.advance(YEAR.negated());
            Verified proof = World.proof(world.verify(owner.backupCodes().get(0)));
            BrowserToken token = twoFactor.rememberBrowser(proof, "Firefox");
            assertThat(isRecognized(token)).isTrue();
            world.clock.set(right);

            assertThat(isRecognized(token)).isFalse();
        }

        @Test
        void browser_lookedAtUnderAClockAYearBehind_isNotRememberedLonger() {
            BrowserToken token = twoFactor.rememberBrowser(owner.proof(), "Firefox");

            whileClockIsOff(YEAR.negated(), () -> isRecognized(token));

            assertThat(isRecognized(token)).isTrue();
            world.clock.advance(Duration.ofDays(30));
            assertThat(isRecognized(token)).isFalse();
        }

        @Test
        void enrollment_underAClockAYearBehind_isGoodWhenTheClockIsRight() {
            twoFactor.disable(owner.proof());
            Instant right = world.now();
            world.clock.advance(YEAR.negated());
            Phone behind = Phone.scan(twoFactor.beginEnrollment(ALICE, "alice"));
            assertThat(twoFactor.confirmEnrollment(ALICE, behind.codeAt(world.now())))
                    .isInstanceOf(Enrolled.class);
            world.clock.set(right);

            assertThat(world.verify(behind.codeAt(right))).isInstanceOf(Verified.class);
        }
    }

    @Nested
    class PendingEnrollmentOfAnotherTime {
        private final Instant right = world.now();

        private Phone begin() {
            twoFactor.disable(owner.proof());
            return Phone.scan(twoFactor.beginEnrollment(ALICE, "alice"));
        }

        @Test
        void pending_fromTheFuture_isNotShownAndHasExpired() {
            twoFactor.disable(owner.proof());
            world.clock.advance(YEAR);
            Phone begun = Phone.scan(twoFactor.beginEnrollment(ALICE, "alice"));
            world.clock.set(right);

            assertThat(twoFactor.status(ALICE).state()).isEqualTo(State.NOT_ENROLLED);
            assertThat(twoFactor.pendingEnrollment(ALICE)).isEmpty();
            assertThat(twoFactor.confirmEnrollment(ALICE, begun.codeAt(right))).isEqualTo(new Expired());
            assertThat(world.rows).isEmpty();
        }

        @Test
        void pending_fromTheFuture_doesNotKeepAnybodyFromBeginning() {
            twoFactor.disable(owner.proof());
            whileClockIsOff(YEAR, () -> twoFactor.beginEnrollment(ALICE, "alice"));

            Phone begun = Phone.scan(twoFactor.beginEnrollment(ALICE, "alice"));

            assertThat(twoFactor.confirmEnrollment(ALICE, begun.codeAt(right))).isInstanceOf(Enrolled.class);
        }

        @Test
        void pending_onlyLookedAtUnderAWrongClock_isStillGood() {
            Phone begun = begin();

            whileClockIsOff(
                    YEAR, () -> assertThat(twoFactor.pendingEnrollment(ALICE)).isEmpty());
            whileClockIsOff(
                    YEAR.negated(),
                    () -> assertThat(twoFactor.pendingEnrollment(ALICE)).isEmpty());

            assertThat(twoFactor.confirmEnrollment(ALICE, begun.codeAt(right))).isInstanceOf(Enrolled.class);
        }

        @Test
        @DisplayName("The clocks of two nodes may be a minute apart")
        void pending_fromANodeAMinuteAhead_isGoodAtOnce() {
            twoFactor.disable(owner.proof());
            world.clock.advance(Duration.ofMinutes(1));
            twoFactor.beginEnrollment(ALICE, "alice");
            world.clock.set(right);

            assertThat(twoFactor.pendingEnrollment(ALICE)).isPresent();
            world.clock.advance(Duration.ofMillis(-1));
            assertThat(twoFactor.pendingEnrollment(ALICE)).isEmpty();
        }

        @Test
        void browser_fromANodeAMinuteAhead_isRecognizedAtOnce() {
            world.clock.advance(Duration.ofMinutes(1));
            BrowserToken token = twoFactor.rememberBrowser(owner.proof(), "Firefox");
            world.clock.set(right);

            assertThat(isRecognized(token)).isTrue();
        }
    }

    @Nested
    class Jumps {
        private final Duration most = Duration.ofDays(400);

        @ParameterizedTest
        @ValueSource(longs = {0, 1, -1})
        void write_withinFourHundredDaysOfTheLastOrBefore_isNoJump(long sign) {
            world.clock.set(World.START.plus(most.multipliedBy(sign)));

            wrongBackupCode();

            assertThat(world.eventTypes()).doesNotContain(Type.CLOCK_JUMPED);
        }

        @Test
        void read_longAfterTheLastWrite_isNoJumpAndWritesNothing() {
            StoredRecord before = row();
            world.clock.advance(most.multipliedBy(2));

            twoFactor.status(ALICE);
            twoFactor.signInRequirement(ALICE, null);

            assertThat(world.eventTypes()).doesNotContain(Type.CLOCK_JUMPED);
            assertThat(row()).isEqualTo(before);
        }
    }
}
