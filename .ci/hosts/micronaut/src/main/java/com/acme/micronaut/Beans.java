// SPDX-License-Identifier: Apache-2.0
package com.acme.micronaut;

import dev.sallyport.KeyRing;
import dev.sallyport.TwoFactor;
import dev.sallyport.storage.jdbc.JdbcTwoFactorStore;
import io.micronaut.context.annotation.Factory;
import io.micronaut.jdbc.DataSourceResolver;
import jakarta.inject.Singleton;
import javax.sql.DataSource;

@Factory
final class Beans {
    /** The pool itself: Micronaut Data's own data source gives out connections inside of its methods only. */
    @Singleton
    TwoFactor twoFactor(DataSource dataSource, DataSourceResolver resolver) {
        JdbcTwoFactorStore store = JdbcTwoFactorStore.of(resolver.resolve(dataSource));
        store.createTableIfMissing();
        return TwoFactor.builder()
                .issuer("Acme")
                .store(store)
                .encryptionKeys(KeyRing.generate())
                .build();
    }
}
