// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The keys that records are encrypted with: the current one, which every write uses, and previous ones, which still
 * open records that were written under them.
 *
 * <p>Anyone who has a key and the store's content has every user's secret. Anyone who has only one of the two has no
 * secret. Keep keys apart from the database and its backups, in a vault. If a key is lost, no record under it ever
 * opens again.
 *
 * <p>To rotate keys, deploy twice. First add the new key as a previous key on every node, so that every node can read
 * records under it. Then make it the current key. Challenges, enrollment handles and sealed proofs open under the
 * current key only. While a share f of the nodes has the new current key, a share of 2f(1-f) of the half-finished
 * sign-ins and enrollments has to begin again. Immutable; redacted in {@link #toString()}.
 */
public final class KeyRing {
    private static final int KEY_BYTES = 32;

    private final String currentId;
    private final SecretKey current;
    private final Map<String, SecretKey> previous;

    private KeyRing(String currentId, SecretKey current, Map<String, SecretKey> previous) {
        this.currentId = requireId(currentId);
        this.current = requireKey(current);
        this.previous = Map.copyOf(previous);
    }

    /**
     * A key ring of one key.
     *
     * @param id names the key in every record under it: 1 to 64 printable ASCII characters without blanks. It is not
     *     secret and must never name another key
     * @param key 32 random bytes, or a key that its provider keeps to itself and that HmacSHA256 accepts
     * @return the key ring
     * @throws IllegalArgumentException if id or key are anything else
     */
    public static KeyRing of(String id, SecretKey key) {
        return new KeyRing(id, key, Map.of());
    }

    /**
     * A key ring of one key, as a vault or an environment variable gives it.
     *
     * @param id names the key, as in {@link #of}
     * @param key the Base64 of 32 random bytes, as {@code openssl rand -base64 32} prints; white space around it
     *     is forgiven
     * @return the key ring
     * @throws IllegalArgumentException if id or key are anything else
     */
    public static KeyRing fromBase64(String id, String key) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(key.strip());
        } catch (IllegalArgumentException e) {
            // The cause is left out, because its message quotes the key.
            throw new IllegalArgumentException("an encryption key is the Base64 of " + KEY_BYTES + " bytes");
        }
        return ofBytes(id, bytes);
    }

    /**
     * A key ring of one key that nobody else has. What is written under it cannot be read after this process ends: for
     * trying things out, and for tests.
     *
     * @return the key ring
     */
    public static KeyRing generate() {
        byte[] bytes = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(bytes);
        return ofBytes("generated", bytes);
    }

    private static KeyRing ofBytes(String id, byte[] bytes) {
        try {
            return of(id, new SecretKeySpec(bytes, "HmacSHA256"));
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /**
     * A key ring that also opens what was written under another key.
     *
     * @param id names the other key, as in {@link #of}
     * @param key the other key
     * @return the larger key ring; this one stays as it is
     * @throws IllegalArgumentException if id or key are not as in {@link #of}, or the id is in the ring already
     */
    public KeyRing withPrevious(String id, SecretKey key) {
        if (find(requireId(id)) != null) {
            throw new IllegalArgumentException("the key ring has a key with the id " + id + " already");
        }
        Map<String, SecretKey> more = new HashMap<>(previous);
        more.put(id, requireKey(key));
        return new KeyRing(currentId, current, more);
    }

    /**
     * The same, as a vault or an environment variable gives the key.
     *
     * @param id names the other key, as in {@link #of}
     * @param key the other key, as in {@link #fromBase64}
     * @return the larger key ring; this one stays as it is
     * @throws IllegalArgumentException if id or key are not as there, or the id is in the ring already
     */
    public KeyRing withPreviousBase64(String id, String key) {
        return withPrevious(id, fromBase64(id, key).current);
    }

    String currentId() {
        return currentId;
    }

    SecretKey current() {
        return current;
    }

    @Nullable
    SecretKey find(String id) {
        return id.equals(currentId) ? current : previous.get(id);
    }

    static boolean isId(String id) {
        boolean printable = true;
        for (int i = 0; i < id.length(); i++) {
            printable &= id.charAt(i) > ' ' && id.charAt(i) <= '~';
        }
        return printable && !id.isEmpty() && id.length() <= 64;
    }

    private static String requireId(String id) {
        if (!isId(id)) {
            throw new IllegalArgumentException("a key id has 1 to 64 printable ASCII characters without blanks");
        }
        return id;
    }

    private static SecretKey requireKey(SecretKey key) {
        byte[] encoded = key.getEncoded();
        // A key in a hardware module has no encoded form.
        if (encoded != null && encoded.length != KEY_BYTES) {
            throw new IllegalArgumentException("an encryption key has " + KEY_BYTES + " bytes, not " + encoded.length);
        }
        return key;
    }

    @Override
    public String toString() {
        return "KeyRing[current=" + currentId + ", previous=" + previous.keySet() + "]";
    }
}
