// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import java.util.stream.Stream;

/**
 * What is no code, derived from the right one of six digits: each of these was accepted, or made something throw, in some
 * product.
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
                reckonedAs(right, -1),
                reckonedAs(right, 1),
                right.substring(0, 5) + "\uD800",
                "\uDC00\uDC00\uDC00\uDC00\uDC00\uDC00",
                "\uD83D\uDD11\uD83D\uDD11\uD83D\uDD11",
                right.repeat(2),
                "0".repeat(1 << 20));
    }

    /** The same sum of ones and tens, with a last character before {@code 0} or after {@code 9}. */
    private static String reckonedAs(String right, int tens) {
        return right.substring(0, 4) + (char) (right.charAt(4) - tens) + (char) (right.charAt(5) + 10 * tens);
    }

    private static String inScriptStartingAt(char zero, String digits) {
        StringBuilder text = new StringBuilder();
        digits.chars().forEach(digit -> text.append((char) (digit - '0' + zero)));
        return text.toString();
    }
}
