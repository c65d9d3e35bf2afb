// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import dev.sallyport.storage.conformance.Trial.Answer;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A call on a thread of its own, which is interrupted before it begins or at some moment in it. */
final class InterruptibleCall {
    private final Supplier<Answer> work;
    private final boolean interruptedBefore;
    private final Thread thread = new Thread(this::run, TimeLimit.THREAD_NAME + "-interrupted");
    private boolean begun;
    private boolean over;
    private boolean interrupted;
    private boolean flagSet;
    private @Nullable Answer answer;

    private InterruptibleCall(Supplier<Answer> work, boolean interruptedBefore) {
        this.work = work;
        this.interruptedBefore = interruptedBefore;
    }

    /** Makes the call with the interrupt flag set. */
    static InterruptibleCall interruptedBefore(Supplier<Answer> work) throws InterruptedException {
        InterruptibleCall call = new InterruptibleCall(work, true);
        call.start();
        call.thread.join();
        return call;
    }

    /** Makes the call, and interrupts it after this time, or not at all if it is over by then. */
    static InterruptibleCall interruptedAfter(long nanos, Supplier<Answer> work) throws InterruptedException {
        InterruptibleCall call = new InterruptibleCall(work, false);
        call.start();
        LockSupport.parkNanos(nanos);
        call.interrupt();
        call.thread.join();
        return call;
    }

    private synchronized void start() throws InterruptedException {
        thread.setDaemon(true);
        thread.start();
        while (!begun) {
            wait();
        }
    }

    private void run() {
        synchronized (this) {
            begun = true;
            interrupted = interruptedBefore;
            notifyAll();
        }
        if (interruptedBefore) {
            Thread.currentThread().interrupt();
        }
        Answer given = work.get();
        synchronized (this) {
            over = true;
            flagSet = Thread.interrupted();
            answer = given;
        }
    }

    private synchronized void interrupt() {
        if (!over) {
            interrupted = true;
            thread.interrupt();
        }
    }

    synchronized Answer answer() {
        if (answer == null) {
            throw new AssertionError("the call has thrown an error");
        }
        return answer;
    }

    /** Whether the call was interrupted, and the interrupt flag of its thread was not set afterwards. */
    synchronized boolean hasLostTheFlag() {
        return interrupted && !flagSet;
    }
}
