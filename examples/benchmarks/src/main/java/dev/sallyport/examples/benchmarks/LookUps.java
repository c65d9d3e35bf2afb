// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.apache.commons.codec.binary.Base32;

/** What a few habits cost that one sees everywhere. */
final class LookUps {
    private static final String AES_GCM = "AES/GCM/NoPadding";
    private static final int RECORD_BYTES = 600;
    private static final SecretKeySpec KEY = new SecretKeySpec(new byte[32], "AES");

    private long used;

    private LookUps() {}

    static Comparison ciphers() {
        LookUps lookUps = new LookUps();
        Provider provider = provider();
        return Comparison.of(
                "AES-GCM over a record",
                List.of(
                        Contestant.of(
                                "from a provider that is known",
                                () -> lookUps.encrypt(Cipher.getInstance(AES_GCM, provider))),
                        Contestant.of("looked up", () -> lookUps.encrypt(Cipher.getInstance(AES_GCM)))));
    }

    private byte[] encrypt(Cipher cipher) throws GeneralSecurityException {
        used++;
        byte[] nonce = new byte[12];
        nonce[0] = (byte) used;
        nonce[1] = (byte) (used >> Byte.SIZE);
        cipher.init(Cipher.ENCRYPT_MODE, KEY, new GCMParameterSpec(128, nonce));
        return cipher.doFinal(new byte[RECORD_BYTES]);
    }

    private static Provider provider() {
        try {
            return Cipher.getInstance(AES_GCM).getProvider();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no AES-GCM here", e);
        }
    }

    static Comparison base32() {
        Secrets secrets = new Secrets();
        return Comparison.of(
                "a secret as Base32",
                List.of(
                        Contestant.of(
                                "Sallyport, commons-codec with small buffers",
                                () -> secrets.next().secret().toBase32()),
                        Contestant.of(
                                "commons-codec",
                                () -> new Base32().encodeToString(secrets.next().bytes()))));
    }
}
