// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The same rules on PostgreSQL, by nothing but the settings of the data source. */
@DirtiesContext
class PostgresRulesTest extends SecurityRulesTest {
    private static @Nullable EmbeddedPostgres server;

    @DynamicPropertySource
    static void dataSource(DynamicPropertyRegistry settings) throws IOException {
        boolean there = System.getProperty("os.name").equals("Linux")
                && List.of("amd64", "x86_64").contains(System.getProperty("os.arch"));
        if (!there) {
            System.out.println("Left out: PostgreSQL, whose binaries are for Linux on x86-64");
        }
        Assumptions.assumeTrue(there, "PostgreSQL's binaries are for Linux on x86-64");
        String password = UUID.randomUUID().toString();
        Path passwordFile = Files.writeString(Files.createTempFile("postgres", ""), password);
        EmbeddedPostgres started = EmbeddedPostgres.builder()
                .setServerConfig("listen_addresses", "127.0.0.1")
                // initdb: without these, every user of this machine would be let in.
                .setLocaleConfig("auth", "scram-sha-256")
                .setLocaleConfig("pwfile", passwordFile.toString())
                .setConnectConfig("password", password)
                .start();
        Files.delete(passwordFile);
        server = started;
        settings.add("spring.datasource.url", () -> started.getJdbcUrl("postgres", "postgres"));
        settings.add("spring.datasource.username", () -> "postgres");
        settings.add("spring.datasource.password", () -> password);
    }

    @AfterAll
    static void stop() throws IOException {
        if (server != null) {
            server.close();
        }
    }
}
