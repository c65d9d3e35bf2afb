// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.apache.commons.codec.binary.Base32;
import org.junit.jupiter.api.Test;

class CrockfordTest {
    private static final String RFC_4648 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final String CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    @Test
    void encode_numbersFrom0To31InFiveBitsEach_givesTheWholeAlphabetInItsOrder() {
        byte[] numbers = HexFormat.of().parseHex("00443214C74254B635CF84653A56D7C675BE77DF");

        assertThat(Crockford.encode(numbers)).isEqualTo(CROCKFORD);
    }

    @Test
    void encode_eachSingleBit_givesWhatAnotherEncoderGivesInItsOwnAlphabet() {
        for (int bit = 0; bit < 8 * Crockford.CODE_BYTES; bit++) {
            byte[] code = new byte[Crockford.CODE_BYTES];
            code[bit / 8] = (byte) (0x80 >> bit % 8);

            assertThat(Crockford.encode(code)).isEqualTo(inCrockfordsAlphabet(new Base32().encodeToString(code)));
        }
    }

    private static String inCrockfordsAlphabet(String base32) {
        StringBuilder symbols = new StringBuilder();
        base32.chars().forEach(symbol -> symbols.append(CROCKFORD.charAt(RFC_4648.indexOf(symbol))));
        return symbols.toString();
    }
}
