// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The randomness of one call, drawn from {@link SecureRandom} at once and handed out piece by piece, each piece once.
 * That generator is the one thing that calls on different accounts contend for. Not safe for use by several threads.
 */
final class Draw {
    static final int ID_BYTES = 8;

    private final SecureRandom random;
    private final byte[] drawn;
    private int taken;

    Draw(SecureRandom random, int bytes) {
        this.random = random;
        this.drawn = new byte[bytes];
        this.taken = bytes;
    }

    byte[] take(int bytes) {
        if (bytes > drawn.length) {
            throw new AssertionError("this call takes more random bytes at a time than it said");
        }
        if (bytes > drawn.length - taken) {
            random.nextBytes(drawn);
            taken = 0;
        }
        byte[] piece = Arrays.copyOfRange(drawn, taken, taken + bytes);
        Arrays.fill(drawn, taken, taken + bytes, (byte) 0);
        taken += bytes;
        return piece;
    }

    String takeId() {
        return HexFormat.of().formatHex(take(ID_BYTES));
    }

    long takeLong() {
        return ByteBuffer.wrap(take(Long.BYTES)).getLong();
    }
}
