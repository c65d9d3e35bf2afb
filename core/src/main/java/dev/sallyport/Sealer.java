// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts what leaves this process, so that it opens only under the same key, for the same user, in the same place.
 *
 * <pre>
 * sealed = header ‖ nonce (12) ‖ AES-256-GCM(plaintext)
 * header = format (1) ‖ length (1) ‖ key id
 * associated data = header ‖ place
 * </pre>
 *
 * <p>Each user has a key of their own, derived from the ring's. Random nonces of 96 bits are safe for 2^32 messages under
 * one key (NIST SP 800-38D section 8.3): no user signs in that often, and all of them together do not share one.
 */
final class Sealer {
    static final int NONCE_BYTES = 12;
    private static final String AES_GCM = "AES/GCM/NoPadding";
    private static final byte FORMAT = 1;
    private static final int TAG_BITS = 128;
    private static final int KEY_BITS = 256;

    /** What a key is derived for, so that nothing sealed for one purpose opens for another. */
    enum Purpose {
        RECORD("sallyport record v1"),
        PROOF("sallyport proof v1"),
        REALM("sallyport realm v1");

        private final String label;

        Purpose(String label) {
            this.label = label;
        }
    }

    private final KeyRing keyRing;
    /** Whose cipher served last. To look one up asks all providers, under their locks, for four of its names. */
    private volatile @Nullable Provider provider;

    Sealer(KeyRing keyRing) {
        this.keyRing = keyRing;
    }

    /** A fingerprint of the current key and a context: equal for two sealers where both are equal. */
    Bytes fingerprint(String context) {
        return Bytes.copyOf(derive(keyRing.current(), Purpose.REALM, context));
    }

    /** The nonce is used once and never again. */
    byte[] seal(Purpose purpose, UserId user, byte[] place, byte[] plaintext, byte[] nonce) {
        byte[] header = header(keyRing.currentId());
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, keyRing.current(), purpose, user, nonce);
            cipher.updateAAD(header);
            cipher.updateAAD(place);
            byte[] encrypted = cipher.doFinal(plaintext);
            return ByteBuffer.allocate(header.length + nonce.length + encrypted.length)
                    .put(header)
                    .put(nonce)
                    .put(encrypted)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new AssertionError("AES-GCM encrypts whatever it is given", e);
        }
    }

    /** The caller zeroes the plaintext after use. Whatever is amiss is an {@link UnreadableRecordException}. */
    byte[] open(Purpose purpose, UserId user, byte[] place, byte[] sealed) {
        String keyId = keyId(sealed);
        SecretKey key = keyRing.find(keyId);
        if (key == null) {
            throw new UnreadableRecordException("the key ring has no key with the id " + keyId, null);
        }
        byte[] header = header(keyId);
        int body = header.length + NONCE_BYTES;
        try {
            byte[] nonce = Arrays.copyOfRange(sealed, header.length, body);
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, key, purpose, user, nonce);
            cipher.updateAAD(header);
            cipher.updateAAD(place);
            return cipher.doFinal(sealed, body, sealed.length - body);
        } catch (GeneralSecurityException e) {
            String reason = "it was changed, or moved to another user or version, or another key has that id";
            throw new UnreadableRecordException("the record does not open with the key " + keyId + ": " + reason, e);
        }
    }

    String currentKeyId() {
        return keyRing.currentId();
    }

    boolean isUnderCurrentKey(byte[] sealed) {
        return keyRing.currentId().equals(keyId(sealed));
    }

    /** Also makes sure that a nonce and a tag can follow, and that the id can stand in a message. */
    private static String keyId(byte[] sealed) {
        int length = sealed.length < 2 || sealed[0] != FORMAT ? 0 : Byte.toUnsignedInt(sealed[1]);
        boolean complete = sealed.length >= 2 + length + NONCE_BYTES + TAG_BITS / Byte.SIZE;
        String keyId = complete ? new String(sealed, 2, length, US_ASCII) : "";
        if (!KeyRing.isId(keyId)) {
            throw new UnreadableRecordException(
                    "the record is cut off, or of a form that this release does not know", null);
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

    private Cipher cipher(int mode, SecretKey key, Purpose purpose, UserId user, byte[] nonce)
            throws GeneralSecurityException {
        byte[] derived = derive(key, purpose, user.value());
        Provider known = provider;
        Cipher cipher = known == null ? Cipher.getInstance(AES_GCM) : Cipher.getInstance(AES_GCM, known);
        cipher.init(mode, new SecretKeySpec(derived, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        provider = cipher.getProvider();
        Arrays.fill(derived, (byte) 0);
        return cipher;
    }

    /** NIST SP 800-108 section 4.1, counter mode, HMAC-SHA256, one block: [1] ‖ label ‖ 00 ‖ context ‖ [256]. */
    private static byte[] derive(SecretKey key, Purpose purpose, String context) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(1).array());
            mac.update(purpose.label.getBytes(US_ASCII));
            mac.update((byte) 0);
            mac.update(context.getBytes(UTF_8));
            mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(KEY_BITS).array());
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the encryption key does not serve HmacSHA256", e);
        }
    }
}
