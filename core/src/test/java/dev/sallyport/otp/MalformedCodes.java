// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import java.util.stream.Stream;

/**
 * Malformed codes that are made from a right code of six digits. For each of them there was a product that accepted it or
 * threw an exception.
 */
final class MalformedCodes {
    private MalformedCodes() {}

    static Stream<String> derivedFrom(String right) {
        return Stream.of(
                "",
                " ",
                "0000000",
                "+81804",
                "-00000",
                " 1_2",
                "1e5000",
                "0x1234",
                "12345\u0000",
                right.substring(1),
                right.substring(0, 5),
                "0" + right,
                "0000000" + right,
                right + "0",
                right + "\n",
                right + " ",
                " " + right,
                right.substring(0, 3) + " " + right.substring(3),
                "+" + right.substring(1),
                "-" + right.substring(1),
                inScriptStartingAt('\uFF10', right),
                inScriptStartingAt('\u0660', right),
                inScriptStartingAt('\u06F0', right),
                inScriptStartingAt('\u0966', right),
                inScriptStartingAt('\u0E50', right),
                withTensMovedToTheLastCharacter(right, -1),
                withTensMovedToTheLastCharacter(right, 1),
                right.substring(0, 5) + "\uD800",
                "\uDC00\uDC00\uDC00\uDC00\uDC00\uDC00",
                "\uD83D\uDD11\uD83D\uDD11\uD83D\uDD11",
                right.repeat(2),
                "0".repeat(1 << 20));
    }

    /** Has the same numeric value if digits are not checked: its last character is before {@code 0} or after {@code 9}. */
    private static String withTensMovedToTheLastCharacter(String right, int tens) {
        return right.substring(0, 4) + (char) (right.charAt(4) - tens) + (char) (right.charAt(5) + 10 * tens);
    }

    private static String inScriptStartingAt(char zero, String digits) {
        StringBuilder text = new StringBuilder();
        digits.chars().forEach(digit -> text.append((char) (digit - '0' + zero)));
        return text.toString();
    }
}
