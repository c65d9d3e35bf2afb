// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.consumer;

import dev.sallyport.otp.SharedSecret;
import java.util.Arrays;
import java.util.Locale;

/** Compares how the core reads and writes secrets in Base32, with commons-codec, with a Base32 of our own. */
final class Secrets {
    /** RFC 4648 section 6. */
    private static final String SYMBOLS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private Secrets() {}

    /** Each length has another number of bits left over in its last symbol. */
    static void readAndWrite() {
        for (int length = 10; length <= 128; length++) {
            byte[] secret = new byte[length];
            for (int i = 0; i < length; i++) {
                secret[i] = (byte) (167 * (i + length));
            }
            String text = SharedSecret.fromBytes(secret).toBase32();
            Main.require(Arrays.equals(base32(text), secret), "a secret of " + length + " bytes is written");
            Main.require(text.length() == (8 * length + 4) / 5, "no symbol is too many for " + length + " bytes");
            Main.require(isRead(text, secret), "a secret of " + length + " bytes is read");
            Main.require(
                    isRead(text.toLowerCase(Locale.ROOT) + "======", secret), "lower case and padding are accepted");

            int unused = 5 * text.length() - 8 * length;
            if (unused > 0) {
                int last = SYMBOLS.indexOf(text.charAt(text.length() - 1));
                String leftOver = text.substring(0, text.length() - 1) + SYMBOLS.charAt(last | 1);
                Main.require(isRead(leftOver, secret), "bits left over after " + length + " bytes are dropped");
            }
            if (length % 5 == 0) {
                Main.require(isRefused(text + "A"), "a symbol that is part of no byte is refused");
            }
        }
        Main.require(isRefused("A".repeat(15)), "a secret of 9 bytes is refused");
        Main.require(isRefused("A".repeat(207)), "a secret of 129 bytes is refused");
    }

    static byte[] base32(String text) {
        byte[] bytes = new byte[text.length() * 5 / 8];
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            int symbol = SYMBOLS.indexOf(text.charAt(bit / 5));
            bytes[bit / 8] |= (byte) ((symbol >> (4 - bit % 5) & 1) << (7 - bit % 8));
        }
        return bytes;
    }

    private static boolean isRead(String text, byte[] secret) {
        return Arrays.equals(SharedSecret.fromBase32(text).toBytes(), secret);
    }

    private static boolean isRefused(String text) {
        try {
            SharedSecret.fromBase32(text);
            return false;
        } catch (IllegalArgumentException expected) {
            return true;
        }
    }
}
