// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;

class AutoConfigurationTest {
    private static final String KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    private final WebApplicationContextRunner host = new WebApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(DataSourceAutoConfiguration.class, SallyportAutoConfiguration.class))
            .withPropertyValues(
                    "sallyport.issuer=Acme", "sallyport.encryption-keys=2026-11:" + KEY, "sallyport.user-id=name");

    @Test
    void threeProperties_makeATwoFactor() {
        host.run(context -> assertThat(context).hasSingleBean(TwoFactor.class).hasSingleBean(UserIdResolver.class));
    }
}
