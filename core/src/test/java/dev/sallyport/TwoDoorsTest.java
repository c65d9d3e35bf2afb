// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.FIREFOX;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.TwoFactorStatus.Lock;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Strangers stand at one door, known browsers and signed-in sessions at the other. Somebody with the password alone
 * cannot keep the owner out of a browser that the owner has used before.
 */
class TwoDoorsTest {
    private static final LockedOut SUSPENDED = new LockedOut(Optional.empty());
    private static final Duration YEAR = Duration.ofDays(365);

    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;
    private final Owner owner = world.enroll();
    private final Phone phone = owner.phone();
    /** A known one. */
    private final Browser browser = owner.browser();

    private String right() {
        return phone.codeAt(world.now());
    }

    private String wrong() {
        return phone.wrongAt(world.now());
    }

    private VerificationResult stepUp(String typed) {
        return twoFactor.stepUp(ALICE, owner.proof().stamp(), typed);
    }

    private TwoFactorStatus.Door strangers() {
        return twoFactor.status(ALICE).strangers();
    }

    private TwoFactorStatus.Door known() {
        return twoFactor.status(ALICE).known();
    }

    /** Signs in from a browser that was not known, and lets a step go by. */
    private Browser noteAnother() {
        Verified proof = World.proof(world.verify(FIREFOX, right()));
        world.clock.advance(STEP);
        return World.browserWith(proof.browserToken().orElseThrow());
    }

    private static LockedOut until(Instant until) {
        return new LockedOut(Optional.of(until));
    }

    private void assertLockedOut(VerificationResult result) {
        assertThat(result).isInstanceOf(LockedOut.class);
    }

    private void assertRejected(VerificationResult result) {
        assertThat(result).isEqualTo(new Rejected());
    }

    private void assertAccepted(VerificationResult result) {
        assertThat(result).isInstanceOf(Verified.class);
    }

    /** Wrong codes in a session, each compared and counted. */
    private void failStepUps(int times) {
        for (int i = 0; i < times; i++) {
            VerificationResult result = stepUp(wrong());
            if (result instanceof LockedOut locked) {
                world.clock.set(locked.until().orElseThrow());
                result = stepUp(wrong());
            }
            assertRejected(result);
        }
    }

    /** Nine failures in each of some browsers, so that none of them is forgotten. */
    private void failInKnownBrowsers(int times) {
        List<Browser> browsers = new ArrayList<>(List.of(browser));
        while (browsers.size() < (times + 8) / 9) {
            browsers.add(noteAnother());
        }
        for (int i = 0; i < times; i++) {
            world.fail(browsers.get(i / 9), phone, 1);
        }
    }

    /** Failures with a right code after each four, at one door, so that neither back-off nor cap is met. */
    private void failBetweenSuccesses(Browser at, int times) {
        for (int i = 0; i < times; i++) {
            if (i % 4 == 0) {
                world.clock.advance(STEP);
                assertAccepted(world.verify(at, right()));
            }
            assertRejected(world.verify(at, wrong()));
        }
        world.clock.advance(STEP);
    }

    @Nested
    class Rows {

        @Test
        void verify_failuresOfSeveralStrangers_areOneRow() {
            world.fail(Browser.none(), phone, 2);
            world.fail(FIREFOX, phone, 2);
            world.fail(Browser.ofToken(null, "Phone"), phone, 1);

            assertThat(strangers())
                    .isEqualTo(new TwoFactorStatus.Door(
                            5,
                            5,
                            Optional.of(new Lock(
                                    Lock.Reason.BACK_OFF,
                                    Optional.of(world.now().plusSeconds(60))))));
            assertLockedOut(world.verify(FIREFOX, right()));
            assertLockedOut(world.verify(Browser.none(), right()));
            assertLockedOut(world.verify(Browser.ofToken("x", "Other"), right()));
        }

        @Test
        void verify_strangersLockedOut_leavesKnownBrowsersAndSessionsFree() {
            world.fail(phone, 5);

            assertAccepted(world.verify(browser, right()));
            world.fail(phone, 5);
            world.clock.advance(STEP);
            assertAccepted(stepUp(right()));
        }

        @Test
        void verify_knownBrowserLockedOut_leavesOthersSessionsAndStrangersFree() {
            Browser other = noteAnother();
            world.fail(browser, phone, 5);
            assertThat(world.verify(browser, right()))
                    .isEqualTo(until(world.now().plusSeconds(60)));

            assertAccepted(world.verify(other, right()));
            world.clock.advance(STEP);
            world.fail(browser, phone, 1);
            assertAccepted(stepUp(right()));
            world.clock.advance(STEP);
            assertAccepted(world.verify(right()));
        }

        @Test
        void verify_knownBrowser_eachFurtherFailureDoublesTheLockout() {
            List<Long> seconds = new ArrayList<>();
            world.fail(browser, phone, 4);
            for (int k = 5; k <= 9; k++) {
                world.fail(browser, phone, 1);
                Instant until =
                        twoFactor.status(ALICE).browsers().get(0).lockedUntil().orElseThrow();
                seconds.add(Duration.between(world.now(), until).toSeconds());
            }

            assertThat(seconds).containsExactly(60L, 120L, 240L, 480L, 960L);
        }

        @Test
        void stepUp_lockedOut_leavesBrowsersAndStrangersFree() {
            failStepUps(5);
            assertThat(stepUp(right())).isEqualTo(until(world.now().plusSeconds(60)));

            assertAccepted(world.verify(browser, right()));
            world.clock.advance(STEP);
            assertAccepted(world.verify(right()));
        }

        @Test
        void stepUp_ofSessionsOfSeveralBrowsers_isOneRow() {
            TrustStamp another = World.proof(world.verify(FIREFOX, right())).stamp();
            failStepUps(3);
            assertRejected(twoFactor.stepUp(ALICE, another, wrong()));
            assertRejected(twoFactor.stepUp(ALICE, another, wrong()));

            assertLockedOut(stepUp(right()));
            assertLockedOut(twoFactor.stepUp(ALICE, another, right()));
        }

        @Test
        void verify_failuresAtOneDoor_areNotCountedAtTheOther() {
            world.fail(phone, 3);
            world.fail(browser, phone, 2);
            failStepUps(2);

            assertThat(strangers()).isEqualTo(new TwoFactorStatus.Door(3, 3, Optional.empty()));
            assertThat(known()).isEqualTo(new TwoFactorStatus.Door(4, 4, Optional.empty()));
        }

        @Test
        void verify_failureAtEachDoor_namesItInTheEvent() {
            world.verify(wrong());
            assertThat(world.lastEvent().detail(Detail.DOOR)).contains("STRANGERS");
            world.verify(browser, wrong());
            assertThat(world.lastEvent().detail(Detail.DOOR)).contains("KNOWN");
            stepUp(wrong());
            assertThat(world.lastEvent().detail(Detail.DOOR)).contains("KNOWN");
        }
    }

    @Nested
    class RightCode {
        private final Browser other = noteAnother();

        /** Three failures in each row. */
        private void failEverywhere() {
            world.fail(phone, 3);
            world.fail(browser, phone, 3);
            world.fail(other, phone, 3);
            failStepUps(3);
        }

        /** What is left in the rows, told by how many failures each one still takes before its lockout. */
        private void assertRows(int ofStrangers, int ofBrowser, int ofOther, int ofStepUp) {
            Account account = Unsealed.account(world.keys, world.store, ALICE);
            assertThat(account.limits().strangers().failures()).isEqualTo(ofStrangers);
            assertThat(account.browsers())
                    .extracting(one -> one.row().failures())
                    .startsWith(ofBrowser, ofOther);
            assertThat(account.limits().stepUp().failures()).isEqualTo(ofStepUp);
        }

        @Test
        void verify_wrongCodes_areInTheirRows() {
            failEverywhere();

            assertRows(3, 3, 3, 3);
            assertThat(known().consecutiveFailures()).isEqualTo(9);
        }

        @Test
        void verify_rightCodeOfAStranger_clearsTheStrangersAlone() {
            failEverywhere();

            assertAccepted(world.verify(right()));

            assertRows(0, 3, 3, 3);
            assertThat(strangers().consecutiveFailures()).isZero();
            assertThat(known().consecutiveFailures()).isEqualTo(9);
        }

        @Test
        void verify_rightCodeInAKnownBrowser_clearsItsOwnRowTheStrangersAndBothCaps() {
            failEverywhere();

            assertAccepted(world.verify(browser, right()));

            assertRows(0, 0, 3, 3);
            assertThat(strangers().consecutiveFailures()).isZero();
            assertThat(known().consecutiveFailures()).isZero();
        }

        @Test
        void stepUp_rightCode_clearsItsOwnRowTheStrangersAndBothCaps() {
            failEverywhere();

            assertAccepted(stepUp(right()));

            assertRows(0, 3, 3, 0);
            assertThat(strangers().consecutiveFailures()).isZero();
            assertThat(known().consecutiveFailures()).isZero();
        }

        @Test
        void verify_rightCode_clearsNoBudget() {
            failEverywhere();

            assertAccepted(world.verify(browser, right()));

            assertThat(strangers().failures()).isEqualTo(3);
            assertThat(known().failures()).isEqualTo(9);
        }

        @Test
        void verify_backupCode_clearsTheRowsAndCapsOfBothDoorsAndNoBudget() {
            failEverywhere();

            assertAccepted(world.verify(owner.backupCodes().get(0)));

            assertRows(0, 0, 0, 0);
            assertThat(strangers()).isEqualTo(new TwoFactorStatus.Door(0, 3, Optional.empty()));
            assertThat(known()).isEqualTo(new TwoFactorStatus.Door(0, 9, Optional.empty()));
        }

        @Test
        void stepUp_backupCode_clearsTheRowsAndCapsOfBothDoorsAndNoBudget() {
            failEverywhere();

            assertAccepted(stepUp(owner.backupCodes().get(0)));

            assertRows(0, 0, 0, 0);
            assertThat(strangers()).isEqualTo(new TwoFactorStatus.Door(0, 3, Optional.empty()));
            assertThat(known()).isEqualTo(new TwoFactorStatus.Door(0, 9, Optional.empty()));
        }

        @Test
        void verify_temporaryCode_clearsTheRowsAndCapsOfBothDoorsAndNoBudget() {
            TemporaryCode code =
                    twoFactor.operator("support").issueTemporaryCode(ALICE, Duration.ofHours(1), "phone in repair");
            failEverywhere();

            assertAccepted(world.verify(code.value()));

            assertRows(0, 0, 0, 0);
            assertThat(strangers()).isEqualTo(new TwoFactorStatus.Door(0, 3, Optional.empty()));
            assertThat(known()).isEqualTo(new TwoFactorStatus.Door(0, 9, Optional.empty()));
        }

        @Test
        void unlock_failuresEverywhere_clearsAll() {
            failEverywhere();

            twoFactor.operator("support").unlock(ALICE, "called the help desk");

            assertRows(0, 0, 0, 0);
            assertThat(strangers()).isEqualTo(new TwoFactorStatus.Door(0, 0, Optional.empty()));
            assertThat(known()).isEqualTo(new TwoFactorStatus.Door(0, 0, Optional.empty()));
        }

        @Test
        void verify_replayOrOtherLengthOrWrongBackupCode_clearsNothing() {
            String used = right();
            assertAccepted(world.verify(browser, used));
            failEverywhere();

            world.verify(browser, used);
            world.verify(browser, "1234567");
            world.verify(browser, "0000-0000-0000-0000-0000-0000");

            assertRows(3, 3, 3, 3);
        }
    }

    @Nested
    class Cap {

        @Test
        void verify_fiftyFailuresOfStrangers_suspendTheStrangersAlone() {
            world.fail(phone, 49);
            assertThat(strangers().lock()).map(Lock::reason).isNotEqualTo(Optional.of(Lock.Reason.SUSPENDED));

            world.fail(phone, 1);

            assertThat(strangers().lock()).contains(new Lock(Lock.Reason.SUSPENDED, Optional.empty()));
            assertThat(world.verify(right())).isEqualTo(SUSPENDED);
            assertAccepted(world.verify(browser, right()));
        }

        @Test
        void verify_fiftyFailuresOfBrowsersAndSessions_suspendTheKnownDoorAlone() {
            failInKnownBrowsers(45);
            failStepUps(4);
            assertThat(known().lock()).isEmpty();

            failStepUps(1);

            assertThat(known())
                    .isEqualTo(new TwoFactorStatus.Door(
                            50, 50, Optional.of(new Lock(Lock.Reason.SUSPENDED, Optional.empty()))));
            assertThat(world.verify(browser, right())).isEqualTo(SUSPENDED);
            assertThat(stepUp(right())).isEqualTo(SUSPENDED);
            assertAccepted(world.verify(right()));
        }

        @Test
        void verify_knownDoorSuspendedAndARightCodeOfAStranger_staysSuspended() {
            failInKnownBrowsers(50);

            assertAccepted(world.verify(right()));
            world.clock.advance(STEP);

            assertThat(world.verify(browser, right())).isEqualTo(SUSPENDED);
        }

        @Test
        void verify_strangersSuspendedAndARightCodeInAKnownBrowser_isFreeAgain() {
            World roomy =
                    new World(TwoFactorPolicy.builder().strangersBudget(100).build());
            Owner other = roomy.enroll();
            roomy.fail(other.phone(), 50);
            assertThat(roomy.verify(other.phone().codeAt(roomy.now()))).isEqualTo(SUSPENDED);

            assertAccepted(roomy.verify(other.browser(), other.phone().codeAt(roomy.now())));
            roomy.clock.advance(STEP);

            assertAccepted(roomy.verify(other.phone().codeAt(roomy.now())));
        }

        @Test
        @DisplayName("Suspended is told before locked out, although back-off and budget end at an instant")
        void verify_suspendedLockedOutAndBudgetSpent_isToldAsSuspended() {
            world.fail(phone, 50);

            assertThat(strangers().failures()).isEqualTo(50);
            assertThat(world.verify(right())).isEqualTo(SUSPENDED);
            assertThat(world.lastEvent().type()).isEqualTo(Type.ATTEMPT_REFUSED);
            assertThat(world.lastEvent().detail(Detail.REASON)).contains("SUSPENDED");
            assertThat(world.lastEvent().detail(Detail.UNTIL)).isEmpty();
        }

        @Test
        void verify_backupCodeAtASuspendedDoor_passesAndOpensBoth() {
            World roomy =
                    new World(TwoFactorPolicy.builder().strangersBudget(100).build());
            Owner other = roomy.enroll();
            roomy.fail(other.phone(), 50);
            Browser theirs = other.browser();

            assertAccepted(roomy.verify(other.backupCodes().get(0)));
            roomy.clock.advance(STEP.multipliedBy(2));

            assertAccepted(roomy.verify(other.phone().codeAt(roomy.now())));
            roomy.clock.advance(STEP);
            assertAccepted(roomy.verify(theirs, other.phone().codeAt(roomy.now())));
        }

        @Test
        void verify_backupAndTemporaryCodesAtTheSuspendedKnownDoor_pass() {
            failInKnownBrowsers(50);
            assertAccepted(world.verify(browser, owner.backupCodes().get(0)));

            failStepUpsOfTheNewestSession();
            assertThat(known().consecutiveFailures()).isEqualTo(9);
            TemporaryCode code =
                    twoFactor.operator("support").issueTemporaryCode(ALICE, Duration.ofHours(1), "phone in repair");
            assertAccepted(world.verify(browser, code.value()));
            assertThat(known().consecutiveFailures()).isZero();
        }

        private void failStepUpsOfTheNewestSession() {
            world.clock.advance(STEP.multipliedBy(2));
            TrustStamp stamp = World.proof(world.verify(browser, right())).stamp();
            for (int i = 0; i < 9; i++) {
                world.clock.advance(Duration.ofHours(1));
                assertRejected(twoFactor.stepUp(ALICE, stamp, wrong()));
            }
        }
    }

    @Nested
    class Budget {
        private final Instant dayWithRoom = Instant.parse("2026-04-02T00:00:00Z");

        @Test
        void verify_fiftyFailuresOfStrangers_spendTheBudgetOfStrangersAlone() {
            failBetweenSuccesses(Browser.none(), 49);
            assertThat(strangers().lock()).isEmpty();
            failBetweenSuccesses(Browser.none(), 1);

            assertThat(world.verify(right())).isEqualTo(until(dayWithRoom));
            assertAccepted(world.verify(browser, right()));
            assertThat(world.verify(FIREFOX, right())).isEqualTo(until(dayWithRoom));
        }

        @Test
        void verify_150FailuresInKnownBrowsers_spendTheBudgetOfKnownBrowsersAlone() {
            failBetweenSuccesses(browser, 149);
            assertThat(known().lock()).isEmpty();
            failBetweenSuccesses(browser, 1);

            assertThat(known().lock()).contains(new Lock(Lock.Reason.BUDGET_SPENT, Optional.of(dayWithRoom)));
            assertThat(world.verify(browser, right())).isEqualTo(until(dayWithRoom));
            assertThat(stepUp(right())).isEqualTo(until(dayWithRoom));
            assertAccepted(world.verify(right()));
        }

        @Test
        void stepUp_failuresBetweenSuccesses_spendTheBudgetOfTheKnownDoor() {
            failBetweenSuccesses(browser, 147);
            failStepUps(3);

            assertThat(world.verify(browser, right())).isEqualTo(until(dayWithRoom));
        }

        @Test
        void verify_budgetsSpent_onlyUnlockAndTimeClearThem() {
            failBetweenSuccesses(Browser.none(), 50);
            failBetweenSuccesses(browser, 148);
            assertAccepted(world.verify(browser, right()));
            assertAccepted(world.verify(owner.backupCodes().get(0)));
            TemporaryCode code =
                    twoFactor.operator("support").issueTemporaryCode(ALICE, Duration.ofHours(1), "phone in repair");
            assertAccepted(world.verify(code.value()));
            twoFactor.endTrust(ALICE);
            world.clock.advance(STEP.multipliedBy(2));

            assertThat(world.verify(right())).isEqualTo(until(dayWithRoom));
            assertThat(known().failures()).isEqualTo(148);

            twoFactor.operator("support").unlock(ALICE, "called the help desk");
            assertThat(strangers().failures()).isZero();
            assertThat(known().failures()).isZero();
            assertAccepted(world.verify(right()));
        }

        @Test
        @DisplayName("A new secret has new budgets: what was guessed at the old one says nothing about it")
        void reset_spentBudget_theNextEnrollmentStartsANewOne() {
            failBetweenSuccesses(Browser.none(), 50);
            assertThat(world.verify(right())).isEqualTo(until(dayWithRoom));

            twoFactor.operator("support").resetWithoutProof(ALICE, "lost phone");
            Phone next = world.enroll().phone();

            assertThat(strangers().failures()).isZero();
            assertAccepted(world.verify(next.codeAt(world.now())));
        }

        @Test
        void verify_bothBudgetsSpent_endWhenTheWindowHasMoved() {
            failBetweenSuccesses(browser, 150);
            failBetweenSuccesses(Browser.none(), 50);
            world.clock.set(dayWithRoom.minusMillis(1));
            assertThat(world.verify(browser, right())).isEqualTo(until(dayWithRoom));
            assertThat(world.verify(right())).isEqualTo(until(dayWithRoom));

            world.clock.set(dayWithRoom);
            assertAccepted(world.verify(browser, right()));
            world.clock.advance(STEP);
            assertAccepted(world.verify(right()));
        }

        @Test
        void verify_budgetSpentAndABackupCode_passesAndTheBudgetStaysSpent() {
            failBetweenSuccesses(browser, 150);

            assertAccepted(world.verify(browser, owner.backupCodes().get(0)));
            assertAccepted(world.verify(browser, owner.backupCodes().get(1)));

            assertThat(known().lock()).map(Lock::reason).contains(Lock.Reason.BUDGET_SPENT);
        }

        @Test
        void regenerateBackupCodes_budgetSpent_staysSpent() {
            failBetweenSuccesses(Browser.none(), 50);
            Verified proof = World.proof(world.verify(browser, right()));

            twoFactor.rememberBrowser(proof);
            twoFactor.regenerateBackupCodes(proof);

            assertThat(strangers().failures()).isEqualTo(50);
        }
    }

    @Nested
    class Expulsion {

        @Test
        void verify_tenthFailureOfAKnownBrowser_forgetsItAndNoOther() {
            Browser other = noteAnother();
            Challenge challenge = world.challenge(ALICE, browser);
            world.fail(browser, phone, 9);
            assertThat(twoFactor.status(ALICE).browsers()).hasSize(2);

            world.fail(browser, phone, 1);

            assertThat(twoFactor.status(ALICE).browsers())
                    .extracting(TwoFactorStatus.Browser::id)
                    .doesNotContain(owner.proof().stamp().browser().orElseThrow())
                    .hasSize(1);
            assertThat(world.lastEvent().type()).isEqualTo(Type.BROWSER_FORGOTTEN);
            assertThat(twoFactor.isCurrent(ALICE, owner.proof().stamp())).isFalse();
            assertThat(twoFactor.verify(challenge, right())).isEqualTo(new SignInAgain());
            assertAccepted(world.verify(other, right()));
        }

        @Test
        void verify_afterItsTenthFailure_theBrowserIsAStrangerAndCanBeNotedAgain() {
            world.fail(browser, phone, 10);
            world.fail(phone, 5);
            assertLockedOut(world.verify(browser, right()));
            world.clock.advance(Duration.ofMinutes(1));

            Verified proof = World.proof(world.verify(browser, right()));

            assertThat(proof.browserToken()).isPresent();
        }

        @Test
        void verify_nineFailuresAndARightCodeAgainAndAgain_forgetNothing() {
            for (int i = 0; i < 3; i++) {
                world.fail(browser, phone, 9);
                world.clock.advance(Duration.ofHours(1));
                assertAccepted(world.verify(browser, right()));
            }

            assertThat(twoFactor.status(ALICE).browsers()).hasSize(1);
        }

        @Test
        void verify_tenFailuresOfStrangers_forgetNothing() {
            world.fail(FIREFOX, phone, 20);

            assertThat(twoFactor.status(ALICE).browsers()).hasSize(1);
            assertThat(twoFactor.isCurrent(ALICE, owner.proof().stamp())).isTrue();
        }

        @Test
        void stepUp_tenthFailure_endsAllSessionsAndForgetsNoBrowser() {
            TrustStamp another = World.proof(world.verify(FIREFOX, right())).stamp();
            failStepUps(9);
            assertThat(twoFactor.isCurrent(ALICE, another)).isTrue();

            failStepUps(1);

            assertThat(twoFactor.isCurrent(ALICE, owner.proof().stamp())).isFalse();
            assertThat(twoFactor.isCurrent(ALICE, another)).isFalse();
            assertThat(stepUp(right())).isEqualTo(new SignInAgain());
            assertThat(twoFactor.status(ALICE).browsers()).hasSize(2);
            assertThat(world.lastEvent().type()).isEqualTo(Type.SESSIONS_EXPELLED);
            assertThat(Type.SESSIONS_EXPELLED.notifiesUser()).isTrue();
        }

        @Test
        void stepUp_tenthFailure_theNextSessionStartsWithoutFailures() {
            failStepUps(10);
            TrustStamp next = World.proof(world.verify(browser, right())).stamp();
            world.clock.advance(STEP);

            assertRejected(twoFactor.stepUp(ALICE, next, wrong()));
            assertAccepted(twoFactor.stepUp(ALICE, next, right()));
        }
    }

    @Nested
    class Notifying {

        private List<Type> locksToldSince(int event) {
            return world.events.subList(event, world.events.size()).stream()
                    .map(TwoFactorEvent::type)
                    .filter(type -> type != Type.CODE_REJECTED && type != Type.ATTEMPT_REFUSED)
                    .toList();
        }

        @Test
        void verify_lockoutsOfOneRow_theFirstNotifiesAndTheOthersDoNot() {
            int before = world.events.size();
            world.fail(phone, 8);

            assertThat(locksToldSince(before))
                    .containsExactly(
                            Type.LOCKED_OUT, Type.LOCKED_OUT_AGAIN, Type.LOCKED_OUT_AGAIN, Type.LOCKED_OUT_AGAIN);
            assertThat(Type.LOCKED_OUT.notifiesUser()).isTrue();
            assertThat(Type.LOCKED_OUT_AGAIN.notifiesUser()).isFalse();
        }

        @Test
        void verify_firstLockoutOfEachRow_notifies() {
            int before = world.events.size();
            world.fail(phone, 5);
            world.fail(browser, phone, 5);
            failStepUps(5);

            assertThat(locksToldSince(before)).containsExactly(Type.LOCKED_OUT, Type.LOCKED_OUT, Type.LOCKED_OUT);
        }

        @Test
        void verify_lockoutAfterARightCode_isAFirstOne() {
            world.fail(phone, 6);
            world.clock.advance(Duration.ofHours(1));
            assertAccepted(world.verify(right()));
            int before = world.events.size();

            world.fail(phone, 5);

            assertThat(locksToldSince(before)).containsExactly(Type.LOCKED_OUT);
        }

        @Test
        void verify_fiftiethFailure_notifiesOfTheSuspension() {
            world.fail(phone, 50);

            assertThat(world.lastEvent().type()).isEqualTo(Type.SUSPENDED);
            assertThat(Type.SUSPENDED.notifiesUser()).isTrue();
        }

        @Test
        void verify_lastFailureOfTheBudget_notifies() {
            failBetweenSuccesses(Browser.none(), 50);

            assertThat(world.lastEvent().type()).isEqualTo(Type.BUDGET_SPENT);
            assertThat(world.lastEvent().detail(Detail.UNTIL)).contains("2026-04-02T00:00:00Z");
            assertThat(Type.BUDGET_SPENT.notifiesUser()).isTrue();
        }

        @Test
        @DisplayName("Somebody who is locked out cannot fill the user's mailbox")
        void verify_refusedAttempts_notifyNobodyAndAreMarkedFrequent() {
            world.fail(phone, 5);
            int before = world.events.size();
            for (int i = 0; i < 100; i++) {
                world.verify(wrong());
            }

            assertThat(world.events.subList(before, world.events.size()))
                    .hasSize(100)
                    .allMatch(event -> event.type() == Type.ATTEMPT_REFUSED
                            && event.isFrequent()
                            && !event.type().notifiesUser());
        }
    }

    @Nested
    class Cost {

        enum Attempt {
            STRANGER,
            KNOWN_BROWSER,
            STEP_UP
        }

        private void assertCost(Attempt attempt, String typed, int writes) {
            Challenge challenge = world.challenge(ALICE, attempt == Attempt.STRANGER ? FIREFOX : browser);
            world.store.forgetCounts();
            if (attempt == Attempt.STEP_UP) {
                stepUp(typed);
            } else {
                twoFactor.verify(challenge, typed);
            }
            assertThat(world.store.finds()).isEqualTo(1);
            assertThat(world.store.writes()).isEqualTo(writes);
        }

        private void fail(Attempt attempt, int times) {
            switch (attempt) {
                case STRANGER -> world.fail(phone, times);
                case KNOWN_BROWSER -> world.fail(browser, phone, times);
                case STEP_UP -> failStepUps(times);
            }
        }

        @ParameterizedTest
        @EnumSource
        void attempt_compared_costsOneReadAndOneWrite(Attempt attempt) {
            assertCost(attempt, wrong(), 1);
            assertCost(attempt, right(), 1);
        }

        @ParameterizedTest
        @EnumSource
        void attempt_lockedOut_costsOneRead(Attempt attempt) {
            fail(attempt, 5);

            assertCost(attempt, right(), 0);
            assertCost(attempt, wrong(), 0);
        }

        @ParameterizedTest
        @EnumSource
        void attempt_wrongBackupCode_costsOneReadLockedOutOrNot(Attempt attempt) {
            assertCost(attempt, "0000-0000-0000-0000-0000-0000", 0);
            fail(attempt, 5);
            assertCost(attempt, "0000-0000-0000-0000-0000-0000", 0);
        }
    }

    @Nested
    class KnownBrowsers {

        @Test
        void verify_rightCodeInABrowserThatIsNotKnown_notesItInTheSameWrite() {
            Challenge challenge = world.challenge(ALICE, FIREFOX);
            world.store.forgetCounts();

            Verified proof = World.proof(twoFactor.verify(challenge, right()));

            assertThat(world.store.writes()).isEqualTo(1);
            assertThat(proof.browserToken().orElseThrow().browser())
                    .isEqualTo(proof.stamp().browser().orElseThrow());
            TwoFactorStatus.Browser noted = twoFactor.status(ALICE).browsers().get(1);
            assertThat(noted)
                    .isEqualTo(new TwoFactorStatus.Browser(
                            proof.stamp().browser().orElseThrow(),
                            "Firefox on Linux",
                            world.now(),
                            Optional.empty(),
                            Optional.empty()));
            assertThat(world.lastEvent().type()).isEqualTo(Type.BROWSER_NOTED);
            assertThat(Type.BROWSER_NOTED.notifiesUser()).isTrue();
        }

        @Test
        void verify_wrongCode_notesNothing() {
            world.fail(FIREFOX, phone, 3);

            assertThat(twoFactor.status(ALICE).browsers()).hasSize(1);
        }

        @Test
        void verify_clientThatKeepsNothing_isNeverNoted() {
            Verified proof = World.proof(world.verify(Browser.none(), right()));

            assertThat(proof.browserToken()).isEmpty();
            assertThat(proof.stamp().browser()).isEmpty();
            assertThat(twoFactor.status(ALICE).browsers()).hasSize(1);
        }

        @Test
        void verify_knownBrowser_isNotNotedAgain() {
            Verified proof = World.proof(world.verify(browser, right()));

            assertThat(proof.browserToken()).isEmpty();
            assertThat(proof.stamp().browser()).isEqualTo(owner.proof().stamp().browser());
            assertThat(twoFactor.status(ALICE).browsers())
                    .extracting(TwoFactorStatus.Browser::lastUsed)
                    .containsExactly(world.now());
        }

        @Test
        void verify_browserForgottenBetweenReadAndWrite_isSignInAgain() {
            Challenge challenge = world.challenge(ALICE, browser);
            BrowserId id = owner.proof().stamp().browser().orElseThrow();
            world.store.beforeNextWrite(() -> twoFactor.forgetBrowser(ALICE, id));

            assertThat(twoFactor.verify(challenge, right())).isEqualTo(new SignInAgain());
        }

        @Test
        void verify_twentyFirstBrowser_pushesOutTheOneThatWasNotUsedForLongest() {
            List<Browser> browsers = new ArrayList<>(List.of(browser));
            while (browsers.size() < 20) {
                browsers.add(noteAnother());
            }
            assertAccepted(world.verify(browser, right()));
            world.clock.advance(STEP);

            TrustStamp stampOfTheSecond = new TrustStamp(
                    owner.proof().stamp().epoch(),
                    twoFactor.status(ALICE).browsers().get(1).id());
            assertThat(twoFactor.isCurrent(ALICE, stampOfTheSecond)).isTrue();
            Challenge challengeOfTheSecond = world.challenge(ALICE, browsers.get(1));
            int before = world.events.size();
            noteAnother();

            assertThat(twoFactor.status(ALICE).browsers()).hasSize(20);
            assertThat(world.events.subList(before, world.events.size()))
                    .extracting(TwoFactorEvent::type)
                    .containsExactly(Type.CODE_ACCEPTED, Type.BROWSER_NOTED, Type.BROWSER_FORGOTTEN);
            assertThat(twoFactor.isCurrent(ALICE, stampOfTheSecond)).isFalse();
            assertThat(twoFactor.verify(challengeOfTheSecond, right())).isEqualTo(new SignInAgain());
            assertThat(World.proof(world.verify(browser, right())).browserToken())
                    .isEmpty();
            world.clock.advance(STEP);
            assertThat(World.proof(world.verify(browsers.get(1), right())).browserToken())
                    .isPresent();
        }

        @Test
        void verify_expiredBrowsers_takeNoPlace() {
            for (int i = 0; i < 19; i++) {
                noteAnother();
            }
            world.clock.advance(YEAR);
            int before = world.events.size();

            noteAnother();

            assertThat(twoFactor.status(ALICE).browsers()).hasSize(1);
            assertThat(world.events.subList(before, world.events.size()))
                    .as("none of them has to be forgotten")
                    .extracting(TwoFactorEvent::type)
                    .containsExactly(Type.CODE_ACCEPTED, Type.BROWSER_NOTED);
        }

        @Test
        void verify_lastInstantOfAYearWithoutUse_isAtTheKnownDoorAndThenAStranger() {
            TrustStamp stamp = owner.proof().stamp();
            Instant year = twoFactor.status(ALICE).browsers().get(0).lastUsed().plus(YEAR);
            world.clock.set(year);
            assertThat(twoFactor.isCurrent(ALICE, stamp)).isTrue();
            world.verify(browser, wrong());
            assertThat(known().consecutiveFailures()).isEqualTo(1);

            world.clock.set(year.plusMillis(1));
            assertThat(twoFactor.isCurrent(ALICE, stamp)).isFalse();
            assertThat(twoFactor.status(ALICE).browsers()).isEmpty();
            world.verify(browser, wrong());
            assertThat(strangers().consecutiveFailures()).isEqualTo(1);
        }

        @Test
        void verify_rightCodeEachMonth_isKnownForYears() {
            for (int month = 0; month < 36; month++) {
                world.clock.advance(Duration.ofDays(30));
                assertThat(World.proof(world.verify(browser, right())).browserToken())
                        .isEmpty();
            }
        }

        private void assertNeedsNoCode(Browser remembered) {
            SignInRequirement requirement = twoFactor.signInRequirement(ALICE, remembered);
            assertThat(requirement).isInstanceOf(NoCodeRequired.class);
            assertThat(twoFactor.isCurrent(ALICE, ((NoCodeRequired) requirement).stamp()))
                    .isTrue();
        }

        /** A browser that signs in at the strangers' door, which leaves the limits of the known door as they are. */
        private Browser rememberAnother() {
            Verified proof = World.proof(world.verify(FIREFOX, right()));
            twoFactor.rememberBrowser(proof);
            world.clock.advance(STEP);
            return World.browserWith(proof.browserToken().orElseThrow());
        }

        @Test
        void signInRequirement_everyRowLockedOut_theRememberedBrowserNeedsNoCode() {
            Challenge challenge = world.challenge(ALICE, browser);
            twoFactor.rememberBrowser(owner.proof());
            for (int i = 0; i < 5; i++) {
                assertRejected(twoFactor.verify(challenge, wrong()));
            }
            failStepUps(5);
            world.fail(phone, 5);
            assertLockedOut(twoFactor.verify(challenge, right()));
            assertLockedOut(stepUp(right()));
            assertLockedOut(world.verify(right()));

            assertNeedsNoCode(browser);
        }

        @Test
        void signInRequirement_bothDoorsSuspended_theRememberedBrowserNeedsNoCode() {
            failInKnownBrowsers(50);
            Browser remembered = rememberAnother();
            world.fail(phone, 50);
            assertThat(strangers().lock()).map(Lock::reason).contains(Lock.Reason.SUSPENDED);
            assertThat(known().lock()).map(Lock::reason).contains(Lock.Reason.SUSPENDED);

            assertNeedsNoCode(remembered);
        }

        @Test
        void signInRequirement_bothBudgetsSpent_theRememberedBrowserNeedsNoCode() {
            failBetweenSuccesses(browser, 150);
            Browser remembered = rememberAnother();
            failBetweenSuccesses(Browser.none(), 50);
            assertThat(strangers().lock()).map(Lock::reason).contains(Lock.Reason.BUDGET_SPENT);
            assertThat(known().lock()).map(Lock::reason).contains(Lock.Reason.BUDGET_SPENT);

            assertNeedsNoCode(remembered);
        }

        @Test
        void verify_stolenTokenOfAnotherUser_isAtTheStrangersDoor() {
            Owner bob = world.enroll(World.BOB);
            world.verify(bob.browser(), wrong());

            assertThat(strangers().consecutiveFailures()).isEqualTo(1);
            assertThat(world.lastEvent().rejection()).contains(Rejection.WRONG);
        }
    }
}
