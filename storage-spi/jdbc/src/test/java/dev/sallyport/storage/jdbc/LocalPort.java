// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Ports of servers that the tests start. */
final class LocalPort {
    private static final Duration START = Duration.ofMinutes(2);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    private LocalPort() {}

    static int free() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns when somebody listens there. */
    static void await(int port, Process server, Path log) {
        for (long begin = System.nanoTime(); !answers(port); LockSupport.parkNanos(BETWEEN_LOOKS.toNanos())) {
            if (!server.isAlive() || System.nanoTime() - begin > START.toNanos()) {
                server.destroyForcibly();
                throw new IllegalStateException("the server did not start: see " + log);
            }
        }
    }

    private static boolean answers(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }
}
