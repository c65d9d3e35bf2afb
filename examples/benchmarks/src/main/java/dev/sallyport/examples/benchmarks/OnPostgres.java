// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import dev.sallyport.Browser;
import dev.sallyport.Challenge;
import dev.sallyport.KeyRing;
import dev.sallyport.examples.benchmarks.Report.Verdict;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.jdbc.JdbcTwoFactorStore;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Sign-ins on PostgreSQL, with fsync, beside the two bare statements that nobody can do without. */
final class OnPostgres {
    private static final int USERS_PER_THREAD = 64;
    private static final long SLICE_NANOS = 400_000_000;
    /** More than one thread can do in a slice. */
    private static final int MOST_PER_SLICE = 4_000;

    private static final int ROUNDS = 40;
    private static final int ATTACKERS = 64;
    private static final String BARE = "bare_record";
    private static final String SIGN_INS = "sign-ins";
    private static final String STORE = "the store's read and write alone";
    private static final String PAIRS = "bare pairs of statements";
    private static final String WITH_CRYPTOGRAPHY = "bare pairs, the JDK's cryptography between the two statements";

    private final HikariDataSource pool;
    private final JdbcTwoFactorStore store;
    private final KeyRing keys = KeyRing.generate();
    private final Random order = new Random(42);
    private int created;

    private OnPostgres(HikariDataSource pool) {
        this.pool = pool;
        this.store = JdbcTwoFactorStore.of(pool);
    }

    /** Something that threads do over and over, each for itself. */
    @FunctionalInterface
    interface Work {
        void once() throws SQLException, GeneralSecurityException;

        /** Gets ready for one slice, outside the measurement. */
        default void prepare() {}
    }

    static Report compare()
            throws IOException, SQLException, GeneralSecurityException, InterruptedException, ExecutionException {
        StringBuilder table = new StringBuilder("""
                | threads | | a second | of the bare pairs | of those with cryptography |
                |---:|---|---:|---:|---:|
                """);
        List<Verdict> verdicts = new ArrayList<>();
        try (Postgres server = new Postgres();
                HikariDataSource pool = server.pool(8)) {
            OnPostgres run = new OnPostgres(pool);
            run.store.createTableIfMissing();
            for (int threads : new int[] {1, 8}) {
                Map<String, List<Double>> rounds = run.besideTheBarePair(threads);
                rounds.forEach((name, perSecond) -> table.append(String.format(
                        Locale.ROOT,
                        "| %d | %s | %.0f | %.2f | %.2f |%n",
                        threads,
                        name,
                        Results.median(perSecond.stream()),
                        ratio(rounds, name, PAIRS),
                        ratio(rounds, name, WITH_CRYPTOGRAPHY))));
                verdicts.add(Verdict.atLeast(
                        "sign-ins by threads, " + threads + ", of the bare pairs with cryptography:",
                        ratio(rounds, SIGN_INS, WITH_CRYPTOGRAPHY),
                        0.97));
                verdicts.add(Verdict.atLeast(
                        "the store alone by threads, " + threads + ", of the bare pairs:",
                        ratio(rounds, STORE, PAIRS),
                        0.95));
            }
        }
        return new Report("TwoFactor.verify on PostgreSQL, fsync on", table.toString(), verdicts);
    }

    /** How many a second, by what, and round by round. */
    private Map<String, List<Double>> besideTheBarePair(int threads)
            throws SQLException, GeneralSecurityException, InterruptedException, ExecutionException {
        List<Users> users = users(threads);
        Postgres.execute(pool, "DROP TABLE IF EXISTS " + BARE);
        Postgres.execute(pool, "CREATE TABLE " + BARE + " (LIKE sallyport_record INCLUDING ALL)");
        Postgres.execute(pool, "INSERT INTO " + BARE + " SELECT * FROM sallyport_record");
        Map<String, List<Work>> contestants = new LinkedHashMap<>();
        contestants.put(SIGN_INS, users.stream().map(OnPostgres::signIn).toList());
        contestants.put(STORE, users.stream().map(each -> store()).toList());
        List<Work> withCryptography = new ArrayList<>();
        for (Users each : users) {
            withCryptography.add(pair(each, new Cryptography(payloadBytes(each))));
        }
        contestants.put(WITH_CRYPTOGRAPHY, withCryptography);
        List<Work> pairs = users.stream().map(each -> pair(each, null)).toList();
        contestants.put(PAIRS, pairs);
        contestants.put(PAIRS + Comparison.AGAIN, pairs);
        Map<String, List<Double>> rounds = new LinkedHashMap<>();
        contestants.keySet().forEach(name -> rounds.put(name, new ArrayList<>()));
        List<String> turns = new ArrayList<>(contestants.keySet());
        for (int round = 0; round < ROUNDS; round++) {
            Collections.shuffle(turns, order);
            for (String turn : turns) {
                double perSecond = perSecond(contestants.getOrDefault(turn, List.of()));
                // The first rounds warm up.
                if (round >= ROUNDS / 4) {
                    rounds.getOrDefault(turn, List.of()).add(perSecond);
                }
            }
        }
        return rounds;
    }

    private static double ratio(Map<String, List<Double>> rounds, String name, String of) {
        List<Double> ones = rounds.getOrDefault(name, List.of());
        List<Double> others = rounds.getOrDefault(of, List.of());
        return Results.median(IntStream.range(0, ones.size()).mapToObj(i -> ones.get(i) / others.get(i)));
    }

    private int payloadBytes(Users users) {
        return store.find(users.first().value()).orElseThrow().payload().length;
    }

    private List<Users> users(int threads) {
        return IntStream.range(0, threads)
                .mapToObj(i -> new Users(store, keys, "user-" + created++ + "-", USERS_PER_THREAD))
                .toList();
    }

    /** The code alone. That the password was checked before, and that a code is needed, is prepared. */
    private static Work signIn(Users users) {
        return new Work() {
            @Override
            public void prepare() {
                users.prepare(MOST_PER_SLICE);
            }

            @Override
            public void once() {
                users.signIn();
            }
        };
    }

    /** A read and a conditional write by the store, of users that nobody signs in. */
    private Work store() {
        List<String> ids = users(1).get(0).ids();
        RecordSummary summary =
                new RecordSummary(RecordSummary.State.ENABLED, 0, null, 10, 0, Instant.EPOCH, Instant.EPOCH);
        int[] next = {0};
        return () -> {
            StoredRecord current = store.find(ids.get(next[0]++ % ids.size())).orElseThrow();
            byte[] payload = current.payload();
            ThreadLocalRandom.current().nextBytes(payload);
            if (!store.replace(current, StoredRecord.of(current.userId(), current.version() + 1, payload), summary)) {
                throw new IllegalStateException("another writer");
            }
        };
    }

    /** Reads a row and writes it back if its version is still the same: the store's statements and nothing else. */
    private Work pair(Users users, @Nullable Cryptography cryptography) {
        List<String> ids = users.ids();
        int[] next = {0};
        return () -> {
            try (Connection connection = pool.getConnection()) {
                writeBack(connection, ids.get(next[0]++ % ids.size()), cryptography);
            }
        };
    }

    private static void writeBack(Connection connection, String id, @Nullable Cryptography cryptography)
            throws SQLException, GeneralSecurityException {
        long version;
        byte[] payload;
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT user_id, version, payload FROM " + BARE + " WHERE user_id = ? AND user_id_length = ?")) {
            select.setString(1, id);
            select.setInt(2, id.length());
            try (ResultSet row = select.executeQuery()) {
                row.next();
                version = row.getLong(2);
                payload = row.getBytes(3);
                // As ciphertext is: what stays the same costs PostgreSQL's log next to nothing.
                ThreadLocalRandom.current().nextBytes(payload);
            }
        }
        if (cryptography != null) {
            cryptography.verify();
        }
        try (PreparedStatement update = connection.prepareStatement("UPDATE " + BARE + " SET version = ?, payload = ?,"
                + " state = ?, failed_attempts = ?, locked_until = ?, backup_codes_left = ?, remembered_browsers = ?,"
                + " enabled_at = ?, updated_at = ? WHERE user_id = ? AND user_id_length = ? AND version = ?")) {
            update.setLong(1, version + 1);
            update.setBytes(2, payload);
            update.setString(3, "ENABLED");
            update.setInt(4, 0);
            update.setString(5, null);
            update.setInt(6, 10);
            update.setInt(7, 0);
            update.setString(8, "2026-11-01T12:00:07.000Z");
            update.setString(9, "2026-11-01T12:00:07.000Z");
            update.setString(10, id);
            update.setInt(11, id.length());
            update.setLong(12, version);
            if (update.executeUpdate() != 1) {
                throw new IllegalStateException("another writer");
            }
        }
    }

    /** How often all threads together get it done in a second. */
    static double perSecond(List<Work> perThread) throws InterruptedException, ExecutionException {
        perThread.forEach(Work::prepare);
        ExecutorService executor = Executors.newFixedThreadPool(perThread.size());
        try {
            long start = System.nanoTime();
            List<Callable<Long>> tasks = perThread.stream()
                    .map(work -> (Callable<Long>) () -> {
                        long done = 0;
                        while (System.nanoTime() - start < SLICE_NANOS) {
                            work.once();
                            done++;
                        }
                        return done;
                    })
                    .toList();
            long done = 0;
            for (Future<Long> each : executor.invokeAll(tasks)) {
                done += each.get();
            }
            return done * 1e9 / (System.nanoTime() - start);
        } finally {
            executor.shutdown();
        }
    }

    // --- One account under attack ---

    /** What those who sign in get done while somebody with 64 connections tries codes on one account. */
    static Report attack() throws IOException, SQLException, InterruptedException, ExecutionException {
        try (Postgres server = new Postgres();
                HikariDataSource pool = server.pool(8)) {
            OnPostgres run = new OnPostgres(pool);
            run.store.createTableIfMissing();
            return run.whileAttacked();
        }
    }

    private Report whileAttacked() throws SQLException, InterruptedException, ExecutionException {
        List<Work> signIns = users(4).stream().map(OnPostgres::signIn).toList();
        Users victim = users(1).get(0);
        List<Double> quiet = new ArrayList<>();
        List<Double> attacked = new ArrayList<>();
        long guesses = 0;
        for (int round = 0; round < ROUNDS; round++) {
            quiet.add(perSecond(signIns));
            try (Attack attack = new Attack(victim)) {
                attacked.add(perSecond(signIns));
                guesses += attack.guesses();
            }
        }
        String table = String.format(
                Locale.ROOT,
                "| sign-ins by four threads, alone | while one other account is guessed at | of the ones alone |"
                        + " guesses by %d threads |%n|---:|---:|---:|---:|%n| %.0f/s | %.0f/s | %.2f | %.0f/s |%n",
                ATTACKERS,
                Results.median(quiet.stream()),
                Results.median(attacked.stream()),
                Results.median(IntStream.range(ROUNDS / 4, ROUNDS).mapToObj(i -> attacked.get(i) / quiet.get(i))),
                guesses * 1e9 / SLICE_NANOS / ROUNDS);
        return new Report("One account under attack, on PostgreSQL, a pool of 8", table, List.of());
    }

    /** Threads that guess until it is closed. */
    private static final class Attack implements AutoCloseable {
        private final AtomicBoolean over = new AtomicBoolean();
        private final ExecutorService executor = Executors.newFixedThreadPool(ATTACKERS);
        private final List<Future<Long>> threads = new ArrayList<>();

        Attack(Users victim) {
            Challenge challenge = victim.challenge(victim.all().get(0), Browser.none());
            for (int i = 0; i < ATTACKERS; i++) {
                threads.add(executor.submit(() -> {
                    long guesses = 0;
                    while (!over.get()) {
                        victim.twoFactor().verify(challenge, "000000");
                        guesses++;
                    }
                    return guesses;
                }));
            }
        }

        long guesses() throws InterruptedException, ExecutionException {
            over.set(true);
            long all = 0;
            for (Future<Long> thread : threads) {
                all += thread.get();
            }
            return all;
        }

        @Override
        public void close() {
            over.set(true);
            executor.shutdown();
        }
    }
}
