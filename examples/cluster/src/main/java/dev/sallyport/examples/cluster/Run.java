// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.ExistingAuthenticator;
import dev.sallyport.KeyRing;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.jdbc.JdbcTwoFactorStore;
import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** The whole show: database, accounts, nodes, clients, operator, table. Whatever it starts it ends, on Ctrl-C as well. */
final class Run {
    private final Options options;
    private final PrintStream out;
    private final Tally tally = new Tally();
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private volatile boolean over;
    private volatile boolean interrupted;

    Run(Options options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    /** Says whether all was tried, and nothing was wrong. */
    boolean go() throws Exception {
        Thread hook = new Thread(() -> {
            interrupted = true;
            close();
        });
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return show();
        } finally {
            close();
            if (!interrupted) {
                Runtime.getRuntime().removeShutdownHook(hook);
            }
        }
    }

    private boolean show() throws Exception {
        out.println("Starting a database, " + options.nodes() + " nodes, " + options.clients() + " accounts in use, "
                + options.sleepers() + " asleep");
        String url = options.jdbcUrl();
        Database database = opened(() -> url == null ? Database.bundled() : Database.at(url));
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(database.url());
        HikariDataSource pool = opened(() -> new HikariDataSource(config));
        JdbcTwoFactorStore store = JdbcTwoFactorStore.of(pool).withTable(database.table());
        store.createTableIfMissing();

        Cluster cluster = opened(() -> new Cluster(database, options.nodes()));
        Operator operator = new Operator(options, cluster, store, tally, out);
        List<Owner> owners = enroll(store, operator.keyRing(), Truth.in(pool, database.table()));
        operator.startAll();
        use(owners, cluster, operator);
        double seconds = operator.seconds();
        operator.inspect();
        return new Report(options, tally, cluster, operator, seconds).print(out);
    }

    private List<Owner> enroll(TwoFactorStore store, KeyRing keys, Truth truth) {
        TwoFactor twoFactor = TwoFactor.builder()
                .issuer("Acme")
                .store(store)
                .encryptionKeys(keys)
                .clock(() -> Owner.START)
                .build();
        for (int i = 1; i <= options.sleepers(); i++) {
            ExistingAuthenticator existing =
                    ExistingAuthenticator.totp(SharedSecret.generate(), TotpParameters.DEFAULT);
            twoFactor
                    .operator("example")
                    .importWithoutConfirmation(
                            UserId.of("sleeper-" + i),
                            List.of(EnrollmentRequest.of("sleeper").existing(existing)));
        }
        return IntStream.rangeClosed(1, options.clients())
                .mapToObj(i -> new Owner("owner-" + i, twoFactor, truth, tally))
                .toList();
    }

    private void use(List<Owner> owners, Cluster cluster, Operator operator) throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(owners.size());
        opened(() -> clients::shutdownNow);
        List<Future<?>> visits = new ArrayList<>();
        for (Owner owner : owners) {
            visits.add(clients.submit(() -> owner.visitUntil(() -> over, cluster)));
        }
        operator.operate();
        over = true;
        for (Future<?> visit : visits) {
            try {
                visit.get();
            } catch (ExecutionException e) {
                tally.violation("a client gave up: " + e.getCause());
            }
        }
    }

    /** Nothing is ever half open when it has to be closed, and nothing is opened thereafter. */
    private synchronized <T extends AutoCloseable> T opened(Callable<T> opening) throws Exception {
        if (over) {
            throw new IllegalStateException("it is over");
        }
        T opened = opening.call();
        open.push(opened);
        return opened;
    }

    private synchronized void close() {
        over = true;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                out.println("while cleaning up: " + e);
            }
        }
    }
}
