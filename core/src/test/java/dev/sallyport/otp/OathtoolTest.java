// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Compares with {@code oathtool} of the OATH Toolkit, an implementation in another language by other people. Where it is
 * not installed this is skipped and says so; where the environment says CI, it fails.
 */
class OathtoolTest {
    /** Each gives {@link #CODES_PER_RUN} codes. */
    private static final int RUNS = 60;

    private static final int CODES_PER_RUN = 10;
    private static final HmacAlgorithm[] ALGORITHMS = HmacAlgorithm.values();

    /** Fixed, so that a failure can be repeated. */
    private final Random random = new Random(4226);

    @BeforeAll
    static void findOathtool() throws IOException, InterruptedException {
        try {
            oathtool(List.of("--version"));
        } catch (IOException e) {
            if (System.getenv("CI") != null) {
                throw e;
            }
            System.out.println("oathtool is not installed: codes are not compared with it (Debian package oathtool)");
            Assumptions.abort("oathtool is not installed");
        }
    }

    @Test
    @DisplayName("HOTP as oathtool: secrets, counters, digits")
    void hotpGenerate_randomCases_givesWhatOathtoolGives() throws IOException, InterruptedException {
        for (int run = 0; run < RUNS; run++) {
            SharedSecret secret = randomSecret();
            int digits = randomDigits();
            // Of every magnitude: 0 to 63 bits.
            long counter = Math.min(random.nextLong() >>> (1 + random.nextInt(63)), Long.MAX_VALUE - CODES_PER_RUN);
            Hotp hotp = Hotp.of(HmacAlgorithm.SHA1, digits);

            List<String> ours = new ArrayList<>();
            for (int i = 0; i < CODES_PER_RUN; i++) {
                ours.add(hotp.generate(secret, counter + i));
            }

            List<String> arguments = List.of(
                    "--hotp",
                    "--counter=" + counter,
                    "--digits=" + digits,
                    "--window=" + (CODES_PER_RUN - 1),
                    hex(secret));
            assertThat(ours).as(arguments.toString()).isEqualTo(oathtool(arguments));
        }
    }

    @Test
    @DisplayName("TOTP as oathtool: algorithms, secrets, times, digits, periods, T0")
    void totpGenerate_randomCases_givesWhatOathtoolGives() throws IOException, InterruptedException {
        for (int run = 0; run < RUNS; run++) {
            SharedSecret secret = randomSecret();
            HmacAlgorithm algorithm = ALGORITHMS[run % ALGORITHMS.length];
            int digits = randomDigits();
            long period = random.nextLong(1, 300);
            long t0 = run % 4 == 0 ? random.nextLong() >>> 34 : 0;
            // Into the fourth millennium. Before T0 there is no time for oathtool.
            long now = t0 + (random.nextLong() >>> 29);
            Totp totp = Totp.of(
                    new TotpParameters(algorithm, digits, Duration.ofSeconds(period), Instant.ofEpochSecond(t0)));

            List<String> ours = new ArrayList<>();
            for (int i = 0; i < CODES_PER_RUN; i++) {
                ours.add(totp.generate(secret, Instant.ofEpochSecond(now + i * period)));
            }

            List<String> arguments = List.of(
                    "--totp=" + algorithm,
                    "--time-step-size=" + period + "s",
                    "--start-time=@" + t0,
                    "--now=@" + now,
                    "--digits=" + digits,
                    "--window=" + (CODES_PER_RUN - 1),
                    hex(secret));
            assertThat(ours).as(arguments.toString()).isEqualTo(oathtool(arguments));
        }
    }

    private SharedSecret randomSecret() {
        byte[] bytes = new byte[16 + random.nextInt(49)];
        random.nextBytes(bytes);
        return SharedSecret.fromBytes(bytes);
    }

    private int randomDigits() {
        return 6 + random.nextInt(3);
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
