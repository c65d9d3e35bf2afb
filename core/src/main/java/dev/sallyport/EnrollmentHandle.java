// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import org.jspecify.annotations.Nullable;

/**
 * An enrollment that still needs its first code, as text to keep in the user's session: see {@link
 * PendingEnrollment#handle()}. Only {@link TwoFactor#confirmEnrollment} and {@link TwoFactor#pendingEnrollment} accept
 * it.
 *
 * <p>The text is encrypted. Someone who reads it does not learn the user's id or anything else. A text that somebody
 * has changed is not accepted. Do not log it, and keep it out of URLs. Immutable.
 */
public final class EnrollmentHandle {
    private final String value;

    private EnrollmentHandle(String value) {
        this.value = value;
    }

    /**
     * Takes the text from the session. The text is not checked here. {@link TwoFactor#confirmEnrollment} answers {@code
     * BeginAgain} if it is not the text of a handle that still counts.
     *
     * @param value what {@link #value()} returned; null if the session has timed out
     * @return the handle
     */
    public static EnrollmentHandle of(@Nullable String value) {
        return new EnrollmentHandle(value == null ? "" : value);
    }

    /** {@return URL-safe text, at most 2,048 characters} */
    public String value() {
        return value;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EnrollmentHandle that && value.equals(that.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return "EnrollmentHandle[redacted]";
    }
}
