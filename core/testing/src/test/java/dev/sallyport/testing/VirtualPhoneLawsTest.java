// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.Hotp;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** What is so for every phone. */
class VirtualPhoneLawsTest {
    private static final String ACCOUNT = "alice";

    @Provide
    Arbitrary<SharedSecret> secrets() {
        return Arbitraries.bytes()
                .array(byte[].class)
                .ofMinSize(10)
                .ofMaxSize(64)
                .map(SharedSecret::fromBytes);
    }

    /** From the year 1653 to the year 2286, to the millisecond. */
    @Provide
    Arbitrary<Instant> instants() {
        return Arbitraries.longs()
                .between(-9_999_999_999_999L, 9_999_999_999_999L)
                .map(Instant::ofEpochMilli);
    }

    @Property
    void code_manyTimes_isNeverTheSame(
            @ForAll("secrets") SharedSecret secret,
            @ForAll("instants") Instant start,
            @ForAll HmacAlgorithm algorithm,
            @ForAll @IntRange(min = 6, max = 8) int digits,
            @ForAll @IntRange(min = 1, max = 300) int period,
            @ForAll @Size(max = 50) List<@IntRange(min = -600, max = 600) Integer> moves) {
        SteppedClock clock = new SteppedClock(start);
        TotpParameters parameters = new TotpParameters(algorithm, digits, Duration.ofSeconds(period), Instant.EPOCH);
        VirtualPhone phone = VirtualPhone.scan(KeyUri.totp("Acme", ACCOUNT, secret, parameters), clock);

        List<String> codes = new ArrayList<>();
        for (int move : moves) {
            clock.advance(Duration.ofSeconds(move));
            codes.add(phone.code());
        }

        assertThat(codes).doesNotHaveDuplicates().allMatch(code -> code.length() == digits);
    }

    @Property
    void code_again_movesTheClockToTheNextStepThatHasAnUnusedCode(
            @ForAll("secrets") SharedSecret secret,
            @ForAll("instants") Instant start,
            @ForAll @IntRange(min = 1, max = 300) int seconds,
            @ForAll @IntRange(min = -10_000, max = 10_000) int millisOff) {
        SteppedClock clock = new SteppedClock(start);
        Duration period = Duration.ofSeconds(seconds);
        TotpParameters parameters = new TotpParameters(HmacAlgorithm.SHA1, 6, period, Instant.EPOCH);
        VirtualPhone phone = VirtualPhone.scan(KeyUri.totp("Acme", ACCOUNT, secret, parameters), clock);
        phone.clockOff(Duration.ofMillis(millisOff));

        Set<String> used = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            Instant before = clock.instant();
            // The first instants of the present step and of those after it, by the server's clock.
            long step = Math.floorDiv(before.toEpochMilli() + millisOff, period.toMillis());
            Instant expected = before;
            while (used.contains(phone.codeAt(expected))) {
                step++;
                expected = Instant.ofEpochMilli(step * period.toMillis() - millisOff);
            }
            String code = phone.code();

            assertThat(clock.instant()).isEqualTo(expected);
            assertThat(code).isEqualTo(phone.codeAt(expected));
            assertThat(used.add(code)).isTrue();
        }
    }

    @Property
    void code_ofAClockThatDrifts_movesTheServersClockByAboutOnePeriodAtMost(
            @ForAll("secrets") SharedSecret secret,
            @ForAll("instants") Instant start,
            @ForAll @IntRange(min = -3599, max = 3599) int driftPerDay) {
        SteppedClock clock = new SteppedClock(start);
        VirtualPhone phone = VirtualPhone.typed(secret.toBase32(), clock);
        phone.driftPerDay(Duration.ofSeconds(driftPerDay));

        Set<String> used = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            Instant before = clock.instant();
            String code = phone.code();
            Duration moved = Duration.between(before, clock.instant());

            assertThat(used.add(code)).isTrue();
            // 30 s of a clock that loses an hour a day are 31.3 s. Two codes in ten are the same once in 20,000 tries,
            // and never three.
            assertThat(moved).isBetween(Duration.ZERO, Duration.ofSeconds(63));
            assertThat(code).isEqualTo(phone.codeAt(clock.instant()));
        }
    }

    @Property
    void code_ofAPhoneWithAWrongClock_isThatOfARightOneAtAnotherTime(
            @ForAll("secrets") SharedSecret secret,
            @ForAll("instants") Instant start,
            @ForAll @LongRange(min = -31_536_000, max = 31_536_000) long secondsOff) {
        SteppedClock clock = new SteppedClock(start);
        VirtualPhone wrong = VirtualPhone.typed(secret.toBase32(), clock);
        VirtualPhone right = VirtualPhone.typed(secret.toBase32(), clock);
        wrong.clockOff(Duration.ofSeconds(secondsOff));

        assertThat(wrong.codeAt(start)).isEqualTo(right.codeAt(start.plusSeconds(secondsOff)));
        assertThat(wrong.code()).isEqualTo(right.codeAt(start.plusSeconds(secondsOff)));
        assertThat(clock.instant()).isEqualTo(start);
    }

    @Property
    void code_ofAToken_isThatOfTheNextUnusedCounter(
            @ForAll("secrets") SharedSecret secret,
            @ForAll HmacAlgorithm algorithm,
            @ForAll @LongRange(min = 0, max = Long.MAX_VALUE - 10_000) long counter,
            @ForAll @IntRange(min = 6, max = 8) int digits,
            @ForAll @Size(min = 1, max = 20) List<@IntRange(min = 0, max = 50) Integer> presses) {
        SteppedClock clock = new SteppedClock();
        Instant before = clock.instant();
        VirtualPhone token = VirtualPhone.scan(KeyUri.hotp("Acme", ACCOUNT, secret, algorithm, digits, counter), clock);
        Hotp server = Hotp.of(algorithm, digits);

        Set<String> used = new HashSet<>();
        long expected = counter;
        for (int times : presses) {
            token.advance(times);
            expected += times;
            while (used.contains(server.generate(secret, expected))) {
                expected++;
            }
            String code = token.code();

            assertThat(code).isEqualTo(server.generate(secret, expected));
            assertThat(used.add(code)).isTrue();
        }
        assertThat(clock.instant()).isEqualTo(before);
    }

    @Property(tries = 200)
    void wrongCode_ofAToken_isNoneOfThoseAround(
            @ForAll("secrets") SharedSecret secret, @ForAll @LongRange(min = 0, max = 1_000_000) long counter) {
        SteppedClock clock = new SteppedClock();
        VirtualPhone token =
                VirtualPhone.scan(KeyUri.hotp("Acme", ACCOUNT, secret, HmacAlgorithm.SHA1, 6, counter), clock);
        Hotp server = Hotp.of(HmacAlgorithm.SHA1, 6);

        assertThat(LongStream.rangeClosed(Math.max(0, counter - 200), counter + 200)
                        .mapToObj(around -> server.generate(secret, around)))
                .doesNotContain(token.wrongCode());
    }
}
