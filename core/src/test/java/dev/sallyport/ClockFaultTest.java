// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.FIREFOX;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.EnrollmentResult.BeginAgain;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.TwoFactorStatus.Lock;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import dev.sallyport.storage.StoredRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server whose clock is wrong for a while. */
class ClockFaultTest {
    private static final Duration YEAR = Duration.ofDays(365);
    private static final Duration MONTH = Duration.ofDays(30);

    /** The check symbol is right, so it looks like a backup code. */
    private static final String WRONG_BACKUP_CODE = "0000-0000-0000-0000-0000-0000";

    private final World world = new World();
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

    private boolean isRecognized(Browser browser) {
        return twoFactor.signInRequirement(ALICE, browser) instanceof NoCodeRequired;
    }

    /** Signs in with a code in a new browser, which is remembered. */
    private Browser remember(String code) {
        Verified proof = World.proof(world.verify(FIREFOX, code));
        twoFactor.rememberBrowser(proof);
        return World.browserWith(proof.browserToken().orElseThrow());
    }

    private EnrollmentResult confirm(PendingEnrollment pending) {
        return twoFactor.confirmEnrollment(pending.handle(), Phone.scan(pending).codeAt(world.now()));
    }

    private StoredRecord row() {
        return world.store.find(ALICE.value()).orElseThrow();
    }

    private Account account() {
        return Unsealed.account(world.keys, world.store, ALICE);
    }

    private static LockedOut lockedOut(Instant until) {
        return new LockedOut(Optional.of(until));
    }

    private Optional<Lock.Reason> lock() {
        return twoFactor.status(ALICE).strangers().lock().map(Lock::reason);
    }

    @Nested
    @DisplayName("[60] A clock that is a year ahead for one attempt locks nobody out for a year, and forgives nothing")
    class YearAhead {

        @Test
        void lockout_fromAFailureOfTheFuture_lastsItsTimeFromTheNextAttempt() {
            world.fail(phone, 4);
            whileClockIsOff(YEAR, ClockFaultTest.this::wrong);
            Instant until = world.now().plusSeconds(60);

            assertThat(right()).isEqualTo(lockedOut(until));
            world.clock.advance(Duration.ofSeconds(10));
            assertThat(right()).isEqualTo(lockedOut(until));
            world.clock.set(until);
            assertThat(right()).isInstanceOf(Verified.class);
        }

        @Test
        void lockout_ofAKnownBrowserInTheFuture_lastsItsTimeFromTheNextAttempt() {
            world.fail(owner.browser(), phone, 4);
            // Not a whole year, after which the browser would not be known.
            whileClockIsOff(YEAR.minusDays(1), () -> world.verify(owner.browser(), phone.wrongAt(world.now())));
            Instant until = world.now().plusSeconds(60);

            assertThat(world.verify(owner.browser(), phone.codeAt(world.now()))).isEqualTo(lockedOut(until));
            world.clock.set(until);
            assertThat(world.verify(owner.browser(), phone.codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void lockout_ofATwelfthFailure_isNoShorterThanTheOneBefore() {
            world.fail(phone, 11);
            whileClockIsOff(YEAR, ClockFaultTest.this::wrong);
            Instant until = world.now().plus(Duration.ofHours(1));

            assertThat(right()).isEqualTo(lockedOut(until));
        }

        @Test
        void record_writtenInTheFuture_hasNoInstantAfterNowOnceItIsWrittenAgain() {
            // Not a whole year, after which the browser would not be known.
            whileClockIsOff(YEAR.minusDays(1), () -> {
                remember(phone.codeAt(world.now()));
                wrong();
                world.verify(owner.browser(), phone.wrongAt(world.now()));
                twoFactor.stepUp(ALICE, owner.proof().stamp(), phone.wrongAt(world.now()));
            });

            twoFactor.forgetBrowser(ALICE, BrowserId.of("0123456789abcdef"));

            Limits limits = account().limits();
            Stream<@Nullable Instant> ofBrowsers = account().browsers().stream()
                    .flatMap(one -> Stream.of(
                            one.lastUsed(), one.remembered(), one.row().last()));
            assertThat(Stream.concat(
                                    Stream.of(
                                            limits.strangers().last(),
                                            limits.stepUp().last()),
                                    ofBrowsers)
                            .filter(Objects::nonNull))
                    .hasSize(6)
                    .noneMatch(instant -> instant.isAfter(world.now()));
            int today = (int) LocalDate.ofInstant(world.now(), ZoneOffset.UTC).toEpochDay();
            assertThat(limits.strangersBudget().days()).containsExactly(new FailureBudget.Day(today, 1));
            assertThat(limits.knownBudget().days()).containsExactly(new FailureBudget.Day(today, 2));
        }

        @Test
        void failures_ofTheFuture_stayCounted() {
            world.fail(phone, 4);
            whileClockIsOff(YEAR, ClockFaultTest.this::wrong);

            assertThat(account().limits().strangers().failures()).isEqualTo(5);
        }

        @Test
        void budget_spentBeforeAndInTheFuture_isSpent() {
            spendBudget(49);
            whileClockIsOff(YEAR, ClockFaultTest.this::wrong);

            assertThat(right()).isInstanceOf(LockedOut.class);
            assertThat(lock()).contains(Lock.Reason.BUDGET_SPENT);
        }

        /** With a right code after each four wrong ones, so that nothing but the budget counts. */
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

            assertThat(account().limits().strangersBudget().days())
                    .containsExactly(new FailureBudget.Day((int) (world.now().getEpochSecond() / 86_400), 1));
        }

        @Test
        void backupCode_behindAWatermarkOfTheFuture_isTheWayBackIn() {
            whileClockIsOff(YEAR, () -> world.prove(phone));
            assertThat(right()).isEqualTo(new Rejected());

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
            assertThatThrownBy(() -> twoFactor.seal(proof)).isInstanceOf(StaleProofException.class);
            assertThat(twoFactor.unseal(ALICE, sealed)).isEmpty();
        }

        @Test
        void challenge_ofTheFuture_isDead() {
            Instant right = world.now();
            world.clock.advance(YEAR);
            Challenge challenge = world.challenge(ALICE, FIREFOX);
            world.clock.set(right);

            assertThat(twoFactor.verify(challenge, phone.codeAt(right))).isEqualTo(new SignInAgain());
        }

        @Test
        void temporaryCode_ofTheFuture_isGoodAtNoOtherTime() {
            Instant right = world.now();
            world.clock.advance(YEAR);
            TemporaryCode code = twoFactor.operator("support").issueTemporaryCode(ALICE, Duration.ofHours(24), "asked");
            world.clock.set(right);

            assertThat(world.verify(code.value())).isEqualTo(new Rejected());
            wrong();
            world.clock.advance(Duration.ofHours(23));
            assertThat(world.verify(code.value())).isEqualTo(new Rejected());
        }

        @Test
        void browser_rememberedInTheFuture_isNotRememberedLongerThanOthers() {
            Instant right = world.now();
            world.clock.advance(YEAR);
            Browser browser = remember(phone.codeAt(world.now()));
            world.clock.set(right);

            // Whether it is recognized now does not matter; looking must not extend it.
            isRecognized(browser);
            world.clock.advance(MONTH.plusMillis(1));
            assertThat(isRecognized(browser)).isFalse();
            world.clock.advance(Duration.ofDays(200));
            assertThat(isRecognized(browser)).isFalse();
        }

        @Test
        void browser_rememberedInTheFuture_isForgottenThirtyDaysAfterTheNextAttempt() {
            Instant right = world.now();
            world.clock.advance(YEAR);
            Browser browser = remember(phone.codeAt(world.now()));
            world.clock.set(right);

            world.verify(WRONG_BACKUP_CODE);

            assertThat(isRecognized(browser)).isTrue();
            world.clock.advance(MONTH);
            assertThat(isRecognized(browser)).isTrue();
            world.clock.advance(Duration.ofMillis(1));
            assertThat(isRecognized(browser)).isFalse();
        }

        @Test
        void browser_rememberedBefore_outlivesTheFault() {
            twoFactor.rememberBrowser(owner.proof());
            whileClockIsOff(
                    YEAR, () -> assertThat(isRecognized(owner.browser())).isFalse());
            whileClockIsOff(YEAR, ClockFaultTest.this::wrong);

            assertThat(isRecognized(owner.browser())).isTrue();
        }

        @Test
        void stamp_ofAKnownBrowser_outlivesTheFault() {
            TrustStamp stamp = owner.proof().stamp();
            whileClockIsOff(
                    YEAR.plusDays(1),
                    () -> assertThat(twoFactor.isCurrent(ALICE, stamp)).isFalse());

            assertThat(twoFactor.isCurrent(ALICE, stamp)).isTrue();
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

            assertThat(account().limits()).isEqualTo(Limits.NONE);
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
        void consecutiveFailures_afterAClockAYearBehind_areStillCounted() {
            world.fail(phone, 5);

            whileClockIsOff(YEAR.negated(), () -> {
                assertThat(right()).isInstanceOf(LockedOut.class);
                wrong();
            });

            assertThat(account().limits().strangers().failures()).isEqualTo(5);
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
        void temporaryCode_issuedUnderAClockAYearBehind_isNotGoodWhenTheClockIsRight() {
            Instant right = world.now();
            world.clock.advance(YEAR.negated());
            TemporaryCode code = twoFactor.operator("support").issueTemporaryCode(ALICE, Duration.ofHours(24), "asked");
            world.clock.set(right);

            assertThat(world.verify(code.value())).isEqualTo(new Rejected());
        }

        @Test
        void browser_rememberedUnderAClockAYearBehind_needsACodeWhenTheClockIsRight() {
            Instant right = world.now();
            world.clock.advance(YEAR.negated());
            Browser browser = remember(owner.backupCodes().get(0));
            assertThat(isRecognized(browser)).isTrue();
            world.clock.set(right);

            assertThat(isRecognized(browser)).isFalse();
        }

        @Test
        void browser_lookedAtUnderAClockAYearBehind_isNotRememberedLonger() {
            twoFactor.rememberBrowser(owner.proof());

            whileClockIsOff(YEAR.negated(), () -> isRecognized(owner.browser()));

            assertThat(isRecognized(owner.browser())).isTrue();
            world.clock.advance(MONTH);
            assertThat(isRecognized(owner.browser())).isTrue();
            world.clock.advance(Duration.ofMillis(1));
            assertThat(isRecognized(owner.browser())).isFalse();
        }

        @Test
        void enrollment_underAClockAYearBehind_isGoodWhenTheClockIsRight() {
            twoFactor.disable(owner.proof());
            Instant right = world.now();
            world.clock.advance(YEAR.negated());
            PendingEnrollment behind = twoFactor.beginEnrollment(ALICE, "alice");
            assertThat(confirm(behind)).isInstanceOf(Enrolled.class);
            world.clock.set(right);

            assertThat(world.verify(Phone.scan(behind).codeAt(right))).isInstanceOf(Verified.class);
        }
    }

    @Nested
    class PendingEnrollmentOfAnotherTime {
        private final Instant right = world.now();

        private PendingEnrollment begin() {
            return twoFactor.beginEnrollment(ALICE, "alice");
        }

        @Test
        void pending_fromTheFuture_isNotShownAndBeginsAgain() {
            twoFactor.disable(owner.proof());
            world.clock.advance(YEAR);
            PendingEnrollment begun = begin();
            world.clock.set(right);

            assertThat(twoFactor.status(ALICE).state()).isEqualTo(State.OFF);
            assertThat(twoFactor.pendingEnrollment(begun.handle())).isEmpty();
            assertThat(confirm(begun)).isEqualTo(new BeginAgain());
            assertThat(account().pending()).isNull();
        }

        @Test
        void pending_fromTheFuture_doesNotKeepAnybodyFromBeginning() {
            twoFactor.disable(owner.proof());
            whileClockIsOff(YEAR, this::begin);

            assertThat(confirm(begin())).isInstanceOf(Enrolled.class);
        }

        @Test
        void pending_onlyLookedAtUnderAWrongClock_isStillGood() {
            twoFactor.disable(owner.proof());
            PendingEnrollment begun = begin();

            whileClockIsOff(
                    YEAR,
                    () -> assertThat(twoFactor.pendingEnrollment(begun.handle()))
                            .isEmpty());
            whileClockIsOff(
                    YEAR.negated(),
                    () -> assertThat(twoFactor.pendingEnrollment(begun.handle()))
                            .isEmpty());

            assertThat(confirm(begun)).isInstanceOf(Enrolled.class);
        }

        @Test
        void pending_fromANodeAMinuteBehind_endsAMinuteEarlier() {
            twoFactor.disable(owner.proof());
            world.clock.advance(Duration.ofMinutes(-1));
            PendingEnrollment begun = begin();
            world.clock.set(right);

            world.clock.advance(Duration.ofMinutes(9));
            assertThat(twoFactor.pendingEnrollment(begun.handle())).isPresent();
            world.clock.advance(Duration.ofMillis(1));
            assertThat(twoFactor.pendingEnrollment(begun.handle())).isEmpty();
        }
    }

    @Nested
    @DisplayName("The clocks of two nodes may be a minute apart")
    class TwoNodes {
        private static final Duration MOST = TwoFactorPolicy.CLOCK_SKEW;
        private final Instant right = world.now();

        @Test
        void pending_fromANodeAMinuteAhead_isGoodAtOnce() {
            twoFactor.disable(owner.proof());
            world.clock.advance(MOST);
            PendingEnrollment begun = twoFactor.beginEnrollment(ALICE, "alice");
            world.clock.set(right);

            assertThat(twoFactor.pendingEnrollment(begun.handle())).isPresent();
            world.clock.advance(Duration.ofMillis(-1));
            assertThat(twoFactor.pendingEnrollment(begun.handle())).isEmpty();
        }

        @Test
        void browser_fromANodeAMinuteAhead_isRecognizedAtOnce() {
            world.clock.advance(MOST);
            Browser browser = remember(phone.codeAt(world.now()));
            world.clock.set(right);

            assertThat(isRecognized(browser)).isTrue();
        }

        @Test
        void challenge_fromANodeAMinuteAhead_isGoodAtOnceAndNotFromFartherAhead() {
            world.clock.advance(MOST);
            Challenge challenge = world.challenge(ALICE, FIREFOX);
            world.clock.advance(Duration.ofMillis(1));
            Challenge farther = world.challenge(ALICE, FIREFOX);
            world.clock.set(right);

            assertThat(twoFactor.verify(farther, phone.codeAt(right))).isEqualTo(new SignInAgain());
            assertThat(twoFactor.verify(challenge, phone.codeAt(right))).isInstanceOf(Verified.class);
        }

        @Test
        void proof_fromANodeAMinuteAhead_isGoodAtOnce() {
            world.clock.advance(MOST);
            Verified proof = world.prove(phone);
            world.clock.set(right);

            assertThat(twoFactor.unseal(ALICE, twoFactor.seal(proof))).isPresent();
            assertThat(twoFactor.regenerateBackupCodes(proof)).isNotNull();
        }

        @Test
        void temporaryCode_fromANodeAMinuteAhead_isGoodAtOnce() {
            world.clock.advance(MOST);
            TemporaryCode code = twoFactor.operator("support").issueTemporaryCode(ALICE, Duration.ofHours(1), "asked");
            world.clock.set(right);

            assertThat(world.verify(code.value())).isInstanceOf(Verified.class);
        }
    }

    @Nested
    class Jumps {
        private final Duration most = Duration.ofDays(400);

        @ParameterizedTest
        @ValueSource(longs = {0, 1, -1})
        void write_withinFourHundredDaysOfTheLastOrBefore_isNoJump(long sign) {
            world.clock.set(World.START.plus(most.multipliedBy(sign)));
            StoredRecord before = row();

            wrong();

            assertThat(row()).isNotEqualTo(before);
            assertThat(world.eventTypes()).doesNotContain(Type.CLOCK_JUMPED);
        }

        @Test
        void read_longAfterTheLastWrite_isNoJumpAndWritesNothing() {
            StoredRecord before = row();
            world.clock.advance(most.multipliedBy(2));

            twoFactor.status(ALICE);
            twoFactor.signInRequirement(ALICE, FIREFOX);

            assertThat(world.eventTypes()).doesNotContain(Type.CLOCK_JUMPED);
            assertThat(row()).isEqualTo(before);
        }
    }
}
