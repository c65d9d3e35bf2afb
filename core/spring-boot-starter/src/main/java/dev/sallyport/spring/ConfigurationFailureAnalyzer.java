// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Explains a start that failed because of Sallyport's properties. It comes before Spring Boot's own analyzers, which
 * show the value of a property that cannot be bound.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class ConfigurationFailureAnalyzer implements FailureAnalyzer {
    /** Made by Spring Boot. */
    ConfigurationFailureAnalyzer() {}

    @Override
    public @Nullable FailureAnalysis analyze(Throwable failure) {
        boolean keysCannotBeBound = false;
        int depth = 0;
        for (Throwable cause = failure; cause != null && depth < 64; cause = cause.getCause(), depth++) {
            if (cause instanceof ConfigurationException found) {
                return new FailureAnalysis(found.problem(), found.action(), found);
            }
            keysCannotBeBound |= cause instanceof BindException bind && KeyRingProperty.contains(bind.getName());
        }
        if (!keysCannotBeBound) {
            return null;
        }
        ConfigurationException explained = KeyRingProperty.cannotBeBound();
        return new FailureAnalysis(explained.problem(), explained.action(), explained);
    }
}
