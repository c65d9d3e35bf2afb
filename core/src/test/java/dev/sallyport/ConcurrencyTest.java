// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Many requests at the same time, over two nodes and one store. */
class ConcurrencyTest {
    private static final int THREADS = 64;

    private final World world = new World();
    private final List<TwoFactor> nodes = List.of(world.twoFactor, world.node().build());

    private List<VerificationResult> verifyInParallel(String... typed) throws Exception {
        return Parallel.inThreads(THREADS, i -> nodes.get(i % 2).verify(ALICE, typed[i % typed.length]));
    }

    @Test
    @DisplayName("One backup code, 64 requests, one sign-in (Filament CVE-2026-48505, appwrite #11692)")
    void verify_oneBackupCode_isAcceptedOnce() throws Exception {
        Owner owner = world.enroll();

        List<VerificationResult> results = verifyInParallel(owner.backupCodes().get(0));

        assertThat(results).filteredOn(Verified.class::isInstance).hasSize(1);
        assertThat(results)
                .filteredOn(result -> !(result instanceof Verified))
                .allMatch(result -> result instanceof Rejected || result instanceof LockedOut);
        assertThat(world.twoFactor.status(ALICE).backupCodesLeft()).isEqualTo(9);
    }

    @Test
    void verify_oneCode_isAcceptedOnce() throws Exception {
        Phone phone = world.importApp();

        List<VerificationResult> results = verifyInParallel(phone.codeAt(world.now()));

        assertThat(results).filteredOn(Verified.class::isInstance).hasSize(1);
        assertThat(results).filteredOn(new Rejected()::equals).hasSize(THREADS - 1);
    }

    @Test
    @DisplayName("Of N parallel wrong guesses as many are answered and counted as were free (ASP.NET CVE-2023-33170)")
    void verify_wrongCodes_areAnsweredAndCountedUpToTheLimit() throws Exception {
        Phone phone = world.importApp();

        List<VerificationResult> results = verifyInParallel(phone.wrongAt(world.now()));

        assertThat(results).filteredOn(new Rejected()::equals).hasSize(5);
        assertThat(results)
                .filteredOn(new LockedOut(START.plusSeconds(30))::equals)
                .hasSize(THREADS - 5);
        assertThat(world.store.summary())
                .isNotNull()
                .satisfies(summary -> assertThat(summary.failedAttempts()).isEqualTo(5));
    }

    @RepeatedTest(10)
    @DisplayName("Code and next code at once: the watermark ends at the later one (logto #9109, better-auth #10423)")
    void verify_twoCodesOfTheWindow_areAcceptedOnceEachAtMost() throws Exception {
        Phone phone = world.importApp();
        String earlier = phone.codeAt(START);
        String later = phone.codeAt(START.plus(STEP));

        List<VerificationResult> results = verifyInParallel(earlier, later);

        assertThat(results).filteredOn(Verified.class::isInstance).hasSizeBetween(1, 2);
        world.twoFactor.unlock(ALICE, "older codes are failures");
        world.clock.advance(STEP);
        assertThat(world.verify(earlier)).isEqualTo(new Rejected());
        assertThat(world.verify(later)).isEqualTo(new Rejected());
        world.clock.advance(STEP);
        assertThat(world.verify(phone.codeAt(world.now()))).isInstanceOf(Verified.class);
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
