// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Callers that go on one at a time. Each stops before each of its questions to the store. So the order of the questions is
 * chosen here, and each possible order has its turn, depth first. A race cannot hide between two runs of a test.
 *
 * <p>Callers are marked as interrupted. {@link Accounts} ignores that, but its pauses between two tries end at once: they
 * would take time in each order, and they change no order.
 */
final class EveryOrder implements AutoCloseable {
    /** In place of the answer of a caller that died before it had one. */
    static final String DIED = "died";

    private static final ThreadLocal<@Nullable Caller> SELF = new ThreadLocal<>();

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Semaphore arrivals = new Semaphore(0);

    /** One question to the store: who asks, in which of its calls, counted from 0, and what. */
    record Step(int caller, int call, String question) {
        @Override
        public String toString() {
            return caller + "." + call + " " + question;
        }
    }

    /** One order, and the answers that each caller got in it. */
    record Run(List<List<Object>> answers, List<Step> steps) {}

    /** The end of a process. An error, because a call takes every exception for a failure of the store. */
    private static final class Death extends Error {
        private static final long serialVersionUID = 1;
    }

    private enum Fate {
        GOES_ON,
        DIES_BEFORE,
        DIES_AFTERWARDS
    }

    private static final class Caller {
        private final Semaphore turn = new Semaphore(0);
        private final List<Object> answers = new ArrayList<>();
        private final List<Fate> fates;
        private int call;
        private String question = "";
        private Fate fate = Fate.GOES_ON;
        private boolean finished;
        private @Nullable Throwable failure;

        Caller(List<Fate> fates) {
            this.fates = fates;
        }
    }

    /**
     * Runs every order.
     *
     * @param start sets everything up as at the beginning and returns each caller's calls
     * @param mortal how many callers, from the first on, may also die at each question, before or after the store does it
     * @param end checks the outcome of an order
     * @return the number of orders
     */
    int run(Supplier<List<List<Supplier<Object>>>> start, int mortal, Consumer<Run> end) {
        List<Integer> path = new ArrayList<>();
        List<Integer> widths = new ArrayList<>();
        int orders = 0;
        do {
            widths.clear();
            end.accept(runOne(start.get(), mortal, path, widths));
            orders++;
        } while (moveOn(path, widths));
        return orders;
    }

    /** The next path: takes the next choice at the last place that has one left, and drops the choices after it. */
    private static boolean moveOn(List<Integer> path, List<Integer> widths) {
        for (int last = path.size() - 1; last >= 0; last--) {
            int next = path.remove(last) + 1;
            if (next < widths.get(last)) {
                path.add(next);
                return true;
            }
        }
        return false;
    }

    private Run runOne(List<List<Supplier<Object>>> calls, int mortal, List<Integer> path, List<Integer> widths) {
        List<Caller> callers = new ArrayList<>();
        for (int i = 0; i < calls.size(); i++) {
            Caller caller = new Caller(i < mortal ? List.of(Fate.values()) : List.of(Fate.GOES_ON));
            callers.add(caller);
            List<Supplier<Object>> its = calls.get(i);
            threads.execute(() -> live(caller, its));
            awaitArrival();
        }
        List<Step> steps = new ArrayList<>();
        for (int depth = 0; ; depth++) {
            List<Caller> waiting =
                    callers.stream().filter(caller -> !caller.finished).toList();
            if (waiting.isEmpty()) {
                return new Run(callers.stream().map(caller -> caller.answers).toList(), steps);
            }
            int width = waiting.stream().mapToInt(caller -> caller.fates.size()).sum();
            widths.add(width);
            if (path.size() == depth) {
                path.add(0);
            }
            int choice = path.get(depth);
            int who = 0;
            while (choice >= waiting.get(who).fates.size()) {
                choice -= waiting.get(who).fates.size();
                who++;
            }
            Caller next = waiting.get(who);
            next.fate = next.fates.get(choice);
            String question = next.fate == Fate.GOES_ON ? next.question : next.question + " " + next.fate;
            steps.add(new Step(callers.indexOf(next), next.call, question));
            next.turn.release();
            awaitArrival();
            if (next.failure != null) {
                throw new AssertionError("failed after " + steps, next.failure);
            }
        }
    }

    private void live(Caller caller, List<Supplier<Object>> calls) {
        SELF.set(caller);
        Thread.currentThread().interrupt();
        try {
            for (Supplier<Object> call : calls) {
                caller.answers.add(call.get());
                caller.call++;
            }
        } catch (Death e) {
            caller.answers.add(DIED);
        } catch (Throwable e) {
            caller.failure = e;
        } finally {
            Thread.interrupted();
            SELF.remove();
            caller.finished = true;
            arrivals.release();
        }
    }

    private void awaitArrival() {
        try {
            if (!arrivals.tryAcquire(1, TimeUnit.MINUTES)) {
                throw new AssertionError("a caller neither asks the store nor comes to an end");
            }
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts the test", e);
        }
    }

    /** Asks the store when it is the caller's turn. A thread that is no caller of this run asks at once. */
    <T> T ask(String question, Supplier<T> store) {
        Caller caller = SELF.get();
        if (caller == null) {
            return store.get();
        }
        caller.question = question;
        arrivals.release();
        caller.turn.acquireUninterruptibly();
        Fate fate = caller.fate;
        if (fate == Fate.DIES_BEFORE) {
            throw new Death();
        }
        T answer = store.get();
        if (fate == Fate.DIES_AFTERWARDS) {
            throw new Death();
        }
        return answer;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
