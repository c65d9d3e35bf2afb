// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

class SharedSecretFuzzTest {

    @FuzzTest
    void fromBase32_anyText_isWhatItsBitsAreOrRefused(byte[] input) {
        String text = FuzzedText.of(input);
        byte[] expected = bytes(text);
        SharedSecret secret;
        try {
            secret = SharedSecret.fromBase32(text);
        } catch (IllegalArgumentException refused) {
            assertThat(refused).isExactlyInstanceOf(IllegalArgumentException.class);
            assertThat(expected).isNull();
            return;
        }

        assertThat(secret.toBytes()).isEqualTo(expected);
        assertThat(SharedSecret.fromBase32(secret.toBase32())).isEqualTo(secret);
    }

    /** RFC 4648 section 6, bit by bit, without separators and padding; null if the text is not a secret. */
    private static byte @Nullable [] bytes(String text) {
        String symbols = text.replaceAll("[\\p{IsWhite_Space}\\p{Cf}\\p{Pd}\u2212\u00B7]", "");
        while (symbols.endsWith("=")) {
            symbols = symbols.substring(0, symbols.length() - 1);
        }
        if (!symbols.matches("[A-Za-z2-7]*")) {
            return null;
        }
        StringBuilder bits = new StringBuilder();
        for (char c : symbols.toUpperCase(Locale.ROOT).toCharArray()) {
            int value = c >= 'A' ? c - 'A' : c - '2' + 26;
            bits.append(Integer.toBinaryString(32 + value), 1, 6);
        }
        int length = bits.length() / 8;
        if (length < 10 || length > 128 || bits.length() - 8 * length >= 5) {
            return null;
        }
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) Integer.parseInt(bits.substring(8 * i, 8 * i + 8), 2);
        }
        return bytes;
    }
}
