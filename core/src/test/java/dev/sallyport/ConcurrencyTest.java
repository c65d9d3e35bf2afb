// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Verified;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Many requests at the same time, over two nodes and one store. */
class ConcurrencyTest {
    private static final int THREADS = 64;

    private final World world = new World();
    private final List<TwoFactor> nodes = List.of(world.twoFactor, world.node().build());

    private List<VerificationResult> verifyInParallel(String typed) throws Exception {
        return Parallel.inThreads(THREADS, i -> nodes.get(i % 2).verify(ALICE, typed));
    }

    @Test
    void verify_oneCode_isAcceptedOnce() throws Exception {
        Phone phone = world.importApp();

        List<VerificationResult> results = verifyInParallel(phone.codeAt(world.now()));

        assertThat(results).filteredOn(Verified.class::isInstance).hasSize(1);
        assertThat(results).filteredOn(new Rejected()::equals).hasSize(THREADS - 1);
    }

    @Test
    void confirmEnrollment_oneCode_enrollsOnce() throws Exception {
        Phone phone = Phone.scan(world.twoFactor.beginEnrollment(ALICE, "alice"));
        String code = phone.codeAt(world.now());

        List<EnrollmentResult> results =
                Parallel.inThreads(8, i -> nodes.get(i % 2).confirmEnrollment(ALICE, code));

        assertThat(results).filteredOn(Enrolled.class::isInstance).hasSize(1);
        assertThat(results)
                .filteredOn(new EnrollmentResult.NotPending()::equals)
                .hasSize(7);
        assertThat(world.twoFactor.status(ALICE).authenticators()).hasSize(1);
    }

    @Test
    void resynchronize_twoCodes_areAcceptedOnce() throws Exception {
        Phone token = world.importToken();
        String first = token.code(40);
        String second = token.code(41);

        List<VerificationResult> results =
                Parallel.inThreads(16, i -> nodes.get(i % 2).resynchronize(ALICE, first, second));

        assertThat(results).filteredOn(Verified.class::isInstance).hasSize(1);
    }
}
