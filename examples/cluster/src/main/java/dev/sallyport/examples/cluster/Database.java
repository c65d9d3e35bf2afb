// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** The one database of all nodes: a PostgreSQL of its own in a directory of its own, or a table of its own in yours. */
final class Database implements AutoCloseable {
    private final String url;
    private final String table;
    private final Closing end;

    private interface Closing {
        void run() throws IOException, SQLException;
    }

    private Database(String url, String table, Closing end) {
        this.url = url;
        this.table = table;
        this.end = end;
    }

    /** With its password, if it has one. */
    String url() {
        return url;
    }

    String table() {
        return table;
    }

    /** Whether the PostgreSQL that comes with the example runs here. */
    static boolean isBundled() {
        return System.getProperty("os.name").equals("Linux")
                && List.of("amd64", "x86_64").contains(System.getProperty("os.arch"));
    }

    static Database bundled() throws IOException {
        Path directory = Files.createTempDirectory("sallyport-cluster");
        String password = random();
        try {
            Path passwordFile = Files.writeString(directory.resolve("password"), password);
            EmbeddedPostgres server = EmbeddedPostgres.builder()
                    .setOverrideWorkingDirectory(directory.resolve("server").toFile())
                    .setDataDirectory(directory.resolve("data"))
                    .setRegisterShutdownHook(false)
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
                    .setOutputRedirector(Redirect.DISCARD)
                    .setErrorRedirector(Redirect.DISCARD)
                    .start();
            String url =
                    "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/postgres?user=postgres&password=" + password;
            return new Database(url, "sallyport_record", () -> {
                try {
                    server.close();
                } finally {
                    delete(directory);
                }
            });
        } catch (IOException | RuntimeException e) {
            delete(directory);
            throw e;
        }
    }

    static Database at(String url) {
        String table = "sallyport_cluster_" + random().substring(0, 8);
        return new Database(url, table, () -> {
            try (Connection connection = DriverManager.getConnection(url);
                    Statement statement = connection.createStatement()) {
                statement.executeUpdate("DROP TABLE IF EXISTS " + table);
            }
        });
    }

    private static String random() {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    @Override
    public void close() {
        try {
            end.run();
        } catch (IOException | SQLException e) {
            throw new IllegalStateException("the database left something behind", e);
        }
    }
}
