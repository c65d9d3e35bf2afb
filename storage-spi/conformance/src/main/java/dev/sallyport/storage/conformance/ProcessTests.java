// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static dev.sallyport.storage.conformance.StoreUnderTest.SUMMARY;
import static dev.sallyport.storage.conformance.TestContext.record;

import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.Race.Outcome;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Another process uses the store too. It is stopped for a while, and killed. */
@Proves("two processes: locks, leases, durability after a kill")
abstract class ProcessTests extends NetworkTests {
    private static final int UPDATES_AT_ONCE = 50;
    private static final int MOST_STALLS = 2;
    private static final int WRITES_BEFORE_THE_KILL = 30;
    private static final long BETWEEN_TRIES_NANOS = 1_000_000;
    private static final String ONE_JVM =
            "the store reads, compares and writes under a lock that one JVM has for itself (synchronized,"
                    + " ReentrantLock)."
                    + " Compare in the backend, or take a lock that other processes see.";
    private static final String LEASE =
            "the lock is a lease. Its owner stood still for longer than the lease lasts, and wrote all the same."
                    + " Compare the"
                    + " version in the write itself, or let the backend compare a fencing token.";

    @Test
    @DisplayName("process: an update that was answered true in one of two processes MUST NOT be lost")
    void process_countingInOneRecord_losesNoUpdate() throws Exception {
        try (OtherProcess other = start();
                ConcurrentThreads threads = new ConcurrentThreads(3)) {
            StoredRecord zero = context.inserted(context.id("user"));
            AtomicInteger counted = new AtomicInteger();
            AtomicInteger unknown = new AtomicInteger();
            AtomicBoolean over = new AtomicBoolean();
            threads.run(number -> {
                if (number > 0) {
                    while (!over.get()) {
                        count(context.store().store(), zero.userId(), counted, unknown);
                    }
                    return number;
                }
                try {
                    for (Repetitions repetitions = repetitions(200, 4); repetitions.hasNext(); ) {
                        int[] there = other.count(zero.userId(), UPDATES_AT_ONCE);
                        counted.addAndGet(there[0]);
                        unknown.addAndGet(there[1]);
                    }
                } finally {
                    over.set(true);
                }
                return number;
            });
            mustHaveCounted(zero, counted.get(), unknown.get(), ONE_JVM);
        }
    }

    @Test
    @DisplayName(
            "process: a replace MUST NOT answer true after a pause in which another process has replaced the record")
    void process_stoppedDuringReplace_doesNotOverwrite() throws Exception {
        if (!OtherProcess.canBeStopped()) {
            notPossible("this system has no SIGSTOP");
        }
        try (OtherProcess other = start();
                ConcurrentThreads thread = new ConcurrentThreads(1)) {
            long typical = typicalNanos(other);
            int stalls = 0;
            for (Repetitions repetitions = repetitions(60, 12); stalls < MOST_STALLS && repetitions.hasNext(); ) {
                StoredRecord before = context.inserted(context.id("user-" + repetitions.number()));
                StoredRecord theirs = context.record(before.userId());
                StoredRecord own = context.record(before.userId());
                AtomicBoolean resumed = new AtomicBoolean();
                other.send("replace " + StoreWire.encode(before) + " " + StoreWire.encode(theirs));
                LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(typical));
                other.stop();
                Future<Outcome> call = thread.start(() -> replaceUntil(resumed, before, own));
                stalls += isOver(call) ? 0 : 1;
                resumed.set(true);
                other.resume();
                mustHaveOneWinner(
                        before,
                        own,
                        call.get(),
                        theirs,
                        Race.outcome(() -> Boolean.parseBoolean(StoreWire.result(other.receive()))));
            }
            if (stalls > 0) {
                context.note(
                        "while another process stood still in a write, no write was possible for longestTimeOut(), "
                                + longestTimeOut().toMillis() + " ms. Nothing is known of a lease that lasts longer");
            }
        }
    }

    private long typicalNanos(OtherProcess other) {
        StoredRecord current = context.inserted(context.id("undisturbed"));
        long typical = Long.MAX_VALUE;
        for (int i = 0; i < 20; i++) {
            StoredRecord next = context.record(current.userId());
            long start = System.nanoTime();
            if (other.store().replace(current, next, SUMMARY)) {
                current = next;
            }
            typical = Math.min(typical, System.nanoTime() - start);
        }
        return typical;
    }

    /** A lock that the other process has may be in the way for a while. */
    private Outcome replaceUntil(AtomicBoolean resumed, StoredRecord before, StoredRecord own) {
        TwoFactorStore store = context.store().store();
        boolean doubt = false;
        while (true) {
            boolean last = resumed.get();
            Outcome outcome = Race.outcome(() -> store.replace(before, own, SUMMARY));
            doubt |= outcome == Outcome.UNKNOWN;
            Optional<Optional<StoredRecord>> stored = Race.found(store, before.userId());
            boolean changed = stored.isPresent() && !stored.get().equals(Optional.of(before));
            if (outcome == Outcome.TRUE || changed || last) {
                return outcome == Outcome.FALSE && doubt ? Outcome.UNKNOWN : outcome;
            }
            LockSupport.parkNanos(BETWEEN_TRIES_NANOS);
        }
    }

    private boolean isOver(Future<Outcome> call) throws Exception {
        try {
            call.get(longestTimeOut().toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    private void mustHaveOneWinner(
            StoredRecord before, StoredRecord own, Outcome ownOutcome, StoredRecord theirs, Outcome theirOutcome) {
        StoreUnderTest store = context.store();
        if (ownOutcome == Outcome.TRUE && theirOutcome == Outcome.TRUE) {
            throw store.broken(
                    "replace of one record answered true to two processes, of which one was stopped meanwhile, and MUST"
                            + " answer true to one.",
                    LEASE);
        }
        StoredRecord stored = store.present(store.store().find(before.userId()));
        boolean isRight = (stored.equals(own) && ownOutcome != Outcome.FALSE && theirOutcome != Outcome.TRUE)
                || (stored.equals(theirs) && theirOutcome != Outcome.FALSE && ownOutcome != Outcome.TRUE)
                || (stored.equals(before) && ownOutcome != Outcome.TRUE && theirOutcome != Outcome.TRUE);
        if (!isRight) {
            throw store.broken(
                    "replace of one record by two processes, of which one was stopped meanwhile, answered " + ownOutcome
                            + " here and " + theirOutcome + " there; then find gave back version " + stored.version()
                            + ", and MUST give back the record of the winner.",
                    LEASE);
        }
    }

    @Test
    @DisplayName("process: a write that was answered true MUST NOT be lost with its process (SIGKILL)")
    void process_killed_keepsWhatWasAnswered() throws Exception {
        StoreUnderTest store = context.store();
        StoredRecord first = context.inserted(context.id("user"));
        long answered = first.version();
        try (OtherProcess other = start()) {
            other.send("write " + StoreWire.encode(first.userId()));
            long start = System.nanoTime();
            for (int i = 0; i < WRITES_BEFORE_THE_KILL; i++) {
                answered = Long.parseLong(other.receive());
            }
            // Somewhere in a write, and not always at its end.
            long typical = (System.nanoTime() - start) / WRITES_BEFORE_THE_KILL;
            LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(1 + typical));
            other.kill();
            for (Optional<String> last = other.next(); last.isPresent(); last = other.next()) {
                // The last line may be cut off.
                answered = Math.max(answered, toLong(last.get()));
            }
        }
        StoredRecord found = store.present(store.store().find(first.userId()));
        if (found.version() != answered && found.version() != answered + 1) {
            throw store.broken(
                    "A process had written version " + answered + " with the answer true and was killed; then find gave"
                            + " back version " + found.version() + ", and MUST give back that version or the next one.",
                    "the store answers before its write has left the process: write-behind, a buffer, an asynchronous"
                            + " client.");
        }
        mustGoOn(found.userId());
    }

    private static long toLong(String text) {
        return text.matches("\\d+") ? Long.parseLong(text) : 0;
    }

    /** A lock that the killed process has left behind has to end. */
    private void mustGoOn(String userId) {
        TwoFactorStore store = context.store().store();
        for (long start = System.nanoTime();
                System.nanoTime() - start < longestTimeOut().toNanos(); ) {
            if (replaceOnce(store, userId)) {
                return;
            }
            LockSupport.parkNanos(BETWEEN_TRIES_NANOS);
        }
        if (!replaceOnce(store, userId)) {
            throw context.store()
                    .broken(
                            "After another process was killed, replace answered false or threw for longestTimeOut(),"
                                    + " and"
                                    + " MUST succeed.",
                            "the killed process has left a lock behind, and nobody removes it.");
        }
    }

    private boolean replaceOnce(TwoFactorStore store, String userId) {
        StoredRecord current = context.store().present(store.find(userId));
        StoredRecord next = record(userId, current.version() + 1, 40);
        return Race.outcome(() -> store.replace(current, next, SUMMARY)) == Outcome.TRUE;
    }

    private OtherProcess start() throws Exception {
        context.store();
        Properties settings = new Properties();
        return OtherProcess.start(anotherProcess(settings), settings);
    }
}
