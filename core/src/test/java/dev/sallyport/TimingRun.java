// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.Hotp;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.otp.Window;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Asks a stopwatch whether a comparison takes a time that depends on how right the input is, after Reparaz, Balasch and
 * Verbauwhede, "Dude, is my code constant time?": two classes of inputs in random order, Welch's t of their times, over all of
 * them and without those slower than some percentiles. Run by hand ({@code -Ptiming}); no build depends on a time.
 *
 * <p>Two comparisons with a planted leak have to be found: otherwise the stopwatch is blind, and says nothing of the others.
 */
final class TimingRun {
    /** Beyond it, two means differ by more than chance would have it in one of a hundred thousand runs. */
    private static final double THRESHOLD = 4.5;

    private static final double[] PERCENTILES = {100, 99.9, 99, 95, 90, 75, 50};
    private static final int BATCH = 20_000;
    private static final int WARM_UP_BATCHES = 5;

    private static final SharedSecret SECRET =
            SharedSecret.fromBytes("12345678901234567890".getBytes(StandardCharsets.US_ASCII));
    private static final Totp TOTP = Totp.of(TotpParameters.DEFAULT);
    private static final Hotp HOTP = Hotp.of(HmacAlgorithm.SHA1, 6);
    private static final Window WINDOW = new Window(1, 1);
    private static final Instant NOW = Instant.parse("2026-03-02T12:00:00Z");
    private static final long STEP = TOTP.step(NOW);
    private static final String RIGHT = TOTP.generate(SECRET, NOW);
    private static final Bytes SALT = Bytes.copyOf(new byte[16]);

    private final Random random = new Random(42);
    private final int measurements;
    /** Where results go, so that no compiler leaves their computation out. */
    private long sink;

    private TimingRun(int measurements) {
        this.measurements = measurements;
    }

    private enum Expected {
        /** A leak was planted. */
        A_LEAK,
        /** Both classes get the same answer, and nobody may learn more than that. */
        NO_LEAK,
        /** The classes get different answers: anyone who measures them learns what is said anyway. */
        EITHER
    }

    /** Two classes of inputs and what is done with one. */
    private record Comparison<T>(
            Expected expected,
            String name,
            Supplier<T> one,
            Supplier<T> other,
            UnaryOperator<T> copy,
            ToIntFunction<T> measured) {}

    /** Mean and variance of what was added, by Welford's way. */
    private static final class Sample {
        private long n;
        private double mean;
        private double squares;

        void add(double value) {
            n++;
            double delta = value - mean;
            mean += delta / n;
            squares += delta * (value - mean);
        }

        private double errorOfMean() {
            return n < 2 ? 0 : squares / (n - 1) / n;
        }

        static double t(Sample one, Sample other) {
            double error = Math.sqrt(one.errorOfMean() + other.errorOfMean());
            return error == 0 ? 0 : (one.mean - other.mean) / error;
        }
    }

    public static void main(String[] arguments) {
        int measurements = arguments.length == 0 ? 1_000_000 : Integer.parseInt(arguments[0]);
        if (!new TimingRun(measurements).run()) {
            throw new IllegalStateException("not as it should be: see above");
        }
    }

    private boolean run() {
        say(
                "Java %s, %s, %s %s, %d processors; %,d measurements each; |t| over %.1f is a leak%n",
                Runtime.version(),
                System.getProperty("java.vm.name"),
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors(),
                measurements,
                THRESHOLD);
        say("%-56s", "t without the slowest, percentile");
        for (double percentile : PERCENTILES) {
            say("%8.1f", percentile);
        }
        say("  verdict%n");
        boolean asItShouldBe = true;
        for (Comparison<?> comparison : comparisons()) {
            asItShouldBe &= measure(comparison);
        }
        say("(%d)%n", sink & 1);
        return asItShouldBe;
    }

    private <T> boolean measure(Comparison<T> comparison) {
        double[] crops = new double[PERCENTILES.length];
        Sample[][] samples = new Sample[PERCENTILES.length][2];
        for (Sample[] classes : samples) {
            Arrays.setAll(classes, i -> new Sample());
        }
        int batches = WARM_UP_BATCHES + 1 + measurements / BATCH;
        for (int batch = 0; batch < batches; batch++) {
            boolean[] isOne = new boolean[BATCH];
            List<T> made = new ArrayList<>(BATCH);
            for (int i = 0; i < BATCH; i++) {
                isOne[i] = random.nextBoolean();
                made.add((isOne[i] ? comparison.one() : comparison.other()).get());
            }
            // Copied one after the other, so that no class lies in memory as the other does not.
            List<T> inputs = made.stream().map(comparison.copy()).toList();
            long[] nanos = new long[BATCH];
            for (int i = 0; i < BATCH; i++) {
                T input = inputs.get(i);
                long begin = System.nanoTime();
                int result = comparison.measured().applyAsInt(input);
                nanos[i] = System.nanoTime() - begin;
                sink += result;
            }
            if (batch == WARM_UP_BATCHES) {
                crops = crops(nanos);
            } else if (batch > WARM_UP_BATCHES) {
                for (int i = 0; i < BATCH; i++) {
                    for (int crop = 0; crop < crops.length; crop++) {
                        if (nanos[i] <= crops[crop]) {
                            samples[crop][isOne[i] ? 0 : 1].add((double) nanos[i]);
                        }
                    }
                }
            }
        }
        return tell(comparison, samples);
    }

    /** Of a batch that counts for nothing else, as where to crop must not depend on what is cropped. */
    private static double[] crops(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return Arrays.stream(PERCENTILES)
                .map(percentile ->
                        percentile == 100 ? Double.MAX_VALUE : sorted[(int) (percentile / 100 * (sorted.length - 1))])
                .toArray();
    }

    private static boolean tell(Comparison<?> comparison, Sample[][] samples) {
        say("%-56s", comparison.name());
        double greatest = 0;
        for (Sample[] classes : samples) {
            double t = Sample.t(classes[0], classes[1]);
            greatest = Math.max(greatest, Math.abs(t));
            say("%8.2f", t);
        }
        boolean leaks = greatest > THRESHOLD;
        String verdict = switch (comparison.expected()) {
            case A_LEAK -> leaks ? "planted leak found" : "BLIND";
            case NO_LEAK -> leaks ? "LEAKS" : "no leak";
            case EITHER -> leaks ? "differs as the answers do" : "no difference";
        };
        Sample[] cropped = samples[3];
        say("  %s (%.1f and %.1f ns)%n", verdict, cropped[0].mean, cropped[1].mean);
        return comparison.expected() == Expected.EITHER || leaks == (comparison.expected() == Expected.A_LEAK);
    }

    private static void say(String format, Object... arguments) {
        System.out.printf(Locale.ROOT, format, arguments);
    }

    // --- What is compared ---

    private List<Comparison<?>> comparisons() {
        List<Comparison<?>> all = new ArrayList<>();
        all.add(of(Expected.A_LEAK, "planted: window left at the first hit", () -> RIGHT, this::wrong, code -> {
            for (long step = STEP - 1; step <= STEP + 1; step++) {
                if (HOTP.generate(SECRET, step).equals(code)) {
                    return 1;
                }
            }
            return 0;
        }));
        String expected = "0123456789abcdef".repeat(4);
        all.add(of(
                Expected.A_LEAK,
                "planted: left at the first character of 64 that differs",
                () -> expected.substring(0, 63) + "x",
                () -> "x" + expected.substring(1),
                typed -> slowEquals(expected, typed)));

        ToIntFunction<String> totp = code -> position(TOTP.match(SECRET, code, NOW, WINDOW, Totp.NO_STEP));
        ToIntFunction<String> used = code -> position(TOTP.match(SECRET, code, NOW, WINDOW, STEP + 1));
        all.add(of(Expected.EITHER, "Totp.match: right or wrong", () -> RIGHT, this::wrong, totp));
        all.add(of(Expected.NO_LEAK, "Totp.match: used or wrong", () -> RIGHT, this::wrong, used));
        all.add(of(Expected.NO_LEAK, "Totp.match: first or last digit right", this::firstRight, this::lastRight, totp));
        all.add(of(Expected.NO_LEAK, "Totp.match: five digits right or none", this::fiveRight, this::noneRight, totp));

        ToIntFunction<String> hotp = code -> position(HOTP.match(SECRET, code, STEP - 5, 10));
        String first = HOTP.generate(SECRET, STEP - 5);
        String last = HOTP.generate(SECRET, STEP + 5);
        all.add(of(Expected.EITHER, "Hotp.match: right or wrong", () -> RIGHT, this::wrong, hotp));
        all.add(of(Expected.NO_LEAK, "Hotp.match: first or last counter", () -> first, () -> last, hotp));
        all.add(of(Expected.NO_LEAK, "Hotp.match: first or last digit right", this::firstRight, this::lastRight, hotp));
        all.add(of(Expected.NO_LEAK, "Hotp.match: five digits right or none", this::fiveRight, this::noneRight, hotp));

        String token = token();
        Bytes kept = KnownBrowser.hash(token);
        ToIntFunction<String> browser = typed -> KnownBrowser.hash(typed).equals(kept) ? 1 : 0;
        all.add(of(Expected.EITHER, "browser token: right or wrong", () -> token, this::token, browser));
        all.add(of(
                Expected.NO_LEAK,
                "browser token: first or last character right",
                () -> token.charAt(0) + token().substring(1),
                () -> token().substring(1) + token.charAt(42),
                browser));

        List<TypedCode> codes = backupCodes();
        BackupCodeSet someOfThem = set(codes.subList(0, 10), 0);
        BackupCodeSet nearSomeOfThem = set(codes.subList(0, 10), 1);
        Supplier<TypedCode> one = () -> codes.get(random.nextInt(10));
        Supplier<TypedCode> other = () -> codes.get(10 + random.nextInt(10));
        all.add(ofBackupCodes(Expected.EITHER, "backup code: right or wrong", one, other, someOfThem::indexOf));
        all.add(ofBackupCodes(
                Expected.NO_LEAK,
                "backup code: hash right but for its last bit, or wrong",
                one,
                other,
                nearSomeOfThem::indexOf));
        return all;
    }

    private static Comparison<String> of(
            Expected expected,
            String name,
            Supplier<String> one,
            Supplier<String> other,
            ToIntFunction<String> measured) {
        // By way of its characters, as a JIT lets a copied String share the bytes of the other, which may be near or
        // far.
        return new Comparison<>(expected, name, one, other, text -> new String(text.toCharArray()), measured);
    }

    private static Comparison<TypedCode> ofBackupCodes(
            Expected expected,
            String name,
            Supplier<TypedCode> one,
            Supplier<TypedCode> other,
            ToIntFunction<TypedCode> measured) {
        return new Comparison<>(expected, name, one, other, code -> code, measured);
    }

    private static int position(OptionalLong match) {
        return (int) match.orElse(0);
    }

    /** As careless as {@code String.equals} used to be. */
    private static int slowEquals(String expected, String typed) {
        for (int i = 0; i < expected.length(); i++) {
            if (expected.charAt(i) != typed.charAt(i)) {
                return 0;
            }
        }
        return 1;
    }

    private String wrong() {
        String code;
        do {
            code = Integer.toString(1_000_000 + random.nextInt(1_000_000)).substring(1);
        } while (code.equals(RIGHT));
        return code;
    }

    private String firstRight() {
        return RIGHT.charAt(0) + wrongDigits(1, 6);
    }

    private String lastRight() {
        return wrongDigits(0, 5) + RIGHT.charAt(5);
    }

    private String fiveRight() {
        return RIGHT.substring(0, 5) + wrongDigits(5, 6);
    }

    private String noneRight() {
        return wrongDigits(0, 5) + wrongDigits(5, 6);
    }

    private String wrongDigits(int from, int to) {
        StringBuilder digits = new StringBuilder();
        for (int i = from; i < to; i++) {
            digits.append((char) ('0' + (RIGHT.charAt(i) - '0' + 1 + random.nextInt(9)) % 10));
        }
        return digits.toString();
    }

    private String token() {
        byte[] bytes = new byte[Browser.TOKEN_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static List<TypedCode> backupCodes() {
        SecureRandom drawing = new SecureRandom();
        return Stream.generate(() -> Crockford.draw(drawing, Crockford.BACKUP_SYMBOLS))
                .limit(20)
                .map(code -> new TypedCode(TypedCode.Kind.BACKUP_CODE, code))
                .toList();
    }

    /** The set of these codes, with these last bits of each hash flipped. */
    private static BackupCodeSet set(List<TypedCode> codes, int flipped) {
        return new BackupCodeSet(
                SALT,
                codes.stream()
                        .map(code -> {
                            byte[] hash =
                                    BackupCodeSet.hash(SALT, code.canonical()).toArray();
                            hash[hash.length - 1] ^= (byte) flipped;
                            return new BackupCodeSet.Slot(false, Bytes.copyOf(hash));
                        })
                        .toList(),
                null);
    }
}
