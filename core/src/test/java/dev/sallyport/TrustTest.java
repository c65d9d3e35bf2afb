// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.TrustTest.Held.A_IS_KNOWN;
import static dev.sallyport.TrustTest.Held.A_IS_REMEMBERED;
import static dev.sallyport.TrustTest.Held.B_IS_KNOWN;
import static dev.sallyport.TrustTest.Held.B_IS_REMEMBERED;
import static dev.sallyport.TrustTest.Held.CHALLENGE_OF_A;
import static dev.sallyport.TrustTest.Held.CHALLENGE_OF_B;
import static dev.sallyport.TrustTest.Held.PENDING_OF_A;
import static dev.sallyport.TrustTest.Held.PROOF_OF_A;
import static dev.sallyport.TrustTest.Held.PROOF_OF_B;
import static dev.sallyport.TrustTest.Held.STAMP_OF_A;
import static dev.sallyport.TrustTest.Held.STAMP_OF_B;
import static dev.sallyport.TrustTest.Held.TEMPORARY_CODE;
import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.FIREFOX;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.Account.Act;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.NotVerifiedException;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.KeyUri;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which acts end what: for each act, what of a full account still holds afterwards. */
class TrustTest {

    /** What rests on trust. A and B are two known and remembered browsers; the rest names no browser. */
    enum Held {
        STAMP,
        STAMP_OF_A,
        STAMP_OF_B,
        PROOF,
        PROOF_OF_A,
        PROOF_OF_B,
        CHALLENGE,
        CHALLENGE_OF_A,
        CHALLENGE_OF_B,
        PENDING_OF_A,
        TEMPORARY_CODE,
        A_IS_KNOWN,
        B_IS_KNOWN,
        A_IS_REMEMBERED,
        B_IS_REMEMBERED
    }

    private static final Set<Held> ALL = EnumSet.allOf(Held.class);
    private static final Set<Held> NOTHING = EnumSet.noneOf(Held.class);
    /** Both browsers need a code again. */
    private static final Set<Held> KNOWN_BROWSERS = EnumSet.of(A_IS_KNOWN, B_IS_KNOWN);

    private static final Set<Held> BROWSERS = EnumSet.of(A_IS_KNOWN, B_IS_KNOWN, A_IS_REMEMBERED, B_IS_REMEMBERED);
    private static final Set<Held> ALL_BUT_A =
            without(STAMP_OF_A, PROOF_OF_A, CHALLENGE_OF_A, PENDING_OF_A, A_IS_KNOWN, A_IS_REMEMBERED);
    private static final Set<Held> ALL_BUT_B =
            without(STAMP_OF_B, PROOF_OF_B, CHALLENGE_OF_B, B_IS_KNOWN, B_IS_REMEMBERED);

    private static Set<Held> without(Held... ended) {
        Set<Held> left = EnumSet.allOf(Held.class);
        left.removeAll(List.of(ended));
        return left;
    }

    /** An account with everything that an act can end. Ten failures in a row are possible without waiting. */
    private static final class Everything {
        private final World world =
                new World(TwoFactorPolicy.builder().failuresBeforeLockout(10).build());
        private final TwoFactor twoFactor = world.twoFactor;
        private final Operator operator = twoFactor.operator("support");
        private final Owner owner = world.enroll();
        private final Phone phone = owner.phone();
        private final Verified proof = nextProof(Browser.none());
        private final Verified proofOfA = owner.proof();
        private final Verified proofOfB = nextProof(FIREFOX);
        private final Browser a = owner.browser();
        private final Browser b = World.browserWith(proofOfB.browserToken().orElseThrow());
        private final Challenge challenge = world.challenge(ALICE, Browser.none());
        private final Challenge challengeOfA = world.challenge(ALICE, a);
        private final Challenge challengeOfB = world.challenge(ALICE, b);
        private final PendingEnrollment pendingOfA =
                twoFactor.addAuthenticator(proofOfA, EnrollmentRequest.of("alice"));
        private final TemporaryCode temporaryCode =
                operator.issueTemporaryCode(ALICE, Duration.ofHours(1), "phone in repair");

        Everything() {
            twoFactor.rememberBrowser(proofOfA);
            twoFactor.rememberBrowser(proofOfB);
        }

        private Verified nextProof(Browser browser) {
            Verified next = World.proof(world.verify(browser, phone.codeAt(world.now())));
            world.clock.advance(STEP);
            return next;
        }

        private String right() {
            return phone.codeAt(world.now());
        }

        private String wrong() {
            return phone.wrongAt(world.now());
        }

        private BrowserId idOf(Verified verified) {
            return verified.stamp().browser().orElseThrow();
        }

        /** What still holds. Nothing is changed by looking, but the temporary code is used at last. */
        Set<Held> held() {
            Set<Held> held = EnumSet.noneOf(Held.class);
            addIf(held, twoFactor.isCurrent(ALICE, proof.stamp()), Held.STAMP);
            addIf(held, twoFactor.isCurrent(ALICE, proofOfA.stamp()), STAMP_OF_A);
            addIf(held, twoFactor.isCurrent(ALICE, proofOfB.stamp()), STAMP_OF_B);
            addIf(held, counts(proof), Held.PROOF);
            addIf(held, counts(proofOfA), PROOF_OF_A);
            addIf(held, counts(proofOfB), PROOF_OF_B);
            addIf(held, opens(challenge), Held.CHALLENGE);
            addIf(held, opens(challengeOfA), CHALLENGE_OF_A);
            addIf(held, opens(challengeOfB), CHALLENGE_OF_B);
            addIf(held, twoFactor.pendingEnrollment(pendingOfA.handle()).isPresent(), PENDING_OF_A);
            addIf(held, isKnown(proofOfA), A_IS_KNOWN);
            addIf(held, isKnown(proofOfB), B_IS_KNOWN);
            addIf(held, needsNoCode(a, proofOfA), A_IS_REMEMBERED);
            addIf(held, needsNoCode(b, proofOfB), B_IS_REMEMBERED);
            addIf(held, isGood(temporaryCode), TEMPORARY_CODE);
            return held;
        }

        private static void addIf(Set<Held> held, boolean holds, Held what) {
            if (holds) {
                held.add(what);
            }
        }

        /** Whether misuse is what is found: a stale proof is found first. */
        private boolean counts(Verified verified) {
            try {
                twoFactor.removeAuthenticator(verified, AuthenticatorId.of("0123456789abcdef"));
                throw new AssertionError("there is no authenticator with that id");
            } catch (IllegalArgumentException fresh) {
                return true;
            } catch (StaleProofException stale) {
                return false;
            }
        }

        private boolean opens(Challenge half) {
            VerificationResult result = twoFactor.verify(half, "0000-0000-0000-0000-0000-0000");
            assertThat(result).isIn(new Rejected(), new SignInAgain());
            return result.equals(new Rejected());
        }

        private boolean isKnown(Verified verified) {
            return twoFactor.status(ALICE).browsers().stream()
                    .anyMatch(browser -> browser.id().equals(idOf(verified)));
        }

        private boolean needsNoCode(Browser browser, Verified verified) {
            return twoFactor.signInRequirement(ALICE, browser) instanceof NoCodeRequired free
                    && free.browser().equals(Optional.of(idOf(verified)));
        }

        private boolean isGood(TemporaryCode code) {
            SignInRequirement requirement = twoFactor.signInRequirement(ALICE, Browser.none());
            return requirement instanceof SignInRequirement.CodeRequired half
                    && twoFactor.verify(half.challenge(), code.value()) instanceof Verified;
        }
    }

    /** What somebody does. The stamp is the one that the session that did it rests on from now on. */
    private interface Doing {
        @Nullable
        TrustStamp to(Everything on);
    }

    private record Row(String name, @Nullable Act act, Doing doing, Set<Held> stillHeld) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** An act that draws a new epoch. */
    private static Row ends(String name, Act act, Set<Held> stillHeld, Doing doing) {
        return new Row(name, act, doing, stillHeld);
    }

    /** An act that leaves the epoch alone. */
    private static Row leaves(String name, Set<Held> stillHeld, Doing doing) {
        return new Row(name, null, doing, stillHeld);
    }

    static Stream<Row> rows() {
        return Stream.concat(newEpochs(), sameEpoch());
    }

    private static Stream<Row> newEpochs() {
        return Stream.of(
                ends("endTrust(user)", Act.END_TRUST, NOTHING, on -> on.twoFactor.endTrust(ALICE)),
                ends(
                        "endTrust(user, stamp)",
                        Act.END_TRUST,
                        NOTHING,
                        on -> on.twoFactor.endTrust(ALICE, on.proofOfA.stamp()).orElseThrow()),
                ends(
                        "endTrust(proof)",
                        Act.END_TRUST,
                        NOTHING,
                        on -> on.twoFactor.endTrust(on.proofOfA).stamp()),
                ends("removeAuthenticator", Act.REMOVE_AUTHENTICATOR, KNOWN_BROWSERS, on -> {
                    Verified second = on.world.enrollAnother(on.proofOfB).proof();
                    return on.twoFactor
                            .removeAuthenticator(second, on.owner.authenticator())
                            .stamp();
                }),
                ends(
                        "regenerateBackupCodes",
                        Act.REGENERATE_BACKUP_CODES,
                        KNOWN_BROWSERS,
                        on -> on.twoFactor
                                .regenerateBackupCodes(on.proofOfA)
                                .proof()
                                .stamp()),
                ends(
                        "a used backup code",
                        Act.USE_BACKUP_OR_TEMPORARY_CODE,
                        KNOWN_BROWSERS,
                        on -> World.proof(on.twoFactor.verify(
                                        on.challengeOfA, on.owner.backupCodes().get(0)))
                                .stamp()),
                ends(
                        "a used temporary code",
                        Act.USE_BACKUP_OR_TEMPORARY_CODE,
                        KNOWN_BROWSERS,
                        on -> World.proof(on.twoFactor.verify(on.challenge, on.temporaryCode.value()))
                                .stamp()),
                ends(
                        "a backup code used in a session",
                        Act.USE_BACKUP_OR_TEMPORARY_CODE,
                        KNOWN_BROWSERS,
                        on -> World.proof(on.twoFactor.stepUp(
                                        ALICE,
                                        on.proofOfB.stamp(),
                                        on.owner.backupCodes().get(0)))
                                .stamp()),
                ends("the tenth failure of step-ups", Act.STEP_UP_FAILED_TEN_TIMES, BROWSERS, on -> {
                    for (int i = 0; i < 10; i++) {
                        assertThat(on.twoFactor.stepUp(ALICE, on.proofOfA.stamp(), on.wrong()))
                                .isEqualTo(new Rejected());
                    }
                    return null;
                }),
                ends("disable", Act.EMPTY, NOTHING, on -> on.twoFactor.disable(on.proofOfA)),
                ends("resetWithoutProof", Act.EMPTY, NOTHING, on -> {
                    on.operator.resetWithoutProof(ALICE, "lost everything");
                    return null;
                }),
                ends("disable, and enable again", Act.ENABLE, NOTHING, on -> {
                    on.twoFactor.disable(on.proofOfA);
                    return on.world.enroll().proof().stamp();
                }),
                ends("disable, and import", Act.IMPORT, NOTHING, on -> {
                    on.twoFactor.disable(on.proofOfA);
                    on.world.importApp();
                    return null;
                }),
                ends("acceptRestoredRecord", Act.ACCEPT_RESTORED_RECORD, NOTHING, on -> {
                    on.operator.acceptRestoredRecord(ALICE, "restored from Tuesday's backup");
                    return null;
                }),
                ends("deleteAccount", Act.EMPTY, NOTHING, on -> {
                    on.operator.deleteAccount(ALICE);
                    return null;
                }));
    }

    private static Stream<Row> sameEpoch() {
        return Stream.of(
                leaves("nothing at all", ALL, on -> null),
                leaves(
                        "a sign-in",
                        ALL,
                        on -> World.proof(on.world.verify(on.right())).stamp()),
                leaves(
                        "a sign-in in a known browser",
                        ALL,
                        on -> World.proof(on.twoFactor.verify(on.challengeOfA, on.right()))
                                .stamp()),
                leaves(
                        "a sign-in in a new browser",
                        ALL,
                        on -> World.proof(on.world.verify(FIREFOX, on.right())).stamp()),
                leaves(
                        "a step-up",
                        ALL,
                        on -> World.proof(on.twoFactor.stepUp(ALICE, on.proofOfA.stamp(), on.right()))
                                .stamp()),
                leaves("failures of strangers", ALL, on -> {
                    on.world.fail(on.phone, 30);
                    on.world.clock.set(on.proofOfA.at().plus(Duration.ofMinutes(5)));
                    return null;
                }),
                leaves("nine failures of step-ups", ALL, on -> {
                    for (int i = 0; i < 9; i++) {
                        on.twoFactor.stepUp(ALICE, on.proofOfA.stamp(), on.wrong());
                    }
                    return null;
                }),
                leaves("nine failures of A", ALL, on -> failInA(on, 9)),
                leaves("the tenth failure of A", ALL_BUT_A, on -> failInA(on, 10)),
                leaves("forgetBrowser(A)", ALL_BUT_A, on -> {
                    on.twoFactor.forgetBrowser(ALICE, on.idOf(on.proofOfA));
                    return null;
                }),
                leaves("forgetBrowser(B)", ALL_BUT_B, on -> {
                    on.twoFactor.forgetBrowser(ALICE, on.idOf(on.proofOfB));
                    return null;
                }),
                leaves("forgetBrowser of a browser that nobody knows", ALL, on -> {
                    on.twoFactor.forgetBrowser(ALICE, BrowserId.of("0123456789abcdef"));
                    return null;
                }),
                leaves("a wrong backup code", ALL, on -> {
                    on.world.verify("0000-0000-0000-0000-0000-0000");
                    return null;
                }),
                leaves("confirming another authenticator", without(PENDING_OF_A), on -> {
                    Phone another = Phone.scan(on.pendingOfA);
                    EnrollmentResult result =
                            on.twoFactor.confirmEnrollment(on.pendingOfA.handle(), another.codeAt(on.world.now()));
                    assertThat(result).isInstanceOf(Enrolled.class);
                    return ((Enrolled) result).proof().stamp();
                }),
                leaves("beginning another enrollment", without(PENDING_OF_A), on -> {
                    on.twoFactor.addAuthenticator(on.proofOfB, EnrollmentRequest.of("alice"));
                    return null;
                }),
                leaves("issuing another temporary code", without(TEMPORARY_CODE), on -> {
                    on.operator.issueTemporaryCode(ALICE, Duration.ofHours(1), "phone still in repair");
                    return null;
                }),
                leaves("unlock", ALL, on -> {
                    on.operator.unlock(ALICE, "called the help desk");
                    return null;
                }),
                leaves("status, seal and unseal", ALL, on -> {
                    on.twoFactor.status(ALICE);
                    return on.twoFactor
                            .unseal(ALICE, on.twoFactor.seal(on.proofOfA))
                            .orElseThrow()
                            .stamp();
                }));
    }

    private static @Nullable TrustStamp failInA(Everything on, int times) {
        for (int i = 0; i < times; i++) {
            assertThat(on.twoFactor.verify(on.challengeOfA, on.wrong())).isEqualTo(new Rejected());
        }
        return null;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void act_onAFullAccount_endsWhatItsRowSaysAndNothingElse(Row row) {
        Everything on = new Everything();

        TrustStamp own = row.doing().to(on);

        assertThat(own == null || on.twoFactor.isCurrent(ALICE, own))
                .as("the stamp of the session that did it")
                .isTrue();
        assertThat(on.held()).isEqualTo(row.stillHeld());
    }

    @Test
    void rows_ofTheTable_coverEveryAct() {
        assertThat(newEpochs().map(Row::act)).contains(Act.values());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void act_onAFullAccount_changesTheEpochOnlyWhereItsRowSaysSo(Row row) {
        Everything on = new Everything();
        long before = epoch(on);

        row.doing().to(on);

        boolean gone = on.world.rows.isEmpty();
        assertThat(gone || epoch(on) != before).isEqualTo(row.act() != null);
    }

    private static long epoch(Everything on) {
        return Unsealed.account(on.world.keys, on.world.store, ALICE).header().epoch();
    }

    @Nested
    class Stamps {

        @Test
        void endTrustAndDisable_stampsAndProofs_nameNoBrowser() {
            Everything on = new Everything();
            assertThat(on.proofOfA.stamp().browser()).isPresent();

            Verified goesOn = on.twoFactor.endTrust(on.proofOfA);

            assertThat(goesOn.stamp().browser()).isEmpty();
            assertThat(on.twoFactor.endTrust(ALICE).browser()).isEmpty();
            Verified last = World.proof(on.world.verify(on.owner.backupCodes().get(0)));
            assertThat(on.twoFactor.disable(last).browser()).isEmpty();
        }

        @Test
        void endTrust_withAProof_returnsOneThatIsNoYounger() {
            Everything on = new Everything();

            Verified goesOn = on.twoFactor.endTrust(on.proofOfA);

            assertThat(goesOn.at()).isEqualTo(on.proofOfA.at());
            assertThat(goesOn.method()).isEqualTo(on.proofOfA.method());
            assertThat(goesOn.browserToken()).isEmpty();
            on.world.clock.set(on.proofOfA.at().plus(Duration.ofMinutes(5)).plusMillis(1));
            assertThatThrownBy(() -> on.twoFactor.disable(goesOn)).isInstanceOf(StaleProofException.class);
        }

        @Test
        void removeAndRegenerate_stampsOfTheReturnedProofs_nameTheSameBrowser() {
            Everything on = new Everything();

            Verified goesOn = on.twoFactor.regenerateBackupCodes(on.proofOfA).proof();

            assertThat(goesOn.stamp().browser()).isEqualTo(on.proofOfA.stamp().browser());
        }

        @Test
        void enabling_aPendingEnrollmentOfBefore_isOver() {
            World world = new World();
            PendingEnrollment first = world.twoFactor.beginEnrollment(ALICE, "alice");
            PendingEnrollment second = world.twoFactor.beginEnrollment(ALICE, "alice");
            Phone phone = Phone.scan(second);

            assertThat(world.twoFactor.pendingEnrollment(first.handle())).isEmpty();
            assertThat(world.twoFactor.confirmEnrollment(second.handle(), phone.codeAt(world.now())))
                    .isInstanceOf(Enrolled.class);
            assertThat(world.twoFactor.pendingEnrollment(second.handle())).isEmpty();
        }

        @Test
        void importing_ofAnAccountThatEndedTrust_endsItsStamps() {
            World world = new World();
            TrustStamp before = world.twoFactor.endTrust(ALICE);
            world.importAll(ExistingAuthenticator.of(
                    KeyUri.parse("otpauth://hotp/alice?counter=0&secret=" + Phone.RFC_SECRET)));

            assertThat(world.twoFactor.isCurrent(ALICE, before)).isFalse();
        }
    }

    @Nested
    class OrElseThrow {

        @Test
        void orElseThrow_aProof_isThatProof() {
            Verified proof = new World().enroll().proof();

            assertThat(proof.orElseThrow()).isSameAs(proof);
        }

        @Test
        void orElseThrow_anythingElse_throwsWithTheResult() {
            List<VerificationResult> others = new ArrayList<>(List.of(
                    new Rejected(), new Malformed(), new SignInAgain(), new LockedOut(Optional.of(World.START))));
            others.add(new LockedOut(Optional.empty()));

            assertThat(others)
                    .allSatisfy(other -> assertThatExceptionOfType(NotVerifiedException.class)
                            .isThrownBy(other::orElseThrow)
                            .satisfies(thrown -> assertThat(thrown.result()).isSameAs(other)));
        }
    }
}
