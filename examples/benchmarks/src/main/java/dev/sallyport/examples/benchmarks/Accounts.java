// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.zaxxer.hikari.HikariDataSource;
import dev.sallyport.Browser;
import dev.sallyport.KeyRing;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.examples.benchmarks.Report.Verdict;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.jdbc.JdbcTwoFactorStore;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.postgresql.PGConnection;
import org.postgresql.copy.PGCopyOutputStream;

/**
 * Sign-ins on PostgreSQL where there are few accounts and where there are many. Each account of each table can sign in,
 * and who does is drawn at random, so no sign-in finds its row in a cache that others have not filled as well.
 */
final class Accounts implements AutoCloseable {
    private static final int[] NUMBERS = {10_000, 1_000_000, 10_000_000};
    private static final int ROUNDS = 60;
    private static final int WARM_UP_ROUNDS = 15;
    private static final int SIGN_INS = 250;
    private static final int MOST_REFUSED = 10;
    private static final Duration STEP = Duration.ofSeconds(30);
    private static final Instant ENROLLED = Instant.parse("2026-11-01T08:30:00Z");
    private static final String ENROLLED_TEXT = "2026-11-01T08:30:00.000Z";
    private static final Totp TOTP = Totp.of(TotpParameters.DEFAULT);

    private final Postgres server = new Postgres();
    private final HikariDataSource pool = server.pool(2);
    private final KeyRing keys = KeyRing.generate();
    private final Random random = new Random(42);
    private final Map<Integer, TwoFactor> byNumber = new TreeMap<>();
    private Instant now = ENROLLED.plus(Duration.ofHours(1));
    private int refused;

    private Accounts() throws IOException {}

    static Report compare() throws IOException, SQLException {
        try (Accounts accounts = new Accounts()) {
            for (int number : NUMBERS) {
                accounts.fill(number);
            }
            return accounts.report();
        }
    }

    private static String table(int number) {
        return "accounts_" + number;
    }

    private void fill(int number) throws SQLException, IOException {
        JdbcTwoFactorStore store = JdbcTwoFactorStore.of(pool).withTable(table(number));
        store.createTableIfMissing();
        byNumber.put(
                number,
                TwoFactor.builder()
                        .issuer("Acme")
                        .store(store)
                        .encryptionKeys(keys)
                        .clock(() -> now)
                        .build());
        ReadyAccounts ready = new ReadyAccounts(keys, ENROLLED);
        try (Connection connection = pool.getConnection();
                DataOutputStream out = new DataOutputStream(new PGCopyOutputStream(
                        connection.unwrap(PGConnection.class),
                        "COPY " + table(number) + " (user_id, user_id_length, version, payload, state, failed_attempts,"
                                + " backup_codes_left, remembered_browsers, enabled_at, updated_at)"
                                + " FROM STDIN (FORMAT binary)",
                        1 << 20))) {
            // PostgreSQL's manual, COPY, "Binary Format": a signature, flags, the length of an extension.
            out.write(new byte[] {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xFF, '\r', '\n', 0});
            out.writeLong(0);
            for (int i = 0; i < number; i++) {
                write(out, ready.record(user(i), secret(i)));
            }
            out.writeShort(-1);
        }
        Postgres.execute(pool, "VACUUM (ANALYZE) " + table(number));
        Postgres.execute(pool, "CHECKPOINT");
    }

    private static void write(DataOutputStream out, StoredRecord record) throws IOException {
        out.writeShort(10);
        write(out, record.userId().getBytes(UTF_8));
        write(out, record.userId().length());
        write(out, ByteBuffer.allocate(Long.BYTES).putLong(record.version()).array());
        write(out, record.payload());
        write(out, "ENABLED".getBytes(UTF_8));
        write(out, 0);
        write(out, 10);
        write(out, 0);
        write(out, ENROLLED_TEXT.getBytes(UTF_8));
        write(out, ENROLLED_TEXT.getBytes(UTF_8));
    }

    private static void write(DataOutputStream out, int value) throws IOException {
        write(out, ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
    }

    private static void write(DataOutputStream out, byte[] value) throws IOException {
        out.writeInt(value.length);
        out.write(value);
    }

    private static UserId user(int i) {
        return UserId.of(String.format(Locale.ROOT, "user-%08d@acme.example", i));
    }

    private static SharedSecret secret(int i) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(user(i).value().getBytes(UTF_8));
            return SharedSecret.fromBytes(Arrays.copyOf(hash, 20));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("no SHA-256 here", e);
        }
    }

    private Report report() throws SQLException {
        Map<Integer, List<double[]>> rounds = new TreeMap<>();
        List<Integer> turns = new ArrayList<>(byNumber.keySet());
        for (int round = 0; round < ROUNDS; round++) {
            Collections.shuffle(turns, random);
            for (int number : turns) {
                rounds.computeIfAbsent(number, each -> new ArrayList<>()).add(signIns(number));
            }
        }
        StringBuilder table = new StringBuilder("| accounts | p50 | of the smallest | p99 | table | index |"
                + " bytes per account, index and all |\n|---:|---:|---:|---:|---:|---:|---:|\n");
        List<Verdict> verdicts = new ArrayList<>();
        for (int number : NUMBERS) {
            double ratio = ratio(rounds, number);
            long heap = size("pg_table_size", number);
            long all = size("pg_total_relation_size", number);
            table.append(String.format(
                    Locale.ROOT,
                    "| %,d | %s | %.2f | %s | %.1f MB | %.1f MB | %d |%n",
                    number,
                    Results.time(median(rounds, number, SIGN_INS / 2)),
                    ratio,
                    Results.time(median(rounds, number, SIGN_INS * 99 / 100)),
                    heap / 1e6,
                    (all - heap) / 1e6,
                    all / number));
            verdicts.add(Verdict.atMost(
                    String.format(Locale.ROOT, "p50 at %,d accounts, times that of the smallest:", number),
                    ratio,
                    1.3));
        }
        int payload =
                new ReadyAccounts(keys, ENROLLED).record(user(0), secret(0)).payload().length;
        table.append("\nThe payload of such a record, with one authenticator and ten backup codes, has ")
                .append(payload)
                .append(" bytes.\n");
        return new Report("Sign-ins by the number of accounts, on PostgreSQL", table.toString(), verdicts);
    }

    private static double ratio(Map<Integer, List<double[]>> rounds, int number) {
        List<Double> ratios = new ArrayList<>();
        for (int round = WARM_UP_ROUNDS; round < ROUNDS; round++) {
            ratios.add(p50(rounds, number, round) / p50(rounds, NUMBERS[0], round));
        }
        return Results.median(ratios.stream());
    }

    private static double p50(Map<Integer, List<double[]>> rounds, int number, int round) {
        return rounds.getOrDefault(number, List.of()).get(round)[SIGN_INS / 2];
    }

    private static double median(Map<Integer, List<double[]>> rounds, int number, int rank) {
        return Results.median(rounds.getOrDefault(number, List.of()).subList(WARM_UP_ROUNDS, ROUNDS).stream()
                .map(sorted -> sorted[rank]));
    }

    /** How long each took, in nanoseconds, the shortest first. */
    private double[] signIns(int number) {
        double[] nanos = new double[SIGN_INS];
        TwoFactor twoFactor = Objects.requireNonNull(byNumber.get(number));
        for (int i = 0; i < SIGN_INS; i++) {
            int drawn = random.nextInt(number);
            now = now.plus(STEP);
            UserId user = user(drawn);
            String code = TOTP.generate(secret(drawn), now);
            CodeRequired required = (CodeRequired) twoFactor.signInRequirement(user, Browser.none());
            long start = System.nanoTime();
            // One code in a million is that of the step used last, and is refused.
            refused += twoFactor.verify(required.challenge(), code) instanceof Verified ? 0 : 1;
            nanos[i] = System.nanoTime() - start;
            if (refused > MOST_REFUSED) {
                throw new IllegalStateException("right codes are refused");
            }
        }
        Arrays.sort(nanos);
        return nanos;
    }

    private long size(String function, int number) throws SQLException {
        try (Connection connection = pool.getConnection();
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT " + function + "('" + table(number) + "')")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    @Override
    public void close() throws IOException {
        pool.close();
        server.close();
    }
}
