// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web.twofactor;

import com.zaxxer.hikari.HikariDataSource;
import dev.sallyport.KeyRing;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorEvent;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.storage.jdbc.JdbcTwoFactorStore;
import java.time.InstantSource;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Puts the library together. */
@Configuration(proxyBeanMethods = false)
class TwoFactorConfiguration {

    /**
     * A few connections of its own, to the same database. A call from within a transaction of the application needs a second
     * connection while the first is held; out of one pool, that many such calls at once would starve each other.
     */
    @Bean(defaultCandidate = false)
    @Qualifier("two-factor")
    HikariDataSource twoFactorPool(DataSourceProperties database) {
        HikariDataSource pool = database.initializeDataSourceBuilder()
                .type(HikariDataSource.class)
                .build();
        pool.setPoolName("two-factor");
        pool.setMaximumPoolSize(4);
        return pool;
    }

    @Bean
    InstantSource twoFactorClock() {
        return InstantSource.system();
    }

    @Bean
    TwoFactor twoFactor(
            @Value("${two-factor.issuer}") String issuer,
            @Qualifier("two-factor") HikariDataSource pool,
            KeyRing encryptionKeys,
            InstantSource clock,
            TwoFactorHost host,
            ApplicationEventPublisher events) {
        JdbcTwoFactorStore store = JdbcTwoFactorStore.of(pool);
        store.createTableIfMissing();
        return TwoFactor.builder()
                .issuer(issuer)
                .store(store)
                .encryptionKeys(encryptionKeys)
                .clock(clock)
                .versionWitness(host::twoFactorVersion)
                .listener(event -> {
                    note(host, event);
                    events.publishEvent(event);
                })
                .build();
    }

    private static void note(TwoFactorHost host, TwoFactorEvent event) {
        event.position().ifPresent(position -> host.raiseTwoFactorVersion(event.user(), position.version()));
        if (event.type() == Type.DISABLED || event.type() == Type.RESET) {
            host.setBackupCodesSaved(event.user(), false);
        }
    }
}
