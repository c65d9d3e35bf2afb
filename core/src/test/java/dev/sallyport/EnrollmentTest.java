// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.FIREFOX;
import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.EnrollmentResult.BeginAgain;
import dev.sallyport.EnrollmentResult.ClockOff;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.VerificationResult.Method;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.otp.Window;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnrollmentTest {
    private static final Duration LIFETIME = Duration.ofMinutes(10);
    private static final EnrollmentRequest REQUEST = EnrollmentRequest.of("alice@acme.example");

    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;

    private PendingEnrollment begin() {
        return twoFactor.beginEnrollment(ALICE, "alice@acme.example");
    }

    private EnrollmentResult confirm(PendingEnrollment pending, String typed) {
        return twoFactor.confirmEnrollment(pending.handle(), typed);
    }

    /** With the code that the phone shows now. */
    private EnrollmentResult confirm(PendingEnrollment pending) {
        return confirm(pending, codeOf(pending, 0));
    }

    private EnrollmentResult confirmWrongly(PendingEnrollment pending) {
        return confirm(pending, Phone.scan(pending).wrongAt(world.now()));
    }

    private Enrolled enrolled(PendingEnrollment pending) {
        EnrollmentResult result = confirm(pending);
        assertThat(result).isInstanceOf(Enrolled.class);
        return (Enrolled) result;
    }

    private String codeOf(PendingEnrollment pending, long stepsAway) {
        return Phone.scan(pending).codeAt(world.now().plus(STEP.multipliedBy(stepsAway)));
    }

    private void assertEnded(PendingEnrollment pending) {
        assertThat(twoFactor.pendingEnrollment(pending.handle())).isEmpty();
        assertThat(confirm(pending)).isEqualTo(new BeginAgain());
    }

    private State state() {
        return twoFactor.status(ALICE).state();
    }

    private Account account() {
        return Unsealed.account(world.keys, world.store, ALICE);
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
            PendingEnrollment pending = begin();
            Phone typed = Phone.ofSecret(pending.secretForTyping());

            assertThat(confirm(pending, typed.codeAt(world.now()))).isInstanceOf(Enrolled.class);
        }

        @Test
        void begin_withALabel_showsItInTheStatus() {
            confirm(twoFactor.beginEnrollment(ALICE, REQUEST.label("Work phone")));

            assertThat(twoFactor.status(ALICE).authenticators())
                    .extracting(TwoFactorStatus.Authenticator::label)
                    .containsExactly("Work phone");
        }

        @Test
        void begin_notEnabled_isPendingAndAsksForNoCode() {
            begin();

            assertThat(state()).isEqualTo(State.PENDING);
            assertThat(twoFactor.signInRequirement(ALICE, FIREFOX)).isInstanceOf(NoCodeRequired.class);
        }

        @Test
        @DisplayName("[84] django-multifactor #107: while two-factor authentication is on, a begin takes a proof")
        void begin_enabled_isRefusedAndChangesNothing() {
            world.enroll();
            world.store.forgetCounts();

            assertThatThrownBy(EnrollmentTest.this::begin).isInstanceOf(AlreadyEnabledException.class);

            assertThat(world.store.writes()).isZero();
            assertThat(state()).isEqualTo(State.ENABLED);
        }

        @Test
        void begin_twice_startsTheTenMinutesAgain() {
            begin();
            world.clock.advance(LIFETIME);
            PendingEnrollment later = begin();
            world.clock.advance(LIFETIME);

            assertThat(confirm(later)).isInstanceOf(Enrolled.class);
        }

        @Test
        void begin_twice_startsTheTenAttemptsAgain() {
            PendingEnrollment earlier = begin();
            for (int i = 0; i < 9; i++) {
                confirmWrongly(earlier);
            }
            PendingEnrollment later = begin();

            for (int i = 0; i < 9; i++) {
                assertThat(confirmWrongly(later)).isEqualTo(new Rejected());
            }
            assertThat(confirm(later)).isInstanceOf(Enrolled.class);
        }

        @Test
        void begin_twoUsers_getDifferentSecrets() {
            SharedSecret alice = begin().keyUri().secret();
            SharedSecret bob = twoFactor.beginEnrollment(BOB, "bob").keyUri().secret();

            assertThat(alice).isNotEqualTo(bob);
        }

        @Test
        void begin_first_keepsTheStampsOfAUserWithoutARecord() {
            TrustStamp none = ((NoCodeRequired) twoFactor.signInRequirement(ALICE, FIREFOX)).stamp();
            PendingEnrollment pending = begin();

            assertThat(twoFactor.isCurrent(ALICE, none)).isTrue();
            confirmWrongly(pending);
            assertThat(twoFactor.isCurrent(ALICE, none)).isTrue();
        }

        @Test
        @DisplayName("Enabling draws an epoch: a session of before has shown no code")
        void confirm_first_endsTheStampsOfBeforeAndGivesACurrentOne() {
            TrustStamp none = ((NoCodeRequired) twoFactor.signInRequirement(ALICE, FIREFOX)).stamp();

            Enrolled enrolled = enrolled(begin());

            assertThat(account().header().epoch()).isNotEqualTo(TrustStamp.NO_EPOCH);
            assertThat(twoFactor.isCurrent(ALICE, none)).isFalse();
            assertThat(twoFactor.isCurrent(ALICE, enrolled.proof().stamp())).isTrue();
        }

        @Test
        void begin_afterADisable_keepsTheStampOfTheSessionThatDisabled() {
            TrustStamp disabled = twoFactor.disable(world.enroll().proof());

            PendingEnrollment pending = begin();

            assertThat(twoFactor.isCurrent(ALICE, disabled)).isTrue();
            assertThat(confirm(pending)).isInstanceOf(Enrolled.class);
            assertThat(twoFactor.isCurrent(ALICE, disabled)).isFalse();
        }
    }

    @Nested
    class Handles {
        private final PendingEnrollment pending = begin();

        private Optional<PendingEnrollment> shown(String handle) {
            return twoFactor.pendingEnrollment(EnrollmentHandle.of(handle));
        }

        private EnrollmentResult confirmAt(TwoFactor node) {
            return node.confirmEnrollment(pending.handle(), codeOf(pending, 0));
        }

        private void assertOpensNothingAt(TwoFactor node) {
            assertThat(node.pendingEnrollment(pending.handle())).isEmpty();
            assertThat(confirmAt(node)).isEqualTo(new BeginAgain());
            assertThat(confirm(pending)).as("the right handle").isInstanceOf(Enrolled.class);
        }

        @Test
        void handle_throughASession_showsAndConfirms() {
            EnrollmentHandle kept = EnrollmentHandle.of(pending.handle().value());

            assertThat(kept).isEqualTo(pending.handle()).hasSameHashCodeAs(pending.handle());
            assertThat(twoFactor.pendingEnrollment(kept)).isPresent();
            assertThat(twoFactor.confirmEnrollment(kept, codeOf(pending, 0))).isInstanceOf(Enrolled.class);
        }

        @Test
        void handle_asText_isUrlSafeAndHidesTheUserAndTheSecret() {
            String text = pending.handle().value();

            assertThat(text).matches("[A-Za-z0-9_-]+").hasSizeLessThanOrEqualTo(2048);
            assertThat(pending.handle().toString()).isEqualTo("EnrollmentHandle[redacted]");
            assertThat(begin().handle()).isNotEqualTo(pending.handle());
        }

        @Test
        void handle_withTheLongestUserIdAndBrowser_fitsAndConfirms() {
            UserId longest = UserId.of("\u20ac".repeat(255));
            String cookie = Browser.COOKIE_NAME + "="
                    + String.join(
                            ".",
                            List.of(
                                    "A".repeat(43),
                                    "B".repeat(42) + "A",
                                    "C".repeat(42) + "A",
                                    "D".repeat(42) + "A",
                                    "E".repeat(42) + "A",
                                    "F".repeat(42) + "A",
                                    "G".repeat(42) + "A",
                                    "H".repeat(42) + "A"));
            Browser browser = Browser.fromHeaders(cookie, "SamsungBrowser/ Android");
            assertThat(browser.tokens()).hasSize(8);

            PendingEnrollment begun = twoFactor.beginEnrollment(longest, REQUEST.browser(browser));

            assertThat(begun.handle().value()).hasSizeLessThanOrEqualTo(2048);
            assertThat(confirm(begun)).isInstanceOf(Enrolled.class);
        }

        @ParameterizedTest
        @NullSource
        @ValueSource(strings = {"", " ", "x", "42", "AAAA", "!\u0000\ud800", "0123456789abcdef"})
        void handle_nullOrJunk_beginsAgainWithoutAskingTheStore(String text) {
            world.store.forgetCounts();

            assertThat(shown(text)).isEmpty();
            assertThat(twoFactor.confirmEnrollment(EnrollmentHandle.of(text), "123456"))
                    .isEqualTo(new BeginAgain());
            assertThat(twoFactor.confirmEnrollment(EnrollmentHandle.of(text), "123456", "654321"))
                    .isEqualTo(new BeginAgain());

            assertThat(world.store.finds()).isZero();
        }

        @Test
        void handle_tooLongOrChanged_beginsAgain() {
            String text = pending.handle().value();
            char other = text.charAt(60) == 'A' ? 'B' : 'A';
            List<String> changed = List.of(
                    text + "A".repeat(2048),
                    text.substring(1),
                    text.substring(0, 40),
                    text.substring(0, 60) + other + text.substring(61));

            assertThat(changed).allSatisfy(one -> {
                assertThat(shown(one)).isEmpty();
                assertThat(twoFactor.confirmEnrollment(EnrollmentHandle.of(one), codeOf(pending, 0)))
                        .isEqualTo(new BeginAgain());
            });
        }

        @Test
        @DisplayName("Nothing that was sealed for another purpose is a handle")
        void handle_fromAChallengeOrASealedProof_beginsAgain() {
            Enrolled enrolled = enrolled(pending);
            List<String> others = List.of(
                    world.challenge(ALICE, FIREFOX).value(),
                    twoFactor.seal(enrolled.proof()),
                    enrolled.proof().stamp().value());

            assertThat(others)
                    .allSatisfy(one -> assertThat(twoFactor.confirmEnrollment(EnrollmentHandle.of(one), "123456"))
                            .isEqualTo(new BeginAgain()));
        }

        @Test
        @DisplayName("[83] FileRise CVE-2026-44460: a challenge opens no page with a secret")
        void pendingEnrollment_withAChallengeForAHandle_isEmpty() {
            Enrolled enrolled = enrolled(pending);
            twoFactor.addAuthenticator(enrolled.proof(), REQUEST);

            assertThat(shown(world.challenge(ALICE, FIREFOX).value())).isEmpty();
        }

        @Test
        void handle_ofAnotherUser_beginsAgain() {
            Sealer sealer = new Sealer(world.keys, "", new SecureRandom());
            SealedTexts texts = new SealedTexts(sealer, "Acme", sealer.realm("Acme"), new SecureRandom());
            PendingSlot slot = Objects.requireNonNull(account().pending());
            twoFactor.beginEnrollment(BOB, "bob");

            EnrollmentHandle bob =
                    EnrollmentHandle.of(texts.seal(new SealedTexts.Enrollment(BOB, slot.id(), Browser.none())));

            assertThat(twoFactor.pendingEnrollment(bob)).isEmpty();
            assertThat(twoFactor.confirmEnrollment(bob, codeOf(pending, 0))).isEqualTo(new BeginAgain());
            assertThat(confirm(pending)).isInstanceOf(Enrolled.class);
        }

        @Test
        void handle_ofAnotherIssuer_beginsAgain() {
            assertOpensNothingAt(world.node().issuer("Other").build());
        }

        @Test
        void handle_ofAnotherNamespace_beginsAgain() {
            assertOpensNothingAt(world.node().namespace("tenant-2").build());
        }

        @Test
        @DisplayName("Handles open under the current key only, although the record opens under an old one")
        void handle_ofAnOldKey_beginsAgain() {
            KeyRing before = KeyRing.of("before", new SecretKeySpec(new byte[32], "HmacSHA256"));
            KeyRing after = KeyRing.of(
                            "after",
                            new SecretKeySpec(
                                    new byte[] {
                                        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
                                        23, 24, 25, 26, 27, 28, 29, 30, 31, 32
                                    },
                                    "HmacSHA256"))
                    .withPrevious("before", new SecretKeySpec(new byte[32], "HmacSHA256"));
            TwoFactor old = world.node().encryptionKeys(before).build();
            TwoFactor rotated = world.node().encryptionKeys(after).build();
            PendingEnrollment begun = old.beginEnrollment(BOB, "bob");

            assertThat(rotated.status(BOB).state()).isEqualTo(State.PENDING);
            assertThat(rotated.pendingEnrollment(begun.handle())).isEmpty();
            assertThat(rotated.confirmEnrollment(begun.handle(), codeOf(begun, 0)))
                    .isEqualTo(new BeginAgain());
            assertThat(old.confirmEnrollment(begun.handle(), codeOf(begun, 0))).isInstanceOf(Enrolled.class);
        }

        @Test
        @DisplayName("[85] emqx PR #16943: of two begins the later wins, and the earlier handle is dead")
        void begin_twice_theEarlierHandleBeginsAgain() {
            PendingEnrollment later = begin();

            assertEnded(pending);
            assertThat(confirm(pending, codeOf(later, 0))).isEqualTo(new BeginAgain());
            assertThat(confirm(later)).isInstanceOf(Enrolled.class);
        }

        @Test
        @DisplayName(
                "[68] A secret that somebody else saw first is not shown to the owner, and not confirmed by the owner")
        void begin_afterSomebodyElse_showsAnotherSecret() {
            PendingEnrollment owners = begin();

            assertThat(owners.keyUri().secret()).isNotEqualTo(pending.keyUri().secret());
            assertThat(twoFactor
                            .pendingEnrollment(owners.handle())
                            .orElseThrow()
                            .keyUri())
                    .isEqualTo(owners.keyUri());
            assertThat(confirm(owners, codeOf(pending, 0))).isEqualTo(new Rejected());
        }

        @Test
        @DisplayName("[85] emqx PR #16943: a begin while a confirmation is written")
        void confirm_begunAgainMeanwhile_beginsAgain() {
            PendingEnrollment[] later = new PendingEnrollment[1];
            world.store.beforeNextWrite(() -> later[0] = begin());

            assertThat(confirm(pending)).isEqualTo(new BeginAgain());

            assertThat(state()).isEqualTo(State.PENDING);
            assertThat(confirm(later[0])).isInstanceOf(Enrolled.class);
        }

        @Test
        void confirm_trustEndedMeanwhile_beginsAgain() {
            world.store.beforeNextWrite(() -> twoFactor.endTrust(ALICE));

            assertThat(confirm(pending)).isEqualTo(new BeginAgain());
            assertThat(state()).isEqualTo(State.OFF);
        }
    }

    @Nested
    class Pending {

        @Test
        void pendingEnrollment_pageLoadedAgain_showsTheSame() {
            PendingEnrollment first = begin();
            world.clock.advance(Duration.ofMinutes(3));
            world.store.forgetCounts();

            PendingEnrollment again =
                    twoFactor.pendingEnrollment(first.handle()).orElseThrow();

            assertThat(again.keyUri()).isEqualTo(first.keyUri());
            assertThat(again.keyUri().toUriString()).isEqualTo(first.keyUri().toUriString());
            assertThat(again.secretForTyping()).isEqualTo(first.secretForTyping());
            assertThat(again.label()).isEqualTo(first.label());
            assertThat(again.expires()).isEqualTo(first.expires());
            assertThat(again.handle()).isEqualTo(first.handle());
            assertThat(first.user()).isEqualTo(ALICE);
            assertThat(again.user()).isEqualTo(ALICE);
            assertThat(world.store.finds()).isEqualTo(1);
            assertThat(world.store.writes()).isZero();
        }

        @Test
        void pendingEnrollment_secondTab_confirmsWithTheCodeOfEither() {
            PendingEnrollment secondTab =
                    twoFactor.pendingEnrollment(begin().handle()).orElseThrow();

            assertThat(confirm(secondTab)).isInstanceOf(Enrolled.class);
        }

        @Test
        void pendingEnrollment_afterAWrongCode_showsTheSame() {
            PendingEnrollment first = begin();
            confirmWrongly(first);

            assertThat(twoFactor.pendingEnrollment(first.handle()).orElseThrow().keyUri())
                    .isEqualTo(first.keyUri());
        }

        @Test
        void pendingEnrollment_lastMillisecond_isThereAndThenGone() {
            PendingEnrollment pending = begin();
            world.clock.advance(LIFETIME);
            assertThat(twoFactor.pendingEnrollment(pending.handle())).isPresent();

            world.clock.advance(Duration.ofMillis(1));
            assertThat(twoFactor.pendingEnrollment(pending.handle())).isEmpty();
        }

        @Test
        @DisplayName("[38] snappymail #1708, Fortify: after the confirmation nobody can read the secret")
        void pendingEnrollment_confirmed_isEmpty() {
            PendingEnrollment pending = begin();
            confirm(pending);

            assertThat(twoFactor.pendingEnrollment(pending.handle())).isEmpty();
        }

        @Test
        void pendingEnrollment_afterTenWrongCodes_isEmpty() {
            PendingEnrollment pending = begin();
            for (int i = 0; i < 10; i++) {
                confirmWrongly(pending);
            }

            assertThat(twoFactor.pendingEnrollment(pending.handle())).isEmpty();
            assertThat(state()).isEqualTo(State.OFF);
        }

        @Test
        void pendingEnrollment_ofAnAdditionalAuthenticator_takesItsHandleAlone() {
            Verified proof = world.prove(world.importApp());
            PendingEnrollment pending = twoFactor.addAuthenticator(proof, REQUEST);
            world.store.forgetCounts();

            assertThat(twoFactor
                            .pendingEnrollment(pending.handle())
                            .orElseThrow()
                            .keyUri())
                    .isEqualTo(pending.keyUri());
            assertThat(world.store.writes()).isZero();
        }

        @Test
        void pendingEnrollment_tooOld_isNotInTheStatus() {
            begin();
            world.clock.advance(LIFETIME.plusMillis(1));

            assertThat(state()).isEqualTo(State.OFF);
        }
    }

    @Nested
    class Confirm {

        @Test
        void confirm_rightCode_switchesItOnWithTenBackupCodesAndAProof() {
            EnrollmentResult result = confirm(begin());

            assertThat(result).isInstanceOfSatisfying(Enrolled.class, enrolled -> {
                assertThat(enrolled.backupCodes().orElseThrow()).hasSize(10).doesNotHaveDuplicates();
                assertThat(enrolled.proof().user()).isEqualTo(ALICE);
                assertThat(enrolled.proof().at()).isEqualTo(world.now());
                assertThat(enrolled.proof().method()).isEqualTo(Method.ONE_TIME_CODE);
                assertThat(enrolled.proof().authenticator()).contains(enrolled.authenticator());
                assertThat(enrolled.proof().backupCodesLeft()).isEqualTo(10);
            });
            assertThat(state()).isEqualTo(State.ENABLED);
            assertThat(world.challenge(ALICE, FIREFOX)).isNotNull();
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
                assertThat(one.weakSecret()).isFalse();
                assertThat(one.offset()).isZero();
            });
            assertThat(status.backupCodesLeft()).isEqualTo(10);
            assertThat(status.strangers()).isEqualTo(new TwoFactorStatus.Door(0, 0, Optional.empty()));
            assertThat(status.known()).isEqualTo(new TwoFactorStatus.Door(0, 0, Optional.empty()));
        }

        @Test
        void confirm_minutesAfterTheBegin_countsFromTheConfirmation() {
            PendingEnrollment pending = begin();
            world.clock.advance(Duration.ofMinutes(3));
            confirm(pending);

            assertThat(twoFactor.status(ALICE).authenticators())
                    .extracting(TwoFactorStatus.Authenticator::added)
                    .containsExactly(world.now());
        }

        @Test
        void confirm_rightCode_itsProofServes() {
            Owner owner = world.enroll();

            assertThat(twoFactor.regenerateBackupCodes(owner.proof()).codes()).hasSize(10);
        }

        @ParameterizedTest
        @ValueSource(longs = {-1, 0, 1})
        void confirm_codeOfTheWindow_isRight(long stepsAway) {
            PendingEnrollment pending = begin();

            assertThat(confirm(pending, codeOf(pending, stepsAway))).isInstanceOf(Enrolled.class);
        }

        @ParameterizedTest
        @ValueSource(longs = {-2, 2})
        void confirm_codeBesideTheWindow_isWrong(long stepsAway) {
            PendingEnrollment pending = begin();

            assertThat(confirm(pending, codeOf(pending, stepsAway))).isEqualTo(new Rejected());
        }

        @Test
        void confirm_withBlanksAndHyphens_isRight() {
            PendingEnrollment pending = begin();
            String code = codeOf(pending, 0);

            assertThat(confirm(pending, " " + code.substring(0, 3) + " - " + code.substring(3) + "\r\n"))
                    .isInstanceOf(Enrolled.class);
        }

        @Test
        void confirm_inDigitsOfAnotherScript_isRight() {
            PendingEnrollment pending = begin();
            StringBuilder arabic = new StringBuilder();
            codeOf(pending, 0).chars().forEach(digit -> arabic.append((char) (digit - '0' + '\u0660')));

            assertThat(confirm(pending, arabic.toString())).isInstanceOf(Enrolled.class);
        }

        @Test
        void confirm_wrongCode_keepsTheSecret() {
            PendingEnrollment pending = begin();

            assertThat(confirmWrongly(pending)).isEqualTo(new Rejected());
            assertThat(confirm(pending)).isInstanceOf(Enrolled.class);
        }

        @Test
        @DisplayName("[10] hanko #2723, nebula-mesh #237: the code of the enrollment is no sign-in")
        void confirm_rightCode_usesUpThatCodeAndTheCodesBeforeIt() {
            PendingEnrollment pending = begin();
            confirm(pending);

            assertThat(world.verify(codeOf(pending, 0))).isEqualTo(new Rejected());
            assertThat(world.verify(codeOf(pending, -1))).isEqualTo(new Rejected());
            assertThat(world.verify(codeOf(pending, 1))).isInstanceOf(Verified.class);
        }

        @Test
        void confirm_lastInstantOfTenMinutes_isInTime() {
            PendingEnrollment pending = begin();
            world.clock.advance(LIFETIME);

            assertThat(confirm(pending)).isInstanceOf(Enrolled.class);
        }

        @ParameterizedTest
        @ValueSource(longs = {1, 1000, 86_400_000})
        void confirm_afterTenMinutes_beginsAgainAndLeavesNoSecret(long millisecondsLate) {
            PendingEnrollment pending = begin();
            world.clock.advance(LIFETIME.plusMillis(millisecondsLate));

            assertThat(confirm(pending)).isEqualTo(new BeginAgain());
            assertThat(world.lastEvent().type()).isEqualTo(Type.ENROLLMENT_EXPIRED);
            assertThat(account().pending()).isNull();
            assertThat(confirm(pending)).isEqualTo(new BeginAgain());
        }

        @Test
        void confirm_clockLongBeforeTheBegin_beginsAgain() {
            PendingEnrollment pending = begin();
            world.clock.advance(Duration.ofHours(-1));

            assertThat(confirm(pending)).isEqualTo(new BeginAgain());
            assertThat(account().pending()).isNull();
        }

        @Test
        void confirm_rightCodeAfterNineWrongOnes_isRight() {
            PendingEnrollment pending = begin();
            for (int i = 0; i < 9; i++) {
                assertThat(confirmWrongly(pending)).isEqualTo(new Rejected());
            }

            assertThat(confirm(pending)).isInstanceOf(Enrolled.class);
        }

        @Test
        void confirm_tenWrongCodes_areAnsweredAsUsualAndTheNextBeginsAgain() {
            PendingEnrollment pending = begin();
            for (int i = 0; i < 10; i++) {
                assertThat(confirmWrongly(pending)).isEqualTo(new Rejected());
            }

            assertThat(confirm(pending)).isEqualTo(new BeginAgain());
            assertThat(world.lastEvent().type()).isEqualTo(Type.ENROLLMENT_EXPIRED);
            assertThat(account().pending()).isNull();
            assertThat(confirm(pending)).isEqualTo(new BeginAgain());
            assertThat(state()).isEqualTo(State.OFF);
        }

        @Test
        @DisplayName("A code of a wrong clock is a wrong code: ten of them end the enrollment too")
        void confirm_tenCodesOfAWrongClock_countAmongTheWrongOnes() {
            PendingEnrollment pending = begin();
            String fiveStepsAhead = codeOf(pending, 5);
            for (int i = 0; i < 10; i++) {
                assertThat(confirm(pending, fiveStepsAhead)).isEqualTo(new ClockOff(STEP.multipliedBy(5)));
            }

            assertThat(confirm(pending)).isEqualTo(new BeginAgain());
        }

        @Test
        void confirm_twoWrongCodes_areOneCharge() {
            PendingEnrollment pending = begin();
            Phone phone = Phone.scan(pending);
            for (int i = 0; i < 10; i++) {
                String wrong = phone.wrongAt(world.now());
                assertThat(twoFactor.confirmEnrollment(pending.handle(), wrong, wrong))
                        .isEqualTo(new Rejected());
            }

            assertThat(confirm(pending)).isEqualTo(new BeginAgain());
        }

        @ParameterizedTest
        @NullSource
        @ValueSource(
                strings = {
                    "",
                    " ",
                    "12345",
                    "123456789",
                    "12345a",
                    "+12345",
                    "Your code is 123456",
                    "0000-0000-0000-0000-0000-0000",
                    "0000-0000-0000-0000"
                })
        void confirm_malformedCode_isToldWithoutAskingTheStoreAndCostsNothing(String typed) {
            PendingEnrollment pending = begin();
            world.store.forgetCounts();
            world.events.clear();

            for (int i = 0; i < 20; i++) {
                assertThat(confirm(pending, typed)).isEqualTo(new Malformed());
                assertThat(twoFactor.confirmEnrollment(pending.handle(), typed, "123456"))
                        .isEqualTo(new Malformed());
                assertThat(twoFactor.confirmEnrollment(pending.handle(), "123456", typed))
                        .isEqualTo(new Malformed());
            }

            assertThat(world.store.finds()).isZero();
            assertThat(world.store.writes()).isZero();
            assertThat(world.events)
                    .hasSize(60)
                    .allSatisfy(event -> assertThat(event.rejection()).contains(Rejection.MALFORMED));
            assertThat(confirm(pending)).isInstanceOf(Enrolled.class);
        }

        @Test
        @DisplayName("What was typed alone decides Malformed, before a dead handle is noticed")
        void confirm_malformedCodeWithADeadHandle_isMalformed() {
            PendingEnrollment dead = begin();
            begin();
            world.events.clear();

            assertThat(confirm(dead, "12345")).isEqualTo(new Malformed());
            assertThat(twoFactor.confirmEnrollment(EnrollmentHandle.of(null), "12345"))
                    .isEqualTo(new Malformed());

            assertThat(world.events)
                    .as("of the user whom the first handle names")
                    .hasSize(1);
        }

        @ParameterizedTest
        @ValueSource(strings = {"1234567", "12345678"})
        @DisplayName("A code of a length that the authenticator does not have is no guess")
        void confirm_codeOfAnotherLength_isRejectedAndNotCounted(String typed) {
            PendingEnrollment pending = begin();
            for (int i = 0; i < 20; i++) {
                assertThat(confirm(pending, typed)).isEqualTo(new Rejected());
            }

            assertThat(world.lastEvent().rejection()).contains(Rejection.OTHER_LENGTH);
            assertThat(confirm(pending)).isInstanceOf(Enrolled.class);
        }

        @Test
        void confirm_twice_theSecondBeginsAgain() {
            PendingEnrollment pending = begin();
            confirm(pending);
            world.clock.advance(STEP);
            world.store.forgetCounts();

            assertThat(confirm(pending)).isEqualTo(new BeginAgain());
            assertThat(world.store.writes()).isZero();
        }

        @Test
        void confirm_anotherUsersCode_isRejected() {
            PendingEnrollment alice = begin();
            PendingEnrollment bob = twoFactor.beginEnrollment(BOB, "bob");

            assertThat(confirm(alice, codeOf(bob, 0))).isEqualTo(new Rejected());
            assertThat(confirm(bob)).isInstanceOf(Enrolled.class);
            assertThat(state()).isEqualTo(State.PENDING);
        }

        @Test
        @DisplayName("A password change ends an enrollment that somebody else may have begun")
        void confirm_trustEndedSince_beginsAgain() {
            PendingEnrollment pending = begin();
            twoFactor.endTrust(ALICE);

            assertEnded(pending);
            assertThat(state()).isEqualTo(State.OFF);
        }

        @Test
        void confirm_resetSince_beginsAgain() {
            PendingEnrollment pending = begin();
            twoFactor.operator("support").resetWithoutProof(ALICE, "asked");

            assertEnded(pending);
        }

        @Test
        void confirm_compared_costsOneReadAndOneWrite() {
            PendingEnrollment pending = begin();
            world.store.forgetCounts();
            confirmWrongly(pending);

            assertThat(world.store.finds()).isEqualTo(1);
            assertThat(world.store.writes()).isEqualTo(1);
        }
    }

    @Nested
    class TheBrowserOfTheRequest {

        @Test
        void confirm_withABrowser_makesItKnownInTheSameWrite() {
            PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, REQUEST.browser(FIREFOX));
            world.store.forgetCounts();

            Enrolled enrolled = enrolled(pending);

            assertThat(world.store.writes()).isEqualTo(1);
            BrowserToken token = enrolled.proof().browserToken().orElseThrow();
            assertThat(enrolled.proof().stamp().browser()).contains(token.browser());
            assertThat(twoFactor.status(ALICE).browsers()).singleElement().satisfies(one -> {
                assertThat(one.id()).isEqualTo(token.browser());
                assertThat(one.label()).isEqualTo("Firefox on Linux");
                assertThat(one.rememberedUntil()).isEmpty();
            });
            assertThat(world.eventTypes())
                    .endsWith(Type.ENROLLMENT_CONFIRMED, Type.AUTHENTICATOR_ADDED, Type.BROWSER_NOTED);
        }

        @Test
        void confirm_withABrowser_itsTokenStandsAtTheKnownDoor() {
            Owner owner = world.enroll();
            world.fail(owner.phone(), 5);

            assertThat(world.verify(owner.browser(), owner.phone().codeAt(world.now())))
                    .isInstanceOf(Verified.class);
        }

        @Test
        void confirm_withoutABrowser_makesNoneKnown() {
            Enrolled enrolled = enrolled(begin());

            assertThat(enrolled.proof().browserToken()).isEmpty();
            assertThat(enrolled.proof().stamp().browser()).isEmpty();
            assertThat(twoFactor.status(ALICE).browsers()).isEmpty();
        }

        @Test
        void confirm_withABrowserThatIsNotRemembered_needsACodeNextTime() {
            Owner owner = world.enroll();

            assertThat(world.challenge(ALICE, owner.browser())).isNotNull();
            twoFactor.rememberBrowser(owner.proof());
            assertThat(twoFactor.signInRequirement(ALICE, owner.browser())).isInstanceOf(NoCodeRequired.class);
        }

        @Test
        void confirm_additionalOneInAKnownBrowser_doesNotNoteItAgain() {
            Owner owner = world.enroll();

            Enrolled added = enrolled(twoFactor.addAuthenticator(owner.proof(), REQUEST.browser(owner.browser())));

            assertThat(added.proof().browserToken()).isEmpty();
            assertThat(added.proof().stamp()).isEqualTo(owner.proof().stamp());
            assertThat(twoFactor.status(ALICE).browsers()).hasSize(1);
        }

        @Test
        @DisplayName("The proof's browser stays: what came from it ends when it is forgotten")
        void confirm_additionalOneFromAnotherBrowser_keepsTheBrowserOfTheProof() {
            Owner owner = world.enroll();

            Enrolled added = enrolled(twoFactor.addAuthenticator(owner.proof(), REQUEST.browser(FIREFOX)));

            assertThat(added.proof().browserToken()).isEmpty();
            assertThat(added.proof().stamp()).isEqualTo(owner.proof().stamp());
            twoFactor.forgetBrowser(ALICE, owner.proof().stamp().browser().orElseThrow());
            assertThat(twoFactor.isCurrent(ALICE, added.proof().stamp())).isFalse();
        }

        @Test
        void confirm_additionalOneWithAProofWithoutBrowser_notesTheBrowserOfTheRequest() {
            Verified proof = world.prove(world.importApp());
            assertThat(proof.stamp().browser()).isEmpty();

            Enrolled added = enrolled(twoFactor.addAuthenticator(proof, REQUEST.browser(FIREFOX)));

            assertThat(added.proof().stamp().browser())
                    .isEqualTo(added.proof().browserToken().map(BrowserToken::browser))
                    .isPresent();
        }

        @Test
        void confirm_additionalOneInAKnownBrowserWithAProofWithoutBrowser_recognizesIt() {
            Owner owner = world.enroll();
            Verified proof = world.prove(owner.phone());
            assertThat(proof.stamp().browser()).isEmpty();

            Enrolled added = enrolled(twoFactor.addAuthenticator(proof, REQUEST.browser(owner.browser())));

            assertThat(added.proof().browserToken()).isEmpty();
            assertThat(added.proof().stamp().browser())
                    .isEqualTo(owner.proof().stamp().browser());
            assertThat(twoFactor.status(ALICE).browsers()).hasSize(1);
        }
    }

    @Nested
    class AnotherAuthenticator {
        private final Phone old = world.importApp();
        private final Verified proof = World.proof(world.verify(FIREFOX, old.codeAt(world.now())));
        private final BrowserId browser = proof.stamp().browser().orElseThrow();

        private PendingEnrollment beginAnother() {
            PendingEnrollment pending = twoFactor.addAuthenticator(proof, REQUEST.label("New phone"));
            world.clock.advance(STEP);
            return pending;
        }

        @Test
        void confirm_withAProof_bothAuthenticatorsAreLive() {
            PendingEnrollment added = beginAnother();

            EnrollmentResult result = confirm(added);
            world.clock.advance(STEP);

            assertThat(result).isInstanceOfSatisfying(Enrolled.class, enrolled -> {
                assertThat(enrolled.backupCodes()).isEmpty();
                assertThat(enrolled.proof().authenticator()).contains(enrolled.authenticator());
            });
            assertThat(world.verify(old.codeAt(world.now()))).isInstanceOf(Verified.class);
            assertThat(world.verify(codeOf(added, 0))).isInstanceOf(Verified.class);
            assertThat(twoFactor.status(ALICE).authenticators())
                    .extracting(TwoFactorStatus.Authenticator::label)
                    .containsExactly("Authenticator app", "New phone");
        }

        @Test
        @DisplayName("[31] better-auth #10923, Fortify, greasyfork #1446: an unconfirmed secret is not live")
        void begin_abandoned_leavesTheOldAuthenticatorAlone() {
            PendingEnrollment added = beginAnother();

            assertThat(state()).isEqualTo(State.ENABLED);
            assertThat(world.verify(codeOf(added, 0))).isEqualTo(new Rejected());
            assertThat(world.verify(old.codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void confirm_another_changesNoEpoch() {
            confirm(beginAnother());

            assertThat(twoFactor.isCurrent(ALICE, proof.stamp())).isTrue();
            assertThat(twoFactor.regenerateBackupCodes(proof)).isNotNull();
        }

        @Test
        void confirm_tooLate_dropsThePendingOneOnly() {
            PendingEnrollment added = beginAnother();
            world.clock.advance(LIFETIME);

            assertThat(confirm(added)).isEqualTo(new BeginAgain());
            assertThat(account().pending()).isNull();
            assertThat(world.verify(old.codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void confirm_tenWrongCodes_dropThePendingOneAndLockNobodyOut() {
            PendingEnrollment added = beginAnother();
            for (int i = 0; i < 10; i++) {
                assertThat(confirmWrongly(added)).isEqualTo(new Rejected());
            }
            assertThat(confirm(added)).isEqualTo(new BeginAgain());

            assertThat(twoFactor.status(ALICE).strangers().failures()).isZero();
            assertThat(twoFactor.status(ALICE).known().failures()).isZero();
            assertThat(world.verify(old.codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void confirm_codeOfTheOldAuthenticator_isRejectedAndNotUsedUp() {
            PendingEnrollment added = beginAnother();

            assertThat(confirm(added, old.codeAt(world.now()))).isEqualTo(new Rejected());
            assertThat(world.verify(old.codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void add_twice_theLaterWins() {
            PendingEnrollment earlier = beginAnother();
            PendingEnrollment later = beginAnother();

            assertEnded(earlier);
            assertThat(confirm(later)).isInstanceOf(Enrolled.class);
        }

        @Test
        void add_staleProof_isRefused() {
            twoFactor.endTrust(ALICE);

            assertThatThrownBy(() -> twoFactor.addAuthenticator(proof, REQUEST))
                    .isInstanceOf(StaleProofException.class);
        }

        @Test
        void add_proofOfAForgottenBrowser_isRefused() {
            twoFactor.forgetBrowser(ALICE, browser);

            assertThatThrownBy(() -> twoFactor.addAuthenticator(proof, REQUEST))
                    .isInstanceOf(StaleProofException.class);
        }

        @Test
        void confirm_itsBrowserForgottenSince_beginsAgain() {
            PendingEnrollment added = beginAnother();
            twoFactor.forgetBrowser(ALICE, browser);

            assertEnded(added);
            assertThat(account().pending()).isNull();
        }

        @Test
        void confirm_anotherBrowserForgottenSince_isRight() {
            PendingEnrollment added = beginAnother();
            Verified other = World.proof(world.verify(FIREFOX, old.codeAt(world.now())));
            twoFactor.forgetBrowser(ALICE, other.stamp().browser().orElseThrow());

            assertThat(confirm(added)).isInstanceOf(Enrolled.class);
        }

        @Test
        void confirm_itsBrowserUnusedForAYear_beginsAgain() {
            Instant used = twoFactor.status(ALICE).browsers().get(0).lastUsed();
            world.clock.set(used.plus(TwoFactorPolicy.KNOWN_BROWSER_LIFETIME).minus(STEP));
            // A step-up is no use of the browser.
            String code = old.codeAt(world.now());
            Verified late = World.proof(twoFactor.stepUp(ALICE, proof.stamp(), code));
            PendingEnrollment added = twoFactor.addAuthenticator(late, REQUEST);
            world.clock.advance(STEP);
            assertThat(twoFactor.pendingEnrollment(added.handle())).isPresent();

            world.clock.advance(Duration.ofMillis(1));

            assertEnded(added);
        }

        @Test
        void confirm_backupCodesRegeneratedSince_beginsAgain() {
            PendingEnrollment added = beginAnother();
            twoFactor.regenerateBackupCodes(proof);

            assertEnded(added);
        }

        @Test
        void confirm_backupCodeUsedSince_beginsAgain() {
            Regenerated regenerated = twoFactor.regenerateBackupCodes(proof);
            PendingEnrollment added = twoFactor.addAuthenticator(regenerated.proof(), REQUEST);
            world.verify(regenerated.codes().asList().get(0));

            assertEnded(added);
        }

        @Test
        void confirm_temporaryCodeUsedSince_beginsAgain() {
            PendingEnrollment added = beginAnother();
            TemporaryCode code =
                    twoFactor.operator("support").issueTemporaryCode(ALICE, Duration.ofHours(1), "phone in repair");
            assertThat(twoFactor.pendingEnrollment(added.handle())).isPresent();
            world.verify(code.value());

            assertEnded(added);
        }

        @Test
        void confirm_authenticatorRemovedSince_beginsAgain() {
            Owner second = world.enrollAnother(proof);
            PendingEnrollment third = twoFactor.addAuthenticator(second.proof(), REQUEST);
            twoFactor.removeAuthenticator(second.proof(), second.authenticator());

            assertEnded(third);
        }

        @Test
        void confirm_disabledSince_beginsAgain() {
            PendingEnrollment added = beginAnother();
            twoFactor.disable(proof);

            assertEnded(added);
            assertThat(state()).isEqualTo(State.OFF);
        }

        @Test
        void confirm_disabledAndBegunAgainSince_beginsAgain() {
            PendingEnrollment added = beginAnother();
            twoFactor.disable(proof);
            PendingEnrollment first = begin();

            assertThat(confirm(added)).isEqualTo(new BeginAgain());
            assertThat(confirm(first)).isInstanceOf(Enrolled.class);
        }

        @Test
        void add_sixthAuthenticator_isRefused() {
            for (int i = 2; i <= 5; i++) {
                world.enrollAnother(proof);
            }

            assertThat(twoFactor.status(ALICE).authenticators()).hasSize(5);
            assertThatIllegalStateException().isThrownBy(() -> twoFactor.addAuthenticator(proof, REQUEST));
        }

        @Test
        @DisplayName("[59] The same secret on two authenticators would let a code pass twice")
        void add_existingAuthenticatorWithTheSecretOfALiveOne_isRefused() {
            ExistingAuthenticator same = ExistingAuthenticator.totp(
                    SharedSecret.fromBase32(Phone.RFC_SECRET),
                    new TotpParameters(HmacAlgorithm.SHA256, 8, STEP, Instant.EPOCH));

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> twoFactor.addAuthenticator(proof, REQUEST.existing(same)));
        }
    }

    @Nested
    class Existing {
        private static final String SECRET = Phone.RFC_SECRET;

        private PendingEnrollment begin(TwoFactor with, String keyUri) {
            return begin(with, keyUri, UnaryOperator.identity());
        }

        private PendingEnrollment begin(
                TwoFactor with, String keyUri, UnaryOperator<ExistingAuthenticator> differently) {
            ExistingAuthenticator existing = ExistingAuthenticator.of(KeyUri.parse(keyUri));
            return with.beginEnrollment(ALICE, REQUEST.existing(differently.apply(existing)));
        }

        /** A token that was never used. */
        private PendingEnrollment beginUnused(TwoFactor with, String parameters) {
            return begin(
                    with,
                    "otpauth://totp/alice?" + parameters + "&secret=" + SECRET,
                    existing -> existing.lastUsedStep(0));
        }

        @Test
        void begin_ofEightDigitsAndSha512_isConfirmedByItsCode() {
            PendingEnrollment pending = beginUnused(twoFactor, "algorithm=SHA512&digits=8");

            String code = codeOf(pending, 0);

            assertThat(code).hasSize(8);
            assertThat(confirm(pending, code)).isInstanceOf(Enrolled.class);
        }

        @Test
        @DisplayName("60-second tokens are accepted with the default policy")
        void begin_ofSixtySeconds_isConfirmedAndVerified() {
            PendingEnrollment pending = beginUnused(twoFactor, "algorithm=SHA256&digits=8&period=60");
            Phone token = Phone.scan(pending);

            assertThat(confirm(pending)).isInstanceOf(Enrolled.class);
            world.clock.advance(Duration.ofSeconds(60));
            assertThat(world.verify(token.codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void begin_ofAHundredSeconds_isTakenAndOfAHundredAndOneIsRefused() {
            assertThat(beginUnused(twoFactor, "period=100")).isNotNull();

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> beginUnused(twoFactor, "period=101"))
                    .withMessageContaining("longest life");
        }

        @ParameterizedTest
        @ValueSource(longs = {14, 301})
        void begin_ofAPeriodOutside15To300Seconds_isRefused(long seconds) {
            World strict =
                    new World(TwoFactorPolicy.builder().window(new Window(0, 0)).build());

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> beginUnused(strict.twoFactor, "period=" + seconds))
                    .withMessageContaining("period");
            assertThat(beginUnused(strict.twoFactor, "period=" + (seconds == 14 ? 15 : 300)))
                    .isNotNull();
        }

        @Test
        void begin_ofFewerDigitsThanThePolicy_isRefused() {
            World eightDigits = new World(TwoFactorPolicy.builder()
                    .totp(new TotpParameters(HmacAlgorithm.SHA1, 8, STEP, Instant.EPOCH))
                    .build());

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> begin(eightDigits.twoFactor, "otpauth://totp/alice?secret=" + SECRET));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> begin(eightDigits.twoFactor, "otpauth://hotp/alice?counter=0&secret=" + SECRET));
        }

        @Test
        void begin_thatDoesNotCountFromTheEpoch_isRefused() {
            ExistingAuthenticator existing = ExistingAuthenticator.totp(
                    SharedSecret.fromBase32(SECRET),
                    new TotpParameters(HmacAlgorithm.SHA1, 6, STEP, Instant.ofEpochSecond(10)));

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> twoFactor.beginEnrollment(ALICE, REQUEST.existing(existing)));
        }

        @Test
        @DisplayName("[54] A secret of 128 bits is enrolled")
        void begin_ofSixteenBytes_isTaken() {
            // A place for 10 to 15 bytes, which are importable and not enrollable, as soon as SharedSecret takes them.
            SharedSecret sixteenBytes = SharedSecret.fromBytes(new byte[16]);
            ExistingAuthenticator existing = ExistingAuthenticator.totp(sixteenBytes, TotpParameters.DEFAULT);

            assertThat(twoFactor.beginEnrollment(ALICE, REQUEST.existing(existing)))
                    .isNotNull();
        }

        @Test
        void begin_policyOfEightDigitsAndSha256_makesSuchCodes() {
            World strict = new World(TwoFactorPolicy.builder()
                    .totp(new TotpParameters(HmacAlgorithm.SHA256, 8, STEP, Instant.EPOCH))
                    .build());
            PendingEnrollment pending = strict.twoFactor.beginEnrollment(ALICE, "alice");

            assertThat(pending.keyUri().algorithm()).isEqualTo(HmacAlgorithm.SHA256);
            assertThat(pending.keyUri().digits()).isEqualTo(8);
            assertThat(strict.twoFactor.confirmEnrollment(pending.handle(), codeOf(pending, 0)))
                    .isInstanceOf(Enrolled.class);
        }

        @Test
        void begin_counterBased_isConfirmedByItsNextCode() {
            PendingEnrollment pending = begin(twoFactor, "otpauth://hotp/alice?counter=7&secret=" + SECRET);
            Phone token = Phone.scan(pending);

            assertThat(pending.keyUri().counter()).hasValue(7);
            String used = token.press();
            assertThat(confirm(pending, used)).isInstanceOf(Enrolled.class);
            assertThat(world.verify(used)).isEqualTo(new Rejected());
            assertThat(world.verify(token.press())).isInstanceOf(Verified.class);
        }

        @Test
        void begin_counterBased_isConfirmedWithinTheLookAhead() {
            PendingEnrollment pending = begin(twoFactor, "otpauth://hotp/alice?counter=0&secret=" + SECRET);
            Phone token = Phone.scan(pending);

            assertThat(confirm(pending, token.code(3))).isEqualTo(new Rejected());
            assertThat(confirm(pending, token.code(2))).isInstanceOf(Enrolled.class);
        }

        @Test
        @DisplayName("[78] A token that is enrolled again from its seed: what the window reaches counts as used")
        void begin_withoutALastUsedStep_isConfirmedAfterTheWindowOnly() {
            PendingEnrollment pending = begin(twoFactor, "otpauth://totp/alice?secret=" + SECRET);
            List<String> reached = List.of(codeOf(pending, -1), codeOf(pending, 0), codeOf(pending, 1));
            String first = codeOf(pending, 2);

            assertThat(reached)
                    .allSatisfy(code -> assertThat(confirm(pending, code)).isEqualTo(new Rejected()));
            world.clock.advance(STEP);
            assertThat(reached)
                    .allSatisfy(code -> assertThat(confirm(pending, code)).isEqualTo(new Rejected()));
            assertThat(confirm(pending, first)).isInstanceOf(Enrolled.class);
        }

        @Test
        void begin_withALastUsedStep_isNotConfirmedByItsCode() {
            Phone phone = Phone.ofSecret(SECRET);
            PendingEnrollment pending = begin(
                    twoFactor,
                    "otpauth://totp/alice?secret=" + SECRET,
                    existing -> existing.lastUsedStep(phone.step(world.now())));

            assertThat(confirm(pending)).isEqualTo(new Rejected());
            assertThat(confirm(pending, codeOf(pending, 1))).isInstanceOf(Enrolled.class);
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
            twoFactor.operator("test").deleteAccount(ALICE);

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
        @ValueSource(strings = {"", "\u0000", "a\u0000b", "\ud800", "\udfff", "\udc00\ud800"})
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

            assertThat(twoFactor.status(other).state()).isEqualTo(State.OFF);
        }
    }
}
