// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.FIREFOX;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The story of one user, from the first page of the enrollment to the last code. */
class LifeCycleTest {
    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;

    @Test
    void signIn_withoutTwoFactor_needsNoCodeAndItsStampIsCurrent() {
        SignInRequirement requirement = twoFactor.signInRequirement(ALICE, FIREFOX);

        assertThat(requirement).isInstanceOf(NoCodeRequired.class);
        TrustStamp stamp = ((NoCodeRequired) requirement).stamp();
        assertThat(twoFactor.isCurrent(ALICE, TrustStamp.of(stamp.value()))).isTrue();
        world.enroll();
        assertThat(twoFactor.isCurrent(ALICE, stamp)).isFalse();
    }

    @Test
    void signIn_fromAnUnknownBrowser_makesItKnownAndRemembersIt() {
        World.Owner owner = world.enroll();
        SignInRequirement requirement = twoFactor.signInRequirement(ALICE, FIREFOX);
        assertThat(requirement).isInstanceOf(CodeRequired.class);

        Challenge challenge =
                Challenge.of(((CodeRequired) requirement).challenge().value());
        Verified proof = World.proof(twoFactor.verify(challenge, owner.phone().codeAt(world.now())));
        twoFactor.rememberBrowser(proof);
        Browser known = World.browserWith(proof.browserToken().orElseThrow());

        SignInRequirement next = twoFactor.signInRequirement(ALICE, known);
        assertThat(next).isInstanceOf(NoCodeRequired.class);
        NoCodeRequired free = (NoCodeRequired) next;
        assertThat(free.browser()).isEqualTo(proof.stamp().browser());
        assertThat(free.stamp()).isEqualTo(proof.stamp());
        assertThat(twoFactor.isCurrent(ALICE, free.stamp())).isTrue();
        world.clock.advance(Duration.ofDays(31));
        assertThat(world.challenge(ALICE, known)).isNotNull();
        assertThat(twoFactor.isCurrent(ALICE, free.stamp())).isTrue();
    }

    @Test
    void strangers_whoBurnCodes_keepNeitherKnownBrowserNorBackupCodeOut() {
        World.Owner owner = world.enroll();
        for (int i = 0; i < 5; i++) {
            assertThat(world.verify(owner.phone().wrongAt(world.now()))).isEqualTo(new Rejected());
        }
        assertThat(world.verify(owner.phone().codeAt(world.now())))
                .isEqualTo(new LockedOut(Optional.of(world.now().plusSeconds(60))));

        assertThat(world.verify(owner.browser(), owner.phone().codeAt(world.now())))
                .isInstanceOf(Verified.class);
        world.fail(owner.phone(), 9);
        assertThat(world.verify(owner.backupCodes().get(3))).isInstanceOf(Verified.class);
        world.clock.advance(STEP.multipliedBy(3));
        assertThat(world.verify(owner.phone().codeAt(world.now()))).isInstanceOf(Verified.class);
    }

    @Test
    void temporaryCode_isGoodOnceAndEndsTrust() {
        World.Owner owner = world.enroll();
        TemporaryCode code =
                twoFactor.operator("support").issueTemporaryCode(ALICE, Duration.ofHours(1), "phone in repair");

        Verified proof = World.proof(world.verify(code.value()));
        assertThat(twoFactor.isCurrent(ALICE, owner.proof().stamp())).isFalse();
        assertThat(twoFactor.isCurrent(ALICE, proof.stamp())).isTrue();
        assertThat(world.verify(code.value())).isEqualTo(new Rejected());
    }

    @Test
    void disable_withAStepUp_endsEverythingButThatSession() {
        World.Owner owner = world.enroll();
        Challenge halfSignedIn = world.challenge(ALICE, FIREFOX);
        Verified proof = World.proof(
                twoFactor.stepUp(ALICE, owner.proof().stamp(), owner.phone().codeAt(world.now())));

        TrustStamp after = twoFactor.disable(Verified.class.cast(
                twoFactor.unseal(ALICE, twoFactor.seal(proof)).orElseThrow()));

        assertThat(twoFactor.isCurrent(ALICE, after)).isTrue();
        assertThat(twoFactor.isCurrent(ALICE, owner.proof().stamp())).isFalse();
        assertThat(twoFactor.verify(halfSignedIn, owner.phone().codeAt(world.now())))
                .isEqualTo(new SignInAgain());
        assertThat(twoFactor.status(ALICE).state()).isEqualTo(TwoFactorStatus.State.OFF);
    }
}
