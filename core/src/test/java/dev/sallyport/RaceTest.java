// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.NotEnrolled;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.SharedSecret;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Races that do take place: all calls have read the same record before one of them writes. */
class RaceTest {
    private static final TwoFactorPolicy POLICY =
            TwoFactorPolicy.builder().backupCodes(3).build();

    private final World world = new World(POLICY);

    /** Two nodes, whose first calls all read before one of them writes. */
    private List<TwoFactor> nodes(int calls) {
        RendezvousStore store = new RendezvousStore(world.store, calls);
        return List.of(
                world.node().policy(POLICY).store(store).build(),
                world.node().policy(POLICY).store(store).build());
    }

    /** One code from many threads, on both nodes in turn. */
    private List<VerificationResult> verifyAtOnce(int threads, String typed) throws Exception {
        List<TwoFactor> nodes = nodes(threads);
        return Parallel.inThreads(threads, i -> nodes.get(i % 2).verify(ALICE, typed));
    }

    private static long count(Class<?> kind, List<?> results) {
        return results.stream().filter(kind::isInstance).count();
    }

    private long events(Type type) {
        return world.eventTypes().stream().filter(type::equals).count();
    }

    private Account account() {
        return Unsealed.account(world.keys, world.store, ALICE);
    }

    private int failedAttempts() {
        return account().limits().codeFailures();
    }

    @Nested
    class VerifyOneTimeCode {
        private final Phone phone = world.importApp();

        @Test
        void verify_oneCodeFromManyThreads_isAcceptedOnceAndNoFailureIsCounted() throws Exception {
            List<VerificationResult> results = verifyAtOnce(32, phone.codeAt(world.now()));

            assertThat(count(Verified.class, results)).isEqualTo(1);
            assertThat(count(Rejected.class, results)).isEqualTo(31);
            assertThat(events(Type.CODE_ACCEPTED)).isEqualTo(1);
            assertThat(failedAttempts()).isZero();
        }

        @Test
        @DisplayName("Of many guesses at once as many are answered and counted as are left (ASP.NET CVE-2023-33170)")
        void verify_64WrongCodesAfterThree_answersTwo() throws Exception {
            world.fail(phone, 3);

            List<VerificationResult> results = verifyAtOnce(64, phone.wrongAt(world.now()));

            assertThat(count(Rejected.class, results)).isEqualTo(2);
            assertThat(count(LockedOut.class, results)).isEqualTo(62);
            assertThat(failedAttempts()).isEqualTo(5);
            assertThat(events(Type.CODE_REJECTED)).isEqualTo(5);
            assertThat(events(Type.ATTEMPT_REFUSED)).isEqualTo(62);
            assertThat(events(Type.LOCKED_OUT)).isEqualTo(1);
        }

        @Test
        void verify_theRightCodeAmongWrongOnes_isAcceptedOnceOrLockedOut() throws Exception {
            List<TwoFactor> nodes = nodes(32);
            String right = phone.codeAt(world.now());
            String wrong = phone.wrongAt(world.now());

            List<VerificationResult> results =
                    Parallel.inThreads(32, i -> nodes.get(i % 2).verify(ALICE, i % 4 == 0 ? right : wrong));

            assertThat(count(Verified.class, results)).isLessThanOrEqualTo(1);
            // Four before the right code, which clears the count, and five after it.
            assertThat(events(Type.CODE_REJECTED) - repeated()).isLessThanOrEqualTo(9);
            assertThat(failedAttempts()).isEqualTo(5);
        }

        private long repeated() {
            return world.events.stream()
                    .filter(event -> event.rejection()
                            .filter(TwoFactorEvent.Rejection.REPLAYED::equals)
                            .isPresent())
                    .count();
        }

        @RepeatedTest(5)
        @DisplayName("logto #9109, better-auth #10423: the slower of two writers lowered the watermark")
        void verify_twoStepsAtOnce_endsAtTheLaterStep() throws Exception {
            List<TwoFactor> nodes = nodes(32);
            List<String> codes =
                    List.of(phone.codeAt(world.now()), phone.codeAt(world.now().plus(STEP)));

            List<VerificationResult> results =
                    Parallel.inThreads(32, i -> nodes.get(i % 2).verify(ALICE, codes.get(i / 2 % 2)));

            assertThat(count(Verified.class, results)).isBetween(1L, 2L);
            assertThat(account().authenticators().get(0).seed().watermark()).isEqualTo(phone.step(world.now()) + 1);
            world.twoFactor.unlock(ALICE, "so that the codes are looked at");
            assertThat(codes).allSatisfy(code -> assertThat(world.verify(code)).isEqualTo(new Rejected()));
        }

        @Test
        void verify_writerWithTheLaterStepIsSlower_isAcceptedAsWell() {
            String earlier = phone.codeAt(world.now());
            String later = phone.codeAt(world.now().plus(STEP));
            List<VerificationResult> faster = new ArrayList<>();
            world.store.beforeNextWrite(() -> faster.add(world.verify(earlier)));

            VerificationResult slower = world.verify(later);

            assertThat(faster).singleElement().isInstanceOf(Verified.class);
            assertThat(slower).isInstanceOf(Verified.class);
            assertThat(world.verify(earlier)).isEqualTo(new Rejected());
            assertThat(world.verify(later)).isEqualTo(new Rejected());
        }

        @Test
        @DisplayName(
                "A failure that loses the race to a success is counted after it, not forgotten with what was before")
        void verify_wrongCodeIsSlowerThanARightOne_countsAfterIt() {
            world.fail(phone, 3);
            world.store.beforeNextWrite(() -> world.prove(phone));

            assertThat(world.verify(phone.wrongAt(world.now()))).isEqualTo(new Rejected());

            assertThat(failedAttempts()).isEqualTo(1);
        }
    }

    @Nested
    class VerifyBackupCode {
        private final Owner owner = world.enroll();

        @Test
        @DisplayName("Filament CVE-2026-48505, appwrite #11692: one backup code, many requests, many sessions")
        void verify_oneBackupCodeFromManyThreads_acceptsItOnce() throws Exception {
            List<VerificationResult> results =
                    verifyAtOnce(32, owner.backupCodes().get(0));

            assertThat(count(Verified.class, results)).isEqualTo(1);
            // A spent code is a failure like any other.
            assertThat(count(Rejected.class, results)).isEqualTo(5);
            assertThat(count(LockedOut.class, results)).isEqualTo(26);
            assertThat(events(Type.BACKUP_CODE_USED)).isEqualTo(1);
            assertThat(world.twoFactor.status(ALICE).backupCodesLeft()).isEqualTo(2);
        }

        @Test
        void verify_allBackupCodesAtOnce_acceptsEach() throws Exception {
            List<TwoFactor> nodes = nodes(3);

            List<VerificationResult> results = Parallel.inThreads(
                    3, i -> nodes.get(i % 2).verify(ALICE, owner.backupCodes().get(i)));

            assertThat(count(Verified.class, results)).isEqualTo(3);
            assertThat(results)
                    .extracting(result -> World.proof(result).backupCodesLeft())
                    .containsExactlyInAnyOrder(2, 1, 0);
        }

        @Test
        void verify_manyWrongBackupCodesAtOnce_answersFiveAndCountsFive() throws Exception {
            List<VerificationResult> results = verifyAtOnce(16, "0000-0000-0000-0000");

            assertThat(count(Rejected.class, results)).isEqualTo(5);
            assertThat(count(LockedOut.class, results)).isEqualTo(11);
            assertThat(account().limits().backupFailures()).isEqualTo(5);
        }

        @Test
        void verify_oldBackupCodeIsSlowerThanARegeneration_isRejected() {
            String old = owner.backupCodes().get(0);
            world.store.beforeNextWrite(() -> world.twoFactor.regenerateBackupCodes(owner.proof()));

            assertThat(world.verify(old)).isEqualTo(new Rejected());
            assertThat(world.twoFactor.status(ALICE).backupCodesLeft()).isEqualTo(3);
        }

        @Test
        void regenerate_slowerThanAUsedBackupCode_isRefused() {
            String old = owner.backupCodes().get(0);
            world.store.beforeNextWrite(() -> World.proof(world.verify(old)));

            assertThatThrownBy(() -> world.twoFactor.regenerateBackupCodes(owner.proof()))
                    .isInstanceOf(StaleProofException.class);

            assertThat(world.verify(old)).isEqualTo(new Rejected());
            assertThat(world.twoFactor.status(ALICE).backupCodesLeft()).isEqualTo(2);
        }

        @RepeatedTest(5)
        void regenerate_amidOldBackupCodes_leavesNoneOfThemGood() throws Exception {
            List<TwoFactor> nodes = nodes(7);

            List<Object> results = Parallel.inThreads(
                    7,
                    i -> i == 0
                            ? regenerate(nodes.get(0))
                            : nodes.get(i % 2).verify(ALICE, owner.backupCodes().get(i % 3)));

            // Whichever came first: new codes make the old ones useless, and a used code makes the proof stale.
            boolean regenerated = results.get(0) instanceof BackupCodes;
            assertThat(count(Verified.class, results)).isEqualTo(regenerated ? 0 : 3);
            for (String old : owner.backupCodes()) {
                world.clock.advance(Duration.ofSeconds(5));
                assertThat(world.verify(old)).isEqualTo(new Rejected());
            }
        }

        private Object regenerate(TwoFactor node) {
            try {
                return node.regenerateBackupCodes(owner.proof());
            } catch (StaleProofException e) {
                return e;
            }
        }

        @Test
        void regenerate_twiceAtOnce_oneSetIsGood() throws Exception {
            List<TwoFactor> nodes = nodes(2);

            List<BackupCodes> sets = Parallel.inThreads(2, i -> nodes.get(i).regenerateBackupCodes(owner.proof()));

            List<VerificationResult> results = new ArrayList<>();
            for (BackupCodes codes : sets) {
                results.add(world.verify(codes.asList().get(0)));
            }
            assertThat(count(Verified.class, results)).isEqualTo(1);
        }
    }

    @Nested
    class Enroll {

        @Test
        void begin_manyAtOnce_leavesOneOfThemPending() throws Exception {
            List<TwoFactor> nodes = nodes(8);

            List<PendingEnrollment> begun =
                    Parallel.inThreads(8, i -> nodes.get(i % 2).beginEnrollment(ALICE, "alice"));

            PendingEnrollment pending = world.twoFactor.pendingEnrollment(ALICE).orElseThrow();
            assertThat(begun).extracting(PendingEnrollment::keyUri).containsOnlyOnce(pending.keyUri());
            assertThat(events(Type.ENROLLMENT_STARTED)).isEqualTo(8);
        }

        @Test
        void confirm_manyAtOnce_showsTheBackupCodesThatAreKept() throws Exception {
            Phone phone = Phone.scan(world.twoFactor.beginEnrollment(ALICE, "alice"));
            List<TwoFactor> nodes = nodes(8);

            List<EnrollmentResult> results =
                    Parallel.inThreads(8, i -> nodes.get(i % 2).confirmEnrollment(ALICE, phone.codeAt(world.now())));

            Enrolled enrolled = results.stream()
                    .filter(Enrolled.class::isInstance)
                    .map(Enrolled.class::cast)
                    .findFirst()
                    .orElseThrow();
            String backupCode = enrolled.backupCodes().orElseThrow().asList().get(0);
            assertThat(world.verify(backupCode)).isInstanceOf(Verified.class);
        }

        @Test
        void confirm_slowerThanAnotherBegin_isRejected() {
            Phone first = Phone.scan(world.twoFactor.beginEnrollment(ALICE, "alice"));
            world.store.beforeNextWrite(() -> world.twoFactor.beginEnrollment(ALICE, "alice"));

            assertThat(world.twoFactor.confirmEnrollment(ALICE, first.codeAt(world.now())))
                    .isEqualTo(new EnrollmentResult.Rejected());
            assertThat(world.twoFactor.status(ALICE).state()).isEqualTo(TwoFactorStatus.State.PENDING);
        }

        @Test
        void begin_slowerThanAConfirmation_isRefused() {
            Phone first = Phone.scan(world.twoFactor.beginEnrollment(ALICE, "alice"));
            world.store.beforeNextWrite(() -> world.twoFactor.confirmEnrollment(ALICE, first.codeAt(world.now())));

            assertThatThrownBy(() -> world.twoFactor.beginEnrollment(ALICE, "alice"))
                    .isInstanceOf(AlreadyEnabledException.class);
        }
    }

    @Nested
    @DisplayName("Pad #914: switched off and on again between the check of a code and its use")
    class DisableAndEnrollAgain {
        private final Owner owner = world.enroll();

        private Owner enrollAgain() {
            world.twoFactor.disable(owner.proof());
            return world.enroll();
        }

        @Test
        void verify_slowerThanADisable_isNotEnrolled() {
            world.store.beforeNextWrite(() -> world.twoFactor.disable(owner.proof()));

            assertThat(world.verify(owner.phone().codeAt(world.now()))).isEqualTo(new NotEnrolled());
        }

        @Test
        void verify_backupCodeSlowerThanANewEnrollment_isRejected() {
            world.store.beforeNextWrite(this::enrollAgain);

            assertThat(world.verify(owner.backupCodes().get(0))).isEqualTo(new Rejected());
            assertThat(world.twoFactor.status(ALICE).backupCodesLeft()).isEqualTo(3);
        }

        @Test
        void everythingWithAProof_slowerThanANewEnrollment_isRefused() {
            AuthenticatorId old = owner.authenticator();
            List<Runnable> calls = List.of(
                    () -> world.twoFactor.rememberBrowser(owner.proof(), "Firefox"),
                    () -> world.twoFactor.regenerateBackupCodes(owner.proof()),
                    () -> world.twoFactor.beginEnrollment(owner.proof(), EnrollmentRequest.of("alice")),
                    () -> world.twoFactor.removeAuthenticator(owner.proof(), old),
                    () -> world.twoFactor.disable(owner.proof()));
            enrollAgain();

            assertThat(calls).allSatisfy(call -> assertThatThrownBy(call::run).isInstanceOf(StaleProofException.class));
            assertThat(world.twoFactor.status(ALICE).authenticators())
                    .singleElement()
                    .extracting(TwoFactorStatus.Authenticator::id)
                    .isNotEqualTo(old);
        }

        @Test
        void rememberBrowser_slowerThanANewEnrollment_isRefused() {
            world.store.beforeNextWrite(this::enrollAgain);

            assertThatThrownBy(() -> world.twoFactor.rememberBrowser(owner.proof(), "Firefox"))
                    .isInstanceOf(StaleProofException.class);
            assertThat(world.twoFactor.status(ALICE).browsers()).isEmpty();
        }

        @RepeatedTest(5)
        void verify_whileSwitchedOffAndOnAgain_isNeverVerifiedAfterDisableReturned() throws Exception {
            Instant now = world.now();
            List<String> old = List.of(
                    owner.phone().codeAt(now),
                    owner.phone().codeAt(now.plus(STEP)),
                    owner.backupCodes().get(0),
                    owner.backupCodes().get(1));
            AtomicBoolean disabled = new AtomicBoolean();
            List<String> tooLate = Collections.synchronizedList(new ArrayList<>());
            List<TwoFactor> nodes = nodes(9);

            Parallel.inThreads(9, i -> {
                if (i == 0) {
                    switchOffAndOn(nodes.get(0), disabled);
                    return true;
                }
                for (int n = 0; n < old.size(); n++) {
                    String code = old.get((i + n) % old.size());
                    boolean late = disabled.get();
                    if (nodes.get(i % 2).verify(ALICE, code) instanceof Verified && late) {
                        tooLate.add(code);
                    }
                }
                return true;
            });

            assertThat(tooLate).isEmpty();
            assertThat(disabled).isTrue();
            world.clock.advance(Duration.ofSeconds(30));
            assertThat(old).allSatisfy(code -> assertThat(world.verify(code)).isNotInstanceOf(Verified.class));
        }

        /** A used backup code makes the proof stale, so the operator does it. */
        private void switchOffAndOn(TwoFactor node, AtomicBoolean disabled) {
            node.resetWithoutProof(ALICE, "a new phone");
            disabled.set(true);
            Phone phone = Phone.scan(node.beginEnrollment(ALICE, "alice"));
            assertThat(node.confirmEnrollment(ALICE, phone.codeAt(world.now()))).isInstanceOf(Enrolled.class);
        }
    }

    @Nested
    class RememberBrowser {
        private final Owner owner = world.enroll();

        @Test
        void rememberBrowser_twentyAtOnceWithOneProof_remembersAll() throws Exception {
            List<TwoFactor> nodes = nodes(20);

            List<BrowserToken> tokens =
                    Parallel.inThreads(20, i -> nodes.get(i % 2).rememberBrowser(owner.proof(), "Browser " + i));

            assertThat(tokens).extracting(BrowserToken::value).doesNotHaveDuplicates();
            assertThat(tokens)
                    .allSatisfy(token -> assertThat(world.twoFactor.signInRequirement(ALICE, token.value()))
                            .isEqualTo(new SignInRequirement.RememberedBrowser(token.browser())));
        }

        @Test
        void forgetBrowser_allAtOnce_forgetsEach() throws Exception {
            List<BrowserId> ids = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                ids.add(world.twoFactor
                        .rememberBrowser(owner.proof(), "Browser " + i)
                        .browser());
            }
            List<TwoFactor> nodes = nodes(8);

            Parallel.inThreads(8, i -> {
                nodes.get(i % 2).forgetBrowser(ALICE, ids.get(i));
                return true;
            });

            assertThat(world.twoFactor.status(ALICE).browsers()).isEmpty();
            assertThat(events(Type.BROWSERS_FORGOTTEN)).isEqualTo(8);
        }
    }

    @Nested
    class Operate {

        @Test
        void reset_manyAtOnce_isAnEventEach() throws Exception {
            world.enroll();
            List<TwoFactor> nodes = nodes(8);

            Parallel.inThreads(8, i -> {
                nodes.get(i % 2).resetWithoutProof(ALICE, "lost everything");
                return true;
            });

            assertThat(events(Type.RESET)).isEqualTo(8);
            assertThat(world.rows).isEmpty();
        }

        @Test
        void import_manyAtOnce_oneIsLive() throws Exception {
            List<TwoFactor> nodes = nodes(8);

            List<Object> results = Parallel.inThreads(8, i -> importApp(nodes.get(i % 2)));

            assertThat(count(AuthenticatorId.class, results)).isEqualTo(1);
            assertThat(count(AlreadyEnabledException.class, results)).isEqualTo(7);
            assertThat(world.twoFactor.status(ALICE).authenticators())
                    .singleElement()
                    .satisfies(one -> assertThat(results).contains(one.id()));
        }

        private Object importApp(TwoFactor node) {
            AuthenticatorSeed seed = AuthenticatorSeed.totp(SharedSecret.generate(), POLICY.totp());
            try {
                return node.importWithoutConfirmation(
                        ALICE, EnrollmentRequest.of("alice").seed(seed));
            } catch (AlreadyEnabledException e) {
                return e;
            }
        }
    }
}
