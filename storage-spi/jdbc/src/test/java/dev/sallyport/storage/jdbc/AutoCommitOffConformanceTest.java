// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.util.EnumSet;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole kit again on pools that are set so: there the store commits by itself. */
@ParameterizedClass
@EnumSource(names = {"H2", "POSTGRESQL", "MARIADB"})
class AutoCommitOffConformanceTest extends JdbcConformance {

    AutoCommitOffConformanceTest(Database database) {
        super(database, Database.newTable());
    }

    @BeforeParameterizedClassInvocation
    static void engineIsThere(Database database) {
        database.assumeThereForTheKit(EnumSet.of(Database.POSTGRESQL));
    }

    @Override
    HikariConfig configure(HikariConfig config) {
        config.setAutoCommit(false);
        return config;
    }

    @Override
    JdbcTwoFactorStore store(HikariDataSource pool) {
        return super.store(pool).withAutoCommitOffByDefault();
    }
}
