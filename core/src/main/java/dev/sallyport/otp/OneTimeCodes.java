// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.OptionalLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * HOTP(K, C) of RFC 4226 section 5, which {@link Hotp} and {@link Totp} both use. Safe for use by many threads.
 *
 * <p>The time does not depend on whether a typed code is right, or for which counter. The code of every counter of the
 * window is computed and compared, even after a match.
 */
final class OneTimeCodes {
    /** How far a window may reach to either side. It bounds the work of one call. Applications should use far less. */
    static final int MAX_REACH = 100;

    private static final int MIN_DIGITS = 6;
    private static final int MAX_DIGITS = 8;

    /** As long as a usual secret. A FIPS module refuses a key of fewer than 14 bytes, which are 112 bits. */
    private static final int USUAL_KEY_BYTES = 20;

    /** Not equal to any code, because codes are not negative. */
    private static final int NO_CODE = -1;

    private final String jcaName;
    private final int digits;
    /** 10^Digit. */
    private final int modulus;

    /** Each call copies this Mac and gives the copy its key. This Mac itself never has a secret as its key. */
    private volatile @Nullable Mac original;

    OneTimeCodes(HmacAlgorithm algorithm, int digits) {
        this.jcaName = "Hmac" + algorithm.name();
        this.digits = requireDigits(digits);
        this.modulus = (int) Math.pow(10, digits);
    }

    static int requireDigits(int digits) {
        if (digits < MIN_DIGITS || digits > MAX_DIGITS) {
            throw new IllegalArgumentException("a one-time code has " + MIN_DIGITS + " to " + MAX_DIGITS + " digits");
        }
        return digits;
    }

    /** The code of one counter, with its leading zeros. */
    String at(long counter, SharedSecret secret) {
        // Adding the modulus puts a 1 before the digits, which keeps leading zeros. A formatter would need a locale.
        return Integer.toString(modulus + value(counter, keyedWith(secret))).substring(1);
    }

    /**
     * The highest counter that has this code, from {@code first} to {@code first + reach}, and above {@code after}.
     *
     * <p>Two counters of one window can have the same code. A caller that got the lower one would store that one as
     * used, and would accept the same code again for the higher one.
     */
    OptionalLong highestMatch(SharedSecret secret, String code, long first, int reach, long after) {
        Mac mac = keyedWith(secret);
        int typed = parse(code);
        long last = first + reach;
        // Limited to [first - 1, last], so that no difference below overflows.
        long floor = Math.min(Math.max(after, first - 1), last);
        long highest = floor;
        // The loop counts the distance, because last can be the largest long, and no counter is greater than that.
        for (int distance = 0; distance <= reach; distance++) {
            long counter = first + distance;
            // All ones where the two are the same, and where the counter is above the floor; zero otherwise.
            long same = (Integer.toUnsignedLong(value(counter, mac) ^ typed) - 1) >> 63;
            long above = (floor - counter) >> 63;
            long found = same & above;
            highest = (counter & found) | (highest & ~found);
        }
        return highest > floor ? OptionalLong.of(highest) : OptionalLong.empty();
    }

    /** RFC 4226 section 5.3. */
    private int value(long counter, Mac mac) {
        // Step 1: HS = HMAC-SHA-1(K, C). C has 8 bytes (section 5.1), the high-order byte first (section 5.2).
        // doFinal resets the Mac to its state after init. Therefore one Mac is enough for all counters of a call.
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

    /** A Mac for all codes that one call computes. Only one thread may use it. */
    Mac keyedWith(SharedSecret secret) {
        byte[] key = secret.toBytes();
        try {
            Mac mac = copy();
            mac.init(new SecretKeySpec(key, jcaName));
            return mac;
        } catch (GeneralSecurityException | RuntimeException e) {
            // The module of Bouncy Castle refuses a short key by an exception that need not be declared.
            throw new IllegalStateException(
                    "no security provider computes " + jcaName + " with this secret of " + key.length + " bytes."
                            + " A FIPS module takes none under 14 bytes",
                    e);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    /**
     * Copies the Mac. A look-up would ask all providers under their locks, and take half as long as computing a code.
     */
    private Mac copy() throws GeneralSecurityException {
        Mac mac = original;
        if (mac == null) {
            mac = Mac.getInstance(jcaName);
            // The provider is chosen only when the Mac gets a key: the first provider that takes this key. With a short
            // key, a FIPS module would be passed over for good.
            mac.init(new SecretKeySpec(new byte[USUAL_KEY_BYTES], jcaName));
            original = mac;
        }
        try {
            return (Mac) mac.clone();
        } catch (CloneNotSupportedException e) {
            return Mac.getInstance(jcaName, mac.getProvider());
        }
    }

    /**
     * Reads what the user typed. A text other than exactly this many ASCII digits is {@link #NO_CODE}. An early return
     * is safe here, because the time depends only on the text, which the sender knows.
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
