// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What all clients did, in numbers, and whatever was not as it should be, in words. */
final class Tally {
    /** What is counted. */
    enum Count {
        SIGN_INS,
        RACES,
        RACES_WON_AGAIN,
        REPLAYS,
        REPLAYS_AFTER_A_KILL,
        REPLAYS_ACCEPTED,
        GUESSES,
        GUESSES_ANSWERED,
        GUESSES_REFUSED,
        GUESSES_UNANSWERED,
        GUESSES_COUNTED,
        LOCKOUTS,
        BACKUP_CODES,
        BACKUP_REPLAYS,
        BACKUP_REPLAYS_ACCEPTED,
        NEW_SETS,
        UNANSWERED,
        ACCEPTED_UNHEARD
    }

    private final Map<Count, Long> counts = new EnumMap<>(Count.class);
    private final Map<String, Long> answers = new TreeMap<>();
    private final List<Long> latencies = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();

    synchronized void add(Count count, long more) {
        counts.merge(count, more, Long::sum);
    }

    synchronized long get(Count count) {
        return counts.getOrDefault(count, 0L);
    }

    synchronized void answered(String node) {
        answers.merge(node, 1L, Long::sum);
    }

    /** How many answers each node gave, in the order of their names. */
    synchronized List<Long> answers() {
        return List.copyOf(answers.values());
    }

    synchronized void latency(long nanos) {
        latencies.add(nanos);
    }

    /** In milliseconds; not a number if there was nothing to measure. */
    synchronized double latency(double quantile) {
        List<Long> sorted = latencies.stream().sorted().toList();
        return sorted.isEmpty() ? Double.NaN : sorted.get((int) (quantile * (sorted.size() - 1))) / 1e6;
    }

    synchronized void violation(String what) {
        violations.add(what);
    }

    /** What a run has to try, and this one did not: it would look as good as any. */
    synchronized List<String> untried() {
        return Stream.of(
                        Count.SIGN_INS,
                        Count.RACES,
                        Count.REPLAYS,
                        Count.REPLAYS_AFTER_A_KILL,
                        Count.GUESSES_ANSWERED,
                        Count.GUESSES_REFUSED,
                        Count.GUESSES_COUNTED,
                        Count.BACKUP_CODES,
                        Count.BACKUP_REPLAYS)
                .filter(count -> get(count) == 0)
                .map(count -> "there were no " + count)
                .toList();
    }

    synchronized List<String> violations() {
        return List.copyOf(violations);
    }
}
