// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.KeySpec;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.MacSpi;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.SecretKeyFactorySpi;
import org.jspecify.annotations.Nullable;

/** A security provider that counts HMACs and lets the JDK compute them. While it is open, it is the preferred one. */
public final class CountingProvider extends Provider implements AutoCloseable {
    private static final long serialVersionUID = 1;
    private static final String PBKDF2 = "PBKDF2WithHmacSHA256";

    /** Whether the Macs of this provider can be cloned. The Macs of some hardware cannot. */
    public enum Cloning {
        POSSIBLE,
        IMPOSSIBLE
    }

    private final Cloning cloning;
    private final List<String> keysOfOriginals = new ArrayList<>();
    private int lookups;
    private int keyings;
    private int digests;
    private int derivations;

    private CountingProvider(Cloning cloning, List<String> macs) {
        super("Counting", "1", "Counts HMACs and derivations");
        this.cloning = cloning;
        putService(new Service(this, "SecretKeyFactory", PBKDF2, CountingKeyFactory.class.getName(), null, null) {
            @Override
            public Object newInstance(@Nullable Object parameter) throws NoSuchAlgorithmException {
                return new CountingKeyFactory(SecretKeyFactory.getInstance(PBKDF2, jdksOwn()));
            }
        });
        for (String algorithm : macs) {
            putService(new Service(this, "Mac", algorithm, CountingMac.class.getName(), null, null) {
                @Override
                public Object newInstance(@Nullable Object parameter) throws NoSuchAlgorithmException {
                    lookups++;
                    return new CountingMac(Mac.getInstance(algorithm, jdksOwn()), false);
                }
            });
        }
    }

    static CountingProvider open(Cloning cloning) {
        return open(cloning, List.of("HmacSHA1", "HmacSHA256", "HmacSHA512"));
    }

    /** Counts only the HMACs of these algorithms. */
    public static CountingProvider open(Cloning cloning, List<String> macs) {
        CountingProvider provider = new CountingProvider(cloning, macs);
        Security.insertProviderAt(provider, 1);
        return provider;
    }

    @Override
    public void close() {
        Security.removeProvider(getName());
    }

    /** The counts since the last call. */
    public Work takeWork() {
        Work work = new Work(lookups, keyings, digests);
        lookups = 0;
        keyings = 0;
        digests = 0;
        return work;
    }

    /** The keys, in hexadecimal, of the Macs that were looked up. The keys of their copies are not included. */
    List<String> keysOfOriginals() {
        return keysOfOriginals;
    }

    /** How many keys were derived since the last call. */
    public int takeDerivations() {
        int taken = derivations;
        derivations = 0;
        return taken;
    }

    /** How often an HMAC was looked up, was given a key, and was computed. */
    public record Work(int lookups, int keyings, int digests) {}

    private static Provider jdksOwn() {
        return Security.getProvider("SunJCE");
    }

    private final class CountingKeyFactory extends SecretKeyFactorySpi {
        private final SecretKeyFactory factory;

        CountingKeyFactory(SecretKeyFactory factory) {
            this.factory = factory;
        }

        @Override
        protected SecretKey engineGenerateSecret(KeySpec keySpec) throws InvalidKeySpecException {
            derivations++;
            return factory.generateSecret(keySpec);
        }

        @Override
        protected KeySpec engineGetKeySpec(SecretKey key, Class<?> keySpec) throws InvalidKeySpecException {
            return factory.getKeySpec(key, keySpec);
        }

        @Override
        protected SecretKey engineTranslateKey(SecretKey key) throws InvalidKeyException {
            return factory.translateKey(key);
        }
    }

    private final class CountingMac extends MacSpi {
        private final Mac mac;
        private final boolean copied;

        CountingMac(Mac mac, boolean copied) {
            this.mac = mac;
            this.copied = copied;
        }

        @Override
        protected int engineGetMacLength() {
            return mac.getMacLength();
        }

        @Override
        protected void engineInit(Key key, @Nullable AlgorithmParameterSpec none) throws InvalidKeyException {
            keyings++;
            if (!copied) {
                keysOfOriginals.add(HexFormat.of().formatHex(key.getEncoded()));
            }
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
            return new CountingMac((Mac) mac.clone(), true);
        }
    }
}
