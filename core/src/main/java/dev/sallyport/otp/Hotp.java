// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * One-time codes from a counter: HOTP, RFC 4226.
 *
 * <p>This class keeps nothing. The caller keeps the counter, and moves it to one more than what {@link #match} returned
 * before answering anybody (RFC 4226 section 7.2): a caller that does not, accepts every code again. The caller also
 * limits the attempts (section 7.3). {@code dev.sallyport.TwoFactor} does both.
 *
 * <p>Immutable, and safe for use by many threads. The first call finds the security provider of the HMAC, and later ones
 * stay with it.
 */
public final class Hotp {
    private final OneTimeCodes codes;

    private Hotp(HmacAlgorithm algorithm, int digits) {
        this.codes = new OneTimeCodes(algorithm, digits);
    }

    /**
     * The algorithm with its two parameters. Hardware tokens of the RFC have SHA1 and 6 digits.
     *
     * @param algorithm the hash function
     * @param digits 6 to 8
     * @return the algorithm
     * @throws IllegalArgumentException if the digits are out of range
     */
    public static Hotp of(HmacAlgorithm algorithm, int digits) {
        return new Hotp(algorithm, digits);
    }

    /**
     * Generates the code of one counter. A server has no use for this but in tests: to check what was typed, call
     * {@link #match}, which takes the same time for every answer.
     *
     * @param secret the shared secret
     * @param counter 0 or more
     * @return ASCII digits, with their leading zeros
     * @throws IllegalArgumentException if the counter is negative
     * @throws IllegalStateException if the secret is destroyed
     */
    public String generate(SharedSecret secret, long counter) {
        if (counter < 0) {
            throw new IllegalArgumentException("a counter is not negative");
        }
        return codes.at(counter, secret);
    }

    /**
     * Finds the counter that a code belongs to, among {@code from} and the {@code lookAhead} counters after it. There is
     * no looking back: a counter below {@code from} has been used (RFC 4226 section 7.2).
     *
     * <p>All counters are computed and compared in every call, whatever was typed. Whoever measures the time learns
     * nothing about the codes, nor how near a guess was.
     *
     * @param secret the shared secret
     * @param code what was typed. Anything but exactly as many ASCII digits as a code has matches nothing, spaces
     *     included; nothing is thrown
     * @param from the first counter that has not been used, 0 or more
     * @param lookAhead how many further counters to try, 0 to 100. RFC 4226 section 7.4 wants it as low as possible,
     *     because each gives a guess another chance
     * @return the highest counter that has this code, where two have the same; empty when none has
     * @throws IllegalArgumentException if {@code from} or {@code lookAhead} is out of range, or their sum overflows
     * @throws IllegalStateException if the secret is destroyed
     */
    public OptionalLong match(SharedSecret secret, String code, long from, int lookAhead) {
        Objects.requireNonNull(code, "code");
        if (lookAhead < 0 || lookAhead > OneTimeCodes.MAX_REACH) {
            throw new IllegalArgumentException(
                    "the look-ahead is 0 to " + OneTimeCodes.MAX_REACH + " counters, not " + lookAhead);
        }
        if (from < 0 || from > Long.MAX_VALUE - lookAhead) {
            throw new IllegalArgumentException(
                    "a counter is not negative, and the look-ahead ends at the largest long");
        }
        return codes.highestMatch(secret, code, from, lookAhead, from - 1);
    }
}
