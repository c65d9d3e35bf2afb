// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One user's record as a store sees it: a user id, a version and an opaque payload. It is for people who implement a
 * store. Immutable; the payload is copied when a record is made and when it is read. Two records are equal if all three
 * are equal.
 *
 * <p>The payload is encrypted. Anyone who has the payload but not the key learns nothing from it except its length.
 * {@link #toString()} does not contain it.
 */
public final class StoredRecord {
    /** The greatest length of a payload, in bytes. The core writes less than 8 KB. */
    public static final int MAX_PAYLOAD_BYTES = 65_536;

    private static final int MAX_USER_ID_LENGTH = 255;
    private static final byte BYTE_FORM = 1;
    private static final int HEADER_BYTES = 1 + Long.BYTES + Short.BYTES;

    private final String userId;
    private final long version;
    private final byte[] payload;

    private StoredRecord(String userId, long version, byte[] payload) {
        // In UTF-8 a lone surrogate becomes a question mark.
        boolean wellFormed = new String(userId.getBytes(UTF_8), UTF_8).equals(userId);
        if (userId.length() > MAX_USER_ID_LENGTH || !wellFormed) {
            throw new IllegalArgumentException("a user id has up to 255 characters, and no lone surrogate");
        }
        this.userId = userId;
        if (version < 1) {
            throw new IllegalArgumentException("a record's version is positive");
        }
        if (payload.length < 1 || payload.length > MAX_PAYLOAD_BYTES) {
            throw new IllegalArgumentException(
                    "a record's payload has 1 to " + MAX_PAYLOAD_BYTES + " bytes, not " + payload.length);
        }
        this.version = version;
        this.payload = payload;
    }

    /**
     * Makes a record from what a store has read.
     *
     * @param userId the user's id, up to 255 UTF-16 characters, without lone surrogates
     * @param version the version, 1 or more
     * @param payload 1 to {@value #MAX_PAYLOAD_BYTES} bytes, which are copied
     * @return the record
     * @throws IllegalArgumentException if an argument is out of range
     */
    public static StoredRecord of(String userId, long version, byte[] payload) {
        return new StoredRecord(userId, version, payload.clone());
    }

    /**
     * Reads the byte form of a record. It checks every length in the bytes before it uses it.
     *
     * @param bytes what {@link #toBytes()} returned
     * @return the record
     * @throws IllegalArgumentException if the bytes are anything else
     */
    public static StoredRecord fromBytes(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (bytes.length < HEADER_BYTES || in.get() != BYTE_FORM) {
            throw new IllegalArgumentException("not the byte form of a record");
        }
        long version = in.getLong();
        int idBytes = Short.toUnsignedInt(in.getShort());
        if (idBytes >= in.remaining()) {
            throw new IllegalArgumentException("the byte form of a record ends early");
        }
        int end = HEADER_BYTES + idBytes;
        String userId = new String(bytes, HEADER_BYTES, idBytes, UTF_8);
        if (!Arrays.equals(userId.getBytes(UTF_8), Arrays.copyOfRange(bytes, HEADER_BYTES, end))) {
            throw new IllegalArgumentException("the byte form of a record has a user id that is not UTF-8");
        }
        return new StoredRecord(userId, version, Arrays.copyOfRange(bytes, end, bytes.length));
    }

    /** {@return the id of the user} */
    public String userId() {
        return userId;
    }

    /** {@return the version, a positive number that the core never uses twice for a user} */
    public long version() {
        return version;
    }

    /** {@return a copy of the encrypted payload} */
    public byte[] payload() {
        return payload.clone();
    }

    /**
     * Writes the whole record as bytes, for stores that keep blobs. Equal records have equal bytes.
     *
     * @return 1 byte for the format, 8 for the version (big-endian), 2 for the length of the id, the id in UTF-8, the
     *     payload
     */
    public byte[] toBytes() {
        byte[] id = userId.getBytes(UTF_8);
        return ByteBuffer.allocate(HEADER_BYTES + id.length + payload.length)
                .put(BYTE_FORM)
                .putLong(version)
                .putShort((short) id.length)
                .put(id)
                .put(payload)
                .array();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof StoredRecord that
                && userId.equals(that.userId)
                && version == that.version
                && Arrays.equals(payload, that.payload);
    }

    @Override
    public int hashCode() {
        return 31 * userId.hashCode() + Long.hashCode(version);
    }

    @Override
    public String toString() {
        return "StoredRecord[version=" + version + ", payload=" + payload.length + " bytes]";
    }
}
