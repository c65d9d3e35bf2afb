// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Random numbers that name something. */
final class Ids {
    private Ids() {}

    /** 16 lower-case hexadecimal digits: the id of an authenticator, a browser or a pending enrollment. */
    static String draw(SecureRandom random) {
        return HexFormat.of().toHexDigits(random.nextLong());
    }

    /** A trust epoch: 64 random bits that stand for nothing else. */
    static long drawEpoch(SecureRandom random) {
        long drawn;
        do {
            drawn = random.nextLong();
        } while (drawn == TrustStamp.NO_EPOCH || drawn == TrustStamp.NEVER_DRAWN);
        return drawn;
    }
}
