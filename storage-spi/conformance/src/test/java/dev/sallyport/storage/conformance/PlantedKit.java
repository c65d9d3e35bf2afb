// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.conformance.CorrectStore.Table;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;

/** The kit over the planted store of a test. As a test class by itself it tests the correct store. */
class PlantedKit extends ScannableTwoFactorStoreConformance {
    private static final ThreadLocal<@Nullable Function<Table, ScannableTwoFactorStore>> PLANTED = new ThreadLocal<>();
    private static final Pattern METHOD = Pattern.compile("\\[method:(\\w+)\\(\\)]$");

    private final Function<Table, ScannableTwoFactorStore> planted = planted();
    private final Table table = new Table();

    /** What opens the store of the test that begins now. */
    static Function<Table, ScannableTwoFactorStore> planted() {
        return Objects.requireNonNullElse(PLANTED.get(), CorrectStore::new);
    }

    /** Runs all tests of the kit over stores that this function opens. */
    static Events run(Function<Table, ScannableTwoFactorStore> planted) {
        return run(planted, selectClass(PlantedKit.class));
    }

    /** Runs the tests with these names. */
    static Events run(Function<Table, ScannableTwoFactorStore> planted, List<String> tests) {
        return run(
                planted,
                tests.stream().map(test -> selectMethod(PlantedKit.class, test)).toArray(DiscoverySelector[]::new));
    }

    static Events run(Function<Table, ScannableTwoFactorStore> planted, DiscoverySelector... selectors) {
        PLANTED.set(planted);
        try {
            return EngineTestKit.engine("junit-jupiter")
                    .selectors(selectors)
                    .execute()
                    .testEvents();
        } finally {
            PLANTED.remove();
        }
    }

    /** The message of each of these tests, by the name of its method. */
    static Map<String, String> messages(Events events) {
        return events.stream().collect(Collectors.toMap(PlantedKit::method, PlantedKit::message));
    }

    static String method(Event event) {
        String id = event.getTestDescriptor().getUniqueId().toString();
        Matcher matcher = METHOD.matcher(id);
        return matcher.find() ? matcher.group(1) : id;
    }

    private static String message(Event event) {
        return event.getPayload(TestExecutionResult.class)
                .flatMap(TestExecutionResult::getThrowable)
                .map(Throwable::getMessage)
                .orElse("");
    }

    @Override
    protected ScannableTwoFactorStore createStore() {
        return planted.apply(table);
    }

    @Override
    protected ScannableTwoFactorStore secondInstance() {
        return planted.apply(table);
    }

    @Override
    protected ScannableTwoFactorStore anotherRoute() {
        return table.openedByAnotherRoute(planted);
    }

    @Override
    protected void inCallersTransactionThatRollsBack(Runnable work) {
        table.rollBackAfter(work);
    }

    /** No store expires records here, save one that has a kit of its own. */
    @Override
    protected Duration longestLifetime() {
        return Duration.ZERO;
    }

    @Override
    Repetitions repetitions(int most, int least) {
        return sameOnEveryMachine(most, least);
    }

    /** The same number on a busy machine and on an idle one. */
    static Repetitions sameOnEveryMachine(int most, int least) {
        int number = Math.min(most, 8 * least);
        return new Repetitions(number, number);
    }

    @Override
    protected String engine() {
        return "a planted table";
    }

    @Override
    protected void spoilRecord(String userId) {
        table.spoiled().add(userId);
    }

    @Override
    protected void breakBackend() {
        table.broken(true);
    }

    @Override
    protected void repairBackend() {
        table.broken(false);
    }
}
