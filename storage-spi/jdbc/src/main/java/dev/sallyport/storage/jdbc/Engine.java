// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** The engines that a schema file is shipped for, and the little in which they differ. */
enum Engine {
    H2("H2"),
    HSQLDB("HSQL Database Engine"),
    SQLITE("SQLite"),
    DERBY("Apache Derby"),
    POSTGRESQL("PostgreSQL"),
    MARIADB("MariaDB"),
    MYSQL("MySQL");

    private final String productName;

    Engine(String productName) {
        this.productName = productName;
    }

    /** The engine behind a connection; empty if no schema file is shipped for it. */
    static Optional<Engine> of(Connection connection) throws SQLException {
        String name = connection.getMetaData().getDatabaseProductName();
        return Stream.of(values())
                .filter(engine -> engine.productName.equals(name))
                .findFirst();
    }

    boolean isBehind(Connection connection) throws SQLException {
        return productName.equals(connection.getMetaData().getDatabaseProductName());
    }

    /** Where its schema is, seen from this package. */
    String schemaFile() {
        return "schema/" + (this == MYSQL ? MARIADB : this).name().toLowerCase(Locale.ROOT) + ".sql";
    }

    /** The statement of its schema file, which makes the table of the default name. */
    String schema() {
        try (InputStream in = Objects.requireNonNull(Engine.class.getResourceAsStream(schemaFile()), schemaFile())) {
            String text = new String(in.readAllBytes(), UTF_8);
            // For people the file ends in a semicolon; Derby's driver takes none.
            return text.substring(0, text.lastIndexOf(';'));
        } catch (IOException e) {
            throw new UncheckedIOException("the jar is damaged: " + schemaFile(), e);
        }
    }

    /** What ends a query of a page, so that the engine walks its index no farther. */
    String limit(int rows) {
        // H2 knows LIMIT in some of its modes only.
        return this == DERBY || this == H2 ? " FETCH FIRST " + rows + " ROWS ONLY" : " LIMIT " + rows;
    }
}
