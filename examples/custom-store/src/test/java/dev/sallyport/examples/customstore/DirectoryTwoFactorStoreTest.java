// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.customstore;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.LoopbackProxy;
import dev.sallyport.storage.conformance.StoreOpener;
import dev.sallyport.storage.conformance.TwoFactorStoreConformance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Properties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What the kit needs: how to open the store, here and in another process, damage a record, break the backend. */
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

    /** Opens the store in another process. */
    static final class Opener implements StoreOpener {
        @Override
        public TwoFactorStore open(Properties settings) {
            return new DirectoryTwoFactorStore(Path.of(settings.getProperty("directory")));
        }
    }

    @Override
    protected Class<? extends StoreOpener> anotherProcess(Properties settings) {
        settings.setProperty("directory", directory().toString());
        return Opener.class;
    }

    @Override
    protected TwoFactorStore anotherRoute() {
        return notPossible("a local directory has one file system");
    }

    @Override
    protected TwoFactorStore instanceThrough(LoopbackProxy proxy) {
        return notPossible("a local directory has no network");
    }

    @Override
    protected void inCallersTransactionThatRollsBack(Runnable work) {
        notPossible("files take part in no transaction");
    }

    @Override
    protected String engine() throws IOException {
        return Files.getFileStore(volume).type() + " on " + System.getProperty("os.name");
    }

    @Override
    protected void spoilRecord(String userId) throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(userId.getBytes(UTF_8));
        Path file = directory().resolve(HexFormat.of().formatHex(hash));
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 5));
    }

    /** The volume is not mounted, and its mount point is empty. */
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
