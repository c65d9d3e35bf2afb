// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.otp.SharedSecret;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;

/** The ways to write a shared secret as a text. Nothing is guessed: most hexadecimal texts are Base32, too. */
final class Secrets {
    private Secrets() {}

    /** How a text stands for a secret. */
    enum Encoding {
        /** RFC 4648 section 6, as authenticator apps read it. */
        BASE32,
        /** Two digits for a byte. */
        HEX,
        /** The UTF-8 bytes of the text are the secret. */
        RAW,
        /** RFC 4648 section 4. */
        BASE64;

        /**
         * Reads a secret.
         *
         * @throws IllegalArgumentException if the text has another form; the message contains no part of it
         */
        SharedSecret read(String text) {
            if (this == BASE32) {
                return SharedSecret.fromBase32(text);
            }
            byte[] bytes = bytes(text);
            try {
                return SharedSecret.fromBytes(bytes);
            } finally {
                Arrays.fill(bytes, (byte) 0);
            }
        }

        private byte[] bytes(String text) {
            if (this == RAW) {
                return text.getBytes(UTF_8);
            }
            try {
                return this == HEX
                        ? HexFormat.of().parseHex(text.strip())
                        : Base64.getDecoder().decode(text.strip());
            } catch (IllegalArgumentException e) {
                // The cause is left out, because its message quotes the text.
                throw new IllegalArgumentException("its secret is not "
                        + (this == HEX ? "hexadecimal: two digits 0 to 9 and a to f for each byte" : "Base64"));
            }
        }

        static Encoding named(String name) throws BadInput {
            String wanted = name.strip().toUpperCase(Locale.ROOT);
            for (Encoding one : values()) {
                if (one.name().equals(wanted)) {
                    return one;
                }
            }
            throw new BadInput("a secret's encoding is base32, hex, raw or base64");
        }
    }
}
