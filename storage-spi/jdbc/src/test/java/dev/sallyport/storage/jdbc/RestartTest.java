// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.sallyport.TwoFactor;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The database server is killed by SIGKILL while people sign in, and started again on what is on its disk. */
class RestartTest {
    private static final int VISITORS = 6;
    private static final int KILLS = 3;
    private static final int ANSWERS_BEFORE_A_KILL = 300;

    /** So long that no failure budget is ever spent. */
    private static final Duration BETWEEN_VISITS = Duration.ofDays(1);

    /** So few that a replay may be counted besides, and nobody is locked out. */
    private static final int FAILURES = 2;

    @Test
    @DisplayName("PostgreSQL killed under load: no accepted code passes again, no failure that was answered is lost")
    void postgres_killedUnderLoad_forgetsNothing() {
        Database.POSTGRESQL.assumeThere();
        survives(PostgresServer::new);
    }

    @Test
    @DisplayName("MariaDB killed under load: no accepted code passes again, no failure that was answered is lost")
    void mariaDb_killedUnderLoad_forgetsNothing() {
        Database.MARIADB.assumeThere();
        survives(MariaDbServer::new);
    }

    private static void survives(Supplier<Server> starting) {
        assertTimeoutPreemptively(AtOnce.HANG, () -> {
            try (Server server = starting.get()) {
                HikariConfig config = new HikariConfig();
                config.setDataSource(server.dataSource());
                config.setMaximumPoolSize(VISITORS);
                config.setConnectionTimeout(500);
                try (HikariDataSource pool = new HikariDataSource(config)) {
                    JdbcTwoFactorStore.of(pool).createTableIfMissing();
                    killUnderLoad(server, pool);
                }
            }
        });
    }

    private static void killUnderLoad(Server server, DataSource dataSource) throws Exception {
        Load load = new Load();
        List<Visitor> visitors = IntStream.range(0, VISITORS)
                .mapToObj(i -> new Visitor(dataSource, load))
                .toList();
        ExecutorService executor = Executors.newFixedThreadPool(VISITORS);
        try {
            List<Future<Visitor>> visits =
                    visitors.stream().map(executor::submit).toList();
            for (int kills = 1; kills <= KILLS; kills++) {
                load.answers.acquire(ANSWERS_BEFORE_A_KILL);
                load.kills = kills;
                server.kill();
                load.noticed.acquire(VISITORS);
                load.answers.drainPermits();
                server.restart();
            }
            load.answers.acquire(ANSWERS_BEFORE_A_KILL);
            load.over = true;
            for (Future<Visitor> visit : visits) {
                visit.get().nothingIsForgotten();
            }
        } finally {
            load.over = true;
            executor.shutdownNow();
        }
    }

    /** What the visitors and their host know of each other. */
    private static final class Load {
        final Semaphore answers = new Semaphore(0);
        final Semaphore noticed = new Semaphore(0);
        volatile int kills;
        volatile boolean over;
    }

    /** Somebody who mistypes and signs in, again and again, and remembers what they were told. */
    private static final class Visitor implements Callable<Visitor> {
        private final DataSource dataSource;
        private final Load load;
        private final TwoFactor twoFactor;
        private final Owner owner;
        private Instant now = Owner.NOW;
        private Instant lastAccepted = Owner.NOW;
        private int mistyped;
        private int toldSo;
        private int killsNoticed;

        Visitor(DataSource dataSource, Load load) {
            this.dataSource = dataSource;
            this.load = load;
            this.twoFactor = Owner.node(JdbcTwoFactorStore.of(dataSource), () -> now);
            this.owner = Owner.enroll(twoFactor);
            signIn();
        }

        @Override
        public Visitor call() {
            try {
                while (!load.over) {
                    now = now.plus(BETWEEN_VISITS);
                    while (mistyped < FAILURES) {
                        mistype();
                    }
                    signIn();
                }
                return this;
            } finally {
                // Whoever leaves, and be it by a failed assertion, keeps nobody waiting.
                load.answers.release(KILLS * ANSWERS_BEFORE_A_KILL);
                load.noticed.release(KILLS);
            }
        }

        private void mistype() {
            mistyped++;
            Optional<VerificationResult> answer = tell(owner.wrongAt(now));
            if (answer.isPresent()) {
                assertThat(answer).contains(new Rejected());
                toldSo++;
            } else {
                nothingIsForgotten();
            }
        }

        private void signIn() {
            String code = owner.codeAt(now);
            Optional<VerificationResult> answer = tell(code);
            toldSo = 0;
            if (answer.isPresent()) {
                assertThat(answer).get().isInstanceOf(Verified.class);
                mistyped = 0;
            } else {
                nothingIsForgotten();
                // Accepted now, or before without a word: in either case never again.
                assertThat(insist(() -> twoFactor.verify(owner.user(), code)))
                        .isInstanceOfAny(Verified.class, Rejected.class);
            }
            lastAccepted = now;
            assertThat(insist(() -> twoFactor.verify(owner.user(), code))).isEqualTo(new Rejected());
        }

        /** Empty if the store could not say. */
        private Optional<VerificationResult> tell(String code) {
            try {
                VerificationResult result = twoFactor.verify(owner.user(), code);
                load.answers.release();
                return Optional.of(result);
            } catch (StoreException e) {
                notice();
                return Optional.empty();
            }
        }

        /** The code that passed last does not pass again, and what was answered as wrong is counted. */
        void nothingIsForgotten() {
            Instant present = now;
            now = lastAccepted;
            assertThat(insist(() -> twoFactor.verify(owner.user(), owner.codeAt(lastAccepted))))
                    .isEqualTo(new Rejected());
            now = present;
            String counted = insist(() -> Sql.ask(
                            dataSource,
                            "SELECT failed_attempts FROM sallyport_record WHERE user_id = ?",
                            owner.user().value())
                    .get(0));
            assertThat(Integer.parseInt(counted)).isGreaterThanOrEqualTo(toldSo);
        }

        /** Until the server is back. */
        private <T> T insist(Supplier<T> question) {
            while (true) {
                try {
                    return question.get();
                } catch (StoreException | IllegalStateException e) {
                    notice();
                    if (load.over) {
                        throw e;
                    }
                }
            }
        }

        private void notice() {
            int kills = load.kills;
            if (kills > killsNoticed) {
                killsNoticed = kills;
                load.noticed.release();
            }
        }
    }
}
