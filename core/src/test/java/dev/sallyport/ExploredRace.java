// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.EveryOrder.Run;
import dev.sallyport.EveryOrder.Step;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.storage.TwoFactorStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Some callers, in every order of their questions to the store. The outcome of each order has to be the outcome of the same
 * calls made one after the other: the same answers, the same account, the same events. A call that had ended before another
 * one began comes before it. (This is linearizability, as Herlihy and Wing have defined it.)
 */
final class ExploredRace {
    private static final TwoFactorPolicy POLICY =
            TwoFactorPolicy.builder().backupCodes(1).build();

    private final World world = new World(POLICY);
    private final List<List<Function<TwoFactor, Object>>> callers = new ArrayList<>();
    private BiFunction<TwoFactorStore, EveryOrder, TwoFactorStore> storeInBetween = (store, order) -> store;
    private int mortal;
    private Map<String, String> rows = Map.of();
    private long epochAtTheBeginning;
    private Instant now = World.START;
    private final Map<List<Integer>, End> oneAfterTheOther = new HashMap<>();

    /** The outcome: what each call answered, what has become of the account, which events there were. */
    record End(List<List<Object>> answers, Seen account, List<Type> events) {
        long count(Object answer) {
            return answers.stream()
                    .flatMap(List::stream)
                    .filter(one -> answer.equals(one) || (answer instanceof Class<?> kind && kind.isInstance(one)))
                    .count();
        }

        /** The only answer of a kind. */
        <T> Optional<T> only(Class<T> kind) {
            return answers.stream()
                    .flatMap(List::stream)
                    .filter(kind::isInstance)
                    .map(kind::cast)
                    .findFirst();
        }
    }

    /** What an epoch is, where each run draws another one. */
    enum Epoch {
        NONE,
        OF_THE_BEGINNING,
        DRAWN
    }

    /** A known browser, without its id. */
    record SeenBrowser(String label, boolean remembered, int failures) {}

    /** The account without what differs in each run: secrets, hashes, ids and the epoch's number. */
    record Seen(
            boolean hasRow,
            TwoFactorStatus.State state,
            List<Long> watermarks,
            List<Integer> offsets,
            Epoch epoch,
            Limits limits,
            List<Boolean> spent,
            boolean temporaryCode,
            List<SeenBrowser> browsers,
            Optional<Integer> pendingFailures) {}

    /** The world as it is when the callers come. */
    World world() {
        return world;
    }

    ExploredRace caller(Function<TwoFactor, Object> call) {
        callers.add(List.of(call));
        return this;
    }

    /** One more caller, who makes one call after the other. */
    ExploredRace caller(Function<TwoFactor, Object> call, Function<TwoFactor, Object> then) {
        callers.add(List.of(call, then));
        return this;
    }

    ExploredRace callers(int number, Function<TwoFactor, Object> call) {
        for (int i = 0; i < number; i++) {
            caller(call);
        }
        return this;
    }

    /** The first caller, who makes one call, may die at any time. */
    ExploredRace firstMayDie() {
        mortal = 1;
        return this;
    }

    /** With a store that is wrong. */
    ExploredRace over(BiFunction<TwoFactorStore, EveryOrder, TwoFactorStore> broken) {
        storeInBetween = broken;
        return this;
    }

    /** Explores, and returns the number of orders. */
    int explore(Consumer<End> law) {
        rows = Map.copyOf(world.rows);
        now = world.now();
        epochAtTheBeginning = account().header().epoch();
        merges(new ArrayList<>(), new int[callers.size()], List.of(world.twoFactor, world.twoFactor));
        try (EveryOrder order = new EveryOrder()) {
            TwoFactorStore store = new OrderedStore(storeInBetween.apply(world.store, order), order);
            List<TwoFactor> nodes = List.of(
                    world.node().policy(POLICY).store(store).build(),
                    world.node().policy(POLICY).store(store).build());
            return order.run(() -> start(nodes), mortal, run -> {
                End end = end(run.answers());
                assertThat(explanations(run))
                        .as("%s: %s", run.steps(), end)
                        .anySatisfy(explained -> assertThat(end).isEqualTo(explained));
                assertThat(end).as("%s", run.steps()).satisfies(law);
            });
        }
    }

    private List<List<Supplier<Object>>> start(List<TwoFactor> nodes) {
        world.rows.clear();
        world.rows.putAll(rows);
        world.clock.set(now);
        world.events.clear();
        List<List<Supplier<Object>>> calls = new ArrayList<>();
        for (int i = 0; i < callers.size(); i++) {
            TwoFactor node = nodes.get(i % nodes.size());
            calls.add(callers.get(i).stream()
                    .<Supplier<Object>>map(call -> () -> answer(() -> call.apply(node)))
                    .toList());
        }
        return calls;
    }

    private static Object answer(Supplier<Object> call) {
        try {
            return call.get();
        } catch (IllegalStateException | IllegalArgumentException e) {
            return e.getClass();
        }
    }

    /** Makes the calls one after the other in every way, and keeps each outcome. A caller that may die may make none. */
    private void merges(List<Integer> soFar, int[] made, List<TwoFactor> nodes) {
        boolean complete = true;
        for (int i = 0; i < made.length; i++) {
            if (made[i] < callers.get(i).size()) {
                complete &= i < mortal;
                made[i]++;
                soFar.add(i);
                merges(soFar, made, nodes);
                soFar.remove(soFar.size() - 1);
                made[i]--;
            }
        }
        if (complete) {
            List<List<Supplier<Object>>> calls = start(nodes);
            List<List<Object>> answers = new ArrayList<>();
            calls.forEach(one -> answers.add(new ArrayList<>()));
            for (int caller : soFar) {
                List<Object> its = answers.get(caller);
                its.add(calls.get(caller).get(its.size()).get());
            }
            oneAfterTheOther.put(List.copyOf(soFar), end(answers));
        }
    }

    /** The outcomes that a run may have, by the orders of calls that agree with its order of steps. */
    private List<End> explanations(Run run) {
        boolean died = run.answers().get(0).contains(EveryOrder.DIED);
        return oneAfterTheOther.entrySet().stream()
                .filter(entry -> died || entry.getKey().contains(0))
                .filter(entry -> agrees(entry.getKey(), run.steps()))
                .map(entry -> died ? withoutAnswerOfFirst(entry.getValue()) : entry.getValue())
                .toList();
    }

    /** Whether no call comes before one that had ended before it began. */
    private boolean agrees(List<Integer> order, List<Step> steps) {
        int[] made = new int[callers.size()];
        int lastBegin = -1;
        for (int caller : order) {
            int call = made[caller]++;
            int begin = Integer.MAX_VALUE;
            int end = -1;
            for (int at = 0; at < steps.size(); at++) {
                if (steps.get(at).caller() == caller && steps.get(at).call() == call) {
                    begin = Math.min(begin, at);
                    end = at;
                }
            }
            if (end < lastBegin) {
                return false;
            }
            lastBegin = Math.max(lastBegin, begin);
        }
        return true;
    }

    private static End withoutAnswerOfFirst(End end) {
        List<List<Object>> answers = new ArrayList<>(end.answers());
        answers.set(0, List.of(EveryOrder.DIED));
        // A caller that died has published nothing.
        return new End(answers, end.account(), List.of());
    }

    private Account account() {
        return hasRow() ? Unsealed.account(world.keys, world.store, ALICE) : Account.none(0, world.now());
    }

    private boolean hasRow() {
        return world.store.find(ALICE.value()).isPresent();
    }

    private End end(List<List<Object>> answers) {
        Account account = account();
        List<List<Object>> told = answers.stream()
                .map(its -> its.stream().map(answer -> tell(answer, account)).toList())
                .toList();
        List<Type> events = new ArrayList<>(world.eventTypes());
        Collections.sort(events);
        boolean died = answers.stream().anyMatch(its -> its.contains(EveryOrder.DIED));
        return new End(told, seen(account), died ? List.of() : events);
    }

    private Seen seen(Account account) {
        return new Seen(
                hasRow(),
                world.twoFactor.status(ALICE).state(),
                account.authenticators().stream()
                        .map(one -> one.seed().watermark())
                        .toList(),
                account.authenticators().stream()
                        .map(one -> one.seed().offset())
                        .toList(),
                epoch(account.header().epoch()),
                account.limits(),
                account.backupCodes().slots().stream()
                        .map(BackupCodeSet.Slot::spent)
                        .toList(),
                account.backupCodes().temporary() != null,
                account.browsers().stream()
                        .map(one -> new SeenBrowser(
                                one.label(), one.remembered() != null, one.row().failures()))
                        .toList(),
                Optional.ofNullable(account.pending()).map(PendingSlot::failures));
    }

    private Epoch epoch(long epoch) {
        if (epoch == TrustStamp.NO_EPOCH) {
            return Epoch.NONE;
        }
        return epoch == epochAtTheBeginning ? Epoch.OF_THE_BEGINNING : Epoch.DRAWN;
    }

    /** An answer without its secrets; but of each, whether it is good at the end. */
    private Object tell(Object answer, Account account) {
        if (answer instanceof Optional<?> perhaps) {
            return perhaps.map(one -> tell(one, account));
        }
        if (answer instanceof PendingEnrollment begun) {
            return new Good(world.twoFactor
                    .pendingEnrollment(begun.handle())
                    .filter(pending -> pending.keyUri().equals(begun.keyUri()))
                    .isPresent());
        }
        if (answer instanceof Regenerated regenerated) {
            return new Good(isKept(regenerated.codes(), account) && isCurrent(regenerated.proof()));
        }
        if (answer instanceof Enrolled enrolled) {
            boolean kept =
                    enrolled.backupCodes().map(codes -> isKept(codes, account)).orElse(true);
            return new Good(kept && isCurrent(enrolled.proof()));
        }
        if (answer instanceof TrustStamp stamp) {
            return new Good(world.twoFactor.isCurrent(ALICE, stamp));
        }
        if (answer instanceof VerificationResult.Verified proof) {
            return new Proved(proof.method(), proof.backupCodesLeft(), isCurrent(proof));
        }
        return answer;
    }

    private boolean isCurrent(VerificationResult.Verified proof) {
        return world.twoFactor.isCurrent(ALICE, proof.stamp());
    }

    private static boolean isKept(BackupCodes codes, Account account) {
        TypedCode first = Objects.requireNonNull(TypedCode.parse(codes.asList().get(0)));
        return account.backupCodes().indexOf(first) == 0;
    }

    /** A secret or a stamp that was returned, and whether it is good at the end. */
    record Good(boolean atTheEnd) {}

    /** A proof, and whether the session that rests on it is current at the end. */
    record Proved(VerificationResult.Method method, int backupCodesLeft, boolean currentAtTheEnd) {}
}
