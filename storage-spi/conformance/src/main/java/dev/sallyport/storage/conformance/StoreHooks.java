// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import dev.sallyport.storage.TwoFactorStore;
import java.time.Duration;
import java.util.Properties;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What an integrator provides. The tests are in the classes that extend this one, one after the other. */
@ExtendWith({TimeLimit.class, ReportExtension.class})
@Execution(ExecutionMode.SAME_THREAD)
@TestMethodOrder(MethodOrderer.DisplayName.class)
abstract class StoreHooks {
    static final int THREADS = 16;

    // The methods are called when a test needs the store, and so never before the subclass is constructed.
    @SuppressWarnings("this-escape")
    final TestContext context = new TestContext(this::createStore, this::secondInstance, this::anotherRoute);

    StoreHooks() {}

    /**
     * Opens the store that is tested. Each test calls this once, after every {@code @BeforeEach}, on a thread of the
     * kit. The last test calls it once more after {@link #repairBackend}. Close what the store needs in an {@code
     * @AfterEach}.
     *
     * @return the store. It may be over the same data each time, or over other data
     * @throws Exception if it cannot be opened
     */
    protected abstract TwoFactorStore createStore() throws Exception;

    /**
     * Opens another instance over the data of the store that {@link #createStore} returned last, as another node of the
     * application would do. The two share the backend and nothing else: no cache and no connection. Called on a thread
     * of the kit.
     *
     * @return the other instance, or what {@link #notPossible} returns
     * @throws Exception if it cannot be opened
     */
    protected abstract TwoFactorStore secondInstance() throws Exception;

    /**
     * Opens an instance over the same data that comes to them by another route: through another member of a cluster, or
     * through another replica. A member that is behind gives old answers, and no test can see that as long as all
     * instances use the same member. Unless overridden, the report says that no other route was tried. Called on a
     * thread of the kit.
     *
     * @return the instance, or what {@link #notPossible} returns, for example because there is one server only
     * @throws Exception if it cannot be opened
     */
    protected TwoFactorStore anotherRoute() throws Exception {
        return notPossible("anotherRoute() is not overridden. The instances may all have used the same member of the"
                + " backend, so nobody knows whether another member gives old answers");
    }

    /**
     * Damages the record of this user in the store that {@link #createStore} returned last, so that it is no record any
     * more: for example sets its version to 0 or its payload to nothing. The store holds a record of this user when
     * this is called. Unless overridden, the tests of spoiled records are skipped. Called on a thread of the kit.
     *
     * @param userId the user's id
     * @throws Exception if it cannot be damaged
     */
    protected void spoilRecord(String userId) throws Exception {
        notPossible("spoilRecord(..) is not overridden");
    }

    /**
     * Does the work inside of a transaction of the application, and rolls back, as an application does that fails after
     * it has called Sallyport. For example with Spring: {@code new TransactionTemplate(manager).executeWithoutResult(t
     * ->
     * {work.run(); t.setRollbackOnly();})}. If the application binds a session to the thread of a request (open session
     * in view), bind one here too. The store must not see any of this.
     *
     * <p>Unless overridden, the tests of the caller's transaction are skipped. Call {@link #notPossible} if the store
     * uses nothing that can have a transaction. Called on a thread of the kit.
     *
     * @param work calls the store, on the thread of this call
     * @throws Exception if there is no transaction
     */
    protected void inCallersTransactionThatRollsBack(Runnable work) throws Exception {
        notPossible("inCallersTransactionThatRollsBack(..) is not overridden. The store may take part in the"
                + " transaction of its caller, and a rolled-back failed attempt would not be counted");
    }

    /**
     * Opens an instance over the data of the store that {@link #createStore} returned last, whose connections go
     * through
     * a proxy of the kit. The kit loses answers on the way, and adds time. Configure the instance as in production,
     * with its repetitions and its time-outs:
     *
     * <pre>{@code
     * return new MyStore(connectTo("127.0.0.1", proxy.portTo(databaseHost, databasePort)));
     * }</pre>
     *
     * <p>Unless overridden, the tests of the network are skipped. Called on a thread of the kit.
     *
     * @param proxy leads to the backend
     * @return the instance, or what {@link #notPossible} returns
     * @throws Exception if it cannot be opened
     */
    protected TwoFactorStore instanceThrough(LoopbackProxy proxy) throws Exception {
        return notPossible("instanceThrough(..) is not overridden. Nobody knows what the store answers if the answer of"
                + " the backend is lost");
    }

    /**
     * Says how another process opens the store that {@link #createStore} returned last. The kit starts that process,
     * stops it for a while (SIGSTOP), and kills it (SIGKILL). Unless overridden, the tests with two processes are
     * skipped. Called on a thread of the kit.
     *
     * @param settings to be filled with what the other process has to know: a URL, a directory, the name of a table
     * @return the class that opens the store there
     * @throws Exception if it cannot be opened
     */
    protected Class<? extends StoreOpener> anotherProcess(Properties settings) throws Exception {
        return notPossible("anotherProcess(..) is not overridden. A lock may work in one JVM only, and a write may be"
                + " lost with its process");
    }

    /**
     * Makes the backend of the store that {@link #createStore} returned last fail: stops the database, cuts the
     * connections or drops the table. Or calls {@link #notPossible}. The last test of the class calls this, on a thread
     * of the kit.
     *
     * @throws Exception if it cannot be broken
     */
    protected abstract void breakBackend() throws Exception;

    /**
     * Undoes {@link #breakBackend}. Called after it, even if it failed. Afterwards the kit opens the store once more,
     * and erases what the test wrote. Does nothing unless overridden. That is right if each store has its own backend.
     * If other tests use the backend, or if its data stay, this MUST be overridden, or everything after it fails too.
     *
     * @throws Exception if it cannot be repaired
     */
    protected void repairBackend() throws Exception {}

    /**
     * {@return the name and the version of the engine and of its client, for the report, for example "PostgreSQL 18.1,
     * pgjdbc 42.7.8"} Called once, on a thread of the kit, after the first test that has opened the store.
     *
     * @throws Exception if it cannot be found out
     */
    protected String engine() throws Exception {
        return "not named: override engine()";
    }

    /**
     * {@return how long one test may take, with the erasing of its records, before the kit reports that the store
     * hangs: 2 minutes unless overridden} Nothing else depends on it.
     */
    protected Duration timeLimit() {
        return Duration.ofMinutes(2);
    }

    /**
     * {@return how long the kit waits for a record to expire: 5 seconds unless overridden} If the backend has a time to
     * live that somebody may have set by mistake, return a longer time.
     */
    protected Duration longestLifetime() {
        return Duration.ofSeconds(5);
    }

    /**
     * {@return how long the kit waits for a time-out or for the end of a lease: 5 seconds unless overridden} If the
     * store waits longer for an answer, or if its lock is a lease that lasts longer, return a longer time. Otherwise
     * the
     * kit does not see what happens then.
     */
    protected Duration longestTimeOut() {
        return Duration.ofSeconds(5);
    }

    /** How often a race is repeated. The kit's own tests need a number that does not depend on the time. */
    Repetitions repetitions(int most, int least) {
        return new Repetitions(most, least);
    }

    /**
     * Says that something cannot be provided: a second instance, a broken backend, another route. JUnit skips the tests
     * that need it, and the report tells what was not proven.
     *
     * @param <T> what would be provided
     * @param reason the reason, which the kit prints
     * @return never
     */
    @SuppressWarnings("TypeParameterUnusedInFormals") // It never returns, so it fits everywhere.
    protected static <T> T notPossible(String reason) {
        return Assumptions.abort(reason);
    }
}
