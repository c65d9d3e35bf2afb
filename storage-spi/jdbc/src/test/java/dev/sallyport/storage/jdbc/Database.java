// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.apache.derby.jdbc.EmbeddedDataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.hsqldb.jdbc.JDBCDataSource;
import org.junit.jupiter.api.Assumptions;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteDataSource;

/** The engines, each with one database for the whole run. Tests keep apart by tables of their own. */
enum Database implements TestDatabase {
    H2,
    HSQLDB,
    SQLITE,
    DERBY,
    POSTGRESQL,
    MARIADB,
    FIREBIRD;

    private static final Map<Database, DataSource> OPEN = new ConcurrentHashMap<>();
    private static final Map<Database, Server> SERVERS = new ConcurrentHashMap<>();
    private static final Set<Database> LEFT_OUT = ConcurrentHashMap.newKeySet();
    private static final AtomicInteger TABLES = new AtomicInteger();

    /** Skips the test where the engine is not there, and says once why. */
    void assumeThere() {
        boolean server = this == POSTGRESQL || this == MARIADB;
        String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        if (server && !system.equals("Linux amd64")) {
            leaveOut("its binaries are for Linux on x86-64");
        } else if (this == MARIADB && !MariaDbServer.isThere()) {
            leaveOut("its 149 MB come with -Pmariadb, or with CI=true");
        } else if (this == FIREBIRD && !FirebirdServer.isThere()) {
            leaveOut("this machine has no Debian package firebird3.0-server");
        }
    }

    /** The same for the whole kit, which takes minutes for all engines. Each other test runs on each engine all the same. */
    void assumeThereForTheKit(Set<Database> inEveryRun) {
        assumeThere();
        if (!inEveryRun.contains(this) && !"all".equals(System.getenv("SALLYPORT_KITS"))) {
            leaveOut("the whole kit runs on it with SALLYPORT_KITS=all, as in .ci/kits");
        }
    }

    private void leaveOut(String reason) {
        if (LEFT_OUT.add(this)) {
            System.out.println("Left out: " + this + ", " + reason);
        }
        Assumptions.abort(reason);
    }

    @Override
    public DataSource dataSource() {
        assumeThere();
        return OPEN.computeIfAbsent(this, Database::open);
    }

    private DataSource open() {
        return switch (this) {
            case H2 -> {
                JdbcDataSource dataSource = new JdbcDataSource();
                dataSource.setURL("jdbc:h2:mem:sallyport;DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=60000");
                yield dataSource;
            }
            case HSQLDB -> {
                JDBCDataSource dataSource = new JDBCDataSource();
                dataSource.setURL("jdbc:hsqldb:mem:sallyport");
                dataSource.setUser("SA");
                yield dataSource;
            }
            case SQLITE -> sqlite(60_000);
            case DERBY -> {
                EmbeddedDataSource dataSource = new EmbeddedDataSource();
                dataSource.setDatabaseName("memory:sallyport");
                dataSource.setCreateDatabase("create");
                yield dataSource;
            }
            case POSTGRESQL -> serve(new PostgresServer());
            case MARIADB -> serve(new MariaDbServer());
            case FIREBIRD -> serve(new FirebirdServer());
        };
    }

    /** A pool that gives up soon, set as a pool is by default. */
    HikariDataSource pool(int size) {
        return new HikariDataSource(poolConfig(size));
    }

    /** A name that no other test has. */
    static String newTable() {
        return "record_" + TABLES.incrementAndGet();
    }

    /** A file of its own in this run, with writers that wait as long as told. */
    static SQLiteDataSource sqlite(int busyTimeoutMillis) {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(busyTimeoutMillis);
        config.setJournalMode(JournalMode.WAL);
        SQLiteDataSource dataSource = new SQLiteDataSource(config);
        Path directory = TempDirectory.create("sqlite");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> TempDirectory.delete(directory)));
        dataSource.setUrl("jdbc:sqlite:" + directory.resolve("sallyport.db"));
        return dataSource;
    }

    private DataSource serve(Server server) {
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        SERVERS.put(this, server);
        return server.dataSource();
    }

    @Override
    public Optional<Endpoint> endpoint() {
        dataSource();
        return switch (this) {
            case H2 -> Optional.of(H2Listener.endpoint());
            case POSTGRESQL, MARIADB, FIREBIRD -> Optional.of(server().endpoint());
            case SQLITE, HSQLDB, DERBY -> Optional.empty();
        };
    }

    /** The server of an engine that has one. */
    Server server() {
        dataSource();
        return Objects.requireNonNull(SERVERS.get(this), name());
    }
}
