// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.CrockfordTest.ALPHABET;
import static dev.sallyport.CrockfordTest.swapped;
import static dev.sallyport.CrockfordTest.withCheckSymbol;
import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class CrockfordLawsTest {
    @Property
    @Label("A wrong symbol makes every code invalid")
    void canonical_wrongSymbol_isNull(
            @ForAll("codes") String code,
            @ForAll @IntRange(max = 23) int position,
            @ForAll @IntRange(max = 31) int symbol) {
        StringBuilder changed = new StringBuilder(code);
        changed.setCharAt(position % code.length(), ALPHABET.charAt(symbol));
        boolean same = changed.toString().equals(code);

        assertThat(Crockford.canonical(changed)).isEqualTo(same ? code : null);
    }

    @Property
    @Label("A swap of two different neighbors makes every code invalid")
    void canonical_swapOfNeighbors_isNull(@ForAll("codes") String code, @ForAll @IntRange(max = 22) int position) {
        int i = position % (code.length() - 1);
        String changed = swapped(code, i, i + 1);

        assertThat(Crockford.canonical(changed)).isEqualTo(changed.equals(code) ? code : null);
    }

    @Property
    @Label("Exactly one of 32 check symbols is right")
    void canonical_otherCheckSymbol_isNull(@ForAll("codes") String code) {
        int last = code.length() - 1;

        assertThat(ALPHABET.chars().filter(c -> Crockford.canonical(code.substring(0, last) + (char) c) != null))
                .containsExactly((int) code.charAt(last));
    }

    @Property
    @Label("Every code is its own canonical form")
    void canonical_code_isTheCode(@ForAll("codes") String code) {
        assertThat(Crockford.canonical(code)).isEqualTo(code);
        assertThat(withCheckSymbol(code.substring(0, code.length() - 1))).isEqualTo(code);
    }

    @Provide
    static Arbitrary<String> codes() {
        return Arbitraries.of(Crockford.TEMPORARY_SYMBOLS, Crockford.BACKUP_SYMBOLS)
                .flatMap(symbols -> Arbitraries.strings()
                        .withChars(ALPHABET)
                        .ofLength(symbols - 1)
                        .map(CrockfordTest::withCheckSymbol));
    }
}
