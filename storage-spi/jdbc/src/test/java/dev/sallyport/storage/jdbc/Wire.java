// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** The network between a driver and its server, which can be told to lose an answer and break. */
final class Wire implements Closeable {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    private final ServerSocket entrance;
    private final int serverPort;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean losesNextAnswer = new AtomicBoolean();

    Wire(int serverPort) {
        this.serverPort = serverPort;
        try {
            entrance = new ServerSocket(0, 50, InetAddress.getByAddress(LOOPBACK));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    int port() {
        return entrance.getLocalPort();
    }

    /**
     * The next that a server says, on any connection, is heard here and by nobody else; then its connection is gone. A
     * server says nothing about a statement before it is done with it, commit and all.
     */
    void loseNextAnswer() {
        losesNextAnswer.set(true);
    }

    boolean hasLostIt() {
        return !losesNextAnswer.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = entrance.accept();
                Socket server = new Socket(InetAddress.getByAddress(LOOPBACK), serverPort);
                sockets.add(client);
                sockets.add(server);
                start(() -> carry(client, server, new AtomicBoolean()));
                start(() -> carry(server, client, losesNextAnswer));
            }
        } catch (IOException e) {
            // The entrance is closed, or the server is gone: nobody comes in any more.
            closeAll();
        }
    }

    private static void carry(Socket from, Socket to, AtomicBoolean loses) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[16_384];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (loses.getAndSet(false)) {
                    return;
                }
                out.write(buffer, 0, n);
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

    private void closeAll() {
        for (Socket socket : sockets) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() {
        try {
            entrance.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        closeAll();
    }
}
