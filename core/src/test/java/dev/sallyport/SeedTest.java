// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What is handed in to begin with: seeds and keys; and the budget that a backup code may empty. */
class SeedTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

    private final World world = new World();

    @Test
    void beginEnrollment_seedUsedAheadOfTheClock_isRefusedAtOnce() {
        long step = Totp.of(TotpParameters.DEFAULT).step(world.now());
        AuthenticatorSeed seed = AuthenticatorSeed.totp(SharedSecret.generate(), TotpParameters.DEFAULT);
        EnrollmentRequest request = EnrollmentRequest.of("alice");

        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        world.twoFactor.beginEnrollment(UserId.of("1"), request.seed(seed.lastUsedStep(step + 2))))
                .withMessageContaining("ahead of the clock");
        world.twoFactor.beginEnrollment(UserId.of("1"), request.seed(seed.lastUsedStep(step + 1)));
    }

    @Test
    void fromBase64_withTheLineFeedOfAFile_isTheKey() {
        assertThatCode(() -> KeyRing.fromBase64("k", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"))
                .doesNotThrowAnyException();
    }

    @Test
    void backupCodeUsed_onlyFailuresThatNoLongerCount_keepsTheOneEmptying() {
        Limits old = Limits.NONE.codeFailed(NOW);

        assertThat(old.backupCodeUsed(NOW.plus(Duration.ofDays(31))).budgetEmptied())
                .isNull();
        assertThat(old.backupCodeUsed(NOW.plus(Duration.ofDays(29))).budgetEmptied())
                .isEqualTo(NOW.plus(Duration.ofDays(29)));
    }
}
