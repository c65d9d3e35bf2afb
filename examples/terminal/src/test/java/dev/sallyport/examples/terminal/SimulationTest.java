// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.storage.InMemoryTwoFactorStore;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.Reader;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SimulationTest {
    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();

    /** Its input is closed, so nothing can be read from it. */
    private Terminal terminal() {
        return new Terminal(Reader.nullReader(), new PrintStream(screen, true, UTF_8), TestUser.PIPE);
    }

    private boolean simulate(TwoFactorStore store) {
        try (Terminal terminal = terminal()) {
            return new Simulation(terminal, store).run();
        }
    }

    private String screen() {
        return screen.toString(UTF_8);
    }

    @Test
    void simulation_withARightStore_passesEveryStep() {
        assertThat(simulate(new InMemoryTwoFactorStore())).as(screen()).isTrue();
        assertThat(screen())
                .endsWith("All %d steps went as they should.%n"
                        .formatted(screen().lines()
                                .filter(line -> line.contains("✓"))
                                .count()))
                .doesNotContain("\u001B")
                .doesNotContain("✗");
        assertThat(screen().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    }

    @Test
    void argument_simulate_runsTheSimulation() {
        try (Terminal terminal = terminal()) {
            assertThat(Main.run(List.of("--simulate"), terminal)).isZero();
        }
        assertThat(screen()).contains("went as they should.");
    }

    /** The simulation has to notice each planted fault; otherwise it would prove nothing. */
    @Nested
    class PlantedFault {
        @Test
        void usedCode_notWritten_isNoticed() {
            assertThat(simulate(new FaultyStore() {
                        private boolean enabled;

                        @Override
                        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
                            // It writes the enrollment, and then lies about everything that comes later.
                            boolean lies = enabled;
                            enabled |= summary.state() == RecordSummary.State.ENABLED;
                            return lies || super.replace(current, next, summary);
                        }
                    }))
                    .isFalse();
            assertThat(screen())
                    .contains(
                            "✗ Step ",
                            "\"The same code again is rejected\": expected Rejected as REPLAYED, but was Verified")
                    .doesNotContain("as they should");
        }

        @Test
        void wrongCode_notWritten_isNoticed() {
            assertThat(simulate(new FaultyStore() {
                        @Override
                        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
                            return summary.failedAttempts() > 0 || super.replace(current, next, summary);
                        }
                    }))
                    .isFalse();
            assertThat(screen()).contains("\"That locks strangers for a minute\": expected Optional[");
        }

        @Test
        void disabledRecord_notWritten_isNoticed() {
            assertThat(simulate(new FaultyStore() {
                        @Override
                        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
                            return summary.state() == RecordSummary.State.OFF || super.replace(current, next, summary);
                        }
                    }))
                    .isFalse();
            assertThat(screen()).contains("expected OFF, but was ENABLED");
        }

        @Test
        void store_thatThrows_isNoticed() {
            assertThat(simulate(new FaultyStore() {
                        @Override
                        public boolean insert(StoredRecord record, RecordSummary summary) {
                            throw new StoreException("planted");
                        }
                    }))
                    .isFalse();
            assertThat(screen())
                    .contains("✗ Step 4 threw an exception: dev.sallyport.storage.StoreException")
                    .contains("planted");
        }
    }

    /** A right store, of which a test makes one method wrong. */
    private static class FaultyStore implements TwoFactorStore {
        private final TwoFactorStore right = new InMemoryTwoFactorStore();

        @Override
        public Optional<StoredRecord> find(String userId) {
            return right.find(userId);
        }

        @Override
        public boolean insert(StoredRecord record, RecordSummary summary) {
            return right.insert(record, summary);
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            return right.replace(current, next, summary);
        }

        @Override
        public void erase(String userId) {
            right.erase(userId);
        }
    }
}
