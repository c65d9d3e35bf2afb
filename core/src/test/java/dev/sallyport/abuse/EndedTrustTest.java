// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.abuse;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.FIREFOX;
import static dev.sallyport.World.STEP;
import static dev.sallyport.abuse.Results.assertAccepted;
import static dev.sallyport.abuse.Results.assertRejected;
import static dev.sallyport.abuse.Results.assertSignInAgain;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.Challenge;
import dev.sallyport.EnrollmentHandle;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.EnrollmentResult.BeginAgain;
import dev.sallyport.KeyRing;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.Phone;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.StaleProofException;
import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World;
import dev.sallyport.World.Owner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Cases 61, 69 to 71, 74, 82, 88, 91 and 94: what was begun or got before trust ended still opens something. */
class EndedTrustTest {
    private static final EnrollmentRequest REQUEST = EnrollmentRequest.of("alice@acme.example");
    private static final String NEW_KEY = "A".repeat(43) + "=";

    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;
    private final Owner owner = world.enroll();

    /** What the owner does who suspects something. Each ends all trust of before. */
    @SuppressWarnings("ImmutableEnumChecker") // its calls hold nothing
    enum Defense {
        PASSWORD_CHANGE((world, owner) -> world.twoFactor.endTrust(ALICE)),
        SIGN_OUT_EVERYWHERE_WITH_A_PROOF((world, owner) -> world.twoFactor.endTrust(world.prove(owner.phone()))),
        BACKUP_CODE_USED((world, owner) ->
                assertAccepted(world.verify(owner.backupCodes().get(0)))),
        TEMPORARY_CODE_USED((world, owner) -> assertAccepted(world.verify(world.twoFactor
                .operator("support")
                .issueTemporaryCode(ALICE, Duration.ofHours(1), "called")
                .value()))),
        NEW_BACKUP_CODES((world, owner) -> world.twoFactor.regenerateBackupCodes(world.prove(owner.phone()))),
        AUTHENTICATOR_REMOVED((world, owner) -> {
            Owner added = world.enrollAnother(world.prove(owner.phone()));
            world.twoFactor.removeAuthenticator(added.proof(), added.authenticator());
        }),
        DISABLED((world, owner) -> world.twoFactor.disable(world.prove(owner.phone()))),
        RESET((world, owner) -> world.twoFactor.operator("support").resetWithoutProof(ALICE, "called")),
        RESTORED((world, owner) -> world.twoFactor.operator("support").acceptRestoredRecord(ALICE, "restored")),
        ACCOUNT_DELETED((world, owner) -> world.twoFactor.operator("support").deleteAccount(ALICE));

        private final BiConsumer<World, Owner> call;

        Defense(BiConsumer<World, Owner> call) {
            this.call = call;
        }
    }

    private void assertStale(Verified proof) {
        assertThatThrownBy(() -> twoFactor.disable(proof)).isInstanceOf(StaleProofException.class);
        assertThatThrownBy(() -> twoFactor.rememberBrowser(proof)).isInstanceOf(StaleProofException.class);
        assertThatThrownBy(() -> twoFactor.addAuthenticator(proof, REQUEST)).isInstanceOf(StaleProofException.class);
        assertThatThrownBy(() -> twoFactor.regenerateBackupCodes(proof)).isInstanceOf(StaleProofException.class);
        assertThatThrownBy(() -> twoFactor.endTrust(proof)).isInstanceOf(StaleProofException.class);
    }

    @Test
    @DisplayName(
            "[61] Found by attacking our own design: a phished code made a proof, then the victim changes the password")
    void proof_ofAPhishedCode_diesWithThePasswordChange() {
        Verified phished = World.proof(world.verify(FIREFOX, owner.phone().codeAt(world.now())));
        String sealed = twoFactor.seal(phished);

        twoFactor.endTrust(ALICE);

        assertStale(phished);
        assertStale(twoFactor.unseal(ALICE, sealed).orElseThrow());
    }

    @Test
    @DisplayName(
            "[61] Found by attacking our own design: the same, and a second authenticator was begun with the proof")
    void enrollment_begunWithAPhishedProof_diesWithThePasswordChange() {
        PendingEnrollment pending = twoFactor.addAuthenticator(world.prove(owner.phone()), REQUEST);
        Phone attackers = Phone.scan(pending);

        twoFactor.endTrust(ALICE);

        assertThat(twoFactor.confirmEnrollment(pending.handle(), attackers.codeAt(world.now())))
                .isEqualTo(new BeginAgain());
        assertThat(twoFactor.pendingEnrollment(pending.handle())).isEmpty();
        assertThat(twoFactor.status(ALICE).authenticators()).hasSize(1);
        world.clock.advance(STEP);
        assertRejected(world.verify(attackers.codeAt(world.now())));
        assertAccepted(world.verify(owner.phone().codeAt(world.now())));
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("[69] A thief's signed-in session: its stamp is stale after whatever the owner does against it")
    void isCurrent_thiefsStampAfterADefense_isFalse(Defense defense) {
        TrustStamp stolen = TrustStamp.of(owner.proof().stamp().value());
        TrustStamp withoutABrowser = world.prove(owner.phone()).stamp();
        assertThat(withoutABrowser.browser()).isEmpty();
        world.clock.advance(STEP);
        assertThat(twoFactor.isCurrent(ALICE, stolen)).isTrue();
        assertThat(twoFactor.isCurrent(ALICE, withoutABrowser)).isTrue();

        defense.call.accept(world, owner);

        assertThat(twoFactor.isCurrent(ALICE, stolen)).isFalse();
        assertThat(twoFactor.isCurrent(ALICE, withoutABrowser)).isFalse();
        assertSignInAgain(twoFactor.stepUp(ALICE, stolen, owner.phone().codeAt(world.now())));
    }

    @Test
    @DisplayName("[69] A thief's signed-in session: it ends with its browser, and the owner's other sessions go on")
    void isCurrent_thiefsStampAfterItsBrowserIsForgotten_isFalse() {
        Verified elsewhere = World.proof(world.verify(FIREFOX, owner.phone().codeAt(world.now())));

        twoFactor.forgetBrowser(ALICE, owner.proof().stamp().browser().orElseThrow());

        assertThat(twoFactor.isCurrent(ALICE, owner.proof().stamp())).isFalse();
        assertStale(owner.proof());
        assertThat(twoFactor.isCurrent(ALICE, elsewhere.stamp())).isTrue();
    }

    @Test
    @DisplayName("[70] The owner and a thief with a copy of the session end all others at once: one of them goes on")
    void endTrust_askedByCopiesOfOneSessionAtOnce_oneGoesOn() throws Exception {
        TrustStamp copied = owner.proof().stamp();

        List<TrustStamp> gotOne = ParallelRequests.send(world, 16, (node, i) -> node.endTrust(ALICE, copied)).stream()
                .flatMap(Optional::stream)
                .toList();

        assertThat(gotOne)
                .singleElement()
                .satisfies(
                        stamp -> assertThat(twoFactor.isCurrent(ALICE, stamp)).isTrue());
    }

    @Test
    void endTrust_askedByASessionThatHasEnded_changesNothing() {
        TrustStamp before = owner.proof().stamp();
        TrustStamp owners = twoFactor.endTrust(ALICE);

        assertThat(twoFactor.endTrust(ALICE, before)).isEmpty();
        assertThat(twoFactor.endTrust(ALICE, TrustStamp.of("forged"))).isEmpty();
        assertThat(twoFactor.endTrust(BOB, owners)).isEmpty();
        assertThat(twoFactor.isCurrent(ALICE, owners)).isTrue();
    }

    @Test
    @DisplayName("[70] \"Forget all\" against a thief who keeps changing the session's id: no session has to be found")
    void endTrust_copiesOfAStampInManySessions_areAllStale() {
        String stolen = owner.proof().stamp().value();
        String withoutABrowser = world.prove(owner.phone()).stamp().value();
        List<String> sessions = new ArrayList<>(List.of(stolen, withoutABrowser));
        for (int i = 0; i < 20; i++) {
            sessions.add(TrustStamp.of(sessions.get(i)).value());
        }

        TrustStamp owners = twoFactor.endTrust(ALICE);

        TwoFactor otherNode = world.node().build();
        assertThat(sessions)
                .noneMatch(stamp -> twoFactor.isCurrent(ALICE, TrustStamp.of(stamp)))
                .noneMatch(stamp -> otherNode.isCurrent(ALICE, TrustStamp.of(stamp)));
        assertThat(otherNode.isCurrent(ALICE, owners)).isTrue();
    }

    @Test
    @DisplayName("[70] \"Forget all\" against a thief whose code is being checked: the code comes too late")
    void verify_trustEndedBetweenReadAndWrite_isNotAccepted() {
        Challenge thiefs = world.challenge(ALICE, FIREFOX);
        String phished = owner.phone().codeAt(world.now());
        world.store.beforeNextWrite(() -> twoFactor.endTrust(ALICE));

        assertSignInAgain(twoFactor.verify(thiefs, phished));
        assertThat(twoFactor.status(ALICE).browsers()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("[71] A half-signed-in session from before a password change: its challenge is dead")
    void verify_challengeFromBeforeADefense_isSignInAgain(Defense defense) {
        Challenge fromAnUnknownBrowser = world.challenge(ALICE, FIREFOX);
        Challenge fromAKnownOne = world.challenge(ALICE, owner.browser());

        defense.call.accept(world, owner);
        world.clock.advance(STEP.multipliedBy(3));

        for (Challenge challenge : List.of(fromAnUnknownBrowser, fromAKnownOne)) {
            for (String typed : List.of(
                    owner.phone().codeAt(world.now()), owner.backupCodes().get(5), Results.WRONG_BACKUP_CODE)) {
                assertSignInAgain(twoFactor.verify(challenge, typed));
            }
        }
    }

    @Test
    void endTrustAndDisable_returnStampsWithoutABrowser() {
        assertThat(owner.proof().stamp().browser()).isPresent();

        assertThat(twoFactor.endTrust(ALICE).browser()).isEmpty();
        Verified proof = World.proof(world.verify(FIREFOX, owner.phone().codeAt(world.now())));
        Verified renewed = twoFactor.endTrust(proof);
        assertThat(renewed.stamp().browser()).isEmpty();
        world.clock.advance(STEP);
        Verified ofABrowser = World.proof(world.verify(FIREFOX, owner.phone().codeAt(world.now())));
        assertThat(ofABrowser.stamp().browser()).isPresent();
        assertThat(twoFactor.disable(ofABrowser).browser()).isEmpty();
    }

    @Test
    @DisplayName("[74] A proof that was sealed under a key which was rotated out: it does not open")
    void unseal_underAPreviousKey_isEmpty() {
        World before = new World();
        KeyRing old = KeyRing.fromBase64("old", "B".repeat(43) + "=");
        TwoFactor underTheOldKey = before.node().encryptionKeys(old).build();
        EveryCall.importInto(underTheOldKey);
        Phone phone = Phone.ofSecret(Phone.RFC_SECRET);
        TwoFactor rotated = before.node()
                .encryptionKeys(KeyRing.fromBase64("new", NEW_KEY).withPreviousBase64("old", "B".repeat(43) + "="))
                .build();
        Challenge challenge = challenge(underTheOldKey);
        Verified proof = World.proof(underTheOldKey.verify(challenge, phone.codeAt(before.now())));
        EnrollmentHandle handle =
                underTheOldKey.addAuthenticator(proof, REQUEST).handle();
        String sealed = underTheOldKey.seal(proof);
        assertThat(underTheOldKey.unseal(ALICE, sealed)).isPresent();
        before.clock.advance(STEP);

        assertThat(rotated.unseal(ALICE, sealed)).isEmpty();
        assertThatThrownBy(() -> rotated.disable(proof)).isInstanceOf(StaleProofException.class);
        assertSignInAgain(rotated.verify(challenge, phone.codeAt(before.now())));
        assertThat(rotated.pendingEnrollment(handle)).isEmpty();
        assertThat(rotated.confirmEnrollment(handle, "123456")).isEqualTo(new BeginAgain());
        assertThat(rotated.isCurrent(ALICE, proof.stamp()))
                .as("a stamp has no key")
                .isTrue();
        assertAccepted(rotated.verify(challenge(rotated), phone.codeAt(before.now())));
    }

    private static Challenge challenge(TwoFactor twoFactor) {
        return ((CodeRequired) twoFactor.signInRequirement(ALICE, FIREFOX)).challenge();
    }

    @Test
    @DisplayName(
            "[82] Keycloak CVE-2026-3429: a factor is removed with a proof of this account's own second factor only")
    void removeAuthenticator_withoutAProofOfThisAccount_isRefused() {
        Owner bob = world.enroll(BOB);
        Owner second = world.enrollAnother(world.prove(owner.phone()));
        twoFactor.rememberBrowser(
                World.proof(world.verify(owner.browser(), owner.phone().codeAt(world.now()))));

        assertThat(twoFactor.signInRequirement(ALICE, owner.browser())).isInstanceOf(NoCodeRequired.class);
        assertThat(Compiler.compiles("twoFactor.removeAuthenticator(proof, authenticator);"))
                .isTrue();
        for (String other : List.of(
                "alice",
                "stamp",
                "challenge",
                "browser",
                "twoFactor.signInRequirement(alice, browser)",
                "twoFactor.stepUp(alice, stamp, \"123456\")")) {
            assertThat(Compiler.compiles("twoFactor.removeAuthenticator(" + other + ", authenticator);"))
                    .as(other)
                    .isFalse();
        }
        assertThatThrownBy(() -> twoFactor.removeAuthenticator(bob.proof(), second.authenticator()))
                .isInstanceOf(IllegalArgumentException.class);
        Verified ofAnotherApplication = new World().enroll().proof();
        assertThatThrownBy(() -> twoFactor.removeAuthenticator(ofAnotherApplication, second.authenticator()))
                .isInstanceOf(StaleProofException.class);
        assertRejected(
                twoFactor.stepUp(ALICE, owner.proof().stamp(), bob.phone().codeAt(world.now())));
        assertSignInAgain(
                twoFactor.stepUp(ALICE, bob.proof().stamp(), second.phone().codeAt(world.now())));
        assertThat(twoFactor.status(ALICE).authenticators()).hasSize(2);
    }

    @Test
    @DisplayName("[88] MISP #10807: a session from a way in that asked nothing rests on nothing, so it is not current")
    void isCurrent_sessionThatNeverPassedTheSecondFactor_isFalse() {
        for (String noStamp : new String[] {null, "", "1", "true", "42", ALICE.value(), "1.0000000000000000"}) {
            TrustStamp stamp = TrustStamp.of(noStamp);

            assertThat(twoFactor.isCurrent(ALICE, stamp)).as(noStamp).isFalse();
            assertSignInAgain(twoFactor.stepUp(ALICE, stamp, owner.phone().codeAt(world.now())));
        }
        assertThat(twoFactor.isCurrent(ALICE, world.enroll(BOB).proof().stamp()))
                .isFalse();
    }

    /** Calls that give back a renewed proof. */
    @SuppressWarnings("ImmutableEnumChecker") // its calls hold nothing
    enum Renewal {
        REGENERATE((twoFactor, proof) -> twoFactor.regenerateBackupCodes(proof).proof()),
        END_TRUST(TwoFactor::endTrust),
        SEAL((twoFactor, proof) ->
                twoFactor.unseal(ALICE, twoFactor.seal(proof)).orElseThrow()),
        REMOVE((twoFactor, proof) -> {
            List<TwoFactorStatus.Authenticator> all = twoFactor.status(ALICE).authenticators();
            return twoFactor.removeAuthenticator(proof, all.get(all.size() - 1).id());
        });

        private interface Call {
            Verified on(TwoFactor twoFactor, Verified proof);
        }

        private final Call call;

        Renewal(Call call) {
            this.call = call;
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("[91] A proof handed on and on: it keeps the time of its code")
    void proof_renewedAgainAndAgain_isStaleFiveMinutesAfterItsCode(Renewal renewal) {
        Verified proof = owner.proof();
        for (int i = 0; i < 3; i++) {
            proof = world.enrollAnother(proof).proof();
        }
        proof = World.proof(twoFactor.stepUp(ALICE, proof.stamp(), owner.phone().codeAt(world.now())));
        for (int minute = 2; minute <= 4; minute += 2) {
            world.clock.advance(Duration.ofMinutes(2));
            Verified renewed = renewal.call.on(twoFactor, proof);
            assertThat(renewed.at()).isEqualTo(proof.at());
            proof = renewed;
        }
        world.clock.advance(Duration.ofMinutes(1).plusMillis(1));

        assertStale(proof);
    }

    @Test
    @DisplayName("[94] Two-factor authentication off and on again: an epoch never comes back")
    void isCurrent_stampsOfEarlierEpochs_staysFalse() {
        List<TrustStamp> stamps = new ArrayList<>();
        stamps.add(new World().twoFactor.endTrust(ALICE)); // of another record
        Verified proof = owner.proof();
        for (int i = 0; i < 5; i++) {
            stamps.add(proof.stamp());
            stamps.add(twoFactor.disable(proof));
            stamps.add(twoFactor.endTrust(ALICE));
            world.clock.advance(STEP);
            proof = world.enroll().proof();
            stamps.add(proof.stamp());
            twoFactor.operator("support").resetWithoutProof(ALICE, "again");
            stamps.add(((NoCodeRequired) twoFactor.signInRequirement(ALICE, FIREFOX)).stamp());
            world.clock.advance(STEP);
            proof = world.enroll().proof();
        }

        assertThat(new HashSet<>(stamps)).hasSize(1 + 5 * 5);
        assertThat(stamps).noneMatch(stamp -> twoFactor.isCurrent(ALICE, stamp));
        assertThat(twoFactor.isCurrent(ALICE, proof.stamp())).isTrue();
    }
}
