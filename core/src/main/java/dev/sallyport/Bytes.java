// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/** A few bytes that never change, compared in constant time: a hash, a salt, a fingerprint. */
final class Bytes {
    static final Bytes EMPTY = new Bytes(new byte[0]);

    private final byte[] value;

    private Bytes(byte[] value) {
        this.value = value;
    }

    static Bytes copyOf(byte[] value) {
        return new Bytes(value.clone());
    }

    /** Reads that many bytes. */
    static Bytes read(ByteBuffer in, int length) {
        byte[] value = new byte[length];
        in.get(value);
        return new Bytes(value);
    }

    void write(ByteBuffer out) {
        out.put(value);
    }

    /** The hash of a salt and a text. Enough for texts of 112 random bits (NIST SP 800-63B-4 section 3.1.2.2). */
    static Bytes sha256(Bytes salt, byte[] text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(salt.value);
            return new Bytes(digest.digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    byte[] toArray() {
        return value.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Bytes that && MessageDigest.isEqual(value, that.value);
    }

    /** The same number for all of one length. A hash code of the content would reveal something about it. */
    @Override
    public int hashCode() {
        return value.length;
    }

    @Override
    public String toString() {
        return "Bytes[" + value.length + "]";
    }
}
