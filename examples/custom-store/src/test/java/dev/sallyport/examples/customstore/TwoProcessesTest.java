// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.customstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.RecordSummary.State;
import dev.sallyport.storage.StoredRecord;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The lock has to work between processes, and between two applications in one process that have class loaders of their
 * own. The kit tests the first, but not the second.
 */
public class TwoProcessesTest {
    private static final int PROCESSES = 3;
    private static final int APPLICATIONS = 2;
    private static final int REPLACEMENTS = 100;
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

        assertThat(store.find(USER)).contains(record(1 + PROCESSES * APPLICATIONS * REPLACEMENTS));
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

    /** One of the processes. It runs two applications, and each has its own class loader. */
    public static void main(String[] args) throws Exception {
        List<Thread> applications = new ArrayList<>();
        AtomicInteger failures = new AtomicInteger();
        for (int i = 0; i < APPLICATIONS; i++) {
            Method replace =
                    ownClasses().loadClass(TwoProcessesTest.class.getName()).getMethod("replace", String.class);
            Thread application = new Thread(() -> {
                try {
                    replace.invoke(null, args[0]);
                } catch (ReflectiveOperationException e) {
                    e.printStackTrace();
                    failures.incrementAndGet();
                }
            });
            application.start();
            applications.add(application);
        }
        for (Thread application : applications) {
            application.join();
        }
        System.exit(failures.get());
    }

    private static ClassLoader ownClasses() throws MalformedURLException {
        List<URL> path = new ArrayList<>();
        for (String element : System.getProperty("java.class.path").split(File.pathSeparator, 0)) {
            path.add(Path.of(element).toUri().toURL());
        }
        return new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    /** The replacements of one application, each from one version to the next. */
    public static void replace(String directory) {
        DirectoryTwoFactorStore store = new DirectoryTwoFactorStore(Path.of(directory));
        for (int made = 0; made < REPLACEMENTS; ) {
            StoredRecord current = store.find(USER).orElseThrow();
            made += store.replace(current, record(current.version() + 1), SUMMARY) ? 1 : 0;
        }
    }

    private static StoredRecord record(long version) {
        return StoredRecord.of(USER, version, new byte[] {(byte) version});
    }
}
