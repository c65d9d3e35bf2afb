// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import org.jspecify.annotations.Nullable;

/** Backup codes as people write them: 16 symbols of Crockford's Base32, which has no I, L, O and U, in groups of four. */
final class Crockford {
    static final int CODE_BYTES = 10;
    static final int CODE_SYMBOLS = 16;
    private static final String SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private Crockford() {}

    /** Writes the codes one after the other. Each takes ten bytes, so no bits are left over. */
    static String encode(byte[] bytes) {
        StringBuilder symbols = new StringBuilder(bytes.length / CODE_BYTES * CODE_SYMBOLS);
        int buffer = 0;
        int bits = 0;
        for (byte b : bytes) {
            buffer = (buffer << 8) | (b & 0xFF);
            bits += 8;
            while (bits >= 5) {
                bits -= 5;
                symbols.append(SYMBOLS.charAt((buffer >>> bits) & 0x1F));
            }
        }
        return symbols.toString();
    }

    static String inGroups(String code) {
        return String.join("-", code.substring(0, 4), code.substring(4, 8), code.substring(8, 12), code.substring(12));
    }

    /** Upper case, with O read as 0, I and L as 1; null for what is no code. */
    static @Nullable String canonical(CharSequence typed) {
        if (typed.length() != CODE_SYMBOLS) {
            return null;
        }
        StringBuilder code = new StringBuilder(CODE_SYMBOLS);
        for (int i = 0; i < CODE_SYMBOLS; i++) {
            char c = typed.charAt(i);
            char upper = c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c;
            char symbol = upper == 'O' ? '0' : upper == 'I' || upper == 'L' ? '1' : upper;
            if (SYMBOLS.indexOf(symbol) < 0) {
                return null;
            }
            code.append(symbol);
        }
        return code.toString();
    }
}
