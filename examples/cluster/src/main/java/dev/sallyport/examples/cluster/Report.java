// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import dev.sallyport.examples.cluster.Tally.Count;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What happened, as a table for people; what was not tried; and what was wrong. */
record Report(Options options, Tally tally, Cluster cluster, Operator operator, double seconds) {
    private static final int VIOLATIONS_SHOWN = 50;

    /** Says whether all was tried, and nothing was wrong. */
    boolean print(PrintStream out) {
        double answers = tally.answers().stream().mapToLong(Long::longValue).sum();
        String shares = tally.answers().stream()
                .map(share -> Math.round(100 * share / answers) + " %")
                .collect(Collectors.joining(", "));
        out.print(String.format(
                Locale.ROOT,
                """

            Sign-ins                     %,9d   %.0f per second, among %.0f calls
              answers by node                      %s
              time of one                          p50 %.1f ms, p99 %.1f ms, as the client sees it
            One code on all nodes        %,9d   at once; accepted more than once: %,d
            Replays of used codes        %,9d   %,d of them right after a kill; accepted: %,d
            Guesses made                 %,9d   wrong codes, and used ones from before the last
              answered as wrong          %,9d
              refused                    %,9d   by %,d lockouts
              without an answer          %,9d   their node was killed
              counted in the database    %,9d   what was answered, and perhaps what was not
            Backup codes redeemed        %,9d   %,d replays, accepted: %,d; %,d new sets
            Nodes killed                 %,9d   %,d restarted; %,d calls were left without an answer
            Records re-encrypted         %,9d   of %,d, by the walk; the others when somebody signed in

            """,
                n(Count.SIGN_INS),
                n(Count.SIGN_INS) / seconds,
                answers / seconds,
                shares,
                tally.latency(0.5),
                tally.latency(0.99),
                n(Count.RACES),
                n(Count.RACES_WON_AGAIN),
                n(Count.REPLAYS),
                n(Count.REPLAYS_AFTER_A_KILL),
                n(Count.REPLAYS_ACCEPTED),
                n(Count.GUESSES),
                n(Count.GUESSES_ANSWERED),
                n(Count.GUESSES_REFUSED),
                n(Count.LOCKOUTS),
                n(Count.GUESSES_UNANSWERED),
                n(Count.GUESSES_COUNTED),
                n(Count.BACKUP_CODES),
                n(Count.BACKUP_REPLAYS),
                n(Count.BACKUP_REPLAYS_ACCEPTED),
                n(Count.NEW_SETS),
                cluster.kills(),
                cluster.restarts(),
                n(Count.UNANSWERED),
                operator.renewed(),
                options.accounts()));
        List<String> wrong = new ArrayList<>(tally.violations());
        wrong.addAll(untried());
        out.println(wrong.isEmpty() ? "All as it should be." : "Violations: " + wrong.size());
        wrong.stream().limit(VIOLATIONS_SHOWN).forEach(violation -> out.println("  " + violation));
        return wrong.isEmpty();
    }

    /** What stayed at nothing shows nothing. */
    private List<String> untried() {
        List<String> untried = new ArrayList<>(tally.untried());
        if (tally.answers().size() < options.nodes()) {
            untried.add("a node gave no answer at all");
        }
        if (options.killEvery() > 0 && operator.killsByChance() == 0) {
            untried.add("there was no time for a kill besides those of the key rotation");
        }
        if (operator.renewed() == 0) {
            untried.add("the walk re-encrypted nothing");
        }
        return untried;
    }

    private long n(Count count) {
        return tally.get(count);
    }
}
