// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.EnrollmentResult.NotPending;
import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.NotEnrolled;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that nobody proves anything for, and records that are not as they should be. */
class OperatorTest {
    private static final EnrollmentRequest REQUEST = EnrollmentRequest.of("alice");
    private static final SharedSecret SECRET = SharedSecret.fromBase32(Phone.RFC_SECRET);
    private static final AuthenticatorSeed APP = AuthenticatorSeed.totp(SECRET, TotpParameters.DEFAULT);

    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;

    @Nested
    class Import {
        private final Phone phone = Phone.ofSecret(Phone.RFC_SECRET);
        private final long step = phone.step(world.now());

        @Test
        void importWithoutConfirmation_anApp_isLiveAtOnceWithoutBackupCodes() {
            AuthenticatorId id = twoFactor.importWithoutConfirmation(
                    ALICE, REQUEST.label("Old app").seed(APP));

            TwoFactorStatus status = twoFactor.status(ALICE);
            assertThat(status.state()).isEqualTo(State.ENABLED);
            assertThat(status.backupCodesLeft()).isZero();
            assertThat(status.authenticators()).singleElement().satisfies(one -> {
                assertThat(one.id()).isEqualTo(id);
                assertThat(one.label()).isEqualTo("Old app");
                assertThat(one.added()).isEqualTo(world.now());
                assertThat(one.lastUsed()).isEmpty();
            });
            assertThat(world.prove(phone).authenticator()).contains(id);
        }

        @Test
        void importWithoutConfirmation_lastUsedStep_isNotAcceptedAgain() {
            twoFactor.importWithoutConfirmation(ALICE, REQUEST.seed(APP.lastUsedStep(step)));

            assertThat(world.verify(phone.code(step))).isEqualTo(new Rejected());
            assertThat(world.lastEvent().rejection()).contains(Rejection.REPLAYED);
            assertThat(world.verify(phone.code(step - 1))).isEqualTo(new Rejected());
            assertThat(world.verify(phone.code(step + 1))).isInstanceOf(Verified.class);
        }

        @Test
        void importWithoutConfirmation_lastUsedStepAheadOfTheClock_isRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> twoFactor.importWithoutConfirmation(ALICE, REQUEST.seed(APP.lastUsedStep(step + 2))));
            assertThat(world.rows).isEmpty();
        }

        @Test
        void importWithoutConfirmation_lastUsedStepOfAFastPhone_isTaken() {
            twoFactor.importWithoutConfirmation(ALICE, REQUEST.seed(APP.lastUsedStep(step + 1)));
            world.clock.advance(STEP);

            assertThat(world.verify(phone.code(step + 1))).isEqualTo(new Rejected());
            assertThat(world.verify(phone.code(step + 2))).isInstanceOf(Verified.class);
        }

        @Test
        void importWithoutConfirmation_aToken_goesOnAtItsCounter() {
            Phone token = world.importKey("otpauth://hotp/alice?counter=41&secret=" + Phone.RFC_SECRET);

            assertThat(world.verify(token.code(40))).isEqualTo(new Rejected());
            assertThat(world.verify(token.code(41))).isInstanceOf(Verified.class);
        }

        @Test
        @DisplayName("A migration can be run again: who is over already is left alone")
        void importWithoutConfirmation_twice_theSecondIsRefusedAndChangesNothing() {
            twoFactor.importWithoutConfirmation(ALICE, REQUEST.seed(APP));
            String code = phone.codeAt(world.now());
            world.verify(code);
            world.store.forgetCounts();

            assertThatThrownBy(() -> twoFactor.importWithoutConfirmation(ALICE, REQUEST.seed(APP)))
                    .isInstanceOf(AlreadyEnabledException.class);

            assertThat(world.store.writes()).isZero();
            assertThat(world.verify(code)).isEqualTo(new Rejected());
        }

        @Test
        void importWithoutConfirmation_whileAnEnrollmentWaits_takesItsPlace() {
            Phone pending = Phone.scan(twoFactor.beginEnrollment(ALICE, "alice"));
            twoFactor.importWithoutConfirmation(ALICE, REQUEST.seed(APP));

            assertThat(twoFactor.confirmEnrollment(ALICE, pending.codeAt(world.now())))
                    .isEqualTo(new NotPending());
            assertThat(world.verify(phone.codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void importWithoutConfirmation_noSeed_isMisuse() {
            assertThatIllegalArgumentException().isThrownBy(() -> twoFactor.importWithoutConfirmation(ALICE, REQUEST));
        }

        @Test
        void importWithoutConfirmation_seedThatWeakensThePolicy_isRefused() {
            TotpParameters slow =
                    new TotpParameters(HmacAlgorithm.SHA1, 6, Duration.ofSeconds(60), TotpParameters.DEFAULT.t0());

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> twoFactor.importWithoutConfirmation(
                            ALICE, REQUEST.seed(AuthenticatorSeed.totp(SECRET, slow))));
            assertThat(world.rows).isEmpty();
        }
    }

    @Nested
    class Unlock {

        @Test
        void unlock_lockedOut_saysWhyInItsEvent() {
            Phone phone = world.importApp();
            world.fail(phone, 5);

            twoFactor.unlock(ALICE, "called from the number on file");

            assertThat(world.lastEvent().type()).isEqualTo(Type.UNLOCKED);
            assertThat(world.lastEvent().detail(Detail.REASON)).contains("called from the number on file");
            assertThat(world.verify(phone.codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void unlock_anybody_leavesUsedCodesUsed() {
            Phone phone = world.importApp();
            String code = phone.codeAt(world.now());
            world.verify(code);

            twoFactor.unlock(ALICE, "called");

            assertThat(world.verify(code)).isEqualTo(new Rejected());
        }

        @Test
        void unlock_notEnrolled_doesNothing() {
            twoFactor.beginEnrollment(ALICE, "alice");
            world.store.forgetCounts();
            world.events.clear();

            twoFactor.unlock(ALICE, "called");
            twoFactor.unlock(BOB, "called");

            assertThat(world.store.writes()).isZero();
            assertThat(world.events).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a\nb", "a\u0000b", "\ud800"})
    void reason_blankOrWithAControlCharacterOrLoneSurrogate_isRefused(String reason) {
        world.importApp();

        assertThatIllegalArgumentException().isThrownBy(() -> twoFactor.unlock(ALICE, reason));
        assertThatIllegalArgumentException().isThrownBy(() -> twoFactor.resetWithoutProof(ALICE, reason));
        assertThat(world.rows).hasSize(1);
    }

    @Test
    void reason_of256Bytes_isAcceptedAnd257AreRefused() {
        twoFactor.unlock(ALICE, "x".repeat(256));
        twoFactor.resetWithoutProof(ALICE, "x".repeat(256));

        assertThatIllegalArgumentException().isThrownBy(() -> twoFactor.unlock(ALICE, "x".repeat(257)));
        assertThatIllegalArgumentException().isThrownBy(() -> twoFactor.resetWithoutProof(ALICE, "x".repeat(257)));
    }

    @Nested
    class Reset {

        @Test
        void resetWithoutProof_enabled_leavesNothing() {
            Owner owner = world.enroll();
            BrowserToken token = twoFactor.rememberBrowser(owner.proof(), "Firefox");

            twoFactor.resetWithoutProof(ALICE, "lost everything");

            assertThat(world.rows).isEmpty();
            assertThat(world.lastEvent().type()).isEqualTo(Type.RESET);
            assertThat(world.lastEvent().detail(Detail.REASON)).contains("lost everything");
            assertThat(world.verify(owner.phone().codeAt(world.now()))).isEqualTo(new NotEnrolled());
            assertThat(world.verify(owner.backupCodes().get(0))).isEqualTo(new NotEnrolled());
            assertThat(twoFactor.signInRequirement(ALICE, token.value()))
                    .isEqualTo(new SignInRequirement.NotEnrolled());
        }

        @Test
        void resetWithoutProof_pendingOnly_leavesNothing() {
            twoFactor.beginEnrollment(ALICE, "alice");

            twoFactor.resetWithoutProof(ALICE, "account deleted");

            assertThat(world.rows).isEmpty();
        }

        @Test
        void resetWithoutProof_nothingThere_isAnEventAllTheSame() {
            twoFactor.resetWithoutProof(ALICE, "account deleted");

            assertThat(world.events).extracting(TwoFactorEvent::type).containsExactly(TwoFactorEvent.Type.RESET);
        }

        @Test
        void resetWithoutProof_writtenMeanwhile_deletesAllTheSame() {
            Phone phone = world.importApp();
            world.store.beforeNextWrite(() -> world.prove(phone));

            twoFactor.resetWithoutProof(ALICE, "account deleted");

            assertThat(world.rows).isEmpty();
        }
    }

    @Nested
    @DisplayName("A lost key does not look like a wrong code (ovumcy #708, blot #1856)")
    class Unreadable {
        private final TwoFactor withOldKey = world.node()
                .encryptionKeys(KeyRing.fromBase64("2025-01", "A".repeat(43) + "="))
                .build();
        private final TwoFactor withNewKey = world.twoFactor;

        @Test
        void resetWithoutProof_unreadable_endsIt() {
            withOldKey.importWithoutConfirmation(ALICE, REQUEST.seed(APP));

            withNewKey.resetWithoutProof(ALICE, "the key is lost");

            assertThat(world.rows).isEmpty();
            assertThat(withNewKey.beginEnrollment(ALICE, "alice")).isNotNull();
        }
    }

    @Nested
    @DisplayName("A deleted row, an evicting cache or an old backup does not switch it off quietly")
    class Witness {
        private final TwoFactor witnessed =
                world.node().enabledWitness(ALICE::equals).build();
        private final Phone phone = world.importApp();
        private final Verified proof = world.prove(phone);

        @Test
        void anyCall_recordThere_isAsWithoutAWitness() {
            world.clock.advance(STEP);

            assertThat(witnessed.verify(ALICE, phone.codeAt(world.now()))).isInstanceOf(Verified.class);
            assertThat(witnessed.signInRequirement(ALICE, null)).isEqualTo(new SignInRequirement.CodeRequired());
        }

        @Test
        void anyCall_userWithoutTheFlag_isAsWithoutAWitness() {
            assertThat(witnessed.signInRequirement(BOB, null)).isEqualTo(new SignInRequirement.NotEnrolled());
            assertThat(witnessed.verify(BOB, "123456")).isEqualTo(new NotEnrolled());
            assertThat(witnessed.beginEnrollment(BOB, "bob")).isNotNull();
        }

        @Test
        void resetWithoutProof_rowDeletedOrThere_works() {
            witnessed.resetWithoutProof(ALICE, "lost everything");
            assertThat(world.rows).isEmpty();

            assertThatCode(() -> witnessed.resetWithoutProof(ALICE, "again")).doesNotThrowAnyException();
        }

        @Test
        void disable_flagStillSet_endsTheRecord() {
            witnessed.disable(proof);

            assertThat(world.rows).isEmpty();
        }
    }

    @Nested
    @DisplayName("RFC 4226 section 7.4: resynchronization of the counter")
    class Resynchronize {
        private final Phone token = world.importToken();

        private VerificationResult resynchronize(String first, String second) {
            return twoFactor.resynchronize(ALICE, first, second);
        }

        @Test
        void resynchronize_driftOf50_isRecoveredByTwoConsecutiveCodesAndNotByOne() {
            token.pressIdly(50);
            String first = token.press();
            String second = token.press();
            assertThat(world.verify(first)).isEqualTo(new Rejected());
            assertThat(world.verify(second)).isEqualTo(new Rejected());

            Verified proof = World.proof(resynchronize(first, second));

            assertThat(proof.method()).isEqualTo(VerificationMethod.ONE_TIME_CODE);
            assertThat(proof.authenticator()).isPresent();
            assertThat(world.verify(second)).isEqualTo(new Rejected());
            assertThat(world.verify(token.press())).isInstanceOf(Verified.class);
        }

        @Test
        void resynchronize_withBlanks_isForgiven() {
            token.pressIdly(50);
            String first = token.press();

            assertThat(resynchronize(first.substring(0, 3) + " " + first.substring(3), token.press() + " "))
                    .isInstanceOf(Verified.class);
        }

        @Test
        void resynchronize_codesThatAreNotConsecutive_areRejected() {
            assertThat(resynchronize(token.code(50), token.code(52))).isEqualTo(new Rejected());
            assertThat(resynchronize(token.code(51), token.code(50))).isEqualTo(new Rejected());
            assertThat(resynchronize(token.code(50), token.code(50))).isEqualTo(new Rejected());
        }

        @Test
        void resynchronize_oneOfTheTwoWrong_isRejected() {
            assertThat(resynchronize(token.code(50), token.wrong())).isEqualTo(new Rejected());
            assertThat(resynchronize(token.wrong(), token.code(51))).isEqualTo(new Rejected());
            assertThat(world.verify(token.code(0))).isInstanceOf(Verified.class);
        }

        @Test
        void resynchronize_within100_isFoundAndBeyondIsNot() {
            assertThat(resynchronize(token.code(99), token.code(100))).isEqualTo(new Rejected());
            assertThat(resynchronize(token.code(98), token.code(99))).isInstanceOf(Verified.class);
        }

        @Test
        void resynchronize_usedCodes_areRejected() {
            world.verify(token.code(0));
            world.verify(token.code(1));

            assertThat(resynchronize(token.code(0), token.code(1))).isEqualTo(new Rejected());
            assertThat(resynchronize(token.code(1), token.code(2))).isEqualTo(new Rejected());
            assertThat(resynchronize(token.code(2), token.code(3))).isInstanceOf(Verified.class);
        }

        @Test
        void resynchronize_sameTwoCodesAgain_areRejected() {
            String first = token.press();
            String second = token.press();
            World.proof(resynchronize(first, second));

            assertThat(resynchronize(first, second)).isEqualTo(new Rejected());
        }

        @Test
        void resynchronize_failure_isOneCharge() {
            world.store.forgetCounts();
            for (int i = 0; i < 4; i++) {
                assertThat(resynchronize(token.wrong(), token.wrong())).isEqualTo(new Rejected());
            }
            assertThat(twoFactor.status(ALICE).lock()).isEmpty();
            assertThat(world.store.finds()).isEqualTo(5);
            assertThat(world.store.writes()).isEqualTo(4);

            resynchronize(token.wrong(), token.wrong());
            assertThat(twoFactor.status(ALICE).lock()).contains(LockReason.BACK_OFF);
        }

        @Test
        void resynchronize_lockedOut_isRefusedUnseen() {
            world.fail(token, 5);
            world.store.forgetCounts();

            assertThat(resynchronize(token.code(0), token.code(1)))
                    .isEqualTo(new LockedOut(world.now().plusSeconds(30)));

            assertThat(world.store.writes()).isZero();
            world.clock.advance(Duration.ofSeconds(30));
            assertThat(resynchronize(token.code(0), token.code(1))).isInstanceOf(Verified.class);
        }

        @Test
        void resynchronize_success_clearsTheCount() {
            world.fail(token, 4);
            World.proof(resynchronize(token.press(), token.press()));

            world.fail(token, 4);
            assertThat(twoFactor.status(ALICE).lock()).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "12345", "0000-0000-0000-0000", "12345a", "\u0661\u0662\u0663\u0664\u0665\u0666"})
        void resynchronize_malformed_isRejectedWithoutAskingTheStore(String malformed) {
            world.store.forgetCounts();

            assertThat(resynchronize(malformed, token.code(1))).isEqualTo(new Rejected());
            assertThat(resynchronize(token.code(0), malformed)).isEqualTo(new Rejected());

            assertThat(world.store.finds()).isZero();
            assertThat(world.lastEvent().rejection()).contains(Rejection.MALFORMED);
        }

        @Test
        void resynchronize_timeBased_isRejectedAndCharged() {
            World other = new World();
            Phone app = other.importApp();
            String now = app.codeAt(other.now());
            String next = app.codeAt(other.now().plus(STEP));

            for (int i = 0; i < 5; i++) {
                assertThat(other.twoFactor.resynchronize(ALICE, now, next)).isEqualTo(new Rejected());
            }

            assertThat(other.twoFactor.status(ALICE).lock()).contains(LockReason.BACK_OFF);
        }

        @Test
        void resynchronize_notEnrolled_isNotEnrolled() {
            assertThat(twoFactor.resynchronize(BOB, "123456", "123456")).isEqualTo(new NotEnrolled());
        }
    }
}
