// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Nodes in this process. Now and then one is killed at a request, before it has done what was asked or after, and is back. */
final class LocalNodes implements Nodes, AutoCloseable {
    private final int count;
    private final Desk desk;
    private final double killed;
    private final Runnable atKills;
    private final AtomicInteger kills = new AtomicInteger();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private boolean denying;

    LocalNodes(int count, Desk desk, double killed) {
        this(count, desk, killed, () -> {});
    }

    LocalNodes(int count, Desk desk, double killed, Runnable atKills) {
        this.count = count;
        this.desk = desk;
        this.killed = killed;
        this.atKills = atKills;
    }

    LocalNodes whichDenyIt() {
        denying = true;
        return this;
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public int kills() {
        return kills.get();
    }

    @Override
    public Optional<Line> connect(int node) {
        return Optional.of(new LocalLine("node " + node));
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    private final class LocalLine implements Line {
        private final String node;
        private final Random random = new Random();
        private final Queue<CompletableFuture<String>> answers = new ArrayDeque<>();
        private boolean dead;

        LocalLine(String node) {
            this.node = node;
        }

        @Override
        public String node() {
            return node;
        }

        @Override
        public String keyId() {
            return "key";
        }

        @Override
        public boolean isKilled() {
            return dead && !denying;
        }

        @Override
        public void send(String request) throws IOException {
            boolean dies = !dead && random.nextDouble() < killed;
            if (!dead && (!dies || random.nextBoolean())) {
                answers.add(CompletableFuture.supplyAsync(() -> desk.answer(request), threads));
            }
            if (dies) {
                // A process that is gone writes nothing later on.
                answers.forEach(CompletableFuture::join);
                dead = true;
                kills.incrementAndGet();
                atKills.run();
            }
        }

        @Override
        public String receive() throws IOException {
            if (dead) {
                throw new IOException("killed");
            }
            return answers.remove().join();
        }

        @Override
        public void close() {
            dead = true;
        }
    }
}
