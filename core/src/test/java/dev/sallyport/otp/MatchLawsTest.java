// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** Every match is the one that a simple loop over the documentation's rules finds. */
class MatchLawsTest {
    private static final long LATEST = 100_000_000_000L;

    @Property
    @Label("TOTP: match finds the highest step of the window that is after the used one and generates the code")
    void totpMatch_isTheHighestStepThatGeneratesTheCode(
            @ForAll("secrets") SharedSecret secret,
            @ForAll("parameters") TotpParameters parameters,
            @ForAll @LongRange(min = -LATEST, max = LATEST) long now,
            @ForAll @IntRange(max = 5) int past,
            @ForAll @IntRange(max = 5) int future,
            @ForAll @IntRange(min = -7, max = 7) int typedFor,
            @ForAll("usedSteps") OptionalLong used) {
        Totp totp = Totp.of(parameters);
        Instant at = Instant.ofEpochSecond(now);
        long step = totp.step(at);
        long afterStep = used.isPresent() ? step + used.getAsLong() : Totp.NO_STEP;
        String code = totp.generate(secret, totp.stepStart(step + typedFor));

        OptionalLong match = totp.match(secret, code, at, new Window(past, future), afterStep);

        OptionalLong expected = LongStream.rangeClosed(step - past, step + future)
                .filter(candidate -> candidate > afterStep)
                .filter(candidate ->
                        totp.generate(secret, totp.stepStart(candidate)).equals(code))
                .max();
        assertThat(match).isEqualTo(expected);
        if (-past <= typedFor && typedFor <= future && step + typedFor > afterStep) {
            assertThat(match.getAsLong()).isGreaterThanOrEqualTo(step + typedFor);
        }
    }

    @Property
    @Label("HOTP: match finds the highest counter of the look-ahead that generates the code")
    void hotpMatch_isTheHighestCounterThatGeneratesTheCode(
            @ForAll("secrets") SharedSecret secret,
            @ForAll HmacAlgorithm algorithm,
            @ForAll @IntRange(min = 6, max = 8) int digits,
            @ForAll @LongRange(min = 0, max = Long.MAX_VALUE - 20) long from,
            @ForAll @IntRange(max = 12) int lookAhead,
            @ForAll @IntRange(min = -3, max = 15) int typedFor) {
        Hotp hotp = Hotp.of(algorithm, digits);
        String code = hotp.generate(secret, Math.max(0, from + typedFor));

        OptionalLong match = hotp.match(secret, code, from, lookAhead);

        assertThat(match)
                .isEqualTo(LongStream.rangeClosed(from, from + lookAhead)
                        .filter(candidate -> hotp.generate(secret, candidate).equals(code))
                        .max());
    }

    @Property
    @Label("[58] Found by attacking our own design: after its match a code does not match again, in any window")
    void totpMatch_afterTheMatch_neverFindsTheSameCodeAgain(
            @ForAll("secrets") SharedSecret secret, @ForAll @LongRange(min = 0, max = LATEST) long now) {
        Totp totp = Totp.of(TotpParameters.DEFAULT);
        Instant at = Instant.ofEpochSecond(now);
        Window widest = new Window(100, 100);
        String code = totp.generate(secret, at);

        long match = totp.match(secret, code, at, widest, Totp.NO_STEP).getAsLong();

        assertThat(totp.match(secret, code, at, widest, match)).isEmpty();
    }

    @Property
    @Label("No text causes an exception, and a step that matches has the code that was typed")
    void totpMatch_anythingTyped_isTheCodeOrNothing(@ForAll String typed) {
        Totp totp = Totp.of(TotpParameters.DEFAULT);

        OptionalLong match = totp.match(RfcSecrets.BYTES_20, typed, Instant.EPOCH, new Window(2, 2), Totp.NO_STEP);

        match.ifPresent(step -> assertThat(totp.generate(RfcSecrets.BYTES_20, totp.stepStart(step)))
                .isEqualTo(typed));
    }

    @Property
    @Label("A code has the requested number of ASCII digits")
    void generate_anything_isAllDigits(
            @ForAll("secrets") SharedSecret secret,
            @ForAll("parameters") TotpParameters parameters,
            @ForAll @LongRange(min = -LATEST, max = LATEST) long now) {
        String code = Totp.of(parameters).generate(secret, Instant.ofEpochSecond(now));

        assertThat(code).hasSize(parameters.digits());
        assertThat(code.chars()).allMatch(c -> c >= '0' && c <= '9');
    }

    @Property
    @Label("stepStart is the first instant of its step, for every instant")
    void stepStart_isTheFirstInstantOfTheStep(@ForAll("parameters") TotpParameters parameters, @ForAll Instant at) {
        Totp totp = Totp.of(parameters);
        long step = totp.step(at);

        Instant start = totp.stepStart(step);

        assertThat(start).isBeforeOrEqualTo(at);
        assertThat(totp.step(start)).isEqualTo(step);
        assertThat(totp.step(start.minusNanos(1))).isEqualTo(step - 1);
    }

    @Provide
    Arbitrary<SharedSecret> secrets() {
        return SharedSecretLawsTest.secretBytes().map(SharedSecret::fromBytes);
    }

    @Provide
    Arbitrary<TotpParameters> parameters() {
        return Combinators.combine(
                        Arbitraries.of(HmacAlgorithm.class),
                        Arbitraries.integers().between(6, 8),
                        Arbitraries.longs().between(1, 3600).map(Duration::ofSeconds),
                        Arbitraries.longs().between(-LATEST, LATEST).map(Instant::ofEpochSecond))
                .as(TotpParameters::new);
    }

    /** No step yet, or one near the present step. */
    @Provide
    Arbitrary<OptionalLong> usedSteps() {
        return Arbitraries.oneOf(
                Arbitraries.just(OptionalLong.empty()),
                Arbitraries.longs().between(-7, 7).map(OptionalLong::of));
    }
}
