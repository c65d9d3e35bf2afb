// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web.twofactor;

import dev.sallyport.EnrollmentResult;
import dev.sallyport.EnrollmentResult.ClockOff;
import dev.sallyport.Malformed;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;

/** Why a page asks for a code again, as attributes for the template of messages. To the user, wrong and used are the same. */
final class Trouble {
    private static final String NAME = "trouble";

    private Trouble() {}

    static Map<String, Object> of(VerificationResult result, Instant now) {
        if (result instanceof LockedOut locked) {
            Map<String, Object> attributes = new HashMap<>(Map.of(NAME, "LOCKED"));
            locked.until().ifPresent(until -> {
                attributes.put(
                        "lockedUntil", until.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1));
                attributes.put(
                        "lockedSeconds",
                        Math.max(1, Duration.between(now, until).toSeconds() + 1));
            });
            return attributes;
        }
        return Map.of(NAME, result instanceof Malformed ? "MALFORMED" : "REFUSED");
    }

    static Map<String, Object> of(EnrollmentResult result) {
        if (result instanceof ClockOff off) {
            long minutes = Math.max(1, off.by().abs().toMinutes());
            return Map.of(NAME, "CLOCK_OFF", "clockOff", minutes == 1 ? "1 minute" : minutes + " minutes");
        }
        return Map.of(NAME, result instanceof Malformed ? "MALFORMED" : "REFUSED");
    }
}
