// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HotpTest {
    private static final SharedSecret SECRET = RfcSecrets.BYTES_20;

    private final Hotp hotp = Hotp.of(HmacAlgorithm.SHA1, 6);

    @Nested
    class Of {
        @ParameterizedTest
        @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 5, 9, Integer.MAX_VALUE})
        @DisplayName("RFC 4226 section 5.3: \"Implementations MUST extract a 6-digit code at a minimum\"")
        void of_digitsOutOfRange_isRefused(int digits) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Hotp.of(HmacAlgorithm.SHA1, digits))
                    .withMessage("a one-time code has 6 to 8 digits");
        }

        @Test
        @SuppressWarnings("NullAway")
        void of_null_isRefused() {
            assertThatNullPointerException().isThrownBy(() -> Hotp.of(null, 6));
        }
    }

    @Nested
    class Generate {
        @ParameterizedTest
        @CsvFileSource(resources = "rfc4226-appendix-d.txt", delimiter = '|')
        @DisplayName("RFC 4226 Appendix D")
        void generate_appendixD_givesItsCodes(
                long count, String hmac, String truncatedHex, int truncated, String code) {
            assertThat(hotp.generate(SECRET, count)).isEqualTo(code);
        }

        @ParameterizedTest
        @CsvSource({"0, 84755224, 4755224", "7, 82162583, 2162583"})
        void generate_moreDigits_keepsTheLastOnesOfTheTruncatedValue(long count, String eight, String seven) {
            assertThat(Hotp.of(HmacAlgorithm.SHA1, 8).generate(SECRET, count)).isEqualTo(eight);
            assertThat(Hotp.of(HmacAlgorithm.SHA1, 7).generate(SECRET, count)).isEqualTo(seven);
        }

        @ParameterizedTest
        @CsvSource({"2147483648, 197202", "4294967296, 999456"})
        @DisplayName("RFC 6238 section 4.2: \"larger than a 32-bit integer\"")
        void generate_counterBeyond32Bits_isNotCutOff(long counter, String code) {
            assertThat(hotp.generate(SECRET, counter)).isEqualTo(code);
        }

        @Test
        @DisplayName("[48] GoogleAuth, pterodactyl #2163: counter 349495 is 000000")
        void generate_codeOfZeros_hasAllOfThem() {
            assertThat(hotp.generate(SECRET, 349495)).isEqualTo("000000");
        }

        @Test
        void generate_largestCounter_isAllowed() {
            assertThat(hotp.generate(SECRET, Long.MAX_VALUE)).hasSize(6);
        }

        @ParameterizedTest
        @ValueSource(longs = {-1, Long.MIN_VALUE})
        void generate_negativeCounter_isRefused(long counter) {
            assertThatIllegalArgumentException().isThrownBy(() -> hotp.generate(SECRET, counter));
        }

        @Test
        void generate_destroyedSecret_isRefused() {
            SharedSecret secret = SharedSecret.generate();
            secret.destroy();

            assertThatIllegalStateException().isThrownBy(() -> hotp.generate(secret, 0));
        }
    }

    @Nested
    class Match {
        @ParameterizedTest
        @CsvFileSource(resources = "rfc4226-appendix-d.txt", delimiter = '|')
        @DisplayName("RFC 4226 Appendix D")
        void match_appendixD_isFoundAtItsCounter(
                long count, String hmac, String truncatedHex, int truncated, String code) {
            assertThat(hotp.match(SECRET, code, count, 0)).hasValue(count);
        }

        @Test
        void match_codeOfTheFirstCounter_isFound() {
            assertThat(hotp.match(SECRET, hotp.generate(SECRET, 3), 3, 5)).hasValue(3);
        }

        @Test
        void match_codeAtTheEndOfTheLookAhead_isFound() {
            assertThat(hotp.match(SECRET, hotp.generate(SECRET, 8), 3, 5)).hasValue(8);
        }

        @Test
        void match_codeBeyondTheLookAhead_isNotFound() {
            assertThat(hotp.match(SECRET, hotp.generate(SECRET, 9), 3, 5)).isEmpty();
        }

        @Test
        @DisplayName("[15] RFC 4226 section 7.2: a counter before the expected one has been used, and does not match"
                + " (otp-java)")
        void match_codeOfTheCounterBefore_isNotFound() {
            assertThat(hotp.match(SECRET, hotp.generate(SECRET, 2), 3, 5)).isEmpty();
        }

        @Test
        @DisplayName("[15] otp-java: counter 0 with a look-ahead")
        void match_counterZeroWithLookAhead_isFound() {
            assertThat(hotp.match(SECRET, "755224", 0, 100)).hasValue(0);
        }

        @Test
        @DisplayName("[48] GoogleAuth: the code 000000 is a code like any other")
        void match_codeOfZeros_isFound() {
            assertThat(hotp.match(SECRET, "000000", 349_490, 5)).hasValue(349_495);
        }

        @ParameterizedTest
        @CsvSource({"153567, 153569, 468457", "679858, 679860, 038755"})
        @DisplayName("[58] Found by attacking our own design: "
                + "of two counters of one window with the same code the higher one")
        void match_twoCountersWithOneCode_findsTheHigher(long lower, long higher, String code) {
            assertThat(hotp.generate(SECRET, lower))
                    .isEqualTo(hotp.generate(SECRET, higher))
                    .isEqualTo(code);

            assertThat(hotp.match(SECRET, code, lower, 2)).hasValue(higher);
            assertThat(hotp.match(SECRET, code, lower, 1)).hasValue(lower);
            assertThat(hotp.match(SECRET, code, higher + 1, 2)).isEmpty();
        }

        static Stream<String> malformed() {
            return MalformedCodes.derivedFrom("755224");
        }

        @ParameterizedTest
        @MethodSource("malformed")
        @DisplayName("[47] int(token), TryParse, Integer.parseInt: "
                + "whatever is not six ASCII digits matches nothing and throws nothing")
        void match_malformed_isNotFound(String typed) {
            assertThat(hotp.match(SECRET, typed, 0, 5)).isEmpty();
        }

        static Stream<String> malformedZeros() {
            return MalformedCodes.derivedFrom("000000");
        }

        @ParameterizedTest
        @MethodSource("malformedZeros")
        @DisplayName("[47] int(token), TryParse, Integer.parseInt: nor does it match where the right code is 000000")
        void match_malformedWhereTheCodeIsZeros_isNotFound(String typed) {
            assertThat(hotp.match(SECRET, typed, 349_495, 0)).isEmpty();
        }

        @Test
        void match_largestCounter_isFound() {
            String code = hotp.generate(SECRET, Long.MAX_VALUE);

            assertThat(hotp.match(SECRET, code, Long.MAX_VALUE, 0)).hasValue(Long.MAX_VALUE);
            assertThat(hotp.match(SECRET, code, Long.MAX_VALUE - 100, 100)).hasValue(Long.MAX_VALUE);
        }

        @ParameterizedTest
        @CsvSource({"-1, 5", "0, -1", "0, 101", "9223372036854775807, 1", "9223372036854775708, 100"})
        void match_fromOrLookAheadOutOfRange_isRefused(long from, int lookAhead) {
            assertThatIllegalArgumentException().isThrownBy(() -> hotp.match(SECRET, "755224", from, lookAhead));
        }

        @Test
        @SuppressWarnings("NullAway")
        void match_null_isRefused() {
            assertThatNullPointerException().isThrownBy(() -> hotp.match(SECRET, null, 0, 0));
            assertThatNullPointerException().isThrownBy(() -> hotp.match(null, "755224", 0, 0));
        }
    }
}
