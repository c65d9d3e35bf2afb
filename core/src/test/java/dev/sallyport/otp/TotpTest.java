// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static java.time.ZoneOffset.UTC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TotpTest {
    private static final SharedSecret SECRET = RfcSecrets.BYTES_20;
    private static final Window ONE_STEP = new Window(1, 1);

    private final Totp totp = Totp.of(TotpParameters.DEFAULT);

    private static Totp totp(HmacAlgorithm algorithm, int digits, long periodSeconds, Instant t0) {
        return Totp.of(new TotpParameters(algorithm, digits, Duration.ofSeconds(periodSeconds), t0));
    }

    @Nested
    class Generate {
        @ParameterizedTest
        @CsvFileSource(resources = "rfc6238-appendix-b.txt", delimiter = '|')
        @DisplayName("RFC 6238 Appendix B, with erratum 2866")
        void generate_appendixB_givesItsCodes(
                long seconds, String utc, String stepHex, String code, HmacAlgorithm algorithm) {
            Instant at = LocalDateTime.parse(utc.replace(' ', 'T')).toInstant(UTC);
            assertThat(at.getEpochSecond()).isEqualTo(seconds);
            Totp eightDigits = totp(algorithm, 8, 30, Instant.EPOCH);

            assertThat(eightDigits.step(at)).isEqualTo(Long.parseLong(stepHex, 16));
            assertThat(eightDigits.generate(RfcSecrets.asLongAs(algorithm), at)).isEqualTo(code);
        }

        @ParameterizedTest
        @CsvSource({"2147483648, 197202", "4294967296, 999456"})
        @DisplayName("RFC 6238 section 4.2: \"MUST support a time value T larger than a 32-bit integer\"")
        void generate_stepBeyond32Bits_isNotCutOff(long step, String code) {
            assertThat(totp.generate(SECRET, Instant.ofEpochSecond(30 * step))).isEqualTo(code);
        }

        @Test
        void generate_withinOneStep_isTheSame() {
            Instant start = Instant.parse("2009-02-13T23:31:30Z");

            assertThat(totp.generate(SECRET, start))
                    .isEqualTo(totp.generate(SECRET, start.plusSeconds(30).minusNanos(1)))
                    .isNotEqualTo(totp.generate(SECRET, start.plusSeconds(30)))
                    .isNotEqualTo(totp.generate(SECRET, start.minusNanos(1)));
        }

        @Test
        void generate_laterT0_countsFromThere() {
            Instant t0 = Instant.parse("2026-11-01T00:00:00Z");

            assertThat(totp(HmacAlgorithm.SHA1, 6, 30, t0).generate(SECRET, t0.plusSeconds(60)))
                    .isEqualTo(Hotp.of(HmacAlgorithm.SHA1, 6).generate(SECRET, 2));
        }

        @Test
        void generate_farthestInstants_isDefined() {
            assertThat(totp.generate(SECRET, Instant.MIN)).hasSize(6);
            assertThat(totp.generate(SECRET, Instant.MAX)).hasSize(6);
        }

        @Test
        void generate_destroyedSecret_isRefused() {
            SharedSecret secret = SharedSecret.generate();
            secret.destroy();

            assertThatIllegalStateException().isThrownBy(() -> totp.generate(secret, Instant.EPOCH));
        }
    }

    @Nested
    class Match {
        private static final long STEP = 41_152_263;
        private static final Instant NOW = Instant.parse("2009-02-13T23:31:30Z");

        private String codeOf(long step) {
            return totp.generate(SECRET, totp.stepStart(step));
        }

        @Test
        void match_codeOfThePresentStep_isFound() {
            assertThat(totp.match(SECRET, codeOf(STEP), NOW, new Window(0, 0), Totp.NO_STEP))
                    .hasValue(STEP);
        }

        @Test
        @DisplayName("RFC 6238 section 5.2: \"at most one time step is allowed as the network delay\"")
        void match_codeOfTheStepBefore_isFound() {
            assertThat(totp.match(SECRET, codeOf(STEP - 1), NOW, ONE_STEP, Totp.NO_STEP))
                    .hasValue(STEP - 1);
        }

        @Test
        void match_codeOfTheStepAfter_isFound() {
            assertThat(totp.match(SECRET, codeOf(STEP + 1), NOW, ONE_STEP, Totp.NO_STEP))
                    .hasValue(STEP + 1);
        }

        @Test
        void match_codeOutsideTheWindow_isNotFound() {
            assertThat(totp.match(SECRET, codeOf(STEP - 2), NOW, ONE_STEP, Totp.NO_STEP))
                    .isEmpty();
            assertThat(totp.match(SECRET, codeOf(STEP + 2), NOW, ONE_STEP, Totp.NO_STEP))
                    .isEmpty();
        }

        @Test
        void match_windowToOneSide_doesNotReachToTheOther() {
            assertThat(totp.match(SECRET, codeOf(STEP + 1), NOW, new Window(1, 0), Totp.NO_STEP))
                    .isEmpty();
            assertThat(totp.match(SECRET, codeOf(STEP - 1), NOW, new Window(0, 1), Totp.NO_STEP))
                    .isEmpty();
        }

        @Test
        @DisplayName("[14] RFC 6238 section 5.2: \"The verifier MUST NOT accept the second attempt of the OTP\""
                + " (java-totp #63, GoogleAuth, otp-java)")
        void match_stepThatWasUsed_isNotFound() {
            assertThat(totp.match(SECRET, codeOf(STEP), NOW, ONE_STEP, STEP)).isEmpty();
        }

        @Test
        @DisplayName("[14] java-totp #63, GoogleAuth, otp-java: nor a step before the one that was used")
        void match_stepBeforeTheUsedOne_isNotFound() {
            assertThat(totp.match(SECRET, codeOf(STEP - 1), NOW, ONE_STEP, STEP))
                    .isEmpty();
        }

        @Test
        void match_stepAfterTheUsedOne_isFound() {
            assertThat(totp.match(SECRET, codeOf(STEP + 1), NOW, ONE_STEP, STEP))
                    .hasValue(STEP + 1);
        }

        @ParameterizedTest
        @ValueSource(longs = {STEP + 1, STEP + 2, Long.MAX_VALUE})
        @DisplayName("[51] otplib: a clock that is behind the last used step: nothing is found, nothing is thrown")
        void match_clockBehindTheUsedStep_isNotFound(long afterStep) {
            assertThat(totp.match(SECRET, codeOf(STEP + 1), NOW, ONE_STEP, afterStep))
                    .isEmpty();
        }

        @ParameterizedTest
        @CsvSource({"153567, 153569, 468457", "679858, 679860, 038755"})
        @DisplayName("[58] Found by attacking our own design: "
                + "of two steps of one window with the same code the higher one")
        void match_twoStepsWithOneCode_findsTheHigher(long lower, long higher, String code) {
            assertThat(codeOf(lower)).isEqualTo(codeOf(higher)).isEqualTo(code);
            Instant between = totp.stepStart(lower + 1);

            assertThat(totp.match(SECRET, code, between, ONE_STEP, Totp.NO_STEP))
                    .hasValue(higher);
            assertThat(totp.match(SECRET, code, between, ONE_STEP, lower)).hasValue(higher);
            assertThat(totp.match(SECRET, code, between, ONE_STEP, higher)).isEmpty();
            assertThat(totp.match(SECRET, code, between, new Window(1, 0), Totp.NO_STEP))
                    .hasValue(lower);
        }

        static Stream<String> malformed() {
            return MalformedCodes.derivedFrom("005924");
        }

        @ParameterizedTest
        @MethodSource("malformed")
        @DisplayName("[47] int(token), TryParse, Integer.parseInt: "
                + "whatever is not six ASCII digits matches nothing and throws nothing")
        void match_malformed_isNotFound(String typed) {
            assertThat(totp.match(SECRET, "005924", NOW, ONE_STEP, Totp.NO_STEP))
                    .as("the one that they are derived from")
                    .hasValue(STEP);

            assertThat(totp.match(SECRET, typed, NOW, ONE_STEP, Totp.NO_STEP)).isEmpty();
        }

        @Test
        @DisplayName("[48] GoogleAuth: the code 000000 is a code like any other")
        void match_codeOfZeros_isFound() {
            assertThat(totp.match(SECRET, "000000", totp.stepStart(349_495), ONE_STEP, Totp.NO_STEP))
                    .hasValue(349_495);
        }

        @Test
        void match_shorterThanTheCodeOfMoreDigits_isNotFound() {
            Totp eightDigits = totp(HmacAlgorithm.SHA1, 8, 30, Instant.EPOCH);

            assertThat(eightDigits.match(SECRET, "89005924", NOW, ONE_STEP, Totp.NO_STEP))
                    .hasValue(STEP);
            assertThat(eightDigits.match(SECRET, "005924", NOW, ONE_STEP, Totp.NO_STEP))
                    .isEmpty();
        }

        @ParameterizedTest
        @ValueSource(longs = {-1, 0, 1})
        void match_aroundTheEpoch_findsStepsOfEitherSign(long step) {
            assertThat(totp.match(SECRET, codeOf(step), Instant.EPOCH, ONE_STEP, Totp.NO_STEP))
                    .hasValue(step);
            assertThat(totp.match(SECRET, codeOf(step), Instant.EPOCH, ONE_STEP, step))
                    .isEmpty();
        }

        @ParameterizedTest
        @MethodSource("farthestInstants")
        void match_farthestInstants_isFound(Instant at) {
            String code = totp.generate(SECRET, at);

            assertThat(totp.match(SECRET, code, at, new Window(100, 100), Totp.NO_STEP))
                    .hasValue(totp.step(at));
            assertThat(totp.match(SECRET, code, at, new Window(100, 100), Long.MAX_VALUE))
                    .isEmpty();
        }

        static Stream<Instant> farthestInstants() {
            return Stream.of(Instant.MIN, Instant.MAX);
        }

        @Test
        @SuppressWarnings("NullAway")
        void match_null_isRefused() {
            assertThatNullPointerException().isThrownBy(() -> totp.match(SECRET, null, NOW, ONE_STEP, Totp.NO_STEP));
            assertThatNullPointerException().isThrownBy(() -> totp.match(null, "005924", NOW, ONE_STEP, Totp.NO_STEP));
            assertThatNullPointerException()
                    .isThrownBy(() -> totp.match(SECRET, "005924", null, ONE_STEP, Totp.NO_STEP));
            assertThatNullPointerException().isThrownBy(() -> totp.match(SECRET, "005924", NOW, null, Totp.NO_STEP));
        }
    }

    @Nested
    class Step {
        @ParameterizedTest
        @CsvSource({
            "1970-01-01T00:00:00Z,            0",
            "1970-01-01T00:00:29.999999999Z,  0",
            "1970-01-01T00:00:30Z,            1",
            "1970-01-01T00:00:59Z,            1",
            "1970-01-01T00:01:00Z,            2",
            "1969-12-31T23:59:59.999999999Z, -1",
            "1969-12-31T23:59:30Z,           -1",
            "1969-12-31T23:59:29.999999999Z, -2"
        })
        @DisplayName("RFC 6238 section 4.2: \"the default floor function is used\", before T0 too")
        void step_anyTime_isRoundedDown(Instant at, long step) {
            assertThat(totp.step(at)).isEqualTo(step);
        }
    }

    @Nested
    class StepStart {
        @ParameterizedTest
        @CsvSource({"41152263, 2009-02-13T23:31:30Z", "0,        1970-01-01T00:00:00Z", "-1,       1969-12-31T23:59:30Z"
        })
        void stepStart_anyStep_isItsFirstInstant(long step, Instant start) {
            assertThat(totp.stepStart(step)).isEqualTo(start);
            assertThat(totp.step(start)).isEqualTo(step);
            assertThat(totp.step(start.minusNanos(1))).isEqualTo(step - 1);
        }

        static Stream<Totp> extremes() {
            return Stream.of(Instant.MIN, Instant.EPOCH, Instant.MAX.minusNanos(999_999_999))
                    .flatMap(t0 -> Stream.of(1L, 7L, 30L, (long) Integer.MAX_VALUE)
                            .map(period -> totp(HmacAlgorithm.SHA1, 6, period, t0)));
        }

        @ParameterizedTest
        @MethodSource("extremes")
        void stepStart_ofTheFarthestSteps_isInThem(Totp extreme) {
            long first = extreme.step(Instant.MIN);
            long last = extreme.step(Instant.MAX);

            assertThat(extreme.stepStart(first)).isEqualTo(Instant.MIN);
            assertThat(extreme.step(extreme.stepStart(first + 1))).isEqualTo(first + 1);
            assertThat(extreme.step(extreme.stepStart(last))).isEqualTo(last);
        }

        @ParameterizedTest
        @MethodSource("extremes")
        void stepStart_stepWithoutAnInstant_isRefused(Totp extreme) {
            Stream.of(Long.MIN_VALUE, extreme.step(Instant.MIN) - 1, extreme.step(Instant.MAX) + 1, Long.MAX_VALUE)
                    .forEach(step -> assertThatIllegalArgumentException().isThrownBy(() -> extreme.stepStart(step)));
        }
    }
}
