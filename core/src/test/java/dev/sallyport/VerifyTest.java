// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Method;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.Window;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class VerifyTest {
    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;

    private int failures() {
        return twoFactor.status(ALICE).strangers().consecutiveFailures();
    }

    private String codeAt(Phone phone, long steps) {
        return phone.codeAt(START.plus(STEP.multipliedBy(steps)));
    }

    private void assertAccepted(String typed) {
        assertThat(world.verify(typed)).isInstanceOf(Verified.class);
    }

    private void assertRejected(String typed) {
        assertThat(world.verify(typed)).isEqualTo(new Rejected());
    }

    private void assertRejected(String typed, Rejection reason) {
        assertRejected(typed);
        assertThat(world.lastEvent().rejection()).contains(reason);
    }

    @Nested
    class TimeBased {
        private final Phone phone = world.importApp();

        @Test
        void verify_rightCode_isAProof() {
            AuthenticatorId id = twoFactor.status(ALICE).authenticators().get(0).id();

            Verified proof = World.proof(world.verify(codeAt(phone, 0)));

            assertThat(proof.user()).isEqualTo(ALICE);
            assertThat(proof.at()).isEqualTo(START);
            assertThat(proof.method()).isEqualTo(Method.ONE_TIME_CODE);
            assertThat(proof.authenticator()).contains(id);
            assertThat(proof.backupCodesLeft()).isZero();
            assertThat(twoFactor.status(ALICE).authenticators().get(0).lastUsed())
                    .contains(START);
        }

        @Test
        void verify_clockOfNanoseconds_isAProofInMilliseconds() {
            world.clock.set(START.plusNanos(1_999_999));

            assertThat(World.proof(world.verify(codeAt(phone, 0))).at()).isEqualTo(START.plusMillis(1));
        }

        @ParameterizedTest
        @ValueSource(longs = {-1, 0, 1})
        void verify_codeOfTheWindow_assertAccepted(long stepsAway) {
            assertAccepted(codeAt(phone, stepsAway));
        }

        @ParameterizedTest
        @ValueSource(longs = {-100, -3, -2, 2, 3, 100})
        void verify_codeBesideTheWindow_assertRejected(long stepsAway) {
            assertRejected(codeAt(phone, stepsAway), Rejection.WRONG);
        }

        @ParameterizedTest
        @CsvSource({"-30001, false", "-30000, true", "59999, true", "60000, false"})
        void verify_edgesOfTheWindow_areWhereTheStepsBeginAndEnd(long milliseconds, boolean accepted) {
            String code = codeAt(phone, 0);
            world.clock.advance(Duration.ofMillis(milliseconds));

            assertThat(world.verify(code) instanceof Verified).isEqualTo(accepted);
        }

        @Test
        void verify_strictWindow_takesThePresentStepOnly() {
            World strict = new World(TwoFactorPolicy.asvsStrict());
            Phone app = strict.importApp();

            assertThat(strict.verify(codeAt(app, -1))).isEqualTo(new Rejected());
            assertThat(strict.verify(codeAt(app, 1))).isEqualTo(new Rejected());
            assertThat(strict.verify(codeAt(app, 0))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_windowsOfTwoSizes_areSetSeparately() {
            World uneven =
                    new World(TwoFactorPolicy.builder().window(new Window(2, 0)).build());
            Phone app = uneven.importApp();

            assertThat(uneven.verify(codeAt(app, 1))).isEqualTo(new Rejected());
            assertThat(uneven.verify(codeAt(app, -3))).isEqualTo(new Rejected());
            assertThat(uneven.verify(codeAt(app, -2))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_eachStepsCode_assertAccepted() {
            for (int step = 0; step < 10; step++) {
                assertAccepted(codeAt(phone, step));
                world.clock.advance(STEP);
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"279 965", "279-965", " 279965", "279965 ", "2 7 9 9 6 5", "2-7-9-9-6-5", "- 279965 -"})
        void verify_codeWithBlanksAndHyphens_isAcceptedOnce(String typed) {
            world.clock.set(START.minus(STEP)); // the step whose code is 279965
            assertAccepted(typed);

            assertRejected("279965", Rejection.REPLAYED);
        }

        @ParameterizedTest
        @ValueSource(ints = {7, 8})
        void verify_codeOfAnotherLength_isRejectedAndNotCounted(int digits) {
            String code = codeAt(phone, 0);
            world.store.forgetCounts();

            assertRejected("0".repeat(digits - 6) + code, Rejection.OTHER_LENGTH);
            assertRejected(code + "0".repeat(digits - 6), Rejection.OTHER_LENGTH);

            assertThat(failures()).isZero();
            assertThat(world.store.writes()).isZero();
            assertAccepted(code);
        }

        @Test
        void verify_codeOfAnotherLengthWhileLockedOut_isRejected() {
            world.fail(phone, 5);

            assertRejected("1234567", Rejection.OTHER_LENGTH);
        }

        @ParameterizedTest
        @ValueSource(longs = {-20, -4, 4, 20})
        void verify_codeOfAnotherTime_isRejectedAndTheEventTellsHowFarAwayItIs(long stepsAway) {
            assertRejected(codeAt(phone, stepsAway), Rejection.WRONG);

            assertThat(world.lastEvent().detail(Detail.OFFSET)).contains(Long.toString(stepsAway));
            assertThat(failures()).isEqualTo(1);
        }

        @ParameterizedTest
        @ValueSource(longs = {-21, -3, -2, 2, 3, 21})
        void verify_codeTooNearOrTooFarAway_isRejectedAndTheEventTellsNoOffset(long stepsAway) {
            assertRejected(codeAt(phone, stepsAway), Rejection.WRONG);

            assertThat(world.lastEvent().detail(Detail.OFFSET)).isEmpty();
        }

        @Test
        void verify_codesOfAPhoneWithAWrongClock_neverMoveIt() {
            for (int i = 0; i < 4; i++) {
                assertRejected(codeAt(phone, 10 + i));
            }

            assertThat(twoFactor.status(ALICE).authenticators().get(0).offset()).isZero();
            assertRejected(codeAt(phone, 10));
        }

        @Test
        void verify_clockBackByOneStep_takesTheCodeAfterTheLast() {
            assertAccepted(codeAt(phone, 0));
            world.clock.set(START.minus(STEP));

            assertRejected(codeAt(phone, -1), Rejection.BEHIND_THE_CLOCK);
            assertThat(failures()).isZero();
            world.clock.set(START);
            assertAccepted(codeAt(phone, 1));
        }

        @Test
        void verify_clockBehindAllCodes_theEventTellsHowFarAwayTheCodeIs() {
            assertAccepted(codeAt(phone, 0));
            world.clock.set(START.minus(Duration.ofMinutes(10)));

            assertRejected(codeAt(phone, -10), Rejection.BEHIND_THE_CLOCK);

            assertThat(world.lastEvent().detail(Detail.OFFSET)).contains("10");
        }
    }

    @Nested
    class CounterBased {
        private final Phone token = world.importToken();

        @Test
        void verify_codesInARow_areAcceptedOnceEach() {
            for (int i = 0; i < 10; i++) {
                String code = token.press();
                assertAccepted(code);
                assertRejected(code, Rejection.REPLAYED);
            }
        }

        @Test
        void verify_codeWithinTheLookAhead_assertAccepted() {
            assertAccepted(token.code(2));
            assertAccepted(token.code(5));
        }

        @Test
        void verify_codeBeyondTheLookAhead_assertRejected() {
            assertRejected(token.code(3), Rejection.WRONG);
            assertAccepted(token.code(2));
            assertRejected(token.code(6), Rejection.WRONG);
        }

        @Test
        void verify_lookAheadOfThePolicy_isTheOneThatCounts() {
            World narrow = new World(TwoFactorPolicy.builder().hotpLookAhead(0).build());
            Phone button = narrow.importToken();

            assertThat(narrow.verify(button.code(1))).isEqualTo(new Rejected());
            assertThat(narrow.verify(button.code(0))).isInstanceOf(Verified.class);
            assertThat(narrow.verify(button.code(1))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_clockSteppingBack_doesNotMatter() {
            assertAccepted(token.press());
            world.clock.advance(Duration.ofDays(-1));

            assertAccepted(token.press());
        }
    }

    @Nested
    class WhatWasTyped {
        private final Phone phone = world.importApp();

        @Test
        void verify_malformedAHundredTimes_locksNobodyOut() {
            for (int i = 0; i < 100; i++) {
                assertThat(world.verify("12345")).isEqualTo(new Malformed());
            }

            assertThat(twoFactor.status(ALICE).strangers()).isEqualTo(new TwoFactorStatus.Door(0, 0, Optional.empty()));
            assertAccepted(phone.codeAt(world.now()));
        }

        @Test
        void verify_malformed_asksNoStoreAndTellsTheUserInTheEvent() {
            Challenge challenge = world.challenge(ALICE, Browser.none());
            world.store.forgetCounts();

            assertThat(twoFactor.verify(challenge, "letters")).isEqualTo(new Malformed());

            assertThat(world.store.finds()).isZero();
            assertThat(world.lastEvent().user()).isEqualTo(ALICE);
            assertThat(world.lastEvent().rejection()).contains(Rejection.MALFORMED);
            assertThat(world.lastEvent().isFrequent()).isTrue();
        }

        @ParameterizedTest
        @NullSource
        @ValueSource(strings = {"", " ", "12345", "123456789", "12345x", "1234.56", "\ud800"})
        void verify_noCode_isMalformed(@Nullable String typed) {
            Challenge challenge = world.challenge(ALICE, Browser.none());

            assertThat(twoFactor.verify(challenge, typed)).isEqualTo(new Malformed());
        }

        @Test
        void verify_codeAmidBlanks_isOneUpTo128CharactersInAll() {
            String code = phone.codeAt(world.now());

            assertThat(world.verify(code + " ".repeat(123))).isEqualTo(new Malformed());
            assertAccepted(code + " ".repeat(122));
        }

        @Test
        void verify_backupCodeWithATypingError_isMalformed() {
            String backupCode = world.enroll(BOB).backupCodes().get(0);
            char wrong = backupCode.charAt(0) == '7' ? '8' : '7';
            Challenge challenge = world.challenge(BOB, Browser.none());

            assertThat(twoFactor.verify(challenge, wrong + backupCode.substring(1)))
                    .isEqualTo(new Malformed());
            assertThat(twoFactor.verify(challenge, backupCode)).isInstanceOf(Verified.class);
        }

        @Test
        @SuppressWarnings("NullAway")
        void verify_noChallengeAtAll_isMisuse() {
            assertThatNullPointerException().isThrownBy(() -> twoFactor.verify(null, "123456"));
        }
    }

    @Nested
    class Users {

        @Test
        void signInRequirement_nobodyKnown_needsNoCodeAndWritesNothing() {
            assertThat(twoFactor.signInRequirement(BOB, World.FIREFOX)).isInstanceOf(NoCodeRequired.class);
            assertThat(world.store.writes()).isZero();
            assertThat(world.rows).isEmpty();
        }

        @Test
        void verify_disabledSince_isSignInAgain() {
            Phone phone = world.importApp();
            Verified proof = world.prove(phone);
            Challenge challenge = world.challenge(ALICE, Browser.none());
            twoFactor.disable(proof);
            world.clock.advance(STEP);

            assertThat(twoFactor.verify(challenge, phone.codeAt(world.now()))).isEqualTo(new SignInAgain());
        }
    }

    @Nested
    class SeveralAuthenticators {
        private final Phone first = world.importApp();
        private final Owner second = world.enrollAnother(world.prove(first));

        @Test
        void verify_codeOfEither_isAcceptedAndNamesIt() {
            Verified bySecond = world.prove(second.phone());
            Verified byFirst = world.prove(first);

            assertThat(bySecond.authenticator()).contains(second.authenticator());
            assertThat(byFirst.authenticator())
                    .contains(twoFactor.status(ALICE).authenticators().get(0).id());
        }

        @Test
        void verify_codeOfOne_leavesTheOther() {
            world.prove(second.phone());

            assertAccepted(first.codeAt(world.now()));
            assertRejected(second.phone().codeAt(world.now()), Rejection.REPLAYED);
        }

        @Test
        void verify_olderCodeOfEither_isAReplay() {
            assertAccepted(first.codeAt(world.now()));
            assertAccepted(second.phone().codeAt(world.now()));

            assertRejected(first.codeAt(world.now().minus(STEP)), Rejection.REPLAYED);
            assertRejected(second.phone().codeAt(world.now().minus(STEP)), Rejection.REPLAYED);
        }
    }

    @Test
    @DisplayName("A clock behind the app's last code gives no free guesses at the token")
    void verify_clockBehindOneOfTwoAuthenticators_isCharged() {
        Phone app = world.importApp();
        Phone token = addToken(app, "otpauth://hotp/alice?counter=0&secret=MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U");
        world.clock.set(START.minus(Duration.ofMinutes(10)));

        assertRejected(token.wrong(), Rejection.WRONG);

        assertThat(failures()).isEqualTo(1);
        assertAccepted(token.press());
    }

    @Test
    void verify_codeOfTwoAuthenticators_isUsedUpWithBoth() {
        world.clock.set(START.minus(Duration.ofMinutes(5)));
        Phone app = world.importApp();
        String keyUri = "otpauth://hotp/alice?counter=1364505&secret=MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U";
        Phone token = addToken(app, keyUri);
        world.clock.set(START);
        String shared = app.codeAt(START);
        assertThat(token.press()).isEqualTo(shared);

        assertAccepted(shared);

        assertThat(twoFactor.status(ALICE).authenticators())
                .extracting(one -> one.lastUsed().orElseThrow())
                .containsExactly(START, START);
        world.clock.advance(STEP);
        assertAccepted(app.codeAt(world.now())); // so that it is not the app that knows the other code
        assertRejected(shared);
        assertAccepted(token.press());
    }

    private Phone addToken(Phone app, String keyUri) {
        ExistingAuthenticator existing = ExistingAuthenticator.of(KeyUri.parse(keyUri));
        PendingEnrollment pending = twoFactor.addAuthenticator(
                world.prove(app), EnrollmentRequest.of("alice").existing(existing));
        Phone token = Phone.scan(pending);
        assertThat(twoFactor.confirmEnrollment(pending.handle(), token.press()))
                .isInstanceOf(EnrollmentResult.Enrolled.class);
        return token;
    }

    @Nested
    class Cost {
        private final Phone phone = world.importApp();
        private Challenge challenge = world.challenge(ALICE, Browser.none());

        @Test
        void verify_rightCode_costsOneReadAndOneWrite() {
            assertCost(1, 1, verifying(phone.codeAt(world.now()), Verified.class));
        }

        @Test
        void verify_rightCodeInANewBrowser_costsOneReadAndOneWrite() {
            challenge = world.challenge(ALICE, World.FIREFOX);

            assertCost(1, 1, verifying(phone.codeAt(world.now()), Verified.class));
            assertThat(twoFactor.status(ALICE).browsers()).hasSize(1);
        }

        @Test
        void verify_wrongCode_costsOneReadAndOneWrite() {
            assertCost(1, 1, verifying(phone.wrongAt(world.now()), Rejected.class));
        }

        @Test
        void verify_olderReplay_costsOneReadAndOneWrite() {
            assertAccepted(codeAt(phone, 0));

            assertCost(1, 1, verifying(codeAt(phone, -1), Rejected.class));
            assertThat(world.lastEvent().rejection()).contains(Rejection.REPLAYED);
        }

        @Test
        void verify_lastCodeAgain_costsOneReadAndNoWrite() {
            assertAccepted(codeAt(phone, 0));

            assertCost(1, 0, verifying(codeAt(phone, 0), Rejected.class));
            assertThat(world.lastEvent().rejection()).contains(Rejection.REPLAYED);
        }

        @Test
        void verify_wrongBackupCode_costsOneReadAndNoWrite() {
            assertCost(1, 0, verifying("0000-0000-0000-0000-0000-0000", Rejected.class));
            assertThat(world.lastEvent().rejection()).contains(Rejection.WRONG);
        }

        @Test
        void verify_wrongTemporaryCode_costsOneReadAndNoWrite() {
            assertCost(1, 0, verifying("0000-0000-0000-0000", Rejected.class));
        }

        @Test
        void verify_lockedOut_costsOneReadAndNoWrite() {
            world.fail(phone, 5);

            assertCost(1, 0, verifying(phone.codeAt(world.now()), LockedOut.class));
        }

        @Test
        void verify_deadChallenge_costsOneReadAndNoWrite() {
            twoFactor.endTrust(ALICE);

            assertCost(1, 0, verifying(phone.codeAt(world.now()), SignInAgain.class));
        }

        @Test
        void verify_noChallenge_costsNothing() {
            challenge = Challenge.of(null);

            assertCost(0, 0, verifying(phone.codeAt(world.now()), SignInAgain.class));
        }

        @Test
        void signInRequirement_anyUser_costsOneReadAndNoWrite() {
            Verified proof = World.proof(world.verify(World.FIREFOX, phone.codeAt(world.now())));
            Browser known = World.browserWith(proof.browserToken().orElseThrow());
            assertCost(1, 0, () -> twoFactor.signInRequirement(ALICE, known));
            twoFactor.rememberBrowser(proof);

            assertCost(1, 0, () -> twoFactor.signInRequirement(ALICE, Browser.none()));
            assertCost(1, 0, () -> twoFactor.signInRequirement(ALICE, known));
            assertCost(1, 0, () -> twoFactor.signInRequirement(ALICE, Browser.ofToken("wrong", "App")));
            assertCost(1, 0, () -> twoFactor.signInRequirement(BOB, known));
        }

        @Test
        void status_anyUser_costsOneReadAndNoWrite() {
            assertCost(1, 0, () -> twoFactor.status(ALICE));
            assertCost(1, 0, () -> twoFactor.status(BOB));
        }

        private Runnable verifying(String typed, Class<? extends VerificationResult> result) {
            return () -> assertThat(twoFactor.verify(challenge, typed)).isInstanceOf(result);
        }

        private void assertCost(int finds, int writes, Runnable call) {
            world.store.forgetCounts();
            call.run();
            assertThat(world.store.finds()).isEqualTo(finds);
            assertThat(world.store.writes()).isEqualTo(writes);
            assertThat(world.eventTypes()).doesNotContain(Type.CLOCK_JUMPED);
        }
    }
}
