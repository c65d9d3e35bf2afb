// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import org.jspecify.annotations.Nullable;

/** Backup codes as people write them: 16 symbols of Crockford's Base32, which has no I, L, O and U, in groups of four. */
final class Crockford {
    static final int CODE_BYTES = 10;
    private static final int CODE_SYMBOLS = 16;
    private static final int GROUP = 4;
    private static final int BITS = 5;
    private static final String SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private Crockford() {}

    static String encode(byte[] tenBytes) {
        StringBuilder code = new StringBuilder(CODE_SYMBOLS);
        int buffer = 0;
        int bits = 0;
        for (byte b : tenBytes) {
            buffer = (buffer << Byte.SIZE) | (b & 0xFF);
            bits += Byte.SIZE;
            while (bits >= BITS) {
                bits -= BITS;
                code.append(SYMBOLS.charAt((buffer >>> bits) & 31));
            }
        }
        return code.toString();
    }

    static String inGroups(String code) {
        StringBuilder groups = new StringBuilder(code);
        for (int at = CODE_SYMBOLS - GROUP; at > 0; at -= GROUP) {
            groups.insert(at, '-');
        }
        return groups.toString();
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
