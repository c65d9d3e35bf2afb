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
 * Runs random sequences of the four operations against a plain model of a store, and cuts one that fails down to the
 * fewest operations that still do. An addition to {@link TwoFactorStoreConformance}, for those who have jqwik: this class
 * needs {@code net.jqwik:jqwik} on the test class path, and no other class of the kit does.
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
 * <p>The users' ids differ in letter case and a blank, and the versions are where a double no longer tells neighbours. Each
 * run has users of its own and deletes their records. That makes about 4,000 calls, 20 for each sequence; {@link #tries}
 * makes it fewer where a call takes long.
 */
public abstract class TwoFactorStoreStateMachine {
    private static final int MOST_TRIES = 200;
    private static final int OPERATIONS = 30;
    private static final List<String> USERS = List.of("a", "A", "a ");
    private static final String HINT =
            "the last of the calls below is the first with a wrong answer; the tests of TwoFactorStoreConformance name causes.";

    private int tried;

    /** For subclasses. */
    protected TwoFactorStoreStateMachine() {}

    /**
     * Opens the store that is to be proved.
     *
     * @return the store; called once for each sequence of operations, so it may well be the same each time
     * @throws Exception if it cannot be opened
     */
    protected abstract TwoFactorStore createStore() throws Exception;

    /**
     * How many sequences of operations to try. A sequence that fails is cut down by trying more.
     *
     * @return 200, unless overridden; more than that are not tried, and one always is
     */
    protected int tries() {
        return MOST_TRIES;
    }

    /**
     * How long one sequence of operations may take before the store counts as hanging.
     *
     * @return 1 minute, unless overridden
     */
    protected Duration patience() {
        return Duration.ofMinutes(1);
    }

    @AddLifecycleHook(Enough.class)
    @Property(tries = MOST_TRIES, afterFailure = AfterFailureMode.PREVIOUS_SEED)
    @Label("store MUST answer any sequence of operations as a plain map with versions does")
    void store_anySequenceOfOperations_answersAsTheModel(@ForAll("sequences") List<Operation> sequence)
            throws Throwable {
        Patience.within(patience(), () -> {
            Session session = new Session(this::createStore, this::createStore);
            try {
                Run run = new Run(session);
                sequence.forEach(operation -> operation.on().accept(run));
                USERS.forEach(run::find);
            } finally {
                session.cleanUp();
            }
        });
    }

    /** Ends the property after as many sequences as are asked for; its report then says so. */
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
        // One user most of the time, or a sequence is as good as three short ones.
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
        Arbitrary<Operation> delete = Combinators.combine(users, currents)
                .as((user, current) -> new Operation(
                        "delete " + current + " record of \"" + user + "\"", run -> run.delete(user, current)));
        return Arbitraries.oneOf(find, insert, replace, delete)
                .list()
                .ofMaxSize(OPERATIONS)
                .withSizeDistribution(RandomDistribution.uniform());
    }

    /** One step of a sequence. It makes sense in any state, so that others can be left out before it. */
    record Operation(String text, Consumer<Run> on) {
        @Override
        public String toString() {
            return text;
        }
    }

    /** Which record a replace or delete takes for the stored one. */
    enum Current {
        NEWEST,
        FORMER,
        FIRST,
        UNKNOWN
    }

    /** A store and its model side by side: what the model answers, the store must. */
    static final class Run {
        private final Session session;
        private final StoreUnderTest store;
        private final Map<String, StoredRecord> model = new HashMap<>();
        private final Map<String, StoredRecord> former = new HashMap<>();
        private final Map<String, StoredRecord> first = new HashMap<>();
        private long version = (1L << 53) + 1;

        Run(Session session) {
            this.session = session;
            this.store = session.store();
        }

        void find(String user) {
            StoredRecord expected = model.get(user);
            if (expected == null) {
                store.mustHoldNothing(session.id(user), HINT);
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

        void delete(String user, Current which) {
            StoredRecord current = current(user, which);
            if (current.equals(model.get(user))) {
                store.mustDelete(current, HINT);
                model.remove(user);
                former.put(user, current);
            } else {
                store.mustNotDelete(current, HINT);
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
            return Session.record(session.id(user), version++, size);
        }
    }
}
