// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

/**
 * The hash function inside the HMAC: SHA-1 as in RFC 4226, or one of the two others that RFC 6238 section 1.2 permits.
 *
 * <p>Prefer {@link #SHA1}. Many authenticator apps ignore any other choice and then show wrong codes. SHA-1 is broken
 * because people can construct collisions. HMAC does not depend on the resistance to collisions.
 */
public enum HmacAlgorithm {
    /** HMAC-SHA-1, which every app and every hardware token has. */
    SHA1(20),
    /** HMAC-SHA-256. */
    SHA256(32),
    /** HMAC-SHA-512. */
    SHA512(64);

    private final int hashBytes;

    HmacAlgorithm(int hashBytes) {
        this.hashBytes = hashBytes;
    }

    /** {@return how many bytes the hash has} */
    int hashBytes() {
        return hashBytes;
    }
}
