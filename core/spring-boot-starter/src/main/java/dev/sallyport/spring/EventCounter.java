// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.TwoFactorEvent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;

/** Counts events by type in {@code sallyport.events}. No tag contains user data. */
final class EventCounter implements EventSink, SmartInitializingSingleton {
    private final ObjectProvider<MeterRegistry> registries;

    EventCounter(ObjectProvider<MeterRegistry> registries) {
        this.registries = registries;
    }

    /** Begins all counters at zero, so that the first event of a type is seen as a change. */
    @Override
    public void afterSingletonsInstantiated() {
        for (TwoFactorEvent.Type type : TwoFactorEvent.Type.values()) {
            add(type, 0);
        }
    }

    @Override
    public void on(TwoFactorEvent event) {
        add(event.type(), 1);
    }

    private void add(TwoFactorEvent.Type type, int events) {
        MeterRegistry registry = registries.getIfUnique();
        if (registry != null) {
            Counter.builder("sallyport.events")
                    .description("Events of two-factor authentication")
                    .tag("type", EventNames.of(type))
                    .register(registry)
                    .increment(events);
        }
    }
}
