// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import java.security.spec.AlgorithmParameterSpec;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.MacSpi;
import org.jspecify.annotations.Nullable;

/** A security provider that comes before the others while it is open, leaves the HMACs to the JDK's own, and counts. */
final class CountingProvider extends Provider implements AutoCloseable {
    private static final long serialVersionUID = 1;

    /** Whether the Macs of this provider can be cloned. Those of some hardware cannot. */
    enum Cloning {
        POSSIBLE,
        IMPOSSIBLE
    }

    private final Cloning cloning;
    private int lookups;
    private int keyings;
    private int digests;

    private CountingProvider(Cloning cloning) {
        super("Counting", "1", "Counts HMACs");
        this.cloning = cloning;
        for (String algorithm : List.of("HmacSHA1", "HmacSHA256", "HmacSHA512")) {
            putService(new Service(this, "Mac", algorithm, CountingMac.class.getName(), null, null) {
                @Override
                public Object newInstance(@Nullable Object parameter) throws NoSuchAlgorithmException {
                    lookups++;
                    return new CountingMac(jdksOwn(algorithm));
                }
            });
        }
    }

    static CountingProvider open(Cloning cloning) {
        CountingProvider provider = new CountingProvider(cloning);
        Security.insertProviderAt(provider, 1);
        return provider;
    }

    @Override
    public void close() {
        Security.removeProvider(getName());
    }

    /** What has been counted since the last time. */
    Work takeWork() {
        Work work = new Work(lookups, keyings, digests);
        lookups = 0;
        keyings = 0;
        digests = 0;
        return work;
    }

    record Work(int lookups, int keyings, int digests) {}

    private static Mac jdksOwn(String algorithm) throws NoSuchAlgorithmException {
        return Mac.getInstance(algorithm, Security.getProvider("SunJCE"));
    }

    private final class CountingMac extends MacSpi {
        private final Mac mac;

        CountingMac(Mac mac) {
            this.mac = mac;
        }

        @Override
        protected int engineGetMacLength() {
            return mac.getMacLength();
        }

        @Override
        protected void engineInit(Key key, @Nullable AlgorithmParameterSpec none) throws InvalidKeyException {
            keyings++;
            mac.init(key);
        }

        @Override
        protected void engineUpdate(byte input) {
            mac.update(input);
        }

        @Override
        protected void engineUpdate(byte[] input, int offset, int length) {
            mac.update(input, offset, length);
        }

        @Override
        protected byte[] engineDoFinal() {
            digests++;
            return mac.doFinal();
        }

        @Override
        protected void engineReset() {
            mac.reset();
        }

        @Override
        public Object clone() throws CloneNotSupportedException {
            if (cloning == Cloning.IMPOSSIBLE) {
                throw new CloneNotSupportedException();
            }
            return new CountingMac((Mac) mac.clone());
        }
    }
}
