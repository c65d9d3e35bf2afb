// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.PlantedDirectories.Locking;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.DiscoverySelector;

/** The tests with two processes, on stores in a directory. */
class ProcessKitTest {
    private static final String COUNTING = "process_countingInOneRecord_losesNoUpdate";
    private static final String STOPPED = "process_stoppedDuringReplace_doesNotOverwrite";
    private static final String KILLED = "process_killed_keepsWhatWasAnswered";
    private static final AtomicReference<String> PLANTED = new AtomicReference<>(Locking.OF_ALL_PROCESSES.name());

    /** Opens the planted store in a directory. As a test class by itself it tests the correct one. */
    static final class DirectoryKit extends TwoFactorStoreConformance {
        private final String planted = Objects.requireNonNull(PLANTED.get());

        @TempDir
        private Path directory;

        private Properties settings() {
            Properties settings = new Properties();
            settings.setProperty("directory", directory.toString());
            settings.setProperty("planted", planted);
            return settings;
        }

        @Override
        protected TwoFactorStore createStore() {
            return new PlantedDirectories.Opener().open(settings());
        }

        @Override
        protected TwoFactorStore secondInstance() {
            return createStore();
        }

        @Override
        protected Class<? extends StoreOpener> anotherProcess(Properties settings) {
            settings.putAll(settings());
            return PlantedDirectories.Opener.class;
        }

        @Override
        protected void breakBackend() {
            notPossible("the directory stays");
        }

        @Override
        protected Duration longestTimeOut() {
            return Duration.ofSeconds(1);
        }

        @Override
        protected Duration longestLifetime() {
            return Duration.ZERO;
        }

        @Override
        Repetitions repetitions(int most, int least) {
            return PlantedKit.sameOnEveryMachine(most, least);
        }
    }

    private static Map<String, String> failures(String planted, String... tests) {
        PLANTED.set(planted);
        try {
            DiscoverySelector[] selectors = new DiscoverySelector[tests.length];
            for (int i = 0; i < tests.length; i++) {
                selectors[i] = selectMethod(DirectoryKit.class, tests[i]);
            }
            return PlantedKit.messages(
                    PlantedKit.run(CorrectStore::new, selectors).failed());
        } finally {
            PLANTED.set(Locking.OF_ALL_PROCESSES.name());
        }
    }

    @Test
    void kit_lockOfAllProcesses_passes() {
        assertThat(failures(Locking.OF_ALL_PROCESSES.name(), COUNTING, STOPPED, KILLED))
                .isEmpty();
    }

    @Test
    void kit_lockOfOneJvm_losesUpdates() {
        assertThat(failures(Locking.OF_ONE_JVM.name(), COUNTING).get(COUNTING))
                .contains("updates further, and MUST be", "under a lock that one JVM has for itself");
    }

    @Test
    void kit_leaseThatEndsDuringAPause_hasTwoWinners() {
        assertThat(failures(Locking.LEASE.name(), STOPPED).get(STOPPED))
                .contains("one was stopped meanwhile", "MUST", "the lock is a lease");
    }

    @Test
    void kit_lockThatAKilledProcessLeavesBehind_isNeverReleased() {
        assertThat(failures(Locking.LEFT_BEHIND.name(), KILLED).get(KILLED))
                .contains("After another process was killed", "MUST succeed", "left a lock behind");
    }

    @Test
    void kit_writesThatAreLostWithTheirProcess_areNotDurable() {
        assertThat(failures("write-behind", KILLED).get(KILLED))
                .contains("with the answer true and was killed", "MUST give back that version", "write-behind");
    }
}
