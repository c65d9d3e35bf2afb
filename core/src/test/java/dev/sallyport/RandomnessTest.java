// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.VerificationResult.Verified;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The generator is what calls on different accounts contend for, so each draws from it once. */
class RandomnessTest {

    private static final class CountingRandom extends SecureRandom {
        private static final long serialVersionUID = 1L;

        private final AtomicInteger draws = new AtomicInteger();

        @Override
        public void nextBytes(byte[] bytes) {
            draws.incrementAndGet();
            super.nextBytes(bytes);
        }
    }

    private final World world = new World();
    private final CountingRandom random = new CountingRandom();
    private final TwoFactor twoFactor = world.node().random(random).build();

    private int drawsOf(Runnable call) {
        random.draws.set(0);
        call.run();
        return random.draws.get();
    }

    @Test
    void anyCall_thatWritesOrSeals_drawsOnce() {
        assertThat(drawsOf(() -> twoFactor.beginEnrollment(ALICE, "alice"))).isEqualTo(1);
        Phone phone = Phone.scan(twoFactor.pendingEnrollment(ALICE).orElseThrow());
        assertThat(drawsOf(() -> twoFactor.confirmEnrollment(ALICE, phone.codeAt(world.now()))))
                .isEqualTo(1);
        world.clock.advance(STEP);
        assertThat(drawsOf(() -> twoFactor.verify(ALICE, phone.wrongAt(world.now()))))
                .isEqualTo(1);
        Verified proof = World.proof(twoFactor.verify(ALICE, phone.codeAt(world.now())));
        assertThat(drawsOf(() -> twoFactor.rememberBrowser(proof, "Firefox"))).isEqualTo(1);
        assertThat(drawsOf(() -> twoFactor.regenerateBackupCodes(proof))).isEqualTo(1);
        assertThat(drawsOf(() -> twoFactor.verify(ALICE, "0000-0000-0000-0000")))
                .isEqualTo(1);
        assertThat(drawsOf(() -> twoFactor.seal(proof))).isEqualTo(1);
    }

    @Test
    void anyCall_thatOnlyReads_drawsNothing() {
        Phone phone = world.importApp();
        String sealed = world.twoFactor.seal(world.prove(phone));

        assertThat(drawsOf(() -> twoFactor.signInRequirement(ALICE, "x".repeat(43))))
                .isZero();
        assertThat(drawsOf(() -> twoFactor.status(ALICE))).isZero();
        assertThat(drawsOf(() -> twoFactor.unseal(ALICE, sealed))).isZero();
        assertThat(drawsOf(() -> twoFactor.verify(ALICE, "no code"))).isZero();
    }

    @Test
    void beginEnrollment_withTheDefaultGenerator_givesANewSecretEachTime() {
        TwoFactor byDefault = TwoFactor.builder()
                .issuer("Acme")
                .store(world.store)
                .encryptionKeys(world.keys)
                .build();

        String first = byDefault.beginEnrollment(ALICE, "alice").secretForTyping();
        String second = byDefault.beginEnrollment(ALICE, "alice").secretForTyping();

        assertThat(first).isNotEqualTo(second);
    }
}
