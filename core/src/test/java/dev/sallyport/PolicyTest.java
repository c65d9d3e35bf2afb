// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.otp.Window;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PolicyTest {

    @Test
    void defaults_areTheNumbersOfTheManual() {
        TwoFactorPolicy policy = TwoFactorPolicy.defaults();

        assertThat(policy.totp()).isEqualTo(new TotpParameters(HmacAlgorithm.SHA1, 6, STEP, Instant.EPOCH));
        assertThat(policy.window()).isEqualTo(new Window(1, 1));
        assertThat(policy.maxCodeLifetime()).isEqualTo(Duration.ofMinutes(2));
        assertThat(policy.hotpLookAhead()).isEqualTo(5);
        assertThat(policy.resynchronizationRange()).isEqualTo(100);
        assertThat(policy.maxAuthenticators()).isEqualTo(5);
        assertThat(policy.enrollmentLifetime()).isEqualTo(Duration.ofMinutes(10));
        assertThat(policy.enrollmentAttempts()).isEqualTo(10);
        assertThat(policy.failuresBeforeLockout()).isEqualTo(5);
        assertThat(policy.firstLockout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(policy.longestLockout()).isEqualTo(Duration.ofHours(1));
        assertThat(policy.suspendAfter()).isEqualTo(100);
        assertThat(policy.failureBudget()).isEqualTo(100);
        assertThat(policy.backupCodes()).isEqualTo(10);
        assertThat(policy.backupCodeIterations()).isEqualTo(10_000);
        assertThat(policy.backupCodesLow()).isEqualTo(3);
        assertThat(policy.failuresBeforeBackupWait()).isEqualTo(5);
        assertThat(policy.backupWait()).isEqualTo(Duration.ofSeconds(5));
        assertThat(policy.maxBrowsers()).isEqualTo(20);
        assertThat(policy.browserLifetime()).isEqualTo(Duration.ofDays(30));
        assertThat(policy.proofLifetime()).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    @DisplayName("OWASP ASVS 5.0: codes good for 30 seconds (6.5.5), 600,000 iterations of PBKDF2 (appendix C)")
    void asvsStrict_differsInWindowAndIterationsOnly() {
        assertThat(TwoFactorPolicy.asvsStrict())
                .isEqualTo(TwoFactorPolicy.builder()
                        .window(new Window(0, 0))
                        .backupCodeIterations(600_000)
                        .build());
    }

    @Nested
    class Ranges {

        /** A policy with room for the highest value of each number. */
        private static TwoFactorPolicy.Builder roomy() {
            return TwoFactorPolicy.builder()
                    .maxAuthenticators(1)
                    .maxCodeLifetime(Duration.ofHours(1))
                    .backupCodesLow(0);
        }

        static Stream<Arguments> numbers() {
            return Stream.of(
                    number("hotpLookAhead", TwoFactorPolicy.Builder::hotpLookAhead, 0, 20),
                    number("resynchronizationRange", TwoFactorPolicy.Builder::resynchronizationRange, 2, 100),
                    number("maxAuthenticators", TwoFactorPolicy.Builder::maxAuthenticators, 1, 5),
                    number("enrollmentAttempts", TwoFactorPolicy.Builder::enrollmentAttempts, 1, 20),
                    number("failuresBeforeLockout", TwoFactorPolicy.Builder::failuresBeforeLockout, 1, 10),
                    number("suspendAfter", TwoFactorPolicy.Builder::suspendAfter, 5, 100),
                    number("backupCodes", TwoFactorPolicy.Builder::backupCodes, 1, 20),
                    number("backupCodeIterations", TwoFactorPolicy.Builder::backupCodeIterations, 10_000, 10_000_000),
                    number("backupCodesLow", TwoFactorPolicy.Builder::backupCodesLow, 0, 10),
                    number("failuresBeforeBackupWait", TwoFactorPolicy.Builder::failuresBeforeBackupWait, 1, 20),
                    number("maxBrowsers", TwoFactorPolicy.Builder::maxBrowsers, 1, 20),
                    number("window.past", (builder, n) -> builder.window(new Window(n, 0)), 0, 5),
                    number("window.future", (builder, n) -> builder.window(new Window(0, n)), 0, 5));
        }

        private static Arguments number(
                String name,
                BiFunction<TwoFactorPolicy.Builder, Integer, TwoFactorPolicy.Builder> set,
                int min,
                int max) {
            return arguments(name, set, min, max);
        }

        @ParameterizedTest(name = "{0}")
        @MethodSource("numbers")
        void build_numberAtItsBounds_isAcceptedAndBeyondThemRefused(
                String name,
                BiFunction<TwoFactorPolicy.Builder, Integer, TwoFactorPolicy.Builder> set,
                int min,
                int max) {
            assertThat(set.apply(roomy(), min).build()).isNotNull();
            assertThat(set.apply(roomy(), max).build()).isNotNull();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> set.apply(roomy(), min - 1).build());
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> set.apply(roomy(), max + 1).build())
                    .withMessageContaining(name);
        }

        static Stream<Arguments> durations() {
            return Stream.of(
                    duration("maxCodeLifetime", TwoFactorPolicy.Builder::maxCodeLifetime, "PT90S", "PT1H"),
                    duration("enrollmentLifetime", TwoFactorPolicy.Builder::enrollmentLifetime, "PT1M", "PT1H"),
                    duration("firstLockout", TwoFactorPolicy.Builder::firstLockout, "PT1S", "PT1H"),
                    duration("longestLockout", TwoFactorPolicy.Builder::longestLockout, "PT30S", "PT24H"),
                    duration("backupWait", TwoFactorPolicy.Builder::backupWait, "PT0S", "PT1M"),
                    duration("browserLifetime", TwoFactorPolicy.Builder::browserLifetime, "PT1H", "P90D"),
                    duration("proofLifetime", TwoFactorPolicy.Builder::proofLifetime, "PT1S", "PT15M"),
                    duration(
                            "period",
                            (builder, period) ->
                                    builder.totp(new TotpParameters(HmacAlgorithm.SHA1, 6, period, Instant.EPOCH)),
                            "PT15S",
                            "PT300S"));
        }

        private static Arguments duration(
                String name,
                BiFunction<TwoFactorPolicy.Builder, Duration, TwoFactorPolicy.Builder> set,
                String min,
                String max) {
            return arguments(name, set, Duration.parse(min), Duration.parse(max));
        }

        @ParameterizedTest(name = "{0}")
        @MethodSource("durations")
        void build_durationAtItsBounds_isAcceptedAndBeyondThemRefused(
                String name,
                BiFunction<TwoFactorPolicy.Builder, Duration, TwoFactorPolicy.Builder> set,
                Duration min,
                Duration max) {
            assertThat(set.apply(roomy(), min).build()).isNotNull();
            assertThat(set.apply(roomy(), max).build()).isNotNull();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> set.apply(roomy(), min.minusSeconds(1)).build());
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> set.apply(roomy(), max.plusSeconds(1)).build())
                    .withMessageContaining(name);
        }

        @Test
        void build_timeStepsNotFromTheEpoch_areRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> roomy().totp(
                                    new TotpParameters(HmacAlgorithm.SHA1, 6, STEP, Instant.ofEpochSecond(30)))
                            .build());
        }

        @ParameterizedTest
        @CsvSource({"30, 3, 0, true", "30, 2, 2, false", "40, 1, 1, true", "41, 1, 1, false", "120, 0, 0, true"})
        void build_codesGoodForOver120Seconds_areRefused(long period, int past, int future, boolean accepted) {
            TwoFactorPolicy.Builder builder = TwoFactorPolicy.builder()
                    .totp(new TotpParameters(HmacAlgorithm.SHA1, 6, Duration.ofSeconds(period), Instant.EPOCH))
                    .window(new Window(past, future));

            if (accepted) {
                assertThat(builder.build()).isNotNull();
            } else {
                assertThatIllegalArgumentException()
                        .isThrownBy(builder::build)
                        .withMessageContaining("maxCodeLifetime");
            }
        }

        @Test
        void build_budgetThatNoLockoutPrecedes_isRefused() {
            assertThat(roomy().failureBudget(5).build()).isNotNull();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> roomy().failureBudget(4).build())
                    .withMessageContaining("failureBudget");
        }
    }

    @Nested
    class GuessProbability {
        /** RFC 4226 appendix A.4.2: 2^31 truncated values do not divide evenly among 10^6 codes; some have 2148. */
        private static final double SIX_DIGITS = 2148 / 2147483648.0;

        private final TwoFactorPolicy defaults = TwoFactorPolicy.defaults();

        @ParameterizedTest
        @CsvSource({
            "0, 1, 200", // hours, authenticators, guesses
            "1, 1, 200",
            "719, 1, 200",
            "720, 1, 400",
            "720, 5, 400",
            "1439, 2, 400",
            "1440, 2, 600",
            "8760, 1, 2600",
            "8760, 5, 2600"
        })
        void guessProbability_defaults_isGuessesTimesLiveCodesTimesOneCode(
                long hours, int authenticators, int guesses) {
            // Six live codes: a token's look-ahead of 5 is more than an app's window of 3.
            assertThat(defaults.guessProbability(Duration.ofHours(hours), authenticators))
                    .isCloseTo(guesses * 6 * authenticators * SIX_DIGITS, within(1e-12));
        }

        @Test
        void guessProbability_ofThirtyDaysAndOneAuthenticator_isAQuarterOfAPercent() {
            assertThat(defaults.guessProbability(Duration.ofDays(30), 1)).isCloseTo(0.0024, within(0.00001));
        }

        @Test
        void guessProbability_widerWindowThanLookAhead_countsTheWindow() {
            TwoFactorPolicy policy = TwoFactorPolicy.builder()
                    .hotpLookAhead(0)
                    .window(new Window(2, 1))
                    .build();

            assertThat(policy.guessProbability(Duration.ZERO, 1)).isCloseTo(200 * 4 * SIX_DIGITS, within(1e-12));
        }

        @Test
        void guessProbability_eightDigits_isAHundredthWithinTheRounding() {
            TwoFactorPolicy policy = TwoFactorPolicy.builder()
                    .totp(new TotpParameters(HmacAlgorithm.SHA1, 8, STEP, Instant.EPOCH))
                    .build();

            assertThat(policy.guessProbability(Duration.ZERO, 1))
                    .isCloseTo(200 * 6 * (22 / 2147483648.0), within(1e-12));
        }

        @Test
        void guessProbability_longEnough_isNeverOverOne() {
            assertThat(defaults.guessProbability(Duration.ofDays(1_000_000), 5)).isEqualTo(1.0);
        }

        @ParameterizedTest
        @CsvSource({"-1, 1", "1, 0", "1, 6"})
        void guessProbability_argumentOutOfRange_isRefused(long seconds, int authenticators) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> defaults.guessProbability(Duration.ofSeconds(seconds), authenticators));
        }

        @Test
        void build_overTwoPercentInThirtyDays_isRefused() {
            // 4 * 166 guesses * 6 codes * 5 authenticators * 2148 / 2^31 = 0.01992; with 167 it is 0.02004.
            assertThat(TwoFactorPolicy.builder().failureBudget(166).build().guessProbability(Duration.ofDays(30), 5))
                    .isLessThan(0.02);
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> TwoFactorPolicy.builder().failureBudget(167).build())
                    .withMessageContaining("failureBudget");
        }

        @Test
        void build_manyLiveCodesAndFewAuthenticators_isWeighedTogether() {
            TwoFactorPolicy.Builder lookingFarAhead = TwoFactorPolicy.builder().hotpLookAhead(20);

            assertThatIllegalArgumentException().isThrownBy(lookingFarAhead::build);
            assertThat(lookingFarAhead.maxAuthenticators(2).build()).isNotNull();
        }
    }

    @Nested
    @DisplayName("Each number has its effect")
    class Effects {

        @Test
        void enrollmentNumbers_endAnEnrollment() {
            World world = new World(TwoFactorPolicy.builder()
                    .enrollmentAttempts(1)
                    .enrollmentLifetime(Duration.ofMinutes(1))
                    .build());
            Phone phone = Phone.scan(world.twoFactor.beginEnrollment(ALICE, "alice"));
            assertThat(world.twoFactor.confirmEnrollment(ALICE, phone.wrongAt(world.now())))
                    .isEqualTo(new EnrollmentResult.Expired());

            Phone again = Phone.scan(world.twoFactor.beginEnrollment(ALICE, "alice"));
            world.clock.advance(Duration.ofSeconds(61));
            assertThat(world.twoFactor.confirmEnrollment(ALICE, again.codeAt(world.now())))
                    .isEqualTo(new EnrollmentResult.Expired());
        }

        @Test
        void lockoutNumbers_setTheBackOff() {
            World world = new World(TwoFactorPolicy.builder()
                    .failuresBeforeLockout(1)
                    .firstLockout(Duration.ofSeconds(7))
                    .longestLockout(Duration.ofSeconds(20))
                    .suspendAfter(5)
                    .build());
            Phone phone = world.importApp();

            for (long seconds : new long[] {7, 14, 20, 20}) {
                world.fail(phone, 1);
                assertThat(world.verify(phone.codeAt(world.now())))
                        .isEqualTo(new LockedOut(world.now().plusSeconds(seconds)));
            }
            world.fail(phone, 1);
            assertThat(world.twoFactor.status(ALICE).suspended()).isTrue();
        }

        @Test
        void failureBudget_isTheNumberOfFailuresIn30Days() {
            World world = new World(TwoFactorPolicy.builder().failureBudget(6).build());
            Phone phone = world.importApp();
            world.fail(phone, 3);
            world.prove(phone);
            world.clock.advance(STEP);
            world.fail(phone, 3);

            assertThat(world.twoFactor.status(ALICE).lock()).contains(LockReason.BUDGET_SPENT);
        }

        @Test
        void backupCodeNumbers_setTheSetAndTheWait() {
            World world = new World(TwoFactorPolicy.builder()
                    .backupCodes(2)
                    .backupCodesLow(0)
                    .failuresBeforeBackupWait(1)
                    .backupWait(Duration.ofSeconds(40))
                    .build());
            World.Owner owner = world.enroll();

            assertThat(owner.backupCodes()).hasSize(2);
            world.verify("0000-0000-0000-0000");
            assertThat(world.verify(owner.backupCodes().get(0)))
                    .isEqualTo(new LockedOut(world.now().plusSeconds(40)));
        }

        @Test
        void browserAndProofNumbers_setTheirLives() {
            World world = new World(TwoFactorPolicy.builder()
                    .maxBrowsers(1)
                    .browserLifetime(Duration.ofHours(1))
                    .proofLifetime(Duration.ofSeconds(1))
                    .build());
            Verified proof = world.prove(world.importApp());
            world.twoFactor.rememberBrowser(proof, "Firefox");
            BrowserToken token = world.twoFactor.rememberBrowser(proof, "Chrome");

            assertThat(token.maxAge()).isEqualTo(Duration.ofHours(1));
            assertThat(world.twoFactor.status(ALICE).browsers()).hasSize(1);
            world.clock.advance(Duration.ofSeconds(2));
            assertThatThrownBy(() -> world.twoFactor.rememberBrowser(proof, "Safari"))
                    .isInstanceOf(StaleProofException.class);
            world.clock.advance(Duration.ofHours(1));
            assertThat(world.twoFactor.signInRequirement(ALICE, token.value()))
                    .isEqualTo(new SignInRequirement.CodeRequired());
        }

        @Test
        void maxAuthenticators_isTheNumberOfAuthenticators() {
            World world =
                    new World(TwoFactorPolicy.builder().maxAuthenticators(1).build());
            Verified proof = world.prove(world.importApp());

            assertThatThrownBy(() -> world.twoFactor.beginEnrollment(proof, EnrollmentRequest.of("alice")))
                    .isInstanceOf(IllegalStateException.class)
                    .isNotInstanceOf(StaleProofException.class);
        }

        @Test
        void resynchronizationRange_isHowFarTwoCodesAreLookedFor() {
            World world = new World(
                    TwoFactorPolicy.builder().resynchronizationRange(20).build());
            Phone token = world.importToken();

            assertThat(world.twoFactor.resynchronize(ALICE, token.code(19), token.code(20)))
                    .isEqualTo(new VerificationResult.Rejected());
            assertThat(world.twoFactor.resynchronize(ALICE, token.code(18), token.code(19)))
                    .isInstanceOf(Verified.class);
        }
    }
}
