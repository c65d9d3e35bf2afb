// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A client's way to the nodes: to any of them, or to all at once. Repeats nothing by itself. For one thread. */
final class Caller implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Duration PAUSE = Duration.ofMillis(10);

    private final Nodes nodes;
    private final Tally tally;
    private final Random random;
    private final @Nullable Line[] lines;

    Caller(Nodes nodes, Tally tally, Random random) {
        this.nodes = nodes;
        this.tally = tally;
        this.random = random;
        this.lines = new Line[nodes.count()];
    }

    /** To any node that is up. */
    Reply one(String request) {
        return ask(up(), List.of(request)).get(0);
    }

    /** To each node that is up, before any of them has answered. */
    List<Reply> each(String request) {
        List<Line> up = up();
        return ask(up, Collections.nCopies(up.size(), request));
    }

    /** Dealt out to all nodes that are up, before any of them has answered. */
    List<Reply> all(List<String> requests) {
        return ask(up(), requests);
    }

    private List<Reply> ask(List<Line> up, List<String> requests) {
        for (int i = 0; i < requests.size(); i++) {
            try {
                up.get(i % up.size()).send(requests.get(i));
            } catch (IOException e) {
                // It cannot be read from either, and that is where this is dealt with.
            }
        }
        List<Reply> replies = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            replies.add(receive(up.get(i % up.size())));
        }
        return replies;
    }

    private Reply receive(Line line) {
        try {
            Reply reply = Reply.of(line, line.receive());
            tally.answered(line.node());
            return reply;
        } catch (IOException e) {
            if (!line.isKilled()) {
                throw new UncheckedIOException(line.node() + " gave no answer, and nobody has killed it", e);
            }
            tally.add(Tally.Count.UNANSWERED, 1);
            return new Reply(line.node(), line.keyId(), Reply.Word.UNKNOWN, "");
        }
    }

    /** In another order each time. Waits while all are down. */
    private List<Line> up() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline && !Thread.currentThread().isInterrupted()) {
            List<Line> up = new ArrayList<>();
            for (int node = 0; node < lines.length; node++) {
                Line line = lines[node];
                if (line == null || line.isKilled()) {
                    line = reconnect(node);
                }
                if (line != null) {
                    up.add(line);
                }
            }
            if (!up.isEmpty()) {
                Collections.shuffle(up, random);
                return up;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        throw new IllegalStateException("no node came back");
    }

    private @Nullable Line reconnect(int node) {
        hangUp(node);
        try {
            Line line = nodes.connect(node).orElse(null);
            lines[node] = line;
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException("a node cannot be reached, and nobody has killed it", e);
        }
    }

    private void hangUp(int node) {
        Line line = lines[node];
        lines[node] = null;
        if (line != null) {
            line.close();
        }
    }

    @Override
    public void close() {
        for (int node = 0; node < lines.length; node++) {
            hangUp(node);
        }
    }
}
