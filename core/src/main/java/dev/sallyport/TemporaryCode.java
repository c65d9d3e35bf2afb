// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.time.Instant;

/**
 * A code that an operator tells a user whose phone is not at hand. It works once. It exists only in this object.
 * Redacted in {@link #toString()}. Immutable.
 */
public final class TemporaryCode {
    private final String value;
    private final Instant expires;

    TemporaryCode(String value, Instant expires) {
        this.value = value;
        this.expires = expires;
    }

    /** {@return the code as {@code XXXX-XXXX-XXXX-XXXX}: 75 random bits and a check symbol, in Crockford's Base32} */
    public String value() {
        return value;
    }

    /** {@return the last instant at which it works} */
    public Instant expires() {
        return expires;
    }

    @Override
    public String toString() {
        return "TemporaryCode[expires=" + expires + "]";
    }
}
