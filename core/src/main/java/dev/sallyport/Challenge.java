// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import org.jspecify.annotations.Nullable;

/**
 * A sign-in that still needs a code, as text to keep in the user's session: see {@link
 * SignInRequirement.CodeRequired#challenge()}. Only {@link TwoFactor#verify} accepts it.
 *
 * <p>The text is encrypted. Someone who reads it does not learn the user's id or anything else. A text that somebody
 * has changed is not accepted. Do not log it, and keep it out of URLs. Immutable.
 */
public final class Challenge {
    private final String value;

    private Challenge(String value) {
        this.value = value;
    }

    /**
     * Takes the text from the session. The text is not checked here. {@link TwoFactor#verify} answers {@code
     * SignInAgain} if it is not the text of a challenge that still counts.
     *
     * @param value what {@link #value()} returned; null if the session has timed out
     * @return the challenge
     */
    public static Challenge of(@Nullable String value) {
        return new Challenge(value == null ? "" : value);
    }

    /** {@return URL-safe text, at most 2,048 characters} */
    public String value() {
        return value;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Challenge that && value.equals(that.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return "Challenge[redacted]";
    }
}
