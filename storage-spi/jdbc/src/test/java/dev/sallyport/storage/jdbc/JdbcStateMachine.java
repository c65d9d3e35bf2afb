// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.TwoFactorStoreStateMachine;
import net.jqwik.api.lifecycle.AfterProperty;

/** Random sequences of operations on one table of one engine. */
abstract class JdbcStateMachine extends TwoFactorStoreStateMachine {
    private final HikariDataSource pool;
    private final JdbcTwoFactorStore store;

    JdbcStateMachine(Database database) {
        pool = database.pool(2);
        store = JdbcTwoFactorStore.of(pool).withTable(Database.newTable());
        store.createTableIfMissing();
    }

    @AfterProperty
    void closePool() {
        pool.close();
    }

    @Override
    protected TwoFactorStore createStore() {
        return store;
    }
}
