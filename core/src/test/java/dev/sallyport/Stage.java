// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.STEP;

import dev.sallyport.TwoFactorStatus.State;

/** An application over a store that fails when told. */
final class Stage {
    static final TwoFactorPolicy POLICY =
            TwoFactorPolicy.builder().backupCodes(2).backupCodesLow(0).build();

    final World world = new World(POLICY);
    final FaultInjectingStore store = new FaultInjectingStore(world.store);
    final TwoFactor twoFactor = world.node().policy(POLICY).store(store).build();

    Phone begin() {
        return Phone.scan(twoFactor.beginEnrollment(ALICE, "alice"));
    }

    EnrollmentResult confirm(Phone phone) {
        return twoFactor.confirmEnrollment(ALICE, phone.codeAt(world.now()));
    }

    String code(Phone phone) {
        return phone.codeAt(world.now());
    }

    /** A code that was not there before. */
    VerificationResult verifyNext(Phone phone) {
        world.clock.advance(STEP);
        return twoFactor.verify(ALICE, code(phone));
    }

    Account account() {
        return Unsealed.account(world.keys, world.store, ALICE);
    }

    boolean isRecognized(BrowserToken token) {
        return twoFactor.signInRequirement(ALICE, token.value()) instanceof SignInRequirement.RememberedBrowser;
    }

    State state() {
        return twoFactor.status(ALICE).state();
    }
}
