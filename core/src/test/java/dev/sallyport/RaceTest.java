// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.EnrollmentResult.BeginAgain;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.SharedSecret;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Races that do take place: all calls have read the same record before one of them writes. */
class RaceTest {
    private static final TwoFactorPolicy POLICY =
            TwoFactorPolicy.builder().backupCodes(3).build();

    /** It has the form of a backup code, and is none that anybody has drawn. */
    private static final String WRONG_BACKUP_CODE = "0000-0000-0000-0000-0000-0000";

    private final World world = new World(POLICY);

    /** Two nodes, whose first calls all read before one of them writes. */
    private List<TwoFactor> nodes(int calls) {
        RendezvousStore store = new RendezvousStore(world.store, calls);
        return List.of(
                world.node().policy(POLICY).store(store).build(),
                world.node().policy(POLICY).store(store).build());
    }

    /** One code of a stranger from many threads, on both nodes in turn. */
    private List<VerificationResult> verifyAtOnce(int threads, String typed) throws Exception {
        Challenge challenge = challenge();
        List<TwoFactor> nodes = nodes(threads);
        return Parallel.inThreads(threads, i -> nodes.get(i % 2).verify(challenge, typed));
    }

    private Challenge challenge() {
        return world.challenge(ALICE, Browser.none());
    }

    private static Object orException(Function<TwoFactor, Object> call, TwoFactor node) {
        try {
            return call.apply(node);
        } catch (IllegalStateException e) {
            return e;
        }
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

    private int failuresOfStrangers() {
        return account().limits().strangers().failures();
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
            assertThat(failuresOfStrangers()).isZero();
        }

        @Test
        void verify_oneCodeFromManyThreadsOfOneUnknownBrowser_notesItOnce() throws Exception {
            Challenge challenge = world.challenge(ALICE, World.FIREFOX);
            List<TwoFactor> nodes = nodes(8);

            List<VerificationResult> results =
                    Parallel.inThreads(8, i -> nodes.get(i % 2).verify(challenge, phone.codeAt(world.now())));

            assertThat(count(Verified.class, results)).isEqualTo(1);
            assertThat(world.twoFactor.status(ALICE).browsers()).hasSize(1);
            assertThat(events(Type.BROWSER_NOTED)).isEqualTo(1);
        }

        @Test
        @DisplayName("Of many guesses at once as many are answered and counted as are left (ASP.NET CVE-2023-33170)")
        void verify_64WrongCodesAfterThree_answersTwo() throws Exception {
            world.fail(phone, 3);

            List<VerificationResult> results = verifyAtOnce(64, phone.wrongAt(world.now()));

            assertThat(count(Rejected.class, results)).isEqualTo(2);
            assertThat(count(LockedOut.class, results)).isEqualTo(62);
            assertThat(failuresOfStrangers()).isEqualTo(5);
            assertThat(events(Type.CODE_REJECTED)).isEqualTo(5);
            assertThat(events(Type.ATTEMPT_REFUSED)).isEqualTo(62);
            assertThat(events(Type.LOCKED_OUT)).isEqualTo(1);
        }

        @Test
        void verify_theRightCodeAmongWrongOnes_isAcceptedOnceOrLockedOut() throws Exception {
            Challenge challenge = challenge();
            List<TwoFactor> nodes = nodes(32);
            String right = phone.codeAt(world.now());
            String wrong = phone.wrongAt(world.now());

            List<VerificationResult> results =
                    Parallel.inThreads(32, i -> nodes.get(i % 2).verify(challenge, i % 4 == 0 ? right : wrong));

            assertThat(count(Verified.class, results)).isLessThanOrEqualTo(1);
            // Four before the right code, which clears the count, and five after it.
            assertThat(events(Type.CODE_REJECTED) - repeated()).isLessThanOrEqualTo(9);
            assertThat(failuresOfStrangers()).isEqualTo(5);
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
            Challenge challenge = challenge();
            List<TwoFactor> nodes = nodes(32);
            List<String> codes =
                    List.of(phone.codeAt(world.now()), phone.codeAt(world.now().plus(STEP)));

            List<VerificationResult> results =
                    Parallel.inThreads(32, i -> nodes.get(i % 2).verify(challenge, codes.get(i / 2 % 2)));

            assertThat(count(Verified.class, results)).isBetween(1L, 2L);
            assertThat(account().authenticators().get(0).seed().watermark()).isEqualTo(phone.step(world.now()) + 1);
            world.twoFactor.operator("support").unlock(ALICE, "so that the codes are compared");
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

            assertThat(failuresOfStrangers()).isEqualTo(1);
        }
    }

    @Nested
    class KnownDoor {
        private final Owner owner = world.enroll();

        @Test
        void verify_manyWrongCodesAtBothDoorsAndInStepUps_answersFiveAtEach() throws Exception {
            Challenge stranger = challenge();
            Challenge known = world.challenge(ALICE, owner.browser());
            String wrong = owner.phone().wrongAt(world.now());
            List<TwoFactor> nodes = nodes(24);

            List<VerificationResult> results = Parallel.inThreads(24, i -> switch (i % 3) {
                case 0 -> nodes.get(i % 2).verify(stranger, wrong);
                case 1 -> nodes.get(i % 2).verify(known, wrong);
                default -> nodes.get(i % 2).stepUp(ALICE, owner.proof().stamp(), wrong);
            });

            assertThat(count(Rejected.class, results)).isEqualTo(15);
            assertThat(count(LockedOut.class, results)).isEqualTo(9);
            assertThat(failuresOfStrangers()).isEqualTo(5);
            assertThat(account().limits().stepUp().failures()).isEqualTo(5);
            assertThat(account().browsers())
                    .singleElement()
                    .satisfies(browser -> assertThat(browser.row().failures()).isEqualTo(5));
            assertThat(account().limits().knownFailures()).isEqualTo(10);
        }

        @Test
        void verify_rightCodeIsSlowerThanTheTenthWrongOneOfItsBrowser_signsNobodyIn() {
            world.fail(owner.browser(), owner.phone(), 9);
            lockoutEnds();
            Challenge challenge = world.challenge(ALICE, owner.browser());
            world.store.beforeNextWrite(() -> world.fail(owner.browser(), owner.phone(), 1));

            assertThat(world.twoFactor.verify(challenge, owner.phone().codeAt(world.now())))
                    .isEqualTo(new SignInAgain());
            assertThat(world.twoFactor.status(ALICE).browsers()).isEmpty();
        }

        @Test
        void stepUp_rightCodeIsSlowerThanTheTenthWrongOneOfASession_isRefused() {
            TrustStamp stamp = owner.proof().stamp();
            String wrong = owner.phone().wrongAt(world.now());
            for (int i = 0; i < 9; i++) {
                VerificationResult result = world.twoFactor.stepUp(ALICE, stamp, wrong);
                if (result instanceof LockedOut locked) {
                    world.clock.set(locked.until().orElseThrow());
                    result = world.twoFactor.stepUp(ALICE, stamp, wrong);
                }
                assertThat(result).isEqualTo(new Rejected());
            }
            world.clock.advance(TwoFactorPolicy.LONGEST_LOCKOUT);
            String last = owner.phone().wrongAt(world.now());
            world.store.beforeNextWrite(() -> world.twoFactor.stepUp(ALICE, stamp, last));

            assertThat(world.twoFactor.stepUp(ALICE, stamp, owner.phone().codeAt(world.now())))
                    .isEqualTo(new SignInAgain());
            assertThat(world.twoFactor.isCurrent(ALICE, stamp)).isFalse();
        }

        private void lockoutEnds() {
            world.clock.advance(TwoFactorPolicy.LONGEST_LOCKOUT);
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
            // Trust has ended with its use, and with it the half-finished sign-in that all of them belong to.
            assertThat(count(SignInAgain.class, results)).isEqualTo(31);
            assertThat(events(Type.BACKUP_CODE_USED)).isEqualTo(1);
            assertThat(world.twoFactor.status(ALICE).backupCodesLeft()).isEqualTo(2);
            assertThat(world.verify(owner.backupCodes().get(0))).isEqualTo(new Rejected());
        }

        @Test
        void verify_allBackupCodesAtOnce_usesUpOneOfThem() throws Exception {
            Challenge challenge = challenge();
            List<TwoFactor> nodes = nodes(3);

            List<VerificationResult> results = Parallel.inThreads(
                    3,
                    i -> nodes.get(i % 2).verify(challenge, owner.backupCodes().get(i)));

            assertThat(count(Verified.class, results)).isEqualTo(1);
            assertThat(count(SignInAgain.class, results)).isEqualTo(2);
            for (int i = 0; i < 3; i++) {
                assertThat(world.verify(owner.backupCodes().get(i)))
                        .isInstanceOf(results.get(i) instanceof Verified ? Rejected.class : Verified.class);
            }
        }

        @Test
        void verify_manyWrongBackupCodesAtOnce_locksNobodyOutAndWritesNothing() throws Exception {
            world.store.forgetCounts();

            List<VerificationResult> results = verifyAtOnce(16, WRONG_BACKUP_CODE);

            assertThat(count(Rejected.class, results)).isEqualTo(16);
            assertThat(world.store.writes()).isZero();
            assertThat(world.verify(owner.backupCodes().get(0))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_oldBackupCodeIsSlowerThanARegeneration_signsNobodyIn() {
            String old = owner.backupCodes().get(0);
            world.store.beforeNextWrite(() -> world.twoFactor.regenerateBackupCodes(owner.proof()));

            assertThat(world.verify(old)).isEqualTo(new SignInAgain());
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
        void regenerate_amidOldBackupCodes_oneOfThemCounts() throws Exception {
            Challenge challenge = challenge();
            List<TwoFactor> nodes = nodes(7);

            List<Object> results = Parallel.inThreads(
                    7,
                    i -> i == 0
                            ? orException(node -> node.regenerateBackupCodes(owner.proof()), nodes.get(0))
                            : nodes.get(i % 2)
                                    .verify(challenge, owner.backupCodes().get(i % 3)));

            // Whichever came first: new codes end the sign-ins, and a used code makes the proof stale.
            boolean regenerated = results.get(0) instanceof Regenerated;
            assertThat(count(Verified.class, results)).isEqualTo(regenerated ? 0 : 1);
            assertThat(count(SignInAgain.class, results)).isEqualTo(regenerated ? 6 : 5);
            assertThat(owner.backupCodes())
                    .filteredOn(old -> world.verify(old) instanceof Verified)
                    .hasSize(regenerated ? 0 : 2);
        }

        @Test
        void regenerate_twiceAtOnceWithOneProof_makesOneSetAndRefusesTheOther() throws Exception {
            List<TwoFactor> nodes = nodes(2);

            List<Object> results = Parallel.inThreads(
                    2, i -> orException(node -> node.regenerateBackupCodes(owner.proof()), nodes.get(i)));

            assertThat(count(StaleProofException.class, results)).isEqualTo(1);
            assertThat(results)
                    .filteredOn(Regenerated.class::isInstance)
                    .singleElement()
                    .extracting(one -> ((Regenerated) one).codes().asList().get(0))
                    .satisfies(code -> assertThat(world.verify(code)).isInstanceOf(Verified.class));
        }
    }

    @Nested
    class VerifyTemporaryCode {

        @Test
        void verify_oneTemporaryCodeFromManyThreads_acceptsItOnce() throws Exception {
            world.enroll();
            String code = world.twoFactor
                    .operator("support")
                    .issueTemporaryCode(ALICE, Duration.ofHours(1), "phone in repair")
                    .value();

            List<VerificationResult> results = verifyAtOnce(16, code);

            assertThat(count(Verified.class, results)).isEqualTo(1);
            assertThat(count(SignInAgain.class, results)).isEqualTo(15);
            assertThat(world.verify(code)).isEqualTo(new Rejected());
        }
    }

    @Nested
    class Enroll {

        @Test
        void begin_manyAtOnce_leavesOneHandleAlive() throws Exception {
            List<TwoFactor> nodes = nodes(8);

            List<PendingEnrollment> begun =
                    Parallel.inThreads(8, i -> nodes.get(i % 2).beginEnrollment(ALICE, "alice"));

            assertThat(begun)
                    .filteredOn(pending ->
                            world.twoFactor.pendingEnrollment(pending.handle()).isPresent())
                    .singleElement()
                    .satisfies(pending -> assertThat(world.twoFactor.confirmEnrollment(
                                    pending.handle(), Phone.scan(pending).codeAt(world.now())))
                            .isInstanceOf(Enrolled.class));
            assertThat(events(Type.ENROLLMENT_STARTED)).isEqualTo(8);
        }

        @Test
        void confirm_manyAtOnce_showsTheBackupCodesThatAreKept() throws Exception {
            PendingEnrollment pending = world.twoFactor.beginEnrollment(ALICE, "alice");
            String code = Phone.scan(pending).codeAt(world.now());
            List<TwoFactor> nodes = nodes(8);

            List<EnrollmentResult> results =
                    Parallel.inThreads(8, i -> nodes.get(i % 2).confirmEnrollment(pending.handle(), code));

            assertThat(count(BeginAgain.class, results)).isEqualTo(7);
            Enrolled enrolled = results.stream()
                    .filter(Enrolled.class::isInstance)
                    .map(Enrolled.class::cast)
                    .findFirst()
                    .orElseThrow();
            String backupCode = enrolled.backupCodes().orElseThrow().asList().get(0);
            assertThat(world.twoFactor.isCurrent(ALICE, enrolled.proof().stamp()))
                    .isTrue();
            assertThat(world.verify(backupCode)).isInstanceOf(Verified.class);
        }

        @Test
        void confirm_manyWrongCodesAtOnce_answersTen() throws Exception {
            PendingEnrollment pending = world.twoFactor.beginEnrollment(ALICE, "alice");
            String wrong = Phone.scan(pending).wrongAt(world.now());
            List<TwoFactor> nodes = nodes(14);

            List<EnrollmentResult> results =
                    Parallel.inThreads(14, i -> nodes.get(i % 2).confirmEnrollment(pending.handle(), wrong));

            assertThat(count(Rejected.class, results)).isEqualTo(10);
            assertThat(count(BeginAgain.class, results)).isEqualTo(4);
        }

        @Test
        void confirm_slowerThanAnotherBegin_beginsAgain() {
            PendingEnrollment first = world.twoFactor.beginEnrollment(ALICE, "alice");
            world.store.beforeNextWrite(() -> world.twoFactor.beginEnrollment(ALICE, "alice"));

            assertThat(world.twoFactor.confirmEnrollment(
                            first.handle(), Phone.scan(first).codeAt(world.now())))
                    .isEqualTo(new BeginAgain());
            assertThat(world.twoFactor.status(ALICE).state()).isEqualTo(TwoFactorStatus.State.PENDING);
        }

        @Test
        void confirm_slowerThanTheEndOfTrust_beginsAgain() {
            PendingEnrollment pending = world.twoFactor.beginEnrollment(ALICE, "alice");
            world.store.beforeNextWrite(() -> world.twoFactor.endTrust(ALICE));

            assertThat(world.twoFactor.confirmEnrollment(
                            pending.handle(), Phone.scan(pending).codeAt(world.now())))
                    .isEqualTo(new BeginAgain());
            assertThat(world.twoFactor.status(ALICE).state()).isEqualTo(TwoFactorStatus.State.OFF);
        }

        @Test
        void begin_slowerThanAConfirmation_isRefused() {
            PendingEnrollment first = world.twoFactor.beginEnrollment(ALICE, "alice");
            String code = Phone.scan(first).codeAt(world.now());
            world.store.beforeNextWrite(() -> world.twoFactor.confirmEnrollment(first.handle(), code));

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
        void verify_slowerThanADisable_signsNobodyIn() {
            world.store.beforeNextWrite(() -> world.twoFactor.disable(owner.proof()));

            assertThat(world.verify(owner.phone().codeAt(world.now()))).isEqualTo(new SignInAgain());
        }

        @Test
        void verify_slowerThanTheEndOfTrust_signsNobodyIn() {
            world.store.beforeNextWrite(() -> world.twoFactor.endTrust(ALICE));

            assertThat(world.verify(owner.browser(), owner.phone().codeAt(world.now())))
                    .isEqualTo(new SignInAgain());
        }

        @Test
        void verify_slowerThanItsBrowserIsForgotten_signsNobodyIn() {
            BrowserId id = owner.proof().stamp().browser().orElseThrow();
            world.store.beforeNextWrite(() -> world.twoFactor.forgetBrowser(ALICE, id));

            assertThat(world.verify(owner.browser(), owner.phone().codeAt(world.now())))
                    .isEqualTo(new SignInAgain());
        }

        @Test
        void verify_slowerThanTheDeletionOfTheAccount_signsNobodyIn() {
            world.store.beforeNextWrite(
                    () -> world.twoFactor.operator("support").deleteAccount(ALICE));

            assertThat(world.verify(owner.phone().codeAt(world.now()))).isEqualTo(new SignInAgain());
            assertThat(world.rows).isEmpty();
        }

        @Test
        void verify_backupCodeSlowerThanANewEnrollment_signsNobodyIn() {
            world.store.beforeNextWrite(this::enrollAgain);

            assertThat(world.verify(owner.backupCodes().get(0))).isEqualTo(new SignInAgain());
            assertThat(world.verify(owner.backupCodes().get(0))).isEqualTo(new Rejected());
            assertThat(world.twoFactor.status(ALICE).backupCodesLeft()).isEqualTo(3);
        }

        @Test
        void everythingWithAProof_slowerThanANewEnrollment_isRefused() {
            AuthenticatorId old = owner.authenticator();
            List<Runnable> calls = List.of(
                    () -> world.twoFactor.rememberBrowser(owner.proof()),
                    () -> world.twoFactor.regenerateBackupCodes(owner.proof()),
                    () -> world.twoFactor.addAuthenticator(owner.proof(), EnrollmentRequest.of("alice")),
                    () -> world.twoFactor.removeAuthenticator(owner.proof(), old),
                    () -> world.twoFactor.endTrust(owner.proof()),
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

            assertThatThrownBy(() -> world.twoFactor.rememberBrowser(owner.proof()))
                    .isInstanceOf(StaleProofException.class);
            assertThat(world.twoFactor.status(ALICE).browsers())
                    .extracting(TwoFactorStatus.Browser::rememberedUntil)
                    .allSatisfy(until -> assertThat(until).isEmpty());
        }

        @RepeatedTest(5)
        void verify_whileSwitchedOffAndOnAgain_isNeverVerifiedAfterTheResetReturned() throws Exception {
            Instant now = world.now();
            List<String> old = List.of(
                    owner.phone().codeAt(now),
                    owner.phone().codeAt(now.plus(STEP)),
                    owner.backupCodes().get(0),
                    owner.backupCodes().get(1));
            List<Challenge> challenges = List.of(challenge(), world.challenge(ALICE, owner.browser()));
            AtomicBoolean reset = new AtomicBoolean();
            List<String> tooLate = Collections.synchronizedList(new ArrayList<>());
            List<TwoFactor> nodes = nodes(9);

            Parallel.inThreads(9, i -> {
                if (i == 0) {
                    switchOffAndOn(nodes.get(0), reset);
                    return true;
                }
                for (int n = 0; n < old.size(); n++) {
                    String code = old.get((i + n) % old.size());
                    boolean late = reset.get();
                    if (nodes.get(i % 2).verify(challenges.get(i / 2 % 2), code) instanceof Verified && late) {
                        tooLate.add(code);
                    }
                }
                return true;
            });

            assertThat(tooLate).isEmpty();
            assertThat(reset).isTrue();
            world.clock.advance(STEP);
            assertThat(old).allSatisfy(code -> assertThat(world.verify(code)).isNotInstanceOf(Verified.class));
        }

        /** A used backup code makes the proof stale, so the operator does it. */
        private void switchOffAndOn(TwoFactor node, AtomicBoolean reset) {
            node.operator("support").resetWithoutProof(ALICE, "a new phone");
            reset.set(true);
            PendingEnrollment pending = node.beginEnrollment(ALICE, "alice");
            assertThat(node.confirmEnrollment(
                            pending.handle(), Phone.scan(pending).codeAt(world.now())))
                    .isInstanceOf(Enrolled.class);
        }
    }

    @Nested
    class KnownBrowsers {
        private final Owner owner = world.enroll();
        private final List<Verified> proofs = new ArrayList<>();

        private void noteBrowsers(int number) {
            for (int i = 0; i < number; i++) {
                Browser app = Browser.ofToken(null, "Phone " + i);
                proofs.add(World.proof(world.verify(app, owner.phone().codeAt(world.now()))));
                world.clock.advance(STEP);
            }
        }

        @Test
        void rememberBrowser_manyAtOnce_remembersAll() throws Exception {
            noteBrowsers(8);
            List<TwoFactor> nodes = nodes(8);

            Parallel.inThreads(8, i -> {
                nodes.get(i % 2).rememberBrowser(proofs.get(i));
                return true;
            });

            assertThat(proofs).allSatisfy(proof -> {
                Browser app = Browser.ofToken(proof.browserToken().orElseThrow().value(), "Phone");
                assertThat(world.twoFactor.signInRequirement(ALICE, app))
                        .isEqualTo(
                                new NoCodeRequired(proof.stamp(), proof.stamp().browser()));
            });
        }

        @Test
        void forgetBrowser_allAtOnce_forgetsEach() throws Exception {
            noteBrowsers(7);
            proofs.add(owner.proof());
            List<TwoFactor> nodes = nodes(8);

            Parallel.inThreads(8, i -> {
                nodes.get(i % 2)
                        .forgetBrowser(ALICE, proofs.get(i).stamp().browser().orElseThrow());
                return true;
            });

            assertThat(world.twoFactor.status(ALICE).browsers()).isEmpty();
            assertThat(events(Type.BROWSER_FORGOTTEN)).isEqualTo(8);
        }
    }

    @Nested
    class Operate {

        @Test
        void reset_manyAtOnce_isAnEventEach() throws Exception {
            world.enroll();
            List<TwoFactor> nodes = nodes(8);

            Parallel.inThreads(8, i -> {
                nodes.get(i % 2).operator("support").resetWithoutProof(ALICE, "lost everything");
                return true;
            });

            assertThat(events(Type.RESET)).isEqualTo(8);
            assertThat(world.twoFactor.status(ALICE).state()).isEqualTo(TwoFactorStatus.State.OFF);
            assertThat(account().authenticators()).isEmpty();
        }

        @Test
        void import_manyAtOnce_oneIsLive() throws Exception {
            List<TwoFactor> nodes = nodes(8);

            List<Object> results = Parallel.inThreads(8, i -> orException(this::importApp, nodes.get(i % 2)));

            assertThat(count(List.class, results)).isEqualTo(1);
            assertThat(count(AlreadyEnabledException.class, results)).isEqualTo(7);
            assertThat(world.twoFactor.status(ALICE).authenticators())
                    .singleElement()
                    .satisfies(one -> assertThat(results).contains(List.of(one.id())));
        }

        private List<AuthenticatorId> importApp(TwoFactor node) {
            ExistingAuthenticator existing = ExistingAuthenticator.totp(SharedSecret.generate(), POLICY.totp());
            return node.operator("migration")
                    .importWithoutConfirmation(
                            ALICE, List.of(EnrollmentRequest.of("alice").existing(existing)));
        }

        @Test
        void issueTemporaryCode_manyAtOnce_leavesOneGood() throws Exception {
            world.enroll();
            List<TwoFactor> nodes = nodes(4);

            List<TemporaryCode> codes = Parallel.inThreads(
                    4,
                    i -> nodes.get(i % 2)
                            .operator("support")
                            .issueTemporaryCode(ALICE, Duration.ofHours(1), "phone in repair"));

            assertThat(codes)
                    .filteredOn(code -> world.verify(code.value()) instanceof Verified)
                    .hasSize(1);
        }
    }
}
