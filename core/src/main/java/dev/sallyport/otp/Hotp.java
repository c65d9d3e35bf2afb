// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * One-time codes from a counter: HOTP, RFC 4226.
 *
 * <p>This class stores nothing. The caller has to store a counter that is one more than the result of {@link #match},
 * before it answers the user (RFC 4226 section 7.2). Otherwise every code is accepted again. The caller also has to
 * limit the attempts (section 7.3). {@code dev.sallyport.TwoFactor} does both.
 *
 * <p>Immutable, and safe for use by many threads. The first call finds a security provider for the HMAC. Later calls
 * use the same provider.
 */
public final class Hotp {
    private final OneTimeCodes codes;

    private Hotp(HmacAlgorithm algorithm, int digits) {
        this.codes = new OneTimeCodes(algorithm, digits);
    }

    /**
     * Makes the algorithm with its two parameters. Most hardware tokens have SHA1 and 6 digits.
     *
     * @param algorithm the hash function
     * @param digits 6 to 8
     * @return the algorithm
     * @throws IllegalArgumentException if {@code digits} is out of range
     */
    public static Hotp of(HmacAlgorithm algorithm, int digits) {
        return new Hotp(algorithm, digits);
    }

    /**
     * Generates the code of one counter. A server needs this in tests only. To check what a user typed, call {@link
     * #match}, which takes the same time for every result.
     *
     * @param secret the shared secret
     * @param counter 0 or more
     * @return ASCII digits, with their leading zeros
     * @throws IllegalArgumentException if the counter is negative
     * @throws IllegalStateException if the secret is destroyed, or if the security provider refuses its length, as FIPS
     *     modules do below 14 bytes
     */
    public String generate(SharedSecret secret, long counter) {
        if (counter < 0) {
            throw new IllegalArgumentException("a counter is not negative");
        }
        return codes.at(counter, secret);
    }

    /**
     * Finds the counter that a code belongs to. The counters {@code from} to {@code from + lookAhead} are tried. No
     * counter below {@code from} is tried, because it has been used (RFC 4226 section 7.2).
     *
     * <p>Every call computes and compares the codes of all these counters. An attacker who measures the time learns
     * neither the codes nor how close a guess was.
     *
     * @param secret the shared secret
     * @param code what the user typed. A text other than exactly the right number of ASCII digits matches nothing. It
     *     does not cause an exception. Spaces are not removed
     * @param from the first counter that has not been used, 0 or more
     * @param lookAhead how many more counters to try, 0 to 100. RFC 4226 section 7.4 asks for a low number, because
     *     every counter gives a guess another chance
     * @return the counter that has this code; the highest one if several have it; empty if none has it
     * @throws IllegalArgumentException if {@code from} or {@code lookAhead} is out of range, or if their sum overflows
     * @throws IllegalStateException if the secret is destroyed, or if the security provider refuses its length, as FIPS
     *     modules do below 14 bytes
     */
    public OptionalLong match(SharedSecret secret, String code, long from, int lookAhead) {
        Objects.requireNonNull(code, "code");
        if (lookAhead < 0 || lookAhead > OneTimeCodes.MAX_REACH) {
            throw new IllegalArgumentException(
                    "the look-ahead is 0 to " + OneTimeCodes.MAX_REACH + " counters, not " + lookAhead);
        }
        if (from < 0 || from > Long.MAX_VALUE - lookAhead) {
            throw new IllegalArgumentException(
                    "a counter is not negative, and the look-ahead does not reach beyond the largest long");
        }
        return codes.highestMatch(secret, code, from, lookAhead, from - 1);
    }
}
