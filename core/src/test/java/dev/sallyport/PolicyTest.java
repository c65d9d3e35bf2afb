// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.sallyport.TwoFactorStatus.Lock;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.otp.Window;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
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
        assertThat(policy.hotpLookAhead()).isEqualTo(2);
        assertThat(policy.failuresBeforeLockout()).isEqualTo(5);
        assertThat(policy.firstLockout()).isEqualTo(Duration.ofSeconds(60));
        assertThat(policy.strangersBudget()).isEqualTo(50);
        assertThat(policy.knownBudget()).isEqualTo(150);
        assertThat(policy.backupCodes()).isEqualTo(10);
        assertThat(policy.browserLifetime()).isEqualTo(Duration.ofDays(30));
        assertThat(policy.proofLifetime()).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void constants_areTheNumbersOfTheManual() {
        assertThat(TwoFactorPolicy.CHALLENGE_LIFETIME).isEqualTo(Duration.ofMinutes(10));
        assertThat(TwoFactorPolicy.ENROLLMENT_LIFETIME).isEqualTo(Duration.ofMinutes(10));
        assertThat(TwoFactorPolicy.ENROLLMENT_FAILURES).isEqualTo(10);
        assertThat(TwoFactorPolicy.KNOWN_BROWSER_LIFETIME).isEqualTo(Duration.ofDays(365));
        assertThat(TwoFactorPolicy.MAX_BROWSERS).isEqualTo(20);
        assertThat(TwoFactorPolicy.MAX_AUTHENTICATORS).isEqualTo(5);
        assertThat(TwoFactorPolicy.FAILURES_BEFORE_SUSPENSION).isEqualTo(50);
        assertThat(TwoFactorPolicy.FAILURES_BEFORE_EXPULSION).isEqualTo(10);
        assertThat(TwoFactorPolicy.LONGEST_LOCKOUT).isEqualTo(Duration.ofHours(1));
        assertThat(TwoFactorPolicy.MAX_CODE_LIFETIME).isEqualTo(Duration.ofMinutes(5));
        assertThat(TwoFactorPolicy.CLOCK_SKEW).isEqualTo(Duration.ofMinutes(1));
        assertThat(TwoFactorPolicy.BUDGET_DAYS).isEqualTo(31);
        assertThat(TwoFactorPolicy.MAX_TEMPORARY_CODE_LIFETIME).isEqualTo(Duration.ofHours(24));
    }

    @Test
    @DisplayName("OWASP ASVS 5.0, 6.5.5: codes good for 30 seconds")
    void asvsStrict_differsInTheWindowOnly() {
        assertThat(TwoFactorPolicy.asvsStrict())
                .usingRecursiveComparison()
                .isEqualTo(TwoFactorPolicy.builder().window(new Window(0, 0)).build());
    }

    @Nested
    class Ranges {

        static Stream<Arguments> numbers() {
            return Stream.of(
                    number("hotpLookAhead", TwoFactorPolicy.Builder::hotpLookAhead, 0, 20),
                    number("failuresBeforeLockout", TwoFactorPolicy.Builder::failuresBeforeLockout, 1, 10),
                    number("backupCodes", TwoFactorPolicy.Builder::backupCodes, 1, 20),
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
            assertThat(set.apply(TwoFactorPolicy.builder(), min).build()).isNotNull();
            assertThat(set.apply(TwoFactorPolicy.builder(), max).build()).isNotNull();
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> set.apply(TwoFactorPolicy.builder(), min - 1).build());
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> set.apply(TwoFactorPolicy.builder(), max + 1).build())
                    .withMessageContaining(name);
        }

        static Stream<Arguments> durations() {
            return Stream.of(
                    duration("firstLockout", TwoFactorPolicy.Builder::firstLockout, "PT1S", "PT1H"),
                    duration("browserLifetime", TwoFactorPolicy.Builder::browserLifetime, "PT1H", "P90D"),
                    duration("proofLifetime", TwoFactorPolicy.Builder::proofLifetime, "PT1S", "PT15M"),
                    duration(
                            "period",
                            // A code of 300 seconds lives for 5 minutes by itself.
                            (builder, period) -> builder.window(new Window(0, 0))
                                    .totp(new TotpParameters(HmacAlgorithm.SHA1, 6, period, Instant.EPOCH)),
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
            assertThat(set.apply(TwoFactorPolicy.builder(), min).build()).isNotNull();
            assertThat(set.apply(TwoFactorPolicy.builder(), max).build()).isNotNull();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> set.apply(TwoFactorPolicy.builder(), min.minusSeconds(1))
                            .build());
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> set.apply(TwoFactorPolicy.builder(), max.plusSeconds(1))
                            .build())
                    .withMessageContaining(name);
        }

        @Test
        void build_timeStepsNotFromTheEpoch_areRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> TwoFactorPolicy.builder()
                            .totp(new TotpParameters(HmacAlgorithm.SHA1, 6, STEP, Instant.ofEpochSecond(30)))
                            .build());
        }

        @ParameterizedTest
        @CsvSource({
            "30, 5, 4, true",
            "30, 5, 5, false",
            "60, 1, 1, true",
            "60, 2, 2, true",
            "100, 1, 1, true",
            "101, 1, 1, false",
            "300, 0, 0, true",
            "300, 1, 0, false"
        })
        void build_codesGoodForOverFiveMinutes_areRefused(long period, int past, int future, boolean accepted) {
            TwoFactorPolicy.Builder builder = TwoFactorPolicy.builder()
                    .totp(new TotpParameters(HmacAlgorithm.SHA1, 6, Duration.ofSeconds(period), Instant.EPOCH))
                    .window(new Window(past, future));

            if (accepted) {
                assertThat(builder.build()).isNotNull();
            } else {
                assertThatIllegalArgumentException().isThrownBy(builder::build).withMessageContaining("longest life");
            }
        }

        @Test
        void build_budgetThatNoLockoutPrecedes_isRefused() {
            assertThat(TwoFactorPolicy.builder()
                            .strangersBudget(5)
                            .knownBudget(5)
                            .build())
                    .isNotNull();
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> TwoFactorPolicy.builder().strangersBudget(4).build())
                    .withMessageContaining("strangersBudget");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> TwoFactorPolicy.builder().knownBudget(4).build())
                    .withMessageContaining("knownBudget");
        }
    }

    @Nested
    class GuessProbability {
        /** RFC 4226 appendix A.4.2: 2^31 truncated values do not divide evenly among 10^6 codes; some have 2148. */
        private static final double SIX_DIGITS = 2148 / 2147483648.0;

        private final TwoFactorPolicy defaults = TwoFactorPolicy.defaults();

        @ParameterizedTest
        @CsvSource({
            "0, 1, 50", // hours, authenticators, guesses
            "1, 1, 50",
            "720, 1, 50",
            "720, 5, 50",
            "721, 1, 100",
            "1440, 2, 100",
            "1441, 2, 150",
            "8760, 1, 650",
            "8760, 5, 650"
        })
        void guessProbability_defaults_isGuessesTimesLiveCodesTimesOneCode(
                long hours, int authenticators, int guesses) {
            // Three live codes: the window of an app, and as many counters of a token.
            assertThat(defaults.guessProbability(Duration.ofHours(hours), authenticators))
                    .isCloseTo(guesses * 3 * authenticators * SIX_DIGITS, within(1e-12));
            assertThat(defaults.guessProbabilityFromKnownBrowser(Duration.ofHours(hours), authenticators))
                    .isCloseTo(3 * guesses * 3 * authenticators * SIX_DIGITS, within(1e-12));
        }

        @Test
        @DisplayName("The published bound: 1.5e-4 in 30 days with one authenticator")
        void guessProbability_ofThirtyDaysAndOneAuthenticator_isThreeInTwentyThousand() {
            assertThat(defaults.guessProbability(Duration.ofDays(30), 1)).isCloseTo(1.5e-4, within(1e-7));
            assertThat(defaults.guessProbabilityFromKnownBrowser(Duration.ofDays(30), 1))
                    .isCloseTo(4.5e-4, within(3e-7));
        }

        @Test
        void guessProbability_longerByANanosecond_isThatOfTwoPeriods() {
            Duration longer = Duration.ofDays(30).plusNanos(1);

            assertThat(defaults.guessProbability(longer, 1)).isCloseTo(100 * 3 * SIX_DIGITS, within(1e-12));
        }

        @Test
        void guessProbability_moreTimeOrAuthenticatorsOrBudget_isNeverLess() {
            TwoFactorPolicy more = TwoFactorPolicy.builder()
                    .strangersBudget(51)
                    .knownBudget(151)
                    .build();
            for (int authenticators = 1; authenticators <= 5; authenticators++) {
                double before = 0;
                for (int hours = 0; hours <= 24 * 400; hours += 5) {
                    Duration duration = Duration.ofHours(hours);
                    double now = defaults.guessProbability(duration, authenticators);
                    assertThat(now).isGreaterThanOrEqualTo(before);
                    assertThat(now)
                            .isLessThan(defaults.guessProbabilityFromKnownBrowser(duration, authenticators))
                            .isLessThan(more.guessProbability(duration, authenticators));
                    if (authenticators > 1) {
                        assertThat(now).isGreaterThan(defaults.guessProbability(duration, authenticators - 1));
                    }
                    before = now;
                }
            }
        }

        @Test
        void guessProbability_widerWindowThanLookAhead_countsTheWindow() {
            TwoFactorPolicy policy = TwoFactorPolicy.builder()
                    .hotpLookAhead(0)
                    .window(new Window(2, 1))
                    .build();

            assertThat(policy.guessProbability(Duration.ZERO, 1)).isCloseTo(50 * 4 * SIX_DIGITS, within(1e-12));
        }

        @Test
        void guessProbability_longerLookAheadThanWindow_countsTheLookAhead() {
            TwoFactorPolicy policy = TwoFactorPolicy.builder().hotpLookAhead(5).build();

            assertThat(policy.guessProbability(Duration.ZERO, 1)).isCloseTo(50 * 6 * SIX_DIGITS, within(1e-12));
        }

        @Test
        void guessProbability_eightDigits_isAHundredthWithinTheRounding() {
            TwoFactorPolicy policy = TwoFactorPolicy.builder()
                    .totp(new TotpParameters(HmacAlgorithm.SHA1, 8, STEP, Instant.EPOCH))
                    .build();

            assertThat(policy.guessProbability(Duration.ZERO, 1))
                    .isCloseTo(50 * 3 * (22 / 2147483648.0), within(1e-12));
        }

        @Test
        void guessProbability_longEnough_isNeverOverOne() {
            assertThat(defaults.guessProbability(Duration.ofDays(10_000_000), 5))
                    .isEqualTo(1.0);
            assertThat(defaults.guessProbability(Duration.ofSeconds(Long.MAX_VALUE), 5))
                    .isEqualTo(1.0);
        }

        @ParameterizedTest
        @CsvSource({"-1, 1", "1, 0", "1, 6"})
        void guessProbability_argumentOutOfRange_isRefused(long seconds, int authenticators) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> defaults.guessProbability(Duration.ofSeconds(seconds), authenticators));
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            defaults.guessProbabilityFromKnownBrowser(Duration.ofSeconds(seconds), authenticators));
        }

        @Test
        void build_overTwoPercentInThirtyDaysAtEitherDoor_isRefused() {
            // 1333 guesses * 3 codes * 5 authenticators * 2148 / 2^31 = 0.019999; with 1334 it is 0.020015.
            TwoFactorPolicy widest = TwoFactorPolicy.builder()
                    .strangersBudget(1333)
                    .knownBudget(1333)
                    .build();
            assertThat(widest.guessProbability(Duration.ofDays(30), 5)).isLessThan(0.02);
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            TwoFactorPolicy.builder().strangersBudget(1334).build())
                    .withMessageContaining("strangersBudget");
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> TwoFactorPolicy.builder().knownBudget(1334).build())
                    .withMessageContaining("knownBudget");
        }

        @Test
        void build_manyLiveCodesAndManyGuesses_areWeighedTogether() {
            TwoFactorPolicy.Builder lookingFarAhead = TwoFactorPolicy.builder().hotpLookAhead(20);

            assertThat(lookingFarAhead.build()).isNotNull();
            assertThatIllegalArgumentException()
                    .isThrownBy(lookingFarAhead.knownBudget(200)::build)
                    .withMessageContaining("hotpLookAhead");
        }
    }

    @Nested
    @DisplayName("Each number has its effect")
    class Effects {

        @Test
        void lockoutNumbers_setTheBackOff() {
            World world = new World(TwoFactorPolicy.builder()
                    .failuresBeforeLockout(1)
                    .firstLockout(Duration.ofMinutes(25))
                    .build());
            Phone phone = world.importApp();

            for (long minutes : new long[] {25, 50, 60, 60}) {
                world.fail(phone, 1);
                assertThat(world.verify(phone.codeAt(world.now())))
                        .isEqualTo(new LockedOut(Optional.of(world.now().plus(Duration.ofMinutes(minutes)))));
            }
        }

        @Test
        void lockoutNumbers_setTheBackOffOfKnownBrowsersAndStepUpsToo() {
            World world = new World(TwoFactorPolicy.builder()
                    .failuresBeforeLockout(2)
                    .firstLockout(Duration.ofSeconds(7))
                    .build());
            World.Owner owner = world.enroll();
            LockedOut answer = new LockedOut(Optional.of(world.now().plusSeconds(7)));
            TrustStamp stamp = owner.proof().stamp();
            world.fail(owner.browser(), owner.phone(), 2);
            assertThat(world.verify(owner.browser(), owner.phone().codeAt(world.now())))
                    .isEqualTo(answer);

            world.twoFactor.stepUp(ALICE, stamp, owner.phone().wrongAt(world.now()));
            world.twoFactor.stepUp(ALICE, stamp, owner.phone().wrongAt(world.now()));
            assertThat(world.twoFactor.stepUp(ALICE, stamp, owner.phone().codeAt(world.now())))
                    .isEqualTo(answer);
        }

        @Test
        void budgetNumbers_areTheNumbersOfFailuresIn31Days() {
            World world = new World(
                    TwoFactorPolicy.builder().strangersBudget(6).knownBudget(7).build());
            World.Owner owner = world.enroll();
            world.fail(owner.phone(), 3);
            world.prove(owner.phone());
            world.clock.advance(STEP);
            world.fail(owner.phone(), 3);
            assertThat(world.twoFactor.status(ALICE).strangers().lock())
                    .map(Lock::reason)
                    .contains(Lock.Reason.BUDGET_SPENT);

            world.fail(owner.browser(), owner.phone(), 4);
            assertThat(world.verify(owner.browser(), owner.phone().codeAt(world.now())))
                    .isInstanceOf(Verified.class);
            world.clock.advance(STEP);
            world.fail(owner.browser(), owner.phone(), 2);
            assertThat(world.twoFactor.status(ALICE).known().lock()).isEmpty();
            world.fail(owner.browser(), owner.phone(), 1);
            assertThat(world.twoFactor.status(ALICE).known().lock())
                    .map(Lock::reason)
                    .contains(Lock.Reason.BUDGET_SPENT);
        }

        @Test
        void backupCodes_isTheNumberInASet() {
            World world = new World(TwoFactorPolicy.builder().backupCodes(2).build());

            assertThat(world.enroll().backupCodes()).hasSize(2);
        }

        @Test
        void browserAndProofNumbers_setTheirLives() {
            World world = new World(TwoFactorPolicy.builder()
                    .browserLifetime(Duration.ofHours(1))
                    .proofLifetime(Duration.ofSeconds(31))
                    .build());
            World.Owner owner = world.enroll();
            Instant now = world.now();
            world.twoFactor.rememberBrowser(owner.proof());

            assertThat(world.twoFactor.status(ALICE).browsers().get(0).rememberedUntil())
                    .contains(now.plus(Duration.ofHours(1)));
            world.clock.advance(Duration.ofMillis(1001));
            assertThatThrownBy(() -> world.twoFactor.rememberBrowser(owner.proof()))
                    .isInstanceOf(StaleProofException.class);
            world.clock.set(now.plus(Duration.ofHours(1)));
            assertThat(world.twoFactor.signInRequirement(ALICE, owner.browser()))
                    .isInstanceOf(SignInRequirement.NoCodeRequired.class);
            world.clock.advance(Duration.ofMillis(1));
            assertThat(world.twoFactor.signInRequirement(ALICE, owner.browser()))
                    .isInstanceOf(SignInRequirement.CodeRequired.class);
        }
    }
}
