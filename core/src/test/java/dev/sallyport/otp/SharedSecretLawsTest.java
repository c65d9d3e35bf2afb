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
    @Property
    @Label("Base32 and back is the same secret")
    void base32_andBack_isTheSame(@ForAll("secretBytes") byte[] bytes) {
        SharedSecret secret = SharedSecret.fromBytes(bytes);

        assertThat(SharedSecret.fromBase32(secret.toBase32())).isEqualTo(secret);
        assertThat(secret.toBase32()).isEqualTo(base32OfABigNumber(bytes));
    }

    @Property
    @Label("Case, spaces, hyphens and trailing '=' make no difference")
    void fromBase32_whatIsForgiven_makesNoDifference(@ForAll("secretBytes") byte[] bytes, @ForAll Random random) {
        SharedSecret secret = SharedSecret.fromBytes(bytes);
        StringBuilder typed = new StringBuilder();
        for (char c : secret.toBase32().toCharArray()) {
            boolean lower = c >= 'A' && random.nextBoolean();
            typed.append(lower ? (char) (c + 32) : c)
                    .append(" ".repeat(random.nextInt(2)))
                    .append("-".repeat(random.nextInt(2)));
        }
        typed.append("=".repeat(random.nextInt(7)));

        assertThat(SharedSecret.fromBase32(typed.toString())).isEqualTo(secret);
    }

    @Property
    @Label("Any text at all is read or refused, and what is read is written as it was, but for what is forgiven")
    void fromBase32_anyText_isReadOrRefused(@ForAll("texts") String text) {
        SharedSecret secret;
        try {
            secret = SharedSecret.fromBase32(text);
        } catch (IllegalArgumentException refused) {
            assertThat(refused)
                    .isExactlyInstanceOf(IllegalArgumentException.class)
                    .hasNoCause();
            return;
        }

        StringBuilder canonical = new StringBuilder();
        text.chars()
                .filter(c -> c != ' ' && c != '-' && c != '=')
                .map(c -> c >= 'a' ? c - 32 : c)
                .forEach(c -> canonical.append((char) c));
        assertThat(secret.toBase32()).isEqualTo(canonical.toString());
    }

    @Property
    @Label("Equal exactly when the bytes are")
    void equals_isThatOfTheBytes(@ForAll("secretBytes") byte[] one, @ForAll("secretBytes") byte[] other) {
        assertThat(SharedSecret.fromBytes(one).equals(SharedSecret.fromBytes(other)))
                .isEqualTo(Arrays.equals(one, other));
        assertThat(SharedSecret.fromBytes(one)).isEqualTo(SharedSecret.fromBytes(one));
    }

    @Provide
    static Arbitrary<byte[]> secretBytes() {
        return Arbitraries.bytes().array(byte[].class).ofMinSize(16).ofMaxSize(64);
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
                base32.ofMaxLength(120),
                base32.ofMinLength(26).ofMaxLength(36),
                Arbitraries.strings()
                        .withCharRange('A', 'Z')
                        .withCharRange('2', '7')
                        .ofMinLength(26)
                        .ofMaxLength(104));
    }

    /** RFC 4648 by another way: the bytes as one big number, five bits to a digit. */
    private static String base32OfABigNumber(byte[] bytes) {
        int symbols = (8 * bytes.length + 4) / 5;
        BigInteger number = new BigInteger(1, bytes).shiftLeft(5 * symbols - 8 * bytes.length);
        StringBuilder text = new StringBuilder();
        for (int i = symbols - 1; i >= 0; i--) {
            int digit = number.shiftRight(5 * i).intValue() & 31;
            text.append("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".charAt(digit));
        }
        return text.toString();
    }
}
