// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The build runs the suites with the most cryptography again with a FIPS module as the only provider of HMACs and
 * ciphers, in its approved-only mode. This shows that the run does have it.
 */
@DisplayName("In the run with another security provider, all cryptography is that provider's")
class DefaultProviderTest {
    private static final String EXPECTED = System.getProperty("sallyport.test.provider", "");

    @ParameterizedTest
    @EnumSource
    void mac_ofAnExecution_isOfTheProviderThatItNames(HmacAlgorithm algorithm) throws GeneralSecurityException {
        String name = "Hmac" + algorithm;

        assertThat(Mac.getInstance(name).getProvider().getName()).isEqualTo(EXPECTED);
        assertThat(Security.getProviders("Mac." + name))
                .extracting(Provider::getName)
                .containsExactly(EXPECTED);
        assertThat(new OneTimeCodes(algorithm, 6)
                        .keyedWith(RfcSecrets.BYTES_20)
                        .getProvider()
                        .getName())
                .isEqualTo(EXPECTED);
    }

    @Test
    void cipherHashAndGenerator_ofAnExecution_areOfTheProviderThatItNames() throws GeneralSecurityException {
        assertThat(Stream.of(
                        Cipher.getInstance("AES/GCM/NoPadding").getProvider(),
                        MessageDigest.getInstance("SHA-256").getProvider(),
                        new SecureRandom().getProvider()))
                .extracting(Provider::getName)
                .containsOnly(EXPECTED);
    }

    @Test
    @DisplayName("In approved-only mode a secret of less than 112 bits gives no code, and not that of another provider")
    void generate_secretOf104Bits_isRefused() {
        Hotp hotp = Hotp.of(HmacAlgorithm.SHA1, 6);

        assertThat(hotp.generate(SharedSecret.fromBytes(new byte[14]), 0)).hasSize(6);
        assertThatIllegalStateException()
                .isThrownBy(() -> hotp.generate(SharedSecret.fromBytes(new byte[13]), 0))
                .withMessageContaining("this secret of 13 bytes");
    }
}
