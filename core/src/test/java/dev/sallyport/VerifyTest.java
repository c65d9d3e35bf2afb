// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.VerificationResult.NotEnrolled;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.Window;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VerifyTest {
    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;

    private String codeAt(Phone phone, long steps) {
        return phone.codeAt(START.plus(STEP.multipliedBy(steps)));
    }

    private void isAccepted(String typed) {
        assertThat(world.verify(typed)).isInstanceOf(Verified.class);
    }

    private void isRejected(String typed) {
        assertThat(world.verify(typed)).isEqualTo(new Rejected());
    }

    private void isRejected(String typed, Rejection reason) {
        isRejected(typed);
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
            assertThat(proof.method()).isEqualTo(VerificationMethod.ONE_TIME_CODE);
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
        void verify_codeOfTheWindow_isAccepted(long stepsAway) {
            isAccepted(codeAt(phone, stepsAway));
        }

        @ParameterizedTest
        @ValueSource(longs = {-100, -3, -2, 2, 3, 100})
        void verify_codeBesideTheWindow_isRejected(long stepsAway) {
            isRejected(codeAt(phone, stepsAway), Rejection.WRONG);
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
        void verify_eachStepsCode_isAccepted() {
            for (int step = 0; step < 10; step++) {
                isAccepted(codeAt(phone, step));
                world.clock.advance(STEP);
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"279 965", "279-965", " 279965", "279965 ", "2 7 9 9 6 5", "2-7-9-9-6-5", "- 279965 -"})
        void verify_codeWithBlanksAndHyphens_isAcceptedOnce(String typed) {
            world.clock.set(START.minus(STEP)); // the step whose code is 279965
            isAccepted(typed);

            isRejected("279965", Rejection.REPLAYED);
        }

        @ParameterizedTest
        @ValueSource(ints = {7, 8})
        void verify_codeOfAnotherLength_isRejectedAndCounted(int digits) {
            String code = codeAt(phone, 0);

            isRejected("0".repeat(digits - 6) + code, Rejection.WRONG);
            isRejected(code + "0".repeat(digits - 6), Rejection.WRONG);
            assertThat(failedAttempts()).isEqualTo(2);
            isAccepted(code);
        }

        @Test
        void verify_clockBackByOneStep_takesTheCodeAfterTheLast() {
            isAccepted(codeAt(phone, 0));
            world.clock.set(START.minus(STEP));

            isRejected(codeAt(phone, -1), Rejection.BEHIND_THE_CLOCK);
            world.clock.set(START);
            isAccepted(codeAt(phone, 1));
        }

        private int failedAttempts() {
            return failedAttemptsIn(world);
        }
    }

    private static int failedAttemptsIn(World world) {
        var summary = world.store.summary();
        return summary == null ? 0 : summary.failedAttempts();
    }

    @Nested
    class CounterBased {
        private final Phone token = world.importToken();

        @Test
        void verify_codesInARow_areAcceptedOnceEach() {
            for (int i = 0; i < 10; i++) {
                String code = token.press();
                isAccepted(code);
                isRejected(code, Rejection.REPLAYED);
            }
        }

        @Test
        void verify_codeWithinTheLookAhead_isAccepted() {
            isAccepted(token.code(5));
            isAccepted(token.code(11));
        }

        @Test
        void verify_codeBeyondTheLookAhead_isRejected() {
            isRejected(token.code(6), Rejection.WRONG);
            isAccepted(token.code(5));
            isRejected(token.code(12), Rejection.WRONG);
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
            isAccepted(token.press());
            world.clock.advance(Duration.ofDays(-1));

            isAccepted(token.press());
        }
    }

    @Nested
    class Malformed {
        private final Phone phone = world.importApp();

        @Test
        void verify_malformedAHundredTimes_locksNobodyOut() {
            for (int i = 0; i < 100; i++) {
                isRejected("12345");
            }

            assertThat(twoFactor.status(ALICE).lock()).isEmpty();
            isAccepted(phone.codeAt(world.now()));
        }

        @Test
        void verify_codeAmidBlanks_isOneUpTo64CharactersInAll() {
            String code = phone.codeAt(world.now());
            world.store.forgetCounts();

            isRejected(code + " ".repeat(59));
            assertThat(world.store.finds()).isZero();
            isAccepted(code + " ".repeat(58));
        }

        @Test
        void verify_malformedAndNotEnrolled_isRejected() {
            assertThat(twoFactor.verify(BOB, "12345")).isEqualTo(new Rejected());
        }

        @Test
        @SuppressWarnings("NullAway")
        void verify_null_isMisuse() {
            assertThatNullPointerException().isThrownBy(() -> twoFactor.verify(ALICE, null));
            assertThatNullPointerException().isThrownBy(() -> twoFactor.verify(null, "123456"));
        }
    }

    @Nested
    class Users {

        @Test
        void verify_nobodyKnown_isNotEnrolledAndWritesNothing() {
            assertThat(world.verify("123456")).isEqualTo(new NotEnrolled());
            assertThat(world.verify("ABCD-EFGH-JKMN-PQRS")).isEqualTo(new NotEnrolled());
            assertThat(world.store.writes()).isZero();
        }

        @Test
        void verify_disabledSince_isNotEnrolled() {
            Phone phone = world.importApp();
            twoFactor.disable(world.prove(phone));
            world.clock.advance(STEP);

            assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(new NotEnrolled());
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

            isAccepted(first.codeAt(world.now()));
            isRejected(second.phone().codeAt(world.now()), Rejection.REPLAYED);
        }

        @Test
        void verify_olderCodeOfEither_isAReplay() {
            isAccepted(first.codeAt(world.now()));
            isAccepted(second.phone().codeAt(world.now()));

            isRejected(first.codeAt(world.now().minus(STEP)), Rejection.REPLAYED);
            isRejected(second.phone().codeAt(world.now().minus(STEP)), Rejection.REPLAYED);
        }
    }

    @Test
    @DisplayName("A clock behind the app's last code gives no free guesses at the token")
    void verify_clockBehindOneOfTwoAuthenticators_isCharged() {
        Phone app = world.importApp();
        AuthenticatorSeed seed = AuthenticatorSeed.of(
                KeyUri.parse("otpauth://hotp/alice?counter=0&secret=MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"));
        PendingEnrollment pending = twoFactor.beginEnrollment(
                world.prove(app), EnrollmentRequest.of("alice").seed(seed));
        Phone token = Phone.scan(pending);
        twoFactor.confirmEnrollment(ALICE, token.press());
        world.clock.set(START.minus(Duration.ofMinutes(10)));

        isRejected(token.wrong(), Rejection.WRONG);

        assertThat(failedAttemptsIn(world)).isEqualTo(1);
        isAccepted(token.press());
    }

    @Test
    void verify_codeOfTwoAuthenticators_isUsedUpWithBoth() {
        world.clock.set(START.minus(Duration.ofMinutes(5)));
        Phone app = world.importApp();
        String keyUri = "otpauth://hotp/alice?counter=1364505&secret=MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U";
        Phone token = Phone.scan(keyUri);
        twoFactor.beginEnrollment(
                world.prove(app), EnrollmentRequest.of("alice").seed(AuthenticatorSeed.of(KeyUri.parse(keyUri))));
        twoFactor.confirmEnrollment(ALICE, token.press());
        world.clock.set(START);
        String shared = app.codeAt(START);
        assertThat(token.press()).isEqualTo(shared);

        isAccepted(shared);

        assertThat(twoFactor.status(ALICE).authenticators())
                .extracting(one -> one.lastUsed().orElseThrow())
                .containsExactly(START, START);
        world.clock.advance(STEP);
        isAccepted(app.codeAt(world.now())); // so that it is not the app that knows the other code
        isRejected(shared);
        isAccepted(token.press());
    }

    @Nested
    class Cost {
        private final Phone phone = world.importApp();

        @Test
        void verify_rightCode_costsOneReadAndOneWrite() {
            costs(1, 1, () -> isAccepted(phone.codeAt(world.now())));
        }

        @Test
        void verify_wrongCode_costsOneReadAndOneWrite() {
            costs(1, 1, () -> isRejected(phone.wrongAt(world.now())));
        }

        @Test
        void verify_olderReplay_costsOneReadAndOneWrite() {
            isAccepted(codeAt(phone, 0));

            costs(1, 1, () -> isRejected(codeAt(phone, -1), Rejection.REPLAYED));
        }

        @Test
        void verify_lastCodeAgain_costsOneReadAndNoWrite() {
            isAccepted(codeAt(phone, 0));

            costs(1, 0, () -> isRejected(codeAt(phone, 0), Rejection.REPLAYED));
        }

        @Test
        void verify_wrongBackupCode_costsOneReadAndOneWrite() {
            costs(1, 1, () -> isRejected("0000-0000-0000-0000", Rejection.WRONG));
        }

        @Test
        void verify_notEnrolled_costsOneReadAndNoWrite() {
            costs(1, 0, () -> assertThat(twoFactor.verify(BOB, "123456")).isEqualTo(new NotEnrolled()));
        }

        @Test
        void signInRequirement_anyUser_costsOneReadAndNoWrite() {
            String token =
                    twoFactor.rememberBrowser(world.prove(phone), "Firefox").value();

            costs(1, 0, () -> twoFactor.signInRequirement(ALICE, null));
            costs(1, 0, () -> twoFactor.signInRequirement(ALICE, token));
            costs(1, 0, () -> twoFactor.signInRequirement(ALICE, "wrong"));
            costs(1, 0, () -> twoFactor.signInRequirement(BOB, token));
        }

        @Test
        void status_anyUser_costsOneReadAndNoWrite() {
            costs(1, 0, () -> twoFactor.status(ALICE));
            costs(1, 0, () -> twoFactor.status(BOB));
        }

        private void costs(int finds, int writes, Runnable call) {
            world.store.forgetCounts();
            call.run();
            assertThat(world.store.finds()).isEqualTo(finds);
            assertThat(world.store.writes()).isEqualTo(writes);
            assertThat(world.eventTypes()).doesNotContain(Type.CLOCK_JUMPED);
        }
    }
}
