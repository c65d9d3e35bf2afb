// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import dev.sallyport.KeyRing;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** The encryption keys of a node as a vault would give them: named, in Base64, the current one first. */
final class Keys {
    private final List<String> named;

    private Keys(List<String> named) {
        this.named = List.copyOf(named);
    }

    static Keys generate(String id) {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        return new Keys(List.of(id + "=" + Base64.getEncoder().encodeToString(key)));
    }

    /** These, and those of others to read with. */
    Keys reading(Keys others) {
        return new Keys(Stream.concat(named.stream(), others.named.stream()).toList());
    }

    static Keys fromLine(String line) {
        return new Keys(List.of(line.split(" ", -1)));
    }

    String toLine() {
        return String.join(" ", named);
    }

    String currentId() {
        return id(named.get(0));
    }

    KeyRing ring() {
        KeyRing ring = KeyRing.fromBase64(currentId(), base64(named.get(0)));
        for (String other : named.subList(1, named.size())) {
            ring = ring.withPreviousBase64(id(other), base64(other));
        }
        return ring;
    }

    private static String id(String name) {
        return name.substring(0, name.indexOf('='));
    }

    private static String base64(String name) {
        return name.substring(name.indexOf('=') + 1);
    }

    @Override
    public String toString() {
        return named.stream().map(Keys::id).toList().toString();
    }
}
