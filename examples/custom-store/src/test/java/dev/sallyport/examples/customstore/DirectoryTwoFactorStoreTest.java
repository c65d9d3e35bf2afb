// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.customstore;

import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.TwoFactorStoreConformance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The proof: what the kit asks for, and nothing else. */
class DirectoryTwoFactorStoreTest extends TwoFactorStoreConformance {
    @TempDir
    Path volume;

    @BeforeEach
    void install() throws IOException {
        DirectoryTwoFactorStore.createIn(directory());
    }

    private Path directory() {
        return volume.resolve("second-factors");
    }

    @Override
    protected TwoFactorStore createStore() {
        return new DirectoryTwoFactorStore(directory());
    }

    @Override
    protected TwoFactorStore secondInstance() {
        return new DirectoryTwoFactorStore(directory());
    }

    /** The volume is gone, and an empty mount point is in its place. */
    @Override
    protected void breakBackend() throws IOException {
        Files.move(directory(), volume.resolve("unmounted"));
        Files.createDirectory(directory());
    }

    @Override
    protected void repairBackend() throws IOException {
        Files.delete(directory());
        Files.move(volume.resolve("unmounted"), directory());
    }
}
