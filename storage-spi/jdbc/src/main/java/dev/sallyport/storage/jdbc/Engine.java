// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The databases that {@link JdbcTwoFactorStore} knows. An application needs this enum only if its database is not one
 * of them and behaves like one of them: see {@link JdbcTwoFactorStore#withEngine}. Later releases may add constants.
 */
public enum Engine {
    /** H2, version 2. */
    H2("H2"),
    /** HSQLDB, version 2.7. */
    HSQLDB("HSQL Database Engine"),
    /** SQLite, version 3. */
    SQLITE("SQLite"),
    /** Apache Derby, version 10.16. */
    DERBY("Apache Derby"),
    /** PostgreSQL. */
    POSTGRESQL("PostgreSQL"),
    /** MariaDB. */
    MARIADB("MariaDB"),
    /** MySQL. It gets the same statements as MariaDB. */
    MYSQL("MySQL");

    private final String productName;

    Engine(String productName) {
        this.productName = productName;
    }

    /** The engine that reports this product name; empty if there is none. */
    static Optional<Engine> ofProductName(String name) {
        return Stream.of(values())
                .filter(engine -> engine.productName.equals(name))
                .findFirst();
    }

    /** Path of the file with its CREATE TABLE statement, relative to this package. */
    String schemaFile() {
        return "schema/" + (this == MYSQL ? MARIADB : this).name().toLowerCase(Locale.ROOT) + ".sql";
    }

    /** The statement of its schema file, which creates the table with the default name. */
    String schema() {
        try (InputStream in = Objects.requireNonNull(Engine.class.getResourceAsStream(schemaFile()), schemaFile())) {
            String text = new String(in.readAllBytes(), UTF_8);
            // The file ends in a semicolon for people who paste it. Derby's driver refuses one.
            return text.substring(0, text.lastIndexOf(';'));
        } catch (IOException e) {
            throw new UncheckedIOException("the jar is damaged: " + schemaFile(), e);
        }
    }

    /** Ends the query of a page, so that the engine stops after that many rows. */
    String limit(int rows) {
        // H2 accepts LIMIT in some of its modes only.
        return this == DERBY || this == H2 ? " FETCH FIRST " + rows + " ROWS ONLY" : " LIMIT " + rows;
    }
}
