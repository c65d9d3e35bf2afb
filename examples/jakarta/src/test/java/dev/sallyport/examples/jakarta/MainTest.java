// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.jakarta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.KeyRing;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.TwoFactor;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.testing.SteppedClock;
import dev.sallyport.testing.VirtualPhone;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.Test;

class MainTest {
    private final SteppedClock clock = new SteppedClock();
    private final TwoFactor twoFactor = TwoFactor.builder()
            .issuer("Acme")
            .store(new MapTwoFactorStore(new ConcurrentHashMap<>()))
            .encryptionKeys(KeyRing.generate())
            .clock(clock)
            .build();

    @Test
    void whatIsPrinted_byWhoReadsIt_signsIn() {
        List<String> lines = Main.enable(twoFactor, clock.instant()).lines().toList();
        KeyUri keyUri = KeyUri.parse(lines.stream()
                .filter(line -> line.startsWith("otpauth://"))
                .findFirst()
                .orElseThrow());
        String code = VirtualPhone.scan(keyUri, clock).code();
        String backupCode = lines.get(lines.size() - 1).replaceFirst("^10\\. ", "");

        assertThat(verify(code)).isInstanceOf(Verified.class);
        assertThat(verify(backupCode)).isInstanceOf(Verified.class);
    }

    private VerificationResult verify(String typed) {
        CodeRequired required = (CodeRequired) twoFactor.signInRequirement(Main.ALICE, dev.sallyport.Browser.none());
        return twoFactor.verify(required.challenge(), typed);
    }

    @Test
    void start_onAPortThatIsTaken_fails() throws Exception {
        SignInFilter filter = new SignInFilter(twoFactor, Main.passwords("secret"), clock);
        Tomcat first = Main.start(filter, 0);
        try {
            assertThatThrownBy(() -> Main.start(filter, first.getConnector().getLocalPort()))
                    .isInstanceOf(LifecycleException.class);
        } finally {
            first.stop();
            first.destroy();
        }
    }
}
