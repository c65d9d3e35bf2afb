// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** Contestants that do the same, and what is to come of it. The first of them is what the others are compared with. */
record Comparison(String title, int threads, List<Contestant> contestants, List<Goal> goals) {
    /** The first contestant once more: its ratio to itself shows what the others' are worth. */
    static final String AGAIN = " (again)";

    static Comparison of(String title, List<Contestant> contestants, Goal... goals) {
        return new Comparison(title, 1, contestants, List.of(goals));
    }

    Comparison inThreads(int number, Goal... others) {
        return new Comparison(title + ", " + number + " threads at a time", number, contestants, List.of(others));
    }

    /** With the first contestant standing at the end as well. */
    Comparison withControl() {
        List<Contestant> all = new ArrayList<>(contestants);
        all.add(new Contestant(
                contestants.get(0).name() + AGAIN, contestants.get(0).operation()));
        return new Comparison(title, threads, all, goals);
    }
}
