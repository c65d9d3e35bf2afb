// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * Hashes backup codes with PBKDF2-HMAC-SHA256 (RFC 8018 section 5.2), at most as many at a time as there are processors:
 * a crowd of guesses waits here instead of taking the machine from everybody else.
 */
final class BackupCodeHasher {
    private static final int HASH_BITS = 256;

    private final Semaphore processors = new Semaphore(Runtime.getRuntime().availableProcessors());

    Bytes hash(String code, Bytes salt, int iterations) {
        PBEKeySpec spec = new PBEKeySpec(code.toCharArray(), salt.toArray(), iterations, HASH_BITS);
        processors.acquireUninterruptibly();
        try {
            byte[] hash = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
            Bytes result = Bytes.copyOf(hash);
            Arrays.fill(hash, (byte) 0);
            return result;
        } catch (GeneralSecurityException e) {
            throw new AssertionError("the JDK has had PBKDF2WithHmacSHA256 since version 8", e);
        } finally {
            processors.release();
            spec.clearPassword();
        }
    }
}
