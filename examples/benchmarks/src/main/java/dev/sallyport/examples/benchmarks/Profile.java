// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import dev.sallyport.KeyRing;
import dev.sallyport.storage.MapTwoFactorStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/** Where a sign-in in memory spends its time and its allocations, as the JDK's flight recorder sees it. */
final class Profile {
    private static final int WARM_UP_SIGN_INS = 200_000;
    private static final int SIGN_INS = 1_500_000;
    private static final String SAMPLE = "jdk.ExecutionSample";
    private static final String ALLOCATION = "jdk.ObjectAllocationSample";
    private static final String REST = "rules, events and results";

    /** What the innermost of these classes on the stack is at work for. */
    private static final Map<String, String> PARTS = Map.of(
            "dev.sallyport.Sealer", "encryption: AES-GCM and its keys",
            "dev.sallyport.otp.OneTimeCodes", "one-time codes: four HMACs",
            "dev.sallyport.AccountCodec", "the account as bytes, and back",
            "dev.sallyport.SealedTexts", "the challenge as text, and back",
            "dev.sallyport.storage.MapTwoFactorStore", "the store in memory, which keeps Base64");

    private Profile() {}

    static Report record() throws Exception {
        Users users =
                new Users(new MapTwoFactorStore(new ConcurrentHashMap<>()), KeyRing.generate(), "user-", Secrets.COUNT);
        signIn(users, WARM_UP_SIGN_INS);
        Path file = Files.createTempFile("sallyport-benchmarks", ".jfr");
        Map<String, Double> time = new TreeMap<>();
        Map<String, Double> bytes = new TreeMap<>();
        try (Recording recording = new Recording()) {
            recording.enable(SAMPLE).withPeriod(Duration.ofMillis(1));
            recording.enable(ALLOCATION).with("throttle", "1000/s");
            recording.start();
            signIn(users, SIGN_INS);
            recording.stop();
            recording.dump(file);
            for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
                if (inVerification(event)) {
                    boolean sample = event.getEventType().getName().equals(SAMPLE);
                    (sample ? time : bytes).merge(part(event), sample ? 1.0 : event.getLong("weight"), Double::sum);
                }
            }
        } finally {
            Files.delete(file);
        }
        StringBuilder table = new StringBuilder("| part | of the time | of the allocated bytes |\n|---|---:|---:|\n");
        for (String part : bytes.keySet()) {
            table.append(String.format(
                    Locale.ROOT, "| %s | %.0f %% | %.0f %% |%n", part, percent(time, part), percent(bytes, part)));
        }
        return new Report("Where TwoFactor.verify in memory goes", table.toString(), List.of());
    }

    private static void signIn(Users users, int number) {
        for (int done = 0; done < number; done += Secrets.COUNT) {
            users.prepare(Secrets.COUNT);
            for (int i = 0; i < Secrets.COUNT; i++) {
                users.signIn();
            }
        }
    }

    private static boolean inVerification(RecordedEvent event) {
        return event.getStackTrace() != null
                && event.getStackTrace().getFrames().stream()
                        .anyMatch(frame -> frame.getMethod().getName().equals("signIn"));
    }

    private static String part(RecordedEvent event) {
        for (RecordedFrame frame : event.getStackTrace().getFrames()) {
            String part = PARTS.get(frame.getMethod().getType().getName());
            if (part != null) {
                return part;
            }
        }
        return REST;
    }

    private static double percent(Map<String, Double> amounts, String part) {
        double all = amounts.values().stream().mapToDouble(Double::doubleValue).sum();
        return 100 * amounts.getOrDefault(part, 0.0) / all;
    }
}
