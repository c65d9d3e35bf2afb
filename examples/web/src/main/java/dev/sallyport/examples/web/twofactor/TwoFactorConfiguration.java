// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web.twofactor;

import com.zaxxer.hikari.HikariDataSource;
import dev.sallyport.KeyRing;
import dev.sallyport.SignInRequirement.NotEnrolled;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorEvent;
import dev.sallyport.storage.jdbc.JdbcTwoFactorStore;
import java.time.InstantSource;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authorization.AuthorizationManagerFactories;
import org.springframework.security.authorization.AuthorizationManagerFactory;
import org.springframework.security.core.authority.FactorGrantedAuthority;

/** Puts the library together, and lets Spring Security ask for a second factor wherever somebody has one. */
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
                .enabledWitness(host::isTwoFactorEnabled)
                .listener(event -> {
                    keepFlag(host, event);
                    events.publishEvent(event);
                })
                .build();
    }

    private static void keepFlag(TwoFactorHost host, TwoFactorEvent event) {
        switch (event.type()) {
            case ENROLLMENT_CONFIRMED, AUTHENTICATOR_ADDED -> host.setTwoFactorEnabled(event.user(), true);
            case CODE_ACCEPTED, BACKUP_CODE_USED, BROWSER_RECOGNIZED -> {
                // It was lost, in a crash between the record and the flag.
                if (!host.isTwoFactorEnabled(event.user())) {
                    host.setTwoFactorEnabled(event.user(), true);
                }
            }
            case DISABLED, RESET -> {
                host.setTwoFactorEnabled(event.user(), false);
                host.setBackupCodesSaved(event.user(), false);
            }
            default -> {}
        }
    }

    /** What "authenticated" means from here on: the password, and the second factor of those who have one. */
    @Bean
    AuthorizationManagerFactory<Object> factors(TwoFactor twoFactor, TwoFactorHost host) {
        return AuthorizationManagerFactories.multiFactor()
                .requireFactors(FactorGrantedAuthority.PASSWORD_AUTHORITY, SecondFactor.AUTHORITY)
                // Who has shown it is not looked up again at each page.
                .when(authentication -> SecondFactor.isShownBy(authentication)
                        || (!(authentication instanceof AnonymousAuthenticationToken)
                                && !(twoFactor.signInRequirement(host.idOf(authentication.getName()), null)
                                        instanceof NotEnrolled)))
                .build();
    }
}
