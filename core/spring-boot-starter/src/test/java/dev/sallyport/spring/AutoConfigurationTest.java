// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.KeyRing;
import dev.sallyport.MissingRecordException;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorPolicy;
import dev.sallyport.UserId;
import dev.sallyport.VersionWitness;
import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.InMemoryTwoFactorStore;
import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.testing.SteppedClock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

class AutoConfigurationTest {
    private static final UserId ALICE = UserId.of("alice");

    private static PendingEnrollment enroll(ApplicationContext context) {
        return context.getBean(TwoFactor.class).beginEnrollment(ALICE, "alice@example.org");
    }

    @Test
    void threeProperties_makeATwoFactorThatWorks() {
        Hosts.withDatabase().run(context -> {
            assertThat(context).hasSingleBean(TwoFactor.class).hasSingleBean(UserIdResolver.class);
            assertThat(enroll(context).keyUri().toUriString()).contains("Acme");
        });
    }

    @Test
    void jar_namesTheConfigurations() {
        assertThat(ImportCandidates.load(AutoConfiguration.class, getClass().getClassLoader()))
                .contains(
                        SallyportAutoConfiguration.class.getName(), SallyportDisabledAutoConfiguration.class.getName());
    }

    @Test
    void applicationThatServesNoHttp_getsNothing() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(SallyportAutoConfiguration.class))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(TwoFactor.class));
    }

    @Nested
    @ExtendWith(OutputCaptureExtension.class)
    class Disabled {
        @Test
        void enabledIsFalse_nothingIsThere_andTheLogSaysSoOnce(CapturedOutput output) {
            Hosts.withoutDatabase()
                    .withPropertyValues(
                            "sallyport.enabled=false",
                            "sallyport.issuer=",
                            "sallyport.encryption-keys=",
                            "sallyport.user-id=")
                    .run(context -> {
                        assertThat(context).hasNotFailed().doesNotHaveBean(TwoFactor.class);
                        assertThat(context).doesNotHaveBean(UserIdResolver.class);
                        assertThat(context).doesNotHaveBean(SallyportProperties.class);
                    });
            assertThat(output.getAll())
                    .containsOnlyOnce("TWO-FACTOR AUTHENTICATION IS OFF")
                    .contains("WARN");
        }

        @Test
        void enabled_logsNoWarning(CapturedOutput output) {
            Hosts.withDatabase().run(context -> assertThat(context).hasNotFailed());
            assertThat(output.getAll()).doesNotContain("WARN").doesNotContain("ERROR");
        }
    }

    @Nested
    class BackOff {
        @Test
        void twoFactorOfTheHost_needsNoOtherProperty() {
            TwoFactor own = TwoFactor.builder()
                    .issuer("Own")
                    .store(new InMemoryTwoFactorStore())
                    .encryptionKeys(KeyRing.generate())
                    .build();
            Hosts.withoutDatabase()
                    .withPropertyValues("sallyport.issuer=", "sallyport.encryption-keys=")
                    .withBean("own", TwoFactor.class, () -> own)
                    .run(context -> {
                        assertThat(context).getBean(TwoFactor.class).isSameAs(own);
                        assertThat(context).doesNotHaveBean(KeyRing.class);
                        assertThat(context).doesNotHaveBean(TwoFactorStore.class);
                    });
        }

        @Test
        void storeOfTheHost_isUsed_andNoDatabaseIsNeeded() {
            InMemoryTwoFactorStore own = new InMemoryTwoFactorStore();
            Hosts.withoutDatabase().withBean(TwoFactorStore.class, () -> own).run(context -> {
                enroll(context);
                assertThat(context).hasSingleBean(TwoFactorStore.class);
                assertThat(own.find("alice")).isPresent();
            });
        }

        @Test
        void keyRingOfTheHost_isUsed_andNoKeyIsNeeded() {
            Hosts.withDatabase()
                    .withPropertyValues("sallyport.encryption-keys=")
                    .withBean("own", KeyRing.class, KeyRing::generate)
                    .run(context -> {
                        enroll(context);
                        assertThat(context).hasSingleBean(KeyRing.class);
                        assertThat(context).hasBean("own");
                    });
        }

        @Test
        void policyOfTheHost_isUsed() {
            SteppedClock clock = new SteppedClock();
            TwoFactorPolicy own = TwoFactorPolicy.builder()
                    .totp(new TotpParameters(HmacAlgorithm.SHA1, 8, Duration.ofSeconds(30), Instant.EPOCH))
                    .build();
            Hosts.withDatabase()
                    .withBean(TwoFactorPolicy.class, () -> own)
                    .withBean(InstantSource.class, () -> clock)
                    .run(context ->
                            assertThat(enroll(context).keyUri().toUriString()).contains("digits=8"));
        }

        @Test
        void userIdResolverOfTheHost_isUsed_andNoUserIdIsNeeded() {
            UserIdResolver own = authentication -> ALICE;
            Hosts.withDatabase()
                    .withPropertyValues("sallyport.user-id=")
                    .withBean("own", UserIdResolver.class, () -> own)
                    .run(context ->
                            assertThat(context).getBean(UserIdResolver.class).isSameAs(own));
        }

        @Test
        void versionWitnessOfTheHost_isAsked() {
            Hosts.withDatabase()
                    .withBean(VersionWitness.class, () -> user -> 7)
                    .run(context ->
                            assertThatThrownBy(() -> enroll(context)).isInstanceOf(MissingRecordException.class));
        }
    }

    @Nested
    class TheClock {
        private static final Instant THEN = Instant.parse("2020-01-01T00:00:00Z");

        private static Instant used(ApplicationContext context) {
            return HostClock.find((ConfigurableListableBeanFactory) context.getAutowireCapableBeanFactory())
                    .instant();
        }

        @Test
        void instantSourceOfTheHost_isUsed() {
            SteppedClock clock = new SteppedClock();
            Hosts.withDatabase().withBean(InstantSource.class, () -> clock).run(context -> {
                enroll(context);
                assertThat(used(context)).isEqualTo(clock.instant());
            });
        }

        @Test
        void clockOfTheHost_isNotUsed_becauseItMayStandStill() {
            Hosts.withDatabase()
                    .withBean(Clock.class, () -> Clock.fixed(THEN, ZoneOffset.UTC))
                    .run(context -> assertThat(used(context)).isAfter(THEN.plusSeconds(86400 * 365)));
        }

        @Test
        void clockBesideAnInstantSource_theInstantSourceIsUsed() {
            Hosts.withDatabase()
                    .withUserConfiguration(ClockAndSource.class)
                    .run(context -> assertThat(used(context)).isEqualTo(THEN));
        }

        @Test
        void severalInstantSources_oneHasToHaveTheName() {
            Hosts.withDatabase()
                    .withBean("a", InstantSource.class, SteppedClock::new)
                    .withBean("b", InstantSource.class, SteppedClock::new)
                    .run(context -> assertThat(context)
                            .getFailure()
                            .rootCause()
                            .isInstanceOf(ConfigurationException.class)
                            .hasMessageContaining("[a, b]"));
        }

        @Test
        void beanWithTheName_isUsed_alsoIfItIsAClock() {
            Hosts.withDatabase()
                    .withBean("a", InstantSource.class, SteppedClock::new)
                    .withBean("sallyportClock", Clock.class, () -> Clock.fixed(THEN, ZoneOffset.UTC))
                    .run(context -> assertThat(used(context)).isEqualTo(THEN));
        }

        @Configuration(proxyBeanMethods = false)
        static class ClockAndSource {
            @Bean
            Clock clock() {
                return Clock.systemUTC();
            }

            @Bean
            InstantSource source() {
                return InstantSource.fixed(THEN);
            }
        }
    }

    @Test
    void storeBean_canBeInjectedForKeyRotation() {
        Hosts.withDatabase().run(context -> {
            enroll(context);
            assertThat(context.getBean(ScannableTwoFactorStore.class)
                            .userIds(null, 9)
                            .userIds())
                    .isEqualTo(List.of("alice"));
        });
    }
}
