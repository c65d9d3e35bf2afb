// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** The shared secrets of the RFCs' test vectors: ASCII "1234567890", repeated. */
final class RfcSecrets {
    /** RFC 4226 Appendix D, and RFC 6238 Appendix B for SHA-1. */
    static final SharedSecret BYTES_20 = ofLength(20);

    private RfcSecrets() {}

    /** RFC 6238 Appendix B with erratum 2866. The secret is as long as the hash. */
    static SharedSecret asLongAs(HmacAlgorithm algorithm) {
        return switch (algorithm) {
            case SHA1 -> BYTES_20;
            case SHA256 -> ofLength(32);
            case SHA512 -> ofLength(64);
        };
    }

    private static SharedSecret ofLength(int bytes) {
        return SharedSecret.fromBytes("1234567890".repeat(7).substring(0, bytes).getBytes(US_ASCII));
    }
}
