// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.customstore;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A program that listens on a loopback address, with a directory of its own. It ends with this JVM at the latest. */
final class LocalServer implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(3);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

    private final Path directory;
    private final String host;
    private final int port;
    private final List<String> command;
    private Process process;

    /** Starts it, and returns when somebody listens there. */
    LocalServer(Path directory, String host, int port, List<String> command) {
        this.directory = directory;
        this.host = host;
        this.port = port;
        this.command = List.copyOf(command);
        this.process = launch();
        awaitPort();
    }

    static Path newDirectory(String name) {
        try {
            return Files.createTempDirectory("sallyport-" + name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the tests of a class, and prints the reason. */
    static void leaveOut(String reason) {
        System.out.println(reason);
        Assumptions.abort(reason);
    }

    private Process launch() {
        try {
            Process started = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path log() {
        return directory.resolve("server.log");
    }

    private void awaitPort() {
        await(() -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(host, port));
                return true;
            }
        });
    }

    /** Returns when the answer is true. An exception means "not yet". */
    void await(Callable<Boolean> ready) {
        for (long begin = System.nanoTime(); !isTrue(ready); LockSupport.parkNanos(BETWEEN_LOOKS.toNanos())) {
            if (!process.isAlive() || System.nanoTime() - begin > START.toNanos()) {
                process.destroyForcibly();
                throw new IllegalStateException("the server did not start: see " + log());
            }
        }
    }

    private static boolean isTrue(Callable<Boolean> ready) {
        try {
            return ready.call();
        } catch (Exception notYet) {
            return false;
        }
    }

    int port() {
        return port;
    }

    String host() {
        return host;
    }

    /** SIGKILL. The files stay. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** Up again on the same files and the same port. */
    void restart() {
        process = launch();
        awaitPort();
    }

    @Override
    public void close() {
        kill();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
