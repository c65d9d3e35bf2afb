// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.TwoFactor;
import dev.sallyport.examples.cluster.PlantedStore.Fault;
import dev.sallyport.examples.cluster.Tally.Count;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The clients of the example, in one process: they find what is wrong with a store, and nothing where nothing is. */
@Timeout(60)
class OwnerTest {
    private static final int NODES = 4;
    private static final int VISITS = 24;
    private static final int VISITS_THAT_SHOULD_DO = 400;

    private final Tally tally = new Tally();
    private final PlantedStore store = new PlantedStore();
    private final Keys keys = Keys.generate("key");

    private Owner owner() {
        TwoFactor twoFactor = TwoFactor.builder()
                .issuer("Acme")
                .store(store)
                .encryptionKeys(keys.ring())
                .clock(() -> Owner.START)
                .build();
        return new Owner("owner-1", twoFactor, store, tally);
    }

    private static BooleanSupplier after(int visits) {
        AtomicInteger begun = new AtomicInteger();
        return () -> begun.incrementAndGet() > visits;
    }

    @Test
    void visits_toNodesThatNobodyKills_findNothingWrong_andTryEverything() {
        Owner owner = owner();
        try (LocalNodes nodes = new LocalNodes(NODES, new Desk(store, keys), 0)) {
            owner.visitUntil(after(VISITS), nodes);
        }

        assertThat(tally.violations()).isEmpty();
        assertThat(tally.untried()).containsExactly("there were no REPLAYS_AFTER_A_KILL");
        assertThat(tally.get(Count.GUESSES_COUNTED)).isEqualTo(tally.get(Count.GUESSES_ANSWERED));
    }

    @Test
    void visits_toNodesThatAreKilled_findNothingWrong() {
        Owner owner = owner();
        try (LocalNodes nodes = new LocalNodes(NODES, new Desk(store, keys), 0.03)) {
            owner.visitUntil(after(VISITS), nodes);
        }

        assertThat(tally.violations()).isEmpty();
        assertThat(tally.untried()).isEmpty();
        assertThat(tally.get(Count.UNANSWERED)).isPositive();
    }

    @ParameterizedTest
    @DisplayName("A store that breaks its contract is found out")
    @CsvSource({"IGNORES_VERSIONS, was accepted", "LOSES_WRITES, a used code", "FORGETS_AT_KILLS, a used code"})
    void visits_overABrokenStore_findViolations(Fault fault, String what) {
        Owner owner = owner();
        store.plant(fault);
        AtomicInteger visits = new AtomicInteger();
        try (LocalNodes nodes = new LocalNodes(NODES, new Desk(store, keys), 0.01, store::killed)) {
            owner.visitUntil(
                    () -> tally.violations().stream().anyMatch(violation -> violation.contains(what))
                            || visits.incrementAndGet() > VISITS_THAT_SHOULD_DO,
                    nodes);
        } catch (IllegalStateException e) {
            assertThat(e).hasMessage("too many violations to go on");
        }

        assertThat(tally.violations()).anyMatch(violation -> violation.contains(what));
    }

    @Test
    void visits_toANodeThatBreaksOffUnkilled_areNotExcused() {
        Owner owner = owner();
        try (LocalNodes nodes = new LocalNodes(NODES, new Desk(store, keys), 0.1).whichDenyIt()) {
            assertThatThrownBy(() -> owner.visitUntil(after(VISITS), nodes))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("nobody has killed it");
        }
    }
}
