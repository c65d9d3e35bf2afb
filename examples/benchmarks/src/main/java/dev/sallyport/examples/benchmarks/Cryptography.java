// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** What a call cannot do without, whoever writes it: the JDK's cryptography on a record of that length. */
final class Cryptography {
    static final String OF_A_VERIFICATION = "the JDK: three AES-GCM passes, two key derivations, four HMACs";
    static final String OF_A_READ = "the JDK: one AES-GCM pass, one key derivation";
    static final String OF_A_LOOK = "the JDK: one AES-GCM pass, one key derivation, one SHA-256";

    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    /** The window, and the step that was used last. */
    private static final int HMACS = 4;
    /** The plain content of a challenge: user, stamp, time and browser. */
    private static final int CHALLENGE_BYTES = 50;

    private static final byte[] NONCE = new byte[NONCE_BYTES];
    private static final SecretKeySpec RING_KEY = new SecretKeySpec(new byte[32], "HmacSHA256");
    private static final byte[] KDF_INPUT = new byte["[1]sallyport record v1.user-00[n]".length()];

    private final SecureRandom random = new SecureRandom();
    private final Secrets secrets = new Secrets();
    private final byte[] sealed;
    private final byte[] challenge;

    Cryptography(int payloadBytes) throws GeneralSecurityException {
        byte[] plaintext = new byte[payloadBytes - NONCE_BYTES - TAG_BITS / Byte.SIZE];
        this.sealed = gcm(Cipher.ENCRYPT_MODE, derive(), NONCE, plaintext);
        this.challenge = gcm(Cipher.ENCRYPT_MODE, derive(), NONCE, new byte[CHALLENGE_BYTES]);
    }

    /** The new ciphertext, and the codes so that nothing is left out. */
    List<Object> verify() throws GeneralSecurityException {
        byte[] signIn = gcm(Cipher.DECRYPT_MODE, derive(), NONCE, challenge);
        byte[] derived = derive();
        byte[] opened = gcm(Cipher.DECRYPT_MODE, derived, NONCE, sealed);
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(secrets.next().key());
        int codes = 0;
        for (int step = 0; step < HMACS; step++) {
            codes ^= mac.doFinal(ByteBuffer.allocate(Long.BYTES).putLong(step).array())[0];
        }
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        return List.of(signIn, gcm(Cipher.ENCRYPT_MODE, derived, nonce, opened), codes);
    }

    byte[] read() throws GeneralSecurityException {
        return gcm(Cipher.DECRYPT_MODE, derive(), NONCE, sealed);
    }

    List<Object> look(String token) throws GeneralSecurityException {
        return List.of(read(), MessageDigest.getInstance("SHA-256").digest(token.getBytes(US_ASCII)));
    }

    private static byte[] gcm(int mode, byte[] key, byte[] nonce, byte[] text) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        return cipher.doFinal(text);
    }

    /** One block of NIST SP 800-108 in counter mode, over as many bytes as Sallyport's. */
    private static byte[] derive() throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(RING_KEY);
        return mac.doFinal(KDF_INPUT);
    }
}
