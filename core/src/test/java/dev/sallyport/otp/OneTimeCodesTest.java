// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;

class OneTimeCodesTest {
    private static final HexFormat HEX = HexFormat.of();

    @Nested
    class Truncate {
        @ParameterizedTest
        @CsvFileSource(resources = "rfc4226-appendix-d.txt", delimiter = '|')
        @DisplayName("RFC 4226 Appendix D: the intermediate values, HMAC and truncated")
        void truncate_appendixD_givesTheIntermediateValues(
                long count, String hmac, String truncatedHex, int truncated, String code) {
            byte[] text = ByteBuffer.allocate(8).putLong(count).array();

            byte[] hs = new OneTimeCodes(HmacAlgorithm.SHA1, 6)
                    .keyedWith(RfcSecrets.BYTES_20)
                    .doFinal(text);

            assertThat(HEX.formatHex(hs)).isEqualTo(hmac);
            assertThat(OneTimeCodes.truncate(hs)).isEqualTo(truncated).isEqualTo(HexFormat.fromHexDigits(truncatedHex));
            assertThat(Integer.toString(truncated)).endsWith(code);
        }

        @Test
        @DisplayName("RFC 4226 section 5.4: \"0x50ef7f19, which is the dynamic binary code DBC1\"")
        void truncate_exampleOfSection54_givesItsValue() {
            byte[] hs = HEX.parseHex("1f8698690e02ca16618550ef7f19da8e945b555a");

            assertThat(OneTimeCodes.truncate(hs)).isEqualTo(0x50ef7f19).isEqualTo(1357872921);
        }

        @ParameterizedTest
        @CsvSource({"20", "32", "64"})
        @DisplayName("RFC 6238 section 1.2: the offset is in the last byte, however long the hash")
        void truncate_hashOfAnyLength_takesTheOffsetFromTheLastByte(int length) {
            byte[] hs = new byte[length];
            hs[length - 1] = (byte) 0xF7;
            // A wrong mask would change the highest bit.
            System.arraycopy(HEX.parseHex("fedcba98"), 0, hs, 7, 4);

            assertThat(OneTimeCodes.truncate(hs)).isEqualTo(0x7edcba98);
        }
    }
}
