// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import com.zaxxer.hikari.HikariConfig;
import java.util.Optional;
import javax.sql.DataSource;

/** A database that the kit runs on. */
interface TestDatabase {

    /** Hands out a new connection each time. */
    DataSource dataSource();

    /** How another process or a proxy finds the database. Empty if it runs in this process only. */
    Optional<Endpoint> endpoint();

    /** A store that is told what the application has to tell it. */
    default JdbcTwoFactorStore storeOn(DataSource pool) {
        return JdbcTwoFactorStore.of(pool);
    }

    /** A pool that gives up soon, set as a pool is by default. */
    default HikariConfig poolConfig(int size) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(dataSource());
        config.setMaximumPoolSize(size);
        return config;
    }
}
