// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.Provider;
import java.util.List;
import javax.crypto.Mac;

/** Ways to compute the HMACs of a window with the JDK's Mac, and nothing else: what no library can do without. */
final class Macs {
    private final Secrets secrets = new Secrets();
    private final Mac prototype = mac();
    private final Provider provider = prototype.getProvider();

    private Macs() {}

    static Comparison window() {
        return new Macs().ways("HMACs of a window of 3", 3);
    }

    static Comparison lookAhead() {
        return new Macs().ways("HMACs of a look-ahead of 10", 11);
    }

    private Comparison ways(String title, int steps) {
        return Comparison.of(
                title,
                List.of(
                        Contestant.of("looked up, keyed once", () -> all(mac(), steps)),
                        Contestant.of("copied, keyed once", () -> all((Mac) prototype.clone(), steps)),
                        Contestant.of(
                                "from a known provider, keyed once",
                                () -> all(Mac.getInstance("HmacSHA1", provider), steps)),
                        Contestant.of("copied, keyed once, inner key hashed once", () -> copies(steps)),
                        Contestant.of("looked up and keyed for each", () -> each(steps))));
    }

    private int all(Mac mac, int steps) throws GeneralSecurityException {
        mac.init(secrets.next().key());
        int sum = 0;
        for (long step = 0; step < steps; step++) {
            sum += mac.doFinal(counter(step))[0];
        }
        return sum;
    }

    private int copies(int steps) throws GeneralSecurityException, CloneNotSupportedException {
        Mac mac = (Mac) prototype.clone();
        mac.init(secrets.next().key());
        mac.update(new byte[0]);
        int sum = 0;
        for (long step = 0; step < steps; step++) {
            Mac copy = step == steps - 1 ? mac : (Mac) mac.clone();
            sum += copy.doFinal(counter(step))[0];
        }
        return sum;
    }

    private int each(int steps) throws GeneralSecurityException {
        int sum = 0;
        Key key = secrets.next().key();
        for (long step = 0; step < steps; step++) {
            Mac mac = mac();
            mac.init(key);
            sum += mac.doFinal(counter(step))[0];
        }
        return sum;
    }

    private static byte[] counter(long step) {
        return ByteBuffer.allocate(Long.BYTES).putLong(step).array();
    }

    private static Mac mac() {
        try {
            return Mac.getInstance("HmacSHA1");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no HMAC here", e);
        }
    }
}
