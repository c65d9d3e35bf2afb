// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.ModelStep.Trouble;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.AroundPropertyHook;
import net.jqwik.api.lifecycle.PropertyExecutionResult;
import net.jqwik.api.lifecycle.PropertyExecutor;
import net.jqwik.api.lifecycle.PropertyLifecycleContext;

/**
 * Some users on two nodes, and whatever may happen to them, in any order: calls of every kind, codes of every kind, both
 * doors, clocks that go forward and back, stores that fail before a write or after it, others who are quicker. A model that
 * is as simple as the rules can be told knows the right answer of each call: nothing is accepted that it refuses, nothing is
 * refused that it accepts, and the status and the stamps are as it says.
 */
class TwoFactorModelTest {
    private static final List<ModelAction> ACTIONS = ModelAction.weighted();

    /** Those that may come between the read and the write of another call, whose instant is that of its read. */
    private static final List<ModelAction> CALLS =
            ACTIONS.stream().filter(action -> !action.method().isEmpty()).toList();

    @Property
    @AddLifecycleHook(Tries.class)
    @Label("Nothing is accepted that the rules refuse, and nothing refused that they accept")
    void anyCalls_inAnyOrder_areAnsweredByTheRules(
            @ForAll("policies") int policy, @ForAll("steps") List<ModelStep> steps) {
        ModelRun run = new ModelRun(ModelRun.POLICIES.get(policy));
        steps.forEach(run::make);
    }

    @Provide
    Arbitrary<Integer> policies() {
        return Arbitraries.integers().between(0, ModelRun.POLICIES.size() - 1);
    }

    @Provide
    Arbitrary<List<ModelStep>> steps() {
        Arbitrary<Trouble> troubles = Arbitraries.frequency(
                Tuple.of(40, Trouble.NONE),
                Tuple.of(1, Trouble.NO_READ),
                Tuple.of(2, Trouble.NO_WRITE),
                Tuple.of(2, Trouble.ANSWER_OF_WRITE_LOST));
        Arbitrary<List<ModelStep>> nothing = Arbitraries.just(List.of());
        Arbitrary<List<ModelStep>> something = step(CALLS, Arbitraries.just(Trouble.NONE), nothing)
                .list()
                .ofMinSize(1)
                .ofMaxSize(2);
        return step(ACTIONS, troubles, Arbitraries.frequencyOf(Tuple.of(8, nothing), Tuple.of(1, something)))
                .list()
                .ofMinSize(1)
                .ofMaxSize(100)
                .withSizeDistribution(RandomDistribution.uniform());
    }

    private static Arbitrary<ModelStep> step(
            List<ModelAction> actions, Arbitrary<Trouble> troubles, Arbitrary<List<ModelStep>> meanwhile) {
        Arbitrary<UserId> users = Arbitraries.frequency(
                Tuple.of(5, ModelRun.USERS.get(0)),
                Tuple.of(2, ModelRun.USERS.get(1)),
                Tuple.of(2, ModelRun.USERS.get(2)));
        Arbitrary<Integer> numbers = Arbitraries.integers()
                .between(1, 99_999)
                .withDistribution(RandomDistribution.uniform())
                .withoutEdgeCases();
        return Combinators.combine(Arbitraries.of(actions), users, numbers, troubles, meanwhile)
                .as(ModelStep::new);
    }

    @Example
    @Label("What the model is good for: guesses that are given back with an older row are found")
    void run_overAStoreWithAnOlderRowPutBack_fails() {
        ModelRun run = new ModelRun(ModelRun.POLICIES.get(0));
        Map<String, String> older = Map.copyOf(run.rows());
        for (int number = 1; number <= 8; number++) {
            run.make(new ModelStep(ModelAction.FAIL_IN_A_ROW, World.ALICE, number));
        }
        run.rows().putAll(older);

        assertThatThrownBy(() -> run.make(new ModelStep(ModelAction.IS_CURRENT, World.ALICE, 1)))
                .isInstanceOf(AssertionError.class);
    }

    @Example
    void actions_callEveryMethod() {
        Set<String> methods = StoreCall.allSignatures();
        // The status is looked at after each step. An account name alone is a request without anything else.
        methods.removeAll(Set.of("TwoFactor.status(UserId)", "TwoFactor.beginEnrollment(UserId,String)"));

        assertThat(CALLS).extracting(ModelAction::method).containsAll(methods);
    }

    /** As many tries as -Dsallyport.model.tries says: each is some fifty calls, so that a few do for every build. */
    static final class Tries implements AroundPropertyHook {
        @Override
        public PropertyExecutionResult aroundProperty(PropertyLifecycleContext context, PropertyExecutor property) {
            boolean again = System.getProperty("sallyport.test.locale") != null;
            context.attributes().setTries(Integer.getInteger("sallyport.model.tries", again ? 5 : 60));
            return property.execute();
        }
    }
}
