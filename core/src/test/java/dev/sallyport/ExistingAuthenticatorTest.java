// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExistingAuthenticatorTest {
    private static final SharedSecret SECRET = SharedSecret.fromBase32(Phone.RFC_SECRET);
    private static final ExistingAuthenticator TOTP = ExistingAuthenticator.totp(SECRET, TotpParameters.DEFAULT);
    private static final ExistingAuthenticator HOTP = ExistingAuthenticator.hotp(SECRET, HmacAlgorithm.SHA1, 6, 0);

    private final World world = new World();
    private final long step = Totp.of(TotpParameters.DEFAULT).step(world.now());

    private static AuthenticatorSeed seed(ExistingAuthenticator existing) {
        return existing.seedAt(World.START, TwoFactorPolicy.defaults());
    }

    private void begin(ExistingAuthenticator existing) {
        world.twoFactor.beginEnrollment(ALICE, EnrollmentRequest.of("alice").existing(existing));
    }

    @Test
    void lastUsedStep_upTo20AheadOfTheClock_isTakenAnd21IsRefusedAtOnce() {
        begin(TOTP.lastUsedStep(step + 20));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> begin(TOTP.lastUsedStep(step + 21)))
                .withMessageContaining("ahead of the clock");
    }

    @Test
    void lastUsedStep_notSaid_isTheLastThatTheWindowReaches() {
        assertThat(seed(TOTP).watermark()).isEqualTo(step + 1);
        assertThat(TOTP.seedAt(World.START, TwoFactorPolicy.asvsStrict()).watermark())
                .isEqualTo(step);
        assertThat(seed(TOTP.ownClock()).watermark()).isEqualTo(step + 1);
    }

    @Test
    void lastUsedStep_said_isThatStepAndNoMore() {
        assertThat(seed(TOTP.lastUsedStep(0)).watermark()).isZero();
        assertThat(seed(TOTP.lastUsedStep(step)).watermark()).isEqualTo(step);
    }

    @Test
    void lastUsedStep_thatNoClockCanShow_isRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> TOTP.lastUsedStep(Long.MAX_VALUE));
    }

    @Test
    void lastUsedStepAndOwnClock_inEitherOrder_areBothKept() {
        AuthenticatorSeed one = seed(TOTP.lastUsedStep(5).ownClock());
        AuthenticatorSeed other = seed(TOTP.ownClock().lastUsedStep(5));

        assertThat(one).isEqualTo(other);
        assertThat(one.ownClock()).isTrue();
        assertThat(one.watermark()).isEqualTo(5);
        assertThat(one.offset()).isZero();
    }

    @Test
    void totp_withoutOwnClock_isAPhone() {
        assertThat(seed(TOTP).ownClock()).isFalse();
    }

    @Test
    void hotp_counterUpTo2To62_isTakenAndAboveIsRefused() {
        long most = 1L << 62;

        assertThat(seed(ExistingAuthenticator.hotp(SECRET, HmacAlgorithm.SHA1, 6, most))
                        .watermark())
                .isEqualTo(most - 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ExistingAuthenticator.hotp(SECRET, HmacAlgorithm.SHA1, 6, most + 1));
    }

    @Test
    void hotp_greatestCounter_isSearchedWithoutOverflow() {
        world.importAll(ExistingAuthenticator.hotp(SECRET, HmacAlgorithm.SHA1, 6, 1L << 62));
        Phone token = Phone.ofSecret(Phone.RFC_SECRET);

        assertThat(world.twoFactor.verify(
                        world.challenge(ALICE, Browser.none()),
                        token.code((1L << 62) + 50),
                        token.code((1L << 62) + 51)))
                .isInstanceOf(VerificationResult.Verified.class);
    }

    @ParameterizedTest
    @CsvSource({"-1, 6", "4611686018427387905, 6", "0, 5", "0, 9"})
    void hotp_counterOrDigitsOutOfRange_isRefused(long counter, int digits) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ExistingAuthenticator.hotp(SECRET, HmacAlgorithm.SHA1, digits, counter));
    }

    @Test
    void lastUsedStepOrOwnClock_counterBased_isMisuse() {
        assertThatIllegalStateException().isThrownBy(() -> HOTP.lastUsedStep(1));
        assertThatIllegalStateException().isThrownBy(HOTP::ownClock);
    }

    @Test
    void of_aKeyUri_isWhatItSays() {
        AuthenticatorSeed totp = seed(ExistingAuthenticator.of(
                KeyUri.parse("otpauth://totp/a?algorithm=SHA512&digits=8&period=60&secret=" + Phone.RFC_SECRET)));
        AuthenticatorSeed hotp = seed(ExistingAuthenticator.of(
                KeyUri.parse("otpauth://hotp/a?algorithm=SHA256&digits=7&counter=7&secret=" + Phone.RFC_SECRET)));

        assertThat(totp.totp())
                .isEqualTo(new TotpParameters(HmacAlgorithm.SHA512, 8, Duration.ofSeconds(60), Instant.EPOCH));
        assertThat(totp.secret()).isEqualTo(SECRET);
        assertThat(totp.watermark())
                .isEqualTo(Totp.of(Objects.requireNonNull(totp.totp())).step(World.START) + 1);
        assertThat(hotp.totp()).isNull();
        assertThat(hotp.algorithm()).isEqualTo(HmacAlgorithm.SHA256);
        assertThat(hotp.digits()).isEqualTo(7);
        assertThat(hotp.watermark()).isEqualTo(6);
    }
}
