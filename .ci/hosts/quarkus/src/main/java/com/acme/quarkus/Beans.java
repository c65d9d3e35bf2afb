// SPDX-License-Identifier: Apache-2.0
package com.acme.quarkus;

import dev.sallyport.KeyRing;
import dev.sallyport.TwoFactor;
import dev.sallyport.storage.jdbc.JdbcTwoFactorStore;
import io.agroal.api.AgroalDataSource;
import io.quarkus.agroal.DataSource;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.SessionHandler;
import io.vertx.ext.web.sstore.LocalSessionStore;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

final class Beans {
    /** A singleton: TwoFactor is final, so there is no proxy for it. The data source takes no part in transactions. */
    @Singleton
    TwoFactor twoFactor(@DataSource("two-factor") AgroalDataSource dataSource) {
        JdbcTwoFactorStore store = JdbcTwoFactorStore.of(dataSource);
        store.createTableIfMissing();
        return TwoFactor.builder()
                .issuer("Acme")
                .store(store)
                .encryptionKeys(KeyRing.generate())
                .build();
    }

    void sessions(@Observes Router router, Vertx vertx) {
        router.route().order(-1).handler(SessionHandler.create(LocalSessionStore.create(vertx)));
    }
}
