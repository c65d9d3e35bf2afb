// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;

/**
 * The encryption of a key container, RFC 6030 section 6: AES in CBC mode under a key that was agreed on, or under one
 * that a password gives. CBC alone does not notice a change. Therefore each value has a MAC, and no value is decrypted
 * before its MAC was compared.
 */
final class PskcCipher {
    private static final int BLOCK_BYTES = 16;
    private static final int MAX_ITERATIONS = 10_000_000;
    private static final String AES_CBC = "http://www.w3.org/2001/04/xmlenc#aes(128|192|256)-cbc";

    private final byte[] key;
    private final String macAlgorithm;
    private final byte[] macKey;

    private PskcCipher(byte[] key, String macAlgorithm, byte[] macKey) {
        this.key = key;
        this.macAlgorithm = macAlgorithm;
        this.macKey = macKey;
    }

    /** What the operator has besides the file. */
    record Unlocking(Optional<char[]> password, Optional<byte[]> preSharedKey) {}

    /** A value that was not decrypted. The message contains nothing of it. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String why) {
            super(why);
        }
    }

    /** The cipher of a container; null if nothing in it is encrypted. */
    static @Nullable PskcCipher of(Element container, Unlocking unlocking) throws Refused {
        Element encryptionKey = Xml.child(container, "EncryptionKey");
        if (encryptionKey == null) {
            return null;
        }
        byte[] key = key(encryptionKey, unlocking);
        Element method = Xml.child(container, "MACMethod");
        if (method == null) {
            throw new Refused("the values have no MAC, so a change would not be noticed");
        }
        String macAlgorithm = macAlgorithm(method);
        Element macKey = Xml.child(method, "MACKey");
        // RFC 6030 section 6.1.1: without a MAC key, the encryption key is used.
        return new PskcCipher(key, macAlgorithm, macKey == null ? key : openMacKey(macKey, key));
    }

    private static byte[] openMacKey(Element macKey, byte[] key) throws Refused {
        try {
            return decrypted(key, macKey);
        } catch (Refused e) {
            throw new Refused(
                    "the MAC key does not open: the password or the key is another one (" + e.getMessage() + ")");
        }
    }

    private static byte[] key(Element encryptionKey, Unlocking unlocking) throws Refused {
        Element derived = Xml.child(encryptionKey, "DerivedKey");
        if (derived != null) {
            char[] password = unlocking
                    .password()
                    .orElseThrow(() -> new Refused("it is encrypted with a password: put it into the environment"
                            + " variable SALLYPORT_PSKC_PASSWORD, or name a file with --pskc-password-file"));
            return derive(derived, password);
        }
        if (Xml.child(encryptionKey, "KeyName") != null) {
            return unlocking
                    .preSharedKey()
                    .orElseThrow(() -> new Refused("it is encrypted with a key that was agreed on: put its hexadecimal"
                            + " digits into the environment variable SALLYPORT_PSKC_KEY, or name a file with"
                            + " --pskc-key-file"));
        }
        throw new Refused("it is encrypted for a certificate: ask the vendor for a password or a key");
    }

    private static byte[] derive(Element derived, char[] password) throws Refused {
        Element method = Xml.child(derived, "KeyDerivationMethod");
        if (method == null || !method.getAttribute("Algorithm").endsWith("#pbkdf2")) {
            throw new Refused("its key is not derived with PBKDF2");
        }
        Element parameters = Xml.child(method, "PBKDF2-params");
        byte[] salt = base64(Xml.text(Xml.descendant(parameters, "Salt", "Specified")), "the salt");
        int iterations = number(Xml.text(Xml.child(parameters, "IterationCount")), 1, MAX_ITERATIONS, "IterationCount");
        int bytes = number(Xml.text(Xml.child(parameters, "KeyLength")), 16, 32, "KeyLength");
        Element prf = Xml.child(parameters, "PRF");
        PBEKeySpec spec = new PBEKeySpec(password, salt, iterations, bytes * 8);
        try {
            return SecretKeyFactory.getInstance("PBKDF2With" + prf(prf))
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new Refused("its key cannot be derived with these parameters");
        } finally {
            spec.clearPassword();
        }
    }

    private static String prf(@Nullable Element prf) throws Refused {
        String algorithm = prf == null ? "" : prf.getAttribute("Algorithm");
        if (algorithm.isEmpty() || algorithm.endsWith("hmac-sha1")) {
            return "HmacSHA1";
        }
        if (algorithm.endsWith("hmac-sha256")) {
            return "HmacSHA256";
        }
        if (algorithm.endsWith("hmac-sha512")) {
            return "HmacSHA512";
        }
        throw new Refused("its PBKDF2 has another function than HMAC-SHA1, -SHA256 or -SHA512");
    }

    private static String macAlgorithm(Element method) throws Refused {
        return switch (method.getAttribute("Algorithm")) {
            case "http://www.w3.org/2000/09/xmldsig#hmac-sha1" -> "HmacSHA1";
            case "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256" -> "HmacSHA256";
            case "http://www.w3.org/2001/04/xmldsig-more#hmac-sha512" -> "HmacSHA512";
            default -> throw new Refused("its MAC is none of HMAC-SHA1, -SHA256 and -SHA512");
        };
    }

    /** Compares the MAC of an encrypted value, and decrypts the value after that. */
    byte[] open(Element encryptedValue, @Nullable Element valueMac) throws Refused {
        if (valueMac == null) {
            throw new Refused("its value has no MAC, so a change would not be noticed");
        }
        byte[] expected = base64(Xml.text(valueMac), "its MAC");
        try {
            Mac mac = Mac.getInstance(macAlgorithm);
            mac.init(new SecretKeySpec(macKey, macAlgorithm));
            if (!MessageDigest.isEqual(mac.doFinal(cipherValue(encryptedValue)), expected)) {
                throw new Refused("its MAC is wrong: the value was changed, or belongs to another password or key");
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new Refused("its MAC cannot be computed");
        }
        return decrypted(key, encryptedValue);
    }

    private static byte[] cipherValue(Element encrypted) throws Refused {
        return base64(Xml.text(Xml.descendant(encrypted, "CipherData", "CipherValue")), "its encrypted value");
    }

    private static byte[] decrypted(byte[] key, Element encrypted) throws Refused {
        Element method = Xml.child(encrypted, "EncryptionMethod");
        String algorithm = method == null ? "" : method.getAttribute("Algorithm");
        if (!algorithm.matches(AES_CBC)) {
            throw new Refused("its cipher is not AES in CBC mode");
        }
        if (!algorithm.contains("aes" + key.length * 8 + "-")) {
            throw new Refused("its key has " + key.length + " bytes, which does not fit its cipher");
        }
        byte[] value = cipherValue(encrypted);
        if (value.length < 2 * BLOCK_BYTES || value.length % BLOCK_BYTES != 0) {
            throw new Refused("its encrypted value is cut off");
        }
        try {
            Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");
            cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(value, 0, BLOCK_BYTES));
            return withoutPadding(cipher.doFinal(value, BLOCK_BYTES, value.length - BLOCK_BYTES));
        } catch (GeneralSecurityException e) {
            throw new Refused("its value cannot be decrypted");
        }
    }

    /** XML Encryption section 5.2: the last byte says how many there are, and the others may be anything. */
    private static byte[] withoutPadding(byte[] padded) throws Refused {
        int padding = padded[padded.length - 1];
        if (padding < 1 || padding > BLOCK_BYTES) {
            throw new Refused("its padding is wrong");
        }
        return Arrays.copyOf(padded, padded.length - padding);
    }

    static byte[] base64(@Nullable String text, String what) throws Refused {
        if (text == null || text.isEmpty()) {
            throw new Refused(what + " is missing");
        }
        try {
            return Base64.getDecoder().decode(text.replaceAll("\\s", ""));
        } catch (IllegalArgumentException e) {
            // The cause is left out, because its message quotes the text.
            throw new Refused(what + " is not Base64");
        }
    }

    private static int number(@Nullable String text, int min, int max, String what) throws Refused {
        if (text != null && text.matches("[0-9]{1,9}")) {
            int number = Integer.parseInt(text);
            if (number >= min && number <= max) {
                return number;
            }
        }
        throw new Refused("its " + what + " is not a number from " + min + " to " + max);
    }

    @Override
    public String toString() {
        return "PskcCipher[" + macAlgorithm + "]";
    }
}
