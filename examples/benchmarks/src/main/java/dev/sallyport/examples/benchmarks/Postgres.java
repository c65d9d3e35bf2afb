// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.stream.Stream;

/** A PostgreSQL of this run's own, which commits to the disk, and a pool of connections to it. */
final class Postgres implements AutoCloseable {
    private final Path directory;
    private final EmbeddedPostgres server;
    private final String password;

    Postgres() throws IOException {
        directory = Files.createTempDirectory("sallyport-benchmarks-postgres");
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        password = HexFormat.of().formatHex(random);
        Path passwordFile = Files.writeString(directory.resolve("password"), password);
        server = EmbeddedPostgres.builder()
                .setOverrideWorkingDirectory(directory.resolve("server").toFile())
                .setDataDirectory(directory.resolve("data"))
                .setPGStartupWait(Duration.ofMinutes(2))
                // initdb: without these, every user of this machine would be let in.
                .setLocaleConfig("auth", "scram-sha-256")
                .setLocaleConfig("pwfile", passwordFile.toString())
                .setConnectConfig("password", password)
                .setServerConfig("listen_addresses", "127.0.0.1")
                // Durability, which such a server goes without unless told.
                .setServerConfig("fsync", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("synchronous_commit", "on")
                // Ten million rows should not bring a checkpoint every few seconds.
                .setServerConfig("max_wal_size", "8GB")
                .setServerConfig("shared_buffers", "1GB")
                .setOutputRedirector(Redirect.DISCARD)
                .setErrorRedirector(Redirect.DISCARD)
                .start();
    }

    HikariDataSource pool(int connections) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl("jdbc:postgresql://127.0.0.1:" + server.getPort() + "/postgres");
        pool.setUsername("postgres");
        pool.setPassword(password);
        pool.setMaximumPoolSize(connections);
        return pool;
    }

    static void execute(HikariDataSource pool, String sql) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
