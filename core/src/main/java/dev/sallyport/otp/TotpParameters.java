// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

/**
 * What a TOTP authenticator and its server have agreed upon, besides the shared secret. It belongs to the secret and is
 * kept with it: a server that changes its mind goes on using the old parameters for the old secrets.
 *
 * @param algorithm the hash function
 * @param digits how long a code is: 6 to 8
 * @param period how long a time step is, X of RFC 6238: whole seconds, from 1 to 2<sup>31</sup> - 1. The RFC recommends
 *     30 seconds and calls 10 minutes unsuitable (section 5.2)
 * @param t0 when time step 0 begins, T0 of RFC 6238: a whole second. A key URI can say nothing but the epoch
 */
public record TotpParameters(HmacAlgorithm algorithm, int digits, Duration period, Instant t0) {
    /** SHA1, 6 digits, 30 seconds, from the Unix epoch: the only ones that all authenticator apps understand. */
    public static final TotpParameters DEFAULT =
            new TotpParameters(HmacAlgorithm.SHA1, 6, Duration.ofSeconds(30), Instant.EPOCH);

    /**
     * Checks the parameters.
     *
     * @param algorithm the hash function
     * @param digits how long a code is: 6 to 8
     * @param period how long a time step is: whole seconds, from 1 to 2<sup>31</sup> - 1
     * @param t0 when time step 0 begins: a whole second
     * @throws IllegalArgumentException if one of them is out of range
     */
    public TotpParameters {
        Objects.requireNonNull(algorithm, "algorithm");
        OneTimeCodes.requireDigits(digits);
        // The upper bound keeps the arithmetic of steps clear of an overflow.
        if (period.toNanosPart() != 0 || period.toSeconds() < 1 || period.toSeconds() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a period is a whole number of seconds from 1 to " + Integer.MAX_VALUE);
        }
        if (!t0.equals(t0.truncatedTo(ChronoUnit.SECONDS))) {
            throw new IllegalArgumentException("t0 is a whole second, not " + t0);
        }
    }
}
