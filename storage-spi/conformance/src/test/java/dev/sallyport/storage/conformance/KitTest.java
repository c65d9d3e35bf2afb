// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.CorrectStore.Table;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** What the kit does for an integrator, besides failing a broken store. */
class KitTest {
    private static final long TESTS =
            testsOf(ScannableTwoFactorStoreConformance.class).count();
    private static final long NEED_A_PROXY = count("lostAnswer_") + count("silence_") + count("slowNetwork_");
    private static final long NEED_A_PROCESS = count("process_");

    private static Stream<Method> testsOf(Class<?> kit) {
        return Stream.<Class<?>>iterate(kit, each -> each != Object.class, Class::getSuperclass)
                .flatMap(each -> Arrays.stream(each.getDeclaredMethods()))
                .filter(method -> method.isAnnotationPresent(Test.class));
    }

    private static long count(String... beginnings) {
        return testsOf(ScannableTwoFactorStoreConformance.class)
                .filter(method -> Arrays.stream(beginnings).anyMatch(method.getName()::startsWith))
                .count();
    }

    @Test
    void correctStore_passesEveryTest() {
        Events events = PlantedKit.run(CorrectStore::new);

        events.assertStatistics(statistics -> statistics
                .succeeded(TESTS - NEED_A_PROXY - NEED_A_PROCESS)
                .failed(0)
                .aborted(NEED_A_PROXY + NEED_A_PROCESS));
    }

    /** Writers in conflict get false, and nothing has changed. */
    private static final class FalseUnderContention extends CorrectStore {
        private static final ReentrantLock BUSY = new ReentrantLock();

        FalseUnderContention(Table table) {
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
        assertThat(PlantedKit.messages(PlantedKit.run(FalseUnderContention::new).failed()))
                .isEmpty();
    }

    /** Writers in conflict get exceptions, and some of them have written all the same. */
    private static final class UnknownUnderContention extends CorrectStore {
        private static final ReentrantLock BUSY = new ReentrantLock();
        private static final AtomicInteger CONFLICTS = new AtomicInteger();

        UnknownUnderContention(Table table) {
            super(table);
        }

        @Override
        public boolean insert(StoredRecord record, RecordSummary summary) {
            return exclusively(record.userId(), () -> super.insert(record, summary));
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            return exclusively(current.userId(), () -> super.replace(current, next, summary));
        }

        private boolean exclusively(String userId, BooleanSupplier write) {
            table.rows();
            if (!userId.endsWith("-user") || BUSY.tryLock()) {
                try {
                    return write.getAsBoolean();
                } finally {
                    if (BUSY.isHeldByCurrentThread()) {
                        BUSY.unlock();
                    }
                }
            }
            if (CONFLICTS.incrementAndGet() % 2 == 0) {
                // What it answers is lost.
                boolean unused = write.getAsBoolean();
            }
            throw new StoreException("the write timed out");
        }
    }

    @Test
    void storeThatThrowsOnAConflict_passesEveryTest() {
        assertThat(PlantedKit.messages(
                        PlantedKit.run(UnknownUnderContention::new).failed()))
                .isEmpty();
    }

    /** A store with the four operations only. */
    static final class KitWithoutWalk extends TwoFactorStoreConformance {
        private final Table table = new Table();

        @Override
        protected TwoFactorStore createStore() {
            return new CorrectStore.WithoutWalk(new CorrectStore(table));
        }

        @Override
        protected TwoFactorStore secondInstance() {
            return new CorrectStore.WithoutWalk(new CorrectStore(table));
        }

        @Override
        protected Duration longestLifetime() {
            return Duration.ZERO;
        }

        @Override
        protected void breakBackend() {
            table.broken(true);
        }

        @Override
        protected void repairBackend() {
            table.broken(false);
        }
    }

    @Test
    void storeWithoutAWalk_hasNoTestsOfWalks() {
        Events events = PlantedKit.run(CorrectStore::new, selectClass(KitWithoutWalk.class));

        assertThat(PlantedKit.messages(events.failed())).isEmpty();
        assertThat(PlantedKit.messages(events.finished()).keySet())
                .hasSize((int) testsOf(TwoFactorStoreConformance.class).count())
                .noneMatch(test -> test.startsWith("walk_"));
    }

    /** The row of somebody else, which the kit must not touch. */
    private static final StoredRecord STRANGER = StoredRecord.of("stranger", 7, new byte[] {1});

    @Test
    void records_whenARunIsOver_areErasedAndThoseOfOthersAreNot() {
        Table shared = new Table();
        new CorrectStore(shared).put(STRANGER);

        Events events = PlantedKit.run(table -> new CorrectStore(shared));

        // This kit breaks and spoils its own table, and not the shared one.
        assertThat(PlantedKit.messages(events.failed()))
                .containsOnlyKeys(
                        "brokenBackend_everyOperation_throwsStoreException", "spoiledRecord_isReportedAndNotChanged");
        assertThat(shared.rows()).containsOnly(Map.entry("stranger", STRANGER));
    }

    @Test
    void records_whenTestsFail_areErasedToo() {
        Table shared = new Table();

        Events events = PlantedKit.run(table -> new PlantedStores.LostUpdate(shared));

        assertThat(events.failed().count()).isPositive();
        assertThat(shared.rows()).isEmpty();
    }

    /** Cannot erase two of its records. */
    private static final class UnableToEraseTwo extends CorrectStore {
        UnableToEraseTwo(Table table) {
            super(table);
        }

        @Override
        public void erase(String userId) {
            if (userId.endsWith("-stays-one") || userId.endsWith("-stays-two")) {
                throw new StoreException("it is locked");
            }
            super.erase(userId);
        }
    }

    @Test
    void records_thatCannotBeErased_areCountedAndLeaveNoOthersBehind() {
        Table table = new Table();
        Callable<TwoFactorStore> opening = () -> new UnableToEraseTwo(table);
        TestContext context = new TestContext(opening, opening, opening);
        List<String> ids = Stream.concat(
                        Stream.of("stays-one", "stays-two"),
                        IntStream.range(0, 50).mapToObj(i -> "goes-" + i))
                .map(context::id)
                .toList();
        context.insertedAtOnce(ids);

        String printed = printed(context::cleanUp);

        assertThat(table.rows()).containsOnlyKeys(ids.get(0), ids.get(1));
        assertThat(printed).containsOnlyOnce("left behind").contains("2 of 52 records", "it is locked");
    }

    // --- A backend that is broken ---

    @Test
    void brokenBackend_isTheLastTest() {
        List<String> tests = PlantedKit.run(CorrectStore::new).finished().stream()
                .map(PlantedKit::method)
                .toList();

        assertThat(tests).hasSize((int) TESTS).last().asString().startsWith("brokenBackend_");
    }

    /** All tests of this integrator use one backend. */
    abstract static class SharingKit extends ScannableTwoFactorStoreConformance {
        static Table shared = new Table();

        @Override
        protected ScannableTwoFactorStore createStore() {
            return new CorrectStore(shared);
        }

        @Override
        protected ScannableTwoFactorStore secondInstance() {
            return new CorrectStore(shared);
        }

        @Override
        protected Duration longestLifetime() {
            return Duration.ZERO;
        }
    }

    static final class KitWithoutRepair extends SharingKit {
        @Override
        protected void breakBackend() {
            shared.broken(true);
        }
    }

    @Test
    void backend_thatNobodyRepairs_failsNoTestOfThisClass() {
        SharingKit.shared = new Table();

        String printed = printed(() -> {
            Events events = PlantedKit.run(CorrectStore::new, selectClass(KitWithoutRepair.class));
            assertThat(PlantedKit.messages(events.failed())).isEmpty();
        });

        assertThat(printed).contains("may be left behind: dev.sallyport.storage.StoreException: the table is broken");
    }

    static final class KitWhoseBreakingFails extends SharingKit {
        @Override
        protected void breakBackend() {
            shared.broken(true);
            throw new IllegalStateException("the second of two servers does not stop");
        }

        @Override
        protected void repairBackend() {
            shared.broken(false);
        }
    }

    @Test
    void backend_thatIsHalfBroken_isRepaired() {
        SharingKit.shared = new Table();

        Events events = PlantedKit.run(
                CorrectStore::new,
                selectMethod(KitWhoseBreakingFails.class, "brokenBackend_everyOperation_throwsStoreException"));

        assertThat(PlantedKit.messages(events.failed()).values())
                .containsOnly("the second of two servers does not stop");
        assertThat(SharingKit.shared.rows()).isEmpty();
    }

    // --- A database that is not empty, or far away ---

    private static final List<String> WALKS = List.of(
            "walk_withPagesOfAnySize_findsEveryId",
            "walk_whileOthersComeAndGo_findsEveryIdThatStays",
            "walk_onAnotherInstance_goesOn");

    private static Table withStrangers(int count) {
        Table table = new Table();
        CorrectStore store = new CorrectStore(table);
        for (int i = 0; i < count; i++) {
            store.put(StoredRecord.of((i % 2 == 0 ? "alice-" : "zoe-") + i, 7, new byte[] {1}));
        }
        return table;
    }

    @Test
    void walks_amongManyStrangers_areAffordableAndSaySo() {
        Table shared = withStrangers(10_000);
        AtomicInteger calls = new AtomicInteger();

        String printed = printed(() -> {
            Events events = PlantedKit.run(
                    table -> new CorrectStore.Watched(new CorrectStore(shared), calls::incrementAndGet), WALKS);
            events.assertStatistics(statistics -> statistics.succeeded(WALKS.size()));
        });

        assertThat(calls).hasValueLessThan(2_000);
        assertThat(printed).contains("walks with pages of fewer than 51 ids were left out");
        assertThat(shared.rows()).hasSize(10_000);
    }

    @Test
    void walks_amongManyStrangers_stillFindWhatIsBroken() {
        Table offset = withStrangers(10_000);
        Table collated = withStrangers(10_000);

        assertThat(PlantedKit.messages(PlantedKit.run(table -> new PlantedStores.PagesByOffset(offset), WALKS)
                        .failed()))
                .containsOnlyKeys("walk_whileOthersComeAndGo_findsEveryIdThatStays");
        assertThat(PlantedKit.messages(PlantedKit.run(table -> new PlantedStores.WalkInACircle(collated), WALKS)
                        .failed()))
                .containsOnlyKeys(WALKS);
    }

    @Test
    void walks_amongTooManyStrangers_areLeftOutAndSaySo() {
        Table shared = withStrangers(20_000);

        String printed = printed(() -> PlantedKit.run(table -> new CorrectStore(shared), WALKS)
                .assertStatistics(
                        statistics -> statistics.succeeded(2).aborted(1).failed(0)));

        assertThat(printed)
                .containsSubsequence("NOT PROVEN", "emptier store", "walk: every id that is there all the time");
    }

    /** The tests of threads and of the core are left out, because their number of calls depends on the time. */
    @Test
    void tests_makeFewCallsOneAfterTheOther() {
        Map<Table, AtomicInteger> calls = new ConcurrentHashMap<>();
        List<String> tests = testsOf(ScannableTwoFactorStoreConformance.class)
                .map(Method::getName)
                .filter(name -> Stream.of("threads_", "core_", "lostAnswer_", "silence_", "slowNetwork_", "process_")
                        .noneMatch(name::startsWith))
                .toList();

        PlantedKit.run(
                table -> {
                    AtomicInteger ofTable = calls.computeIfAbsent(table, t -> new AtomicInteger());
                    return new CorrectStore.Watched(new CorrectStore(table), () -> {
                        if (Thread.currentThread().getName().equals(TimeLimit.THREAD_NAME)) {
                            ofTable.incrementAndGet();
                        }
                    });
                },
                tests);

        assertThat(calls).hasSameSizeAs(tests);
        assertThat(calls.values()).allSatisfy(count -> assertThat(count).hasValueLessThan(200));
    }

    /** Its time limit is short, so that this test ends soon. On a busy machine the threads begin within it. */
    static final class KitWithShortTimeLimit extends PlantedKit {
        @Override
        protected Duration timeLimit() {
            return Duration.ofSeconds(3);
        }
    }

    @Test
    void storeThatHangs_failsAndIsLeftBehind() {
        Events events = PlantedKit.run(
                PlantedStores.Hanging::new, selectMethod(KitWithShortTimeLimit.class, "find_noRecord_isEmpty"));

        assertThat(PlantedKit.messages(events.failed()).get("find_noRecord_isEmpty"))
                .startsWith("The store did not answer within PT3S, and MUST");
    }

    /** Waits in replace for ever, and reacts to interrupts correctly. */
    private static final class BlockingInReplace extends CorrectStore {
        private final CountDownLatch erased;

        BlockingInReplace(Table table, CountDownLatch erased) {
            super(table);
            this.erased = erased;
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            try {
                new CountDownLatch(1).await();
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StoreException("interrupted", e);
            }
        }

        @Override
        public void erase(String userId) {
            super.erase(userId);
            erased.countDown();
        }
    }

    @Test
    void records_whenTheTimeIsOver_areErasedToo() throws Exception {
        Table shared = new Table();
        CountDownLatch erased = new CountDownLatch(1);
        String test = "find_afterEachWrite_isTheNewestRecord";

        Events events = PlantedKit.run(
                table -> new BlockingInReplace(shared, erased), selectMethod(KitWithShortTimeLimit.class, test));

        assertThat(PlantedKit.messages(events.failed())).containsOnlyKeys(test);
        assertThat(erased.await(1, TimeUnit.MINUTES)).isTrue();
        assertThat(shared.rows()).isEmpty();
    }

    @Test
    void storeThatHangsForAllThreads_failsAndTellsWhere() {
        String test = "threads_countingInOneRecord_loseNoUpdate";
        Events events = PlantedKit.run(PlantedStores.Hanging::new, selectMethod(KitWithShortTimeLimit.class, test));

        Throwable failure = events.failed()
                .list()
                .get(0)
                .getRequiredPayload(TestExecutionResult.class)
                .getThrowable()
                .orElseThrow();
        assertThat(failure).hasMessageStartingWith("The store did not answer within PT3S, and MUST");
        assertThat(Objects.requireNonNull(failure.getCause()).getSuppressed())
                .anySatisfy(thread -> assertThat(thread.getStackTrace())
                        .anyMatch(frame -> frame.getClassName().endsWith("Hanging"))
                        .anyMatch(frame -> frame.getClassName().endsWith("ConcurrentThreads")));
    }

    /** An integrator without a second instance, who opens and closes a database around each test. */
    static final class KitWithoutSecondInstance extends TwoFactorStoreConformance {
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
            assertThat(Thread.currentThread().getName()).doesNotStartWith(TimeLimit.THREAD_NAME);
        }

        @Override
        protected TwoFactorStore createStore() {
            return new CorrectStore(database.orElseThrow());
        }

        @Override
        protected TwoFactorStore secondInstance() {
            return notPossible("one is enough for me");
        }

        @Override
        protected Duration longestLifetime() {
            return Duration.ZERO;
        }

        @Override
        protected void breakBackend() {
            notPossible("it never breaks");
        }
    }

    @Test
    void storeOfAnIntegrator_isOpenedAfterBeforeEachAndUsedBeforeAfterEach() {
        Events events = PlantedKit.run(CorrectStore::new, selectClass(KitWithoutSecondInstance.class));

        assertThat(PlantedKit.messages(events.failed())).isEmpty();
        long leftOut =
                count("secondInstance_", "anotherRoute_", "callersTransaction_", "spoiledRecord_", "brokenBackend_")
                        + NEED_A_PROXY
                        + NEED_A_PROCESS;
        events.assertStatistics(statistics -> statistics
                .succeeded(testsOf(KitWithoutSecondInstance.class).count() - leftOut)
                .aborted(leftOut));
    }

    @Test
    void whatIsNotPossible_isPrintedWithItsReason() {
        String printed = printed(() -> PlantedKit.run(
                CorrectStore::new,
                selectMethod(KitWithoutSecondInstance.class, "secondInstance_afterEachWrite_seesIt")));

        assertThat(printed)
                .containsSubsequence(
                        "Storage conformance of " + KitWithoutSecondInstance.class.getName(),
                        "NOT PROVEN, 1 tests were left out",
                        "because one is enough for me",
                        "second instance MUST see every write");
    }

    // --- The report ---

    /** An integrator with one process and one instance. */
    static final class KitWithOneInstance extends TwoFactorStoreConformance {
        private final Table table = new Table();
        private final Function<Table, ScannableTwoFactorStore> planted = PlantedKit.planted();

        @Override
        protected TwoFactorStore createStore() {
            return planted.apply(table);
        }

        @Override
        protected TwoFactorStore secondInstance() {
            return notPossible("there is one node");
        }

        @Override
        protected Duration longestLifetime() {
            return Duration.ZERO;
        }

        @Override
        protected void breakBackend() {
            table.broken(true);
        }
    }

    @Test
    void report_stickyReplicaWithoutASecondInstance_saysThatItIsNotProven() {
        String printed = printed(() -> {
            Events events = PlantedKit.run(PlantedStores.StickyReplica::new, selectClass(KitWithOneInstance.class));
            assertThat(PlantedKit.messages(events.failed())).isEmpty();
        });

        assertThat(printed)
                .containsSubsequence(
                        "NOT PROVEN",
                        "because there is one node",
                        "second instance MUST find the record of a user whom it did not find before");
    }

    @Test
    void report_memberBehindWithoutAnotherRoute_saysThatItIsNotProven() {
        String printed = printed(() -> {
            Events events = PlantedKit.run(PlantedStores.MemberBehind::new, selectClass(KitWithoutWalk.class));
            assertThat(PlantedKit.messages(events.failed())).isEmpty();
        });

        assertThat(printed)
                .containsSubsequence(
                        "NOT PROVEN",
                        "anotherRoute() is not overridden. The instances may all have used the same member",
                        "another route MUST see every write of the first instance at once");
    }

    @Test
    void report_asJson_namesTheEngineAndEachTest(@TempDir Path directory) throws Exception {
        EngineTestKit.engine("junit-jupiter")
                .configurationParameter("sallyport.conformance.reports", directory.toString())
                .configurationParameter("sallyport.conformance.run-by", "a \"planted\" person")
                .selectors(
                        selectMethod(PlantedKit.class, "find_noRecord_isEmpty"),
                        selectMethod(PlantedKit.class, "process_killed_keepsWhatWasAnswered"))
                .execute();

        Path file = directory.resolve(PlantedKit.class.getName() + "-a-planted-table.json");
        assertThat(Files.readString(file))
                .contains(
                        "\"testClass\": \"" + PlantedKit.class.getName() + "\"",
                        "\"engine\": \"a planted table\"",
                        "\"runBy\": \"a \\\"planted\\\" person\"",
                        "\"proven\": 1,",
                        "\"failed\": 0,",
                        "\"leftOut\": 1,",
                        "{\"test\": \"find_noRecord_isEmpty\", \"name\": \"find MUST be empty if there is no record\", \"topic\":"
                                + " \"the answers of find, insert, replace and erase\", \"result\": \"proven\", \"reason\":"
                                + " \"\"}",
                        "\"result\": \"left-out\", \"reason\": \"anotherProcess(..) is not overridden.");
    }

    @Test
    void report_asText_namesWhatFailed() {
        String printed = printed(() -> PlantedKit.run(
                UnableToErase::new, selectMethod(PlantedKit.class, "find_afterEachWrite_isTheNewestRecord")));

        assertThat(printed)
                .containsSubsequence(
                        "Engine: a planted table",
                        "Proven by 0 tests",
                        "FAILED, 1 tests",
                        "find MUST return the newest record",
                        "No run of the kit proves:",
                        "power failure");
    }

    /** What the work prints to standard output and standard error. */
    private static String printed(Runnable work) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream both = new PrintStream(printed, true, StandardCharsets.UTF_8);
        System.setOut(both);
        System.setErr(both);
        try {
            work.run();
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    /** Cannot erase anything. */
    private static final class UnableToErase extends CorrectStore {
        UnableToErase(Table table) {
            super(table);
        }

        @Override
        public void erase(String userId) {
            throw new StoreException("the database failed", new IllegalStateException("no such column: VERSION"));
        }
    }

    @Test
    void failure_ofAnHonestCall_listsTheCallsAndTheException() {
        Events events = PlantedKit.run(
                UnableToErase::new, selectMethod(PlantedKit.class, "find_afterEachWrite_isTheNewestRecord"));

        assertThat(PlantedKit.messages(events.failed()).get("find_afterEachWrite_isTheNewestRecord"))
                .containsSubsequence(
                        "no such column: VERSION",
                        "erase(",
                        "threw this",
                        "Usual cause: ",
                        "Calls before the failure:",
                        "find(",
                        "-> empty",
                        "insert(",
                        "-> true",
                        "replace(",
                        "-> true",
                        "erase(",
                        "the database failed");
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
