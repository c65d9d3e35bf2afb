// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.FIREFOX;
import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.EnrollmentResult.ClockOff;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.TwoFactorStatus.Lock;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Method;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Phones and tokens whose clock or counter is not where the server expects it. An offset is positive if a clock is ahead. */
class ClocksTest {
    private static final EnrollmentRequest REQUEST = EnrollmentRequest.of("alice@acme.example");
    private static final TotpParameters SIXTY_SECONDS =
            new TotpParameters(HmacAlgorithm.SHA1, 6, Duration.ofSeconds(60), Instant.EPOCH);

    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;

    /** The app or token with the RFCs' secret. */
    private final Phone phone = Phone.ofSecret(Phone.RFC_SECRET);

    private static ExistingAuthenticator existing(TotpParameters parameters) {
        return ExistingAuthenticator.totp(SharedSecret.fromBase32(Phone.RFC_SECRET), parameters)
                .lastUsedStep(0);
    }

    private void importTokenWithItsOwnClock() {
        world.importAll(existing(TotpParameters.DEFAULT).ownClock());
    }

    private static Instant off(Instant at, long steps) {
        return at.plus(STEP.multipliedBy(steps));
    }

    /** The code of a clock that is so many steps ahead. */
    private String code(long stepsAhead) {
        return phone.codeAt(off(world.now(), stepsAhead));
    }

    private VerificationResult verify(String first, String second) {
        return twoFactor.verify(world.challenge(ALICE, Browser.none()), first, second);
    }

    /** Two consecutive codes, of which the second is so many steps ahead. */
    private VerificationResult verifyPair(long stepsAhead) {
        return verify(code(stepsAhead - 1), code(stepsAhead));
    }

    private void assertOffset(int steps) {
        assertThat(twoFactor.status(ALICE).authenticators())
                .extracting(TwoFactorStatus.Authenticator::offset)
                .containsExactly(steps);
    }

    private void assertRejectedWithOffset(VerificationResult result, Optional<String> offset) {
        assertThat(result).isEqualTo(new Rejected());
        assertThat(world.events)
                .filteredOn(event -> event.type() == Type.CODE_REJECTED)
                .last()
                .satisfies(event -> {
                    assertThat(event.at()).isEqualTo(world.now());
                    assertThat(event.detail(Detail.OFFSET)).isEqualTo(offset);
                });
    }

    static IntStream stepsThatAreAWrongClock() {
        return IntStream.rangeClosed(-20, 20).filter(steps -> Math.abs(steps) >= 4);
    }

    static IntStream stepsThatAreNot() {
        return IntStream.of(-22, -21, -3, -2, 2, 3, 21, 22);
    }

    @Nested
    class ConfirmWithOneCode {
        private final PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, REQUEST);
        private final Phone app = Phone.scan(pending);

        private EnrollmentResult confirm(long stepsAhead) {
            return twoFactor.confirmEnrollment(pending.handle(), app.codeAt(off(START, stepsAhead)));
        }

        @ParameterizedTest
        @MethodSource("dev.sallyport.ClocksTest#stepsThatAreAWrongClock")
        void confirm_fourToTwentyStepsAway_saysHowFarTheClockIsOffAndAcceptsNothing(int steps) {
            assertThat(confirm(steps)).isEqualTo(new ClockOff(STEP.multipliedBy(steps)));

            assertThat(twoFactor.status(ALICE).state()).isEqualTo(TwoFactorStatus.State.PENDING);
            assertThat(world.lastEvent().type()).isEqualTo(Type.CODE_REJECTED);
            assertThat(world.lastEvent().detail(Detail.OFFSET)).contains(Integer.toString(steps));
            assertThat(confirm(0)).isInstanceOf(Enrolled.class);
        }

        @ParameterizedTest
        @MethodSource("dev.sallyport.ClocksTest#stepsThatAreNot")
        void confirm_nearerOrFartherAway_isRejected(int steps) {
            assertThat(confirm(steps)).isEqualTo(new Rejected());
            assertThat(world.lastEvent().detail(Detail.OFFSET)).isEmpty();
        }

        @ParameterizedTest
        @CsvSource({"2, 4", "4, 8", "9, 18"})
        void confirm_minutesOff_saysThemAheadOrBehind(int minutes, int steps) {
            assertThat(confirm(steps)).isEqualTo(new ClockOff(Duration.ofMinutes(minutes)));
            assertThat(confirm(-steps)).isEqualTo(new ClockOff(Duration.ofMinutes(-minutes)));
        }

        @Test
        void confirm_sixtySecondToken_saysItsStepsInMinutes() {
            PendingEnrollment token = twoFactor.beginEnrollment(ALICE, REQUEST.existing(existing(SIXTY_SECONDS)));
            String code = Phone.scan(token).codeAt(START.plus(Duration.ofMinutes(20)));

            assertThat(twoFactor.confirmEnrollment(token.handle(), code))
                    .isEqualTo(new ClockOff(Duration.ofMinutes(20)));
        }

        @Test
        void confirm_counterBased_isRejectedAndNeverAClock() {
            PendingEnrollment token = twoFactor.beginEnrollment(
                    ALICE,
                    REQUEST.existing(ExistingAuthenticator.hotp(
                            SharedSecret.fromBase32(Phone.RFC_SECRET), HmacAlgorithm.SHA1, 6, 0)));

            assertThat(twoFactor.confirmEnrollment(token.handle(), phone.code(10)))
                    .isEqualTo(new Rejected());
        }

        @ParameterizedTest
        @ValueSource(longs = {-1, 1})
        @DisplayName("A single right code never moves a phone")
        void confirm_aStepAway_leavesTheOffsetAtZero(long steps) {
            assertThat(confirm(steps)).isInstanceOf(Enrolled.class);

            assertOffset(0);
        }

        @ParameterizedTest
        @ValueSource(ints = {-1, 0, 1})
        void confirm_ownClockAStepAway_isFollowed(int steps) {
            PendingEnrollment token = twoFactor.beginEnrollment(
                    ALICE, REQUEST.existing(existing(TotpParameters.DEFAULT).ownClock()));

            assertThat(twoFactor.confirmEnrollment(token.handle(), code(steps))).isInstanceOf(Enrolled.class);

            assertOffset(steps);
        }
    }

    @Nested
    class ConfirmWithTwoCodes {
        private final PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, REQUEST);
        private final Phone app = Phone.scan(pending);

        private EnrollmentResult confirm(long first, long second) {
            return twoFactor.confirmEnrollment(
                    pending.handle(), app.codeAt(off(START, first)), app.codeAt(off(START, second)));
        }

        private EnrollmentResult confirmAtCounters(long first, long second) {
            PendingEnrollment token = twoFactor.beginEnrollment(
                    ALICE,
                    REQUEST.existing(ExistingAuthenticator.hotp(
                            SharedSecret.fromBase32(Phone.RFC_SECRET), HmacAlgorithm.SHA1, 6, 0)));
            return twoFactor.confirmEnrollment(token.handle(), phone.code(first), phone.code(second));
        }

        @ParameterizedTest
        @ValueSource(ints = {-100, -99, -21, -8, -1, 0, 1, 8, 21, 99, 100})
        void confirm_anyOffsetUpToAHundred_isFoundAndKept(int steps) {
            assertThat(confirm(steps - 1, steps)).isInstanceOf(Enrolled.class);

            assertOffset(steps);
            world.clock.advance(STEP.multipliedBy(2));
            assertThat(world.verify(app.codeAt(off(world.now(), steps)))).isInstanceOf(Verified.class);
        }

        @ParameterizedTest
        @ValueSource(ints = {-102, -101, 101, 102})
        void confirm_fartherThanAHundred_isRejected(int steps) {
            assertThat(confirm(steps - 1, steps)).isEqualTo(new Rejected());
        }

        @ParameterizedTest
        @CsvSource({"0, 0", "1, 0", "0, 2", "10, 12", "12, 11"})
        void confirm_codesThatAreNotConsecutive_areRejected(long first, long second) {
            assertThat(confirm(first, second)).isEqualTo(new Rejected());
        }

        @Test
        void confirm_oneOfTheTwoWrong_isRejected() {
            String wrong = app.wrongAt(START);

            assertThat(twoFactor.confirmEnrollment(pending.handle(), wrong, app.codeAt(START)))
                    .isEqualTo(new Rejected());
            assertThat(twoFactor.confirmEnrollment(pending.handle(), app.codeAt(START), wrong))
                    .isEqualTo(new Rejected());
        }

        @Test
        void confirm_withAnOffset_movesTheWindowThere() {
            confirm(7, 8);
            world.clock.advance(STEP.multipliedBy(3));

            assertRejectedWithOffset(world.verify(app.codeAt(world.now())), Optional.of("-8"));
            assertThat(world.verify(app.codeAt(off(world.now(), 6)))).isEqualTo(new Rejected());
            assertThat(world.verify(app.codeAt(off(world.now(), 7)))).isInstanceOf(Verified.class);
            assertThat(world.verify(app.codeAt(off(world.now(), 9)))).isInstanceOf(Verified.class);
            assertThat(world.verify(app.codeAt(off(world.now(), 10)))).isEqualTo(new Rejected());
        }

        @Test
        void confirm_withAnOffset_burnsBothCodes() {
            confirm(7, 8);

            assertThat(world.verify(app.codeAt(off(START, 7)))).isEqualTo(new Rejected());
            assertThat(world.verify(app.codeAt(off(START, 8)))).isEqualTo(new Rejected());
            assertThat(world.verify(app.codeAt(off(START, 9)))).isInstanceOf(Verified.class);
        }

        @Test
        void confirm_withBlanks_areForgiven() {
            String first = app.codeAt(START);

            assertThat(twoFactor.confirmEnrollment(
                            pending.handle(),
                            first.substring(0, 3) + " " + first.substring(3),
                            app.codeAt(off(START, 1)) + "\n"))
                    .isInstanceOf(Enrolled.class);
        }

        @ParameterizedTest
        @ValueSource(longs = {0, 1, 37, 98})
        void confirm_anyCounterWithinAHundred_isFound(long counter) {
            assertThat(confirmAtCounters(counter, counter + 1)).isInstanceOf(Enrolled.class);

            assertThat(world.verify(phone.code(counter + 1))).isEqualTo(new Rejected());
            assertThat(world.verify(phone.code(counter + 2))).isInstanceOf(Verified.class);
            assertOffset(0);
        }

        @Test
        void confirm_aCounterBeyondAHundred_isRejected() {
            assertThat(confirmAtCounters(99, 100)).isEqualTo(new Rejected());
        }

        @Test
        @DisplayName("[78] Two codes do not reach what counts as used either")
        void confirm_codesThatCountAsUsed_areRejected() {
            PendingEnrollment token = twoFactor.beginEnrollment(
                    ALICE,
                    REQUEST.existing(ExistingAuthenticator.totp(
                            SharedSecret.fromBase32(Phone.RFC_SECRET), TotpParameters.DEFAULT)));

            assertThat(twoFactor.confirmEnrollment(token.handle(), code(-30), code(-29)))
                    .isEqualTo(new Rejected());
            assertThat(twoFactor.confirmEnrollment(token.handle(), code(1), code(2)))
                    .isEqualTo(new Rejected());
            assertThat(twoFactor.confirmEnrollment(token.handle(), code(2), code(3)))
                    .isInstanceOf(Enrolled.class);
        }
    }

    @Nested
    class Following {

        @Test
        @DisplayName("A single right code never moves a phone")
        void verify_phoneAStepAhead_isNotFollowed() {
            world.importAll(existing(TotpParameters.DEFAULT));
            for (int i = 0; i < 10; i++) {
                assertThat(world.verify(code(1))).isInstanceOf(Verified.class);
                world.clock.advance(STEP);
            }

            assertOffset(0);
            assertThat(world.verify(code(2))).isEqualTo(new Rejected());
        }

        @ParameterizedTest
        @ValueSource(ints = {-1, 1})
        void verify_ownClockDrifts_isFollowedStepByStepUpToAHundred(int direction) {
            importTokenWithItsOwnClock();
            for (int steps = 1; steps <= 100; steps++) {
                world.clock.advance(STEP.multipliedBy(3));
                assertThat(world.verify(code(steps * (long) direction))).isInstanceOf(Verified.class);
                assertOffset(steps * direction);
            }
            world.clock.advance(STEP.multipliedBy(3));

            assertThat(world.verify(code(101L * direction))).isInstanceOf(Verified.class);
            assertOffset(100 * direction);
            world.clock.advance(STEP.multipliedBy(3));
            assertThat(world.verify(code(102L * direction))).isEqualTo(new Rejected());
        }

        @Test
        void verify_ownClockTwoStepsAway_isRejected() {
            importTokenWithItsOwnClock();

            assertThat(world.verify(code(2))).isEqualTo(new Rejected());
            assertThat(world.verify(code(-2))).isEqualTo(new Rejected());
            assertOffset(0);
        }

        @Test
        void verify_ownClockWithAnOffset_tellsItInTheEvents() {
            importTokenWithItsOwnClock();
            world.verify(code(1));

            assertThat(world.lastEvent().type()).isEqualTo(Type.CODE_ACCEPTED);
            assertThat(world.lastEvent().detail(Detail.OFFSET)).contains("1");
        }

        @Test
        void verify_wrongCodes_moveNothing() {
            importTokenWithItsOwnClock();
            world.fail(phone, 4);

            assertOffset(0);
        }

        @Test
        void ownClock_afterLastUsedStepOrBefore_isTheSame() {
            long step = phone.step(world.now());
            ExistingAuthenticator token =
                    ExistingAuthenticator.totp(SharedSecret.fromBase32(Phone.RFC_SECRET), TotpParameters.DEFAULT);
            world.importAll(token.ownClock().lastUsedStep(step));

            assertThat(world.verify(code(0))).isEqualTo(new Rejected());
            assertThat(world.verify(code(1))).isInstanceOf(Verified.class);
            assertOffset(1);
        }
    }

    @Nested
    @DisplayName("RFC 4226 section 7.4: resynchronization of the counter")
    class TwoCodesOfACounter {
        private final Phone token = world.importToken();

        @Test
        void verify_driftOf50_isRecoveredByTwoConsecutiveCodesAndNotByOne() {
            token.pressIdly(50);
            String first = token.press();
            String second = token.press();
            assertThat(world.verify(first)).isEqualTo(new Rejected());
            assertThat(world.verify(second)).isEqualTo(new Rejected());

            Verified proof = World.proof(verify(first, second));

            assertThat(proof.method()).isEqualTo(Method.ONE_TIME_CODE);
            assertThat(proof.authenticator()).isPresent();
            assertThat(world.verify(second)).isEqualTo(new Rejected());
            assertThat(world.verify(token.press())).isInstanceOf(Verified.class);
        }

        @Test
        void verify_withBlanks_isForgiven() {
            token.pressIdly(50);
            String first = token.press();

            assertThat(verify(first.substring(0, 3) + " " + first.substring(3), token.press() + " "))
                    .isInstanceOf(Verified.class);
        }

        @Test
        void verify_codesThatAreNotConsecutive_areRejected() {
            assertThat(verify(token.code(50), token.code(52))).isEqualTo(new Rejected());
            assertThat(verify(token.code(51), token.code(50))).isEqualTo(new Rejected());
            assertThat(verify(token.code(50), token.code(50))).isEqualTo(new Rejected());
        }

        @Test
        void verify_oneOfTheTwoWrong_isRejected() {
            assertThat(verify(token.code(50), token.wrong())).isEqualTo(new Rejected());
            assertThat(verify(token.wrong(), token.code(51))).isEqualTo(new Rejected());
            assertThat(world.verify(token.code(0))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_within100_isFoundAndBeyondIsNot() {
            assertThat(verify(token.code(99), token.code(100))).isEqualTo(new Rejected());
            assertThat(verify(token.code(98), token.code(99))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_usedCodes_areRejected() {
            world.verify(token.code(0));
            world.verify(token.code(1));

            assertThat(verify(token.code(0), token.code(1))).isEqualTo(new Rejected());
            assertThat(verify(token.code(1), token.code(2))).isEqualTo(new Rejected());
            assertThat(verify(token.code(2), token.code(3))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_sameTwoCodesAgain_areRejected() {
            String first = token.press();
            String second = token.press();
            World.proof(verify(first, second));

            assertThat(verify(first, second)).isEqualTo(new Rejected());
        }

        @Test
        void verify_failure_isOneCharge() {
            for (int i = 1; i <= 5; i++) {
                world.store.forgetCounts();
                assertThat(twoFactor.status(ALICE).strangers().lock()).isEmpty();
                assertThat(verify(token.wrong(), token.wrong())).isEqualTo(new Rejected());
                assertThat(world.store.writes()).isEqualTo(1);
                assertThat(twoFactor.status(ALICE).strangers().failures()).isEqualTo(i);
            }

            assertThat(twoFactor.status(ALICE).strangers().lock())
                    .map(Lock::reason)
                    .contains(Lock.Reason.BACK_OFF);
        }

        @Test
        void verify_lockedOut_isRefusedUnseen() {
            world.fail(token, 5);
            world.store.forgetCounts();

            assertThat(verify(token.code(0), token.code(1)))
                    .isEqualTo(new LockedOut(Optional.of(world.now().plusSeconds(60))));

            assertThat(world.store.writes()).isZero();
            assertThat(twoFactor.status(ALICE).strangers().failures()).isEqualTo(5);
            world.clock.advance(Duration.ofSeconds(60));
            assertThat(verify(token.code(0), token.code(1))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_success_clearsTheCount() {
            world.fail(token, 4);
            World.proof(verify(token.press(), token.press()));

            world.fail(token, 4);
            assertThat(twoFactor.status(ALICE).strangers().lock()).isEmpty();
        }

        @ParameterizedTest
        @NullSource
        @ValueSource(strings = {"", "12345", "0000-0000-0000-0000", "12345a"})
        void verify_malformed_isToldWithoutAskingTheStore(String malformed) {
            Challenge challenge = world.challenge(ALICE, Browser.none());
            world.store.forgetCounts();

            assertThat(twoFactor.verify(challenge, malformed, token.code(1))).isEqualTo(new Malformed());
            assertThat(twoFactor.verify(challenge, token.code(0), malformed)).isEqualTo(new Malformed());
            assertThat(twoFactor.stepUp(ALICE, TrustStamp.of(null), malformed, token.code(1)))
                    .isEqualTo(new Malformed());

            assertThat(world.store.finds()).isZero();
            assertThat(world.lastEvent().rejection()).contains(Rejection.MALFORMED);
        }

        @Test
        void verify_backupCodeForOneOfTheTwo_isMalformedAndNotUsedUp() {
            List<String> codes = twoFactor
                    .regenerateBackupCodes(World.proof(world.verify(token.press())))
                    .codes()
                    .asList();

            assertThat(verify(codes.get(0), codes.get(1))).isEqualTo(new Malformed());
            assertThat(world.verify(codes.get(0))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_success_notifiesTheUser() {
            token.pressIdly(50);
            World.proof(verify(token.press(), token.press()));

            assertThat(world.eventTypes()).endsWith(Type.CODE_ACCEPTED, Type.RESYNCHRONIZED);
            assertThat(Type.RESYNCHRONIZED.notifiesUser()).isTrue();
        }

        @Test
        void stepUp_twoCodes_findTheTokenToo() {
            Verified proof = World.proof(world.verify(token.press()));
            token.pressIdly(50);

            assertThat(twoFactor.stepUp(ALICE, proof.stamp(), token.press(), token.press()))
                    .isInstanceOf(Verified.class);
            assertThat(twoFactor.stepUp(ALICE, TrustStamp.of(null), token.press(), token.press()))
                    .isEqualTo(new SignInAgain());
        }
    }

    @Nested
    class TwoCodesOfAClock {

        @ParameterizedTest
        @ValueSource(ints = {-20, -9, -2, 0, 1, 2, 9, 20})
        void verify_ownClockUpTo20StepsAway_isFound(int steps) {
            importTokenWithItsOwnClock();

            assertThat(verifyPair(steps)).isInstanceOf(Verified.class);

            assertOffset(steps);
            assertThat(world.lastEvent().type()).isEqualTo(Type.RESYNCHRONIZED);
            assertThat(world.lastEvent().detail(Detail.OFFSET))
                    .isEqualTo(steps == 0 ? Optional.empty() : Optional.of(Integer.toString(steps)));
        }

        @ParameterizedTest
        @ValueSource(ints = {-22, -21, 21, 22})
        void verify_ownClockFartherAway_isRejected(int steps) {
            importTokenWithItsOwnClock();

            assertThat(verifyPair(steps)).isEqualTo(new Rejected());
            assertOffset(0);
        }

        @ParameterizedTest
        @CsvSource({"20, 40, true", "20, 41, false", "-20, -40, true", "-20, -41, false", "20, 0, true", "20, -1, false"
        })
        @DisplayName("20 steps count from the present offset")
        void verify_ownClockWithAnOffset_isFoundWithin20StepsOfIt(int present, int steps, boolean found) {
            importTokenWithItsOwnClock();
            World.proof(verifyPair(present));
            world.clock.advance(STEP.multipliedBy(60));

            assertThat(verifyPair(steps) instanceof Verified).isEqualTo(found);

            assertOffset(found ? steps : present);
        }

        @ParameterizedTest
        @ValueSource(ints = {-1, 1})
        void verify_ownClockBeyondAHundred_isRejected(int direction) {
            importTokenWithItsOwnClock();
            for (int steps = 20; steps <= 100; steps += 20) {
                World.proof(verifyPair(steps * (long) direction));
                world.clock.advance(STEP.multipliedBy(60));
            }

            assertThat(verifyPair(101L * direction)).isEqualTo(new Rejected());
            assertOffset(100 * direction);
        }

        @Test
        void verify_firstAtTheWatermark_isRejected() {
            importTokenWithItsOwnClock();
            World.proof(world.verify(code(0)));

            assertThat(verify(code(0), code(1))).isEqualTo(new Rejected());
            assertThat(verify(code(1), code(2))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_twoCodes_theSecondBecomesTheWatermark() {
            importTokenWithItsOwnClock();
            World.proof(verifyPair(9));

            assertThat(verifyPair(9)).isEqualTo(new Rejected());
            assertThat(world.verify(code(8))).isEqualTo(new Rejected());
            assertThat(world.verify(code(9))).isEqualTo(new Rejected());
            assertThat(world.verify(code(10))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_phone_isNotMovedAndCharged() {
            world.importAll(existing(TotpParameters.DEFAULT));

            assertThat(verifyPair(1)).isEqualTo(new Rejected());
            assertThat(verifyPair(9)).isEqualTo(new Rejected());

            assertOffset(0);
            assertThat(twoFactor.status(ALICE).strangers().failures()).isEqualTo(2);
            assertThat(world.verify(code(0))).isInstanceOf(Verified.class);
        }

        @Test
        @DisplayName("[89] Two observed codes, 50 minutes old: they do not pass, and do not keep the owner out")
        void verify_twoObservedCodesOfAPhone_areRejected() {
            Owner owner = world.enroll();
            String first = owner.phone().codeAt(world.now());
            String second = owner.phone().codeAt(off(world.now(), 1));
            world.clock.advance(Duration.ofMinutes(50));

            assertThat(verify(first, second)).isEqualTo(new Rejected());

            assertOffset(0);
            assertThat(world.verify(owner.phone().codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        @DisplayName("[89] Two observed codes of a token that were used, or are older than 20 steps")
        void verify_twoObservedCodesOfAToken_areRejected() {
            importTokenWithItsOwnClock();
            String first = code(0);
            String second = code(1);
            world.verify(first);
            world.clock.advance(STEP);
            world.verify(second);
            assertThat(verify(first, second)).isEqualTo(new Rejected());
            String unusedFirst = code(1);
            String unusedSecond = code(2);
            world.clock.advance(Duration.ofMinutes(50));

            assertThat(verify(unusedFirst, unusedSecond)).isEqualTo(new Rejected());
            assertOffset(0);
        }

        @Test
        void verify_tokenBesideAPhone_movesTheTokenAlone() {
            Owner owner = world.enroll();
            ExistingAuthenticator token = existing(TotpParameters.DEFAULT).ownClock();
            PendingEnrollment pending = twoFactor.addAuthenticator(owner.proof(), REQUEST.existing(token));
            assertThat(twoFactor.confirmEnrollment(pending.handle(), code(0))).isInstanceOf(Enrolled.class);

            assertThat(verifyPair(9)).isInstanceOf(Verified.class);

            assertThat(twoFactor.status(ALICE).authenticators())
                    .extracting(TwoFactorStatus.Authenticator::offset)
                    .containsExactly(0, 9);
            assertThat(world.verify(owner.phone().codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_twoCodesInABrowser_makeItKnown() {
            importTokenWithItsOwnClock();

            Verified proof = World.proof(twoFactor.verify(world.challenge(ALICE, FIREFOX), code(8), code(9)));

            assertThat(proof.browserToken()).isPresent();
        }
    }

    @Nested
    @DisplayName("Every rejection of a verification is searched for a code of a wrong clock")
    class Rejections {

        @ParameterizedTest
        @MethodSource("dev.sallyport.ClocksTest#stepsThatAreAWrongClock")
        void verify_fourToTwentyStepsAway_isRejectedAndTheEventSaysHowFar(int steps) {
            world.importAll(existing(TotpParameters.DEFAULT));

            assertRejectedWithOffset(world.verify(code(steps)), Optional.of(Integer.toString(steps)));
            assertThat(twoFactor.status(ALICE).strangers().failures()).isEqualTo(1);
        }

        @ParameterizedTest
        @MethodSource("dev.sallyport.ClocksTest#stepsThatAreNot")
        void verify_nearerOrFartherAway_isRejectedAndTheEventSaysNothing(int steps) {
            world.importAll(existing(TotpParameters.DEFAULT));

            assertRejectedWithOffset(world.verify(code(steps)), Optional.empty());
        }

        @Test
        void verify_codeThatWasUsedAWhileAgo_saysHowLong() {
            world.importAll(existing(TotpParameters.DEFAULT));
            String code = code(0);
            world.verify(code);
            world.clock.advance(STEP.multipliedBy(6));

            assertRejectedWithOffset(world.verify(code), Optional.of("-6"));
            assertThat(world.lastEvent().rejection()).contains(Rejection.REPLAYED);
        }

        @Test
        void verify_serverClockSteppedBack_saysHowFarThePhoneSeemsAhead() {
            world.importAll(existing(TotpParameters.DEFAULT));
            world.verify(code(0));
            world.clock.advance(STEP.multipliedBy(-10));

            assertRejectedWithOffset(world.verify(code(11)), Optional.of("11"));
            assertThat(world.lastEvent().rejection()).contains(Rejection.BEHIND_THE_CLOCK);
            assertThat(twoFactor.status(ALICE).strangers().failures()).isZero();
        }

        @Test
        void verify_twoCodesOfAPhone_sayWhereTheSecondIs() {
            world.importAll(existing(TotpParameters.DEFAULT));

            assertRejectedWithOffset(verifyPair(9), Optional.of("9"));
        }

        @Test
        void stepUp_codeOfAWrongClock_saysHowFar() {
            world.importAll(existing(TotpParameters.DEFAULT));
            Verified proof = World.proof(world.verify(code(0)));

            assertRejectedWithOffset(twoFactor.stepUp(ALICE, proof.stamp(), code(12)), Optional.of("12"));
        }
    }

    @Nested
    class Simulations {
        private static final Duration YEAR = Duration.ofDays(365);
        private static final Duration LOST_IN_A_YEAR = Duration.ofSeconds(90);

        /** What the token's own clock shows. */
        private Instant tokenTime() {
            long lost = Duration.between(START, world.now()).toMillis() * LOST_IN_A_YEAR.toSeconds() / YEAR.toSeconds();
            return world.now().minusMillis(lost);
        }

        private List<VerificationResult> signInWeeklyForFiveYears(Phone token) {
            List<VerificationResult> results = new ArrayList<>();
            for (Instant end = START.plus(YEAR.multipliedBy(5)); world.now().isBefore(end); ) {
                results.add(world.verify(token.codeAt(tokenTime())));
                world.clock.advance(Duration.ofDays(7));
            }
            assertThat(results).hasSize(261);
            return results;
        }

        @Test
        @DisplayName("A token that loses 90 s a year, used once a week for 5 years: always accepted")
        void ownClock_losesNinetySecondsAYear_isFollowed() {
            importTokenWithItsOwnClock();

            assertThat(signInWeeklyForFiveYears(phone)).allMatch(Verified.class::isInstance);

            assertOffset(-15);
        }

        @Test
        void ownClock_ofSixtySeconds_isFollowedTheSame() {
            world.importAll(existing(SIXTY_SECONDS).ownClock());
            Phone token = Phone.scan("otpauth://totp/alice?period=60&secret=" + Phone.RFC_SECRET);

            assertThat(signInWeeklyForFiveYears(token)).allMatch(Verified.class::isInstance);

            assertOffset(-8);
        }

        @Test
        @DisplayName("Without ownClock the same token is lost in the first year")
        void clock_thatIsNotFollowed_isLost() {
            world.importAll(existing(TotpParameters.DEFAULT));

            assertThat(signInWeeklyForFiveYears(phone).subList(0, 53)).anyMatch(new Rejected()::equals);
            assertOffset(0);
        }

        @Test
        @DisplayName(
                "A token that lay in a drawer for 3 years, 9 steps off: found by two consecutive codes at a sign-in")
        void ownClock_afterThreeYears_isFoundByTwoCodes() {
            importTokenWithItsOwnClock();
            World.proof(world.verify(phone.codeAt(tokenTime())));
            world.clock.advance(YEAR.multipliedBy(3));

            assertRejectedWithOffset(world.verify(phone.codeAt(tokenTime())), Optional.of("-9"));
            String first = phone.codeAt(tokenTime());
            world.clock.advance(STEP);
            assertThat(verify(first, phone.codeAt(tokenTime()))).isInstanceOf(Verified.class);

            assertOffset(-9);
            world.clock.advance(STEP);
            assertThat(world.verify(phone.codeAt(tokenTime()))).isInstanceOf(Verified.class);
        }

        @Test
        @DisplayName("A token 4 minutes off at its enrollment is confirmed by two consecutive codes")
        void ownClock_fourMinutesOff_isConfirmed() {
            PendingEnrollment pending = twoFactor.beginEnrollment(
                    ALICE, REQUEST.existing(existing(TotpParameters.DEFAULT).ownClock()));
            assertThat(twoFactor.confirmEnrollment(pending.handle(), code(-8)))
                    .isEqualTo(new ClockOff(Duration.ofMinutes(-4)));

            assertThat(twoFactor.confirmEnrollment(pending.handle(), code(-8), code(-7)))
                    .isInstanceOf(Enrolled.class);

            assertOffset(-7);
            world.clock.advance(STEP);
            assertThat(world.verify(code(-7))).isInstanceOf(Verified.class);
        }

        @Test
        @DisplayName("A phone was confirmed 4 minutes ahead, and its owner mends the clock")
        void phone_whoseOwnerMendsTheClock_isRejectedAndTheEventSaysWhy() {
            PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, REQUEST);
            Phone app = Phone.scan(pending);
            Enrolled enrolled = (Enrolled)
                    twoFactor.confirmEnrollment(pending.handle(), app.codeAt(off(START, 7)), app.codeAt(off(START, 8)));
            world.clock.advance(STEP);
            assertThat(world.verify(app.codeAt(off(world.now(), 8)))).isInstanceOf(Verified.class);
            world.clock.advance(Duration.ofDays(1));

            assertRejectedWithOffset(world.verify(app.codeAt(world.now())), Optional.of("-8"));
            assertThat(verify(app.codeAt(world.now()), app.codeAt(off(world.now(), 1))))
                    .as("two codes do not move a phone")
                    .isEqualTo(new Rejected());
            assertOffset(8);
            String backupCode = enrolled.backupCodes().orElseThrow().asList().get(0);
            Owner again = world.enrollAnother(World.proof(world.verify(backupCode)));
            assertThat(world.verify(again.phone().codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        @DisplayName("Nodes whose clocks are 45 s apart, around a phone that is right: each takes every new code, once")
        void phone_betweenNodesFortyFiveSecondsApart_isAcceptedOnceByEither() {
            world.importAll(existing(TotpParameters.DEFAULT));
            List<TwoFactor> nodes = List.of(
                    world.node().clock(() -> world.now().minusSeconds(22)).build(),
                    world.node().clock(() -> world.now().plusSeconds(23)).build());
            for (int i = 0; i < 240; i++) {
                // Each second of a step comes, in either order of the nodes.
                world.clock.advance(Duration.ofSeconds(61));
                TwoFactor node = nodes.get(i % 2);
                TwoFactor other = nodes.get(1 - i % 2);
                Challenge challenge = challenge(other);

                assertThat(node.verify(challenge, code(0))).as("sign-in %d", i).isInstanceOf(Verified.class);
                assertThat(node.verify(challenge, code(0))).isEqualTo(new Rejected());
                assertThat(other.verify(challenge, code(0))).isEqualTo(new Rejected());
            }
            assertOffset(0);
        }

        private static Challenge challenge(TwoFactor node) {
            return ((SignInRequirement.CodeRequired) node.signInRequirement(ALICE, Browser.none())).challenge();
        }

        @Test
        @DisplayName("What a node 45 s ahead begins, the other one finishes")
        void enrollment_begunAheadAndConfirmedBehind_isRight() {
            TwoFactor ahead =
                    world.node().clock(() -> world.now().plusSeconds(45)).build();

            PendingEnrollment pending = ahead.beginEnrollment(ALICE, REQUEST);

            assertThat(twoFactor.pendingEnrollment(pending.handle())).isPresent();
            assertThat(twoFactor.confirmEnrollment(
                            pending.handle(), Phone.scan(pending).codeAt(world.now())))
                    .isInstanceOf(Enrolled.class);
        }

        @Test
        void ownClock_betweenNodesFortyFiveSecondsApart_doesNotRunAway() {
            importTokenWithItsOwnClock();
            List<TwoFactor> nodes = List.of(
                    world.node().clock(() -> world.now().minusSeconds(22)).build(),
                    world.node().clock(() -> world.now().plusSeconds(23)).build());
            for (int i = 0; i < 240; i++) {
                world.clock.advance(Duration.ofSeconds(61));
                TwoFactor node = nodes.get(i % 2);
                node.verify(challenge(node), code(0));

                assertThat(twoFactor.status(ALICE).authenticators().get(0).offset())
                        .isBetween(-1, 1);
            }
        }
    }
}
