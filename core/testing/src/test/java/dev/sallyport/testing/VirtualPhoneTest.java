// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class VirtualPhoneTest {
    /** The secret of RFC 4226 appendix D and RFC 6238 appendix B: the ASCII of 12345678901234567890. */
    private static final String RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    /** An instant at which an app with that secret shows 000000. */
    private static final Instant OF_ZEROS = Instant.ofEpochSecond(349_495L * 30);

    private static final Duration STEP = Duration.ofSeconds(30);

    private final SteppedClock clock = new SteppedClock();

    private VirtualPhone app() {
        return VirtualPhone.typed(RFC_SECRET, clock);
    }

    private VirtualPhone token(long counter) {
        return scan("hotp/alice?secret=" + RFC_SECRET + "&counter=" + counter);
    }

    private VirtualPhone scan(String keyUri) {
        return VirtualPhone.scan(KeyUri.parse("otpauth://" + keyUri), clock);
    }

    @Nested
    class Scan {
        @Test
        @DisplayName("RFC 6238 appendix B: 8 digits, SHA1, at 1111111109")
        void code_ofTheRfcsSecret_isThatOfTheRfc() {
            clock.set(Instant.ofEpochSecond(1111111109));

            assertThat(scan("totp/alice?digits=8&secret=" + RFC_SECRET).code()).isEqualTo("07081804");
            assertThat(app().code()).isEqualTo("081804");
        }

        @ParameterizedTest
        @EnumSource
        void code_ofAnyAlgorithmDigitsAndPeriod_isThatOfTheCore(HmacAlgorithm algorithm) {
            TotpParameters parameters = new TotpParameters(algorithm, 7, Duration.ofSeconds(45), Instant.EPOCH);
            SharedSecret secret = SharedSecret.generate(algorithm);
            VirtualPhone phone = VirtualPhone.scan(KeyUri.totp("Acme", "alice", secret, parameters), clock);

            assertThat(phone.code()).isEqualTo(Totp.of(parameters).generate(secret, clock.instant()));
        }

        @Test
        void code_afterTheServerHasDestroyedItsSecret_isStillShown() {
            KeyUri keyUri = KeyUri.parse("otpauth://totp/alice?secret=" + RFC_SECRET);
            VirtualPhone phone = VirtualPhone.scan(keyUri, clock);
            keyUri.secret().destroy();

            assertThat(phone.code()).isEqualTo(app().code());
        }

        @ParameterizedTest
        @ValueSource(strings = {"GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ", "gezdgnbvgy3tqojqgezdgnbvgy3tqojq"})
        void typed_asPeopleType_isTheSamePhone(String secret) {
            assertThat(VirtualPhone.typed(secret, clock).code()).isEqualTo(app().code());
        }

        @Test
        void typed_noSecret_isRefused() {
            assertThatThrownBy(() -> VirtualPhone.typed("1", clock)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class Code {
        @Test
        void code_first_movesNoClock() {
            Instant before = clock.instant();
            app().code();

            assertThat(clock.instant()).isEqualTo(before);
        }

        @Test
        void code_again_waitsForTheFirstInstantOfTheNextStep() {
            VirtualPhone phone = app();
            clock.advance(Duration.ofSeconds(7));
            phone.code();
            String next = phone.code();

            assertThat(clock.instant()).isEqualTo(Instant.parse("2026-11-02T09:00:30Z"));
            assertThat(next).isEqualTo(phone.codeAt(clock.instant()));
        }

        @Test
        void code_afterTheTestHasMovedTheClock_doesNotWait() {
            VirtualPhone phone = app();
            phone.code();
            clock.advance(STEP);
            Instant later = clock.instant();
            phone.code();

            assertThat(clock.instant()).isEqualTo(later);
        }

        @Test
        void code_afterTheTestHasSetTheClockBack_isNotRepeated() {
            VirtualPhone phone = app();
            Set<String> codes = new HashSet<>(List.of(phone.code(), phone.code()));
            clock.set(Instant.parse("2026-11-02T09:00:00Z"));

            assertThat(codes.add(phone.code())).isTrue();
            assertThat(clock.instant()).isEqualTo(Instant.parse("2026-11-02T09:01:00Z"));
        }

        @Test
        @DisplayName(
                "Two steps of a window can share a code: the RFC's secret has 468457 at the steps 153567 and 153569")
        void code_thatHasTheDigitsOfOneBefore_isLeftOut() {
            clock.set(Instant.ofEpochSecond(153567L * 30));
            VirtualPhone phone = app();
            assertThat(phone.code()).isEqualTo("468457");
            phone.code();
            assertThat(phone.codeAt(clock.instant().plus(STEP))).isEqualTo("468457");

            assertThat(phone.code()).isNotEqualTo("468457");
            assertThat(clock.instant()).isEqualTo(Instant.ofEpochSecond(153570L * 30));
        }

        @Test
        void code_ofAnotherPhoneWithTheSameSecret_isTheSame() {
            assertThat(app().code()).isEqualTo(app().code());
        }

        @Test
        void codeAt_anyInstant_movesNothingAndCountsForNothing() {
            VirtualPhone phone = app();
            Instant now = clock.instant();
            String shown = phone.codeAt(now);
            String before = phone.codeAt(now.minus(STEP));

            assertThat(clock.instant()).isEqualTo(now);
            assertThat(phone.code()).isEqualTo(shown).isNotEqualTo(before);
            clock.advance(STEP.negated());
            assertThat(phone.code()).isEqualTo(before);
        }

        @Test
        void code_beforeTheEpoch_hasANegativeStep() {
            clock.set(Instant.EPOCH.minusSeconds(61));
            VirtualPhone phone = app();
            List<String> codes = Stream.generate(phone::code).limit(5).toList();

            assertThat(codes).doesNotHaveDuplicates();
            assertThat(clock.instant()).isEqualTo(Instant.EPOCH.plusSeconds(30));
        }

        @Test
        void advance_severalSteps_isThereInTheFirstInstantOfTheLast() {
            clock.advance(Duration.ofMillis(12_345));
            app().advance(3);

            assertThat(clock.instant()).isEqualTo(Instant.parse("2026-11-02T09:01:30Z"));
        }

        @Test
        void advance_zero_changesNothing() {
            clock.advance(Duration.ofMillis(12_345));
            Instant before = clock.instant();
            app().advance(0);

            assertThat(clock.instant()).isEqualTo(before);
        }

        @Test
        void advance_negative_isRefused() {
            assertThatThrownBy(() -> app().advance(-1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("-1");
        }
    }

    @Nested
    class WrongCode {
        @ParameterizedTest
        @ValueSource(ints = {0, 100, -100})
        void wrongCode_ofAnApp_isShownNeitherBeforeNorAfter(int stepsOff) {
            VirtualPhone phone = app();
            phone.clockOff(STEP.multipliedBy(stepsOff));
            String wrong = phone.wrongCode();

            assertThat(wrong).matches("[0-9]{6}").isEqualTo(phone.wrongCode());
            assertThat(IntStream.rangeClosed(-200, 200)
                            .mapToObj(step -> phone.codeAt(clock.instant().plus(STEP.multipliedBy(step)))))
                    .doesNotContain(wrong);
        }

        @Test
        void wrongCode_ofATokenWithFewCodesBefore_isNoneOfThem() {
            VirtualPhone token = token(3);
            String wrong = token.wrongCode();

            assertThat(Stream.concat(
                            Stream.of("0", "1", "2")
                                    .map(counter ->
                                            token(Long.parseLong(counter)).code()),
                            Stream.generate(token::code).limit(200)))
                    .doesNotContain(wrong);
        }

        @Test
        void wrongCode_whereTheFirstNumbersAreRight_isAnother() {
            clock.set(OF_ZEROS);
            VirtualPhone phone = app();

            assertThat(phone.code()).isEqualTo("000000");
            assertThat(phone.wrongCode()).isEqualTo("000001");
        }

        @Test
        @DisplayName("Of a phone whose clock is off, the code of a right clock is no wrong code either")
        void wrongCode_ofAClockThatIsOffByDays_isNoneOfTheRightTime() {
            clock.set(OF_ZEROS);
            VirtualPhone phone = app();
            phone.clockOff(Duration.ofDays(3));

            assertThat(phone.wrongCode()).isEqualTo("000001");
        }
    }

    @Nested
    class Clock {
        @Test
        void code_withAClockThatIsOff_isThatOfAnotherTime() {
            VirtualPhone phone = app();
            phone.clockOff(Duration.ofMinutes(5));

            assertThat(phone.code()).isEqualTo(app().codeAt(clock.instant().plus(Duration.ofMinutes(5))));
            phone.clockOff(Duration.ofMinutes(-5));
            assertThat(phone.code()).isEqualTo(app().codeAt(clock.instant().minus(Duration.ofMinutes(5))));
        }

        @Test
        void code_afterTheClockWasSetRight_isThatOfNow() {
            VirtualPhone phone = app();
            phone.clockOff(Duration.ofMinutes(5));
            phone.code();
            phone.clockOff(Duration.ZERO);
            Instant now = clock.instant();

            assertThat(phone.code()).isEqualTo(app().codeAt(now));
            assertThat(clock.instant()).isEqualTo(now);
        }

        @Test
        void code_withAClockThatIsOff_waitsForThePhonesNextStep() {
            VirtualPhone phone = app();
            phone.clockOff(Duration.ofSeconds(10));
            phone.code();
            phone.code();

            assertThat(clock.instant()).isEqualTo(Instant.parse("2026-11-02T09:00:20Z"));
        }

        @ParameterizedTest
        @ValueSource(ints = {2, -2})
        void drift_overMonths_addsUp(int secondsPerDay) {
            VirtualPhone token = app();
            token.driftPerDay(Duration.ofSeconds(secondsPerDay));
            assertThat(token.codeAt(clock.instant())).isEqualTo(app().codeAt(clock.instant()));
            clock.advance(Duration.ofDays(150));

            assertThat(token.code()).isEqualTo(app().codeAt(clock.instant().plusSeconds(150L * secondsPerDay)));
        }

        @Test
        void drift_thatChanges_goesOnFromWhereItWas() {
            VirtualPhone token = app();
            token.clockOff(Duration.ofMinutes(1));
            token.driftPerDay(Duration.ofSeconds(30));
            clock.advance(Duration.ofDays(4));
            token.driftPerDay(Duration.ofSeconds(-30));
            clock.advance(Duration.ofDays(10));

            // One minute, two minutes gained, five minutes lost.
            assertThat(token.code()).isEqualTo(app().codeAt(clock.instant().minus(Duration.ofMinutes(2))));
            token.clockOff(Duration.ZERO);
            clock.advance(Duration.ofDays(2));
            assertThat(token.code()).isEqualTo(app().codeAt(clock.instant().minus(Duration.ofMinutes(1))));
        }

        @ParameterizedTest
        @ValueSource(strings = {"PT1H", "PT-1H", "P1D", "P-1D"})
        void drift_ofAnHourOrMore_isRefused(Duration drift) {
            assertThatThrownBy(() -> app().driftPerDay(drift))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(drift.toString());
        }
    }

    @Nested
    class Token {
        @Test
        @DisplayName("RFC 4226 appendix D")
        void code_ofEachPress_isThatOfTheNextCounter() {
            Instant before = clock.instant();
            VirtualPhone token = token(0);

            assertThat(Stream.generate(token::code).limit(10))
                    .containsExactly(
                            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
                            "520489");
            assertThat(clock.instant()).isEqualTo(before);
        }

        @Test
        void advance_pressesThatNobodyReads_leaveCodesOut() {
            VirtualPhone token = token(1);
            token.advance(2);
            assertThat(token.code()).isEqualTo("969429");
            token.advance(3);
            assertThat(token.code()).isEqualTo("287922");
        }

        @Test
        void time_passing_changesNothing() {
            VirtualPhone token = token(0);
            clock.advance(Duration.ofDays(1000));
            token.clockOff(Duration.ofDays(1));

            assertThat(token.code()).isEqualTo("755224");
        }

        @Test
        void codeAt_ofATokenWithAButton_isRefused() {
            assertThatThrownBy(() -> token(0).codeAt(clock.instant()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("no clock");
        }
    }

    @Test
    void toString_ofAPhone_showsNoSecret() {
        assertThat(app()).hasToString("VirtualPhone[TOTP]");
        assertThat(token(0)).hasToString("VirtualPhone[HOTP]");
    }
}
