// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import org.junit.jupiter.api.DisplayName;

@DisplayName("PostgreSQL behind PgBouncer, which gives each transaction the connection that is free")
class PgBouncerConformanceTest extends JdbcConformance {

    PgBouncerConformanceTest() {
        super(PgBouncer.started(), Database.newTable());
    }
}
