// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import dev.sallyport.Browser;
import dev.sallyport.KeyRing;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.examples.benchmarks.Report.Verdict;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.otp.Window;
import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.storage.StoredRecord;
import dev.samstevens.totp.code.DefaultCodeGenerator;
import dev.samstevens.totp.code.DefaultCodeVerifier;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** The first verification of a process: what a function in a cloud, or a command line, waits for. */
public final class FreshJvm {
    private static final int RUNS = 20;
    private static final String BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    private static final byte[] SECRET = "12345678901234567890".getBytes(StandardCharsets.US_ASCII);
    private static final Instant NOW = Instant.ofEpochSecond(1_111_111_109);
    private static final String CODE = "081804";
    private static final String KEY = Base64.getEncoder().encodeToString(new byte[32]);
    private static final String USER = "42";

    private FreshJvm() {}

    /** What a process does before it ends. */
    enum Program {
        NOTHING("an empty program"),
        MAC("a bare Mac, three times"),
        MAC_AND_CIPHER("a bare Mac and one AES-GCM"),
        TOTP("Sallyport: Totp.match"),
        FACADE("Sallyport: TwoFactor.verify"),
        FACADE_AGAIN("Sallyport: TwoFactor.verify (again)"),
        JAVA_TOTP("java-totp"),
        OTP_JAVA("otp-java"),
        KEYCLOAK("Keycloak");

        private final String title;

        Program(String title) {
            this.title = title;
        }
    }

    /** The process: one program, named by the argument. */
    public static void main(String[] args) throws GeneralSecurityException {
        boolean done = switch (Program.valueOf(args[0])) {
            case NOTHING -> true;
            case MAC -> mac();
            case MAC_AND_CIPHER -> mac() && cipher();
            case TOTP ->
                Totp.of(TotpParameters.DEFAULT)
                        .match(SharedSecret.fromBytes(SECRET), CODE, NOW, new Window(1, 1), Totp.NO_STEP)
                        .isPresent();
            case FACADE, FACADE_AGAIN -> facade(args[1], args[2]);
            case JAVA_TOTP ->
                new DefaultCodeVerifier(new DefaultCodeGenerator(), NOW::getEpochSecond).isValidCode(BASE32, CODE);
            case OTP_JAVA -> OtpJava.verify();
            case KEYCLOAK -> Keycloak.verify();
        };
        if (!done) {
            throw new IllegalStateException("the code was refused");
        }
    }

    private static boolean mac() throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(SECRET, "HmacSHA1"));
        int found = 0;
        for (long step = 0; step <= 2; step++) {
            byte[] hash =
                    mac.doFinal(ByteBuffer.allocate(Long.BYTES).putLong(step).array());
            int number = ByteBuffer.wrap(hash).getInt(hash[hash.length - 1] & 0xF) & 0x7FFF_FFFF;
            found |= number % 1_000_000 ^ Integer.parseInt(CODE);
        }
        return found != 0;
    }

    private static boolean cipher() throws GeneralSecurityException {
        byte[] nonce = new byte[12];
        new SecureRandom().nextBytes(nonce);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(new byte[32], "AES"), new GCMParameterSpec(128, nonce));
        return cipher.doFinal(SECRET).length > 0;
    }

    /** On a row that another process has written, as it is after a restart. */
    private static boolean facade(String key, String row) {
        TwoFactor twoFactor = TwoFactor.builder()
                .issuer("Acme")
                .store(new MapTwoFactorStore(new ConcurrentHashMap<>(Map.of(USER, row))))
                .encryptionKeys(KeyRing.fromBase64("1", key))
                .clock(InstantSource.fixed(NOW))
                .build();
        CodeRequired required = (CodeRequired) twoFactor.signInRequirement(UserId.of(USER), Browser.none());
        return twoFactor.verify(required.challenge(), CODE) instanceof Verified;
    }

    /** Apart, so that no other program loads their classes. */
    private static final class OtpJava {
        static boolean verify() {
            return new com.bastiaanjansen.otp.TOTPGenerator.Builder(BASE32)
                    .withClock(java.time.Clock.fixed(NOW, java.time.ZoneOffset.UTC))
                    .build()
                    .verify(CODE, 1);
        }
    }

    private static final class Keycloak {
        static boolean verify() {
            org.keycloak.models.utils.TimeBasedOTP totp = new org.keycloak.models.utils.TimeBasedOTP();
            java.util.Calendar calendar = java.util.Calendar.getInstance(java.util.TimeZone.getTimeZone("UTC"));
            calendar.setTimeInMillis(NOW.toEpochMilli());
            totp.setCalendar(calendar);
            return totp.validateTOTP(CODE, SECRET);
        }
    }

    /** Starts all programs in turn, several times over, and compares the processor time of the whole processes. */
    static Report compare() throws IOException, InterruptedException, URISyntaxException {
        Map<Program, List<Double>> seconds = new EnumMap<>(Program.class);
        Random order = new Random(42);
        for (int run = 0; run < RUNS; run++) {
            List<Program> programs = new ArrayList<>(Arrays.asList(Program.values()));
            Collections.shuffle(programs, order);
            for (Program program : programs) {
                seconds.computeIfAbsent(program, each -> new ArrayList<>()).add(processorTime(program));
            }
        }
        StringBuilder table = new StringBuilder("| program | processor time | over an empty one | of the bare Mac's |"
                + " of the bare Mac and AES-GCM's |\n|---|---:|---:|---:|---:|\n");
        for (Program program : Program.values()) {
            double over = over(seconds, program);
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %.0f ms | %.0f ms | %.2f | %.2f |%n",
                    program.title,
                    median(seconds, program) * 1e3,
                    over * 1e3,
                    over / over(seconds, Program.MAC),
                    over / over(seconds, Program.MAC_AND_CIPHER)));
        }
        return new Report(
                "First verification in a fresh JVM",
                table.toString(),
                List.of(
                        Verdict.atMost(
                                "Totp.match, times the bare Mac:",
                                over(seconds, Program.TOTP) / over(seconds, Program.MAC),
                                1.2),
                        Verdict.atMost(
                                "TwoFactor.verify, times the bare Mac and AES-GCM:",
                                over(seconds, Program.FACADE) / over(seconds, Program.MAC_AND_CIPHER),
                                1.5)));
    }

    private static double median(Map<Program, List<Double>> seconds, Program program) {
        return Results.median(seconds.getOrDefault(program, List.of()).stream());
    }

    private static double over(Map<Program, List<Double>> seconds, Program program) {
        return median(seconds, program) - median(seconds, Program.NOTHING);
    }

    private static String row() {
        StoredRecord record = new ReadyAccounts(KeyRing.fromBase64("1", KEY), NOW.minus(Duration.ofHours(1)))
                .record(UserId.of(USER), SharedSecret.fromBytes(SECRET));
        return Base64.getEncoder().encodeToString(record.toBytes());
    }

    /** Of user and system together, as the shell counts it when the process is gone. */
    private static double processorTime(Program program) throws IOException, InterruptedException, URISyntaxException {
        Process process = new ProcessBuilder(
                        "bash",
                        "-c",
                        "TIMEFORMAT='%U %S'; time \"$0\" -Xshare:auto -cp \"$@\" > /dev/null",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        Main.classPath(),
                        FreshJvm.class.getName(),
                        program.name(),
                        KEY,
                        row())
                .redirectErrorStream(true)
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            List<String> lines = out.lines().toList();
            if (process.waitFor() != 0) {
                throw new IllegalStateException(program + " failed: " + lines);
            }
            String[] fields = lines.get(lines.size() - 1).split(" ", -1);
            return Double.parseDouble(fields[0]) + Double.parseDouble(fields[1]);
        }
    }
}
