// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.STEP;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.TotpParameters;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What COMPLIANCE.md says and no other test checks. */
class ComplianceTest {
    private static final TwoFactorPolicy SHA256_OF_8_DIGITS = TwoFactorPolicy.builder()
            .totp(new TotpParameters(HmacAlgorithm.SHA256, 8, STEP, Instant.EPOCH))
            .build();

    @Test
    @DisplayName("RFC 6238 section 3, R4: prover and verifier use the same parameters, whatever the policy says by now")
    void verify_enrolledUnderAnotherPolicy_goesByItsOwnParameters() {
        World world = new World();
        Phone before = world.enroll(ALICE).phone();
        TwoFactor changed = world.node().policy(SHA256_OF_8_DIGITS).build();
        PendingEnrollment pending = changed.beginEnrollment(BOB, "bob@acme.example");
        Phone after = Phone.scan(pending);
        changed.confirmEnrollment(pending.handle(), after.codeAt(world.now()));
        world.clock.advance(STEP);

        assertThat(changed.verify(world.challenge(ALICE, Browser.none()), before.codeAt(world.now())))
                .isInstanceOf(Verified.class);
        assertThat(world.twoFactor.verify(world.challenge(BOB, Browser.none()), after.codeAt(world.now())))
                .isInstanceOf(Verified.class);
    }

    @ParameterizedTest
    @EnumSource(HmacAlgorithm.class)
    @DisplayName("A deviation from RFC 6238 section 3, R6: a secret has 160 bits under each hash function")
    void beginEnrollment_anyHashFunction_makesASecretOf160Bits(HmacAlgorithm algorithm) {
        World world = new World(TwoFactorPolicy.builder()
                .totp(new TotpParameters(algorithm, 6, STEP, Instant.EPOCH))
                .build());

        PendingEnrollment shown = world.twoFactor.beginEnrollment(ALICE, "alice");

        assertThat(shown.keyUri().algorithm()).isEqualTo(algorithm);
        assertThat(shown.keyUri().secret().toBytes()).hasSize(20);
    }

    @Test
    @DisplayName("NIST SP 800-63B-4 section 3.1.2.2: over 112 bits, a look-up secret is stored under an approved hash")
    void backupCodes_ofASet_areKeptAsSha256UnderOneSaltOf128Bits() throws GeneralSecurityException {
        BackupCodeSet.Fresh fresh = BackupCodeSet.generate(TwoFactorPolicy.defaults(), new SecureRandom(), World.START);

        byte[] salt = fresh.set().salt().toArray();
        assertThat(salt).hasSize(16);
        List<String> codes = fresh.codes().asList();
        assertThat(codes).hasSize(10);
        for (int i = 0; i < codes.size(); i++) {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(salt);
            byte[] hash = sha256.digest(codes.get(i).replace("-", "").getBytes(US_ASCII));
            assertThat(fresh.set().slots().get(i).hash().toArray()).isEqualTo(hash);
        }
    }
}
