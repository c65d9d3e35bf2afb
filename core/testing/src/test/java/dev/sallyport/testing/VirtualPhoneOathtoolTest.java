// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Compares the phone with {@code oathtool} of the OATH Toolkit, an implementation in another language by other people.
 * If it is not installed, the tests are skipped with a message. They fail if the environment variable CI is set.
 */
class VirtualPhoneOathtoolTest {
    private static final int RUNS = 20;
    private static final int CODES_PER_RUN = 10;
    private static final HmacAlgorithm[] ALGORITHMS = HmacAlgorithm.values();

    /** Fixed, so that a failure can be repeated. */
    private final Random random = new Random(6238);

    @BeforeAll
    static void findOathtool() throws IOException, InterruptedException {
        try {
            oathtool(List.of("--version"));
        } catch (IOException e) {
            if (System.getenv("CI") != null) {
                throw e;
            }
            System.out.println("oathtool is not installed: phones are not compared with it (Debian package oathtool)");
            Assumptions.abort("oathtool is not installed");
        }
    }

    @Test
    @DisplayName("Each code of an app as oathtool, also where its clock is off")
    void code_ofRandomApps_isThatOfOathtool() throws IOException, InterruptedException {
        for (int run = 0; run < RUNS; run++) {
            SharedSecret secret = randomSecret();
            HmacAlgorithm algorithm = ALGORITHMS[run % ALGORITHMS.length];
            int digits = 6 + random.nextInt(3);
            int period = 1 + random.nextInt(300);
            int off = random.nextInt(-10_000, 10_000);
            // Later than the clock can be off, because oathtool supports no times before the epoch.
            long now = random.nextLong(10_000, 30_000_000_000L);
            SteppedClock clock = new SteppedClock(Instant.ofEpochSecond(now));
            TotpParameters parameters =
                    new TotpParameters(algorithm, digits, Duration.ofSeconds(period), Instant.EPOCH);
            VirtualPhone phone = VirtualPhone.scan(KeyUri.totp("Acme", "alice", secret, parameters), clock);
            phone.clockOff(Duration.ofSeconds(off));

            List<String> arguments = List.of(
                    "--totp=" + algorithm,
                    "--time-step-size=" + period + "s",
                    "--now=@" + (now + off),
                    "--digits=" + digits,
                    "--window=" + (CODES_PER_RUN - 1),
                    hex(secret));
            assertThat(codes(phone)).as(arguments.toString()).isEqualTo(oathtool(arguments));
        }
    }

    @Test
    @DisplayName("Each press of a token's button as oathtool")
    void code_ofRandomTokens_isThatOfOathtool() throws IOException, InterruptedException {
        for (int run = 0; run < RUNS; run++) {
            SharedSecret secret = randomSecret();
            int digits = 6 + random.nextInt(3);
            long counter = random.nextLong(Long.MAX_VALUE - 1000);
            KeyUri keyUri = KeyUri.hotp("Acme", "alice", secret, HmacAlgorithm.SHA1, digits, counter);
            VirtualPhone token = VirtualPhone.scan(keyUri, new SteppedClock());
            token.advance(5);

            List<String> arguments = List.of(
                    "--hotp",
                    "--counter=" + (counter + 5),
                    "--digits=" + digits,
                    "--window=" + (CODES_PER_RUN - 1),
                    hex(secret));
            assertThat(codes(token)).as(arguments.toString()).isEqualTo(oathtool(arguments));
        }
    }

    @Test
    @DisplayName("A secret that was typed as oathtool")
    void code_ofATypedSecret_isThatOfOathtool() throws IOException, InterruptedException {
        SteppedClock clock = new SteppedClock();
        VirtualPhone phone = VirtualPhone.typed("JBSW Y3DP EHPK 3PXP", clock);
        List<String> arguments = List.of(
                "--totp",
                "--now=@" + clock.instant().getEpochSecond(),
                "--window=" + (CODES_PER_RUN - 1),
                "--base32",
                "JBSWY3DPEHPK3PXP");

        assertThat(codes(phone)).isEqualTo(oathtool(arguments));
    }

    private static List<String> codes(VirtualPhone phone) {
        return Stream.generate(phone::code).limit(CODES_PER_RUN).toList();
    }

    private SharedSecret randomSecret() {
        byte[] bytes = new byte[10 + random.nextInt(55)];
        random.nextBytes(bytes);
        return SharedSecret.fromBytes(bytes);
    }

    private static String hex(SharedSecret secret) {
        return HexFormat.of().formatHex(secret.toBytes());
    }

    private static List<String> oathtool(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add("oathtool");
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        List<String> lines = new String(process.getInputStream().readAllBytes(), US_ASCII)
                .lines()
                .toList();
        assertThat(process.waitFor()).as(lines.toString()).isZero();
        return lines;
    }
}
