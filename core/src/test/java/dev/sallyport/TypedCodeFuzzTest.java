// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sallyport.otp.FuzzedText;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** What people type, read by a second, slower set of rules that knows nothing of the first. */
class TypedCodeFuzzTest {
    private static final String DROPPED_EVERYWHERE = "[\\p{IsWhite_Space}\\p{Cf}\\p{Pd}\u2212\u00B7]";
    private static final String SYMBOLS = "[0-9A-TV-Z]";

    static Stream<byte[]> codes() {
        return Stream.of(
                        TypedCodeTest.CODE,
                        " 123\u00A0456\r\n",
                        Crockford.inGroups(TypedCodeTest.BACKUP),
                        " 3. " + Crockford.inGroups(TypedCodeTest.BACKUP),
                        TypedCodeTest.fullWidth(TypedCodeTest.BACKUP) + "\u3002",
                        Crockford.inGroups(TypedCodeTest.TEMPORARY))
                .map(code -> code.getBytes(UTF_8));
    }

    @MethodSource("codes")
    @FuzzTest
    void parse_anyText_isACodeOnlyIfItsSymbolsAre(byte[] input) {
        String typed = FuzzedText.of(input);

        TypedCode code = TypedCode.parse(typed);

        TypedCodeLawsTest.assertCanonicalOrMalformed(code);
        String symbols = symbolsOf(typed);
        if (code != null) {
            assertThat(typed.length()).isLessThanOrEqualTo(128);
            assertThat(code.canonical())
                    .isEqualTo(symbols.substring(
                            symbols.length() - code.canonical().length()));
            assertThat(TypedCode.parse(code.canonical())).isEqualTo(code);
            // Only the number of a line may be in front of it.
            assertThat(symbols.substring(0, symbols.length() - code.canonical().length()))
                    .matches("([1-9][0-9]?)?");
        } else if (typed.length() <= 128 && typed.matches(SYMBOLS + "*")) {
            assertThat(typed.matches("[0-9]{6,8}")).isFalse();
            assertThat(Crockford.canonical(typed)).isNull();
        }
    }

    /** All that is a letter or digit, as Crockford's Base32 reads it. */
    private static String symbolsOf(String typed) {
        StringBuilder symbols = new StringBuilder();
        typed.replaceAll(DROPPED_EVERYWHERE, "").codePoints().forEach(c -> {
            int value = Character.digit(c, 36);
            if (value >= 0) {
                symbols.append(Character.toUpperCase(Character.forDigit(value, 36)));
            }
        });
        boolean digitsOnly = symbols.chars().allMatch(Character::isDigit);
        return digitsOnly
                ? symbols.toString()
                : symbols.toString().replace('O', '0').replaceAll("[IL]", "1");
    }
}
