// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import dev.sallyport.storage.TwoFactorStore;

/**
 * Tests a {@link TwoFactorStore}. There is a test for each MUST of the SPI that can be tested from outside. Some tests
 * run the core over the store. Extend this class, and open your store in it. If the store is a {@link
 * dev.sallyport.storage.ScannableTwoFactorStore}, extend {@link ScannableTwoFactorStoreConformance} instead:
 *
 * <pre>{@code
 * class MyStoreTest extends TwoFactorStoreConformance {
 *     @Override
 *     protected TwoFactorStore createStore() {
 *         return new MyStore(connectTo(database));
 *     }
 *
 *     @Override
 *     protected TwoFactorStore secondInstance() {
 *         return new MyStore(connectTo(database));
 *     }
 *
 *     @Override
 *     protected TwoFactorStore anotherRoute() {
 *         return new MyStore(connectTo(anotherMemberOf(database)));
 *     }
 *
 *     @Override
 *     protected void spoilRecord(String userId) {
 *         database.execute("UPDATE record SET version = 0 WHERE user_id = ?", userId);
 *     }
 *
 *     @Override
 *     protected void breakBackend() {
 *         database.stop();
 *     }
 *
 *     @Override
 *     protected void repairBackend() {
 *         database.start();
 *     }
 * }
 * }</pre>
 *
 * <p><b>What you provide decides what is proven.</b> If there is no second instance, or if the backend cannot be
 * broken,
 * {@code return notPossible("there is one process only")}. Four more methods are optional: {@link
 * #inCallersTransactionThatRollsBack}, {@link #instanceThrough}, {@link #anotherProcess} and {@link #anotherRoute}.
 * JUnit
 * skips the tests that need what is not there. At its end each run prints a report with the engine, with what was
 * proven,
 * and with what was <b>not proven</b> and why. It writes the same as a JSON file: into {@code
 * target/sallyport-conformance} (Maven), {@code build/sallyport-conformance} (Gradle), or the directory that the JUnit
 * configuration parameter or system property {@code sallyport.conformance.reports} names. {@code
 * sallyport.conformance.run-by} adds who ran the kit.
 *
 * <p>The kit can run on a database that is not empty. Each test invents users whose ids nobody else has, and erases
 * their records at its end. The last test breaks the backend. If test classes run in parallel and others use the same
 * backend, annotate your class with JUnit's {@code @Isolated}.
 *
 * <p><b>Doubt.</b> Under contention a store may throw. The kit takes a write that threw as <i>unknown</i>: it may have
 * been made or not. At most one of many threads may win, and the kit reads the truth afterwards. So a store has no
 * reason
 * to turn a time-out into false. A call that nobody disturbs has to answer.
 *
 * <p>A run takes half a minute for a store in memory, and a few minutes for a store on a disk or with all optional
 * methods.
 * No test makes more than about 200 calls one after the other, except for the walks over the users of others. Override
 * {@link #timeLimit} if a call takes half a second or longer. What is asserted does not depend on how busy the machine
 * is.
 *
 * <p>The kit calls the store, and the methods that open and break it, on its own threads. Anything that is bound to the
 * thread of {@code @BeforeEach} (a transaction, a session, a scope) is not available there. It opens sockets on
 * 127.0.0.1 and starts processes for the tests of the network and of two processes only.
 *
 * <p>The kit cannot prove the following: that a write survives a power failure or a fail-over, that a record never
 * expires
 * after a long time, and that the store logs no payload. It does not try short ids, because somebody else may have
 * them:
 * each id contains a number of 18 digits.
 */
public abstract class TwoFactorStoreConformance extends BrokenBackendTests {

    /** For subclasses. */
    protected TwoFactorStoreConformance() {}
}
