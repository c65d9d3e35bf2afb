// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.customstore;

import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.TwoFactorStoreStateMachine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;

/** Random sequences of operations, for those who have jqwik. */
class DirectoryTwoFactorStoreStateMachineTest extends TwoFactorStoreStateMachine {
    private Path directory = Path.of("");

    @BeforeProperty
    void install() throws IOException {
        directory = Files.createTempDirectory("second-factors");
        DirectoryTwoFactorStore.createIn(directory);
    }

    @Override
    protected TwoFactorStore createStore() {
        return new DirectoryTwoFactorStore(directory);
    }

    @AfterProperty
    void remove() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
