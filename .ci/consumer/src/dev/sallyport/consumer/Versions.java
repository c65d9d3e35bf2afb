// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.consumer;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.Objects;
import java.util.jar.Attributes;
import java.util.jar.JarInputStream;
import java.util.jar.Manifest;
import org.apache.commons.codec.binary.Base32;
import org.slf4j.LoggerFactory;

/** The releases of the libraries below the core, from the manifests of the jars that this process loaded them from. */
final class Versions {
    private Versions() {}

    static String ofCodec() throws IOException {
        return of(Base32.class);
    }

    static String ofSlf4j() throws IOException {
        return of(LoggerFactory.class);
    }

    // Package.getImplementationVersion() is null on the module path.
    private static String of(Class<?> loaded) throws IOException {
        URL jar = loaded.getProtectionDomain().getCodeSource().getLocation();
        try (InputStream bytes = jar.openStream();
                JarInputStream entries = new JarInputStream(bytes)) {
            Manifest manifest = Objects.requireNonNull(entries.getManifest(), () -> "no manifest in " + jar);
            return Objects.requireNonNull(
                    manifest.getMainAttributes().getValue(Attributes.Name.IMPLEMENTATION_VERSION),
                    () -> "no Implementation-Version in " + jar);
        }
    }
}
