// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.ModelTurn.Trouble;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
 * Some users on two nodes, and whatever may happen to them, in any order: calls of every kind, codes of every kind, clocks
 * that go forward and back, stores that fail before a write or after it, others who are quicker. A model that is as simple as
 * the rules can be told says what must come of each call: nothing is accepted that it refuses, nothing refused that it
 * accepts, and what the status shows is what it says.
 */
class TwoFactorModelTest {
    private static final List<ModelMove> MOVES = ModelMove.weighted();

    /** Those that may come between the read and the write of another call: its instant is that of its read. */
    private static final List<ModelMove> CALLS =
            MOVES.stream().filter(move -> !move.method().isEmpty()).toList();

    @Property
    @AddLifecycleHook(Tries.class)
    @Label("Nothing is accepted that the rules refuse, and nothing refused that they accept")
    void anyCalls_inAnyOrder_areAnsweredByTheRules(@ForAll("turns") List<ModelTurn> turns) {
        ModelPlay play = new ModelPlay();
        turns.forEach(play::make);
    }

    @Provide
    Arbitrary<List<ModelTurn>> turns() {
        Arbitrary<Trouble> troubles = Arbitraries.frequency(
                Tuple.of(40, Trouble.NONE),
                Tuple.of(1, Trouble.NO_READ),
                Tuple.of(2, Trouble.NO_WRITE),
                Tuple.of(2, Trouble.ANSWER_OF_WRITE_LOST));
        Arbitrary<List<ModelTurn>> nothing = Arbitraries.just(List.of());
        Arbitrary<List<ModelTurn>> something = turn(CALLS, Arbitraries.just(Trouble.NONE), nothing)
                .list()
                .ofMinSize(1)
                .ofMaxSize(2);
        return turn(MOVES, troubles, Arbitraries.frequencyOf(Tuple.of(8, nothing), Tuple.of(1, something)))
                .list()
                .ofMinSize(1)
                .ofMaxSize(100)
                .withSizeDistribution(RandomDistribution.uniform());
    }

    private static Arbitrary<ModelTurn> turn(
            List<ModelMove> moves, Arbitrary<Trouble> troubles, Arbitrary<List<ModelTurn>> meanwhile) {
        Arbitrary<UserId> users = Arbitraries.frequency(
                Tuple.of(5, ModelPlay.USERS.get(0)),
                Tuple.of(2, ModelPlay.USERS.get(1)),
                Tuple.of(2, ModelPlay.USERS.get(2)));
        Arbitrary<Integer> numbers = Arbitraries.integers().between(0, 999).withoutEdgeCases();
        return Combinators.combine(Arbitraries.of(moves), users, numbers, troubles, meanwhile)
                .as(ModelTurn::new);
    }

    @Example
    void moves_callEveryMethod() {
        Set<String> methods = Stream.of(TwoFactor.class.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .map(Method::getName)
                .collect(Collectors.toSet());
        // The status is looked at after each turn.
        methods.removeAll(Set.of("builder", "status"));

        assertThat(CALLS).extracting(ModelMove::method).containsAll(methods);
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
