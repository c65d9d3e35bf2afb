// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import org.jspecify.annotations.Nullable;

/**
 * What a user typed, in its one canonical form. The form is made before anything else looks at the input, so that
 * another spelling of a used code is still that used code.
 *
 * <p>The three kinds of code cannot be confused with each other, because they differ in length.
 *
 * @param kind the kind of code
 * @param canonical ASCII digits, or upper-case symbols without separators
 */
record TypedCode(Kind kind, String canonical) {
    /** The longest code in groups has 29 characters. The rest is room for what people copy with it. */
    private static final int MAX_TYPED = 128;

    /** U+2212 is a minus sign and U+00B7 a middle dot. Neither is a dash to Unicode, but both are used as one. */
    private static final String SEPARATORS_BESIDE_DASHES = "\u2212\u00B7";

    // Unicode has no property for these kinds of characters. Brackets and most quotes have general categories.
    private static final String FULL_STOPS = ".\u0589\u06D4\u0701\u0702\u0964\u0965\u1362\u166E\u1803\u1809\u2CF9\u2CFE"
            + "\u2E3C\u3002\uA4FF\uA60E\uA6F3\uFE12\uFE52\uFF0E\uFF61";
    private static final String COMMAS = ",\u055D\u060C\u07F8\u1363\u1802\u1808\u2E32\u2E34\u2E41\u2E49\u2E4C\u3001"
            + "\uA4FE\uA60D\uA6F5\uFE10\uFE11\uFE50\uFE51\uFF0C\uFF64";
    private static final String SEMICOLONS = ";\u061B\u1364\u204F\u2E35\uA6F6\uFE14\uFE54\uFF1B";
    private static final String QUOTES = "\"'`\u00B4\uFF02\uFF07\uFF40";
    /** With the squares, circles and arrows of word processors. Two of them are private characters of symbol fonts. */
    private static final String BULLETS =
            "\u2022\u2023\u2043\u204C\u204D\u2219\u25A0\u25A1\u25AA\u25AB\u25B6\u25B8\u25BA"
                    + "\u25C6\u25C7\u25CB\u25CF\u25D8\u25E6\u2756\u27A2\u27A4\u29BE\u29BF\u30FB\uF0A7\uF0B7\uFF65";

    private static final String ASTERISKS = "*\u066D\u204E\u2051\u2217\u2731\u2732\u2733\uFE61\uFF0A";
    /** Unicode counts angle brackets as mathematical symbols. */
    private static final String ANGLE_BRACKETS = "<>\uFF1C\uFF1E";

    private static final String DROPPED_AT_THE_ENDS =
            FULL_STOPS + COMMAS + SEMICOLONS + QUOTES + BULLETS + ASTERISKS + ANGLE_BRACKETS;

    enum Kind {
        ONE_TIME_CODE,
        BACKUP_CODE,
        TEMPORARY_CODE
    }

    /**
     * Reads what a user typed. Input of more than 128 characters is not read. Therefore the work of a call is bounded.
     *
     * <ul>
     *   <li>Dropped everywhere: white space, spaces, dashes, and format characters such as bidi marks.
     *   <li>Dropped at the ends: full stops, commas, semicolons, quotes, bullets, asterisks and brackets.
     *   <li>Dropped in front of a backup code: the line number on the sheet of backup codes.
     *   <li>Replaced: decimal digits of any script and full-width letters, by those of ASCII.
     * </ul>
     *
     * @param typed the input
     * @return the code; null if the input does not look like a code
     */
    static @Nullable TypedCode parse(@Nullable String typed) {
        if (typed == null || typed.length() > MAX_TYPED) {
            return null;
        }
        String text = withoutEnds(folded(typed));
        TypedCode code = of(text);
        if (code != null) {
            return code;
        }
        TypedCode listed = of(withoutEnds(text.substring(lineNumberLength(text))));
        return listed != null && listed.kind == Kind.BACKUP_CODE ? listed : null;
    }

    boolean isOneTimeCode() {
        return kind == Kind.ONE_TIME_CODE;
    }

    /** Shows the kind alone. */
    @Override
    public String toString() {
        return "TypedCode[" + kind + "]";
    }

    private static @Nullable TypedCode of(String text) {
        if (text.length() >= 6 && text.length() <= 8) {
            return digitsAtTheStart(text) == text.length() ? new TypedCode(Kind.ONE_TIME_CODE, text) : null;
        }
        String symbols = Crockford.canonical(text);
        if (symbols == null) {
            return null;
        }
        boolean backup = symbols.length() == Crockford.BACKUP_SYMBOLS;
        return new TypedCode(backup ? Kind.BACKUP_CODE : Kind.TEMPORARY_CODE, symbols);
    }

    /** The length of a line number from 1 to 99 at the beginning, with the full stop or bracket behind it, or 0. */
    private static int lineNumberLength(String text) {
        int digits = Math.min(2, digitsAtTheStart(text));
        boolean number = digits > 0 && text.charAt(0) != '0' && digits < text.length();
        return number && ".)".indexOf(text.charAt(digits)) >= 0 ? digits + 1 : 0;
    }

    private static int digitsAtTheStart(String text) {
        int digits = 0;
        while (digits < text.length() && isAsciiDigit(text.charAt(digits))) {
            digits++;
        }
        return digits;
    }

    private static String folded(String typed) {
        StringBuilder folded = new StringBuilder(typed.length());
        for (int i = 0; i < typed.length(); ) {
            int c = typed.codePointAt(i);
            i += Character.charCount(c);
            if (!isDroppedEverywhere(c)) {
                folded.appendCodePoint(asAscii(c));
            }
        }
        return folded.toString();
    }

    private static boolean isDroppedEverywhere(int c) {
        return switch (Character.getType(c)) {
            case Character.SPACE_SEPARATOR,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.FORMAT,
                    Character.DASH_PUNCTUATION -> true;
            // The control characters among Unicode's White_Space: tab, the ends of lines and pages, NEL.
            case Character.CONTROL -> (c >= '\t' && c <= '\r') || c == '\u0085';
            default -> SEPARATORS_BESIDE_DASHES.indexOf(c) >= 0;
        };
    }

    private static int asAscii(int c) {
        if (Character.isDigit(c)) {
            return '0' + Character.digit(c, 10);
        }
        boolean fullWidthLetter = (c >= '\uFF21' && c <= '\uFF3A') || (c >= '\uFF41' && c <= '\uFF5A');
        return fullWidthLetter ? c - '\uFF21' + 'A' : c;
    }

    private static String withoutEnds(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && isDroppedAtTheEnds(text.charAt(from))) {
            from++;
        }
        while (from < to && isDroppedAtTheEnds(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    private static boolean isDroppedAtTheEnds(char c) {
        return switch (Character.getType(c)) {
            case Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION -> true;
            default -> DROPPED_AT_THE_ENDS.indexOf(c) >= 0;
        };
    }

    private static boolean isAsciiDigit(int c) {
        return c >= '0' && c <= '9';
    }
}
