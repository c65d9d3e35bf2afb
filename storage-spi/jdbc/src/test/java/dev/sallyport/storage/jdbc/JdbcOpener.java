// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.StoreOpener;
import java.util.Properties;

/** Opens the store in another process. */
final class JdbcOpener implements StoreOpener {
    @Override
    public TwoFactorStore open(Properties settings) {
        HikariConfig config = Endpoint.of(settings).poolConfig();
        boolean autoCommit = Boolean.parseBoolean(settings.getProperty("autoCommit"));
        config.setAutoCommit(autoCommit);
        JdbcTwoFactorStore store =
                JdbcTwoFactorStore.of(new HikariDataSource(config)).withTable(settings.getProperty("table"));
        String engine = settings.getProperty("engine");
        if (engine != null) {
            store = store.withEngine(Engine.valueOf(engine));
        }
        return autoCommit ? store : store.withAutoCommitOffByDefault();
    }
}
