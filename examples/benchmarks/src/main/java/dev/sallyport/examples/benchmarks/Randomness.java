// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import com.bastiaanjansen.otp.SecretGenerator;
import dev.sallyport.otp.SharedSecret;
import dev.samstevens.totp.secret.DefaultSecretGenerator;
import java.security.SecureRandom;
import java.util.List;
import org.keycloak.models.utils.HmacOTP;

/** What is drawn from the generator of random numbers, of which a process has one. */
final class Randomness {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final DefaultSecretGenerator JAVA_TOTP = new DefaultSecretGenerator();

    private Randomness() {}

    static Comparison secret() {
        return Comparison.of(
                "new secret",
                List.of(
                        Contestant.of("Sallyport", SharedSecret::generate),
                        Contestant.of("the JDK's 20 random bytes", () -> {
                            byte[] bytes = new byte[20];
                            RANDOM.nextBytes(bytes);
                            return bytes;
                        }),
                        Contestant.of("java-totp", JAVA_TOTP::generate),
                        Contestant.of("otp-java", SecretGenerator::generate),
                        Contestant.of("Keycloak", () -> HmacOTP.generateSecret(20))),
                Goal.within("Sallyport", 1.4, "the JDK's 20 random bytes"));
    }

    static Comparison secretInTwoThreads() {
        return secret().inThreads(2, Goal.within("Sallyport", 1.4, "the JDK's 20 random bytes"));
    }
}
