// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.TwoFactorStatus.Lock;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Verified;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** How many guesses at one-time codes one door admits: here that of strangers. {@link TwoDoorsTest} has both. */
class LimitsTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final LockedOut SUSPENDED = new LockedOut(Optional.empty());

    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;

    private static VerificationResult guess(World world, Phone phone) {
        return world.verify(phone.wrongAt(world.now()));
    }

    private static TwoFactorStatus.Door door(World world) {
        return world.twoFactor.status(ALICE).strangers();
    }

    private static Optional<Lock.Reason> lockReason(World world) {
        return door(world).lock().map(Lock::reason);
    }

    private static int failures(World world) {
        return door(world).consecutiveFailures();
    }

    private static void assertLockedOut(World world, Phone phone, Lock.Reason reason, Instant until) {
        assertThat(door(world).lock()).contains(new Lock(reason, Optional.of(until)));
        assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(new LockedOut(Optional.of(until)));
    }

    private static void assertFree(World world, Phone phone) {
        assertThat(door(world).lock()).isEmpty();
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
        void verify_fifthFailure_locksFor60Seconds() {
            world.fail(phone, 4);
            assertThat(door(world).lock()).isEmpty();

            world.fail(phone, 1);

            assertLockedOut(world, phone, Lock.Reason.BACK_OFF, START.plusSeconds(60));
        }

        @Test
        void verify_fourFailures_lockNobodyOut() {
            world.fail(phone, 4);

            assertFree(world, phone);
        }

        @Test
        void verify_lockout_endsAtTheInstantItNames() {
            world.fail(phone, 5);
            world.clock.set(START.plusSeconds(60).minusMillis(1));
            assertThat(world.verify(phone.codeAt(world.now()))).isInstanceOf(LockedOut.class);

            world.clock.set(START.plusSeconds(60));
            assertFree(world, phone);
        }

        @Test
        void verify_failureAfterALongPause_locksFromThatFailure() {
            world.fail(phone, 5);
            world.clock.advance(Duration.ofDays(3));
            world.fail(phone, 1);

            assertLockedOut(world, phone, Lock.Reason.BACK_OFF, world.now().plusSeconds(120));
        }

        @Test
        void verify_eachFurtherFailure_doublesTheLockoutUpToAnHour() {
            List<Long> seconds = new ArrayList<>();
            world.fail(phone, 4);
            for (int k = 5; k <= 14; k++) {
                world.fail(phone, 1);
                seconds.add(lockout().toSeconds());
            }

            assertThat(seconds).containsExactly(60L, 120L, 240L, 480L, 960L, 1920L, 3600L, 3600L, 3600L, 3600L);
        }

        private Duration lockout() {
            Lock lock = door(world).lock().orElseThrow();
            return Duration.between(world.now(), lock.until().orElseThrow());
        }

        @Test
        void verify_success_clearsTheCount() {
            world.fail(phone, 7);
            world.clock.advance(Duration.ofMinutes(4));
            world.prove(phone);
            assertThat(failures(world)).isZero();

            world.fail(phone, 4);
            assertThat(door(world).lock()).isEmpty();
            world.fail(phone, 1);
            assertLockedOut(world, phone, Lock.Reason.BACK_OFF, world.now().plusSeconds(60));
        }

        @Test
        void verify_lockedOut_isNeitherComparedNorCountedNorWritten() {
            world.fail(phone, 5);
            String right = phone.codeAt(world.now());
            String wrong = phone.wrongAt(world.now());
            Challenge challenge = world.challenge(ALICE, Browser.none());
            world.store.forgetCounts();

            for (int i = 0; i < 50; i++) {
                assertThat(twoFactor.verify(challenge, right)).isInstanceOf(LockedOut.class);
                assertThat(twoFactor.verify(challenge, wrong)).isInstanceOf(LockedOut.class);
            }

            assertThat(world.store.finds()).isEqualTo(100);
            assertThat(world.store.writes()).isZero();
            world.clock.advance(Duration.ofSeconds(60));
            assertThat(twoFactor.verify(challenge, phone.codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_lockedOut_saysUntilWhenWhateverTheCode() {
            world.fail(phone, 5);
            LockedOut answer = new LockedOut(Optional.of(START.plusSeconds(60)));

            assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(answer);
            assertThat(world.verify("000000")).isEqualTo(answer);
            assertThat(world.verify("no code")).isEqualTo(new Malformed());
        }
    }

    @Nested
    class Cap {
        private final Phone phone = world.importApp();

        private void failOverAYear(int times) {
            for (int i = 0; i < times; i++) {
                world.clock.advance(Duration.ofHours(174));
                assertThat(guess(world, phone)).isEqualTo(new Rejected());
            }
        }

        @Test
        @DisplayName(
                "NIST SP 800-63B-4 section 3.2.2: at most 100 consecutive failures, over any time: 50 at each door")
        void verify_fiftyFailuresInARowOverAYear_suspend() {
            failOverAYear(49);
            assertThat(lockReason(world)).contains(Lock.Reason.BACK_OFF);

            failOverAYear(1);

            assertThat(door(world).lock()).contains(new Lock(Lock.Reason.SUSPENDED, Optional.empty()));
            assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(SUSPENDED);
        }

        @Test
        void verify_rightCodeAfterFortyNineFailures_clearsTheCount() {
            failOverAYear(49);
            world.clock.advance(Duration.ofHours(1));
            world.prove(phone);
            failOverAYear(49);

            assertThat(lockReason(world)).contains(Lock.Reason.BACK_OFF);
            assertThat(failures(world)).isEqualTo(49);
        }

        @Test
        void verify_suspended_doesNotEndByWaiting() {
            failOverAYear(50);
            world.clock.advance(Duration.ofDays(3650));

            assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(SUSPENDED);
        }

        @Test
        void verify_suspended_isNeitherComparedNorCountedNorWritten() {
            failOverAYear(50);
            world.store.forgetCounts();

            assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(SUSPENDED);
            assertThat(guess(world, phone)).isEqualTo(SUSPENDED);
            assertThat(world.store.writes()).isZero();
            assertThat(failures(world)).isEqualTo(50);
        }
    }

    @Nested
    class Budget {
        private final Phone phone = world.importApp();
        /** The budget counts in UTC days, and each is in it for 30 days after its own. */
        private final Instant dayWithRoom = Instant.parse("2026-04-02T00:00:00Z");

        @Test
        void verify_fiftyFailuresBetweenSuccesses_spendTheBudget() {
            failBetweenSuccesses(world, phone, 49);
            assertFree(world, phone);

            assertThat(guess(world, phone)).isEqualTo(new Rejected());
            world.clock.advance(STEP);

            assertLockedOut(world, phone, Lock.Reason.BUDGET_SPENT, dayWithRoom);
            assertThat(door(world).failures()).isEqualTo(50);
        }

        @Test
        void verify_budgetSpent_endsWhenTheWindowHasMoved() {
            failBetweenSuccesses(world, phone, 50);
            world.clock.set(dayWithRoom.minusMillis(1));
            assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(new LockedOut(Optional.of(dayWithRoom)));

            world.clock.set(dayWithRoom);
            assertFree(world, phone);
        }

        @Test
        void verify_budgetSpent_isNeitherComparedNorCountedNorWritten() {
            failBetweenSuccesses(world, phone, 50);
            world.store.forgetCounts();

            for (int i = 0; i < 50; i++) {
                assertThat(guess(world, phone)).isEqualTo(new LockedOut(Optional.of(dayWithRoom)));
            }

            assertThat(world.store.writes()).isZero();
        }

        @Test
        void verify_failuresOfTwoDays_leaveTheWindowOneAfterTheOther() {
            failBetweenSuccesses(world, phone, 30);
            world.clock.advance(Duration.ofDays(10));
            failBetweenSuccesses(world, phone, 20);
            assertLockedOut(world, phone, Lock.Reason.BUDGET_SPENT, dayWithRoom);

            world.clock.set(dayWithRoom);
            failBetweenSuccesses(world, phone, 30);
            assertLockedOut(world, phone, Lock.Reason.BUDGET_SPENT, dayWithRoom.plus(Duration.ofDays(10)));
        }

        @Test
        void verify_backOffThatEndsAfterTheBudget_isTheOneThatCounts() {
            World small = new World(TwoFactorPolicy.builder().strangersBudget(5).build());
            Phone app = small.importApp();
            small.fail(app, 4);
            small.clock.set(dayWithRoom.minusSeconds(30));
            small.fail(app, 1);

            assertLockedOut(small, app, Lock.Reason.BACK_OFF, dayWithRoom.plusSeconds(30));
        }

        @Test
        void verify_backOffThatEndsBeforeTheBudget_isNotTheOneThatCounts() {
            World small = new World(TwoFactorPolicy.builder().strangersBudget(5).build());
            Phone app = small.importApp();
            small.fail(app, 4);
            small.clock.set(dayWithRoom.minusSeconds(90));
            small.fail(app, 1);

            assertLockedOut(small, app, Lock.Reason.BUDGET_SPENT, dayWithRoom);
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
            assertThat(door(world)).isEqualTo(new TwoFactorStatus.Door(0, 0, Optional.empty()));
        }

        @Test
        void verify_lastCodeAgainAfterFailures_doesNotClearTheCount() {
            String code = phone.codeAt(world.now());
            world.verify(code);
            world.fail(phone, 4);
            world.verify(code);

            world.fail(phone, 1);
            assertThat(lockReason(world)).contains(Lock.Reason.BACK_OFF);
        }

        @Test
        void verify_olderCodesAgain_areCounted() {
            String older = phone.codeAt(world.now());
            world.verify(older);
            world.clock.advance(STEP);
            world.prove(phone);

            for (int i = 1; i <= 5; i++) {
                assertThat(world.verify(older)).isEqualTo(new Rejected());
                assertThat(failures(world)).isEqualTo(i);
            }
            assertThat(lockReason(world)).contains(Lock.Reason.BACK_OFF);
        }

        @Test
        void verify_wrongBackupCode_isNotCounted() {
            for (int i = 0; i < 60; i++) {
                assertThat(world.verify("0000-0000-0000-0000-0000-0000")).isEqualTo(new Rejected());
                assertThat(world.verify("0000-0000-0000-0000")).isEqualTo(new Rejected());
            }

            assertThat(door(world)).isEqualTo(new TwoFactorStatus.Door(0, 0, Optional.empty()));
            assertFree(world, phone);
        }

        @Test
        void beginEnrollment_refused_doesNotClearTheCount() {
            world.fail(phone, 4);
            assertThatThrownBy(() -> twoFactor.beginEnrollment(ALICE, "alice"))
                    .isInstanceOf(AlreadyEnabledException.class);
            assertThat(failures(world)).isEqualTo(4);

            world.fail(phone, 1);
            assertThat(lockReason(world)).contains(Lock.Reason.BACK_OFF);
        }

        @Test
        void verify_fifthFailure_namesReasonDoorAndEndInItsEvents() {
            world.fail(phone, 5);

            List<TwoFactorEvent> lastTwo = world.events.subList(world.events.size() - 2, world.events.size());
            assertThat(lastTwo.get(0).rejection()).contains(Rejection.WRONG);
            assertThat(lastTwo.get(0).detail(Detail.DOOR)).contains("STRANGERS");
            assertThat(lastTwo.get(1).type()).isEqualTo(Type.LOCKED_OUT);
            assertThat(lastTwo.get(1).detail(Detail.REASON)).contains("BACK_OFF");
            assertThat(lastTwo.get(1).detail(Detail.DOOR)).contains("STRANGERS");
            assertThat(lastTwo.get(1).detail(Detail.UNTIL))
                    .contains(START.plusSeconds(60).toString());
        }
    }

    @Nested
    class Unlock {
        private final Phone phone = world.importApp();

        private void unlock() {
            twoFactor.operator("support").unlock(ALICE, "called the help desk");
        }

        @Test
        void unlock_backOff_startsAgainWithoutFailures() {
            world.fail(phone, 9);
            unlock();

            assertThat(door(world).lock()).isEmpty();
            world.fail(phone, 4);
            assertFree(world, phone);
        }

        @Test
        void unlock_suspended_startsAgainWithoutFailures() {
            world.fail(phone, 50);
            assertThat(lockReason(world)).contains(Lock.Reason.SUSPENDED);
            unlock();

            assertThat(door(world)).isEqualTo(new TwoFactorStatus.Door(0, 0, Optional.empty()));
            assertFree(world, phone);
        }

        @Test
        void unlock_budgetSpent_startsAgainWithoutFailures() {
            failBetweenSuccesses(world, phone, 50);
            unlock();
            assertFree(world, phone);

            failBetweenSuccesses(world, phone, 49);
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
                world.fail(phone, 1);
                world.prove(phone);
                world.clock.advance(DAY);
            }
            world.clock.advance(DAY.negated());
            world.clock.advance(STEP);
            world.clock.advance(YEAR);
            world.fail(phone, 1); // the 32nd
            world.clock.advance(YEAR.negated());

            failBetweenSuccesses(world, phone, 17);
            assertThat(door(world).lock()).isEmpty();
            failBetweenSuccesses(world, phone, 1);
            assertThat(lockReason(world)).contains(Lock.Reason.BUDGET_SPENT);
        }

        @Test
        void verify_clockAYearBackForOneAttempt_losesNothing() {
            world.fail(phone, 4);
            world.clock.advance(YEAR.negated());
            world.fail(phone, 1);
            world.clock.advance(YEAR);
            assertThat(failures(world)).isEqualTo(5);

            assertThat(guess(world, phone)).isEqualTo(new Rejected());
            assertThat(failures(world)).isEqualTo(6);
        }

        @Test
        void verify_failedAYearAhead_locksNobodyOutForAYear() {
            world.fail(phone, 4);
            world.clock.advance(YEAR);
            world.fail(phone, 1);
            world.clock.advance(YEAR.negated());

            assertLockedOut(world, phone, Lock.Reason.BACK_OFF, START.plusSeconds(60));
            world.clock.advance(Duration.ofSeconds(60));
            assertFree(world, phone);
        }
    }
}
