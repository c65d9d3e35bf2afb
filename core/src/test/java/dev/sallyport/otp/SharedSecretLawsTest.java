// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.arbitraries.StringArbitrary;

class SharedSecretLawsTest {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final String MESSAGES =
            "character \\d+ of the Base32 text of a shared secret is none of A to Z and 2 to 7"
                    + "|character \\d+ of the Base32 text of a shared secret is after the = at its end"
                    + "|the Base32 text of a shared secret is cut off or has a letter too many: no number of bytes is written with"
                    + " \\d+ letters"
                    + "|a shared secret has 10 to 128 bytes, not \\d+";
    private static final String SEPARATORS =
            " -\t\n\r\u00A0\u0085\u2009\u2028\u202F\u3000\u2011\u2013\u2014\u2212\uFF0D\u00B7"
                    + "\u00AD\u200B\u200E\u2068\uFEFF";

    @Property
    @Label("A secret that is written in Base32 is read back as the same secret")
    void base32_andBack_isTheSame(@ForAll("secretBytes") byte[] bytes) {
        SharedSecret secret = SharedSecret.fromBytes(bytes);

        assertThat(SharedSecret.fromBase32(secret.toBase32())).isEqualTo(secret);
        assertThat(secret.toBase32()).isEqualTo(base32OfABigNumber(bytes));
    }

    @Property
    @Label("Case, spaces, dashes, trailing '=' and loose bits make no difference")
    void fromBase32_whatIsForgiven_makesNoDifference(@ForAll("secretBytes") byte[] bytes, @ForAll Random random) {
        SharedSecret secret = SharedSecret.fromBytes(bytes);
        StringBuilder typed = new StringBuilder();
        String base32 = secret.toBase32();
        int looseBits = 5 * base32.length() - 8 * bytes.length;
        for (int i = 0; i < base32.length(); i++) {
            char c = base32.charAt(i);
            if (i == base32.length() - 1) {
                c = ALPHABET.charAt(ALPHABET.indexOf(c) | random.nextInt(1 << looseBits));
            }
            boolean lower = c >= 'A' && random.nextBoolean();
            typed.append(lower ? (char) (c + 32) : c);
            if (random.nextInt(3) == 0) {
                typed.append(SEPARATORS.charAt(random.nextInt(SEPARATORS.length())));
            }
        }
        typed.append("=".repeat(random.nextInt(7)));

        assertThat(SharedSecret.fromBase32(typed.toString())).isEqualTo(secret);
    }

    @Property
    @Label("Any text is read or refused, and the message shows nothing of it")
    void fromBase32_anyText_isReadOrRefused(@ForAll("texts") String text) {
        SharedSecret secret;
        try {
            secret = SharedSecret.fromBase32(text);
        } catch (IllegalArgumentException refused) {
            assertThat(refused)
                    .isExactlyInstanceOf(IllegalArgumentException.class)
                    .hasNoCause();
            assertThat(refused.getMessage()).matches(MESSAGES);
            return;
        }

        StringBuilder symbols = new StringBuilder();
        text.chars()
                .filter(c -> SEPARATORS.indexOf(c) < 0 && c != '=')
                .map(c -> c >= 'a' ? c - 32 : c)
                .forEach(c -> symbols.append((char) c));
        // The last symbol can have loose bits.
        assertThat(secret.toBase32()).hasSize(symbols.length()).startsWith(symbols.substring(0, symbols.length() - 1));
    }

    @Property
    @Label("Two secrets are equal if and only if their bytes are equal")
    void equals_isThatOfTheBytes(@ForAll("secretBytes") byte[] one, @ForAll("secretBytes") byte[] other) {
        assertThat(SharedSecret.fromBytes(one).equals(SharedSecret.fromBytes(other)))
                .isEqualTo(Arrays.equals(one, other));
        assertThat(SharedSecret.fromBytes(one)).isEqualTo(SharedSecret.fromBytes(one));
    }

    @Provide
    static Arbitrary<byte[]> secretBytes() {
        return Arbitraries.bytes().array(byte[].class).ofMinSize(10).ofMaxSize(128);
    }

    @Provide
    Arbitrary<String> texts() {
        StringArbitrary base32 = Arbitraries.strings()
                .withCharRange('A', 'Z')
                .withCharRange('a', 'z')
                .withCharRange('2', '7')
                .withChars(" -=");
        return Arbitraries.oneOf(
                Arbitraries.strings(),
                base32.ofMaxLength(240),
                base32.ofMinLength(26).ofMaxLength(36),
                Arbitraries.strings()
                        .withCharRange('A', 'Z')
                        .withCharRange('2', '7')
                        .ofMinLength(15)
                        .ofMaxLength(210));
    }

    /** RFC 4648, computed in another way: the bytes are one big number, and each digit has five bits. */
    private static String base32OfABigNumber(byte[] bytes) {
        int symbols = (8 * bytes.length + 4) / 5;
        BigInteger number = new BigInteger(1, bytes).shiftLeft(5 * symbols - 8 * bytes.length);
        StringBuilder text = new StringBuilder();
        for (int i = symbols - 1; i >= 0; i--) {
            int digit = number.shiftRight(5 * i).intValue() & 31;
            text.append(ALPHABET.charAt(digit));
        }
        return text.toString();
    }
}
