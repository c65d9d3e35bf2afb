// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * An authenticator app, or a token with a button. It knows only what a QR code or a typed secret tells, and computes
 * codes without a line of Sallyport's own, so that it can bear witness to them. The phone of sallyport-testing cannot,
 * because it calls {@code Totp} and {@code Hotp}.
 */
public final class Phone {
    /** The secret of RFC 4226 appendix D and RFC 6238 appendix B: the ASCII of 12345678901234567890. */
    public static final String RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private final SecretKeySpec key;
    private final int digits;
    private final long period;
    private long counter;

    private Phone(String secret, String algorithm, int digits, long period, long counter) {
        this.key = new SecretKeySpec(decode(secret), "Hmac" + algorithm);
        this.digits = digits;
        this.period = period;
        this.counter = counter;
    }

    /** A phone whose owner typed the secret, as it is shown for typing. */
    public static Phone ofSecret(String typed) {
        return new Phone(typed.replace(" ", ""), "SHA1", 6, 30, 0);
    }

    /** A phone that has scanned the QR code. */
    public static Phone scan(PendingEnrollment pending) {
        return scan(pending.keyUri().toUriString());
    }

    public static Phone scan(String keyUri) {
        return new Phone(
                parameter(keyUri, "secret", ""),
                parameter(keyUri, "algorithm", "SHA1"),
                Integer.parseInt(parameter(keyUri, "digits", "6")),
                Long.parseLong(parameter(keyUri, "period", "30")),
                Long.parseLong(parameter(keyUri, "counter", "0")));
    }

    private static String parameter(String keyUri, String name, String otherwise) {
        return Stream.of(keyUri.substring(keyUri.indexOf('?') + 1).split("&", -1))
                .filter(parameter -> parameter.startsWith(name + "="))
                .map(parameter -> parameter.substring(name.length() + 1))
                .findFirst()
                .orElse(otherwise);
    }

    /** What an app shows at an instant, by its own clock. */
    public String codeAt(Instant at) {
        return code(step(at));
    }

    /** What a token shows when its button is pressed. */
    public String press() {
        String code = code(counter);
        counter++;
        return code;
    }

    /** Presses that nobody reads. */
    public void pressIdly(int times) {
        counter += times;
    }

    /** RFC 4226 section 5.3: the code of a counter, or of a time step. */
    public String code(long counterOrStep) {
        byte[] hash =
                hmac(ByteBuffer.allocate(Long.BYTES).putLong(counterOrStep).array());
        int offset = hash[hash.length - 1] & 0xF;
        int number = ByteBuffer.wrap(hash).getInt(offset) & 0x7FFF_FFFF;
        return padded(number % (int) Math.pow(10, digits));
    }

    /** A code that an app shows neither now nor some steps before or after. */
    public String wrongAt(Instant at) {
        return otherThan(LongStream.rangeClosed(step(at) - 8, step(at) + 8));
    }

    /** A code that a token does not show for a long time. */
    public String wrong() {
        return otherThan(LongStream.rangeClosed(0, counter + 200));
    }

    public long step(Instant at) {
        return Math.floorDiv(at.getEpochSecond(), period);
    }

    private String otherThan(LongStream countersOrSteps) {
        Set<String> right = countersOrSteps.mapToObj(this::code).collect(Collectors.toSet());
        return LongStream.iterate(0, n -> n + 1)
                .mapToObj(this::padded)
                .filter(code -> !right.contains(code))
                .findFirst()
                .orElseThrow();
    }

    private String padded(long number) {
        String text = Long.toString(number);
        return "0".repeat(digits - text.length()) + text;
    }

    private byte[] hmac(byte[] message) {
        try {
            Mac mac = Mac.getInstance(key.getAlgorithm());
            mac.init(key);
            return mac.doFinal(message);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("the test platform has every HMAC", e);
        }
    }

    private static byte[] decode(String base32) {
        BigInteger bits = base32.chars()
                .mapToObj(c -> BigInteger.valueOf(BASE32.indexOf(c)))
                .reduce(BigInteger.ONE, (soFar, five) -> soFar.shiftLeft(5).or(five));
        int bytes = base32.length() * 5 / 8;
        byte[] decoded = bits.shiftRight(base32.length() * 5 - bytes * 8).toByteArray();
        return Arrays.copyOfRange(decoded, decoded.length - bytes, decoded.length);
    }
}
