// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import dev.sallyport.testing.SteppedClock;
import java.time.Instant;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

/** Time stands still until a test moves it, for server and phone alike. */
@TestConfiguration(proxyBeanMethods = false)
class StandingTime {
    /** In place of the machine's clock. */
    @Bean
    @Primary
    SteppedClock steppedClock() {
        return new SteppedClock(Instant.parse("2026-11-22T12:00:00Z"));
    }
}
