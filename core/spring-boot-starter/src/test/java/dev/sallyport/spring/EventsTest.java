// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorEvent;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.TwoFactorListener;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.UserId;
import dev.sallyport.testing.SteppedClock;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.core.annotation.Order;

@ExtendWith(OutputCaptureExtension.class)
class EventsTest {
    private final List<String> seen = new ArrayList<>();

    private static void enroll(ApplicationContext context) {
        context.getBean(TwoFactor.class).beginEnrollment(UserId.of("user-4711"), "alice");
    }

    @Configuration(proxyBeanMethods = false)
    static class Listening {
        private final List<TwoFactorEvent> events = new ArrayList<>();

        @EventListener
        void on(TwoFactorEvent event) {
            events.add(event);
        }
    }

    @Test
    void event_isAnApplicationEvent() {
        Hosts.withDatabase().withUserConfiguration(Listening.class).run(context -> {
            enroll(context);
            assertThat(context.getBean(Listening.class).events)
                    .singleElement()
                    .satisfies(event -> assertThat(event.type()).isEqualTo(Type.ENROLLMENT_STARTED));
        });
    }

    @Test
    void listenersOfTheHost_allGetIt_alsoBesideOneThatFails(CapturedOutput output) {
        Hosts.withDatabase()
                .withBean("fails", TwoFactorListener.class, () -> event -> {
                    throw new IllegalStateException("about user-4711");
                })
                .withBean(
                        "works",
                        TwoFactorListener.class,
                        () -> event -> seen.add(event.type().name()))
                .withUserConfiguration(Listening.class)
                .run(context -> {
                    enroll(context);
                    assertThat(context.getBean(Listening.class).events).hasSize(1);
                });
        assertThat(seen).containsExactly("ENROLLMENT_STARTED");
        assertThat(output.getAll().lines().filter(line -> line.contains("ERROR")))
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .contains("failed on ENROLLMENT_STARTED with a java.lang.IllegalStateException")
                        .doesNotContain("user-4711"));
    }

    @Test
    void listenerThatNeedsTheTwoFactor_isNoCircle() {
        Hosts.withDatabase().withUserConfiguration(NeedsTwoFactor.class).run(context -> {
            enroll(context);
            assertThat(context.getBean(NeedsTwoFactor.class).enabled).containsExactly(false);
        });
    }

    @Configuration(proxyBeanMethods = false)
    static class NeedsTwoFactor {
        private final List<Boolean> enabled = new ArrayList<>();

        @Bean
        TwoFactorListener listener(TwoFactor twoFactor) {
            return event -> enabled.add(twoFactor.status(event.user()).state() == TwoFactorStatus.State.ENABLED);
        }
    }

    @Test
    void listeners_areCalledInTheirOrder() {
        Hosts.withDatabase()
                .withBean(Ordered.class, () -> new Ordered(seen))
                .withUserConfiguration(InOrder.class)
                .run(EventsTest::enroll);
        assertThat(seen).containsExactly("first", "second");
    }

    record Ordered(List<String> seen) {}

    @Configuration(proxyBeanMethods = false)
    static class InOrder {
        @Bean
        @Order(2)
        TwoFactorListener second(Ordered ordered) {
            return event -> ordered.seen().add("second");
        }

        @Bean
        @Order(1)
        TwoFactorListener first(Ordered ordered) {
            return event -> ordered.seen().add("first");
        }
    }

    @Test
    void host_canHaveOneListenerAndInjectIt() {
        TwoFactorListener own = event -> {};
        Hosts.withDatabase()
                .withBean(TwoFactorListener.class, () -> own)
                .run(context ->
                        assertThat(context).getBean(TwoFactorListener.class).isSameAs(own));
    }

    @Test
    void meterRegistry_countsByTypeWithoutUserData() {
        Hosts.withDatabase()
                .withBean(MeterRegistry.class, SimpleMeterRegistry::new)
                .run(context -> {
                    MeterRegistry registry = context.getBean(MeterRegistry.class);
                    assertThat(registry.get("sallyport.events").counters()).hasSize(Type.values().length);
                    enroll(context);
                    enroll(context);
                    assertThat(registry.get("sallyport.events")
                                    .tag("type", "enrollment-started")
                                    .counter()
                                    .count())
                            .isEqualTo(2);
                    assertThat(registry.getMeters())
                            .allSatisfy(meter -> assertThat(meter.getId().getTags())
                                    .extracting(Tag::getKey)
                                    .containsExactly("type"));
                });
    }

    @Test
    void noMeterRegistry_countsNothing() {
        Hosts.withDatabase().run(context -> {
            enroll(context);
            assertThat(context).hasNotFailed().doesNotHaveBean(MeterRegistry.class);
        });
    }

    @Test
    void noMicrometerAndNoActuator_nothingIsMissed() {
        Hosts.withDatabase()
                .withClassLoader(new FilteredClassLoader("io.micrometer", "org.springframework.boot.actuate"))
                .run(context -> {
                    assertThat(context).hasNotFailed().doesNotHaveBean("sallyportEventCounter");
                    assertThat(context).doesNotHaveBean("sallyportOperatorEndpoint");
                    enroll(context);
                });
    }

    @Test
    void name_isInLowerCaseWithDashes() {
        assertThat(EventNames.of(Type.BACKUP_CODES_LOW)).isEqualTo("backup-codes-low");
    }

    static TwoFactorEvent event(Type type, Map<TwoFactorEvent.Detail, String> details) {
        return new TwoFactorEvent(
                type, UserId.of("u-1"), new SteppedClock().instant(), details, Optional.empty(), Optional.empty());
    }
}
