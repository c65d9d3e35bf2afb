// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.otp.CountingProvider.Cloning;
import dev.sallyport.otp.CountingProvider.Work;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Counts the operations that the time of a call depends on. Measured times would depend on the load of the machine. */
@Isolated("puts a security provider before all others")
class EqualWorkTest {
    private static final SharedSecret SECRET = RfcSecrets.BYTES_20;
    private static final Totp TOTP = Totp.of(TotpParameters.DEFAULT);
    private static final Hotp HOTP = Hotp.of(HmacAlgorithm.SHA1, 6);
    private static final Instant NOW = Instant.parse("2009-02-13T23:31:30Z");
    private static final long STEP = TOTP.step(NOW);
    private static final Window WINDOW = new Window(2, 2);

    private static Map<String, String> whatIsTyped(long first, long last) {
        Map<String, String> typed = new LinkedHashMap<>();
        typed.put("first-step hit", HOTP.generate(SECRET, first));
        typed.put("last-step hit", HOTP.generate(SECRET, last));
        typed.put("miss", HOTP.generate(SECRET, last + 1));
        typed.put("empty", "");
        typed.put("too short", "12345");
        typed.put("too long", "1234567");
        typed.put("a megabyte", "1".repeat(1 << 20));
        typed.put("garbage", "+1234\uD800");
        return typed;
    }

    /** The first call looks up the provider. It is not counted. */
    private static Totp counted(Totp totp, CountingProvider provider) {
        totp.generate(SECRET, NOW);
        provider.takeWork();
        return totp;
    }

    private static Hotp counted(Hotp hotp, CountingProvider provider) {
        hotp.generate(SECRET, 0);
        provider.takeWork();
        return hotp;
    }

    private static Work oneCall(Cloning cloning, int digests) {
        return new Work(cloning == Cloning.POSSIBLE ? 0 : 1, 1, digests);
    }

    @ParameterizedTest
    @EnumSource(Cloning.class)
    @DisplayName("[46] Keycloak #50316, better-auth #6176, Otp.NET #7, otp-java: "
            + "hit, first-step hit, miss and wrong length run the same number of HMACs")
    void totpMatch_whateverIsTyped_worksTheSame(Cloning cloning) {
        Map<String, String> typed = whatIsTyped(STEP - 2, STEP + 2);
        try (CountingProvider provider = CountingProvider.open(cloning)) {
            Totp totp = counted(Totp.of(TotpParameters.DEFAULT), provider);
            typed.forEach((what, code) -> {
                totp.match(SECRET, code, NOW, WINDOW, Totp.NO_STEP);

                assertThat(provider.takeWork()).as(what).isEqualTo(oneCall(cloning, 5));
            });
        }
    }

    @ParameterizedTest
    @EnumSource(Cloning.class)
    @DisplayName("[46] Keycloak #50316, better-auth #6176, Otp.NET #7, otp-java: used steps take the same work")
    void totpMatch_whateverStepsAreUsed_worksTheSame(Cloning cloning) {
        String code = HOTP.generate(SECRET, STEP);
        try (CountingProvider provider = CountingProvider.open(cloning)) {
            Totp totp = counted(Totp.of(TotpParameters.DEFAULT), provider);
            for (long afterStep : new long[] {Totp.NO_STEP, STEP - 3, STEP, STEP + 2, Long.MAX_VALUE}) {
                totp.match(SECRET, code, NOW, WINDOW, afterStep);

                assertThat(provider.takeWork()).isEqualTo(oneCall(cloning, 5));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Cloning.class)
    @DisplayName("[46] Keycloak #50316, better-auth #6176, Otp.NET #7, otp-java: counters take the same work")
    void hotpMatch_whateverIsTyped_worksTheSame(Cloning cloning) {
        Map<String, String> typed = whatIsTyped(7, 12);
        try (CountingProvider provider = CountingProvider.open(cloning)) {
            Hotp hotp = counted(Hotp.of(HmacAlgorithm.SHA1, 6), provider);
            typed.forEach((what, code) -> {
                hotp.match(SECRET, code, 7, 5);

                assertThat(provider.takeWork()).as(what).isEqualTo(oneCall(cloning, 6));
            });
        }
    }

    @ParameterizedTest
    @EnumSource(Cloning.class)
    void match_macOfAnyProvider_findsTheSame(Cloning cloning) {
        try (CountingProvider provider = CountingProvider.open(cloning)) {
            Hotp hotp = Hotp.of(HmacAlgorithm.SHA1, 6);
            assertThat(hotp.generate(SECRET, 9)).isEqualTo("520489");
            assertThat(hotp.match(SECRET, "755224", 0, 9)).hasValue(0);
            assertThat(hotp.match(SECRET, "254676", 0, 9)).hasValue(5);
            assertThat(hotp.match(SECRET, "520489", 0, 9)).hasValue(9);
            assertThat(hotp.match(SECRET, "520480", 0, 9)).isEqualTo(OptionalLong.empty());
            // One more key, which is not a secret, finds the provider. Each call copies the Mac if it can be copied.
            assertThat(provider.takeWork()).isEqualTo(new Work(cloning == Cloning.POSSIBLE ? 1 : 6, 6, 41));
        }
    }

    /** This Mac is kept after the call. A heap dump would show a key that it was given. */
    @Test
    void macThatIsKeptToBeCopied_neverHadASecret() {
        try (CountingProvider provider = CountingProvider.open(Cloning.POSSIBLE)) {
            Totp totp = Totp.of(TotpParameters.DEFAULT);
            totp.generate(SECRET, NOW);
            totp.match(SECRET, "123456", NOW, WINDOW, Totp.NO_STEP);

            assertThat(provider.keysOfOriginals()).containsExactly("00".repeat(20));
        }
    }

    @Test
    void countingProvider_closed_countsNothing() {
        CountingProvider provider = CountingProvider.open(Cloning.POSSIBLE);
        provider.close();

        HOTP.generate(SECRET, 0);

        assertThat(provider.takeWork()).isEqualTo(new Work(0, 0, 0));
    }
}
