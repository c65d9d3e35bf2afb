// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import dev.sallyport.KeyRing;
import dev.sallyport.examples.benchmarks.Report.Verdict;
import dev.sallyport.storage.MapTwoFactorStore;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Sign-ins in memory by more and more threads, each on accounts of its own: what they share would show here. */
final class Scaling {
    private static final int[] THREADS = {1, 2, 4, 8, 16, 32, 64};
    private static final int USERS_PER_THREAD = 4;
    private static final int TIMES = 20_000;
    /** About as long as a sign-in takes. */
    private static final int HASHES = 100;

    private static final int HASH_BYTES = 32;
    private static final int PAYLOAD_BYTES = 600;
    private static final int ROUNDS = 21;
    private static final int VIRTUAL_SINCE = 21;
    private static final double LEAST = 0.9;

    private final ConcurrentHashMap<String, String> rows = new ConcurrentHashMap<>();
    private final KeyRing keys = KeyRing.generate();
    private final List<Users> perThread = IntStream.range(0, THREADS[THREADS.length - 1])
            .mapToObj(i -> new Users(new MapTwoFactorStore(rows), keys, "user-" + i + "-", USERS_PER_THREAD))
            .toList();

    private Scaling() {}

    /** Who does what; of each contestant every thread has one of its own. */
    private enum Way {
        SIGN_INS("sign-ins"),
        SIGN_INS_VIRTUAL("sign-ins, virtual threads"),
        CRYPTOGRAPHY("the JDK's cryptography alone"),
        HASHES("SHA-256 alone, which allocates nothing");

        private final String title;

        Way(String title) {
            this.title = title;
        }
    }

    /** How often a second, by number of threads, each beside one thread in the same round. */
    static Report measure() throws Exception {
        Scaling scaling = new Scaling();
        List<Way> ways = new ArrayList<>(List.of(Way.values()));
        if (Runtime.version().feature() < VIRTUAL_SINCE) {
            ways.remove(Way.SIGN_INS_VIRTUAL);
        }
        Map<Way, List<double[]>> rounds = new EnumMap<>(Way.class);
        for (int round = 0; round < ROUNDS; round++) {
            for (Way way : ways) {
                double[] perSecond = new double[THREADS.length];
                for (int i = 0; i < THREADS.length; i++) {
                    perSecond[i] = scaling.perSecond(way, THREADS[i]);
                }
                rounds.computeIfAbsent(way, each -> new ArrayList<>()).add(perSecond);
            }
        }
        StringBuilder table = new StringBuilder("| threads |");
        ways.forEach(way -> table.append(' ').append(way.title).append(" | of one thread's |"));
        table.append("\n|---:|").append("---:|---:|".repeat(ways.size())).append('\n');
        for (int i = 0; i < THREADS.length; i++) {
            table.append("| ").append(THREADS[i]).append(" |");
            for (Way way : ways) {
                int row = i;
                double perSecond = Results.median(counted(rounds, way).map(round -> round[row]));
                table.append(String.format(Locale.ROOT, " %.0f/s | %.2f |", perSecond, ratio(rounds, way, i)));
            }
            table.append('\n');
        }
        int last = THREADS.length - 1;
        double goal = LEAST * ratio(rounds, Way.CRYPTOGRAPHY, last);
        List<Verdict> verdicts = new ArrayList<>();
        ways.stream()
                .filter(way -> way.title.startsWith("sign-ins"))
                .forEach(way -> verdicts.add(Verdict.atLeast(
                        way.title + " by 64 threads, times those of one, where cryptography alone has 0.9 of it:",
                        ratio(rounds, way, last),
                        goal)));
        return new Report("TwoFactor.verify by many threads, in memory", table.toString(), verdicts);
    }

    private static double ratio(Map<Way, List<double[]>> rounds, Way way, int i) {
        return Results.median(counted(rounds, way).map(round -> round[i] / round[0]));
    }

    /** The first rounds warm up. */
    private static Stream<double[]> counted(Map<Way, List<double[]>> rounds, Way way) {
        return rounds.getOrDefault(way, List.of()).subList(ROUNDS / 3, ROUNDS).stream();
    }

    private double perSecond(Way way, int threads) throws Exception {
        int each = TIMES / threads;
        List<Callable<Integer>> tasks = new ArrayList<>();
        for (Users users : perThread.subList(0, threads)) {
            tasks.add(task(way, users, each));
        }
        ExecutorService executor =
                way == Way.SIGN_INS_VIRTUAL ? virtualThreads() : Executors.newFixedThreadPool(threads);
        try {
            long start = System.nanoTime();
            int done = 0;
            for (Future<Integer> task : executor.invokeAll(tasks)) {
                done += task.get();
            }
            return done * 1e9 / (System.nanoTime() - start);
        } finally {
            executor.shutdown();
        }
    }

    private static Callable<Integer> task(Way way, Users users, int times) throws GeneralSecurityException {
        switch (way) {
            case CRYPTOGRAPHY -> {
                Cryptography cryptography = new Cryptography(PAYLOAD_BYTES);
                return () -> {
                    int sum = 0;
                    for (int i = 0; i < times; i++) {
                        sum |= cryptography.verify().size();
                    }
                    return sum == 0 ? 0 : times;
                };
            }
            case HASHES -> {
                MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
                byte[] hash = new byte[HASH_BYTES];
                return () -> {
                    for (int i = 0; i < times * HASHES; i++) {
                        sha256.update(hash);
                        sha256.digest(hash, 0, hash.length);
                    }
                    return times;
                };
            }
            default -> {
                users.prepare(times);
                return () -> {
                    for (int i = 0; i < times; i++) {
                        users.signIn();
                    }
                    return times;
                };
            }
        }
    }

    /** By name, for this is compiled for a JDK that has none. */
    private static ExecutorService virtualThreads() throws ReflectiveOperationException {
        return (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }
}
