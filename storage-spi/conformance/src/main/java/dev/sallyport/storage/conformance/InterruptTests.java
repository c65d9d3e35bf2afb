// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static dev.sallyport.storage.conformance.Hints.INTERRUPT_IS_DOUBT;

import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.Trial.Operation;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The thread that calls the store is interrupted. */
@Proves("interrupts are doubt")
abstract class InterruptTests extends CallersTransactionTests {
    private static final long FIRST_PAUSE_NANOS = 1_000_000;
    private static final long LAST_PAUSE_NANOS = 2_000_000_000;

    @Test
    @DisplayName("interrupt: find MUST NOT be empty, because the thread was interrupted")
    void interrupt_duringFind_isNoEmptyAnswer() throws Exception {
        mustTellTheTruth(Operation.FIND);
    }

    @Test
    @DisplayName("interrupt: insert MUST NOT answer false if it inserts, because the thread was interrupted")
    void interrupt_duringInsert_isNoFalseAnswer() throws Exception {
        mustTellTheTruth(Operation.INSERT);
    }

    @Test
    @DisplayName("interrupt: replace MUST NOT answer false if it replaces, because the thread was interrupted")
    void interrupt_duringReplace_isNoFalseAnswer() throws Exception {
        mustTellTheTruth(Operation.REPLACE);
    }

    @Test
    @DisplayName("interrupt: erase MUST NOT return before it has erased, because the thread was interrupted")
    void interrupt_duringErase_isNoAnswer() throws Exception {
        mustTellTheTruth(Operation.ERASE);
    }

    private void mustTellTheTruth(Operation operation) throws Exception {
        long typical = typicalNanos(operation);
        for (Repetitions repetitions = repetitions(30, 6); repetitions.hasNext(); ) {
            int number = repetitions.number();
            Trial trial = new Trial(context, operation, "user-" + number);
            boolean before = number % 2 == 1;
            InterruptibleCall call = before
                    ? InterruptibleCall.interruptedBefore(
                            () -> trial.call(context.store().store()))
                    : InterruptibleCall.interruptedAfter(
                            ThreadLocalRandom.current().nextLong(typical),
                            () -> trial.call(context.store().store()));
            mustStillAnswer();
            trial.judge(
                    before ? "on a thread that was interrupted before" : "on a thread that was interrupted meanwhile",
                    call.answer(),
                    INTERRUPT_IS_DOUBT);
            mustKeepTheFlag(operation, call);
        }
    }

    private void mustKeepTheFlag(Operation operation, InterruptibleCall call) {
        if (!call.hasLostTheFlag()) {
            return;
        }
        if (call.answer().thrown() == null) {
            context.note("the client of the engine takes interrupts away from threads whose calls it answers");
            return;
        }
        throw context.store()
                .broken(
                        operation + " was interrupted and " + call.answer()
                                + ", and the interrupt flag of the thread was not set. It MUST be set.",
                        "an InterruptedException is caught, which clears the flag. Call"
                                + " Thread.currentThread().interrupt().");
    }

    /** The longest of a few calls. */
    private long typicalNanos(Operation operation) {
        long longest = 1;
        for (int i = 0; i < 5; i++) {
            Trial trial = new Trial(context, operation, "undisturbed-" + i);
            long start = System.nanoTime();
            trial.call(context.store().store());
            longest = Math.max(longest, System.nanoTime() - start);
        }
        return longest;
    }

    /** Others may notice that a connection was lost, but not for ever. */
    private void mustStillAnswer() {
        StoreUnderTest store = context.store();
        String userId = context.id("another");
        if (!answersSoon(store.store(), userId)) {
            store.mustHoldNothing(
                    userId,
                    "the interrupt of one thread has closed a channel, a connection or a client that all threads"
                            + " share.");
        }
    }

    /** Waits longer after each exception, because a pool may look at its connections only now and then. */
    static boolean answersSoon(TwoFactorStore instance, String userId) {
        for (long pause = FIRST_PAUSE_NANOS; pause <= LAST_PAUSE_NANOS; pause *= 2) {
            if (Race.found(instance, userId).isPresent()) {
                return true;
            }
            LockSupport.parkNanos(pause);
        }
        return Race.found(instance, userId).isPresent();
    }
}
