// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.security.auth.Destroyable;
import org.apache.commons.codec.binary.Base32;
import org.jspecify.annotations.Nullable;

/**
 * The key that an authenticator and its server share: K of RFC 4226. Anyone who has it can generate all codes, past and
 * future.
 *
 * <p>A secret has 10 to 128 bytes, because secrets of these lengths are in use. RFC 4226 section 4, R6, requires 16
 * bytes and recommends 20. {@link #generate()} follows the recommendation. {@code dev.sallyport.TwoFactor} enrolls no
 * secret of fewer than 16 bytes.
 *
 * <p>The bytes never appear in {@link #toString()}, in {@link #hashCode()} or in an exception. The class is not
 * serializable. The time that {@link #equals} takes does not depend on the bytes.
 *
 * <p>{@link #destroy()} overwrites the bytes that this object keeps with zeros. It cannot overwrite the text of {@link
 * #toBase32()}, the copies that {@link #toBytes()} returned, and the copies that the cryptography provider makes.
 *
 * <p>Safe for use by many threads. If another thread calls {@link #destroy()} at the same time, a call sees the whole
 * secret or throws an exception.
 */
public final class SharedSecret implements Destroyable {
    /** Several libraries made secrets of 10 bytes by default until 2023. */
    private static final int MIN_BYTES = 10;

    /** The block of SHA-512. Some systems made secrets as long as that. */
    private static final int MAX_BYTES = 128;

    /** RFC 4226 section 4, R6: 160 bits are recommended. */
    private static final int GENERATED_BYTES = 20;

    /** A class of its own, because a process that only checks codes does not need the codec's classes. */
    private static final class Codec {
        /** The codec's own buffers have 8 KB each. It would allocate and clear them for every text, however short. */
        static final Base32 BASE32 = new Base32() {
            @Override
            protected int getDefaultBufferSize() {
                return 2 * MAX_BYTES;
            }
        };

        private Codec() {}
    }

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final byte[] DESTROYED = {};

    /** This is {@link #DESTROYED} after {@link #destroy()}. Guarded by this. */
    private byte[] bytes;

    /** Keeps the array itself, not a copy. */
    private SharedSecret(byte[] bytes) {
        if (bytes.length < MIN_BYTES || bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "a shared secret has " + MIN_BYTES + " to " + MAX_BYTES + " bytes, not " + bytes.length);
        }
        this.bytes = bytes;
    }

    /**
     * Draws a new secret of 20 bytes, the 160 bits that RFC 4226 recommends (section 4, R6). This is as long as the
     * hash of {@link HmacAlgorithm#SHA1}.
     *
     * @return a secret from {@link SecureRandom}
     */
    public static SharedSecret generate() {
        return generate(GENERATED_BYTES);
    }

    /**
     * Draws a new secret that is as long as the hash of an algorithm, as RFC 6238 section 5.1 recommends.
     *
     * @param algorithm the algorithm that the secret is for
     * @return a secret of 20, 32 or 64 bytes from {@link SecureRandom}
     */
    public static SharedSecret generate(HmacAlgorithm algorithm) {
        return generate(algorithm.hashBytes());
    }

    private static SharedSecret generate(int length) {
        byte[] drawn = new byte[length];
        RANDOM.nextBytes(drawn);
        return new SharedSecret(drawn);
    }

    /**
     * Makes a secret of existing bytes.
     *
     * @param bytes 10 to 128 bytes, copied
     * @return the secret
     * @throws IllegalArgumentException if there are fewer or more bytes
     */
    public static SharedSecret fromBytes(byte[] bytes) {
        return new SharedSecret(bytes.clone());
    }

    /**
     * Reads a secret in Base32 (RFC 4648 section 6), as people type and copy it.
     *
     * <p>The following makes no difference: upper and lower case; white space, dashes and format characters of any
     * script anywhere; any number of {@code =} at the end; bits at the end that do not fill a byte, even if they are
     * not zero. Authenticator apps ignore these bits, too.
     *
     * <p>Nothing is corrected. The digits 0, 1, 8 and 9 are refused, because they may stand for several letters.
     * Therefore a secret in hexadecimal is refused if it has one of them. A text is also refused if its length shows
     * that it is cut off.
     *
     * @param text the secret in Base32
     * @return the secret
     * @throws IllegalArgumentException if the text is not Base32, is cut off, or does not have 10 to 128 bytes. The
     *     message can name a position in the text. It never shows a part of the text
     */
    public static SharedSecret fromBase32(String text) {
        byte[] symbols = base32Symbols(text);
        // Groups of 8 symbols have 5 bytes. With 1, 3 or 6 symbols more, the last symbol would add nothing to a byte.
        switch (symbols.length % 8) {
            case 1, 3, 6 ->
                throw new IllegalArgumentException(
                        "the Base32 text of a shared secret is cut off or has a letter too many:"
                                + " no number of bytes is written with " + symbols.length + " letters");
            default -> {
                byte[] decoded = Codec.BASE32.decode(symbols);
                Arrays.fill(symbols, (byte) 0);
                return new SharedSecret(decoded);
            }
        }
    }

    /** The symbols in upper case, without separators and padding. */
    private static byte[] base32Symbols(String text) {
        byte[] symbols = new byte[text.length()];
        int count = 0;
        boolean padded = false;
        int position = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            position++;
            int upper = c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
            // RFC 4648 section 6.
            boolean symbol = (upper >= 'A' && upper <= 'Z') || (upper >= '2' && upper <= '7');
            if (symbol && !padded) {
                symbols[count] = (byte) upper;
                count++;
            } else if (c == '=') {
                padded = true;
            } else if (!Characters.isSeparator(c)) {
                throw new IllegalArgumentException("character " + position + " of the Base32 text of a shared secret is"
                        + (padded ? " after the = at its end" : " none of A to Z and 2 to 7"));
            }
        }
        byte[] exact = Arrays.copyOf(symbols, count);
        Arrays.fill(symbols, (byte) 0);
        return exact;
    }

    /**
     * The secret as Base32, for key URIs and for typing.
     *
     * @return upper case, without separators and without padding
     * @throws IllegalStateException if the secret is destroyed
     */
    public String toBase32() {
        byte[] copy = toBytes();
        String padded = Codec.BASE32.encodeToString(copy);
        Arrays.fill(copy, (byte) 0);
        return padded.replace("=", "");
    }

    /**
     * The bytes of the secret.
     *
     * @return a copy, which the caller should overwrite after use
     * @throws IllegalStateException if the secret is destroyed
     */
    public synchronized byte[] toBytes() {
        if (isDestroyed()) {
            throw new IllegalStateException("the shared secret is destroyed");
        }
        return bytes.clone();
    }

    /** Overwrites the bytes with zeros. The secret cannot be used afterwards. */
    @Override
    public synchronized void destroy() {
        Arrays.fill(bytes, (byte) 0);
        bytes = DESTROYED;
    }

    /** {@return whether {@link #destroy()} was called} */
    @Override
    public synchronized boolean isDestroyed() {
        return bytes.length == 0;
    }

    /**
     * Two secrets are equal if their bytes are equal. A destroyed secret is equal to itself only.
     *
     * @param other the object to compare with
     * @return whether they are equal. The time does not depend on the bytes
     */
    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof SharedSecret that) || isDestroyed() || that.isDestroyed()) {
            return this == other;
        }
        byte[] ours = toBytes();
        byte[] theirs = that.toBytes();
        boolean same = MessageDigest.isEqual(ours, theirs);
        Arrays.fill(ours, (byte) 0);
        Arrays.fill(theirs, (byte) 0);
        return same;
    }

    /**
     * Returns the same number for all secrets. A number that depends on the bytes would disclose 32 bits of them,
     * because debuggers and {@link Object#toString()} print it. Nothing should be looked up by a secret.
     *
     * @return a constant
     */
    @Override
    public int hashCode() {
        return 1;
    }

    /** {@return the same text for all secrets} */
    @Override
    public String toString() {
        return "SharedSecret[redacted]";
    }
}
