// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.abuse;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.STEP;
import static dev.sallyport.abuse.Answers.isAccepted;
import static dev.sallyport.abuse.Answers.isRejected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.AuthenticatorSeed;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.EnrollmentResult.Expired;
import dev.sallyport.LockReason;
import dev.sallyport.MissingRecordException;
import dev.sallyport.Phone;
import dev.sallyport.StaleProofException;
import dev.sallyport.TwoFactor;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Cases 57 to 63, but 62, which takes a database: what attacks on our own design have found. */
class OwnDesignTest {
    private static final Duration YEAR = Duration.ofDays(365);
    private static final EnrollmentRequest REQUEST = EnrollmentRequest.of("alice@acme.example");

    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;

    @ParameterizedTest
    @EnumSource
    @DisplayName(
            "[57] Found by attacking our own design: the row is deleted or evicted, and the application knows better")
    void anyCall_rowGone_throws(EveryCall call) {
        TwoFactor witnessed = world.node().enabledWitness(ALICE::equals).build();
        Verified proof = world.prove(world.importApp());
        world.rows.clear();

        assertThatExceptionOfType(MissingRecordException.class).isThrownBy(() -> call.on(witnessed, proof));
        assertThat(world.rows).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("[57] Found by attacking our own design: an old backup, of before the enrollment was confirmed")
    void anyCall_rowOfAnOldBackup_throws(EveryCall call) {
        TwoFactor witnessed = world.node().enabledWitness(ALICE::equals).build();
        Phone phone = Phone.scan(twoFactor.beginEnrollment(ALICE, "alice"));
        Map<String, String> backup = Map.copyOf(world.rows);
        twoFactor.confirmEnrollment(ALICE, phone.codeAt(world.now()));
        world.clock.advance(STEP);
        Verified proof = world.prove(phone);
        world.rows.putAll(backup);

        assertThatExceptionOfType(MissingRecordException.class).isThrownBy(() -> call.on(witnessed, proof));
        assertThat(world.rows).isEqualTo(backup);
    }

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
        isAccepted(world.verify(code));

        for (long step = first + 1; step <= second + 2; step++) {
            clockAtStep(step);
            isRejected(world.verify(code));
        }
    }

    @ParameterizedTest
    @CsvSource({"153567, 153569, 468457", "679858, 679860, 038755"})
    @DisplayName("[58] Found by attacking our own design: the second step enters the window after the first was used")
    void verify_codeOfAStepThatComesLater_isAcceptedOnce(long first, long second, String code) {
        Phone phone = twins(first, second, code);
        clockAtStep(first);
        isAccepted(world.verify(code));

        for (long step = first; step <= second + 1; step++) {
            clockAtStep(step);
            isRejected(world.verify(code));
        }
        isAccepted(world.verify(phone.code(second + 1)));
        isRejected(world.verify(code));
    }

    @Test
    @DisplayName("[59] Found by attacking our own design: one secret on two authenticators would have two watermarks")
    void begin_secretThatTheAccountHas_isRefused() {
        Verified proof = world.prove(world.importApp());
        SharedSecret known = SharedSecret.fromBase32(Phone.RFC_SECRET);
        TotpParameters others = new TotpParameters(HmacAlgorithm.SHA256, 8, STEP, Instant.EPOCH);

        for (AuthenticatorSeed seed : new AuthenticatorSeed[] {
            AuthenticatorSeed.totp(known, TotpParameters.DEFAULT),
            AuthenticatorSeed.totp(known, others),
            AuthenticatorSeed.hotp(known, HmacAlgorithm.SHA1, 6, 0)
        }) {
            assertThatIllegalArgumentException().isThrownBy(() -> twoFactor.beginEnrollment(proof, REQUEST.seed(seed)));
        }
    }

    private void whileAYearAhead(Runnable action) {
        world.clock.advance(YEAR);
        action.run();
        world.clock.advance(YEAR.negated());
    }

    @ParameterizedTest
    @CsvSource({"4, 30", "10, 1920", "30, 3600"})
    @DisplayName(
            "[60] Found by attacking our own design: " + "a clock a year ahead for one failure locks nobody for a year")
    void lockout_ofAFailureAYearAhead_lastsItsTimeFromTheNextAttempt(int failuresBefore, int seconds) {
        Phone phone = world.importApp();
        world.fail(phone, failuresBefore);
        whileAYearAhead(() -> world.fail(phone, 1));
        Instant until = world.now().plusSeconds(seconds);

        assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(new LockedOut(until));
        world.clock.advance(Duration.ofSeconds(10));
        assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(new LockedOut(until));
        world.clock.set(until);
        isAccepted(world.verify(phone.codeAt(until)));
    }

    @Test
    @DisplayName("[60] Found by attacking our own design: and no failure of the budget is lost by it")
    void budget_failureAYearAhead_isInTodays() {
        Phone phone = world.importApp();
        for (int failures = 0; failures < 99; failures++) {
            if (failures % 4 == 0) {
                world.clock.advance(STEP);
                world.prove(phone);
            }
            world.fail(phone, 1);
        }
        whileAYearAhead(() -> world.fail(phone, 1));
        world.clock.advance(STEP);

        assertThat(world.verify(phone.codeAt(world.now())))
                .isEqualTo(new LockedOut(Instant.parse("2026-04-02T00:00:00Z")));
        assertThat(twoFactor.status(ALICE).lock()).contains(LockReason.BUDGET_SPENT);
    }

    @Test
    @DisplayName(
            "[60] Found by attacking our own design: the lock never gets shorter from the 5th to the 100th failure")
    void lockout_upToTheHundredthFailure_neverGetsShorter() {
        Phone phone = world.importApp();
        world.fail(phone, 4);
        Duration before = Duration.ZERO;
        for (int failure = 5; failure <= 99; failure++) {
            world.fail(phone, 1);
            Duration lockout = Duration.between(
                    world.now(), twoFactor.status(ALICE).lockedUntil().orElseThrow());
            assertThat(lockout).as("after failure %s", failure).isBetween(before, Duration.ofHours(1));
            before = lockout;
        }
        assertThat(before).isEqualTo(Duration.ofHours(1));
        world.fail(phone, 1);

        assertThat(twoFactor.status(ALICE).suspended()).isTrue();
    }

    @Test
    @DisplayName("[61] Found by attacking our own design: "
            + "a phished code made a proof, then the victim changes the password")
    void proof_ofAPhishedCode_diesWithThePasswordChange() {
        Owner victim = world.enroll();
        Verified phished = world.prove(victim.phone());
        String sealed = twoFactor.seal(phished);

        twoFactor.forgetBrowsers(ALICE);

        assertThatThrownBy(() -> twoFactor.disable(phished)).isInstanceOf(StaleProofException.class);
        assertThatThrownBy(() -> twoFactor.rememberBrowser(phished, "Mine")).isInstanceOf(StaleProofException.class);
        assertThatThrownBy(() -> twoFactor.beginEnrollment(phished, REQUEST)).isInstanceOf(StaleProofException.class);
        Verified unsealed = twoFactor.unseal(ALICE, sealed).orElseThrow();
        assertThatThrownBy(() -> twoFactor.regenerateBackupCodes(unsealed)).isInstanceOf(StaleProofException.class);
    }

    @Test
    @DisplayName(
            "[61] Found by attacking our own design: the same, and a second authenticator was begun with the proof")
    void enrollment_begunWithAPhishedProof_diesWithThePasswordChange() {
        Owner victim = world.enroll();
        Phone attackers = Phone.scan(twoFactor.beginEnrollment(world.prove(victim.phone()), REQUEST));

        twoFactor.forgetBrowsers(ALICE);

        assertThat(twoFactor.confirmEnrollment(ALICE, attackers.codeAt(world.now())))
                .isEqualTo(new Expired());
        assertThat(twoFactor.status(ALICE).authenticators()).hasSize(1);
        world.clock.advance(STEP);
        isRejected(world.verify(attackers.codeAt(world.now())));
        isAccepted(world.verify(victim.phone().codeAt(world.now())));
    }

    @Test
    @DisplayName(
            "[63] Found by attacking our own design: wrong codes of both kinds for ever, and the owner's backup code")
    void verify_attackForAMonth_theOwnersBackupCodePassesWithinFiveSeconds() {
        Owner owner = world.enroll();
        String wrong = "0000-0000-0000-0000";
        for (int i = 0; i < 5; i++) {
            isRejected(world.verify(wrong));
        }
        for (int hour = 0; hour < 30 * 24; hour++) {
            world.clock.advance(Duration.ofHours(1));
            world.verify(owner.phone().wrongAt(world.now()));
            isRejected(world.verify(wrong));
            assertThat(world.verify(wrong)).isEqualTo(new LockedOut(world.now().plusSeconds(5)));
        }
        assertThat(twoFactor.status(ALICE).suspended()).isTrue();

        world.clock.advance(Duration.ofSeconds(5));
        isAccepted(world.verify(owner.backupCodes().get(0)));
    }
}
