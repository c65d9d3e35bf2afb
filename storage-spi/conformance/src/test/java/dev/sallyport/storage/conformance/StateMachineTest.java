// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.conformance.CorrectStore.Table;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

class StateMachineTest {
    @TempDir
    private Path temporary;

    /** Each with the calls of the shortest sequence that fails. After a sequence find is called for all three users. */
    static Stream<Arguments> stores() {
        return Stream.of(
                store("lost update", PlantedStores.LostUpdate::new, "insert replace"),
                store("erase failing if there is nothing", PlantedStores.EraseFailingOnNothing::new, "erase"),
                store("insert overwriting", PlantedStores.InsertOverwriting::new, "insert insert"),
                store(
                        "insert overwriting, and answering false",
                        PlantedStores.InsertOverwritingAndAnsweringFalse::new,
                        "insert insert find"),
                store("replace that inserts", PlantedStores.ReplaceThatInserts::new, "replace"),
                store("stale read", PlantedStores.StaleRead::new, "insert replace find"),
                store("version kept as a double", PlantedStores.VersionAsDouble::new, "insert find"),
                store("case-insensitive ids", PlantedStores.CaseInsensitiveIds::new, "insert find find"),
                store(
                        "ids without a blank at the end",
                        PlantedStores.TrailingSpaceIgnoringIds::new,
                        "insert find find find"),
                store("reused version", PlantedStores.ReusedVersion::new, "insert erase insert replace"));
    }

    private static Arguments store(String defect, Function<Table, ScannableTwoFactorStore> opening, String shortest) {
        return arguments(named(defect, opening), shortest);
    }

    @ParameterizedTest
    @MethodSource("stores")
    void stateMachine_brokenStore_failsWithTheShortestSequence(
            Function<Table, ScannableTwoFactorStore> opening, String shortest) {
        String message = message(run(opening));

        assertThat(message).contains("MUST", "Calls before the failure:\n");
        assertThat(calls(message)).matches(shortest);
    }

    private static String message(Events events) {
        return events.failed().stream()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class))
                .map(result -> result.getThrowable().orElseThrow().getMessage())
                .collect(Collectors.joining());
    }

    private static String calls(String message) {
        return message.substring(message.indexOf("Calls before the failure:\n"))
                .lines()
                .skip(1)
                .map(call -> call.substring(0, call.indexOf('(')).strip())
                .collect(Collectors.joining(" "));
    }

    @Test
    void stateMachine_correctStore_passes() {
        run(CorrectStore::new)
                .assertStatistics(statistics -> statistics.succeeded(1).failed(0));
    }

    /** Tries a few sequences only. */
    static final class StateMachineWithFewTries extends PlantedStateMachine {
        @Override
        protected int tries() {
            return 20;
        }
    }

    @Test
    void stateMachine_withFewerTries_triesAsManySequences() {
        AtomicInteger sequences = new AtomicInteger();
        Function<Table, ScannableTwoFactorStore> counting = table -> {
            sequences.incrementAndGet();
            return new CorrectStore(table);
        };

        run(counting, StateMachineWithFewTries.class)
                .assertStatistics(statistics -> statistics.succeeded(1).failed(0));
        assertThat(sequences).hasValue(20);

        run(counting, PlantedStateMachine.class);
        assertThat(sequences).hasValue(20 + 200);
    }

    @Test
    void stateMachine_withFewerTries_stillShortensASequence() {
        String message = message(run(PlantedStores.InsertOverwriting::new, StateMachineWithFewTries.class));

        assertThat(calls(message)).isEqualTo("insert insert");
    }

    private Events run(Function<Table, ScannableTwoFactorStore> opening) {
        return run(opening, PlantedStateMachine.class);
    }

    private Events run(
            Function<Table, ScannableTwoFactorStore> opening, Class<? extends PlantedStateMachine> stateMachine) {
        PlantedStateMachine.PLANTED.set(opening);
        try {
            return EngineTestKit.engine("jqwik")
                    .configurationParameter(
                            "jqwik.database", temporary.resolve("database").toString())
                    .configurationParameter("jqwik.reporting.usejunitplatform", "true")
                    // Otherwise jqwik shortens for ten seconds, which is not enough on a busy machine.
                    .configurationParameter("jqwik.shrinking.default", ShrinkingMode.FULL.name())
                    .selectors(selectClass(stateMachine))
                    .execute()
                    .testEvents();
        } finally {
            PlantedStateMachine.PLANTED.remove();
        }
    }
}
