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
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
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

        @ParameterizedTest
        @ValueSource(longs = {0, 1, 29, 30, 31, 59, 60, 89, 90})
        @DisplayName("A used code does not pass again in a later step (CVE-2015-7225, CVE-2021-43177)")
        void verify_sameCodeLater_isRejected(long secondsLater) {
            String code = codeAt(phone, 0);
            isAccepted(code);
            world.clock.advance(Duration.ofSeconds(secondsLater));

            isRejected(code);
        }

        @ParameterizedTest
        @ValueSource(longs = {0, 1, 29, 30, 31, 59, 60, 89, 90})
        @DisplayName("A code from a fast phone passes once in the whole of its life (Fortify, Discourse)")
        void verify_codeOfAFastPhoneLater_isRejected(long secondsLater) {
            String code = codeAt(phone, 1);
            isAccepted(code);
            world.clock.advance(Duration.ofSeconds(secondsLater));

            isRejected(code);
        }

        @Test
        @DisplayName("Used, used again, from a fresh account (Fortify CVE-2022-25838)")
        void verify_sameCodeThreeTimes_isAcceptedOnce() {
            String code = codeAt(phone, 0);

            isAccepted(code);
            isRejected(code, Rejection.REPLAYED);
            isRejected(code, Rejection.REPLAYED);
        }

        @Test
        @DisplayName("A, B, then A again (Gitea, Liferay CVE-2025-43798, CAS)")
        void verify_codeFromBeforeTheLast_isRejected() {
            String a = codeAt(phone, 0);
            String b = codeAt(phone, 1);
            isAccepted(a);
            world.clock.advance(STEP);
            isAccepted(b);

            isRejected(a, Rejection.REPLAYED);
            isRejected(b, Rejection.REPLAYED);
        }

        @Test
        @DisplayName("B, then A, which was never used but is older")
        void verify_unusedCodeFromBeforeTheLast_isRejected() {
            isAccepted(codeAt(phone, 0));

            isRejected(codeAt(phone, -1), Rejection.REPLAYED);
        }

        @Test
        void verify_eachStepsCode_isAccepted() {
            for (int step = 0; step < 10; step++) {
                isAccepted(codeAt(phone, step));
                world.clock.advance(STEP);
            }
        }

        @Test
        @DisplayName("A used code does not come back when the window is widened (allauth, CAS)")
        void verify_windowWidenedBetweenTwoRuns_usedAndOlderCodesStayRejected() {
            isAccepted(codeAt(phone, 0));
            TwoFactor widened = world.node()
                    .policy(TwoFactorPolicy.builder()
                            .window(new Window(5, 1))
                            .maxCodeLifetime(Duration.ofMinutes(4))
                            .build())
                    .build();
            world.clock.advance(STEP.multipliedBy(4));

            assertThat(widened.verify(ALICE, codeAt(phone, 0))).isEqualTo(new Rejected());
            assertThat(widened.verify(ALICE, codeAt(phone, -1))).isEqualTo(new Rejected());
            assertThat(widened.verify(ALICE, codeAt(phone, 1))).isInstanceOf(Verified.class);
        }

        @ParameterizedTest
        @ValueSource(strings = {"%s", " %s", "%s ", "%s-", "--%s  ", "   -   %s"})
        @DisplayName("A blank does not make a used code a new one (Vault HCSEC-2025-19)")
        void verify_usedCodeWithBlanksAndHyphens_isRejected(String dressed) {
            String code = codeAt(phone, 0);
            isAccepted(code);

            isRejected(dressed.replace("%s", code), Rejection.REPLAYED);
            isRejected(dressed.replace("%s", code.substring(0, 3) + " " + code.substring(3)), Rejection.REPLAYED);
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
        @DisplayName("A clock that stepped back behind the last code throws nothing (otplib)")
        void verify_clockBehindTheLastCode_isRejectedUncountedWithAReasonOfItsOwn() {
            isAccepted(codeAt(phone, 0));
            world.clock.set(START.minus(Duration.ofMinutes(10)));
            world.store.forgetCounts();

            for (int i = 0; i < 200; i++) {
                isRejected(phone.codeAt(world.now()), Rejection.BEHIND_THE_CLOCK);
                isRejected(phone.wrongAt(world.now()), Rejection.BEHIND_THE_CLOCK);
            }

            assertThat(world.store.writes()).isZero();
            assertThat(twoFactor.status(ALICE).lock()).isEmpty();
            world.clock.set(START.plus(STEP));
            isAccepted(phone.codeAt(world.now()));
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
    @DisplayName("Two steps with one code, of the RFCs' secret")
    class TwoStepsWithOneCode {
        private final Phone phone = world.importApp();

        private void clockAtStep(long step) {
            world.clock.set(Instant.EPOCH.plus(STEP.multipliedBy(step)));
        }

        @ParameterizedTest
        @CsvSource({"153567, 153569, 468457", "679858, 679860, 038755"})
        void phone_ofTheRfc_showsItTwice(long first, long second, String code) {
            assertThat(phone.code(first)).isEqualTo(code).isEqualTo(phone.code(second));
        }

        @ParameterizedTest
        @CsvSource({"153567, 468457", "679858, 038755"})
        void verify_bothInTheWindow_isAcceptedOnce(long first, String code) {
            clockAtStep(first + 1);
            isAccepted(code);

            for (long step = first + 1; step <= first + 4; step++) {
                clockAtStep(step);
                isRejected(code);
            }
        }

        @ParameterizedTest
        @CsvSource({"153567, 468457", "679858, 038755"})
        void verify_secondEntersTheWindowLater_isAcceptedOnce(long first, String code) {
            clockAtStep(first);
            isAccepted(code);

            for (long step = first; step <= first + 4; step++) {
                clockAtStep(step);
                isRejected(code);
            }
        }

        @ParameterizedTest
        @CsvSource({"153567, 468457", "679858, 038755"})
        void verify_anotherCodeInBetween_theFirstDoesNotComeBackAsTheSecond(long first, String code) {
            clockAtStep(first);
            isAccepted(code);
            clockAtStep(first + 3);

            isAccepted(phone.code(first + 3));
            isRejected(code, Rejection.REPLAYED);
        }
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
        @DisplayName("A used counter does not pass again (otp-java)")
        void verify_codeFromBeforeTheLast_isRejected() {
            isAccepted(token.code(3));

            for (int counter = 0; counter <= 3; counter++) {
                isRejected(token.code(counter));
            }
            isAccepted(token.code(4));
        }

        @Test
        @DisplayName("A failure never moves the counter (libpam)")
        void verify_fourFailures_leaveTheLookAheadWhereItWas() {
            for (int i = 0; i < 4; i++) {
                isRejected(token.code(6));
            }

            isAccepted(token.code(0));
        }

        @Test
        @DisplayName("A failure never moves the counter, a hundred times (libpam)")
        void verify_manyFailures_leaveTheCounterWhereItWas() {
            for (int i = 0; i < 25; i++) {
                world.fail(token, 3);
                isAccepted(token.press());
            }
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

    @Test
    @DisplayName("The code 000000 passes, leading zeros and all (GoogleAuth, pterodactyl #2163)")
    void verify_codeOfNothingButZeros_isAccepted() {
        Phone token = world.importKey("otpauth://hotp/Acme:alice?counter=349495&secret=" + Phone.RFC_SECRET);

        assertThat(token.press()).isEqualTo("000000");
        isAccepted("000000");
    }

    @Nested
    class Malformed {
        private final Phone phone = world.importApp();

        static Stream<String> malformed() {
            return Stream.of(
                    "",
                    " ",
                    "-",
                    "12345",
                    "-00000",
                    "+81804",
                    "+123456",
                    " 1_2",
                    "1_2_3_4_5_6",
                    "123456789",
                    "0000000123456",
                    "12345a",
                    "0x1234",
                    "1e5",
                    "123.456",
                    "123,456",
                    "123456L",
                    "123\t456",
                    "123456\n",
                    "123456\u0000",
                    "\uff11\uff12\uff13\uff14\uff15\uff16", // full-width
                    "\u0661\u0662\u0663\u0664\u0665\u0666", // Arabic-Indic
                    "\u0967\u0968\u0969\u096a\u096b\u096c", // Devanagari
                    "\u0e51\u0e52\u0e53\u0e54\u0e55\u0e56", // Thai
                    "\ud835\udfce\ud835\udfcf\ud835\udfd0", // mathematical bold
                    "123\u00a0456", // no-break space
                    "123\u2011456", // non-breaking hyphen
                    "\u200e123456", // left-to-right mark
                    "\ud800",
                    "\udc00123456",
                    "123456\ud800",
                    "ABCD-EFGH-JKMN-PQR",
                    "ABCD-EFGH-JKMN-PQRSU",
                    "UUUU-UUUU-UUUU-UUUU",
                    "\u0131\u0131\u0131\u0131-0000-0000-0000", // dotless i
                    "1".repeat(1 << 20),
                    " ".repeat(1 << 20),
                    "123456" + " ".repeat(1 << 20));
        }

        @ParameterizedTest
        @MethodSource("malformed")
        @DisplayName("What is no code is refused, not counted, and not looked up (int(token), TryParse, parseInt)")
        void verify_malformed_isRejectedWithoutAskingTheStore(String typed) {
            world.store.forgetCounts();

            isRejected(typed, Rejection.MALFORMED);

            assertThat(world.store.finds()).isZero();
            assertThat(world.store.writes()).isZero();
        }

        @Test
        void verify_malformedAHundredTimes_locksNobodyOut() {
            for (int i = 0; i < 100; i++) {
                isRejected("12345");
            }

            assertThat(twoFactor.status(ALICE).lock()).isEmpty();
            isAccepted(phone.codeAt(world.now()));
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

        @Test
        @DisplayName("A success of another user's credential is none (webauthn-server-core 2.8.2)")
        void verify_anotherUsersCode_isRejectedAndNotUsedUp() {
            Owner bob = world.enroll(BOB);
            world.importApp();
            String code = bob.phone().codeAt(world.now());

            isRejected(code, Rejection.WRONG);
            isRejected(bob.backupCodes().get(0), Rejection.WRONG);
            assertThat(twoFactor.verify(BOB, code)).isInstanceOf(Verified.class);
            assertThat(twoFactor.verify(BOB, bob.backupCodes().get(0))).isInstanceOf(Verified.class);
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
        @DisplayName("One attempt is one charge, however many authenticators (commcare #28483, django-otp)")
        void verify_wrongCode_isChargedOnce() {
            world.store.forgetCounts();
            isRejected(first.wrongAt(world.now()), Rejection.WRONG);

            assertThat(failedAttemptsIn(world)).isEqualTo(1);
            assertThat(world.store.finds()).isEqualTo(1);
            assertThat(world.store.writes()).isEqualTo(1);
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
