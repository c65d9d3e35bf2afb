// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The hash function inside the HMAC: SHA-1 as in RFC 4226, or one of the two others that RFC 6238 section 1.2 permits.
 *
 * <p>Prefer {@link #SHA1}. Many authenticator apps ignore any other choice without a word and then show wrong codes, and
 * what is broken in SHA-1, its resistance to collisions, is nothing that HMAC depends on.
 */
public enum HmacAlgorithm {
    /** HMAC-SHA-1, which every app and every hardware token has. */
    SHA1("HmacSHA1"),
    /** HMAC-SHA-256. */
    SHA256("HmacSHA256"),
    /** HMAC-SHA-512. */
    SHA512("HmacSHA512");

    private final String jcaName;

    HmacAlgorithm(String jcaName) {
        this.jcaName = jcaName;
    }

    /** Looks the HMAC up and keys it: once per call of the API, however many codes the call computes. */
    Mac keyedWith(SharedSecret secret) {
        byte[] key = secret.toBytes();
        try {
            Mac mac = Mac.getInstance(jcaName);
            mac.init(new SecretKeySpec(key, jcaName));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform does not offer " + jcaName, e);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }
}
