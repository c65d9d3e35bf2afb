// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import java.nio.ByteBuffer;
import java.util.OptionalLong;
import javax.crypto.Mac;

/**
 * HOTP(K, C) of RFC 4226 section 5, for one secret K: what {@link Hotp} and {@link Totp} have in common. Lives for one
 * call and serves one thread.
 *
 * <p>Nothing in here takes a time that depends on whether, or where, a typed code is right. Every counter of the window
 * is computed and compared, whatever was typed and whatever matched before.
 */
final class OneTimeCodes {
    /** How far a window may reach to either side, so that one call has bounded work. What is wise is far less. */
    static final int MAX_REACH = 100;

    private static final int MIN_DIGITS = 6;
    private static final int MAX_DIGITS = 8;

    /** 10^Digit. */
    private static final int[] DIGITS_POWER = {1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000};

    /** What no code is equal to, having a bit set that no code has. */
    private static final int NO_CODE = -1;

    private final Mac mac;
    private final int digits;
    private final int modulus;

    OneTimeCodes(HmacAlgorithm algorithm, int digits, SharedSecret secret) {
        this.mac = algorithm.keyedWith(secret);
        this.digits = digits;
        this.modulus = DIGITS_POWER[digits];
    }

    static int requireDigits(int digits) {
        if (digits < MIN_DIGITS || digits > MAX_DIGITS) {
            throw new IllegalArgumentException("a one-time code has " + MIN_DIGITS + " to " + MAX_DIGITS + " digits");
        }
        return digits;
    }

    /** The code of one counter, with its leading zeros. */
    String at(long counter) {
        // The leading 1 keeps the zeros behind it, without a formatter and its locale.
        return Integer.toString(modulus + value(counter)).substring(1);
    }

    /**
     * The highest counter that has this code, among {@code first} and the {@code reach} counters after it, and above
     * {@code after}.
     *
     * <p>The highest, because two counters of one window can share a code. Whoever was told the lower one would remember
     * that one as used, and the same code would pass once more.
     */
    OptionalLong highestMatch(String code, long first, int reach, long after) {
        int typed = parse(code);
        long last = first + reach;
        // Within [first - 1, last], so that no difference below can overflow.
        long floor = Math.min(Math.max(after, first - 1), last);
        long highest = floor;
        // Counts the distance: last may be the largest long, and no counter would ever be beyond that.
        for (int distance = 0; distance <= reach; distance++) {
            long counter = first + distance;
            // All ones where the two are the same, and where the counter is above the floor; zero otherwise.
            long same = (Integer.toUnsignedLong(value(counter) ^ typed) - 1) >> 63;
            long above = (floor - counter) >> 63;
            long found = same & above;
            highest = (counter & found) | (highest & ~found);
        }
        return highest > floor ? OptionalLong.of(highest) : OptionalLong.empty();
    }

    /** RFC 4226 section 5.3. */
    private int value(long counter) {
        // Step 1: HS = HMAC-SHA-1(K, C). C has 8 bytes (section 5.1), the high-order byte first (section 5.2).
        // doFinal leaves the Mac as init did, so one serves all the counters of a call.
        byte[] hs = mac.doFinal(ByteBuffer.allocate(Long.BYTES).putLong(counter).array());
        // Step 2: Sbits = DT(HS). Step 3: Snum = StToNum(Sbits), D = Snum mod 10^Digit.
        return truncate(hs) % modulus;
    }

    /** The dynamic truncation DT of RFC 4226 section 5.3, written out in section 5.4. */
    static int truncate(byte[] hs) {
        // The low-order 4 bits of the last byte: number 19 for SHA-1, 31 and 63 for the longer hashes of RFC 6238.
        int offset = hs[hs.length - 1] & 0xF;
        // The last 31 bits of the four bytes from there.
        return ByteBuffer.wrap(hs).getInt(offset) & 0x7FFF_FFFF;
    }

    /**
     * Reads what was typed; anything but this many ASCII digits is {@link #NO_CODE}. An early return is safe here: it
     * depends on nothing but what the sender knows.
     */
    private int parse(String code) {
        if (code.length() != digits) {
            return NO_CODE;
        }
        int value = 0;
        for (int i = 0; i < digits; i++) {
            char c = code.charAt(i);
            if (c < '0' || c > '9') {
                return NO_CODE;
            }
            value = 10 * value + (c - '0');
        }
        return value;
    }
}
