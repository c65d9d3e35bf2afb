// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

/** Time stands still until a test moves it, for server and phone alike. */
final class SteppedClock implements InstantSource {
    private volatile Instant now = Instant.parse("2026-11-22T12:00:00Z");

    @Override
    public Instant instant() {
        return now;
    }

    void step(Duration by) {
        now = now.plus(by);
    }

    /** In place of the machine's. */
    @TestConfiguration(proxyBeanMethods = false)
    static class Configuration {
        @Bean
        @Primary
        SteppedClock steppedClock() {
            return new SteppedClock();
        }
    }
}
