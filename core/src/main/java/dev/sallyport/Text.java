// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.UTF_8;

/** The rules for the texts that an application hands in. */
final class Text {
    static final int MAX_ISSUER_BYTES = 64;
    static final int MAX_NAME_BYTES = 128;
    static final int MAX_REASON_BYTES = 256;
    private static final int ID_LENGTH = 16;

    private Text() {}

    static String require(String what, String text, int maxBytes) {
        boolean wellFormed = UTF_8.newEncoder().canEncode(text);
        if (text.isBlank() || !wellFormed || text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    what + " must not be blank or hold control characters or lone surrogates");
        }
        int bytes = text.getBytes(UTF_8).length;
        if (bytes > maxBytes) {
            throw new IllegalArgumentException(what + " has at most " + maxBytes + " UTF-8 bytes, not " + bytes);
        }
        return text;
    }

    static void requireId(String id) {
        if (id.length() != ID_LENGTH || !id.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            throw new IllegalArgumentException("an id has " + ID_LENGTH + " lower-case hexadecimal digits");
        }
    }
}
