// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.CorrectStore.Table;
import dev.sallyport.storage.conformance.StoreWire.RemoteStore;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A server for the records of one table, on a port of 127.0.0.1, and clients for it. */
final class TableServer implements Closeable {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final int BACKLOG = 100;

    private final ServerSocket entrance;
    private final CorrectStore store;

    TableServer(Table table) {
        store = new CorrectStore(table);
        try {
            entrance = new ServerSocket(0, BACKLOG, InetAddress.getByAddress(LOOPBACK));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    int port() {
        return entrance.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = entrance.accept();
                client.setTcpNoDelay(true);
                start(() -> serve(client));
            }
        } catch (IOException e) {
            // The server is closed.
        }
    }

    private void serve(Socket client) {
        try (client) {
            BufferedReader in = new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8));
            OutputStream out = client.getOutputStream();
            for (String request = in.readLine(); request != null; request = in.readLine()) {
                out.write((StoreWire.answer(store, request) + "\n").getBytes(UTF_8));
            }
        } catch (IOException e) {
            // The client is gone.
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "planted-server");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        entrance.close();
    }

    /** What a client does with an answer that does not come. */
    enum Client {
        CORRECT,
        /** Sends a request once more, as most drivers do. */
        REPEATING,
        /** Answers no after a time-out. */
        TIME_OUT_TAKEN_FOR_NO,
        /** Its nodes share a cache beside the server, and a writer only removes what is in it. */
        WITH_LOOK_ASIDE_CACHE;

        private static final Duration TIME_OUT = Duration.ofSeconds(3);

        /** How long the kit waits. The others have no time-out, because a busy machine must not make one end. */
        Duration longestTimeOut() {
            return this == TIME_OUT_TAKEN_FOR_NO ? TIME_OUT.multipliedBy(20) : Duration.ofSeconds(1);
        }

        private Duration timeOut() {
            return this == TIME_OUT_TAKEN_FOR_NO ? TIME_OUT : Duration.ZERO;
        }

        TwoFactorStore connect(int port, ConcurrentMap<String, Cached> cache) {
            Pool pool = new Pool(port, this == REPEATING ? 2 : 1, timeOut());
            TwoFactorStore store = new RemoteStore(pool::exchange);
            return switch (this) {
                case CORRECT, REPEATING -> store;
                case TIME_OUT_TAKEN_FOR_NO -> new TimeOutTakenForNo(store);
                case WITH_LOOK_ASIDE_CACHE -> new LookAside(store, cache);
            };
        }
    }

    /** Connections to a server. */
    private static final class Pool {
        private final int port;
        private final int tries;
        private final Duration timeOut;
        private final Deque<Connection> idle = new ConcurrentLinkedDeque<>();

        /** A time-out of zero is none. */
        Pool(int port, int tries, Duration timeOut) {
            this.port = port;
            this.tries = tries;
            this.timeOut = timeOut;
        }

        String exchange(String request) {
            for (int number = 1; ; number++) {
                try {
                    return exchangeOnce(request);
                } catch (IOException e) {
                    if (number == tries) {
                        throw new StoreException("no answer", e);
                    }
                }
            }
        }

        private String exchangeOnce(String request) throws IOException {
            Connection connection = idle.poll();
            if (connection == null) {
                connection = new Connection(new Socket(InetAddress.getByAddress(LOOPBACK), port), timeOut);
            }
            try {
                String answer = connection.exchange(request);
                idle.push(connection);
                return answer;
            } catch (IOException e) {
                connection.socket.close();
                throw e;
            }
        }
    }

    private static final class Connection {
        private final Socket socket;
        private final BufferedReader in;

        Connection(Socket socket, Duration timeOut) throws IOException {
            this.socket = socket;
            socket.setTcpNoDelay(true);
            socket.setSoTimeout((int) timeOut.toMillis());
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
        }

        String exchange(String request) throws IOException {
            socket.getOutputStream().write((request + "\n").getBytes(UTF_8));
            String answer = in.readLine();
            if (answer == null) {
                throw new IOException("the connection is closed");
            }
            return answer;
        }
    }

    private record TimeOutTakenForNo(TwoFactorStore store) implements TwoFactorStore {
        @Override
        public Optional<StoredRecord> find(String userId) {
            return store.find(userId);
        }

        @Override
        public boolean insert(StoredRecord record, RecordSummary summary) {
            try {
                return store.insert(record, summary);
            } catch (StoreException e) {
                return noAfterTimeOut(e);
            }
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            try {
                return store.replace(current, next, summary);
            } catch (StoreException e) {
                return noAfterTimeOut(e);
            }
        }

        private static boolean noAfterTimeOut(StoreException e) {
            if (e.getCause() instanceof SocketTimeoutException) {
                return false;
            }
            throw e;
        }

        @Override
        public void erase(String userId) {
            store.erase(userId);
        }
    }

    /** What the cache has for a user, and since when. */
    record Cached(Optional<StoredRecord> found, long since) {}

    private record LookAside(TwoFactorStore store, ConcurrentMap<String, Cached> cache) implements TwoFactorStore {
        private static final long ONE_SECOND = 1_000_000_000;

        @Override
        public Optional<StoredRecord> find(String userId) {
            @Nullable Cached cached = cache.get(userId);
            if (cached != null && System.nanoTime() - cached.since() < ONE_SECOND) {
                return cached.found();
            }
            Optional<StoredRecord> found = store.find(userId);
            // The way to the cache takes its time, too: a writer may be over meanwhile.
            LockSupport.parkNanos(1_000_000);
            cache.put(userId, new Cached(found, System.nanoTime()));
            return found;
        }

        @Override
        public boolean insert(StoredRecord record, RecordSummary summary) {
            boolean inserted = store.insert(record, summary);
            cache.remove(record.userId());
            return inserted;
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            boolean replaced = store.replace(current, next, summary);
            cache.remove(current.userId());
            return replaced;
        }

        @Override
        public void erase(String userId) {
            store.erase(userId);
            cache.remove(userId);
        }
    }

    static ConcurrentMap<String, Cached> newCache() {
        return new ConcurrentHashMap<>();
    }
}
