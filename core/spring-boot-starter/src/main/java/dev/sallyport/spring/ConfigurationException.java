// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import org.jspecify.annotations.Nullable;

/** The application cannot start as it is configured. The message says which property is wrong, and shows no key. */
final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String action;

    /**
     * Describes what is wrong.
     *
     * @param problem what is wrong, with the name of the property
     * @param action what to do about it
     */
    ConfigurationException(String problem, String action) {
        this(problem, action, null);
    }

    ConfigurationException(String problem, String action, @Nullable Throwable cause) {
        super(problem, cause);
        this.action = action;
    }

    String problem() {
        return String.valueOf(getMessage());
    }

    String action() {
        return action;
    }
}
