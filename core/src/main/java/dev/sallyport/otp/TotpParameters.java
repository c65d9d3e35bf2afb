// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

/**
 * The parameters that a TOTP authenticator and its server share, besides the secret. They have to be stored together
 * with the secret. A server that changes its parameters has to use the old ones for the existing secrets.
 *
 * @param algorithm the hash function
 * @param digits how many digits a code has: 6 to 8
 * @param period how long a time step is, X of RFC 6238: whole seconds, from 1 to 2<sup>31</sup> - 1. The RFC recommends
 *     30 seconds and calls 10 minutes unsuitable (section 5.2)
 * @param t0 when time step 0 begins, T0 of RFC 6238: a whole second. A key URI cannot contain it, so it is the epoch
 *     for every app
 */
public record TotpParameters(HmacAlgorithm algorithm, int digits, Duration period, Instant t0) {
    /** SHA1, 6 digits, 30 seconds, from the Unix epoch. All authenticator apps support these, and some no others. */
    public static final TotpParameters DEFAULT =
            new TotpParameters(HmacAlgorithm.SHA1, 6, Duration.ofSeconds(30), Instant.EPOCH);

    /**
     * Checks the parameters.
     *
     * @param algorithm the hash function
     * @param digits 6 to 8
     * @param period whole seconds, from 1 to 2<sup>31</sup> - 1
     * @param t0 a whole second
     * @throws IllegalArgumentException if one of them is out of range
     */
    public TotpParameters {
        Objects.requireNonNull(algorithm, "algorithm");
        OneTimeCodes.requireDigits(digits);
        // With this upper bound no calculation with steps overflows.
        if (period.toNanosPart() != 0 || period.toSeconds() < 1 || period.toSeconds() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a period is a whole number of seconds from 1 to " + Integer.MAX_VALUE);
        }
        if (!t0.equals(t0.truncatedTo(ChronoUnit.SECONDS))) {
            throw new IllegalArgumentException("t0 is a whole second, not " + t0);
        }
    }
}
