// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.STEP;

import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.TwoFactorStatus.State;
import java.util.function.LongSupplier;

/** An application over a store that fails when a test says so, with a version witness that a test can raise. */
final class FailingApplication {
    /** Two backup codes, so that a test can use them all. */
    static final TwoFactorPolicy POLICY =
            TwoFactorPolicy.builder().backupCodes(2).build();

    final World world = new World(POLICY);
    final FaultInjectingStore store = new FaultInjectingStore(world.store);
    /** What the version witness answers, whoever the user is. */
    volatile LongSupplier witness = () -> 0;

    final TwoFactor twoFactor = world.node()
            .policy(POLICY)
            .store(store)
            .versionWitness(user -> witness.getAsLong())
            .build();
    final Operator operator = twoFactor.operator("support");

    PendingEnrollment begin() {
        return twoFactor.beginEnrollment(ALICE, "alice");
    }

    EnrollmentResult confirm(PendingEnrollment pending) {
        return twoFactor.confirmEnrollment(pending.handle(), code(Phone.scan(pending)));
    }

    String code(Phone phone) {
        return phone.codeAt(world.now());
    }

    /** A challenge for a client that keeps nothing. No failure is injected into this call. */
    Challenge challenge() {
        return world.challenge(ALICE, Browser.none());
    }

    VerificationResult verify(String typed) {
        return twoFactor.verify(challenge(), typed);
    }

    /** The code of the next step, which nobody has used. */
    VerificationResult verifyNext(Phone phone) {
        world.clock.advance(STEP);
        return verify(code(phone));
    }

    /** Wrong codes of a signed-in session, each compared and counted. */
    void failStepUp(World.Owner owner, int times) {
        for (int i = 0; i < times; i++) {
            String wrong = owner.phone().wrongAt(world.now());
            TrustStamp stamp = owner.proof().stamp();
            if (world.twoFactor.stepUp(ALICE, stamp, wrong) instanceof VerificationResult.LockedOut locked) {
                world.clock.set(locked.until().orElseThrow());
                i--;
            }
        }
    }

    Account account() {
        return Unsealed.account(world.keys, world.store, ALICE);
    }

    boolean needsNoCode(Browser browser) {
        return twoFactor.signInRequirement(ALICE, browser) instanceof NoCodeRequired;
    }

    boolean isCurrent(World.Owner owner) {
        return twoFactor.isCurrent(ALICE, owner.proof().stamp());
    }

    TwoFactorStatus status() {
        return twoFactor.status(ALICE);
    }

    State state() {
        return status().state();
    }
}
