// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;

class ReactiveApplicationTest {
    private static final AutoConfigurations OURS = AutoConfigurations.of(
            ImportCandidates.load(AutoConfiguration.class, ReactiveApplicationTest.class.getClassLoader())
                    .getCandidates()
                    .stream()
                    .filter(name -> name.startsWith("dev.sallyport."))
                    .map(ReactiveApplicationTest::load)
                    .toArray(Class<?>[]::new));

    private static Class<?> load(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void reactiveApplication_doesNotStartWithoutAGate() {
        new ReactiveWebApplicationContextRunner()
                .withConfiguration(OURS)
                .run(context -> assertThat(context)
                        .hasFailed()
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(ConfigurationException.class)
                        .hasMessageStartingWith("This is a reactive application"));
    }

    @Test
    void reactiveApplication_thatIsSwitchedOff_starts() {
        new ReactiveWebApplicationContextRunner()
                .withConfiguration(OURS)
                .withPropertyValues("sallyport.enabled=false")
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void servletApplication_isNotRefused() {
        new WebApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(SallyportReactiveAutoConfiguration.class))
                .run(context -> assertThat(context).hasNotFailed());
    }
}
