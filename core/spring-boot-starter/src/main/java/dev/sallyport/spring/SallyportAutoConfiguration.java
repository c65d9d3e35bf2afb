// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.KeyRing;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorListener;
import dev.sallyport.TwoFactorPolicy;
import dev.sallyport.VersionWitness;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.jdbc.JdbcTwoFactorStore;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;

/**
 * Makes a {@link TwoFactor} of the properties and of the application's beans. A bean of the application takes the place
 * of the one made here.
 */
@AutoConfiguration(
        // By name, because Spring Boot 4 has moved them.
        afterName = {
            "org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration",
            "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration"
        },
        beforeName = {
            "org.springframework.boot.autoconfigure.security.servlet.SecurityAutoConfiguration",
            "org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration"
        })
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass(HttpSecurity.class)
@ConditionalOnProperty(name = "sallyport.enabled", matchIfMissing = true)
@EnableConfigurationProperties(SallyportProperties.class)
public class SallyportAutoConfiguration {
    /** Made by Spring. */
    public SallyportAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    UserIdResolver sallyportUserIdResolver(SallyportProperties properties) {
        return PathUserIdResolver.of(properties.userId(), properties.accountName());
    }

    /** What goes into a {@link TwoFactor}, where the application has none of its own. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnMissingBean(TwoFactor.class)
    static class TwoFactorConfiguration {
        @Bean
        @ConditionalOnMissingBean
        KeyRing sallyportKeyRing(SallyportProperties properties) {
            return KeyRingProperty.read(properties.encryptionKeys());
        }

        @Bean
        @ConditionalOnMissingBean(TwoFactorStore.class)
        TwoFactorStore sallyportStore(SallyportProperties properties, ObjectProvider<DataSource> dataSources) {
            DataSource dataSource = dataSources.getIfUnique();
            if (dataSource == null) {
                throw new ConfigurationException("There is no DataSource.", "Give one.");
            }
            return JdbcTwoFactorStore.of(dataSource)
                    .withTable(properties.jdbc().table());
        }

        @Bean
        Events sallyportEvents(ObjectProvider<TwoFactorListener> listeners, ApplicationEventPublisher publisher) {
            return new Events(List.of(listeners::orderedStream, () -> Stream.<TwoFactorListener>of(publisher::publishEvent)));
        }

        @Bean
        TwoFactor twoFactor(
                SallyportProperties properties,
                TwoFactorStore store,
                KeyRing keyRing,
                ObjectProvider<TwoFactorPolicy> policy,
                ObjectProvider<VersionWitness> versionWitness,
                Events events) {
            String issuer = properties.issuer();
            if (issuer == null || issuer.isBlank()) {
                throw new ConfigurationException(
                        "The property sallyport.issuer is missing. It is the name of the application that authenticator"
                                + " apps show.",
                        "Set it to the name that your users know. It should not change later.");
            }
            TwoFactor.Builder builder = TwoFactor.builder()
                    .issuer(issuer)
                    .store(store)
                    .encryptionKeys(keyRing)
                    .namespace(properties.namespace())
                    .listener(events::on);
            policy.ifAvailable(builder::policy);
            versionWitness.ifAvailable(builder::versionWitness);
            return builder.build();
        }
    }
}
