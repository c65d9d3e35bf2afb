// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import dev.sallyport.KeyRing;
import dev.sallyport.examples.benchmarks.Report.Verdict;
import dev.sallyport.examples.benchmarks.StormUsers.Count;
import dev.sallyport.examples.benchmarks.StormUsers.SignIn;
import dev.sallyport.storage.jdbc.JdbcTwoFactorStore;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;

/** Ten thousand users who all want to sign in at once, on PostgreSQL, and how often each of them reads and writes. */
final class Storm {
    private static final int ACCOUNTS = 10_000;
    private static final int ROUNDS = 40;
    private static final int WARM_UP_ROUNDS = 10;

    private Storm() {}

    static Report compare() throws IOException, SQLException, InterruptedException, ExecutionException {
        StringBuilder table = new StringBuilder("| threads | sign-ins a second |\n|---:|---:|\n");
        Map<SignIn, Count> counts = new EnumMap<>(SignIn.class);
        try (Postgres server = new Postgres();
                HikariDataSource pool = server.pool(8)) {
            for (int threads : new int[] {1, 8}) {
                JdbcTwoFactorStore store = JdbcTwoFactorStore.of(pool).withTable("storm_" + threads);
                store.createTableIfMissing();
                KeyRing keys = KeyRing.generate();
                List<StormUsers> users = IntStream.range(0, threads)
                        .mapToObj(i -> new StormUsers(store, keys, "user-" + i + "-", ACCOUNTS / threads, i))
                        .toList();
                Postgres.execute(pool, "VACUUM (ANALYZE) storm_" + threads);
                table.append(String.format(Locale.ROOT, "| %d | %.0f |%n", threads, perSecond(users)));
                users.forEach(
                        each -> each.takeCounts().forEach((kind, count) -> counts.merge(kind, count, Count::plus)));
            }
        }
        return report(table.toString(), counts);
    }

    private static double perSecond(List<StormUsers> users) throws InterruptedException, ExecutionException {
        List<OnPostgres.Work> perThread =
                users.stream().map(each -> (OnPostgres.Work) each::signIn).toList();
        List<Double> rounds = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            rounds.add(OnPostgres.perSecond(perThread));
        }
        return Results.median(rounds.subList(WARM_UP_ROUNDS, ROUNDS).stream());
    }

    /** The sign-ins a second, and below them the reads and writes of each kind of sign-in. */
    static Report report(String perSecond, Map<SignIn, Count> counts) {
        long all = counts.values().stream().mapToLong(Count::signIns).sum();
        StringBuilder table = new StringBuilder(perSecond)
                .append("\n| sign-ins | of all | reads | at most | designed for | writes | at most | designed for |\n")
                .append("|---|---:|---:|---:|---:|---:|---:|---:|\n");
        List<Verdict> verdicts = new ArrayList<>();
        for (SignIn kind : SignIn.values()) {
            Count count = counts.getOrDefault(kind, Count.NONE);
            if (count.signIns() == 0) {
                throw new IllegalStateException("there was no sign-in " + kind.words());
            }
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %.1f %% | %.3f | %d | %d | %.3f | %d | %d |%n",
                    kind.words(),
                    100.0 * count.signIns() / all,
                    (double) count.reads() / count.signIns(),
                    count.mostReads(),
                    kind.mostReads(),
                    (double) count.writes() / count.signIns(),
                    count.mostWrites(),
                    kind.mostWrites()));
            verdicts.add(
                    Verdict.atMost("reads of a sign-in " + kind.words() + ":", count.mostReads(), kind.mostReads()));
            verdicts.add(
                    Verdict.atMost("writes of a sign-in " + kind.words() + ":", count.mostWrites(), kind.mostWrites()));
        }
        return new Report("A sign-in storm on PostgreSQL, 10,000 accounts, fsync on", table.toString(), verdicts);
    }
}
