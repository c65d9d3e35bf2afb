// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.abuse;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.STEP;
import static dev.sallyport.abuse.Results.assertAccepted;
import static dev.sallyport.abuse.Results.assertRejected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sallyport.EnrollmentRequest;
import dev.sallyport.ExistingAuthenticator;
import dev.sallyport.Phone;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorStatus.Lock;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World;
import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cases 58 to 60: what attacks on our own design have found about codes, secrets and clocks. */
class OwnDesignTest {
    private static final Duration YEAR = Duration.ofDays(365);
    private static final EnrollmentRequest REQUEST = EnrollmentRequest.of("alice@acme.example");

    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;

    /** Two steps of one window with one code, of the RFCs' secret. */
    private Phone twins(long first, long second, String code) {
        Phone phone = world.importApp();
        assertThat(phone.code(first)).isEqualTo(code).isEqualTo(phone.code(second));
        return phone;
    }

    private void clockAtStep(long step) {
        world.clock.set(Instant.EPOCH.plus(STEP.multipliedBy(step)));
    }

    @ParameterizedTest
    @CsvSource({"153567, 153569, 468457", "679858, 679860, 038755"})
    @DisplayName("[58] Found by attacking our own design: two steps of one window with one code, which passes once")
    void verify_codeOfTwoStepsInOneWindow_isAcceptedOnce(long first, long second, String code) {
        twins(first, second, code);
        clockAtStep(first + 1);
        assertAccepted(world.verify(code));

        for (long step = first + 1; step <= second + 2; step++) {
            clockAtStep(step);
            assertRejected(world.verify(code));
        }
    }

    @ParameterizedTest
    @CsvSource({"153567, 153569, 468457", "679858, 679860, 038755"})
    @DisplayName("[58] Found by attacking our own design: the second step enters the window after the first was used")
    void verify_codeOfAStepThatComesLater_isAcceptedOnce(long first, long second, String code) {
        Phone phone = twins(first, second, code);
        clockAtStep(first);
        assertAccepted(world.verify(code));

        for (long step = first; step <= second + 1; step++) {
            clockAtStep(step);
            assertRejected(world.verify(code));
        }
        assertAccepted(world.verify(phone.code(second + 1)));
        assertRejected(world.verify(code));
    }

    @ParameterizedTest
    @CsvSource({"153567, 153569, 468457", "679858, 679860, 038755"})
    @DisplayName(
            "[58] Found by attacking our own design: another code between the two does not bring the used one back")
    void verify_codeOfTwoSteps_afterTheCodeBetweenThem_isRejected(long first, long second, String code) {
        Phone phone = twins(first, second, code);
        clockAtStep(first);
        assertAccepted(world.verify(code));
        clockAtStep(first + 1);
        assertAccepted(world.verify(phone.code(first + 1)));

        assertRejected(world.verify(code));
    }

    @Test
    @DisplayName("[59] Found by attacking our own design: one secret on two authenticators would have two watermarks")
    void begin_secretThatTheAccountHas_isRefused() {
        Verified proof = world.prove(world.importApp());
        SharedSecret known = SharedSecret.fromBase32(Phone.RFC_SECRET);
        TotpParameters others = new TotpParameters(HmacAlgorithm.SHA256, 8, STEP, Instant.EPOCH);

        byte[] padded = Arrays.copyOf(known.toBytes(), 21);
        for (ExistingAuthenticator existing : List.of(
                ExistingAuthenticator.totp(SharedSecret.fromBytes(padded), TotpParameters.DEFAULT),
                ExistingAuthenticator.totp(known, TotpParameters.DEFAULT),
                ExistingAuthenticator.totp(known, others),
                ExistingAuthenticator.hotp(known, HmacAlgorithm.SHA1, 6, 0))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> twoFactor.addAuthenticator(proof, REQUEST.existing(existing)));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new World()
                        .importAll(
                                ExistingAuthenticator.totp(known, TotpParameters.DEFAULT),
                                ExistingAuthenticator.totp(known, others)));
    }

    private Lock lock() {
        return twoFactor.status(ALICE).strangers().lock().orElseThrow();
    }

    private void whileAYearAhead(Runnable action) {
        world.clock.advance(YEAR);
        action.run();
        world.clock.advance(YEAR.negated());
    }

    @ParameterizedTest
    @CsvSource({"4, 60", "9, 1920", "30, 3600"})
    @DisplayName("[60] Found by attacking our own design: a clock a year ahead for one failure locks nobody for a year")
    void lockout_ofAFailureAYearAhead_lastsItsTimeFromTheNextAttempt(int failuresBefore, int seconds) {
        Phone phone = world.importApp();
        world.fail(phone, failuresBefore);
        whileAYearAhead(() -> world.fail(phone, 1));
        Instant until = world.now().plusSeconds(seconds);

        assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(new LockedOut(Optional.of(until)));
        world.clock.advance(Duration.ofSeconds(10));
        assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(new LockedOut(Optional.of(until)));
        world.clock.set(until);
        assertAccepted(world.verify(phone.codeAt(until)));
    }

    @Test
    @DisplayName("[60] Found by attacking our own design: and no failure of the budget is lost by it")
    void budget_failureAYearAhead_isInTodays() {
        Phone phone = world.importApp();
        for (int failures = 0; failures < 49; failures++) {
            if (failures % 4 == 0) {
                world.clock.advance(STEP);
                world.prove(phone);
            }
            world.fail(phone, 1);
        }
        whileAYearAhead(() -> world.fail(phone, 1));
        world.clock.advance(STEP);

        assertThat(world.verify(phone.codeAt(world.now())))
                .isEqualTo(new LockedOut(Optional.of(Instant.parse("2026-04-02T00:00:00Z"))));
        assertThat(lock().reason()).isEqualTo(Lock.Reason.BUDGET_SPENT);
    }

    @Test
    @DisplayName("[60] Found by attacking our own design: the lock never gets shorter from the 5th failure to the last")
    void lockout_upToTheSuspension_neverGetsShorter() {
        Phone phone = world.importApp();
        world.fail(phone, 4);
        Duration before = Duration.ZERO;
        for (int failure = 5; failure <= 49; failure++) {
            world.fail(phone, 1);
            Duration lockout = Duration.between(world.now(), lock().until().orElseThrow());
            assertThat(lockout).as("after failure %s", failure).isBetween(before, Duration.ofHours(1));
            before = lockout;
        }
        assertThat(before).isEqualTo(Duration.ofHours(1));
        world.fail(phone, 1);

        assertThat(lock()).isEqualTo(new Lock(Lock.Reason.SUSPENDED, Optional.empty()));
    }
}
