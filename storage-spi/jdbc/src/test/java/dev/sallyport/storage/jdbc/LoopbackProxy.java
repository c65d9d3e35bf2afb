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

/** A network between a driver and its server that can lose an answer and break. */
final class LoopbackProxy implements Closeable {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    private final ServerSocket entrance;
    private final int serverPort;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean losesNextAnswer = new AtomicBoolean();

    LoopbackProxy(int serverPort) {
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
     * Drops the next bytes of a server, on any connection, and closes that connection. A server sends nothing about a statement
     * before the statement is done and committed.
     */
    void loseNextAnswer() {
        losesNextAnswer.set(true);
    }

    boolean hasLostAnswer() {
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
            // The proxy is closed, or the server is gone.
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
            // One end is closed, so the other is closed too.
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "loopback-proxy");
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
