// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import java.util.EnumSet;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource
class ConformanceTest extends JdbcConformance {

    ConformanceTest(Database database) {
        super(database, Database.newTable());
    }

    @BeforeParameterizedClassInvocation
    static void engineIsThere(Database database) {
        database.assumeThereForTheKit(EnumSet.of(Database.H2, Database.SQLITE, Database.POSTGRESQL, Database.MARIADB));
    }
}
