// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import java.time.Duration;
import java.time.Instant;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is handed in to begin with: seeds and keys; and the budget that a backup code may empty. */
class SeedTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

    private static final SecretKey KEY = new SecretKeySpec(new byte[32], "HmacSHA256");

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
    void hotp_counterUpTo2To62_isTakenAndAboveIsRefused() {
        long most = 1L << 62;
        SharedSecret secret = SharedSecret.generate();

        assertThat(AuthenticatorSeed.hotp(secret, HmacAlgorithm.SHA1, 6, most).watermark())
                .isEqualTo(most - 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AuthenticatorSeed.hotp(secret, HmacAlgorithm.SHA1, 6, most + 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"!", "~", "2026-11", "k/1:a"})
    void keyId_ofPrintableAscii_isTaken(String id) {
        assertThat(KeyRing.of(id, KEY).currentId()).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "\u007f", "\u00e9", "line\n"})
    void keyId_ofAnythingElse_isRefused(String id) {
        assertThatIllegalArgumentException().isThrownBy(() -> KeyRing.of(id, KEY));
    }

    @Test
    void keyId_of64Characters_isTakenAnd65AreRefused() {
        assertThat(KeyRing.of("k".repeat(64), KEY).currentId()).hasSize(64);
        assertThatIllegalArgumentException().isThrownBy(() -> KeyRing.of("k".repeat(65), KEY));
    }

    @ParameterizedTest
    @ValueSource(strings = {"current", "previous"})
    void withPrevious_idThatIsThere_isRefused(String id) {
        KeyRing ring = KeyRing.of("current", KEY).withPrevious("previous", KEY);

        assertThatIllegalArgumentException().isThrownBy(() -> ring.withPrevious(id, KEY));
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
