// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * Makes a key that encrypts the records, so that the demonstration starts without preparation. Spring Boot imports the
 * file. A real application takes {@code sallyport.encryption-keys} from a vault.
 */
final class DemonstrationKey {
    private static final Path FILE = Path.of("target", "example-web", "key.properties");

    private DemonstrationKey() {}

    static void makeIfMissing() throws IOException {
        if (Files.exists(FILE)) {
            return;
        }
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        Files.createDirectories(FILE.toAbsolutePath().getParent());
        Files.writeString(FILE, "", StandardOpenOption.CREATE_NEW);
        if (FILE.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(FILE, PosixFilePermissions.fromString("rw-------"));
        }
        String text = "demonstration:" + Base64.getEncoder().encodeToString(key);
        Files.writeString(FILE, "sallyport.encryption-keys=" + text + "\n");
        System.out.println("The encryption key is in " + FILE + ". In production it comes from a vault.");
    }
}
