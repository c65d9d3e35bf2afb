// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import net.jqwik.api.AfterFailureMode;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.AroundTryHook;
import net.jqwik.api.lifecycle.TryExecutionResult;
import net.jqwik.api.lifecycle.TryExecutor;
import net.jqwik.api.lifecycle.TryLifecycleContext;

/**
 * Runs random sequences of the four operations, and compares each answer with that of a simple model. If a sequence
 * fails, jqwik shortens it to the fewest operations that still fail. This is an addition to {@link
 * TwoFactorStoreConformance} for those who have jqwik. This class needs {@code net.jqwik:jqwik} on the test class path.
 * No other class of the kit does.
 *
 * <pre>{@code
 * class MyStoreStateMachineTest extends TwoFactorStoreStateMachine {
 *     @Override
 *     protected TwoFactorStore createStore() {
 *         return new MyStore(connectTo(database));
 *     }
 * }
 * }</pre>
 *
 * <p>The user ids differ in letter case and in a blank. The versions are so large that two neighbors are the same
 * double. Each sequence has its own users, and erases their records at its end. A run makes about 4,000 calls, 20 for
 * each sequence. Override {@link #tries} if a call takes long.
 */
public abstract class TwoFactorStoreStateMachine {
    private static final int MOST_TRIES = 200;
    private static final int OPERATIONS = 30;
    private static final List<String> USERS = List.of("a", "A", "a ");
    private static final String HINT =
            "the last of the calls below is the first with a wrong answer. The tests of TwoFactorStoreConformance name causes.";

    private int tried;

    /** For subclasses. */
    protected TwoFactorStoreStateMachine() {}

    /**
     * Opens the store that is tested. Called once for each sequence of operations.
     *
     * @return the store. It may be the same each time
     * @throws Exception if it cannot be opened
     */
    protected abstract TwoFactorStore createStore() throws Exception;

    /**
     * {@return how many sequences of operations to try: 200 unless overridden} At least 1 is tried, and at most 200.
     * jqwik tries more of them to shorten a sequence that fails.
     */
    protected int tries() {
        return MOST_TRIES;
    }

    /**
     * {@return how long one sequence of operations may take before the kit reports that the store hangs: 1 minute
     * unless overridden}
     */
    protected Duration timeLimit() {
        return Duration.ofMinutes(1);
    }

    @AddLifecycleHook(Enough.class)
    @Property(tries = MOST_TRIES, afterFailure = AfterFailureMode.PREVIOUS_SEED)
    @Label("store MUST answer any sequence of operations as a plain map with versions does")
    void store_anySequenceOfOperations_answersAsTheModel(@ForAll("sequences") List<Operation> sequence)
            throws Throwable {
        TimeLimit.run(timeLimit(), () -> {
            TestContext context = new TestContext(this::createStore, this::createStore, this::createStore);
            try {
                Run run = new Run(context);
                sequence.forEach(operation -> operation.on().accept(run));
                USERS.forEach(run::find);
            } finally {
                context.cleanUp();
            }
        });
    }

    /** Ends the property after the number of sequences that tries() returns. */
    static final class Enough implements AroundTryHook {
        @Override
        public TryExecutionResult aroundTry(
                TryLifecycleContext context, TryExecutor sequence, List<Object> parameters) {
            TwoFactorStoreStateMachine machine = (TwoFactorStoreStateMachine) context.testInstance();
            TryExecutionResult result = sequence.execute(parameters);
            return result.isSatisfied() && ++machine.tried >= machine.tries()
                    ? TryExecutionResult.satisfied(true)
                    : result;
        }
    }

    @Provide
    Arbitrary<List<Operation>> sequences() {
        // The same user most of the time. Otherwise a sequence would be worth no more than three short ones.
        Arbitrary<String> users =
                Arbitraries.frequency(Tuple.of(6, USERS.get(0)), Tuple.of(1, USERS.get(1)), Tuple.of(1, USERS.get(2)));
        Arbitrary<Current> currents = Arbitraries.of(Current.class);
        Arbitrary<Integer> sizes = Arbitraries.integers().between(1, 300);
        Arbitrary<Operation> find = users.map(user -> new Operation("find \"" + user + "\"", run -> run.find(user)));
        Arbitrary<Operation> insert = Combinators.combine(users, sizes)
                .as((user, size) -> new Operation("insert \"" + user + "\"", run -> run.insert(user, size)));
        Arbitrary<Operation> replace = Combinators.combine(users, currents, sizes)
                .as((user, current, size) -> new Operation(
                        "replace " + current + " record of \"" + user + "\"", run -> run.replace(user, current, size)));
        Arbitrary<Operation> erase = users.map(user -> new Operation("erase \"" + user + "\"", run -> run.erase(user)));
        return Arbitraries.oneOf(find, insert, replace, replace, erase)
                .list()
                .ofMaxSize(OPERATIONS)
                .withSizeDistribution(RandomDistribution.uniform());
    }

    /** One step of a sequence. It makes sense in any state, so that jqwik can leave out any step before it. */
    record Operation(String text, Consumer<Run> on) {
        @Override
        public String toString() {
            return text;
        }
    }

    /** Which record a replace takes for the stored one. */
    enum Current {
        NEWEST,
        FORMER,
        FIRST,
        UNKNOWN
    }

    /** A store and its model. The store must answer as the model does. */
    static final class Run {
        private final TestContext context;
        private final StoreUnderTest store;
        private final Map<String, StoredRecord> model = new HashMap<>();
        private final Map<String, StoredRecord> former = new HashMap<>();
        private final Map<String, StoredRecord> first = new HashMap<>();
        private long version = (1L << 53) + 1;

        Run(TestContext context) {
            this.context = context;
            this.store = context.store();
        }

        void find(String user) {
            StoredRecord expected = model.get(user);
            if (expected == null) {
                store.mustHoldNothing(context.id(user), HINT);
            } else {
                store.mustHold(expected, HINT);
            }
        }

        void insert(String user, int size) {
            StoredRecord record = next(user, size);
            if (model.containsKey(user)) {
                store.mustNotInsert(record, HINT);
            } else {
                store.mustInsert(record, HINT);
                model.put(user, record);
                first.putIfAbsent(user, record);
            }
        }

        void replace(String user, Current which, int size) {
            StoredRecord current = current(user, which);
            StoredRecord next = next(user, size);
            if (current.equals(model.get(user))) {
                store.mustReplace(current, next, HINT);
                model.put(user, next);
                former.put(user, current);
            } else {
                store.mustNotReplace(current, next, HINT);
            }
        }

        void erase(String user) {
            store.mustErase(context.id(user), HINT);
            StoredRecord gone = model.remove(user);
            if (gone != null) {
                former.put(user, gone);
            }
        }

        private StoredRecord current(String user, Current which) {
            StoredRecord unknown = next(user, 1);
            return switch (which) {
                case NEWEST -> model.getOrDefault(user, unknown);
                case FORMER -> former.getOrDefault(user, unknown);
                case FIRST -> first.getOrDefault(user, unknown);
                case UNKNOWN -> unknown;
            };
        }

        private StoredRecord next(String user, int size) {
            return TestContext.record(context.id(user), version++, size);
        }
    }
}
