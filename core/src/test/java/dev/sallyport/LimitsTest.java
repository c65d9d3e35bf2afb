// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Suspended;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.RecordSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** How many guesses at one-time codes an account admits. */
class LimitsTest {
    private static final Duration DAY = Duration.ofDays(1);

    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;

    private static VerificationResult guess(World world, Phone phone) {
        return world.verify(phone.wrongAt(world.now()));
    }

    private static int failedAttempts(World world) {
        RecordSummary summary = world.store.summary();
        assertThat(summary).isNotNull();
        return summary == null ? -1 : summary.failedAttempts();
    }

    private static void assertLockedOut(World world, Phone phone, LockReason reason, Instant until) {
        TwoFactorStatus status = world.twoFactor.status(ALICE);
        assertThat(status.lock()).contains(reason);
        assertThat(status.lockedUntil()).contains(until);
        assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(new LockedOut(until));
    }

    private static void assertFree(World world, Phone phone) {
        assertThat(world.twoFactor.status(ALICE).lock()).isEmpty();
        assertThat(world.verify(phone.codeAt(world.now()))).isInstanceOf(Verified.class);
    }

    /** Failures after each success no more than four, so that neither back-off nor cap is met. */
    private static void failBetweenSuccesses(World world, Phone phone, int times) {
        for (int i = 0; i < times; i++) {
            if (i % 4 == 0) {
                world.clock.advance(STEP);
                world.prove(phone);
            }
            assertThat(guess(world, phone)).isEqualTo(new Rejected());
        }
        world.clock.advance(STEP);
    }

    @Nested
    class BackOff {
        private final Phone phone = world.importApp();

        @Test
        void verify_fifthFailure_locksFor30Seconds() {
            world.fail(phone, 4);
            assertThat(twoFactor.status(ALICE).lock()).isEmpty();

            world.fail(phone, 1);

            assertLockedOut(world, phone, LockReason.BACK_OFF, START.plusSeconds(30));
        }

        @Test
        void verify_fourFailures_lockNobodyOut() {
            world.fail(phone, 4);

            assertFree(world, phone);
        }

        @Test
        void verify_lockout_endsAtTheInstantItNames() {
            world.fail(phone, 5);
            world.clock.set(START.plusSeconds(30).minusMillis(1));
            assertThat(world.verify(phone.codeAt(world.now()))).isInstanceOf(LockedOut.class);

            world.clock.set(START.plusSeconds(30));
            assertFree(world, phone);
        }

        @Test
        void verify_failureAfterALongPause_locksFromThatFailure() {
            world.fail(phone, 5);
            world.clock.advance(Duration.ofDays(3));
            world.fail(phone, 1);

            assertLockedOut(world, phone, LockReason.BACK_OFF, world.now().plusSeconds(60));
        }

        @Test
        void verify_eachFurtherFailure_doublesTheLockoutUpToAnHour() {
            List<Long> seconds = new ArrayList<>();
            world.fail(phone, 4);
            for (int k = 5; k <= 14; k++) {
                world.fail(phone, 1);
                seconds.add(lockout().toSeconds());
            }

            assertThat(seconds).containsExactly(30L, 60L, 120L, 240L, 480L, 960L, 1920L, 3600L, 3600L, 3600L);
        }

        private Duration lockout() {
            return Duration.between(
                    world.now(), twoFactor.status(ALICE).lockedUntil().orElseThrow());
        }

        @Test
        void verify_success_clearsTheCount() {
            world.fail(phone, 7);
            world.clock.advance(Duration.ofMinutes(2));
            world.prove(phone);
            assertThat(failedAttempts(world)).isZero();

            world.fail(phone, 4);
            assertThat(twoFactor.status(ALICE).lock()).isEmpty();
            world.fail(phone, 1);
            assertLockedOut(world, phone, LockReason.BACK_OFF, world.now().plusSeconds(30));
        }

        @Test
        void verify_lockedOut_isNeitherComparedNorCountedNorWritten() {
            world.fail(phone, 5);
            String right = phone.codeAt(world.now());
            world.store.forgetCounts();

            for (int i = 0; i < 50; i++) {
                assertThat(world.verify(right)).isInstanceOf(LockedOut.class);
                assertThat(guess(world, phone)).isInstanceOf(LockedOut.class);
            }

            assertThat(world.store.finds()).isEqualTo(100);
            assertThat(world.store.writes()).isZero();
            world.clock.advance(Duration.ofSeconds(30));
            assertThat(world.verify(right)).isInstanceOf(Verified.class);
        }

        @Test
        void verify_lockedOut_saysUntilWhenWhateverTheCode() {
            world.fail(phone, 5);
            LockedOut answer = new LockedOut(START.plusSeconds(30));

            assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(answer);
            assertThat(world.verify("00000000")).isEqualTo(answer);
            assertThat(world.verify("no code")).isEqualTo(new Rejected());
        }
    }

    @Nested
    class Cap {
        private final Phone phone = world.importApp();

        private void failOverAYear(int times) {
            for (int i = 0; i < times; i++) {
                world.clock.advance(Duration.ofHours(87));
                assertThat(guess(world, phone)).isEqualTo(new Rejected());
            }
        }

        @Test
        @DisplayName(
                "NIST SP 800-63B-4 section 3.2.2: no more than 100 consecutive failed attempts, over whatever time")
        void verify_hundredFailuresInARowOverAYear_suspend() {
            failOverAYear(99);
            assertThat(twoFactor.status(ALICE).suspended()).isFalse();

            failOverAYear(1);

            assertThat(twoFactor.status(ALICE).suspended()).isTrue();
            assertThat(twoFactor.status(ALICE).lock()).contains(LockReason.SUSPENDED);
            assertThat(twoFactor.status(ALICE).lockedUntil()).isEmpty();
            assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(new Suspended());
        }

        @Test
        void verify_rightCodeAfterNinetyNineFailures_startsAnew() {
            failOverAYear(99);
            world.clock.advance(Duration.ofHours(1));
            world.prove(phone);
            failOverAYear(99);

            assertThat(twoFactor.status(ALICE).suspended()).isFalse();
        }

        @Test
        void verify_suspended_doesNotEndByWaiting() {
            failOverAYear(100);
            world.clock.advance(Duration.ofDays(3650));

            assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(new Suspended());
        }

        @Test
        void verify_suspended_isNeitherComparedNorCountedNorWritten() {
            failOverAYear(100);
            world.store.forgetCounts();

            assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(new Suspended());
            assertThat(guess(world, phone)).isEqualTo(new Suspended());
            assertThat(world.store.writes()).isZero();
        }
    }

    @Nested
    class Budget {
        private final Phone phone = world.importApp();
        /** The budget counts in UTC days, and each is in it for 30 days after its own. */
        private final Instant dayWithRoom = Instant.parse("2026-04-02T00:00:00Z");

        @Test
        void verify_hundredFailuresBetweenSuccesses_spendTheBudget() {
            failBetweenSuccesses(world, phone, 99);
            assertFree(world, phone);

            assertThat(guess(world, phone)).isEqualTo(new Rejected());
            world.clock.advance(STEP);

            assertLockedOut(world, phone, LockReason.BUDGET_SPENT, dayWithRoom);
        }

        @Test
        void verify_budgetSpent_endsWhenTheWindowHasMoved() {
            failBetweenSuccesses(world, phone, 100);
            world.clock.set(dayWithRoom.minusMillis(1));
            assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(new LockedOut(dayWithRoom));

            world.clock.set(dayWithRoom);
            assertFree(world, phone);
        }

        @Test
        void verify_budgetSpent_isNeitherComparedNorCountedNorWritten() {
            failBetweenSuccesses(world, phone, 100);
            world.store.forgetCounts();

            for (int i = 0; i < 50; i++) {
                assertThat(guess(world, phone)).isEqualTo(new LockedOut(dayWithRoom));
            }

            assertThat(world.store.writes()).isZero();
        }

        @Test
        void verify_failuresOfTwoDays_leaveTheWindowOneAfterTheOther() {
            failBetweenSuccesses(world, phone, 60);
            world.clock.advance(Duration.ofDays(10));
            failBetweenSuccesses(world, phone, 40);
            assertLockedOut(world, phone, LockReason.BUDGET_SPENT, dayWithRoom);

            world.clock.set(dayWithRoom);
            failBetweenSuccesses(world, phone, 60);
            assertLockedOut(world, phone, LockReason.BUDGET_SPENT, dayWithRoom.plus(Duration.ofDays(10)));
        }

        @Test
        void verify_backOffBeyondTheBudget_isTheOneThatCounts() {
            World small = new World(TwoFactorPolicy.builder()
                    .failureBudget(5)
                    .firstLockout(Duration.ofHours(24))
                    .longestLockout(Duration.ofHours(24))
                    .build());
            Phone app = small.importApp();
            small.fail(app, 5);

            assertLockedOut(small, app, LockReason.BUDGET_SPENT, dayWithRoom);
            small.clock.set(dayWithRoom.plus(Duration.ofHours(20)));
            small.fail(app, 5);
            assertThat(small.twoFactor.status(ALICE).lock()).contains(LockReason.BUDGET_SPENT);
        }
    }

    @Nested
    class Charge {
        private final Phone phone = world.importApp();

        @Test
        @DisplayName("A double click is no guess")
        void verify_lastCodeAgain_isNeitherCountedNorWritten() {
            String code = phone.codeAt(world.now());
            world.verify(code);
            world.store.forgetCounts();

            for (int i = 0; i < 200; i++) {
                assertThat(world.verify(code)).isEqualTo(new Rejected());
            }

            assertThat(world.store.writes()).isZero();
            assertThat(twoFactor.status(ALICE).lock()).isEmpty();
        }

        @Test
        void verify_lastCodeAgainAfterFailures_doesNotClearTheCount() {
            String code = phone.codeAt(world.now());
            world.verify(code);
            world.fail(phone, 4);
            world.verify(code);

            world.fail(phone, 1);
            assertThat(twoFactor.status(ALICE).lock()).contains(LockReason.BACK_OFF);
        }

        @Test
        void verify_olderCodesAgain_areCounted() {
            String older = phone.codeAt(world.now());
            world.verify(older);
            world.clock.advance(STEP);
            world.prove(phone);

            for (int i = 1; i <= 5; i++) {
                assertThat(world.verify(older)).isEqualTo(new Rejected());
                assertThat(failedAttempts(world)).isEqualTo(i);
            }
            assertThat(twoFactor.status(ALICE).lock()).contains(LockReason.BACK_OFF);
        }

        @Test
        void beginEnrollment_refused_doesNotClearTheCount() {
            world.fail(phone, 4);
            try {
                twoFactor.beginEnrollment(ALICE, "alice");
            } catch (AlreadyEnabledException expected) {
                assertThat(failedAttempts(world)).isEqualTo(4);
            }

            world.fail(phone, 1);
            assertThat(twoFactor.status(ALICE).lock()).contains(LockReason.BACK_OFF);
        }

        @Test
        void verify_fifthFailure_namesReasonAndEndInItsEvents() {
            world.fail(phone, 5);

            List<TwoFactorEvent> lastTwo = world.events.subList(world.events.size() - 2, world.events.size());
            assertThat(lastTwo.get(0).rejection()).contains(Rejection.WRONG);
            assertThat(lastTwo.get(1).type()).isEqualTo(Type.LOCKED_OUT);
            assertThat(lastTwo.get(1).detail(Detail.UNTIL))
                    .contains(START.plusSeconds(30).toString());
        }
    }

    @Nested
    class Unlock {
        private final Phone phone = world.importApp();

        @Test
        void unlock_backOff_startsAnew() {
            world.fail(phone, 9);
            twoFactor.unlock(ALICE, "called the help desk");

            assertThat(twoFactor.status(ALICE).lock()).isEmpty();
            world.fail(phone, 4);
            assertFree(world, phone);
        }

        @Test
        void unlock_suspended_startsAnew() {
            world.fail(phone, 100);
            assertThat(twoFactor.status(ALICE).suspended()).isTrue();
            twoFactor.unlock(ALICE, "called the help desk");

            assertThat(twoFactor.status(ALICE).suspended()).isFalse();
            assertFree(world, phone);
        }

        @Test
        void unlock_budgetSpent_startsAnew() {
            failBetweenSuccesses(world, phone, 100);
            twoFactor.unlock(ALICE, "called the help desk");
            assertFree(world, phone);

            failBetweenSuccesses(world, phone, 99);
            assertFree(world, phone);
        }
    }

    @Nested
    @DisplayName("A clock that is a year ahead for one attempt, and back")
    class WrongClock {
        private static final Duration YEAR = Duration.ofDays(365);
        private final Phone phone = world.importApp();

        @Test
        void verify_failuresOn31Days_noneIsLost() {
            for (int day = 0; day <= 30; day++) {
                world.fail(phone, 3);
                world.prove(phone);
                world.clock.advance(DAY);
            }
            world.clock.advance(DAY.negated());
            world.clock.advance(STEP);
            world.clock.advance(YEAR);
            world.fail(phone, 1); // the 94th
            world.clock.advance(YEAR.negated());

            failBetweenSuccesses(world, phone, 6);
            assertThat(twoFactor.status(ALICE).lock()).contains(LockReason.BUDGET_SPENT);
        }

        @Test
        void verify_clockAYearBackForOneAttempt_losesNothing() {
            world.fail(phone, 4);
            world.clock.advance(YEAR.negated());
            world.fail(phone, 1);
            world.clock.advance(YEAR);
            assertThat(failedAttempts(world)).isEqualTo(5);

            assertThat(guess(world, phone)).isEqualTo(new Rejected());
            assertThat(failedAttempts(world)).isEqualTo(6);
        }
    }
}
