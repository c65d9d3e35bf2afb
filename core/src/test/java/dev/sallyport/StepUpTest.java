// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
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
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A code in a session that is signed in already. */
class StepUpTest {
    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;

    @Nested
    class OneCode {
        private final Owner owner = world.enroll();
        private final TrustStamp stamp = owner.proof().stamp();

        private String right() {
            return owner.phone().codeAt(world.now());
        }

        private VerificationResult stepUp(@Nullable String typed) {
            return twoFactor.stepUp(ALICE, stamp, typed);
        }

        @Test
        void stepUp_rightCode_isAProofWithTheStampOfTheSession() {
            Verified proof = World.proof(stepUp(right()));

            assertThat(proof.user()).isEqualTo(ALICE);
            assertThat(proof.at()).isEqualTo(world.now());
            assertThat(proof.method()).isEqualTo(Method.ONE_TIME_CODE);
            assertThat(proof.authenticator()).contains(owner.authenticator());
            assertThat(proof.backupCodesLeft()).isEqualTo(10);
            assertThat(proof.stamp()).isEqualTo(stamp);
            assertThat(proof.browserToken()).isEmpty();
        }

        @Test
        void stepUp_rightCode_opensWhatTakesAProof() {
            Verified proof = World.proof(stepUp(right()));

            twoFactor.rememberBrowser(proof);

            assertThat(twoFactor.signInRequirement(ALICE, owner.browser())).isInstanceOf(NoCodeRequired.class);
        }

        @Test
        void stepUp_rightCode_isUsedUpEverywhere() {
            String code = right();
            World.proof(stepUp(code));

            assertThat(stepUp(code)).isEqualTo(new Rejected());
            assertThat(world.lastEvent().rejection()).contains(Rejection.REPLAYED);
            assertThat(world.verify(code)).isEqualTo(new Rejected());
            assertThat(world.verify(owner.browser(), code)).isEqualTo(new Rejected());
        }

        @Test
        void stepUp_codeUsedAtTheSignIn_isRejected() {
            String code = right();
            world.verify(code);

            assertThat(stepUp(code)).isEqualTo(new Rejected());
        }

        @Test
        void stepUp_rightCode_isNoUseOfTheBrowser() {
            Instant before = twoFactor.status(ALICE).browsers().get(0).lastUsed();
            World.proof(stepUp(right()));

            assertThat(twoFactor.status(ALICE).browsers())
                    .extracting(TwoFactorStatus.Browser::lastUsed)
                    .containsExactly(before);
        }

        @Test
        void stepUp_sessionOfAClientThatKeepsNothing_isAProofWithoutABrowser() {
            TrustStamp bare = world.prove(owner.phone()).stamp();
            world.clock.advance(STEP);

            Verified proof = World.proof(twoFactor.stepUp(ALICE, bare, right()));

            assertThat(proof.stamp()).isEqualTo(bare);
            assertThat(proof.stamp().browser()).isEmpty();
        }

        @Test
        void stepUp_backupCode_isAProofWithANewStampForTheSameBrowser() {
            Verified proof = World.proof(stepUp(owner.backupCodes().get(0)));

            assertThat(proof.method()).isEqualTo(Method.BACKUP_CODE);
            assertThat(proof.stamp()).isNotEqualTo(stamp);
            assertThat(proof.stamp().browser()).isEqualTo(stamp.browser());
            assertThat(twoFactor.isCurrent(ALICE, proof.stamp())).isTrue();
            assertThat(stepUp(owner.backupCodes().get(1))).isEqualTo(new SignInAgain());
        }

        @Test
        void stepUp_stampThatIsNotCurrent_isSignInAgainAndCountsNothing() {
            twoFactor.endTrust(ALICE);

            for (int i = 0; i < 60; i++) {
                assertThat(stepUp(owner.phone().wrongAt(world.now()))).isEqualTo(new SignInAgain());
            }

            assertThat(stepUp(right())).isEqualTo(new SignInAgain());
            assertThat(stepUp(owner.backupCodes().get(0))).isEqualTo(new SignInAgain());
            assertThat(twoFactor.status(ALICE).known().failures()).isZero();
            assertThat(world.verify(right())).isInstanceOf(Verified.class);
        }

        @Test
        void stepUp_trustEndsBetweenReadAndWrite_isSignInAgain() {
            world.store.beforeNextWrite(() -> twoFactor.endTrust(ALICE));

            assertThat(stepUp(right())).isEqualTo(new SignInAgain());
        }

        @Test
        void stepUp_browserOfTheSessionForgotten_isSignInAgain() {
            twoFactor.forgetBrowser(ALICE, stamp.browser().orElseThrow());

            assertThat(stepUp(right())).isEqualTo(new SignInAgain());
        }

        @Test
        void stepUp_anotherUsersStamp_isSignInAgain() {
            Owner bob = world.enroll(BOB);

            assertThat(twoFactor.stepUp(BOB, stamp, bob.phone().codeAt(world.now())))
                    .isEqualTo(new SignInAgain());
            assertThat(twoFactor.stepUp(ALICE, TrustStamp.of(null), right())).isEqualTo(new SignInAgain());
        }

        @Test
        void stepUp_withoutTwoFactor_isSignInAgain() {
            NoCodeRequired free = (NoCodeRequired) twoFactor.signInRequirement(BOB, Browser.none());
            assertThat(twoFactor.isCurrent(BOB, free.stamp())).isTrue();

            assertThat(twoFactor.stepUp(BOB, free.stamp(), "123456")).isEqualTo(new SignInAgain());
            assertThat(world.rows).hasSize(1);
        }

        @Test
        void stepUp_disabled_isSignInAgainAlsoWithTheStampThatDisableReturned() {
            TrustStamp after = twoFactor.disable(owner.proof());

            assertThat(stepUp(right())).isEqualTo(new SignInAgain());
            assertThat(twoFactor.stepUp(ALICE, after, right())).isEqualTo(new SignInAgain());
        }

        @ParameterizedTest
        @NullSource
        @ValueSource(strings = {"", "12345", "letters", "123456789"})
        void stepUp_malformed_isDecidedFirstAndWithoutTheStore(@Nullable String typed) {
            world.store.forgetCounts();

            assertThat(stepUp(typed)).isEqualTo(new Malformed());
            assertThat(twoFactor.stepUp(ALICE, TrustStamp.of("garbage"), typed)).isEqualTo(new Malformed());

            assertThat(world.store.finds()).isZero();
            assertThat(world.lastEvent().user()).isEqualTo(ALICE);
            assertThat(world.lastEvent().rejection()).contains(Rejection.MALFORMED);
        }

        @Test
        @SuppressWarnings("NullAway")
        void stepUp_noUserOrNoStamp_isMisuse() {
            assertThatNullPointerException().isThrownBy(() -> twoFactor.stepUp(ALICE, null, "123456"));
            assertThatNullPointerException().isThrownBy(() -> twoFactor.stepUp(null, stamp, "123456"));
            assertThatNullPointerException().isThrownBy(() -> twoFactor.stepUp(null, stamp, "12345"));
        }
    }

    @Nested
    class TwoCodes {
        private static final String SECRET = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U";

        private TrustStamp sessionOf(String code) {
            return World.proof(world.verify(code)).stamp();
        }

        @Test
        void stepUp_twoCodesOfATokenHundredCountersAhead_moveIt() {
            Phone token = world.importToken();
            TrustStamp stamp = sessionOf(token.press());

            Verified proof = World.proof(twoFactor.stepUp(ALICE, stamp, token.code(99), token.code(100)));

            assertThat(proof.stamp()).isEqualTo(stamp);
            assertThat(world.events).anySatisfy(event -> {
                assertThat(event.type()).isEqualTo(Type.RESYNCHRONIZED);
                assertThat(event.type().notifiesUser()).isTrue();
            });
            assertThat(twoFactor.stepUp(ALICE, stamp, token.code(100))).isEqualTo(new Rejected());
            assertThat(twoFactor.stepUp(ALICE, stamp, token.code(101))).isInstanceOf(Verified.class);
        }

        @Test
        void stepUp_twoCodesOfATokenBeyondHundredCounters_areRejectedAsOneFailure() {
            Phone token = world.importToken();
            TrustStamp stamp = sessionOf(token.press());

            assertThat(twoFactor.stepUp(ALICE, stamp, token.code(100), token.code(101)))
                    .isEqualTo(new Rejected());

            assertThat(twoFactor.status(ALICE).known()).isEqualTo(new TwoFactorStatus.Door(1, 1, Optional.empty()));
        }

        @Test
        void stepUp_twoCodesThatAreNotConsecutiveOrInTheWrongOrder_areRejected() {
            Phone token = world.importToken();
            TrustStamp stamp = sessionOf(token.press());

            assertThat(twoFactor.stepUp(ALICE, stamp, token.code(10), token.code(12)))
                    .isEqualTo(new Rejected());
            assertThat(twoFactor.stepUp(ALICE, stamp, token.code(11), token.code(10)))
                    .isEqualTo(new Rejected());
            assertThat(twoFactor.stepUp(ALICE, stamp, token.code(0), token.code(1)))
                    .isEqualTo(new Rejected());
        }

        @Test
        void stepUp_twoCodesWhileLockedOut_areNotCompared() {
            Phone token = world.importToken();
            TrustStamp stamp = sessionOf(token.press());
            for (int i = 0; i < 5; i++) {
                assertThat(twoFactor.stepUp(ALICE, stamp, token.wrong())).isEqualTo(new Rejected());
            }

            assertThat(twoFactor.stepUp(ALICE, stamp, token.code(10), token.code(11)))
                    .isInstanceOf(LockedOut.class);
        }

        @Test
        void stepUp_twoCodesOfAPhone_moveNothingAndAreRejected() {
            Owner owner = world.enroll();
            TrustStamp stamp = owner.proof().stamp();
            Instant later = world.now().plus(STEP.multipliedBy(10));

            assertThat(twoFactor.stepUp(
                            ALICE,
                            stamp,
                            owner.phone().codeAt(later),
                            owner.phone().codeAt(later.plus(STEP))))
                    .isEqualTo(new Rejected());
            assertThat(twoFactor.stepUp(
                            ALICE,
                            stamp,
                            owner.phone().codeAt(world.now()),
                            owner.phone().codeAt(world.now().plus(STEP))))
                    .isEqualTo(new Rejected());

            assertThat(twoFactor.status(ALICE).authenticators().get(0).offset()).isZero();
            assertThat(twoFactor.stepUp(ALICE, stamp, owner.phone().codeAt(world.now())))
                    .isInstanceOf(Verified.class);
        }

        @ParameterizedTest
        @ValueSource(longs = {-20, -5, 5, 20})
        void stepUp_twoCodesOfATokenWithItsOwnClock_moveItUpTo20Steps(long steps) {
            Phone token = importOwnClock();
            TrustStamp stamp = sessionOf(token.codeAt(world.now()));
            world.clock.advance(Duration.ofDays(30));
            Instant shown = world.now().plus(STEP.multipliedBy(steps));

            assertThat(twoFactor.stepUp(ALICE, stamp, token.codeAt(shown.minus(STEP)), token.codeAt(shown)))
                    .isInstanceOf(Verified.class);

            assertThat(twoFactor.status(ALICE).authenticators().get(0).offset()).isEqualTo((int) steps);
            assertThat(world.events).anySatisfy(event -> {
                assertThat(event.type()).isEqualTo(Type.RESYNCHRONIZED);
                assertThat(event.detail(Detail.OFFSET)).contains(Long.toString(steps));
            });
            assertThat(twoFactor.stepUp(ALICE, stamp, token.codeAt(shown.plus(STEP))))
                    .isInstanceOf(Verified.class);
        }

        @ParameterizedTest
        @ValueSource(longs = {-22, 21})
        void stepUp_twoCodesOfATokenWithItsOwnClockFartherAway_areRejected(long steps) {
            Phone token = importOwnClock();
            TrustStamp stamp = sessionOf(token.codeAt(world.now()));
            world.clock.advance(Duration.ofDays(30));
            Instant shown = world.now().plus(STEP.multipliedBy(steps));

            assertThat(twoFactor.stepUp(ALICE, stamp, token.codeAt(shown.minus(STEP)), token.codeAt(shown)))
                    .isEqualTo(new Rejected());
            assertThat(twoFactor.status(ALICE).authenticators().get(0).offset()).isZero();
        }

        private Phone importOwnClock() {
            String keyUri = "otpauth://totp/Acme:alice?issuer=Acme&secret=" + SECRET;
            world.importAll(ExistingAuthenticator.of(KeyUri.parse(keyUri))
                    .lastUsedStep(0)
                    .ownClock());
            return Phone.scan(keyUri);
        }

        @Test
        void stepUp_oneOfTwoMalformed_isMalformedWithoutTheStore() {
            TrustStamp stamp = world.enroll().proof().stamp();
            world.store.forgetCounts();

            assertThat(twoFactor.stepUp(ALICE, stamp, "123456", "12345")).isEqualTo(new Malformed());
            assertThat(twoFactor.stepUp(ALICE, stamp, null, "123456")).isEqualTo(new Malformed());
            assertThat(twoFactor.stepUp(ALICE, stamp, "123456", "0000-0000-0000-0000-0000-0000"))
                    .isEqualTo(new Malformed());

            assertThat(world.store.finds()).isZero();
        }
    }
}
