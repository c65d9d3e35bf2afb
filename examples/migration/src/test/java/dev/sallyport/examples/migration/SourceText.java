// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Lets a source read a text, and looks at what it found. */
final class SourceText {
    static final String RFC_BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    static final byte[] RFC_BYTES = HexFormat.of().parseHex("3132333435363738393031323334353637383930");

    private SourceText() {}

    static Inventory read(Source source, String text) throws BadInput {
        Path file = write(text, ".txt");
        try {
            return source.read(file);
        } finally {
            file.toFile().delete();
        }
    }

    static Path write(String text, String end) {
        try {
            Path file = Files.createTempFile("migration", end);
            file.toFile().deleteOnExit();
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static OldUser user(Inventory inventory, String name) {
        return inventory.users().stream()
                .filter(user -> user.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + inventory.users()));
    }

    /** The only authenticator in a file. */
    static OldAuthenticator only(Inventory inventory) {
        List<OldAuthenticator> all = inventory.users().stream()
                .flatMap(user -> user.authenticators().stream())
                .toList();
        if (all.size() != 1) {
            throw new AssertionError("not one authenticator: " + all);
        }
        return all.get(0);
    }

    static Optional<String> refusal(Source source, String text) throws BadInput {
        return only(read(source, text)).refusal();
    }
}
