// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.customstore;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.RecordSummary.State;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How many writes have an unknown outcome on three nodes of Cassandra while 8 threads write. It prints the numbers, which
 * depend on the machine. What it asserts does not. Runs with {@code -Pservers -Dtest=CassandraContention} and {@code
 * -Dsallyport.cassandra}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CassandraContention {
    private static final int NODES = 3;
    private static final int THREADS = 8;
    private static final int WRITES = 1_000;
    private static final RecordSummary SUMMARY =
            new RecordSummary(State.ENABLED, 0, null, 10, 0, Instant.EPOCH, Instant.EPOCH);

    private final List<CassandraNode> nodes = new ArrayList<>();

    @BeforeAll
    void startNodes() {
        CassandraNode.assumeThere();
        int port = LocalServer.freePort();
        int storagePort = LocalServer.freePort();
        for (int i = 1; i <= NODES; i++) {
            nodes.add(new CassandraNode(i, port, storagePort));
        }
        nodes.get(0).createTable(NODES);
    }

    @AfterAll
    void stopNodes() {
        nodes.forEach(CassandraNode::close);
    }

    @ParameterizedTest
    @ValueSource(ints = {THREADS, 1})
    void replace_byManyThreads_hasOneWinnerForEachVersion(int rows) throws Exception {
        AtomicInteger left = new AtomicInteger(WRITES);
        Outcomes outcomes = new Outcomes();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try (CqlSession session = CassandraNode.connect(nodes)) {
            TwoFactorStore store = new CassandraTwoFactorStore(session);
            for (int row = 0; row < rows; row++) {
                assertThat(store.insert(record(rows, row, 1), SUMMARY)).isTrue();
            }
            long begin = System.nanoTime();
            List<Future<?>> ends = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                String user = user(rows, thread % rows);
                ends.add(threads.submit(() -> {
                    while (left.getAndDecrement() > 0) {
                        outcomes.write(store, user);
                    }
                }));
            }
            for (Future<?> end : ends) {
                end.get();
            }
            Duration taken = Duration.ofNanos(System.nanoTime() - begin);

            long made = -rows;
            for (int row = 0; row < rows; row++) {
                made += store.find(user(rows, row)).orElseThrow().version();
            }
            System.out.println("Cassandra, " + NODES + " nodes, " + THREADS + " threads, " + rows + " row(s): "
                    + outcomes + " in " + taken.toMillis() + " ms; " + made + " writes were made");
            assertThat(made).isBetween((long) outcomes.won.get(), (long) outcomes.won.get() + outcomes.unknown.get());
        } finally {
            threads.shutdownNow();
        }
    }

    private static String user(int rows, int row) {
        return "user-" + row + "-of-" + rows;
    }

    private static StoredRecord record(int rows, int row, long version) {
        return StoredRecord.of(user(rows, row), version, new byte[1_000]);
    }

    private static final class Outcomes {
        private final AtomicInteger won = new AtomicInteger();
        private final AtomicInteger lost = new AtomicInteger();
        private final AtomicInteger unknown = new AtomicInteger();
        private final AtomicInteger notRead = new AtomicInteger();
        private final Map<String, AtomicInteger> causes = new ConcurrentHashMap<>();
        private final Set<String> replaced = ConcurrentHashMap.newKeySet();

        void write(TwoFactorStore store, String user) {
            StoredRecord current;
            try {
                current = store.find(user).orElseThrow();
            } catch (StoreException e) {
                notRead.incrementAndGet();
                note(e);
                return;
            }
            try {
                boolean mine = store.replace(
                        current, StoredRecord.of(user, current.version() + 1, current.payload()), SUMMARY);
                (mine ? won : lost).incrementAndGet();
                if (mine) {
                    assertThat(replaced.add(user + " " + current.version()))
                            .as("one winner")
                            .isTrue();
                }
            } catch (StoreException e) {
                unknown.incrementAndGet();
                note(e);
            }
        }

        private void note(StoreException e) {
            String cause = Objects.requireNonNull(e.getCause()).getClass().getSimpleName();
            causes.computeIfAbsent(cause, none -> new AtomicInteger()).incrementAndGet();
        }

        @Override
        public String toString() {
            return won + " true, " + lost + " false, " + unknown + " unknown, " + notRead + " not read " + causes;
        }
    }
}
