// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PercentEncodingTest {
    /** RFC 3986 section 2.3. */
    private static final String UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    @Test
    void encode_eachAsciiCharacter_keepsTheUnreservedOnesAlone() {
        for (char c = 0; c < 128; c++) {
            String encoded =
                    UNRESERVED.indexOf(c) >= 0 ? String.valueOf(c) : String.format(Locale.ROOT, "%%%02X", (int) c);

            assertThat(PercentEncoding.encode("a" + c)).isEqualTo("a" + encoded);
        }
    }

    @Property
    void decode_ofAnyEncodedText_isThatText(@ForAll String text) {
        Assume.that(!Characters.hasUnpairedSurrogate(text));

        assertThat(PercentEncoding.decode(PercentEncoding.encode(text))).isEqualTo(text);
    }

    @Property
    void decode_ofAnyTextWithoutAPercentSign_isThatText(@ForAll String text) {
        Assume.that(!Characters.hasUnpairedSurrogate(text));
        String plain = text.replace("%", "");

        assertThat(PercentEncoding.decode(plain)).isEqualTo(plain);
    }
}
