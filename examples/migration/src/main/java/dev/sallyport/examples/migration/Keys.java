// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import dev.sallyport.KeyRing;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the application's encryption keys from a text: on each line the id of a key, a blank, and the Base64 of its 32
 * bytes. The first line is the current key. Under the others, existing records may have been written.
 */
final class Keys {
    private Keys() {}

    static KeyRing read(String where, String text) throws BadInput {
        List<String> lines = text.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
        if (lines.isEmpty()) {
            throw BadInput.at(where, "it has no key: each line has the id of a key, a blank, and its Base64");
        }
        KeyRing keys = read(where, lines.get(0), null);
        for (String line : lines.subList(1, lines.size())) {
            keys = read(where, line, keys);
        }
        return keys;
    }

    private static KeyRing read(String where, String line, @Nullable KeyRing before) throws BadInput {
        String[] parts = line.split("\\s+", 3);
        if (parts.length != 2) {
            throw BadInput.at(where, "each line has the id of a key, a blank, and the Base64 of its 32 bytes");
        }
        try {
            return before == null
                    ? KeyRing.fromBase64(parts[0], parts[1])
                    : before.withPreviousBase64(parts[0], parts[1]);
        } catch (IllegalArgumentException e) {
            throw BadInput.at(where, String.valueOf(e.getMessage()));
        }
    }
}
