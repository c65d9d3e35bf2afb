// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.UTF_8;

/** The rules for the texts that an application hands in. */
final class Text {
    static final int MAX_ISSUER_BYTES = 64;
    static final int MAX_NAME_BYTES = 128;
    static final int MAX_NAMESPACE_BYTES = 64;
    static final int MAX_REASON_BYTES = 256;
    private static final int ID_LENGTH = 16;
    private static final String ELLIPSIS = "\u2026";

    private Text() {}

    /** Checks a text that the application's own code or an operator chose. */
    static String require(String what, String text, int maxBytes) {
        if (text.isBlank() || hasControl(text) || hasLoneSurrogate(text)) {
            throw new IllegalArgumentException(
                    what + " must not be blank, and must not contain control characters or lone surrogates");
        }
        int bytes = text.getBytes(UTF_8).length;
        if (bytes > maxBytes) {
            throw new IllegalArgumentException(what + " has at most " + maxBytes + " UTF-8 bytes, not " + bytes);
        }
        return text;
    }

    private static boolean hasControl(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    /** In UTF-8 a lone surrogate becomes a question mark. */
    static boolean hasLoneSurrogate(String text) {
        return !new String(text.getBytes(UTF_8), UTF_8).equals(text);
    }

    /** The namespace is empty for applications that need none. */
    static String requireNamespace(String namespace) {
        return namespace.isEmpty() ? namespace : require("a namespace", namespace, MAX_NAMESPACE_BYTES);
    }

    /**
     * Adjusts a text from a user directory or a client. Control characters, lone surrogates and white space at the ends
     * are dropped. A text that is too long is cut between two code points.
     */
    static String fit(String text, int maxBytes) {
        StringBuilder kept = new StringBuilder();
        text.codePoints()
                .filter(c -> !Character.isISOControl(c) && Character.getType(c) != Character.SURROGATE)
                .forEach(kept::appendCodePoint);
        String whole = trim(kept.toString());
        if (whole.getBytes(UTF_8).length <= maxBytes) {
            return whole;
        }
        int room = maxBytes - ELLIPSIS.getBytes(UTF_8).length;
        int end = 0;
        while (end < whole.length()) {
            int next = whole.offsetByCodePoints(end, 1);
            int bytes = whole.substring(end, next).getBytes(UTF_8).length;
            if (bytes > room) {
                break;
            }
            room -= bytes;
            end = next;
        }
        return trim(whole.substring(0, end)) + ELLIPSIS;
    }

    /** {@link String#strip()} keeps no-break spaces, which a key URI must not have at its ends. */
    private static String trim(String text) {
        int start = 0;
        int end = text.length();
        while (start < end && isSpace(text.charAt(start))) {
            start++;
        }
        while (end > start && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(start, end);
    }

    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c);
    }

    static boolean isId(String id) {
        boolean hexadecimal = true;
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            hexadecimal &= (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        }
        return hexadecimal && id.length() == ID_LENGTH;
    }

    static void requireId(String id) {
        if (!isId(id)) {
            throw new IllegalArgumentException("an id has " + ID_LENGTH + " lower-case hexadecimal digits");
        }
    }

    /** Escapes a text for a log, so that it cannot end the line or look like another line. */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c <= '~' && c != '\\') {
                escaped.append(c);
            } else {
                escaped.append("\\u");
                for (int shift = 12; shift >= 0; shift -= 4) {
                    escaped.append(Character.forDigit((c >> shift) & 0xF, 16));
                }
            }
        }
        return escaped.toString();
    }
}
