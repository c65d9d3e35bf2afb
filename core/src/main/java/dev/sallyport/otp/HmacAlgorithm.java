// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

/**
 * The hash function inside the HMAC: SHA-1 as in RFC 4226, or one of the two others that RFC 6238 section 1.2 permits.
 *
 * <p>Prefer {@link #SHA1}. Many authenticator apps ignore any other choice without a word and then show wrong codes, and
 * what is broken in SHA-1, its resistance to collisions, is nothing that HMAC depends on.
 */
public enum HmacAlgorithm {
    /** HMAC-SHA-1, which every app and every hardware token has. */
    SHA1,
    /** HMAC-SHA-256. */
    SHA256,
    /** HMAC-SHA-512. */
    SHA512
}
