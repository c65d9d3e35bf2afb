// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.security.auth.Destroyable;
import org.apache.commons.codec.binary.Base32;
import org.jspecify.annotations.Nullable;

/**
 * The key that an authenticator and its server share: K of RFC 4226, 16 to 64 bytes. Whoever has it can generate every
 * code there will ever be.
 *
 * <p>It stays out of {@link #toString()}, {@link #hashCode()} and every exception, it cannot be serialized, and {@link
 * #equals} takes a time that does not depend on the content.
 *
 * <p>{@link #destroy()} zeroes the bytes kept here. It cannot reach the text of {@link #toBase32()}, what {@link
 * #toBytes()} gave away, nor the copies that the cryptography provider makes.
 *
 * <p>Safe for use by many threads: a call that meets a {@link #destroy()} sees the whole secret, or throws.
 */
public final class SharedSecret implements Destroyable {
    /** RFC 4226 section 4, R6: at least 128 bits. */
    private static final int MIN_BYTES = 16;

    /** The block of SHA-1 and SHA-256. HMAC would hash a longer key down to something shorter. */
    private static final int MAX_BYTES = 64;

    /** RFC 4226 section 4, R6: 160 bits are recommended. */
    private static final int GENERATED_BYTES = 20;

    /**
     * The codec's own buffers are of 8 KB each, cleared for every text, however short. Only members that commons-codec has
     * had since 1.15 may be called here, because applications bring releases of their own.
     */
    private static final Base32 CODEC = new Base32() {
        @Override
        protected int getDefaultBufferSize() {
            return 2 * MAX_BYTES;
        }
    };

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final byte[] DESTROYED = {};

    /** Whether it has been destroyed is told by its being {@link #DESTROYED}. Guarded by this. */
    private byte[] bytes;

    /** Takes the array over. */
    private SharedSecret(byte[] bytes) {
        if (bytes.length < MIN_BYTES || bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "a shared secret has " + MIN_BYTES + " to " + MAX_BYTES + " bytes, not " + bytes.length);
        }
        this.bytes = bytes;
    }

    /**
     * Draws a new secret of 20 bytes, the 160 bits that RFC 4226 recommends (section 4, R6).
     *
     * @return a secret from {@link SecureRandom}
     */
    public static SharedSecret generate() {
        byte[] drawn = new byte[GENERATED_BYTES];
        RANDOM.nextBytes(drawn);
        return new SharedSecret(drawn);
    }

    /**
     * Takes over a secret that exists.
     *
     * @param bytes 16 to 64 bytes, copied
     * @return the secret
     * @throws IllegalArgumentException if there are fewer or more
     */
    public static SharedSecret fromBytes(byte[] bytes) {
        return new SharedSecret(bytes.clone());
    }

    /**
     * Reads a secret in Base32, RFC 4648 section 6, as people type it: upper or lower case, with ASCII spaces and
     * hyphens anywhere and any number of {@code =} at the end. Nothing else is forgiven or corrected; in particular 0, 1,
     * 8 and 9 are no Base32.
     *
     * @param text what was typed
     * @return the secret
     * @throws IllegalArgumentException if it is no Base32, has bits left over, or is not 16 to 64 bytes long. The
     *     message can name a position in the text but never shows any of it
     */
    public static SharedSecret fromBase32(String text) {
        String symbols = base32Symbols(text);
        SharedSecret secret = new SharedSecret(CODEC.decode(symbols));
        // What is not written as it was read is cut off, or ends in bits that stand for nothing. The codec has a
        // strict policy for that, which means something else from one of its releases to the next.
        if (!secret.toBase32().equals(symbols)) {
            throw new IllegalArgumentException("the Base32 text of a shared secret is cut off or has bits left over");
        }
        return secret;
    }

    /** What is left without all that is forgiven. */
    private static String base32Symbols(String text) {
        StringBuilder symbols = new StringBuilder();
        boolean padded = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == ' ' || c == '-') {
                continue;
            }
            char upper = c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c;
            // RFC 4648 section 6.
            boolean symbol = (upper >= 'A' && upper <= 'Z') || (upper >= '2' && upper <= '7');
            if (c == '=') {
                padded = true;
            } else if (padded || !symbol) {
                throw new IllegalArgumentException(
                        "character " + (i + 1) + " of a shared secret is none of A to Z and 2 to 7");
            } else {
                symbols.append(upper);
            }
        }
        return symbols.toString();
    }

    /**
     * The secret as Base32, for key URIs and for typing.
     *
     * @return upper case, without separators and without padding
     * @throws IllegalStateException if the secret is destroyed
     */
    public String toBase32() {
        byte[] copy = toBytes();
        String padded = CODEC.encodeToString(copy);
        Arrays.fill(copy, (byte) 0);
        return padded.replace("=", "");
    }

    /**
     * The secret itself.
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

    /** Overwrites the bytes with zeros; from then on the secret cannot be used. */
    @Override
    public synchronized void destroy() {
        Arrays.fill(bytes, (byte) 0);
        bytes = DESTROYED;
    }

    @Override
    public synchronized boolean isDestroyed() {
        return bytes.length == 0;
    }

    /**
     * Two secrets are equal when their bytes are. A destroyed one is equal to itself alone.
     *
     * @param other what to compare with
     * @return whether they are equal; in a time that does not depend on the bytes
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
     * The same for all secrets. Made from the bytes it would be 32 bits about them, printed by every debugger and by
     * {@link Object#toString()} of whatever holds one; and nobody should look anything up by a secret.
     *
     * @return a constant
     */
    @Override
    public int hashCode() {
        return 1;
    }

    /**
     * Shows nothing.
     *
     * @return the same text for all secrets
     */
    @Override
    public String toString() {
        return "SharedSecret[redacted]";
    }
}
