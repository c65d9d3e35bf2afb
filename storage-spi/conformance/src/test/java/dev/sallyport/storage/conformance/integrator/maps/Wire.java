// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance.integrator.maps;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/** The network in front of a server, which can be told to keep what the server says to itself. */
final class Wire implements AutoCloseable {
    private final ServerSocket entrance;
    private final int serverPort;
    private final List<Link> links = new CopyOnWriteArrayList<>();
    private final AtomicBoolean losesNextAnswer = new AtomicBoolean();

    Wire(int serverPort) {
        this.serverPort = serverPort;
        try {
            entrance = new ServerSocket(0, 50, Loopback.address());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    int port() {
        return entrance.getLocalPort();
    }

    /** One connection, and its other half that goes on to the server. */
    private static final class Link {
        private final Socket client;
        private final Socket server;
        private volatile boolean silent;

        Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void close() {
            try (client;
                    server) {
                silent = true;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Silences the server on all connections but those that there are now. They stay open. */
    Runnable silencer() {
        List<Link> present = List.copyOf(links);
        return () -> links.stream().filter(link -> !present.contains(link)).forEach(link -> link.silent = true);
    }

    /** The next answer is lost, on whatever connection it comes, and its connection with it. */
    void loseNextAnswer() {
        losesNextAnswer.set(true);
    }

    boolean hasLostIt() {
        return !losesNextAnswer.get();
    }

    private void accept() {
        try (entrance) {
            while (true) {
                Socket client = entrance.accept();
                try {
                    Link link = new Link(client, new Socket(Loopback.address(), serverPort));
                    links.add(link);
                    if (entrance.isClosed()) {
                        link.close();
                    }
                    start(() -> carry(client, link.server, false, link));
                    start(() -> carry(link.server, client, true, link));
                } catch (IOException e) {
                    // The server is gone, and whoever calls is told so.
                    client.close();
                }
            }
        } catch (IOException e) {
            // The entrance is closed.
        }
    }

    private void carry(Socket from, Socket to, boolean answers, Link link) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[16_384];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (answers && losesNextAnswer.getAndSet(false)) {
                    return;
                }
                if (!answers || !link.silent) {
                    out.write(buffer, 0, n);
                }
            }
        } catch (IOException e) {
            // One end hung up; so does the other.
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "wire");
        thread.setDaemon(true);
        thread.start();
    }

    /** Cuts all connections, and lets nobody in any more. */
    @Override
    public void close() {
        try {
            entrance.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        links.forEach(Link::close);
    }
}
