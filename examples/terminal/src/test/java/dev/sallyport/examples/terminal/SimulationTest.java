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

    /** Nothing is to read from the input: it is closed. */
    private Terminal terminal() {
        return new Terminal(Reader.nullReader(), new PrintStream(screen, true, UTF_8), Person.PIPE);
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
    void story_goesAsItShould() {
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
    void argument_simulate_ofMain_isIt() {
        try (Terminal terminal = terminal()) {
            assertThat(Main.run(List.of("--simulate"), terminal)).isZero();
        }
        assertThat(screen()).contains("went as they should.");
    }

    /** Each planted fault must be noticed, or the simulation is no proof of anything. */
    @Nested
    class PlantedFault {
        @Test
        void replay_notRemembered_isNoticed() {
            // It keeps the first confirmation, and lies about all that comes after it.
            assertThat(simulate(new FaultyStore() {
                        private int writes;

                        @Override
                        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
                            writes++;
                            return writes > 2 || super.replace(current, next, summary);
                        }
                    }))
                    .isFalse();
            assertThat(screen())
                    .contains(
                            "✗ Step ",
                            "\"The same code again is refused\": expected Rejected as REPLAYED, but was Verified")
                    .doesNotContain("as they should");
        }

        @Test
        void record_notDeleted_isNoticed() {
            assertThat(simulate(new FaultyStore() {
                        @Override
                        public boolean delete(StoredRecord current) {
                            return true;
                        }
                    }))
                    .isFalse();
            assertThat(screen()).contains("expected NOT_ENROLLED, but was ENABLED");
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
                    .contains("✗ Step 2 was to give an answer, but it threw")
                    .contains("planted");
        }
    }

    /** A right store, to be made wrong in one point. */
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
        public boolean delete(StoredRecord current) {
            return right.delete(current);
        }
    }
}
