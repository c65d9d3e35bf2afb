// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance.integrator.maps;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.Rejected;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.TwoFactorStore;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** A node is killed while people sign in at the others. */
@Timeout(value = 300, threadMode = ThreadMode.SEPARATE_THREAD)
class FailOverTest {
    private static final int VISITORS = 8;
    private static final int SIGN_INS = 400;

    @Test
    @DisplayName("Hazelcast, one of two members killed: no accepted code passes again")
    void hazelcast_oneOfTwoKilled_forgetsNothing() throws Exception {
        try (HazelcastCluster cluster = new HazelcastCluster()) {
            for (int i = 0; i < 2; i++) {
                cluster.start(HazelcastCluster.impatient(HazelcastCluster.documented()));
            }
            cluster.awaitBackups();
            killUnderLoad(() -> cluster.kill(0), List.of(cluster.store(1)));
        }
    }

    @Test
    @DisplayName("Hazelcast, one of three members killed: no accepted code passes again")
    void hazelcast_oneOfThreeKilled_forgetsNothing() throws Exception {
        try (HazelcastCluster cluster = new HazelcastCluster()) {
            for (int i = 0; i < 3; i++) {
                cluster.start(HazelcastCluster.impatient(HazelcastCluster.protectedBy(2)));
            }
            cluster.awaitBackups();
            killUnderLoad(() -> cluster.kill(0), List.of(cluster.store(1), cluster.store(2)));
        }
    }

    @Test
    @DisplayName("Infinispan, one of three nodes killed: no accepted code passes again")
    void infinispan_oneOfThreeKilled_forgetsNothing() throws Exception {
        try (InfinispanCluster cluster = InfinispanCluster.of(3)) {
            killUnderLoad(() -> cluster.kill(0), List.of(cluster.store(1), cluster.store(2)));
        }
    }

    private static void killUnderLoad(Runnable kill, List<TwoFactorStore> survivors) throws Exception {
        Load load = new Load();
        ExecutorService executor = Executors.newFixedThreadPool(VISITORS);
        try {
            List<Future<Visitor>> visits = IntStream.range(0, VISITORS)
                    .mapToObj(i -> executor.submit(new Visitor(survivors, load)))
                    .toList();
            load.signIns.acquire(SIGN_INS);
            kill.run();
            load.signIns.drainPermits();
            load.signIns.acquire(SIGN_INS);
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
        final Semaphore signIns = new Semaphore(0);
        volatile boolean over;
    }

    /** Somebody who signs in again and again, and tries each code once more, at whatever node. */
    private static final class Visitor implements Callable<Visitor> {
        private final Person person = new Person(Person.anyId());
        private final List<TwoFactorStore> nodes;
        private final Load load;
        private int visits;

        Visitor(List<TwoFactorStore> nodes, Load load) {
            this.nodes = nodes;
            this.load = load;
            person.enroll(nodes.get(0));
        }

        @Override
        public Visitor call() {
            try {
                while (!load.over) {
                    person.waitsADay();
                    signIn();
                    nothingIsForgotten();
                    load.signIns.release();
                }
                return this;
            } finally {
                // Whoever leaves, and be it by a failed assertion, keeps nobody waiting.
                load.signIns.release(2 * SIGN_INS);
            }
        }

        private void signIn() {
            try {
                assertThat(person.signIn(anyNode())).isInstanceOf(Verified.class);
            } catch (StoreException e) {
                // Accepted now, or before without a word: in either case never again.
                assertThat(insist()).isInstanceOfAny(Verified.class, Rejected.class);
            }
        }

        void nothingIsForgotten() {
            assertThat(insist()).isEqualTo(new Rejected());
        }

        /** Until a node answers. */
        private VerificationResult insist() {
            while (true) {
                try {
                    return person.signIn(anyNode());
                } catch (StoreException e) {
                    // Not yet. The time-out of the test is the end of patience.
                    Thread.onSpinWait();
                }
            }
        }

        private TwoFactorStore anyNode() {
            visits++;
            return nodes.get(visits % nodes.size());
        }
    }
}
