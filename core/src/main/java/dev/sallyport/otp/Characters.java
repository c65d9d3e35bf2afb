// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static java.nio.charset.StandardCharsets.UTF_8;

/** The kinds of characters that people copy together with a secret or a key URI. */
final class Characters {
    /** U+2212 is a minus sign and U+00B7 a middle dot. Neither is a dash to Unicode, but both are used as one. */
    private static final String SEPARATORS_BESIDE_DASHES = "\u2212\u00B7";

    private Characters() {}

    /** White space of any script, which includes the spaces that do not break, and control characters. */
    static boolean isBlank(int c) {
        boolean visible = c > ' ' && c <= '~';
        return !visible && (Character.isWhitespace(c) || Character.isSpaceChar(c) || Character.isISOControl(c));
    }

    /** Format characters, such as bidi marks, zero width spaces and the byte order mark. They are not visible. */
    static boolean isFormat(int c) {
        return Character.getType(c) == Character.FORMAT;
    }

    /** White space, format characters and dashes. Control characters that are no white space do not count. */
    static boolean isSeparator(int c) {
        boolean space = Character.isSpaceChar(c) || (c >= '\t' && c <= '\r') || c == '\u0085';
        return space
                || isFormat(c)
                || Character.getType(c) == Character.DASH_PUNCTUATION
                || SEPARATORS_BESIDE_DASHES.indexOf(c) >= 0;
    }

    /** In UTF-8 an unpaired surrogate becomes a question mark. */
    static boolean hasUnpairedSurrogate(String text) {
        return !new String(text.getBytes(UTF_8), UTF_8).equals(text);
    }

    /** The text without the white space and the control characters at its ends. */
    static String strip(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && isBlank(text.charAt(from))) {
            from++;
        }
        while (from < to && isBlank(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }
}
