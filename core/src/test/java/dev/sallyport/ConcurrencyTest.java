// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.EnrollmentResult.BeginAgain;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.VerificationResult.Verified;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Many requests at the same time, over two nodes and one store. */
class ConcurrencyTest {
    private static final int THREADS = 64;

    private final World world = new World();
    private final List<TwoFactor> nodes = List.of(world.twoFactor, world.node().build());

    @Test
    void verify_oneCodeInManySignIns_isAcceptedOnce() throws Exception {
        Phone phone = world.importApp();
        String code = phone.codeAt(world.now());
        List<Challenge> challenges =
                Parallel.inThreads(THREADS, i -> world.challenge(ALICE, i % 3 == 0 ? World.FIREFOX : Browser.none()));

        List<VerificationResult> results =
                Parallel.inThreads(THREADS, i -> nodes.get(i % 2).verify(challenges.get(i), code));

        assertThat(results).filteredOn(Verified.class::isInstance).hasSize(1);
        assertThat(results).filteredOn(new Rejected()::equals).hasSize(THREADS - 1);
    }

    @Test
    void verify_oneCodeAtBothDoorsAndInAStepUp_isAcceptedOnce() throws Exception {
        World.Owner owner = world.enroll();
        String code = owner.phone().codeAt(world.now());
        Challenge stranger = world.challenge(ALICE, Browser.none());
        Challenge known = world.challenge(ALICE, owner.browser());

        List<VerificationResult> results = Parallel.inThreads(THREADS, i -> switch (i % 3) {
            case 0 -> nodes.get(i % 2).verify(stranger, code);
            case 1 -> nodes.get(i % 2).verify(known, code);
            default -> nodes.get(i % 2).stepUp(ALICE, owner.proof().stamp(), code);
        });

        assertThat(results).filteredOn(Verified.class::isInstance).hasSize(1);
        assertThat(results).filteredOn(new Rejected()::equals).hasSize(THREADS - 1);
    }

    @Test
    void confirmEnrollment_oneCode_enrollsOnce() throws Exception {
        PendingEnrollment pending = world.twoFactor.beginEnrollment(ALICE, "alice");
        String code = Phone.scan(pending).codeAt(world.now());

        List<EnrollmentResult> results =
                Parallel.inThreads(8, i -> nodes.get(i % 2).confirmEnrollment(pending.handle(), code));

        assertThat(results).filteredOn(Enrolled.class::isInstance).hasSize(1);
        assertThat(results).filteredOn(new BeginAgain()::equals).hasSize(7);
        assertThat(world.twoFactor.status(ALICE).authenticators()).hasSize(1);
    }

    @Test
    void resynchronize_twoCodes_areAcceptedOnce() throws Exception {
        Phone token = world.importToken();
        String first = token.code(40);
        String second = token.code(41);
        Challenge challenge = world.challenge(ALICE, Browser.none());

        List<VerificationResult> results =
                Parallel.inThreads(4, i -> nodes.get(i % 2).verify(challenge, first, second));

        assertThat(results).filteredOn(Verified.class::isInstance).hasSize(1);
        assertThat(results).filteredOn(new Rejected()::equals).hasSize(3);
    }
}
