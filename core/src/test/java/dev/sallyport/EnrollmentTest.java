// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.EnrollmentResult.Expired;
import dev.sallyport.EnrollmentResult.NotPending;
import dev.sallyport.EnrollmentResult.Rejected;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnrollmentTest {
    private static final Duration LIFETIME = Duration.ofMinutes(10);
    private static final EnrollmentRequest REQUEST = EnrollmentRequest.of("alice@acme.example");

    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;

    private PendingEnrollment begin() {
        return twoFactor.beginEnrollment(ALICE, "alice@acme.example");
    }

    private EnrollmentResult confirm(Phone phone) {
        return twoFactor.confirmEnrollment(ALICE, phone.codeAt(world.now()));
    }

    private EnrollmentResult confirmWrongly(Phone phone) {
        return twoFactor.confirmEnrollment(ALICE, phone.wrongAt(world.now()));
    }

    private State state() {
        return twoFactor.status(ALICE).state();
    }

    @Nested
    class Begin {

        @Test
        void begin_notEnabled_givesAKeyUriWithANewSecretOf160Bits() {
            PendingEnrollment pending = begin();

            KeyUri keyUri = pending.keyUri();
            assertThat(keyUri.type()).isEqualTo(KeyUri.Type.TOTP);
            assertThat(keyUri.issuer()).isEqualTo("Acme");
            assertThat(keyUri.accountName()).isEqualTo("alice@acme.example");
            assertThat(keyUri.algorithm()).isEqualTo(HmacAlgorithm.SHA1);
            assertThat(keyUri.digits()).isEqualTo(6);
            assertThat(keyUri.period()).contains(STEP);
            assertThat(keyUri.secret().toBytes()).hasSize(20);
            assertThat(pending.label()).isEqualTo("Authenticator app");
            assertThat(pending.expires()).isEqualTo(START.plus(LIFETIME));
        }

        @Test
        void begin_notEnabled_showsTheSecretInGroupsOfFour() {
            PendingEnrollment pending = begin();

            assertThat(pending.secretForTyping()).matches("([A-Z2-7]{4} ){7}[A-Z2-7]{4}");
            assertThat(SharedSecret.fromBase32(pending.secretForTyping()))
                    .isEqualTo(pending.keyUri().secret());
        }

        @Test
        void begin_secretTypedOrScanned_confirmsAllTheSame() {
            Phone typed = Phone.ofSecret(begin().secretForTyping());

            assertThat(confirm(typed)).isInstanceOf(Enrolled.class);
        }

        @Test
        void begin_withALabel_showsItInTheStatus() {
            Phone phone = Phone.scan(twoFactor.beginEnrollment(ALICE, REQUEST.label("Work phone")));
            confirm(phone);

            assertThat(twoFactor.status(ALICE).authenticators())
                    .extracting(TwoFactorStatus.Authenticator::label)
                    .containsExactly("Work phone");
        }

        @Test
        void begin_twice_theLaterWins() {
            Phone earlier = Phone.scan(begin());
            Phone later = Phone.scan(begin());

            assertThat(confirm(earlier)).isEqualTo(new Rejected());
            assertThat(confirm(later)).isInstanceOf(Enrolled.class);
        }

        @Test
        void begin_twice_startsItsTenMinutesAnew() {
            begin();
            world.clock.advance(LIFETIME);
            Phone later = Phone.scan(begin());
            world.clock.advance(LIFETIME);

            assertThat(confirm(later)).isInstanceOf(Enrolled.class);
        }

        @Test
        void begin_twice_startsItsTenAttemptsAnew() {
            Phone earlier = Phone.scan(begin());
            for (int i = 0; i < 9; i++) {
                confirmWrongly(earlier);
            }
            Phone later = Phone.scan(begin());

            assertThat(confirmWrongly(later)).isEqualTo(new Rejected());
            assertThat(confirm(later)).isInstanceOf(Enrolled.class);
        }

        @Test
        void begin_twoUsers_getDifferentSecrets() {
            SharedSecret alice = begin().keyUri().secret();
            SharedSecret bob = twoFactor.beginEnrollment(BOB, "bob").keyUri().secret();

            assertThat(alice).isNotEqualTo(bob);
        }
    }

    @Nested
    class Pending {

        @Test
        void pendingEnrollment_pageLoadedAgain_showsTheSame() {
            PendingEnrollment first = begin();
            world.clock.advance(Duration.ofMinutes(3));
            world.store.forgetCounts();

            PendingEnrollment again = twoFactor.pendingEnrollment(ALICE).orElseThrow();

            assertThat(again.keyUri()).isEqualTo(first.keyUri());
            assertThat(again.keyUri().toUriString()).isEqualTo(first.keyUri().toUriString());
            assertThat(again.secretForTyping()).isEqualTo(first.secretForTyping());
            assertThat(again.label()).isEqualTo(first.label());
            assertThat(again.expires()).isEqualTo(first.expires());
            assertThat(world.store.finds()).isEqualTo(1);
            assertThat(world.store.writes()).isZero();
        }

        @Test
        void pendingEnrollment_secondTab_confirmsWithTheCodeOfEither() {
            begin();
            Phone secondTab = Phone.scan(twoFactor.pendingEnrollment(ALICE).orElseThrow());

            assertThat(confirm(secondTab)).isInstanceOf(Enrolled.class);
        }

        @Test
        void pendingEnrollment_afterAWrongCode_showsTheSame() {
            PendingEnrollment first = begin();
            confirmWrongly(Phone.scan(first));

            assertThat(twoFactor.pendingEnrollment(ALICE).orElseThrow().keyUri())
                    .isEqualTo(first.keyUri());
        }

        @Test
        void pendingEnrollment_nothingBegun_isEmpty() {
            assertThat(twoFactor.pendingEnrollment(ALICE)).isEmpty();
        }

        @Test
        void pendingEnrollment_lastMillisecond_isThereAndThenGone() {
            begin();
            world.clock.advance(LIFETIME);
            assertThat(twoFactor.pendingEnrollment(ALICE)).isPresent();

            world.clock.advance(Duration.ofMillis(1));
            assertThat(twoFactor.pendingEnrollment(ALICE)).isEmpty();
        }

        @Test
        void pendingEnrollment_ofAnAdditionalAuthenticator_takesAProof() {
            Verified proof = world.prove(world.importApp());
            PendingEnrollment pending = twoFactor.beginEnrollment(proof, REQUEST);
            world.store.forgetCounts();

            assertThat(twoFactor.pendingEnrollment(ALICE)).isEmpty();
            assertThat(twoFactor.pendingEnrollment(proof).orElseThrow().keyUri())
                    .isEqualTo(pending.keyUri());
            assertThat(world.store.writes()).isZero();
        }

        @Test
        void pendingEnrollment_staleProof_isRefused() {
            Verified proof = world.prove(world.importApp());
            twoFactor.beginEnrollment(proof, REQUEST);
            twoFactor.forgetBrowsers(ALICE);

            assertThatThrownBy(() -> twoFactor.pendingEnrollment(proof)).isInstanceOf(StaleProofException.class);
        }

        @Test
        void pendingEnrollment_tooOld_isNotInTheStatus() {
            begin();
            world.clock.advance(LIFETIME.plusMillis(1));

            assertThat(state()).isEqualTo(State.NOT_ENROLLED);
        }
    }

    @Nested
    class Confirm {

        @Test
        void confirm_rightCode_switchesItOnWithTenBackupCodesAndAProof() {
            Phone phone = Phone.scan(begin());

            EnrollmentResult result = confirm(phone);

            assertThat(result).isInstanceOfSatisfying(Enrolled.class, enrolled -> {
                assertThat(enrolled.backupCodes().orElseThrow()).hasSize(10).doesNotHaveDuplicates();
                assertThat(enrolled.proof().user()).isEqualTo(ALICE);
                assertThat(enrolled.proof().at()).isEqualTo(world.now());
                assertThat(enrolled.proof().method()).isEqualTo(VerificationMethod.ONE_TIME_CODE);
                assertThat(enrolled.proof().authenticator()).contains(enrolled.authenticator());
                assertThat(enrolled.proof().backupCodesLeft()).isEqualTo(10);
            });
            assertThat(state()).isEqualTo(State.ENABLED);
            assertThat(twoFactor.signInRequirement(ALICE, null)).isEqualTo(new SignInRequirement.CodeRequired());
        }

        @Test
        void confirm_rightCode_showsTheAuthenticatorInTheStatus() {
            Owner owner = world.enroll();

            TwoFactorStatus status = twoFactor.status(ALICE);

            assertThat(status.authenticators()).singleElement().satisfies(one -> {
                assertThat(one.id()).isEqualTo(owner.authenticator());
                assertThat(one.label()).isEqualTo("Authenticator app");
                assertThat(one.added()).isEqualTo(START);
                assertThat(one.lastUsed()).contains(START);
            });
            assertThat(status.backupCodesLeft()).isEqualTo(10);
            assertThat(status.browsers()).isEmpty();
            assertThat(status.lock()).isEmpty();
            assertThat(status.lockedUntil()).isEmpty();
            assertThat(status.suspended()).isFalse();
        }

        @Test
        void confirm_minutesAfterTheBegin_countsFromTheConfirmation() {
            Phone phone = Phone.scan(begin());
            world.clock.advance(Duration.ofMinutes(3));
            confirm(phone);

            assertThat(twoFactor.status(ALICE).authenticators())
                    .extracting(TwoFactorStatus.Authenticator::added)
                    .containsExactly(world.now());
        }

        @Test
        void confirm_rightCode_itsProofServes() {
            Owner owner = world.enroll();

            assertThat(twoFactor.rememberBrowser(owner.proof(), "Firefox")).isNotNull();
        }

        @ParameterizedTest
        @ValueSource(longs = {-1, 0, 1})
        void confirm_codeOfTheWindow_isRight(long stepsAway) {
            Phone phone = Phone.scan(begin());

            assertThat(twoFactor.confirmEnrollment(ALICE, phone.codeAt(START.plus(STEP.multipliedBy(stepsAway)))))
                    .isInstanceOf(Enrolled.class);
        }

        @ParameterizedTest
        @ValueSource(longs = {-2, 2})
        void confirm_codeBesideTheWindow_isWrong(long stepsAway) {
            Phone phone = Phone.scan(begin());

            assertThat(twoFactor.confirmEnrollment(ALICE, phone.codeAt(START.plus(STEP.multipliedBy(stepsAway)))))
                    .isEqualTo(new Rejected());
        }

        @Test
        void confirm_withBlanksAndHyphens_isRight() {
            String code = Phone.scan(begin()).codeAt(world.now());

            assertThat(twoFactor.confirmEnrollment(ALICE, " " + code.substring(0, 3) + " - " + code.substring(3)))
                    .isInstanceOf(Enrolled.class);
        }

        @Test
        void confirm_wrongCode_keepsTheSecret() {
            Phone phone = Phone.scan(begin());

            assertThat(confirmWrongly(phone)).isEqualTo(new Rejected());
            assertThat(confirm(phone)).isInstanceOf(Enrolled.class);
        }

        @Test
        void confirm_rightCode_usesUpTheCodesBeforeItToo() {
            Phone phone = Phone.scan(begin());
            confirm(phone);

            assertThat(world.verify(phone.codeAt(START.minus(STEP)))).isEqualTo(new VerificationResult.Rejected());
            assertThat(world.verify(phone.codeAt(START.plus(STEP)))).isInstanceOf(Verified.class);
        }

        @Test
        void confirm_lastInstantOfTenMinutes_isInTime() {
            Phone phone = Phone.scan(begin());
            world.clock.advance(LIFETIME);

            assertThat(confirm(phone)).isInstanceOf(Enrolled.class);
        }

        @ParameterizedTest
        @ValueSource(longs = {1, 1000, 86_400_000})
        void confirm_afterTenMinutes_isExpiredAndLeavesNothing(long millisecondsLate) {
            Phone phone = Phone.scan(begin());
            world.clock.advance(LIFETIME.plusMillis(millisecondsLate));

            assertThat(confirm(phone)).isEqualTo(new Expired());
            assertThat(world.rows).isEmpty();
            assertThat(confirm(phone)).isEqualTo(new NotPending());
        }

        @Test
        void confirm_clockLongBeforeTheBegin_isExpired() {
            Phone phone = Phone.scan(begin());
            world.clock.advance(Duration.ofHours(-1));

            assertThat(confirm(phone)).isEqualTo(new Expired());
            assertThat(world.rows).isEmpty();
        }

        @Test
        void confirm_rightCodeAfterNineWrongOnes_isRight() {
            Phone phone = Phone.scan(begin());
            for (int i = 0; i < 9; i++) {
                assertThat(confirmWrongly(phone)).isEqualTo(new Rejected());
            }

            assertThat(confirm(phone)).isInstanceOf(Enrolled.class);
        }

        @Test
        void confirm_tenthWrongCode_isExpiredAndLeavesNothing() {
            Phone phone = Phone.scan(begin());
            for (int i = 0; i < 9; i++) {
                confirmWrongly(phone);
            }

            assertThat(confirmWrongly(phone)).isEqualTo(new Expired());
            assertThat(world.rows).isEmpty();
            assertThat(confirm(phone)).isEqualTo(new NotPending());
            assertThat(state()).isEqualTo(State.NOT_ENROLLED);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "12345",
                    "123456789",
                    "12345a",
                    "+12345",
                    "\u0661\u0662\u0663\u0664\u0665\u0666",
                    "0000-0000-0000-0000"
                })
        void confirm_malformedCode_isRejectedAndCostsNothing(String typed) {
            Phone phone = Phone.scan(begin());
            world.store.forgetCounts();

            for (int i = 0; i < 20; i++) {
                assertThat(twoFactor.confirmEnrollment(ALICE, typed)).isEqualTo(new Rejected());
            }

            assertThat(world.store.finds()).isZero();
            assertThat(world.store.writes()).isZero();
            assertThat(confirm(phone)).isInstanceOf(Enrolled.class);
        }

        @Test
        void confirm_codeOfAnotherLength_isWrongAndCounted() {
            Phone phone = Phone.scan(begin());
            for (int i = 0; i < 9; i++) {
                assertThat(twoFactor.confirmEnrollment(ALICE, "0" + phone.codeAt(world.now())))
                        .isEqualTo(new Rejected());
            }

            assertThat(twoFactor.confirmEnrollment(ALICE, "12345678")).isEqualTo(new Expired());
        }

        @Test
        void confirm_nothingBegun_isNotPendingAndWritesNothing() {
            assertThat(twoFactor.confirmEnrollment(ALICE, "123456")).isEqualTo(new NotPending());
            assertThat(world.store.writes()).isZero();
        }

        @Test
        void confirm_twice_theSecondIsNotPending() {
            Phone phone = Phone.scan(begin());
            confirm(phone);

            assertThat(confirm(phone)).isEqualTo(new NotPending());
        }

        @Test
        void confirm_anotherUsersCode_isRejected() {
            begin();
            Phone bob = Phone.scan(twoFactor.beginEnrollment(BOB, "bob"));

            assertThat(confirm(bob)).isEqualTo(new Rejected());
        }

        @Test
        @DisplayName("A password change ends an enrollment that somebody else may have begun")
        void confirm_browsersForgottenSince_isExpired() {
            Phone phone = Phone.scan(begin());
            twoFactor.forgetBrowsers(ALICE);

            assertThat(twoFactor.pendingEnrollment(ALICE)).isEmpty();
            assertThat(confirm(phone)).isEqualTo(new Expired());
            assertThat(world.rows).isEmpty();
        }

        @Test
        void confirm_compared_costsOneReadAndOneWrite() {
            Phone phone = Phone.scan(begin());
            world.store.forgetCounts();
            confirmWrongly(phone);

            assertThat(world.store.finds()).isEqualTo(1);
            assertThat(world.store.writes()).isEqualTo(1);
        }
    }

    @Nested
    class Cancel {

        @Test
        void cancel_pendingOnly_leavesNothing() {
            Phone phone = Phone.scan(begin());

            twoFactor.cancelEnrollment(ALICE);

            assertThat(world.rows).isEmpty();
            assertThat(confirm(phone)).isEqualTo(new NotPending());
        }

        @Test
        void cancel_additionalAuthenticator_leavesTheOldOneLive() {
            Phone old = world.importApp();
            Phone added = Phone.scan(twoFactor.beginEnrollment(world.prove(old), REQUEST));
            twoFactor.cancelEnrollment(ALICE);
            world.clock.advance(STEP);

            assertThat(confirm(added)).isEqualTo(new NotPending());
            assertThat(world.verify(old.codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void cancel_nothingBegun_writesNothing() {
            twoFactor.cancelEnrollment(ALICE);
            world.importApp();
            world.store.forgetCounts();
            twoFactor.cancelEnrollment(ALICE);

            assertThat(world.store.writes()).isZero();
        }
    }

    @Nested
    class AnotherAuthenticator {
        private final Phone old = world.importApp();
        private final Verified proof = world.prove(old);

        private Phone beginAnother() {
            Phone phone = Phone.scan(twoFactor.beginEnrollment(proof, REQUEST.label("New phone")));
            world.clock.advance(STEP);
            return phone;
        }

        @Test
        void confirm_withAProof_bothAuthenticatorsAreLive() {
            Phone added = beginAnother();

            EnrollmentResult result = confirm(added);
            world.clock.advance(STEP);

            assertThat(result).isInstanceOfSatisfying(Enrolled.class, enrolled -> {
                assertThat(enrolled.backupCodes()).isEmpty();
                assertThat(enrolled.proof().authenticator()).contains(enrolled.authenticator());
            });
            assertThat(world.verify(old.codeAt(world.now()))).isInstanceOf(Verified.class);
            assertThat(world.verify(added.codeAt(world.now()))).isInstanceOf(Verified.class);
            assertThat(twoFactor.status(ALICE).authenticators())
                    .extracting(TwoFactorStatus.Authenticator::label)
                    .containsExactly("Authenticator app", "New phone");
        }

        @Test
        void confirm_tooLate_dropsThePendingOneOnly() {
            Phone added = beginAnother();
            world.clock.advance(LIFETIME);

            assertThat(confirm(added)).isEqualTo(new Expired());
            assertThat(confirm(added)).isEqualTo(new NotPending());
            assertThat(world.verify(old.codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void confirm_tenWrongCodes_dropThePendingOneAndLockNobodyOut() {
            Phone added = beginAnother();
            for (int i = 0; i < 9; i++) {
                assertThat(confirmWrongly(added)).isEqualTo(new Rejected());
            }
            assertThat(confirmWrongly(added)).isEqualTo(new Expired());

            assertThat(twoFactor.status(ALICE).lock()).isEmpty();
            assertThat(world.verify(old.codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void confirm_codeOfTheOldAuthenticator_isRejectedAndNotUsedUp() {
            beginAnother();

            assertThat(confirm(old)).isEqualTo(new Rejected());
            assertThat(world.verify(old.codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void begin_twice_theLaterWins() {
            Phone earlier = beginAnother();
            Phone later = beginAnother();

            assertThat(confirm(earlier)).isEqualTo(new Rejected());
            assertThat(confirm(later)).isInstanceOf(Enrolled.class);
        }

        @Test
        void begin_staleProof_isRefused() {
            twoFactor.forgetBrowsers(ALICE);

            assertThatThrownBy(() -> twoFactor.beginEnrollment(proof, REQUEST)).isInstanceOf(StaleProofException.class);
        }

        @Test
        void confirm_oneBrowserForgottenSince_isExpired() {
            BrowserId browser = twoFactor.rememberBrowser(proof, "Firefox").browser();
            Phone added = beginAnother();
            twoFactor.forgetBrowser(ALICE, browser);

            assertThat(confirm(added)).isEqualTo(new Expired());
        }

        @Test
        void confirm_backupCodeUsedSince_isExpired() {
            String backupCode = twoFactor.regenerateBackupCodes(proof).asList().get(0);
            Phone added = beginAnother();
            world.verify(backupCode);

            assertThat(confirm(added)).isEqualTo(new Expired());
        }

        @Test
        void confirm_authenticatorRemovedSince_isExpired() {
            beginAnother();
            Owner second = world.enrollAnother(proof);
            Phone third = Phone.scan(twoFactor.beginEnrollment(second.proof(), REQUEST));
            twoFactor.removeAuthenticator(second.proof(), second.authenticator());

            assertThat(confirm(third)).isEqualTo(new Expired());
        }

        @Test
        void begin_sixthAuthenticator_isRefused() {
            for (int i = 2; i <= 5; i++) {
                world.enrollAnother(proof);
            }

            assertThat(twoFactor.status(ALICE).authenticators()).hasSize(5);
            assertThatIllegalStateException().isThrownBy(() -> twoFactor.beginEnrollment(proof, REQUEST));
        }
    }

    @Nested
    class Seeds {
        private static final String SECRET = Phone.RFC_SECRET;

        private Phone begin(TwoFactor with, String keyUri) {
            AuthenticatorSeed seed = AuthenticatorSeed.of(KeyUri.parse(keyUri));
            return Phone.scan(with.beginEnrollment(ALICE, REQUEST.seed(seed)));
        }

        @Test
        void begin_seedOfEightDigitsAndSha512_isConfirmedByItsCode() {
            Phone phone = begin(twoFactor, "otpauth://totp/alice?algorithm=SHA512&digits=8&secret=" + SECRET);

            String code = phone.codeAt(world.now());

            assertThat(code).hasSize(8);
            assertThat(twoFactor.confirmEnrollment(ALICE, code)).isInstanceOf(Enrolled.class);
        }

        @Test
        void begin_seedOfSixtySeconds_isRefusedWhereACodeWouldLiveForThreeMinutes() {
            String keyUri = "otpauth://totp/alice?algorithm=SHA256&digits=8&period=60&secret=" + SECRET;

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> begin(twoFactor, keyUri))
                    .withMessageContaining("maxCodeLifetime");
            assertThat(world.rows).isEmpty();
        }

        @Test
        void begin_seedOfSixtySeconds_isAcceptedWhereThePolicySaysSo() {
            World patient = new World(TwoFactorPolicy.builder()
                    .maxCodeLifetime(Duration.ofMinutes(3))
                    .build());
            Phone phone = begin(
                    patient.twoFactor, "otpauth://totp/alice?algorithm=SHA256&digits=8&period=60&secret=" + SECRET);

            EnrollmentResult result = patient.twoFactor.confirmEnrollment(ALICE, phone.codeAt(patient.now()));
            patient.clock.advance(Duration.ofSeconds(60));

            assertThat(result).isInstanceOf(Enrolled.class);
            assertThat(patient.verify(phone.codeAt(patient.now()))).isInstanceOf(Verified.class);
        }

        @ParameterizedTest
        @ValueSource(longs = {14, 301})
        void begin_seedOfAPeriodOutside15To300Seconds_isRefused(long seconds) {
            World patient = new World(TwoFactorPolicy.builder()
                    .maxCodeLifetime(Duration.ofHours(1))
                    .build());
            String keyUri = "otpauth://totp/alice?period=" + seconds + "&secret=" + SECRET;

            assertThatIllegalArgumentException().isThrownBy(() -> begin(patient.twoFactor, keyUri));
        }

        @Test
        void begin_seedOfFewerDigitsThanThePolicy_isRefused() {
            World eightDigits = new World(TwoFactorPolicy.builder()
                    .totp(new TotpParameters(HmacAlgorithm.SHA1, 8, STEP, Instant.EPOCH))
                    .build());

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> begin(eightDigits.twoFactor, "otpauth://totp/alice?secret=" + SECRET));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> begin(eightDigits.twoFactor, "otpauth://hotp/alice?counter=0&secret=" + SECRET));
        }

        @Test
        void begin_seedThatDoesNotCountFromTheEpoch_isRefused() {
            AuthenticatorSeed seed = AuthenticatorSeed.totp(
                    SharedSecret.fromBase32(SECRET),
                    new TotpParameters(HmacAlgorithm.SHA1, 6, STEP, Instant.ofEpochSecond(10)));

            assertThatIllegalArgumentException().isThrownBy(() -> twoFactor.beginEnrollment(ALICE, REQUEST.seed(seed)));
        }

        @Test
        void begin_policyOfEightDigitsAndSha256_makesSuchCodes() {
            World strict = new World(TwoFactorPolicy.builder()
                    .totp(new TotpParameters(HmacAlgorithm.SHA256, 8, STEP, Instant.EPOCH))
                    .build());
            PendingEnrollment pending = strict.twoFactor.beginEnrollment(ALICE, "alice");

            assertThat(pending.keyUri().algorithm()).isEqualTo(HmacAlgorithm.SHA256);
            assertThat(pending.keyUri().digits()).isEqualTo(8);
            assertThat(strict.twoFactor.confirmEnrollment(
                            ALICE, Phone.scan(pending).codeAt(strict.now())))
                    .isInstanceOf(Enrolled.class);
        }

        @Test
        void begin_counterBasedSeed_isConfirmedByItsNextCode() {
            Phone token = begin(twoFactor, "otpauth://hotp/alice?counter=7&secret=" + SECRET);

            assertThat(twoFactor.pendingEnrollment(ALICE).orElseThrow().keyUri().counter())
                    .hasValue(7);
            String used = token.press();
            assertThat(twoFactor.confirmEnrollment(ALICE, used)).isInstanceOf(Enrolled.class);
            assertThat(world.verify(used)).isEqualTo(new VerificationResult.Rejected());
            assertThat(world.verify(token.press())).isInstanceOf(Verified.class);
        }

        @Test
        void begin_counterBasedSeed_isConfirmedWithinTheLookAhead() {
            Phone token = begin(twoFactor, "otpauth://hotp/alice?counter=0&secret=" + SECRET);

            assertThat(twoFactor.confirmEnrollment(ALICE, token.code(6))).isEqualTo(new Rejected());
            assertThat(twoFactor.confirmEnrollment(ALICE, token.code(5))).isInstanceOf(Enrolled.class);
        }

        @Test
        void begin_seedWithALastUsedStep_isNotConfirmedByItsCode() {
            Phone phone = Phone.ofSecret(SECRET);
            AuthenticatorSeed seed = AuthenticatorSeed.totp(SharedSecret.fromBase32(SECRET), TotpParameters.DEFAULT)
                    .lastUsedStep(phone.step(world.now()));
            twoFactor.beginEnrollment(ALICE, REQUEST.seed(seed));

            assertThat(confirm(phone)).isEqualTo(new Rejected());
            world.clock.advance(STEP);
            assertThat(confirm(phone)).isInstanceOf(Enrolled.class);
        }

        @ParameterizedTest
        @CsvSource({"-1, 6", "4611686018427387905, 6", "0, 5", "0, 9"})
        void hotp_counterOrDigitsOutOfRange_isRefused(long counter, int digits) {
            SharedSecret secret = SharedSecret.fromBase32(SECRET);

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> AuthenticatorSeed.hotp(secret, HmacAlgorithm.SHA1, digits, counter));
        }

        @Test
        void lastUsedStep_counterBasedSeed_isRefused() {
            AuthenticatorSeed seed = AuthenticatorSeed.hotp(SharedSecret.fromBase32(SECRET), HmacAlgorithm.SHA1, 6, 0);

            assertThatIllegalStateException().isThrownBy(() -> seed.lastUsedStep(1));
        }
    }

    @Nested
    class Bounds {
        private static final String E_ACUTE = "\u00e9"; // two bytes of UTF-8, six characters when percent-encoded

        /** Built, and begun with: one of the two refuses. */
        private PendingEnrollment begin(String issuer, String accountName) {
            return world.node().issuer(issuer).build().beginEnrollment(ALICE, accountName);
        }

        @ParameterizedTest
        @ValueSource(strings = {"A", "Acme Corp & Sons", "100% Acme", "Acme+", "\u00c4cme \u30a2\u30af\u30e1"})
        void issuer_ofAnyLetters_isReadBackFromTheKeyUri(String issuer) {
            String keyUri = begin(issuer, "alice").keyUri().toUriString();

            assertThat(KeyUri.parse(keyUri).issuer()).isEqualTo(issuer);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"", " ", "Acme\n", "Ac\u0000me", "Ac\u0085me", "Acme:Corp", "Acme\ud800", " Acme", "Acme "})
        void issuer_blankOrWithAControlCharacterColonOrLoneSurrogate_isRefusedAtTheBuild(String issuer) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> world.node().issuer(issuer).build());
        }

        @Test
        void issuer_of64Bytes_isAcceptedAnd65AreRefused() {
            assertThat(world.node().issuer(E_ACUTE.repeat(32)).build()).isNotNull();

            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> world.node().issuer(E_ACUTE.repeat(32) + "x").build());
        }

        @Test
        void accountName_of128Bytes_isAcceptedAnd129AreRefused() {
            assertThat(twoFactor.beginEnrollment(ALICE, E_ACUTE.repeat(64))).isNotNull();

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> twoFactor.beginEnrollment(ALICE, E_ACUTE.repeat(64) + "x"));
        }

        @ParameterizedTest
        @ValueSource(strings = {"", " ", "a\tb", "a\u007fb", "alice:bob", "alice\udc00"})
        void accountName_blankOrWithAControlCharacterColonOrLoneSurrogate_isRefused(String accountName) {
            assertThatIllegalArgumentException().isThrownBy(() -> twoFactor.beginEnrollment(ALICE, accountName));
            assertThat(world.rows).isEmpty();
        }

        @Test
        void label_of128Bytes_isAcceptedAnd129AreRefused() {
            assertThat(REQUEST.label(E_ACUTE.repeat(64)).label()).hasSize(64);

            assertThatIllegalArgumentException().isThrownBy(() -> REQUEST.label(E_ACUTE.repeat(64) + "x"));
        }

        @ParameterizedTest
        @ValueSource(strings = {"", " ", "a\nb", "a\u001bb", "\ud800"})
        void label_blankOrWithAControlCharacterOrLoneSurrogate_isRefused(String label) {
            assertThatIllegalArgumentException().isThrownBy(() -> REQUEST.label(label));
        }

        @Test
        void keyUri_of666Bytes_isAcceptedAnd667AreRefused() {
            // 64 characters for the rest of the URI, twice 111 for the issuer, and 380 or 381 for the account name.
            String issuer = E_ACUTE.repeat(12) + "A".repeat(39);
            PendingEnrollment longest = begin(issuer, E_ACUTE.repeat(63) + "ab");
            assertThat(longest.keyUri().toUriString()).hasSize(666);
            twoFactor.cancelEnrollment(ALICE);

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> begin(issuer, E_ACUTE.repeat(63) + "@"))
                    .withMessageContaining("667");
            assertThat(world.rows).isEmpty();
        }

        @Test
        void issuer_storeOrKeysNotGiven_isRefusedAtTheBuild() {
            List<TwoFactor.Builder> incomplete = List.of(
                    TwoFactor.builder().store(world.store).encryptionKeys(world.keys),
                    TwoFactor.builder().issuer("Acme").encryptionKeys(world.keys),
                    TwoFactor.builder().issuer("Acme").store(world.store));

            assertThat(incomplete)
                    .allSatisfy(builder -> assertThatIllegalStateException().isThrownBy(builder::build));
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "a\u0000b", "\ud800", "\udfff", "\udc00\ud800"})
        void userId_emptyOrWithNulOrALoneSurrogate_isRefused(String id) {
            assertThatIllegalArgumentException().isThrownBy(() -> UserId.of(id));
        }

        @Test
        void userId_of255Characters_isAcceptedAnd256AreRefused() {
            assertThat(UserId.of("x".repeat(255)).value()).hasSize(255);

            assertThatIllegalArgumentException().isThrownBy(() -> UserId.of("x".repeat(256)));
        }

        @Test
        void userId_differingInCaseOrABlank_isAnotherUser() {
            world.importApp();
            UserId other = UserId.of(ALICE.value() + " ");

            assertThat(twoFactor.status(other).state()).isEqualTo(State.NOT_ENROLLED);
        }
    }
}
