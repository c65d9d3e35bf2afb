// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.sallyport.Rejected;
import dev.sallyport.TwoFactor;
import dev.sallyport.VerificationResult;
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

    /** So long that the failures of 31 days never spend a failure budget. */
    private static final Duration BETWEEN_VISITS = Duration.ofDays(5);

    /** So few that nobody is locked out, even if a replay is counted too. */
    private static final int FAILURES = 2;

    @Test
    @DisplayName("PostgreSQL killed under load: no accepted code passes again, no failure that was answered is lost")
    void postgres_killedUnderLoad_forgetsNothing() {
        Database.POSTGRESQL.assumeThere();
        assertSurvives(PostgresServer::new);
    }

    @Test
    @DisplayName("MariaDB killed under load: no accepted code passes again, no failure that was answered is lost")
    void mariaDb_killedUnderLoad_forgetsNothing() {
        Database.MARIADB.assumeThere();
        assertSurvives(MariaDbServer::new);
    }

    private static void assertSurvives(Supplier<Server> starting) {
        assertTimeoutPreemptively(ConcurrentCalls.HANG, () -> {
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
                load.seen.acquire(VISITORS);
                load.answers.drainPermits();
                server.restart();
            }
            load.answers.acquire(ANSWERS_BEFORE_A_KILL);
            load.over = true;
            for (Future<Visitor> visit : visits) {
                visit.get().assertNothingForgotten();
            }
        } finally {
            load.over = true;
            executor.shutdownNow();
        }
    }

    /** What the visitors and the test tell each other. */
    private static final class Load {
        final Semaphore answers = new Semaphore(0);
        final Semaphore seen = new Semaphore(0);
        volatile int kills;
        volatile boolean over;
    }

    /** Somebody who types wrong codes and signs in, again and again, and remembers the answers. */
    private static final class Visitor implements Callable<Visitor> {
        private final DataSource dataSource;
        private final Load load;
        private final TwoFactor twoFactor;
        private final Owner owner;
        private Instant now = Owner.NOW;
        private Instant lastAccepted = Owner.NOW;
        private int failures;
        private int answered;
        private int killsSeen;

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
                    while (failures < FAILURES) {
                        typeAWrongCode();
                    }
                    signIn();
                }
                return this;
            } finally {
                // Nobody may wait for a visitor who has ended, even after a failed assertion.
                load.answers.release(KILLS * ANSWERS_BEFORE_A_KILL);
                load.seen.release(KILLS);
            }
        }

        private void typeAWrongCode() {
            failures++;
            Optional<VerificationResult> answer = verify(owner.wrongAt(now));
            if (answer.isPresent()) {
                assertThat(answer).contains(new Rejected());
                answered++;
            } else {
                assertNothingForgotten();
            }
        }

        private void signIn() {
            String code = owner.codeAt(now);
            Optional<VerificationResult> answer = verify(code);
            answered = 0;
            if (answer.isPresent()) {
                assertThat(answer).get().isInstanceOf(Verified.class);
                failures = 0;
            } else {
                assertNothingForgotten();
                // Accepted now, or before with a lost answer. In either case never again.
                assertThat(retryUntilAnswered(() -> owner.verify(twoFactor, code)))
                        .isInstanceOfAny(Verified.class, Rejected.class);
            }
            lastAccepted = now;
            assertThat(retryUntilAnswered(() -> owner.verify(twoFactor, code))).isEqualTo(new Rejected());
        }

        /** Empty if the store failed. */
        private Optional<VerificationResult> verify(String code) {
            try {
                VerificationResult result = owner.verify(twoFactor, code);
                load.answers.release();
                return Optional.of(result);
            } catch (StoreException e) {
                countKills();
                return Optional.empty();
            }
        }

        /** The last accepted code is not accepted again, and every failure that was answered is counted. */
        void assertNothingForgotten() {
            Instant present = now;
            now = lastAccepted;
            assertThat(retryUntilAnswered(() -> owner.verify(twoFactor, owner.codeAt(lastAccepted))))
                    .isEqualTo(new Rejected());
            now = present;
            String counted = retryUntilAnswered(() -> Sql.ask(
                            dataSource,
                            "SELECT failed_attempts FROM sallyport_record WHERE user_id = ?",
                            owner.user().value())
                    .get(0));
            assertThat(Integer.parseInt(counted)).isGreaterThanOrEqualTo(answered);
        }

        /** Repeats the call until the server is back. */
        private <T> T retryUntilAnswered(Supplier<T> question) {
            while (true) {
                try {
                    return question.get();
                } catch (StoreException | IllegalStateException e) {
                    countKills();
                    if (load.over) {
                        throw e;
                    }
                }
            }
        }

        private void countKills() {
            int kills = load.kills;
            if (kills > killsSeen) {
                killsSeen = kills;
                load.seen.release();
            }
        }
    }
}
