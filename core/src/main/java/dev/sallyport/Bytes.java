// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.security.MessageDigest;
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

    byte[] toArray() {
        return value.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Bytes that && MessageDigest.isEqual(value, that.value);
    }

    /** The same for all of one length: a hash code of the content would tell of it. */
    @Override
    public int hashCode() {
        return value.length;
    }

    @Override
    public String toString() {
        return "Bytes[" + value.length + "]";
    }
}
