// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.FIREFOX;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.EnrollmentResult.BeginAgain;
import dev.sallyport.RecordedLog.Line;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Position;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls without a proof of the user's, and records that are not as they should be. */
class OperatorTest {
    private static final String OLIVIA = "Olivia from support";
    private static final EnrollmentRequest REQUEST = EnrollmentRequest.of("alice");
    private static final SharedSecret SECRET = SharedSecret.fromBase32(Phone.RFC_SECRET);
    private static final String TABLET_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    private static final ExistingAuthenticator APP = ExistingAuthenticator.totp(SECRET, TotpParameters.DEFAULT);
    private static final ExistingAuthenticator TABLET =
            ExistingAuthenticator.totp(SharedSecret.fromBase32(TABLET_SECRET), TotpParameters.DEFAULT);

    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;
    private final Operator operator = twoFactor.operator(OLIVIA);

    private Account account() {
        return Unsealed.account(world.keys, world.store, ALICE);
    }

    private long version() {
        return world.store.find(ALICE.value()).orElseThrow().version();
    }

    private TrustStamp stampWithoutACode() {
        return ((NoCodeRequired) twoFactor.signInRequirement(ALICE, FIREFOX)).stamp();
    }

    /** The highest version that an event has named. */
    private long witnessed(UserId user) {
        return world.events.stream()
                .filter(event -> event.user().equals(user))
                .flatMap(event -> event.position().stream())
                .mapToLong(Position::version)
                .max()
                .orElse(0);
    }

    @Nested
    class Import {
        private final Phone phone = Phone.ofSecret(Phone.RFC_SECRET);
        private final Phone tablet = Phone.ofSecret(TABLET_SECRET);
        private final long step = phone.step(world.now());

        private List<AuthenticatorId> importAll(EnrollmentRequest... requests) {
            return operator.importWithoutConfirmation(ALICE, List.of(requests));
        }

        private void assertRefused(EnrollmentRequest... requests) {
            assertThatIllegalArgumentException().isThrownBy(() -> importAll(requests));
            assertThat(world.rows).isEmpty();
            assertThat(world.events).isEmpty();
        }

        @Test
        void import_anApp_isLiveAtOnceWithoutBackupCodesAndBrowsers() {
            List<AuthenticatorId> ids =
                    importAll(REQUEST.label("Old app").browser(FIREFOX).existing(APP.lastUsedStep(step - 1)));

            TwoFactorStatus status = twoFactor.status(ALICE);
            assertThat(status.state()).isEqualTo(State.ENABLED);
            assertThat(status.backupCodesLeft()).isZero();
            assertThat(status.browsers()).isEmpty();
            assertThat(status.authenticators()).singleElement().satisfies(one -> {
                assertThat(ids).containsExactly(one.id());
                assertThat(one.label()).isEqualTo("Old app");
                assertThat(one.added()).isEqualTo(world.now());
                assertThat(one.lastUsed()).isEmpty();
                assertThat(one.offset()).isZero();
            });
            assertThat(world.prove(phone).authenticator()).contains(ids.get(0));
        }

        @Test
        @DisplayName(
                "A user with a phone and a tablet, each with its secret: both are imported together, and both work")
        void import_severalAtOnce_areAllLiveInOneVersionWithOneEpoch() {
            List<AuthenticatorId> ids = importAll(
                    REQUEST.label("Phone").existing(APP.lastUsedStep(0)),
                    REQUEST.label("Tablet").existing(TABLET.lastUsedStep(0)));

            assertThat(world.store.writes()).isEqualTo(1);
            assertThat(world.eventTypes()).containsExactly(Type.AUTHENTICATOR_IMPORTED, Type.AUTHENTICATOR_IMPORTED);
            assertThat(world.events)
                    .extracting(event -> event.position().orElseThrow())
                    .containsExactly(new Position(version(), 1, 2), new Position(version(), 2, 2));
            assertThat(twoFactor.status(ALICE).authenticators())
                    .extracting(TwoFactorStatus.Authenticator::label)
                    .containsExactly("Phone", "Tablet");
            assertThat(world.prove(phone).authenticator()).contains(ids.get(0));
            assertThat(world.prove(tablet).authenticator()).contains(ids.get(1));
        }

        @Test
        void import_ofAnybody_endsTheStampsOfBefore() {
            TrustStamp none = stampWithoutACode();
            importAll(REQUEST.existing(APP));

            assertThat(twoFactor.isCurrent(ALICE, none)).isFalse();
            assertThat(account().header().epoch()).isNotEqualTo(TrustStamp.NO_EPOCH);
        }

        @Test
        void import_afterADisable_endsTheStampThatTheDisableReturned() {
            TrustStamp disabled = twoFactor.disable(world.enroll().proof());
            importAll(REQUEST.existing(APP));

            assertThat(twoFactor.isCurrent(ALICE, disabled)).isFalse();
            assertThat(twoFactor.status(ALICE).state()).isEqualTo(State.ENABLED);
        }

        @Test
        void import_first_backupCodesComeWithTheFirstRegeneration() {
            importAll(REQUEST.existing(APP.lastUsedStep(0)));
            Verified proof = world.prove(phone);

            assertThat(proof.backupCodesLeft()).isZero();
            assertThat(twoFactor.regenerateBackupCodes(proof).codes()).hasSize(10);
        }

        @Test
        void import_first_theFirstSignInMakesTheBrowserKnown() {
            importAll(REQUEST.existing(APP.lastUsedStep(0)));

            assertThat(World.proof(world.verify(FIREFOX, phone.code(step))).browserToken())
                    .isPresent();
        }

        @Test
        @DisplayName("[76] The last step is unknown: what the window reaches now counts as used")
        void import_withoutALastUsedStep_acceptsNothingThatTheWindowReaches() {
            importAll(REQUEST.existing(APP));

            assertThat(List.of(step - 1, step, step + 1))
                    .allSatisfy(
                            used -> assertThat(world.verify(phone.code(used))).isEqualTo(new Rejected()));
            world.clock.advance(STEP);
            assertThat(world.verify(phone.code(step + 1))).isEqualTo(new Rejected());
            assertThat(world.verify(phone.code(step + 2))).isInstanceOf(Verified.class);
        }

        @Test
        void import_lastUsedStep_isNotAcceptedAgain() {
            importAll(REQUEST.existing(APP.lastUsedStep(step)));

            assertThat(world.verify(phone.code(step))).isEqualTo(new Rejected());
            assertThat(world.lastEvent().rejection()).contains(Rejection.REPLAYED);
            assertThat(world.verify(phone.code(step - 1))).isEqualTo(new Rejected());
            assertThat(world.verify(phone.code(step + 1))).isInstanceOf(Verified.class);
        }

        @ParameterizedTest
        @ValueSource(longs = {1, 4, 20})
        @DisplayName("The old library had a wide window: a last step of up to 20 ahead of the clock is taken")
        void import_lastUsedStepAheadOfTheClock_isTaken(long ahead) {
            importAll(REQUEST.existing(APP.lastUsedStep(step + ahead)));
            world.clock.advance(STEP.multipliedBy(ahead));

            assertThat(world.verify(phone.code(step + ahead))).isEqualTo(new Rejected());
            assertThat(world.verify(phone.code(step + ahead + 1))).isInstanceOf(Verified.class);
        }

        @Test
        void import_lastUsedStepOf21Ahead_isRefused() {
            assertRefused(REQUEST.existing(APP.lastUsedStep(step + 21)));
        }

        @Test
        void import_aToken_goesOnAtItsCounter() {
            importAll(REQUEST.existing(ExistingAuthenticator.hotp(SECRET, HmacAlgorithm.SHA1, 6, 41)));

            assertThat(world.verify(phone.code(40))).isEqualTo(new Rejected());
            assertThat(world.verify(phone.code(41))).isInstanceOf(Verified.class);
        }

        @Test
        @DisplayName("A migration can be run again: users who are imported already are left alone")
        void import_twice_theSecondIsRefusedAndChangesNothing() {
            importAll(REQUEST.existing(APP.lastUsedStep(0)));
            String code = phone.code(step);
            world.verify(code);
            world.store.forgetCounts();
            world.events.clear();

            assertThatThrownBy(() -> importAll(REQUEST.existing(APP.lastUsedStep(0))))
                    .isInstanceOf(AlreadyEnabledException.class);

            assertThat(world.store.writes()).isZero();
            assertThat(world.events).isEmpty();
            assertThat(world.verify(code)).isEqualTo(new Rejected());
        }

        @Test
        void import_whileAnEnrollmentWaits_takesItsPlace() {
            PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, "alice");
            importAll(REQUEST.existing(APP.lastUsedStep(0)));

            assertThat(twoFactor.pendingEnrollment(pending.handle())).isEmpty();
            assertThat(twoFactor.confirmEnrollment(
                            pending.handle(), Phone.scan(pending).codeAt(world.now())))
                    .isEqualTo(new BeginAgain());
            assertThat(world.verify(phone.code(step))).isInstanceOf(Verified.class);
        }

        @Test
        @DisplayName("[59] The same secret twice would let a code pass twice")
        void import_sameSecretTwice_isRefused() {
            ExistingAuthenticator same = ExistingAuthenticator.hotp(SECRET, HmacAlgorithm.SHA1, 6, 0);

            assertRefused(REQUEST.existing(APP), REQUEST.label("Again").existing(same));
        }

        @Test
        void import_noneOrSix_isRefusedAndFiveAreTaken() {
            List<EnrollmentRequest> six = IntStream.rangeClosed(1, 6)
                    .mapToObj(i -> REQUEST.label("Token " + i)
                            .existing(ExistingAuthenticator.hotp(SharedSecret.generate(), HmacAlgorithm.SHA1, 6, 0)))
                    .toList();

            assertRefused();
            assertRefused(six.toArray(EnrollmentRequest[]::new));
            assertThat(operator.importWithoutConfirmation(ALICE, six.subList(0, 5)))
                    .hasSize(5)
                    .doesNotHaveDuplicates();
        }

        @Test
        void import_oneOfThemWithoutASecret_isMisuseAndImportsNothing() {
            assertRefused(REQUEST.existing(APP), REQUEST);
        }

        @Test
        void import_oneOfThemWeakensThePolicy_isRefusedAndImportsNothing() {
            TotpParameters slow = new TotpParameters(HmacAlgorithm.SHA1, 6, Duration.ofSeconds(101), Instant.EPOCH);

            assertRefused(REQUEST.existing(TABLET), REQUEST.existing(ExistingAuthenticator.totp(SECRET, slow)));
        }

        @Test
        void import_ofSixteenBytes_isNoWeakSecret() {
            // A place for 10 to 15 bytes, whose status says weakSecret, as soon as SharedSecret takes them.
            SharedSecret sixteenBytes = SharedSecret.fromBytes(new byte[16]);
            importAll(REQUEST.existing(ExistingAuthenticator.totp(sixteenBytes, TotpParameters.DEFAULT)));

            assertThat(twoFactor.status(ALICE).authenticators())
                    .extracting(TwoFactorStatus.Authenticator::weakSecret)
                    .containsExactly(false);
        }

        @Test
        void import_tokenWithItsOwnClock_isFollowed() {
            importAll(REQUEST.existing(APP.lastUsedStep(0).ownClock()));
            world.verify(phone.code(step + 1));

            assertThat(twoFactor.status(ALICE).authenticators())
                    .extracting(TwoFactorStatus.Authenticator::offset)
                    .containsExactly(1);
        }

        @Test
        void import_lostWrites_returnsTheIdsThatAreStored() {
            world.store.loseWrites(3);

            List<AuthenticatorId> ids = importAll(REQUEST.existing(APP));

            assertThat(twoFactor.status(ALICE).authenticators())
                    .extracting(TwoFactorStatus.Authenticator::id)
                    .isEqualTo(ids);
        }
    }

    @Nested
    class IssueTemporaryCode {

        @Test
        void issue_enabled_saysWhyAndUntilWhen() {
            world.importApp();

            TemporaryCode code = operator.issueTemporaryCode(ALICE, Duration.ofHours(1), "phone in repair");

            assertThat(code.expires()).isEqualTo(world.now().plus(Duration.ofHours(1)));
            assertThat(code.value()).matches("([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}");
            assertThat(world.lastEvent().type()).isEqualTo(Type.TEMPORARY_CODE_ISSUED);
            assertThat(world.lastEvent().detail(Detail.REASON)).contains("phone in repair");
            assertThat(world.lastEvent().detail(Detail.UNTIL))
                    .contains(code.expires().toString());
        }

        @Test
        void issue_off_isMisuse() {
            assertThatIllegalStateException()
                    .isThrownBy(() -> operator.issueTemporaryCode(ALICE, Duration.ofHours(1), "asked"));
            assertThat(world.rows).isEmpty();
        }

        @Test
        void issue_forAMinuteToADay_isTakenAndOtherwiseRefused() {
            world.importApp();

            for (Duration good : List.of(Duration.ofMinutes(1), Duration.ofHours(24))) {
                assertThat(operator.issueTemporaryCode(ALICE, good, "asked").expires())
                        .isEqualTo(world.now().plus(good));
            }
            for (Duration bad : List.of(
                    Duration.ofMinutes(1).minusMillis(1),
                    Duration.ofHours(24).plusMillis(1),
                    Duration.ZERO,
                    Duration.ofHours(-1))) {
                assertThatIllegalArgumentException().isThrownBy(() -> operator.issueTemporaryCode(ALICE, bad, "asked"));
            }
        }
    }

    @Nested
    class Unlock {

        @Test
        void unlock_lockedOut_saysWhyInItsEvent() {
            Phone phone = world.importApp();
            world.fail(phone, 5);

            operator.unlock(ALICE, "called from the number on file");

            assertThat(world.lastEvent().type()).isEqualTo(Type.UNLOCKED);
            assertThat(world.lastEvent().detail(Detail.REASON)).contains("called from the number on file");
            assertThat(world.verify(phone.codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void unlock_suspended_opensAgain() {
            Phone phone = world.importApp();
            world.fail(phone, 50);
            assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(new LockedOut(Optional.empty()));

            operator.unlock(ALICE, "called");

            assertThat(world.verify(phone.codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void unlock_anybody_emptiesBothDoorsAndTheRowsOfBrowsersAndStepUp() {
            Owner owner = world.enroll();
            world.fail(owner.phone(), 5);
            world.fail(owner.browser(), owner.phone(), 5);
            for (int i = 0; i < 5; i++) {
                twoFactor.stepUp(ALICE, owner.proof().stamp(), owner.phone().wrongAt(world.now()));
            }
            assertThat(twoFactor.status(ALICE).browsers().get(0).lockedUntil()).isPresent();
            assertThat(account().limits().stepUp().failures()).isEqualTo(5);

            operator.unlock(ALICE, "called");

            assertThat(account().limits()).isEqualTo(Limits.NONE);
            assertThat(account().browsers()).extracting(KnownBrowser::row).containsExactly(FailureRow.NONE);
            assertThat(twoFactor.isCurrent(ALICE, owner.proof().stamp()))
                    .as("an unlock ends no trust")
                    .isTrue();
        }

        @Test
        void unlock_anybody_leavesUsedCodesUsed() {
            Phone phone = world.importApp();
            String code = phone.codeAt(world.now());
            world.verify(code);

            operator.unlock(ALICE, "called");

            assertThat(world.verify(code)).isEqualTo(new Rejected());
        }

        @Test
        void unlock_off_doesNothing() {
            twoFactor.beginEnrollment(ALICE, "alice");
            world.store.forgetCounts();
            world.events.clear();

            operator.unlock(ALICE, "called");
            operator.unlock(BOB, "called");

            assertThat(world.store.writes()).isZero();
            assertThat(world.events).isEmpty();
        }
    }

    @Nested
    class Reset {

        @Test
        void reset_enabled_leavesAnEmptyRecordAndNoTrust() {
            Owner owner = world.enroll();
            twoFactor.rememberBrowser(owner.proof());
            Challenge challenge = world.challenge(ALICE, FIREFOX);
            long recordId = account().header().recordId();
            long version = version();

            operator.resetWithoutProof(ALICE, "lost everything");

            assertThat(world.lastEvent().type()).isEqualTo(Type.RESET);
            assertThat(world.lastEvent().detail(Detail.REASON)).contains("lost everything");
            assertThat(version()).isEqualTo(version + 1);
            assertThat(account().header().recordId()).isEqualTo(recordId);
            assertThat(account().header().enabledAt()).isNull();
            assertThat(account().authenticators()).isEmpty();
            assertThat(account().browsers()).isEmpty();
            assertThat(account().backupCodes()).isEqualTo(BackupCodeSet.NONE);
            assertThat(account().limits()).isEqualTo(Limits.NONE);
            assertThat(account().pending()).isNull();
            assertThat(twoFactor.status(ALICE).state()).isEqualTo(State.OFF);
            assertThat(twoFactor.verify(challenge, owner.phone().codeAt(world.now())))
                    .isEqualTo(new SignInAgain());
            assertThat(twoFactor.verify(challenge, owner.backupCodes().get(0))).isEqualTo(new SignInAgain());
            assertThat(twoFactor.isCurrent(ALICE, owner.proof().stamp())).isFalse();
            assertThatThrownBy(() -> twoFactor.disable(owner.proof())).isInstanceOf(StaleProofException.class);
            assertThat(twoFactor.signInRequirement(ALICE, owner.browser()))
                    .isEqualTo(
                            new NoCodeRequired(new TrustStamp(account().header().epoch(), null), Optional.empty()));
        }

        @Test
        void reset_pendingOnly_leavesNoSecret() {
            twoFactor.beginEnrollment(ALICE, "alice");

            operator.resetWithoutProof(ALICE, "asked");

            assertThat(account().pending()).isNull();
            assertThat(twoFactor.status(ALICE).state()).isEqualTo(State.OFF);
        }

        @Test
        void reset_nothingThere_endsTheStampsAllTheSame() {
            TrustStamp none = stampWithoutACode();

            operator.resetWithoutProof(ALICE, "asked");

            assertThat(world.eventTypes()).containsExactly(Type.RESET);
            assertThat(twoFactor.isCurrent(ALICE, none)).isFalse();
        }

        @Test
        void reset_writtenMeanwhile_resetsAllTheSame() {
            Phone phone = world.importApp();
            world.store.beforeNextWrite(() -> world.prove(phone));

            operator.resetWithoutProof(ALICE, "asked");

            assertThat(account().authenticators()).isEmpty();
        }

        @Test
        @DisplayName("[50] ovumcy #708, blot #1856: a record whose key is lost is ended by the reset")
        void reset_unreadable_endsIt() {
            world.node()
                    .encryptionKeys(KeyRing.fromBase64("2025-01", "A".repeat(43) + "="))
                    .build()
                    .operator(OLIVIA)
                    .importWithoutConfirmation(ALICE, List.of(REQUEST.existing(APP)));
            assertThatThrownBy(() -> twoFactor.status(ALICE))
                    .isInstanceOf(UnreadableRecordException.class)
                    .hasMessageContaining("2025-01");

            operator.resetWithoutProof(ALICE, "the key is lost");

            assertThat(twoFactor.status(ALICE).state()).isEqualTo(State.OFF);
            assertThat(twoFactor.beginEnrollment(ALICE, "alice")).isNotNull();
        }

        @Test
        @DisplayName("[72] A spoiled row is data, not an outage: it is ended by the reset")
        void reset_spoiledRow_endsIt() {
            world.importApp();
            world.rows.put(ALICE.value(), "this is no record");
            assertThatThrownBy(() -> twoFactor.signInRequirement(ALICE, FIREFOX))
                    .isInstanceOf(UnreadableRecordException.class);

            operator.resetWithoutProof(ALICE, "the row is spoiled");

            assertThat(world.lastEvent().type()).isEqualTo(Type.RESET);
            assertThat(world.lastEvent().position()).contains(new Position(version(), 1, 1));
            assertThat(twoFactor.status(ALICE).state()).isEqualTo(State.OFF);
        }

        @Test
        void reset_spoiledRowOfAWitnessedUser_goesAboveTheWitness() {
            world.importApp();
            long witnessed = witnessed(ALICE);
            world.rows.put(ALICE.value(), "this is no record");
            world.clock.advance(Duration.ofDays(-365));

            world.node()
                    .versionWitness(OperatorTest.this::witnessed)
                    .build()
                    .operator(OLIVIA)
                    .resetWithoutProof(ALICE, "the row is spoiled");

            assertThat(version()).isEqualTo(witnessed + 1);
        }
    }

    @Nested
    class AcceptRestoredRecord {
        private final TwoFactor witnessing =
                world.node().versionWitness(OperatorTest.this::witnessed).build();
        private final Owner owner = world.enroll();
        private final String backup = Objects.requireNonNull(world.rows.get(ALICE.value()));

        private VerificationResult verify(String typed) {
            return witnessing.verify(
                    ((SignInRequirement.CodeRequired) witnessing.signInRequirement(ALICE, Browser.none())).challenge(),
                    typed);
        }

        private void useThePhoneAndRestoreTheBackup() {
            world.prove(owner.phone());
            world.fail(owner.phone(), 3);
            world.rows.put(ALICE.value(), backup);
        }

        @Test
        void restored_notAccepted_letsNobodyIn() {
            useThePhoneAndRestoreTheBackup();

            assertThatThrownBy(() -> verify("123456")).isInstanceOf(MissingRecordException.class);
            assertThatThrownBy(() -> witnessing.status(ALICE)).isInstanceOf(MissingRecordException.class);
            assertThat(witnessing.isCurrent(ALICE, owner.proof().stamp())).isFalse();
        }

        @Test
        void accept_restored_countsAgainAboveTheWitness() {
            useThePhoneAndRestoreTheBackup();
            long witnessed = witnessed(ALICE);

            witnessing.operator(OLIVIA).acceptRestoredRecord(ALICE, "the database was restored");

            assertThat(version()).isEqualTo(witnessed + 1);
            assertThat(world.lastEvent().type()).isEqualTo(Type.RECORD_RESTORED);
            assertThat(world.lastEvent().detail(Detail.REASON)).contains("the database was restored");
            assertThat(witnessing.status(ALICE).state()).isEqualTo(State.ENABLED);
            world.clock.advance(STEP.multipliedBy(2));
            assertThat(verify(owner.phone().codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void accept_restored_theWindowCountsAsUsed() {
            useThePhoneAndRestoreTheBackup();
            String used = owner.phone().codeAt(world.now());
            String next = owner.phone().codeAt(world.now().plus(STEP));

            witnessing.operator(OLIVIA).acceptRestoredRecord(ALICE, "restored");

            assertThat(verify(used)).isEqualTo(new Rejected());
            assertThat(verify(next)).isEqualTo(new Rejected());
        }

        @Test
        void accept_restored_endsTrust() {
            String sealed = twoFactor.seal(owner.proof());
            useThePhoneAndRestoreTheBackup();

            witnessing.operator(OLIVIA).acceptRestoredRecord(ALICE, "restored");

            assertThat(twoFactor.isCurrent(ALICE, owner.proof().stamp())).isFalse();
            assertThat(twoFactor.status(ALICE).browsers()).isEmpty();
            assertThatThrownBy(() ->
                            twoFactor.disable(twoFactor.unseal(ALICE, sealed).orElseThrow()))
                    .isInstanceOf(StaleProofException.class);
        }

        @Test
        void accept_counterBased_movesNoCounter() {
            World other = new World();
            Phone token = other.importToken();

            other.twoFactor.operator(OLIVIA).acceptRestoredRecord(ALICE, "restored");

            assertThat(other.verify(token.code(0))).isInstanceOf(Verified.class);
        }

        @Test
        void accept_unreadable_isRefused() {
            world.rows.put(ALICE.value(), "this is no record");

            assertThatThrownBy(() -> operator.acceptRestoredRecord(ALICE, "restored"))
                    .isInstanceOf(UnreadableRecordException.class);
        }
    }

    @Nested
    class DeleteAccount {

        @Test
        void delete_enabled_leavesNothing() {
            world.enroll();

            operator.deleteAccount(ALICE);

            assertThat(world.rows).isEmpty();
            assertThat(world.lastEvent().type()).isEqualTo(Type.ACCOUNT_DELETED);
            assertThat(world.lastEvent().operator()).contains(OLIVIA);
            assertThat(world.lastEvent().position()).isEmpty();
        }

        @Test
        @DisplayName("Nobody can cause deletions but an operator: a listener that skips frequent events hears of them")
        void delete_anybody_isNoFrequentEvent() {
            operator.deleteAccount(ALICE);

            assertThat(world.lastEvent().isFrequent()).isFalse();
        }

        @Test
        void delete_unreadableOrAbsent_leavesNothing() {
            world.rows.put(ALICE.value(), "this is no record");

            operator.deleteAccount(ALICE);
            operator.deleteAccount(BOB);

            assertThat(world.rows).isEmpty();
        }

        @Test
        void delete_anybody_leavesTheOthers() {
            world.enroll(BOB);
            world.enroll(ALICE);

            operator.deleteAccount(ALICE);

            assertThat(world.rows).containsOnlyKeys(BOB.value());
        }

        @Test
        void delete_storeFailed_isNoEvent() {
            world.enroll();
            world.events.clear();
            world.store.failAfterWrite(new StoreException("connection lost"));

            assertThatThrownBy(() -> operator.deleteAccount(ALICE)).isInstanceOf(StoreException.class);

            assertThat(world.events).isEmpty();
        }
    }

    @Nested
    @DisplayName("[57] A deleted row, an evicting cache or an old backup does not switch it off quietly")
    class Witness {
        private final TwoFactor witnessing =
                world.node().versionWitness(OperatorTest.this::witnessed).build();
        private final Phone phone = world.importApp();
        private final Verified proof = world.prove(phone);

        @Test
        void anyCall_recordThere_isAsWithoutAWitness() {
            world.clock.advance(STEP);
            Challenge challenge =
                    ((SignInRequirement.CodeRequired) witnessing.signInRequirement(ALICE, FIREFOX)).challenge();

            assertThat(witnessing.verify(challenge, phone.codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void anyCall_userWithoutANumber_isAsWithoutAWitness() {
            assertThat(witnessing.signInRequirement(BOB, FIREFOX)).isInstanceOf(NoCodeRequired.class);
            assertThat(witnessing.status(BOB).state()).isEqualTo(State.OFF);
            assertThat(witnessing.beginEnrollment(BOB, "bob")).isNotNull();
        }

        @Test
        void reset_rowDeletedOrThere_works() {
            witnessing.operator(OLIVIA).resetWithoutProof(ALICE, "lost everything");
            world.rows.clear();
            assertThatThrownBy(() -> witnessing.status(ALICE)).isInstanceOf(MissingRecordException.class);

            witnessing.operator(OLIVIA).resetWithoutProof(ALICE, "again");

            assertThat(witnessing.status(ALICE).state()).isEqualTo(State.OFF);
        }

        @Test
        void disable_witnessed_needsNothingToBeCleared() {
            witnessing.disable(proof);

            assertThat(witnessing.status(ALICE).state()).isEqualTo(State.OFF);
            assertThat(witnessing.beginEnrollment(ALICE, "alice")).isNotNull();
        }

        @Test
        void operatorsCalls_rowDeleted_areRefusedUntilOneEndsIt() {
            world.rows.clear();
            Operator olivia = witnessing.operator(OLIVIA);

            assertThatThrownBy(() -> olivia.unlock(ALICE, "called")).isInstanceOf(MissingRecordException.class);
            assertThatThrownBy(() -> olivia.importWithoutConfirmation(ALICE, List.of(REQUEST.existing(APP))))
                    .isInstanceOf(MissingRecordException.class);
            olivia.resetWithoutProof(ALICE, "the row was deleted");
            assertThat(olivia.importWithoutConfirmation(ALICE, List.of(REQUEST.existing(APP))))
                    .hasSize(1);
            assertThat(witnessing.status(ALICE).state())
                    .as("the new row is above the witness")
                    .isEqualTo(State.ENABLED);
            assertThatCode(() -> olivia.deleteAccount(ALICE)).doesNotThrowAnyException();
        }

        @Test
        void unlock_rowPutBack_isRefusedHoweverOften() {
            String old = world.rows.get(ALICE.value());
            world.fail(phone, 1);
            world.rows.put(ALICE.value(), old);

            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> witnessing.operator(OLIVIA).unlock(ALICE, "called"))
                        .isInstanceOf(MissingRecordException.class);
            }
            assertThatThrownBy(() -> witnessing.status(ALICE)).isInstanceOf(MissingRecordException.class);
        }
    }

    @Nested
    class Names {

        @Test
        void everyEvent_ofAnOperatorsCall_namesTheOperator() {
            world.importApp();
            world.fail(Phone.ofSecret(Phone.RFC_SECRET), 5);
            operator.importWithoutConfirmation(BOB, List.of(REQUEST.existing(APP)));
            world.events.clear();
            operator.issueTemporaryCode(ALICE, Duration.ofHours(1), "asked");
            operator.unlock(ALICE, "asked");
            operator.acceptRestoredRecord(ALICE, "asked");
            operator.resetWithoutProof(ALICE, "asked");
            operator.importWithoutConfirmation(ALICE, List.of(REQUEST.existing(APP)));
            operator.deleteAccount(ALICE);

            assertThat(world.eventTypes())
                    .containsExactly(
                            Type.TEMPORARY_CODE_ISSUED,
                            Type.UNLOCKED,
                            Type.RECORD_RESTORED,
                            Type.RESET,
                            Type.AUTHENTICATOR_IMPORTED,
                            Type.ACCOUNT_DELETED);
            assertThat(world.events)
                    .allSatisfy(event -> assertThat(event.operator()).contains(OLIVIA));
        }

        @Test
        void everyEvent_ofAUsersCall_namesNobody() {
            Owner owner = world.enroll();
            world.prove(owner.phone());
            twoFactor.disable(owner.proof());

            assertThat(world.events)
                    .isNotEmpty()
                    .allSatisfy(event -> assertThat(event.operator()).isEmpty());
        }

        @ParameterizedTest
        @ValueSource(strings = {"", " ", "a\nb", "a\u0000b", "a\u0085b", "\ud800"})
        void operator_blankOrWithAControlCharacterOrLoneSurrogate_isRefused(String who) {
            assertThatIllegalArgumentException().isThrownBy(() -> twoFactor.operator(who));
        }

        @Test
        void operator_of128Bytes_isTakenAnd129AreRefused() {
            assertThat(twoFactor.operator("\u00e9".repeat(64))).isNotNull();

            assertThatIllegalArgumentException().isThrownBy(() -> twoFactor.operator("\u00e9".repeat(64) + "x"));
        }

        @ParameterizedTest
        @ValueSource(strings = {"", " ", "a\nb", "a\u0000b", "\ud800"})
        void reason_blankOrWithAControlCharacterOrLoneSurrogate_isRefused(String reason) {
            world.importApp();
            String before = world.rows.get(ALICE.value());

            assertRefused(reason);

            assertThat(world.rows).containsEntry(ALICE.value(), before);
        }

        @Test
        void reason_of256Bytes_isTakenAnd257AreRefused() {
            world.importApp();
            String longest = "\u00e9".repeat(128);
            operator.issueTemporaryCode(ALICE, Duration.ofHours(1), longest);
            operator.unlock(ALICE, longest);
            operator.acceptRestoredRecord(ALICE, longest);
            operator.resetWithoutProof(ALICE, longest);

            assertRefused(longest + "x");
        }

        private void assertRefused(String reason) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> operator.issueTemporaryCode(ALICE, Duration.ofHours(1), reason));
            assertThatIllegalArgumentException().isThrownBy(() -> operator.unlock(ALICE, reason));
            assertThatIllegalArgumentException().isThrownBy(() -> operator.acceptRestoredRecord(ALICE, reason));
            assertThatIllegalArgumentException().isThrownBy(() -> operator.resetWithoutProof(ALICE, reason));
        }
    }

    @Nested
    @DisplayName("[79] What is logged cannot forge a line of the log")
    class LogLines {
        private static final List<String> ENDS_OF_LINES =
                List.of("\n", "\r", "\r\n", "\u0085", "\u2028", "\u2029", "\u000b", "\f", "\u001b[2K");

        private List<Line> log(Runnable action) {
            List<Line> lines = RecordedLog.of(action);
            assertThat(lines).isNotEmpty();
            return lines;
        }

        private void assertOneLineEach(List<Line> lines) {
            assertThat(lines).allSatisfy(line -> assertThat(line.text()).matches("[ -~]+"));
        }

        @Test
        void log_ofAUserIdWithLineBreaks_isOneLineEach() {
            for (String end : ENDS_OF_LINES) {
                UserId forger = UserId.of("42" + end + "INFO RESET of user 43");

                List<Line> lines = log(() -> {
                    PendingEnrollment pending = twoFactor.beginEnrollment(forger, "alice");
                    twoFactor.confirmEnrollment(
                            pending.handle(), Phone.scan(pending).codeAt(world.now()));
                    operator.resetWithoutProof(forger, "asked");
                });

                assertOneLineEach(lines);
                assertThat(lines)
                        .filteredOn(line -> line.text().startsWith("INFO"))
                        .isEmpty();
            }
        }

        @Test
        void log_ofLabelsReasonsAndNames_isOneLineEach() {
            List<String> forgeries = new ArrayList<>();
            for (String end : ENDS_OF_LINES) {
                forgeries.add("phone" + end + "INFO RESET");
            }

            assertOneLineEach(log(() -> {
                for (String forgery : forgeries) {
                    UserId user = UserId.of(Integer.toString(forgeries.indexOf(forgery)));
                    EnrollmentRequest request = EnrollmentRequest.of(forgery).browser(Browser.ofToken(null, forgery));
                    boolean control = forgery.chars().anyMatch(Character::isISOControl);
                    PendingEnrollment pending =
                            twoFactor.beginEnrollment(user, control ? request : request.label(forgery));
                    twoFactor.confirmEnrollment(
                            pending.handle(), Phone.scan(pending).codeAt(world.now()));
                    if (!control) {
                        twoFactor.operator(forgery).resetWithoutProof(user, forgery);
                    }
                }
            }));
        }
    }
}
