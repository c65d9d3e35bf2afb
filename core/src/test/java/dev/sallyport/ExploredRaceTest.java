// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.EnrollmentResult.BeginAgain;
import dev.sallyport.ExploredRace.End;
import dev.sallyport.ExploredRace.Epoch;
import dev.sallyport.ExploredRace.Good;
import dev.sallyport.ExploredRace.Proved;
import dev.sallyport.ExploredRace.SeenBrowser;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/**
 * Races in every order. The number of orders is part of each test: an exploration that shrank would prove less, and nobody
 * would notice.
 */
@DisabledIfSystemProperty(named = "sallyport.test.locale", matches = ".+", disabledReason = "no order has a locale")
class ExploredRaceTest {
    private final ExploredRace race = new ExploredRace();
    private final World world = race.world();

    /** A stranger's attempt. The challenge is from before the race. */
    private Function<TwoFactor, Object> verify(String code) {
        return verify(Browser.none(), code);
    }

    private Function<TwoFactor, Object> verify(Browser browser, String code) {
        Challenge challenge = world.challenge(ALICE, browser);
        return node -> node.verify(challenge, code);
    }

    private static Function<TwoFactor, Object> stepUp(Owner owner, String code) {
        return node -> node.stepUp(ALICE, owner.proof().stamp(), code);
    }

    private static Object begin(TwoFactor node) {
        return node.beginEnrollment(ALICE, "alice");
    }

    /** Each with a secret of its own. */
    private static Function<TwoFactor, Object> importApp() {
        ExistingAuthenticator existing = ExistingAuthenticator.totp(SharedSecret.generate(), TotpParameters.DEFAULT);
        EnrollmentRequest request = EnrollmentRequest.of("alice").existing(existing);
        return node -> done(() -> node.operator("migration").importWithoutConfirmation(ALICE, List.of(request)));
    }

    private static Object remember(TwoFactor node, Owner owner) {
        return done(() -> node.rememberBrowser(owner.proof()));
    }

    private static Object forget(TwoFactor node, Owner owner) {
        BrowserId id = owner.proof().stamp().browser().orElseThrow();
        return done(() -> node.forgetBrowser(ALICE, id));
    }

    private static Object unlock(TwoFactor node) {
        return done(() -> node.operator("support").unlock(ALICE, "by telephone"));
    }

    private static Object reset(TwoFactor node) {
        return done(() -> node.operator("support").resetWithoutProof(ALICE, "lost everything"));
    }

    private static Object deleteAccount(TwoFactor node) {
        return done(() -> node.operator("support").deleteAccount(ALICE));
    }

    private static Object done(Runnable call) {
        call.run();
        return "done";
    }

    private static int failures(End end) {
        return end.account().limits().strangers().failures();
    }

    @Nested
    class VerifyOneTimeCode {
        private final Phone phone = world.importApp();
        private final String code = phone.codeAt(world.now());
        private final String next = phone.codeAt(world.now().plus(STEP));
        private final String wrong = phone.wrongAt(world.now());

        @Test
        void verify_sameCodeTwice_isAcceptedOnce() {
            assertThat(race.callers(2, verify(code)).explore(this::acceptedOnce))
                    .isEqualTo(6);
        }

        @Test
        void verify_sameCodeThrice_isAcceptedOnce() {
            assertThat(race.callers(3, verify(code)).explore(this::acceptedOnce))
                    .isEqualTo(150);
        }

        private void acceptedOnce(End end) {
            assertThat(end.count(Proved.class)).isEqualTo(1);
            assertThat(end.count(new Rejected())).isEqualTo(end.answers().size() - 1);
            assertThat(failures(end)).isZero();
        }

        @Test
        void verify_sameCodeInTwoUnknownBrowsers_notesOneOfThem() {
            assertThat(race.caller(verify(World.FIREFOX, code))
                            .caller(verify(Browser.ofToken(null, "Phone"), code))
                            .explore(end -> {
                                acceptedOnce(end);
                                assertThat(end.account().browsers()).hasSize(1);
                            }))
                    .isEqualTo(6);
        }

        @Test
        @DisplayName("The slower of two writers does not lower the watermark (logto #9109, better-auth #10423)")
        void verify_codeAndNextCode_endAtTheLater() {
            assertThat(race.caller(verify(code)).caller(verify(next)).explore(this::endsAtTheLater))
                    .isEqualTo(6);
        }

        @Test
        void verify_codeTwiceAndNextCode_endAtTheLater() {
            assertThat(race.callers(2, verify(code)).caller(verify(next)).explore(this::endsAtTheLater))
                    .isEqualTo(216);
        }

        private void endsAtTheLater(End end) {
            assertThat(end.count(Proved.class)).isBetween(1L, 2L);
            assertThat(end.account().watermarks()).containsExactly(phone.step(world.now()) + 1);
        }

        @Test
        void verify_twoWrongCodesWithOneLeft_answersOne() {
            world.fail(phone, 4);

            assertThat(race.callers(2, verify(wrong)).explore(end -> answered(1, end)))
                    .isEqualTo(6);
        }

        @Test
        @DisplayName("Of parallel guesses as many are answered and counted as were free (ASP.NET CVE-2023-33170)")
        void verify_threeWrongCodesWithTwoLeft_answersTwo() {
            world.fail(phone, 3);

            assertThat(race.callers(3, verify(wrong)).explore(end -> answered(2, end)))
                    .isEqualTo(498);
        }

        private void answered(int times, End end) {
            assertThat(end.count(new Rejected())).isEqualTo(times);
            assertThat(end.count(LockedOut.class)).isEqualTo(end.answers().size() - times);
            assertThat(failures(end)).isEqualTo(5);
            assertThat(end.account().limits().strangersBudget().spent(world.now()))
                    .isEqualTo(5);
        }

        @Test
        void verify_rightCodeAmongWrongOnes_forgivesWhatWasBeforeIt() {
            world.fail(phone, 3);

            assertThat(race.callers(2, verify(wrong)).caller(verify(code)).explore(end -> {
                        assertThat(end.count(new Rejected())).isEqualTo(2);
                        assertThat(end.count(Proved.class) == 1 ? failures(end) <= 2 : failures(end) == 5)
                                .isTrue();
                        // The budget counts failures between right codes.
                        assertThat(end.account().limits().strangersBudget().spent(world.now()))
                                .isEqualTo(5);
                    }))
                    .isEqualTo(498);
        }

        @Test
        void unlock_amidTwoWrongCodes_losesNoFailureAfterIt() {
            world.fail(phone, 4);

            assertThat(race.caller(ExploredRaceTest::unlock)
                            .callers(2, verify(wrong))
                            .explore(end -> assertThat(failures(end)).isBetween(0, 2)))
                    .isEqualTo(332);
        }

        @Test
        @DisplayName("A caller that dies between its read and its write, or after it, frees no guess")
        void verify_wrongCodesOfWhichOneCallerDies_countsEachThatWasAnswered() {
            world.fail(phone, 3);

            assertThat(race.callers(2, verify(wrong))
                            .firstMayDie()
                            .explore(end -> assertThat(failures(end))
                                    .isGreaterThanOrEqualTo(3 + (int) end.count(new Rejected()))))
                    .isEqualTo(32);
        }

        @Test
        void verify_sameCodeOfWhichOneCallerDies_isAcceptedOnceAtMost() {
            assertThat(race.callers(3, verify(code))
                            .firstMayDie()
                            .explore(end -> assertThat(end.count(Proved.class)).isLessThanOrEqualTo(1)))
                    .isEqualTo(550);
        }
    }

    @Nested
    class KnownDoor {
        private final Owner owner = world.enroll();

        private String code() {
            return owner.phone().codeAt(world.now());
        }

        private String wrong() {
            return owner.phone().wrongAt(world.now());
        }

        private void lockoutEnds() {
            world.clock.advance(TwoFactorPolicy.LONGEST_LOCKOUT);
        }

        private void failStepUp(int times) {
            for (int i = 0; i < times; i++) {
                assertThat(world.twoFactor.stepUp(ALICE, owner.proof().stamp(), wrong()))
                        .isEqualTo(new Rejected());
                lockoutEnds();
            }
        }

        private static int knownFailures(End end) {
            return end.account().limits().knownFailures();
        }

        private static int failuresOfBrowser(End end) {
            return end.account().browsers().get(0).failures();
        }

        @Test
        void verify_threeWrongCodesOfOneBrowserWithTwoLeft_answersTwo() {
            world.fail(owner.browser(), owner.phone(), 3);

            assertThat(race.callers(3, verify(owner.browser(), wrong())).explore(end -> {
                        assertThat(end.count(new Rejected())).isEqualTo(2);
                        assertThat(end.count(LockedOut.class)).isEqualTo(1);
                        assertThat(failuresOfBrowser(end)).isEqualTo(5);
                        assertThat(knownFailures(end)).isEqualTo(5);
                    }))
                    .isEqualTo(498);
        }

        @Test
        void verify_wrongCodesAtBothDoorsWithOneLeftAtEach_answersBoth() {
            world.fail(owner.browser(), owner.phone(), 4);
            world.fail(owner.phone(), 4);

            assertThat(race.caller(verify(owner.browser(), wrong()))
                            .caller(verify(wrong()))
                            .explore(end -> {
                                assertThat(end.count(new Rejected())).isEqualTo(2);
                                assertThat(failuresOfBrowser(end)).isEqualTo(5);
                                assertThat(failures(end)).isEqualTo(5);
                            }))
                    .isEqualTo(6);
        }

        @Test
        void verify_sameCodeAtBothDoorsAndInAStepUp_isAcceptedOnce() {
            assertThat(race.caller(verify(code()))
                            .caller(verify(owner.browser(), code()))
                            .caller(stepUp(owner, code()))
                            .explore(end -> {
                                assertThat(end.count(Proved.class)).isEqualTo(1);
                                assertThat(end.count(new Rejected())).isEqualTo(2);
                            }))
                    .isEqualTo(150);
        }

        @Test
        @DisplayName("A known browser's right code ends the back-off of strangers, whose failures race it")
        void verify_rightCodeOfABrowserAmidAStrangersWrongOne_clearsWhatWasBeforeIt() {
            world.fail(owner.phone(), 4);

            assertThat(race.caller(verify(owner.browser(), code()))
                            .caller(verify(wrong()))
                            .explore(end -> {
                                assertThat(end.count(Proved.class)).isEqualTo(1);
                                assertThat(failures(end)).isBetween(0, 1);
                                assertThat(end.account()
                                                .limits()
                                                .strangersBudget()
                                                .spent(world.now()))
                                        .isEqualTo(5);
                            }))
                    .isEqualTo(6);
        }

        @Test
        void verify_tenthFailureOfABrowserAndItsRightCode_oneOfThemCounts() {
            world.fail(owner.browser(), owner.phone(), 9);
            lockoutEnds();

            assertThat(race.caller(verify(owner.browser(), wrong()))
                            .caller(verify(owner.browser(), code()))
                            .explore(end -> {
                                boolean forgotten = end.account().browsers().isEmpty();
                                assertThat(end.count(new Rejected())).isEqualTo(1);
                                assertThat(end.count(new SignInAgain())).isEqualTo(forgotten ? 1 : 0);
                                assertThat(end.only(Proved.class).isPresent()).isEqualTo(!forgotten);
                                assertThat(knownFailures(end)).isEqualTo(forgotten ? 10 : 1);
                                assertThat(end.account().epoch()).isEqualTo(Epoch.OF_THE_BEGINNING);
                            }))
                    .isEqualTo(6);
        }

        @Test
        void verify_twoFailuresOfABrowserWithOneLeft_forgetItOnce() {
            world.fail(owner.browser(), owner.phone(), 9);
            lockoutEnds();

            assertThat(race.callers(2, verify(owner.browser(), wrong())).explore(end -> {
                        assertThat(end.count(new Rejected())).isEqualTo(1);
                        assertThat(end.count(new SignInAgain())).isEqualTo(1);
                        assertThat(end.account().browsers()).isEmpty();
                        assertThat(end.events()).containsOnlyOnce(TwoFactorEvent.Type.BROWSER_FORGOTTEN);
                    }))
                    .isEqualTo(6);
        }

        @Test
        void stepUp_tenthFailureAndTheRightCode_oneOfThemCounts() {
            failStepUp(9);

            assertThat(race.caller(stepUp(owner, wrong()))
                            .caller(stepUp(owner, code()))
                            .explore(end -> {
                                boolean expelled = end.account().epoch() == Epoch.DRAWN;
                                assertThat(end.count(new SignInAgain())).isEqualTo(expelled ? 1 : 0);
                                assertThat(end.only(Proved.class).isPresent()).isEqualTo(!expelled);
                                assertThat(end.account().limits().stepUp().failures())
                                        .isEqualTo(expelled ? 0 : 1);
                            }))
                    .isEqualTo(6);
        }

        @Test
        void stepUp_tenthFailureAmidASignIn_endsTheSignInOrTheSession() {
            failStepUp(9);

            assertThat(race.caller(stepUp(owner, wrong()))
                            .caller(verify(owner.browser(), code()))
                            .explore(end -> {
                                assertThat(end.account().epoch()).isEqualTo(Epoch.DRAWN);
                                assertThat(end.count(new SignInAgain())
                                                + end.count(
                                                        new Proved(VerificationResult.Method.ONE_TIME_CODE, 1, false)))
                                        .isEqualTo(1);
                            }))
                    .isEqualTo(6);
        }
    }

    @Nested
    class VerifyBackupCode {
        private final Owner owner = world.enroll();
        private final String code = owner.backupCodes().get(0);

        @Test
        @DisplayName("One backup code, many requests, one session (Filament CVE-2026-48505, appwrite #11692)")
        void verify_sameBackupCodeTwice_isAcceptedOnce() {
            assertThat(race.caller(verify(code))
                            .caller(verify(owner.browser(), code))
                            .explore(this::acceptedOnce))
                    .isEqualTo(6);
        }

        @Test
        void verify_sameBackupCodeThrice_isAcceptedOnce() {
            assertThat(race.callers(2, verify(code)).caller(stepUp(owner, code)).explore(this::acceptedOnce))
                    .isEqualTo(150);
        }

        private void acceptedOnce(End end) {
            assertThat(end.only(Proved.class)).contains(new Proved(VerificationResult.Method.BACKUP_CODE, 0, true));
            assertThat(end.count(Proved.class)).isEqualTo(1);
            // The use has ended trust, and with it the other half-finished sign-ins.
            assertThat(end.count(new SignInAgain())).isEqualTo(end.answers().size() - 1);
            assertThat(end.account().spent()).containsExactly(true);
        }

        @Test
        void verify_backupCodeAmidTheOneTimeCodeOfNow_leavesOneSessionCurrent() {
            assertThat(race.caller(verify(code))
                            .caller(verify(owner.phone().codeAt(world.now())))
                            .explore(end -> {
                                assertThat(end.count(new Proved(VerificationResult.Method.BACKUP_CODE, 0, true)))
                                        .isEqualTo(1);
                                assertThat(end.count(new Proved(VerificationResult.Method.ONE_TIME_CODE, 1, true)))
                                        .isZero();
                            }))
                    .isEqualTo(6);
        }

        @Test
        void regenerate_amidABackupCode_oneOfThemCounts() {
            assertThat(race.caller(verify(code))
                            .caller(node -> node.regenerateBackupCodes(owner.proof()))
                            .explore(end -> assertThat(end.count(Proved.class) + end.count(new Good(true)))
                                    .isEqualTo(1)))
                    .isEqualTo(6);
        }

        @Test
        void issueTemporaryCode_amidABackupCode_isDeadOrLater() {
            assertThat(race.caller(verify(code))
                            .caller(node -> done(() -> node.operator("support")
                                    .issueTemporaryCode(ALICE, Duration.ofHours(1), "phone in repair")))
                            .explore(end -> assertThat(end.count(Proved.class)).isEqualTo(1)))
                    .isEqualTo(6);
        }
    }

    /** Two consecutive codes of a hardware token, which move it. */
    @Nested
    class Resynchronize {
        private static final int AHEAD = 8;

        private final Phone token = Phone.ofSecret(Phone.RFC_SECRET);

        private void importTokenWithItsOwnClock() {
            SharedSecret secret = SharedSecret.fromBase32(Phone.RFC_SECRET);
            world.importAll(ExistingAuthenticator.totp(secret, TotpParameters.DEFAULT)
                    .ownClock()
                    .lastUsedStep(0));
        }

        private long step(int ahead) {
            return token.step(world.now()) + ahead;
        }

        /** Two codes of a clock that is so many steps ahead, or of counters. The last position is that of the second. */
        private Function<TwoFactor, Object> verifyPair(long last) {
            Challenge challenge = world.challenge(ALICE, Browser.none());
            return node -> node.verify(challenge, token.code(last - 1), token.code(last));
        }

        @Test
        void verify_sameTwoCodesTwice_moveTheClockOnce() {
            importTokenWithItsOwnClock();

            assertThat(race.callers(2, verifyPair(step(AHEAD))).explore(end -> movedOnce(step(AHEAD), AHEAD, end)))
                    .isEqualTo(6);
        }

        @Test
        void verify_sameTwoCodesThrice_moveTheClockOnce() {
            importTokenWithItsOwnClock();

            assertThat(race.callers(3, verifyPair(step(AHEAD))).explore(end -> movedOnce(step(AHEAD), AHEAD, end)))
                    .isEqualTo(498);
        }

        @Test
        void verify_sameTwoCodesOfCountersTwice_moveTheCounterOnce() {
            world.importToken();

            assertThat(race.callers(2, verifyPair(50)).explore(end -> movedOnce(50, 0, end)))
                    .isEqualTo(6);
        }

        private void movedOnce(long watermark, int offset, End end) {
            int losers = end.answers().size() - 1;
            assertThat(end.count(Proved.class)).isEqualTo(1);
            assertThat(end.count(new Rejected())).isEqualTo(losers);
            assertThat(end.events()).containsOnlyOnce(TwoFactorEvent.Type.RESYNCHRONIZED);
            assertThat(end.account().watermarks()).containsExactly(watermark);
            assertThat(end.account().offsets()).containsExactly(offset);
            // Two codes at or below the watermark are a failure like any wrong code.
            assertThat(failures(end)).isEqualTo(losers);
        }

        @Test
        void verify_twoPairsThatShareACode_oneMovesTheClock() {
            importTokenWithItsOwnClock();

            assertThat(race.caller(verifyPair(step(AHEAD)))
                            .caller(verifyPair(step(AHEAD + 1)))
                            .explore(end -> {
                                int by = end.account().offsets().get(0);
                                movedOnce(step(by), by, end);
                                assertThat(by).isBetween(AHEAD, AHEAD + 1);
                            }))
                    .isEqualTo(6);
        }

        @Test
        void verify_twoCodesAmidTheCodeAfterThem_acceptsThatCodeOnlyAfterTheClockWasMoved() {
            importTokenWithItsOwnClock();

            assertThat(race.caller(verifyPair(step(AHEAD)))
                            .caller(verify(token.code(step(AHEAD + 1))))
                            .explore(end -> {
                                int by = end.account().offsets().get(0);
                                assertThat(by).isEqualTo(end.count(Proved.class) == 2 ? AHEAD + 1 : AHEAD);
                                assertThat(end.account().watermarks()).containsExactly(step(by));
                                assertThat(end.answers().get(0)).first().isInstanceOf(Proved.class);
                                assertThat(failures(end)).isZero();
                            }))
                    .isEqualTo(6);
        }
    }

    /** A code that an operator has told the user. */
    @Nested
    class VerifyTemporaryCode {
        private final Owner owner = world.enroll();
        private final String code = issue(world.twoFactor);

        private static String issue(TwoFactor node) {
            return node.operator("support")
                    .issueTemporaryCode(ALICE, Duration.ofHours(1), "phone in repair")
                    .value();
        }

        @Test
        void verify_sameTemporaryCodeTwice_isAcceptedOnce() {
            assertThat(race.callers(2, verify(code)).explore(this::acceptedOnce))
                    .isEqualTo(6);
        }

        @Test
        void verify_sameTemporaryCodeAtBothDoorsAndInAStepUp_isAcceptedOnce() {
            assertThat(race.caller(verify(code))
                            .caller(verify(owner.browser(), code))
                            .caller(stepUp(owner, code))
                            .explore(this::acceptedOnce))
                    .isEqualTo(150);
        }

        private void acceptedOnce(End end) {
            assertThat(end.only(Proved.class)).contains(new Proved(VerificationResult.Method.TEMPORARY_CODE, 1, true));
            assertThat(end.count(Proved.class)).isEqualTo(1);
            // The use has ended trust, and with it the other half-finished sign-ins.
            assertThat(end.count(new SignInAgain())).isEqualTo(end.answers().size() - 1);
            assertThat(end.account().temporaryCode()).isFalse();
        }

        @Test
        void verify_temporaryCodeAmidTheEndOfTrust_isNotVerifiedAfterIt() {
            assertThat(race.caller(verify(code))
                            .caller(node -> node.endTrust(ALICE))
                            .explore(end -> {
                                assertThat(end.answers().get(0))
                                        .singleElement()
                                        .isIn(
                                                new SignInAgain(),
                                                new Proved(VerificationResult.Method.TEMPORARY_CODE, 1, false));
                                assertThat(end.answers().get(1)).containsExactly(new Good(true));
                                assertThat(end.account().temporaryCode()).isFalse();
                                assertThat(end.account().browsers()).isEmpty();
                            }))
                    .isEqualTo(6);
        }

        @Test
        void verify_temporaryCodeWithAChallengeOfAfterTheEndOfTrust_isRejected() {
            assertThat(race.caller(node -> node.endTrust(ALICE), node -> signIn(node, code))
                            .caller(verify(owner.phone().codeAt(world.now())))
                            .explore(end -> {
                                assertThat(end.answers().get(0)).containsExactly(new Good(true), new Rejected());
                                assertThat(end.account().temporaryCode()).isFalse();
                            }))
                    .isEqualTo(18);
        }

        private static Object signIn(TwoFactor node, String code) {
            CodeRequired required = (CodeRequired) node.signInRequirement(ALICE, Browser.none());
            return node.verify(required.challenge(), code);
        }

        @Test
        void verify_temporaryCodeAmidABackupCode_oneOfThemCounts() {
            assertThat(race.caller(verify(code))
                            .caller(verify(owner.backupCodes().get(0)))
                            .explore(end -> {
                                assertThat(end.count(Proved.class)).isEqualTo(1);
                                assertThat(end.count(new SignInAgain())).isEqualTo(1);
                                assertThat(end.account().temporaryCode()).isFalse();
                            }))
                    .isEqualTo(6);
        }

        @Test
        void verify_temporaryCodeAmidTheIssueOfAnother_isAcceptedOnlyBeforeIt() {
            assertThat(race.caller(verify(code))
                            .caller(node -> done(() -> issue(node)))
                            .explore(end -> {
                                assertThat(end.count(Proved.class) + end.count(new Rejected()))
                                        .isEqualTo(1);
                                assertThat(end.account().epoch())
                                        .isEqualTo(end.count(Proved.class) == 1 ? Epoch.DRAWN : Epoch.OF_THE_BEGINNING);
                                assertThat(end.account().temporaryCode()).isTrue();
                            }))
                    .isEqualTo(6);
        }
    }

    @Nested
    class Enroll {

        @Test
        void begin_twice_leavesOneHandleAlive() {
            assertThat(race.callers(2, ExploredRaceTest::begin).explore(this::oneIsGood))
                    .isEqualTo(6);
        }

        @Test
        void begin_thrice_leavesOneHandleAlive() {
            assertThat(race.callers(3, ExploredRaceTest::begin).explore(this::oneIsGood))
                    .isEqualTo(498);
        }

        @Test
        void confirm_twice_showsTheBackupCodesThatAreKept() {
            assertThat(race.callers(2, confirm()).explore(this::oneIsGood)).isEqualTo(6);
        }

        @Test
        void confirm_thrice_showsTheBackupCodesThatAreKept() {
            assertThat(race.callers(3, confirm()).explore(this::oneIsGood)).isEqualTo(150);
        }

        private Function<TwoFactor, Object> confirm() {
            PendingEnrollment pending = world.twoFactor.beginEnrollment(ALICE, "alice");
            String code = Phone.scan(pending).codeAt(world.now());
            return node -> node.confirmEnrollment(pending.handle(), code);
        }

        private void oneIsGood(End end) {
            assertThat(end.count(new Good(true))).isEqualTo(1);
        }

        @Test
        void confirm_amidASecondBegin_confirmsOrIsToldToBeginAgain() {
            assertThat(race.caller(confirm()).caller(ExploredRaceTest::begin).explore(end -> {
                        boolean on = end.account().state() == State.ENABLED;
                        // Whichever came first: there is nothing to begin where it is on.
                        assertThat(end.count(new Good(true))).isEqualTo(1);
                        assertThat(end.count(AlreadyEnabledException.class)).isEqualTo(on ? 1 : 0);
                        assertThat(end.count(new BeginAgain())).isEqualTo(on ? 0 : 1);
                    }))
                    .isEqualTo(6);
        }

        @Test
        void confirm_amidTheEndOfTrust_isBeforeItOrBeginsAgain() {
            assertThat(race.caller(confirm())
                            .caller(node -> node.endTrust(ALICE))
                            .explore(end -> {
                                assertThat(end.count(new Good(true))).isEqualTo(1);
                                assertThat(end.count(new BeginAgain()))
                                        .isEqualTo(end.account().state() == State.OFF ? 1 : 0);
                            }))
                    .isEqualTo(6);
        }

        @Test
        void confirm_amidAReset_isNotOnAfterIt() {
            assertThat(race.caller(confirm())
                            .caller(ExploredRaceTest::reset)
                            .explore(end -> assertThat(end.account().state()).isEqualTo(State.OFF)))
                    .isEqualTo(6);
        }

        @Test
        void import_twiceAmidABegin_oneIsLive() {
            assertThat(race.caller(importApp())
                            .caller(importApp())
                            .caller(ExploredRaceTest::begin)
                            .explore(end -> {
                                assertThat(end.count("done")).isEqualTo(1);
                                assertThat(end.account().state()).isEqualTo(State.ENABLED);
                            }))
                    .isEqualTo(266);
        }
    }

    @Nested
    class LowerTrust {
        private final Owner owner = world.enroll();
        private final String code = owner.phone().codeAt(world.now());

        /** The first caller's sign-in is refused, or it came first and its session has ended with the rest. */
        private void noSessionIsLeft(End end) {
            assertThat(end.answers().get(0))
                    .singleElement()
                    .isIn(new SignInAgain(), new Proved(VerificationResult.Method.ONE_TIME_CODE, 1, false));
        }

        @Test
        @DisplayName("Switched off and begun again between the check of a code and its use (Pad #914)")
        void verify_amidADisableAndABegin_isNotVerifiedAfterThem() {
            assertThat(race.caller(verify(code))
                            .caller(node -> node.disable(owner.proof()), ExploredRaceTest::begin)
                            .explore(end -> {
                                noSessionIsLeft(end);
                                assertThat(end.account().state()).isEqualTo(State.PENDING);
                            }))
                    .isEqualTo(18);
        }

        @Test
        void verify_amidTheEndOfTrust_isNotVerifiedAfterIt() {
            assertThat(race.caller(verify(owner.browser(), code))
                            .caller(node -> node.endTrust(ALICE))
                            .explore(end -> {
                                noSessionIsLeft(end);
                                assertThat(end.answers().get(1)).containsExactly(new Good(true));
                                assertThat(end.account().browsers()).isEmpty();
                            }))
                    .isEqualTo(6);
        }

        @Test
        void endTrust_askedByCopiesOfOneSession_oneGoesOn() {
            TrustStamp copied = owner.proof().stamp();

            assertThat(race.callers(2, node -> node.endTrust(ALICE, copied)).explore(end -> {
                        assertThat(end.count(Optional.of(new Good(true)))).isEqualTo(1);
                        assertThat(end.count(Optional.empty())).isEqualTo(1);
                    }))
                    .isEqualTo(6);
        }

        @Test
        void verify_afterTheEndOfTrustWithAChallengeOfBefore_neverSignsIn() {
            Function<TwoFactor, Object> verify = verify(code);

            assertThat(race.caller(verify)
                            .caller(node -> node.endTrust(ALICE), verify)
                            .explore(end -> {
                                noSessionIsLeft(end);
                                assertThat(end.answers().get(1)).containsExactly(new Good(true), new SignInAgain());
                            }))
                    .isEqualTo(11);
        }

        @Test
        void verify_amidTheForgettingOfItsBrowser_isNotVerifiedAfterIt() {
            assertThat(race.caller(verify(owner.browser(), code))
                            .caller(node -> forget(node, owner), verify(owner.browser(), code))
                            .explore(end -> {
                                noSessionIsLeft(end);
                                assertThat(end.answers().get(1)).containsExactly("done", new SignInAgain());
                                assertThat(end.account().epoch()).isEqualTo(Epoch.OF_THE_BEGINNING);
                            }))
                    .isEqualTo(11);
        }

        @Test
        void verify_ofAStrangerAmidTheForgettingOfABrowser_isVerified() {
            assertThat(race.caller(verify(code))
                            .caller(node -> forget(node, owner))
                            .explore(end -> assertThat(
                                            end.count(new Proved(VerificationResult.Method.ONE_TIME_CODE, 1, true)))
                                    .isEqualTo(1)))
                    .isEqualTo(6);
        }

        @Test
        void stepUp_amidTheEndOfTrust_isNotVerifiedAfterIt() {
            assertThat(race.caller(stepUp(owner, code))
                            .caller(node -> node.endTrust(ALICE))
                            .explore(this::noSessionIsLeft))
                    .isEqualTo(6);
        }

        @Test
        void verify_amidAReset_isNotVerifiedAfterIt() {
            assertThat(race.caller(verify(code))
                            .caller(ExploredRaceTest::reset, verify(code))
                            .explore(end -> {
                                noSessionIsLeft(end);
                                assertThat(end.answers().get(1)).containsExactly("done", new SignInAgain());
                                assertThat(end.account().state()).isEqualTo(State.OFF);
                            }))
                    .isEqualTo(11);
        }

        @Test
        void deleteAccount_amidACode_leavesNoRow() {
            assertThat(race.caller(verify(code))
                            .caller(ExploredRaceTest::deleteAccount)
                            .explore(end -> {
                                noSessionIsLeft(end);
                                assertThat(end.account().hasRow()).isFalse();
                            }))
                    .isEqualTo(3);
        }

        @Test
        void deleteAccount_andABeginAmidACode_leavesTheNewRecord() {
            assertThat(race.caller(verify(code))
                            .caller(ExploredRaceTest::deleteAccount, ExploredRaceTest::begin)
                            .explore(end -> {
                                noSessionIsLeft(end);
                                assertThat(end.account().state()).isEqualTo(State.PENDING);
                                assertThat(end.account().watermarks()).isEmpty();
                            }))
                    .isEqualTo(10);
        }

        @Test
        void rememberBrowser_twiceAmidTheEndOfTrust_isForgottenOrRefused() {
            assertThat(race.callers(2, node -> remember(node, owner))
                            .caller(node -> node.endTrust(ALICE))
                            .explore(end -> assertThat(end.account().browsers()).isEmpty()))
                    .isEqualTo(216);
        }

        @Test
        void rememberBrowser_amidAUsedBackupCode_isNotRemembered() {
            assertThat(race.caller(node -> remember(node, owner))
                            .caller(verify(owner.backupCodes().get(0)))
                            .explore(end -> assertThat(end.account().browsers())
                                    .containsExactly(new SeenBrowser("Firefox on Linux", false, 0))))
                    .isEqualTo(6);
        }

        @Test
        void disable_amidTheEndOfTrust_isRefusedOrFirst() {
            assertThat(race.caller(node -> node.disable(owner.proof()))
                            .caller(node -> node.endTrust(ALICE))
                            .explore(end -> {
                                assertThat(end.count(StaleProofException.class) == 1)
                                        .isEqualTo(end.account().state() == State.ENABLED);
                                assertThat(end.answers().get(1)).containsExactly(new Good(true));
                            }))
                    .isEqualTo(6);
        }
    }

    /** What the exploration is good for: each of these stores breaks one rule of the SPI, and each of them is found. */
    @Nested
    class StoreThatBreaksARule {

        private static class Broken extends DelegatingStore {
            Broken(TwoFactorStore store) {
                super(store);
            }

            boolean replaceWhateverIsThere(StoredRecord next, RecordSummary summary) {
                return find(next.userId())
                        .filter(stored -> store.replace(stored, next, summary))
                        .isPresent();
            }
        }

        private void assertFound(ExploredRace found) {
            assertThatThrownBy(() -> found.explore(end -> {})).isInstanceOf(AssertionError.class);
        }

        @Test
        void replace_ofAnyVersion_isFound() {
            Phone phone = world.importApp();
            String code = phone.codeAt(world.now());

            assertFound(race.callers(2, verify(code)).over((store, order) -> new Broken(store) {
                @Override
                public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
                    return replaceWhateverIsThere(next, summary);
                }
            }));
        }

        @Test
        void replace_thatComparesFirstAndWritesThen_isFound() {
            Phone phone = world.importApp();
            String wrong = phone.wrongAt(world.now());

            assertFound(race.callers(2, verify(wrong)).over((store, order) -> new Broken(store) {
                @Override
                public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
                    boolean same = find(current.userId()).equals(Optional.of(current));
                    return same && order.ask("write", () -> replaceWhateverIsThere(next, summary));
                }
            }));
        }

        @Test
        void replace_thatWritesAndSaysFalse_isFound() {
            Phone phone = world.importApp();
            String code = phone.codeAt(world.now());

            assertFound(race.callers(2, verify(code)).over((store, order) -> new Broken(store) {
                @Override
                public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
                    store.replace(current, next, summary);
                    return false;
                }
            }));
        }

        @Test
        void insert_overWhatIsThere_isFound() {
            assertFound(race.caller(importApp()).caller(importApp()).over((store, order) -> new Broken(store) {
                @Override
                public boolean insert(StoredRecord record, RecordSummary summary) {
                    return store.insert(record, summary) || replaceWhateverIsThere(record, summary);
                }
            }));
        }

        @Test
        void replace_thatInsertsWhatWasErased_isFound() {
            Phone phone = world.importApp();
            String code = phone.codeAt(world.now());

            assertFound(race.caller(verify(code))
                    .caller(ExploredRaceTest::deleteAccount)
                    .over((store, order) -> new Broken(store) {
                        @Override
                        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
                            return store.replace(current, next, summary) || store.insert(next, summary);
                        }
                    }));
        }
    }
}
