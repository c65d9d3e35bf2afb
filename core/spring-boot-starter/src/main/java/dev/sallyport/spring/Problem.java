// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.Challenge;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong: a sentence on a page, a problem detail (RFC 9457) for a program.
 *
 * @param kind what kind of problem it is
 * @param until the end of a lockout; null where there is none
 * @param clockOff how far the phone's clock is off; null where it is not known
 * @param challenge what a program without a session sends back with the code; null for everybody else
 */
record Problem(
        Kind kind,
        @Nullable Instant until,
        @Nullable Duration clockOff,
        @Nullable Challenge challenge) {
    Problem(Kind kind, @Nullable Instant until, @Nullable Duration clockOff) {
        this(kind, until, clockOff, null);
    }

    static Problem of(Kind kind) {
        return new Problem(kind, null, null);
    }

    /** The kinds, each with its HTTP status. Type and message key are made of the name, and are stable. */
    enum Kind {
        CODE_REQUIRED(401),
        SIGN_IN_AGAIN(401),
        REJECTED(422),
        MALFORMED(422),
        CLOCK_OFF(422),
        LOCKED_OUT(429),
        SUSPENDED(429),
        BEGIN_AGAIN(409),
        ALREADY_ENABLED(409),
        NOT_ENABLED(409),
        LAST_AUTHENTICATOR(409),
        TOO_MANY_AUTHENTICATORS(409),
        PASSWORD_WRONG(422),
        PASSWORD_NEEDED(403),
        PROOF_NEEDED(403),
        NOT_FOUND(404),
        RECORD_UNREADABLE(503),
        STORE_FAILED(503);

        final int status;

        Kind(int status) {
            this.status = status;
        }

        /** {@return the type of the problem detail: an absolute URI that never changes} */
        String type() {
            return "https://sallyport.dev/problems/" + dashed();
        }

        /** {@return the key of the sentence in the message bundles} */
        String messageKey() {
            return "sallyport.problem." + dashed();
        }

        /** {@return the same few English words each time} */
        String title() {
            String words = name().toLowerCase(Locale.ROOT).replace('_', ' ');
            return Character.toUpperCase(words.charAt(0)) + words.substring(1);
        }

        private String dashed() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
