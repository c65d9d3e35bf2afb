// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.HonestStore.Table;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.Events;

/** What the kit owes to an integrator besides failing a broken store. */
class KitTest {
    private static final long TESTS = Arrays.stream(TwoFactorStoreConformance.class.getDeclaredMethods())
            .filter(method -> method.isAnnotationPresent(Test.class))
            .count();

    @Test
    void honestStore_passesEveryTest() {
        Events events = PlantedKit.run(HonestStore::new);

        events.assertStatistics(
                statistics -> statistics.succeeded(TESTS).failed(0).aborted(0));
    }

    /** A store whose writers give way to each other: false, and nothing changed. */
    private static final class Polite extends HonestStore {
        private static final ReentrantLock BUSY = new ReentrantLock();

        Polite(Table table) {
            super(table);
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            table.rows();
            if (!BUSY.tryLock()) {
                return false;
            }
            try {
                return super.replace(current, next, summary);
            } finally {
                BUSY.unlock();
            }
        }
    }

    @Test
    void storeThatAnswersFalseOnAConflict_passesEveryTest() {
        assertThat(PlantedKit.messages(PlantedKit.run(Polite::new).failed())).isEmpty();
    }

    /** The four methods and no more. */
    private record Unlisted(HonestStore store) implements TwoFactorStore {
        @Override
        public Optional<StoredRecord> find(String userId) {
            return store.find(userId);
        }

        @Override
        public boolean insert(StoredRecord record, RecordSummary summary) {
            return store.insert(record, summary);
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            return store.replace(current, next, summary);
        }

        @Override
        public boolean delete(StoredRecord current) {
            return store.delete(current);
        }
    }

    @Test
    void storeWithoutAWalk_isNotAskedForOne() {
        Events events = PlantedKit.run(table -> new Unlisted(new HonestStore(table)));

        assertThat(PlantedKit.messages(events.failed())).isEmpty();
        assertThat(PlantedKit.messages(events.aborted())).hasSize(4).allSatisfy((test, reason) -> {
            assertThat(test).startsWith("walk_");
            assertThat(reason).contains("is no ScannableTwoFactorStore");
        });
    }

    /** Somebody else's row, to be left alone. */
    private static final StoredRecord STRANGER = StoredRecord.of("stranger", 7, new byte[] {1});

    @Test
    void records_whenARunIsOver_areDeletedAndThoseOfOthersAreNot() {
        Table shared = new Table();
        new HonestStore(shared).put(STRANGER);

        Events events = PlantedKit.run(table -> new HonestStore(shared));

        // The tables that this kit breaks are its own, and not the shared one.
        assertThat(PlantedKit.messages(events.failed()))
                .containsOnlyKeys("brokenBackend_everyOperation_throwsStoreException");
        assertThat(shared.rows()).containsOnly(Map.entry("stranger", STRANGER));
    }

    @Test
    void records_whenTestsFail_areDeletedToo() {
        Table shared = new Table();

        Events events = PlantedKit.run(table -> new PlantedStores.LostUpdate(shared));

        assertThat(events.failed().count()).isPositive();
        assertThat(shared.rows()).isEmpty();
    }

    /** Waits for less time than one has who builds a release. */
    static final class ImpatientKit extends PlantedKit {
        @Override
        protected Duration patience() {
            return Duration.ofSeconds(1);
        }
    }

    @Test
    void storeThatHangs_failsAndIsLeftBehind() {
        Events events =
                PlantedKit.run(PlantedStores.Hanging::new, selectMethod(ImpatientKit.class, "find_noRecord_isEmpty"));

        assertThat(PlantedKit.messages(events.failed()).get("find_noRecord_isEmpty"))
                .startsWith("The store did not answer within PT1S, and MUST");
    }

    @Test
    void storeThatHangsForAllThreads_failsAndTellsWhere() {
        String test = "threads_countingInOneRecord_loseNoUpdate";
        Events events = PlantedKit.run(PlantedStores.Hanging::new, selectMethod(ImpatientKit.class, test));

        Throwable failure = events.failed()
                .list()
                .get(0)
                .getRequiredPayload(TestExecutionResult.class)
                .getThrowable()
                .orElseThrow();
        assertThat(failure).hasMessageStartingWith("The store did not answer within PT1S, and MUST");
        assertThat(Objects.requireNonNull(failure.getCause()).getSuppressed())
                .anySatisfy(thread -> assertThat(thread.getStackTrace())
                        .anyMatch(frame -> frame.getClassName().endsWith("Hanging"))
                        .anyMatch(frame -> frame.getClassName().endsWith("Crowd")));
    }

    /** An integrator who has no second instance and a database to open and close around each test. */
    static final class OrderlyKit extends TwoFactorStoreConformance {
        private Optional<Table> database = Optional.empty();

        @BeforeEach
        void open() {
            database = Optional.of(new Table());
        }

        @AfterEach
        void close() {
            Table table = database.orElseThrow();
            assertThat(table.rows()).isEmpty();
            table.broken(true);
        }

        @Test
        void test_ofTheIntegrator_isLeftAlone() {
            assertThat(Thread.currentThread().getName()).doesNotStartWith(Patience.THREADS);
        }

        @Override
        protected TwoFactorStore createStore() {
            return new HonestStore(database.orElseThrow());
        }

        @Override
        protected TwoFactorStore secondInstance() {
            return notPossible("one is enough for me");
        }

        @Override
        protected void breakBackend() {
            notPossible("it never breaks");
        }
    }

    @Test
    void storeOfAnIntegrator_isOpenedAfterBeforeEachAndUsedBeforeAfterEach() {
        Events events = PlantedKit.run(HonestStore::new, selectClass(OrderlyKit.class));

        assertThat(PlantedKit.messages(events.failed())).isEmpty();
        events.assertStatistics(
                statistics -> statistics.succeeded(TESTS - 5 + 1).aborted(5));
    }

    @Test
    void whatIsNotPossible_isPrintedWithItsReason() {
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            PlantedKit.run(HonestStore::new, selectMethod(OrderlyKit.class, "secondInstance_afterEachWrite_seesIt"));
        } finally {
            System.setOut(out);
        }

        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains("OrderlyKit leaves out \"second instance MUST see every write", "one is enough for me");
    }

    /** A store that fails in the plainest way. */
    private static final class Failing extends HonestStore {
        Failing(Table table) {
            super(table);
        }

        @Override
        public boolean delete(StoredRecord current) {
            throw new StoreException("no such column: VERSION");
        }
    }

    @Test
    void failure_ofAnHonestCall_tellsWhatWasAskedAndWhatWasThrown() {
        Events events =
                PlantedKit.run(Failing::new, selectMethod(PlantedKit.class, "find_afterEachWrite_isTheNewestRecord"));

        assertThat(PlantedKit.messages(events.failed()).get("find_afterEachWrite_isTheNewestRecord"))
                .containsSubsequence(
                        "delete(",
                        "threw",
                        "no such column: VERSION",
                        "Usual cause: ",
                        "What led there:",
                        "find(",
                        "-> empty",
                        "insert(",
                        "-> true",
                        "replace(",
                        "-> true",
                        "delete(",
                        "no such column: VERSION");
    }

    @Test
    @DisplayName("Of the kit's classes only the state machine needs jqwik")
    void classes_butTheStateMachine_doNotNameJqwik() throws Exception {
        Path classes = Path.of(TwoFactorStoreConformance.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (Stream<Path> files = Files.walk(classes)) {
            List<String> withJqwik = files.filter(file -> file.toString().endsWith(".class"))
                    .filter(KitTest::namesJqwik)
                    .map(file -> file.getFileName().toString())
                    .toList();
            assertThat(withJqwik)
                    .contains("TwoFactorStoreStateMachine.class")
                    .allMatch(name -> name.startsWith("TwoFactorStoreStateMachine"));
        }
    }

    private static boolean namesJqwik(Path file) {
        try {
            return Files.readString(file, ISO_8859_1).contains("net/jqwik/");
        } catch (IOException e) {
            throw new AssertionError("the class files are there", e);
        }
    }
}
