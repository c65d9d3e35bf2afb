// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A network between a client and its server that can lose an answer, fall silent, or be slow. It listens on 127.0.0.1
 * only. It is for people who implement a store, and for tests. The kit makes one for {@link
 * TwoFactorStoreConformance#instanceThrough}, and other tests may make their own.
 *
 * <p>An answer is what a server sends after a client has sent something on the same connection. When the proxy loses an
 * answer, the server has made it already: whatever the client asked for is done. The proxy looks at no byte, so it
 * works
 * for any protocol over TCP, also with TLS.
 *
 * <p>Any number of threads may use it.
 */
public final class LoopbackProxy implements Closeable {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final int BACKLOG = 100;
    private static final int BUFFER_BYTES = 65_536;

    private final Set<Closeable> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger untilLoss = new AtomicInteger();
    private final AtomicInteger answers = new AtomicInteger();
    private volatile boolean silent;
    private volatile boolean lost;
    private volatile boolean closed;
    private volatile long mostDelayNanos;

    /** Makes a proxy that leads nowhere yet. */
    public LoopbackProxy() {}

    /**
     * Opens a port that leads to a server. For a cluster call this once for each member.
     *
     * @param host the host of the server
     * @param port the port of the server
     * @return a port on 127.0.0.1
     */
    public int portTo(String host, int port) {
        try {
            ServerSocket entrance = new ServerSocket(0, BACKLOG, InetAddress.getByAddress(LOOPBACK));
            open.add(entrance);
            start(() -> accept(entrance, new InetSocketAddress(host, port)));
            return entrance.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Loses one answer: lets the server make it, drops it, and closes that connection.
     *
     * @param number 1 for the next answer, 2 for the one after it, and so on
     */
    public void cutAnswer(int number) {
        silent = false;
        lose(number);
    }

    /**
     * Loses one answer and everything after it on its connection. The connection stays open until {@link #restore}, so
     * the
     * client waits for its time-out.
     *
     * @param number 1 for the next answer, 2 for the one after it, and so on
     */
    public void swallowAnswer(int number) {
        silent = true;
        lose(number);
    }

    private void lose(int number) {
        if (number < 1) {
            throw new IllegalArgumentException("the number of an answer is 1 or more, not " + number);
        }
        lost = false;
        untilLoss.set(number);
    }

    /** {@return whether the answer was lost that {@link #cutAnswer} or {@link #swallowAnswer} has asked for} */
    public boolean hasLostAnswer() {
        return lost;
    }

    /** {@return the number of answers so far, lost ones included} */
    public int answers() {
        return answers.get();
    }

    /**
     * Delays each answer by a random time.
     *
     * @param most the longest delay
     */
    public void delayAnswers(Duration most) {
        mostDelayNanos = most.toNanos();
    }

    /** Loses no answer any longer, delays none, and closes the connections that have fallen silent. */
    public void restore() {
        untilLoss.set(0);
        mostDelayNanos = 0;
        open.forEach(each -> {
            if (each instanceof Connection connection && connection.isSilent) {
                connection.close();
            }
        });
    }

    private void accept(ServerSocket entrance, InetSocketAddress server) {
        try {
            while (true) {
                Connection connection = new Connection(entrance.accept(), new Socket());
                open.add(connection);
                start(() -> connection.serve(server));
                if (closed) {
                    connection.close();
                }
            }
        } catch (IOException e) {
            // The proxy was closed.
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, TimeLimit.THREAD_NAME + "-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    /** Closes all connections, and leads nowhere from now on. */
    @Override
    public void close() {
        closed = true;
        for (Closeable each : open) {
            close(each);
        }
    }

    private static void close(Closeable each) {
        try {
            each.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A client and its server. */
    private final class Connection implements Closeable {
        private final Socket client;
        private final Socket server;
        private final AtomicBoolean asked = new AtomicBoolean();
        private volatile boolean isSilent;

        Connection(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void serve(InetSocketAddress address) {
            try {
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                server.connect(
                        new InetSocketAddress(InetAddress.getByName(address.getHostString()), address.getPort()));
                start(() -> carry(server, client, false));
                carry(client, server, true);
            } catch (IOException e) {
                // The server cannot be reached, and so the client cannot reach it either.
                close();
            }
        }

        private void carry(Socket from, Socket to, boolean asks) {
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                byte[] buffer = new byte[BUFFER_BYTES];
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    if (asks) {
                        asked.set(true);
                    } else if (asked.getAndSet(false) && losesAnswer() && !isSilent) {
                        break;
                    }
                    if (asks || !isSilent) {
                        out.write(buffer, 0, n);
                    }
                }
            } catch (IOException e) {
                // One end is closed, so the other is closed too.
            }
            if (!isSilent) {
                close();
            }
        }

        /** Counts an answer. */
        private boolean losesAnswer() {
            answers.incrementAndGet();
            long most = mostDelayNanos;
            if (most > 0) {
                LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(most));
            }
            if (untilLoss.getAndUpdate(left -> Math.max(0, left - 1)) != 1) {
                return false;
            }
            isSilent = silent;
            lost = true;
            return true;
        }

        @Override
        public void close() {
            open.remove(this);
            LoopbackProxy.close(client);
            LoopbackProxy.close(server);
        }
    }
}
