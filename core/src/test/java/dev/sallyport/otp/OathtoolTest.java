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
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Compares with {@code oathtool} of the OATH Toolkit, an implementation in another language by other people. If it is not
 * installed, the tests are skipped with a message. They fail if the environment variable CI is set.
 */
class OathtoolTest {
    /** Each run compares {@link #CODES_PER_RUN} codes. */
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
            // Numbers of every length from 0 to 63 bits.
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
            // Up to about the year 3090. oathtool supports no times before T0.
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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "JBSWY3DPEHPK3PXP",
                "MFRGGZDFMZTWQ2LKNNWA",
                "MFRGGZDFMZTWQ2LKNNWG23TP",
                "S46SQCPPTCNPROMHWYBDCTBZXV",
                "AEBAGBAFAYDQQCIKBMGA2DQPCAIR",
                "AEBAGBAFAYDQQCIKBMGA2DQPCAIRF",
                "AEBAGBAFAYDQQCIKBMGA2DQPCAIREEZ"
            })
    @DisplayName("Base32 as oathtool: short secrets, and loose bits at the end")
    void fromBase32_secretOfAnotherSystem_givesTheCodesOfOathtool(String base32)
            throws IOException, InterruptedException {
        assertThat(codes(SharedSecret.fromBase32(base32))).isEqualTo(codesOfOathtool(base32));
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 205})
    @DisplayName("Base32 as oathtool: long secrets")
    void fromBase32_longSecret_givesTheCodesOfOathtool(int letters) throws IOException, InterruptedException {
        StringBuilder base32 = new StringBuilder();
        for (int i = 0; i < letters; i++) {
            base32.append("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".charAt(random.nextInt(32)));
        }

        assertThat(codes(SharedSecret.fromBase32(base32.toString()))).isEqualTo(codesOfOathtool(base32.toString()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jbswy3dpehpk3pxp",
                "JBSW Y3DP EHPK 3PXP",
                "JBSW-Y3DP-EHPK-3PXP",
                "JBSW\u2013Y3DP\u2014EHPK\u22123PXP",
                "\tJBSWY3DP\u00A0EHPK3PXP\r\n",
                "\uFEFFJBSWY3DP\u200BEHPK3PXP\u200E",
                "JBSWY3DPEHPK3PXP=",
                "JBSWY3DPEHPK3PXP========"
            })
    @DisplayName("No separator and no padding changes a code that oathtool gives without it")
    void fromBase32_otherSpelling_givesTheCodesOfOathtool(String typed) throws IOException, InterruptedException {
        assertThat(codes(SharedSecret.fromBase32(typed))).isEqualTo(codesOfOathtool("JBSWY3DPEHPK3PXP"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?secret=JBSWY3DPEHPK3PXP",
                "?secret=JBSW+Y3DP+EHPK+3PXP",
                "?SECRET=jbswy3dpehpk3pxp%3D%3D",
                "?secret=%20JBSWY3DP-EHPK3PXP&algorithm=&digits&period=",
                "?secret=JBSWY3DPEHPK3PXP&algorithm=SHA-1&digits=6&period=30\n"
            })
    @DisplayName("No accepted form of a key URI changes a code that oathtool gives")
    void parse_otherFormOfAKeyUri_givesTheCodesOfOathtool(String query) throws IOException, InterruptedException {
        KeyUri uri = KeyUri.parse("otpauth://totp/Acme:alice" + query);

        assertThat(uri.algorithm()).isEqualTo(HmacAlgorithm.SHA1);
        assertThat(uri.digits()).isEqualTo(6);
        assertThat(uri.period()).hasValue(Duration.ofSeconds(30));
        assertThat(codes(uri.secret())).isEqualTo(codesOfOathtool("JBSWY3DPEHPK3PXP"));
    }

    @ParameterizedTest
    @CsvSource({
        "SHA1, SHA-1",
        "SHA1, HmacSHA1",
        "SHA1, Algorithm.sha1",
        "SHA256, SHA-256",
        "SHA256, HmacSHA256",
        "SHA256, hmac_sha256",
        "SHA512, HMAC-SHA-512",
        "SHA512, Algorithm.sha512"
    })
    @DisplayName("No accepted spelling of an algorithm changes a code that oathtool gives")
    void parse_otherSpellingOfAnAlgorithm_givesTheCodesOfOathtool(String oathtools, String spelling)
            throws IOException, InterruptedException {
        KeyUri uri = KeyUri.parse("otpauth://totp/Acme:alice?secret=JBSWY3DPEHPK3PXP&algorithm=" + spelling);
        Totp totp = Totp.of(new TotpParameters(uri.algorithm(), 6, Duration.ofSeconds(30), Instant.EPOCH));

        assertThat(totp.generate(uri.secret(), Instant.EPOCH))
                .isEqualTo(oathtool(List.of("--totp=" + oathtools, "--now=@0", "--base32", "JBSWY3DPEHPK3PXP"))
                        .get(0));
    }

    private static List<String> codes(SharedSecret secret) {
        Hotp hotp = Hotp.of(HmacAlgorithm.SHA1, 6);
        return IntStream.range(0, CODES_PER_RUN)
                .mapToObj(counter -> hotp.generate(secret, counter))
                .toList();
    }

    private static List<String> codesOfOathtool(String base32) throws IOException, InterruptedException {
        return oathtool(List.of("--hotp", "--window=" + (CODES_PER_RUN - 1), "--base32", base32));
    }

    private SharedSecret randomSecret() {
        byte[] bytes = new byte[10 + random.nextInt(119)];
        random.nextBytes(bytes);
        return SharedSecret.fromBytes(bytes);
    }

    private int randomDigits() {
        return 6 + random.nextInt(3);
    }

    private static String hex(SharedSecret secret) {
        return HexFormat.of().formatHex(secret.toBytes());
    }

    static List<String> oathtool(List<String> arguments) throws IOException, InterruptedException {
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
