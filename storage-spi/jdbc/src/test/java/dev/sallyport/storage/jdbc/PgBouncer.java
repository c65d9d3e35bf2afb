// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** Debian's PgBouncer in transaction mode before the PostgreSQL of the tests. It hands out few connections, as it does. */
final class PgBouncer implements TestDatabase {
    private static final Path PROGRAM = Path.of("/usr/sbin/pgbouncer");
    private static @Nullable PgBouncer started;

    private final Path directory = TempDirectory.create("pgbouncer");
    private final Endpoint endpoint;
    private final Process process;

    private PgBouncer(Endpoint server) {
        int port = LocalPort.free();
        endpoint = new Endpoint(
                "jdbc:postgresql://127.0.0.1:" + port + "/postgres?prepareThreshold=0",
                server.user(),
                server.password());
        try {
            Path users = Files.writeString(
                    directory.resolve("users"), "\"" + server.user() + "\" \"" + server.password() + "\"\n");
            Path settings = Files.writeString(directory.resolve("settings"), """
                    [databases]
                    postgres = host=127.0.0.1 port=%d dbname=postgres
                    [pgbouncer]
                    listen_addr = 127.0.0.1
                    listen_port = %d
                    unix_socket_dir =
                    auth_type = scram-sha-256
                    auth_file = %s
                    pool_mode = transaction
                    default_pool_size = 4
                    max_client_conn = 200
                    ignore_startup_parameters = extra_float_digits
                    """.formatted(server.port(), port, users));
            List<String> command = new ArrayList<>(List.of(PROGRAM.toString(), "-q", settings.toString()));
            if ("root".equals(System.getProperty("user.name"))) {
                // It refuses to run as root, and the other user has to read its files.
                Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
                command.addAll(1, List.of("-u", "nobody"));
            }
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("log").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
        LocalPort.await(port, process, directory.resolve("log"));
    }

    /** Skips the test where it is not installed. */
    static synchronized PgBouncer started() {
        Assumptions.assumeTrue(Files.isExecutable(PROGRAM), "this machine has no Debian package pgbouncer");
        if (started == null) {
            started = new PgBouncer(Database.POSTGRESQL.endpoint().orElseThrow());
        }
        return started;
    }

    private void close() {
        process.destroyForcibly().onExit().join();
        TempDirectory.delete(directory);
    }

    @Override
    public DataSource dataSource() {
        return endpoint.dataSource();
    }

    @Override
    public Optional<Endpoint> endpoint() {
        return Optional.of(endpoint);
    }
}
