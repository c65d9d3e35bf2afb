// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.customstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.RecordSummary.State;
import dev.sallyport.storage.StoredRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a kit inside one process cannot see: that the lock holds between processes. */
class TwoProcessesTest {
    private static final int PROCESSES = 3;
    private static final int REPLACEMENTS = 200;
    private static final String USER = "42";
    private static final RecordSummary SUMMARY =
            new RecordSummary(State.ENABLED, 0, null, 10, 0, Instant.EPOCH, Instant.EPOCH);

    @Test
    void replace_fromSeveralProcesses_losesNoUpdate(@TempDir Path volume) throws Exception {
        Path directory = volume.resolve("second-factors");
        DirectoryTwoFactorStore.createIn(directory);
        DirectoryTwoFactorStore store = new DirectoryTwoFactorStore(directory);
        assertThat(store.insert(record(1), SUMMARY)).isTrue();

        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < PROCESSES; i++) {
            processes.add(start(directory));
        }
        for (Process process : processes) {
            assertThat(process.waitFor()).isZero();
        }

        assertThat(store.find(USER)).contains(record(1 + PROCESSES * REPLACEMENTS));
    }

    private static Process start(Path directory) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        TwoProcessesTest.class.getName(),
                        directory.toString())
                .inheritIO()
                .start();
    }

    /** One of the processes: as many replacements as it has to make, each from the version before to the next. */
    public static void main(String[] args) {
        DirectoryTwoFactorStore store = new DirectoryTwoFactorStore(Path.of(args[0]));
        for (int made = 0; made < REPLACEMENTS; ) {
            StoredRecord current = store.find(USER).orElseThrow();
            made += store.replace(current, record(current.version() + 1), SUMMARY) ? 1 : 0;
        }
    }

    private static StoredRecord record(long version) {
        return StoredRecord.of(USER, version, new byte[] {(byte) version});
    }
}
