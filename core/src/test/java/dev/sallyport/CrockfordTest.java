// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.Locale;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CrockfordTest {
    static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /** Gives known bytes. Fails if more of them are asked for. */
    private static final class GivenBytes extends SecureRandom {
        private static final long serialVersionUID = 1;

        private final byte[] given;
        private int taken;

        GivenBytes(byte... given) {
            this.given = given;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            System.arraycopy(given, taken, bytes, 0, bytes.length);
            taken += bytes.length;
        }
    }

    @Nested
    class Draw {
        @ParameterizedTest
        @ValueSource(ints = {Crockford.TEMPORARY_SYMBOLS, Crockford.BACKUP_SYMBOLS})
        void draw_eitherLength_isCanonical(int symbols) {
            String code = Crockford.draw(new SecureRandom(), symbols);

            assertThat(code).hasSize(symbols).matches("[" + ALPHABET + "]+");
            assertThat(Crockford.canonical(code)).isEqualTo(code);
        }

        @Test
        void draw_everyByte_givesEachSymbolEightTimes() {
            int[] times = new int[32];
            for (int b = 0; b < 256; b++) {
                byte[] given = new byte[23];
                given[0] = (byte) b;
                times[ALPHABET.indexOf(Crockford.draw(new GivenBytes(given), 24).charAt(0))]++;
            }

            assertThat(times).containsOnly(8);
        }

        @Test
        void draw_eachByte_decidesOneSymbolAndTheCheckSymbol() {
            byte[] given = new byte[23];
            for (int i = 0; i < given.length; i++) {
                given[i] = (byte) i;
            }

            String code = Crockford.draw(new GivenBytes(given), 24);

            assertThat(code).startsWith("0123456789ABCDEFGHJKMNP");
        }

        @Test
        void draw_moreBytesThanSymbols_takesOneByteForEachRandomSymbol() {
            GivenBytes random = new GivenBytes(new byte[1000]);

            Crockford.draw(random, 24);

            assertThat(random.taken).isEqualTo(23);
        }

        @ParameterizedTest(name = "{0}: {1}")
        @CsvSource({
            // Computed by hand: the sum of v(i) * x^(n - 1 - i) is zero in GF(2)[x] / (x^5 + x^2 + 1).
            "zeros alone, 000000000000000000000000",
            "the last random symbol is 1 and its weight x, 000000000000000000000012",
            "the last random symbol is 16 and x^5 = x^2 + 1, 0000000000000000000000G5",
            "weight x^2, 000000000000000000000104",
            "weight x^4, 00000000000000000001000G",
            "weight x^5, 000000000000000000100005",
        })
        void draw_knownSymbols_endsInTheKnownCheckSymbol(String why, String code) {
            byte[] given = new byte[23];
            for (int i = 0; i < given.length; i++) {
                given[i] = (byte) ALPHABET.indexOf(code.charAt(i));
            }

            assertThat(Crockford.draw(new GivenBytes(given), 24)).isEqualTo(code);
        }
    }

    @Nested
    class InGroups {
        @ParameterizedTest
        @CsvSource({
            "0123456789ABCDEF, 0123-4567-89AB-CDEF",
            "0123456789ABCDEFGHJKMNPQ, 0123-4567-89AB-CDEF-GHJK-MNPQ",
        })
        void inGroups_code_hasAHyphenAfterEachFourSymbols(String code, String groups) {
            assertThat(Crockford.inGroups(code)).isEqualTo(groups);
        }
    }

    @Nested
    class Canonical {
        @ParameterizedTest
        @ValueSource(ints = {0, 1, 8, 15, 17, 23, 25, 32})
        void canonical_otherLength_isNull(int length) {
            // Zeros have a right check symbol at every length.
            assertThat(Crockford.canonical("0".repeat(length))).isNull();
        }

        @ParameterizedTest
        @ValueSource(strings = {"oO0iIlL1", "OOOOOOOO", "llllllll"})
        void canonical_lettersThatLookLikeDigits_areTheDigits(String eight) {
            String symbols = withCheckSymbol(
                    eight.repeat(3).substring(0, 23).replaceAll("[oO]", "0").replaceAll("[iIlL]", "1"));

            assertThat(Crockford.canonical(eight.repeat(3).substring(0, 23) + symbols.charAt(23)))
                    .isEqualTo(symbols);
        }

        @ParameterizedTest
        @ValueSource(
                chars = {
                    'U', 'u', '-', ' ', '!', '/', ':', '@', '[', '`', '{', '\0', '\u0130', '\u0131', '\u017F', '\u212A',
                    '\u0660', '\uFF10', '\uFF21', '\uD800'
                })
        void canonical_characterThatIsNoSymbol_isNull(char c) {
            for (int i = 0; i < 16; i++) {
                StringBuilder code = new StringBuilder("0".repeat(16));
                code.setCharAt(i, c);

                assertThat(Crockford.canonical(code)).isNull();
            }
        }

        @Test
        void canonical_lowerCase_isUpperCase() {
            String code = withCheckSymbol("ABCDEFGHJKMNPQRSTVWXYZ2");

            assertThat(Crockford.canonical(code.toLowerCase(Locale.ROOT))).isEqualTo(code);
        }
    }

    @Nested
    class CheckSymbol {
        @ParameterizedTest
        @ValueSource(ints = {Crockford.TEMPORARY_SYMBOLS, Crockford.BACKUP_SYMBOLS})
        void check_everyWrongSymbol_isFound(int symbols) {
            for (String code : new String[] {"0".repeat(symbols), Crockford.draw(new SecureRandom(), symbols)}) {
                int valid = 0;
                for (int i = 0; i < symbols; i++) {
                    for (int wrong = 0; wrong < 32; wrong++) {
                        StringBuilder changed = new StringBuilder(code);
                        changed.setCharAt(i, ALPHABET.charAt(wrong));
                        valid += Crockford.canonical(changed) == null ? 0 : 1;
                    }
                }
                // At each position the one symbol that was there already.
                assertThat(valid).isEqualTo(symbols);
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {Crockford.TEMPORARY_SYMBOLS, Crockford.BACKUP_SYMBOLS})
        void check_everySwapOfTwoDifferentSymbols_isFound(int symbols) {
            for (int i = 0; i < symbols - 1; i++) {
                for (int j = i + 1; j < symbols; j++) {
                    for (int pair = 0; pair < 32 * 32; pair++) {
                        String code = validWith(symbols, i, pair / 32, j, pair % 32);
                        boolean different = code.charAt(i) != code.charAt(j);

                        boolean found = Crockford.canonical(swapped(code, i, j)) == null;

                        if (found != different) {
                            throw new AssertionError("swap of " + i + " and " + j + " in " + code);
                        }
                    }
                }
            }
        }
    }

    static String withCheckSymbol(String symbols) {
        return ALPHABET.chars()
                .mapToObj(last -> symbols + (char) last)
                .filter(code -> Crockford.canonical(code) != null)
                .findFirst()
                .orElseThrow();
    }

    /** A valid code of zeros, except for two symbols that are given and one that makes up for them. */
    private static String validWith(int symbols, int i, int atI, int j, int atJ) {
        int free = 0;
        while (free == i || free == j) {
            free++;
        }
        StringBuilder code = new StringBuilder("0".repeat(symbols));
        code.setCharAt(i, ALPHABET.charAt(atI));
        code.setCharAt(j, ALPHABET.charAt(atJ));
        for (int value = 0; value < 32; value++) {
            code.setCharAt(free, ALPHABET.charAt(value));
            if (Crockford.canonical(code) != null) {
                return code.toString();
            }
        }
        throw new AssertionError("no symbol makes up for the others");
    }

    static String swapped(String code, int i, int j) {
        StringBuilder swapped = new StringBuilder(code);
        swapped.setCharAt(i, code.charAt(j));
        swapped.setCharAt(j, code.charAt(i));
        return swapped.toString();
    }
}
