// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.KeyRing;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

/** Reads {@code sallyport.encryption-keys}. No message contains a key, or a text that may be one. */
final class KeyRingProperty {
    private static final String NAME = "sallyport.encryption-keys";
    private static final String ACTION =
            "Make a key with \"openssl rand -base64 32\", keep it in a vault, and give it as"
                    + " \"2026-11:${SALLYPORT_KEY}\", where 2026-11 is a name for the key. The current key is the first"
                    + " entry.";

    /** The Base64 of 32 bytes has 43 characters or more, so a longer name may be a key. */
    private static final int LONGEST_ID = 32;

    private KeyRingProperty() {}

    static boolean contains(ConfigurationPropertyName property) {
        ConfigurationPropertyName keys = ConfigurationPropertyName.of(NAME);
        return keys.equals(property) || keys.isAncestorOf(property);
    }

    /** Whether a property or an environment variable, however it is spelled, is one of the keys. */
    static boolean isKeyOf(String property) {
        String name = property.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
        return name.startsWith("sallyport") && name.contains("key");
    }

    /** The value is not shown, because it contains the keys. */
    static ConfigurationException cannotBeBound() {
        return new ConfigurationException(
                "The property " + NAME + " is not a list of texts, or a placeholder in it has no value.", ACTION);
    }

    static KeyRing read(List<String> entries) {
        if (entries.isEmpty()) {
            throw new ConfigurationException("The property " + NAME + " is missing.", ACTION);
        }
        Set<String> ids = new HashSet<>();
        KeyRing ring = null;
        for (int i = 0; i < entries.size(); i++) {
            String entry = entries.get(i).strip();
            String position = "Entry " + (i + 1) + " of " + NAME;
            int colon = entry.lastIndexOf(':');
            if (colon < 0) {
                throw new ConfigurationException(
                        position + " has no colon. An entry is the name of the key, a colon, and the key in Base64.",
                        ACTION);
            }
            String id = entry.substring(0, colon).strip();
            String key = entry.substring(colon + 1).strip();
            requireId(position, id);
            String named = position + ", the key " + id + ",";
            if (!ids.add(id)) {
                throw new ConfigurationException(
                        named + " has the name of another entry. Each key has a name of its own.", ACTION);
            }
            if (key.isEmpty()) {
                throw new ConfigurationException(named + " is empty. Is the environment variable set?", ACTION);
            }
            if (key.startsWith("${")) {
                throw new ConfigurationException(
                        named + " is a placeholder without a value. Is the environment variable set?", ACTION);
            }
            try {
                ring = ring == null ? KeyRing.fromBase64(id, key) : ring.withPreviousBase64(id, key);
            } catch (IllegalArgumentException e) {
                // The messages of the key ring contain no key.
                throw new ConfigurationException(named + " is not valid: " + e.getMessage() + ".", ACTION);
            }
        }
        return Objects.requireNonNull(ring);
    }

    private static void requireId(String position, String id) {
        if (id.isEmpty() || id.length() > LONGEST_ID || !id.chars().allMatch(c -> c > ' ' && c <= '~')) {
            throw new ConfigurationException(
                    position + " does not begin with the name of a key: 1 to " + LONGEST_ID
                            + " printable ASCII characters without blanks, and then a colon.",
                    ACTION);
        }
    }
}
