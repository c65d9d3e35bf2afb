// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts data that leaves this process. The data opens only under the same key, in the same namespace, for the same
 * subject and in the same place.
 *
 * <pre>
 * sealed = header ‖ nonce (12) ‖ AES-256-GCM(plaintext)
 * header = format (1) ‖ length (1) ‖ key id
 * associated data = header ‖ place
 * </pre>
 *
 * <p>Each subject (a user, or one challenge) has a key of its own, derived from the ring's key. Random nonces of 96
 * bits are safe for 2^32 messages under one key (NIST SP 800-38D section 8.3). No subject has that many.
 */
final class Sealer {
    private static final String AES_GCM = "AES/GCM/NoPadding";
    private static final byte FORMAT = 1;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int TAG_BYTES = TAG_BITS / Byte.SIZE;
    private static final int KEY_BITS = 256;

    /** The purpose of a derived key. Data that was sealed for one purpose does not open for another. */
    enum Purpose {
        RECORD("sallyport record v1"),
        PROOF("sallyport proof v1"),
        CHALLENGE("sallyport challenge v1"),
        ENROLLMENT("sallyport enrollment v1"),
        REALM("sallyport realm v1");

        private final String label;

        Purpose(String label) {
            this.label = label;
        }
    }

    private final KeyRing keyRing;
    private final byte[] namespace;
    private final SecureRandom random;
    /** The provider of the last cipher, remembered because a look-up asks every provider. */
    private volatile @Nullable Provider provider;

    Sealer(KeyRing keyRing, String namespace, SecureRandom random) {
        this.keyRing = keyRing;
        this.namespace = namespace.getBytes(UTF_8);
        this.random = random;
    }

    /** A fingerprint of the current key, the namespace and the issuer. It is equal only if all three are equal. */
    Bytes realm(String issuer) {
        return Bytes.copyOf(derive(keyRing.current(), Purpose.REALM, issuer.getBytes(UTF_8)));
    }

    /**
     * The place of a record: its version, namespace and user. A row that somebody moves to another place does not open
     * there.
     */
    byte[] place(UserId user, long version) {
        byte[] id = user.value().getBytes(UTF_8);
        return ByteBuffer.allocate(Long.BYTES + 1 + namespace.length + id.length)
                .putLong(version)
                .put((byte) namespace.length)
                .put(namespace)
                .put(id)
                .array();
    }

    /** The key of a subject for a purpose. */
    SubjectKey keyOf(Purpose purpose, byte[] subject) {
        return new SubjectKey(purpose, subject);
    }

    /**
     * Seals and opens for one subject. The key is derived once and has one cipher, because most calls open a record and
     * seal its successor: a second cipher would take as long as the work itself. Both live no longer than the call. For
     * one thread.
     */
    final class SubjectKey {
        private final Purpose purpose;
        private final byte[] subject;
        private @Nullable SecretKey derivedFrom;
        private @Nullable SecretKeySpec derived;
        private @Nullable Cipher cipher;

        private SubjectKey(Purpose purpose, byte[] subject) {
            this.purpose = purpose;
            this.subject = subject;
        }

        byte[] seal(byte[] place, byte[] plaintext) {
            byte[] header = header(keyRing.currentId());
            byte[] nonce = new byte[NONCE_BYTES];
            random.nextBytes(nonce);
            int body = header.length + NONCE_BYTES;
            byte[] sealed = Arrays.copyOf(header, body + plaintext.length + TAG_BYTES);
            System.arraycopy(nonce, 0, sealed, header.length, NONCE_BYTES);
            try {
                Cipher cipher = cipher(Cipher.ENCRYPT_MODE, under(keyRing.current()), nonce, 0);
                cipher.updateAAD(header);
                cipher.updateAAD(place);
                cipher.doFinal(plaintext, 0, plaintext.length, sealed, body);
                return sealed;
            } catch (GeneralSecurityException e) {
                throw new AssertionError("AES-GCM encrypts any plaintext", e);
            }
        }

        /**
         * Decrypts. The caller overwrites the plaintext with zeros after use. Every failure is an {@link
         * UnreadableRecordException}.
         */
        byte[] open(byte[] place, byte[] sealed) {
            String keyId = keyId(sealed);
            SecretKey key = keyRing.find(keyId);
            if (key == null) {
                throw new UnreadableRecordException("the key ring has no key with the id " + keyId, null);
            }
            int header = 2 + keyId.length();
            int body = header + NONCE_BYTES;
            try {
                Cipher cipher = cipher(Cipher.DECRYPT_MODE, under(key), sealed, header);
                cipher.updateAAD(sealed, 0, header);
                cipher.updateAAD(place);
                return cipher.doFinal(sealed, body, sealed.length - body);
            } catch (GeneralSecurityException e) {
                String reason =
                        "it was changed, or moved to another user, version or namespace, or another key has that id";
                throw new UnreadableRecordException(
                        "the record does not open with the key " + keyId + ": " + reason, e);
            }
        }

        private SecretKeySpec under(SecretKey key) {
            SecretKeySpec known = derived;
            if (known != null && key == derivedFrom) {
                return known;
            }
            byte[] bytes = derive(key, purpose, subject);
            SecretKeySpec fresh = new SecretKeySpec(bytes, "AES");
            Arrays.fill(bytes, (byte) 0);
            derivedFrom = key;
            derived = fresh;
            return fresh;
        }

        private Cipher cipher(int mode, SecretKeySpec under, byte[] bytes, int nonce) throws GeneralSecurityException {
            Cipher ready = cipher == null ? newCipher() : cipher;
            ready.init(mode, under, new GCMParameterSpec(TAG_BITS, bytes, nonce, NONCE_BYTES));
            // Until it is initialized, a cipher does not know its provider.
            provider = ready.getProvider();
            cipher = ready;
            return ready;
        }
    }

    String currentKeyId() {
        return keyRing.currentId();
    }

    boolean isUnderCurrentKey(byte[] sealed) {
        return keyRing.currentId().equals(keyId(sealed));
    }

    /** Reads the key id. Refuses data that is too short for a nonce and a tag, and an id that no key can have. */
    static String keyId(byte[] sealed) {
        int length = sealed.length < 2 || sealed[0] != FORMAT ? 0 : Byte.toUnsignedInt(sealed[1]);
        boolean complete = sealed.length >= 2 + length + NONCE_BYTES + TAG_BYTES;
        String keyId = complete ? new String(sealed, 2, length, US_ASCII) : "";
        if (!KeyRing.isId(keyId)) {
            throw new UnreadableRecordException(
                    "the record is cut off, or has a format that this release does not know", null);
        }
        return keyId;
    }

    private static byte[] header(String keyId) {
        byte[] id = keyId.getBytes(US_ASCII);
        return ByteBuffer.allocate(2 + id.length)
                .put(FORMAT)
                .put((byte) id.length)
                .put(id)
                .array();
    }

    private Cipher newCipher() throws GeneralSecurityException {
        Provider known = provider;
        return known == null ? Cipher.getInstance(AES_GCM) : Cipher.getInstance(AES_GCM, known);
    }

    /**
     * NIST SP 800-108 section 4.1, counter mode, HMAC-SHA256, one block: [1] ‖ label ‖ 00 ‖ context ‖ [256]. The
     * context is the namespace and the subject, each preceded by its length in two bytes.
     */
    private byte[] derive(SecretKey key, Purpose purpose, byte[] subject) {
        byte[] label = purpose.label.getBytes(US_ASCII);
        int contextBytes = 2 * Short.BYTES + namespace.length + subject.length;
        ByteBuffer input = ByteBuffer.allocate(Integer.BYTES + label.length + 1 + contextBytes + Integer.BYTES)
                .putInt(1)
                .put(label)
                .put((byte) 0)
                .putShort((short) namespace.length)
                .put(namespace)
                .putShort((short) subject.length)
                .put(subject)
                .putInt(KEY_BITS);
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return mac.doFinal(input.array());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the encryption key does not work with HmacSHA256", e);
        }
    }
}
