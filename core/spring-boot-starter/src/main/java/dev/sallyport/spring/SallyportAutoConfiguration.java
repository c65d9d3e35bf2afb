// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.KeyRing;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorListener;
import dev.sallyport.TwoFactorPolicy;
import dev.sallyport.VersionWitness;
import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.TwoFactorStore;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.MessageSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;

/**
 * Makes a {@link TwoFactor} of the properties under {@code sallyport} and of the application's beans. A bean of the
 * application takes the place of ours: {@link TwoFactor}, {@link TwoFactorStore}, {@link KeyRing}, {@link
 * TwoFactorPolicy}, {@link VersionWitness}, {@link UserIdResolver} and {@link java.time.InstantSource}. Beans of type
 * {@link TwoFactorListener} get each event.
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
@ImportRuntimeHints(NativeHints.class)
public class SallyportAutoConfiguration {
    /**
     * Made by Spring.
     *
     * @param properties the properties, which are checked
     */
    public SallyportAutoConfiguration(SallyportProperties properties) {
        properties.requireValid();
    }

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
        ScannableTwoFactorStore sallyportStore(SallyportProperties properties, ConfigurableListableBeanFactory beans) {
            SallyportProperties.Jdbc jdbc = properties.jdbc();
            return properties.refusing(
                    "jdbc.table",
                    () -> new HostDatabaseStore(
                            HostDataSource.find(beans, jdbc.dataSource()), jdbc.table(), jdbc.initializeSchema()));
        }

        @Bean
        TwoFactor sallyportTwoFactor(
                SallyportProperties properties,
                TwoFactorStore store,
                KeyRing keyRing,
                ObjectProvider<TwoFactorPolicy> policy,
                ObjectProvider<VersionWitness> versionWitness,
                ObjectProvider<TwoFactorListener> listeners,
                ObjectProvider<EventSink> sinks,
                ConfigurableListableBeanFactory beans) {
            TwoFactor.Builder builder = TwoFactor.builder()
                    .store(store)
                    .encryptionKeys(keyRing)
                    .clock(HostClock.find(beans))
                    .listener(new Events(listeners, sinks)::on);
            properties.refusing("namespace", () -> builder.namespace(properties.namespace()));
            policy.ifAvailable(builder::policy);
            versionWitness.ifAvailable(builder::versionWitness);
            return properties.refusing(
                    "issuer", () -> builder.issuer(properties.requireIssuer()).build());
        }

        @Bean
        @Lazy(false)
        StartUpCheck sallyportStartUpCheck(TwoFactorStore store, KeyRing keyRing, SallyportProperties properties) {
            return new StartUpCheck(store, keyRing, properties);
        }

        @Bean
        @Order(1)
        EventSink sallyportEventPublisher(ApplicationEventPublisher publisher) {
            return publisher::publishEvent;
        }

        @Bean
        @Order(3)
        Mails sallyportMails(
                ObjectProvider<TwoFactorMailer> mailers, MessageSource messages, SallyportProperties properties) {
            return new Mails(mailers, messages, properties);
        }

        /** For applications with Micrometer. */
        @Configuration(proxyBeanMethods = false)
        @ConditionalOnClass(MeterRegistry.class)
        static class MetricsConfiguration {
            @Bean
            @Lazy(false)
            @Order(2)
            EventCounter sallyportEventCounter(ObjectProvider<MeterRegistry> registries) {
                return new EventCounter(registries);
            }
        }
    }

    /** For applications with the actuator. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(SanitizingFunction.class)
    static class ActuatorConfiguration {
        @Bean
        OperatorEndpoint sallyportOperatorEndpoint(ObjectProvider<TwoFactor> twoFactor) {
            return new OperatorEndpoint(twoFactor);
        }

        /** Hides the keys also where an endpoint is told to show values. */
        @Bean
        SanitizingFunction sallyportSanitizingFunction() {
            return data -> KeyRingProperty.isKeyOf(data.getKey()) ? data.withSanitizedValue() : data;
        }
    }
}
