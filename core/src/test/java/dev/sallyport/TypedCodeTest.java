// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.TypedCode.Kind.BACKUP_CODE;
import static dev.sallyport.TypedCode.Kind.ONE_TIME_CODE;
import static dev.sallyport.TypedCode.Kind.TEMPORARY_CODE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class TypedCodeTest {
    static final String CODE = "123456";
    static final String BACKUP = CrockfordTest.withCheckSymbol("0123456789ABCDEFGHJKMNP");
    static final String TEMPORARY = CrockfordTest.withCheckSymbol("QRSTVWXYZ012345");
    private static final String BACKUP_IN_GROUPS = Crockford.inGroups(BACKUP);

    /** White_Space of Unicode 15, PropList.txt. */
    static final String WHITE_SPACE =
            "\t\n\u000B\f\r \u0085\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
                    + "\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000";

    /** Bidi marks, zero width characters, the byte order mark, the soft hyphen and other format characters. */
    static final String FORMAT_CHARACTERS =
            "\u00AD\u061C\u180E\u200B\u200C\u200D\u200E\u200F\u202A\u202B\u202C\u202D\u202E"
                    + "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\u206F\uFEFF\uFFF9\uFFFB";

    static final String DASHES =
            "-\u058A\u05BE\u1400\u1806\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2E3A\u2E3B\u301C\u3030"
                    + "\u30A0\uFE31\uFE58\uFE63\uFF0D\u00B7";

    static final String ENDS = ".,;\u3002\uFF0E\uFF61\u06D4\u0964\u060C\u3001\uFF0C\uFF64\u055D\u061B\uFF1B\u0589\u1362"
            + "\"'`\u00B4\u2018\u2019\u201A\u201B\u201C\u201D\u201E\u201F\u00AB\u00BB\u2039\u203A\u300C\u300D\u300E\u300F\uFF02"
            + "\u2022\u2023\u2043\u25CF\u25AA\u25E6\u30FB\uF0B7\uF0A7*\u2217\uFF0A\u066D()[]{}<>\u27E8\u27E9\u3008\u3009"
            + "\u3010\u3011\uFF08\uFF09\uFF3B\uFF3D";

    /** One zero of each of these scripts. Nine more digits follow it. */
    static final int[] ZEROS = {
        '0', 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0E50,
        0x0ED0, 0x0F20, 0x1040, 0x17E0, 0x1810, 0xFF10, 0x11066, 0x1D7CE, 0x1E950, 0x1FBF0
    };

    @Nested
    class OneTimeCodes {
        @ParameterizedTest
        @ValueSource(strings = {"123456", "1234567", "12345678", "000000"})
        void parse_sixToEightDigits_isAOneTimeCode(String typed) {
            TypedCode code = parsed(typed);

            assertThat(code).isEqualTo(new TypedCode(ONE_TIME_CODE, typed));
            assertThat(code.isOneTimeCode()).isTrue();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "123456\n",
                    "123456\r\n",
                    "\t123456",
                    "123 456",
                    " 123456 ",
                    "1 2 3 4 5 6",
                    "123-456",
                    "123--456",
                    "123\u2013456",
                    "123\u2014456",
                    "123\u2011456",
                    "123\u00B7456",
                    "123\u2212456",
                    "123 - 456",
                    "123\u00A0456",
                    "123\u2009456",
                    "123\u202F456",
                    "123\u3000456",
                    "\u00A0123456",
                    "123456\u3000",
                    "123456\u0085",
                    "123456\u2028",
                    "\u200E123456",
                    "\u2068123456\u2069",
                    "123\u200B456",
                    "\uFEFF123456",
                    "123\u00AD456",
                    "\u202B123456\u202C",
                    "\u0661\u0662\u0663\u0664\u0665\u0666",
                    "\u06F1\u06F2\u06F3\u06F4\u06F5\u06F6",
                    "\u0967\u0968\u0969\u096A\u096B\u096C",
                    "\u09E7\u09E8\u09E9\u09EA\u09EB\u09EC",
                    "\u0E51\u0E52\u0E53\u0E54\u0E55\u0E56",
                    "\uFF11\uFF12\uFF13\uFF14\uFF15\uFF16",
                    "\uD835\uDFCF\uD835\uDFD0\uD835\uDFD1456",
                    "\u06F1\u06F2\u06F3\u00A0\u0664\u0665\u0666\u06D4",
                    "123456.",
                    "123456\u3002",
                    "123456,",
                    "\"123456\"",
                    "\u201E123456\u201C",
                    "\u300C123456\u300D",
                    "(123456)",
                    "[123456]",
                    "<123456>",
                    "\u2022 123456",
                    "* 123456",
                    "**123456**",
                    "`123456`",
                    "\uFF08123456\uFF09\u3002"
                })
        void parse_spellingOfACode_isTheCode(String typed) {
            assertThat(TypedCode.parse(typed)).isEqualTo(new TypedCode(ONE_TIME_CODE, CODE));
        }
    }

    @Nested
    class BackupCodes {
        @Test
        void parse_symbolsWithARightCheckSymbol_isABackupCode() {
            TypedCode code = parsed(BACKUP);

            assertThat(code).isEqualTo(new TypedCode(BACKUP_CODE, BACKUP));
            assertThat(code.isOneTimeCode()).isFalse();
        }

        static Stream<String> spellings() {
            return Stream.of(
                            Stream.of(
                                            "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212", "\uFF0D", " ",
                                            "\n", "", " - ")
                                    .map(hyphen -> BACKUP_IN_GROUPS.replace("-", hyphen)),
                            Stream.of(
                                            "%s.",
                                            "%s,",
                                            "%s;",
                                            "\"%s\"",
                                            "'%s'",
                                            "\u201C%s\u201D",
                                            "\u00AB %s \u00BB",
                                            "\u2022 %s",
                                            "* %s",
                                            "- %s",
                                            "\u2013 %s",
                                            "\u00B7 %s",
                                            "\u25CF\t%s",
                                            "\uF0B7\t%s",
                                            "[ %s ]",
                                            "[%s]",
                                            "(%s)",
                                            "{%s}",
                                            "<%s>",
                                            "`%s`",
                                            "**%s**",
                                            "%s\r\n",
                                            "\u200F%s",
                                            "\u2068%s\u2069.")
                                    .map(around -> around.formatted(BACKUP_IN_GROUPS)),
                            Stream.of(
                                            " 1. %s",
                                            " 3. %s",
                                            "10. %s",
                                            "10) %s",
                                            "3) %s",
                                            "3.%s",
                                            "20. %s\n",
                                            "\u200E 3. %s",
                                            "\u2022 3. %s",
                                            "\"3. %s\"",
                                            "[3. %s]",
                                            "3. \"%s\"",
                                            "3. \u2022 %s.",
                                            "(3) %s",
                                            "\u0663. %s",
                                            "\uFF13) %s",
                                            "1 0. %s")
                                    .map(numbered -> numbered.formatted(BACKUP_IN_GROUPS)),
                            Stream.of(
                                    fullWidth(BACKUP),
                                    fullWidth(BACKUP_IN_GROUPS),
                                    fullWidth(BACKUP.toLowerCase(Locale.ROOT)),
                                    BACKUP.toLowerCase(Locale.ROOT),
                                    BACKUP.replace('0', 'o').replace('1', 'l'),
                                    BACKUP.replace('0', 'O').replace('1', 'I'),
                                    fullWidth(BACKUP.replace('0', 'O').replace('1', 'L')),
                                    BACKUP.replace('3', '\u0663')))
                    .flatMap(rows -> rows);
        }

        @ParameterizedTest
        @MethodSource("spellings")
        void parse_spellingOfACode_isTheCode(String typed) {
            assertThat(TypedCode.parse(typed)).isEqualTo(new TypedCode(BACKUP_CODE, BACKUP));
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 9, 10, 19, 20, 99})
        void parse_lineNumberOfASheet_isDropped(int number) {
            assertThat(TypedCode.parse(number + ". " + BACKUP)).isEqualTo(new TypedCode(BACKUP_CODE, BACKUP));
        }

        @ParameterizedTest
        @ValueSource(strings = {"0. ", "100. ", "3 ", "3: ", "3, ", "3] ", "a) ", ". 3 ", "3.. 3. ", "3. 3. ", "#3. "})
        void parse_noLineNumberOfASheet_isMalformed(String before) {
            assertThat(TypedCode.parse(before + BACKUP_IN_GROUPS)).isNull();
        }

        @Test
        void parse_codeThatBeginsWithDigits_losesNoneOfThem() {
            String code = CrockfordTest.withCheckSymbol("12345678901234567890123");

            assertThat(TypedCode.parse("12. " + Crockford.inGroups(code))).isEqualTo(new TypedCode(BACKUP_CODE, code));
            assertThat(TypedCode.parse(code)).isEqualTo(new TypedCode(BACKUP_CODE, code));
        }
    }

    @Nested
    class TemporaryCodes {
        @Test
        void parse_symbolsWithARightCheckSymbol_isATemporaryCode() {
            TypedCode code = parsed(Crockford.inGroups(TEMPORARY));

            assertThat(code).isEqualTo(new TypedCode(TEMPORARY_CODE, TEMPORARY));
            assertThat(code.isOneTimeCode()).isFalse();
        }

        @Test
        void parse_sixteenDigitsWithARightCheckSymbol_isATemporaryCode() {
            assertThat(TypedCode.parse("0".repeat(16))).isEqualTo(new TypedCode(TEMPORARY_CODE, "0".repeat(16)));
        }

        @Test
        void parse_lineNumberBefore_isMalformed() {
            assertThat(TypedCode.parse("3. " + TEMPORARY)).isNull();
        }
    }

    @Nested
    class Malformed {
        @ParameterizedTest
        @NullAndEmptySource
        @ValueSource(
                strings = {
                    " ",
                    "12345",
                    "123456789",
                    "Your code is 123456",
                    "cccjgjgkhcbb123456",
                    "12345O",
                    "I23456",
                    "abcdef",
                    "123.456",
                    "123,456",
                    "123;456",
                    "123'456",
                    "123*456",
                    "(123)456",
                    "123\u2022456",
                    "123/456",
                    "123_456",
                    "123+456",
                    "+123456",
                    "123456!",
                    "123456?",
                    "#123456",
                    "123456:",
                    "=123456",
                    "~123456",
                    "123456\0",
                    "\u001F123456",
                    "1. 123456",
                    "3) 123456",
                    "123456 123456",
                    "\uD800",
                    "12345\uDC00",
                    "123456\uD83D",
                    "\u00B9\u00B2\u00B3456",
                    "\u2460\u2461\u2462456",
                    "\u4E00\u4E8C\u4E09456",
                    "\u2160\u2161\u2162456",
                    "12345\u0301",
                    "123456\u0301",
                    "1\uFE0F\u20E32\uFE0F\u20E33456",
                    "3.",
                    "10)",
                    ".",
                    "...",
                    "()",
                    "3. .",
                    "\u200E",
                    "0",
                    "1)2)",
                    "u",
                    "."
                })
        void parse_noCode_isMalformed(@Nullable String typed) {
            assertThat(TypedCode.parse(typed)).isNull();
        }

        @Test
        void parse_wrongCheckSymbol_isMalformed() {
            assertThat(TypedCode.parse("1" + BACKUP.substring(1))).isNull();
            assertThat(TypedCode.parse("3. 1" + BACKUP.substring(1))).isNull();
            assertThat(TypedCode.parse("1" + TEMPORARY.substring(1))).isNull();
        }

        @ParameterizedTest
        @ValueSource(strings = {"\u017F", "\u212A", "\u0130", "\u0131", "\u0391", "\u0410", "\u00C5", "U", "\uFF35"})
        void parse_letterThatIsNoSymbol_isMalformed(String letter) {
            // Whatever else the letter might be read as, one of these codes has it at the end.
            assertThat(CrockfordTest.ALPHABET.chars().mapToObj(c -> "0".repeat(22) + (char) c + letter))
                    .allSatisfy(code -> assertThat(TypedCode.parse(code)).isNull());
        }

        @Test
        void parse_unicodeCompatibilityForms_areNotFolded() {
            // NFKC would make digits and letters of these.
            assertThat(TypedCode.parse("\u2081\u2082\u2083\u2084\u2085\u2086")).isNull();
            assertThat(TypedCode.parse(BACKUP.replace("A", "\u24B6"))).isNull();
            assertThat(TypedCode.parse(BACKUP.replace("A", "\uD835\uDC00"))).isNull();
        }
    }

    @Nested
    class Length {
        @Test
        void parse_128Characters_isRead() {
            assertThat(TypedCode.parse(" ".repeat(122) + CODE)).isEqualTo(new TypedCode(ONE_TIME_CODE, CODE));
        }

        @Test
        void parse_129Characters_isMalformed() {
            assertThat(TypedCode.parse(" ".repeat(123) + CODE)).isNull();
            assertThat(TypedCode.parse("1".repeat(129))).isNull();
        }

        @ParameterizedTest
        @ValueSource(strings = {"1", " ", ".", "-", "\uD800", "\uDBFF\uDFFF", "3. ", "(("})
        void parse_aMegabyte_isMalformed(String repeated) {
            assertThat(TypedCode.parse(repeated.repeat(1_000_000 / repeated.length())))
                    .isNull();
        }
    }

    @Nested
    class EveryCharacter {
        @Test
        void parse_whiteSpaceFormatCharacterOrDash_isDroppedEverywhere() {
            assertThat((WHITE_SPACE + FORMAT_CHARACTERS + DASHES).chars()).allSatisfy(c -> {
                String dropped = Character.toString(c);
                assertThat(TypedCode.parse(dropped + "12" + dropped + "3456" + dropped))
                        .as(Character.getName(c))
                        .isEqualTo(new TypedCode(ONE_TIME_CODE, CODE));
            });
        }

        @Test
        void parse_characterOfTheEnds_isDroppedThereAlone() {
            assertThat(ENDS.chars()).allSatisfy(c -> {
                String end = Character.toString(c);
                assertThat(TypedCode.parse(end + CODE + end + end))
                        .as(Character.getName(c))
                        .isEqualTo(new TypedCode(ONE_TIME_CODE, CODE));
                assertThat(TypedCode.parse("123" + end + "456"))
                        .as(Character.getName(c))
                        .isNull();
            });
        }

        @Test
        void parse_fullStopCommaOrSemicolonOfAnyScript_isDroppedAtTheEnds() {
            // Some characters have the words in their names without being punctuation, such as letters with a comma
            // below.
            assertThat(IntStream.rangeClosed(0, Character.MAX_VALUE)
                            .filter(c -> Character.getType(c) == Character.OTHER_PUNCTUATION)
                            .filter(c ->
                                    String.valueOf(Character.getName(c)).matches(".*\\b(FULL STOP|COMMA|SEMICOLON)")))
                    .hasSizeGreaterThan(40)
                    .allSatisfy(c -> assertThat(TypedCode.parse(CODE + (char) c.intValue()))
                            .as(Character.getName(c))
                            .isNotNull());
        }

        @Test
        void parse_digitOfAnyScript_isThatDigit() {
            for (int zero : ZEROS) {
                StringBuilder typed = new StringBuilder();
                CODE.chars().forEach(c -> typed.appendCodePoint(zero + c - '0'));

                assertThat(TypedCode.parse(typed.toString()))
                        .as(Character.getName(zero))
                        .isEqualTo(new TypedCode(ONE_TIME_CODE, CODE));
            }
        }

        /** A sixth character that counts as a digit is a decimal digit. One that counts as a symbol is that symbol. */
        @Test
        void parse_anyCharacterInACode_isDroppedOrIsOneOfTheAlphabet() {
            IntStream.rangeClosed(0, Character.MAX_CODE_POINT).forEach(c -> {
                TypedCode code = TypedCode.parse("12345" + Character.toString(c));
                boolean digit = Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER;
                if ((code != null) != digit) {
                    throw new AssertionError("U+" + Integer.toHexString(c));
                }
            });
        }
    }

    @Nested
    class Redaction {
        @Test
        void toString_code_showsTheKindAlone() {
            assertThat(TypedCode.parse(CODE)).hasToString("TypedCode[ONE_TIME_CODE]");
            assertThat(TypedCode.parse(BACKUP)).hasToString("TypedCode[BACKUP_CODE]");
            assertThat(TypedCode.parse(TEMPORARY)).hasToString("TypedCode[TEMPORARY_CODE]");
        }
    }

    private static TypedCode parsed(String typed) {
        return Objects.requireNonNull(TypedCode.parse(typed));
    }

    static String fullWidth(String ascii) {
        return ascii.chars()
                .map(c -> c > ' ' && c < 0x7F ? c - '!' + '\uFF01' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
