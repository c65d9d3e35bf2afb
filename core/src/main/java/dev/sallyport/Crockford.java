// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Backup codes and temporary codes as people write them: symbols of Crockford's Base32, which has no I, L, O and U. The
 * last symbol of a code is a check symbol.
 *
 * <p>A symbol stands for an element of GF(32), the field with 32 elements, and a code is valid if the sum of all
 * symbols is zero, each multiplied by its weight. The weights are successive powers of a primitive element. The powers
 * differ for up to 31 symbols and none of them is zero. Therefore the check finds:
 *
 * <ul>
 *   <li>every wrong symbol, because an error times a weight that is not zero is not zero;
 *   <li>every swap of two symbols, neighbors or not, because the two weights differ.
 * </ul>
 *
 * <p>Any other change passes the check with a probability of 1 in 32. The check symbol adds nothing to the strength of
 * a code, because it follows from the other symbols.
 */
final class Crockford {
    static final int BACKUP_SYMBOLS = 24;
    static final int TEMPORARY_SYMBOLS = 16;

    private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static final int GROUP = 4;

    /** The polynomial x^5 + x^2 + 1 over GF(2). It is primitive, so the powers of x are all elements except zero. */
    private static final int FIELD_POLYNOMIAL = 0b100101;

    private Crockford() {}

    /**
     * Draws a new code.
     *
     * @param random where the random bits come from
     * @param symbols {@link #BACKUP_SYMBOLS} or {@link #TEMPORARY_SYMBOLS}
     * @return a code without separators: five random bits for each symbol but the last, which is the check symbol
     */
    static String draw(SecureRandom random, int symbols) {
        byte[] drawn = new byte[symbols - 1];
        random.nextBytes(drawn);
        StringBuilder code = new StringBuilder(symbols);
        int sum = 0;
        for (byte b : drawn) {
            // The low five bits of a uniformly distributed byte are uniformly distributed.
            int value = b & 31;
            sum = timesX(sum) ^ value;
            code.append(ALPHABET.charAt(value));
        }
        Arrays.fill(drawn, (byte) 0);
        return code.append(ALPHABET.charAt(timesX(sum))).toString();
    }

    /** Writes a code in groups of four symbols, separated by hyphens. */
    static String inGroups(String code) {
        StringBuilder groups = new StringBuilder(code);
        for (int i = code.length() - GROUP; i > 0; i -= GROUP) {
            groups.insert(i, '-');
        }
        return groups.toString();
    }

    /**
     * The canonical form of a code: upper case, with O read as 0, and I and L read as 1.
     *
     * @param symbols a code without separators
     * @return the canonical form; null if the length is not that of a code, if a character is no symbol, or if the
     *     check symbol is wrong
     */
    static @Nullable String canonical(CharSequence symbols) {
        int length = symbols.length();
        if (length != BACKUP_SYMBOLS && length != TEMPORARY_SYMBOLS) {
            return null;
        }
        StringBuilder code = new StringBuilder(length);
        int sum = 0;
        for (int i = 0; i < length; i++) {
            int value = value(symbols.charAt(i));
            if (value < 0) {
                return null;
            }
            sum = timesX(sum) ^ value;
            code.append(ALPHABET.charAt(value));
        }
        return sum == 0 ? code.toString() : null;
    }

    /**
     * The value of a symbol, or -1. Letters outside ASCII are not symbols, even if their upper case is an ASCII letter.
     */
    private static int value(char symbol) {
        char upper = symbol >= 'a' && symbol <= 'z' ? (char) (symbol - 'a' + 'A') : symbol;
        return switch (upper) {
            case 'O' -> 0;
            case 'I', 'L' -> 1;
            default -> ALPHABET.indexOf(upper);
        };
    }

    /** Multiplies an element of GF(32) by x, the primitive element. */
    private static int timesX(int element) {
        int product = element << 1;
        return product > 31 ? product ^ FIELD_POLYNOMIAL : product;
    }
}
