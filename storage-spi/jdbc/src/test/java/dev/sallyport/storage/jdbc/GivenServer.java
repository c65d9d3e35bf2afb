// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.sql.DataSource;

/** The server that somebody names on Maven's command line. */
final class GivenServer implements TestDatabase {
    private static final Path DRIVERS = Path.of("target", "driver").toAbsolutePath();

    private final Endpoint endpoint = new Endpoint(
            setting("sallyport.jdbc.url"),
            setting("sallyport.jdbc.user"),
            Optional.ofNullable(System.getenv("SALLYPORT_JDBC_PASSWORD")).orElse(""),
            System.getProperty("sallyport.jdbc.driver", "").isEmpty() || !Files.isDirectory(DRIVERS) ? null : DRIVERS);

    private final DataSource dataSource = endpoint.dataSource();

    private static String setting(String name) {
        String value = System.getProperty(name, "");
        if (value.isEmpty()) {
            throw new IllegalStateException("give -D" + name + "=..");
        }
        return value;
    }

    @Override
    public DataSource dataSource() {
        return dataSource;
    }

    @Override
    public Optional<Endpoint> endpoint() {
        return Optional.of(endpoint);
    }

    /** What {@code -Dsallyport.jdbc.engine} names, for a database that the store does not know. */
    static Optional<Engine> engine() {
        return Optional.of(System.getProperty("sallyport.jdbc.engine", ""))
                .filter(name -> !name.isEmpty())
                .map(Engine::valueOf);
    }

    @Override
    public JdbcTwoFactorStore storeOn(DataSource pool) {
        JdbcTwoFactorStore store = JdbcTwoFactorStore.of(pool);
        return engine().map(store::withEngine).orElse(store);
    }
}
