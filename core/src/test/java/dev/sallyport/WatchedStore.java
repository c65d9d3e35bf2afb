// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A real store in between: it counts what it is asked, and can be told to lose writes, to fail, or to be too late. */
public final class WatchedStore implements TwoFactorStore {
    private final TwoFactorStore store;
    private final AtomicInteger finds = new AtomicInteger();
    private final AtomicInteger writes = new AtomicInteger();
    private final AtomicInteger writesToLose = new AtomicInteger();
    private final AtomicReference<@Nullable Runnable> beforeWrite = new AtomicReference<>();
    private volatile @Nullable RuntimeException findFailure;
    private volatile @Nullable RuntimeException writeFailure;
    private volatile @Nullable RecordSummary summary;

    public WatchedStore(TwoFactorStore store) {
        this.store = store;
    }

    public int finds() {
        return finds.get();
    }

    /** Inserts, replaces and erasures that it was asked for, also those that came too late. */
    public int writes() {
        return writes.get();
    }

    public void forgetCounts() {
        finds.set(0);
        writes.set(0);
    }

    /** What people may see of the record that was written last. */
    @Nullable
    public RecordSummary summary() {
        return summary;
    }

    /** Answers false to the next writes, as when others were quicker. */
    public void loseWrites(int number) {
        writesToLose.set(number);
    }

    /** Lets something happen between the read and the write of the next call. */
    public void beforeNextWrite(Runnable action) {
        beforeWrite.set(action);
    }

    public void failOnFind(@Nullable RuntimeException failure) {
        findFailure = failure;
    }

    /** Writes, and then fails: the answer is lost. */
    public void failAfterWrite(@Nullable RuntimeException failure) {
        writeFailure = failure;
    }

    @Override
    public Optional<StoredRecord> find(String userId) {
        finds.incrementAndGet();
        RuntimeException failure = findFailure;
        if (failure != null) {
            throw failure;
        }
        return store.find(userId);
    }

    @Override
    public boolean insert(StoredRecord record, RecordSummary of) {
        return write(of, () -> store.insert(record, of));
    }

    @Override
    public boolean replace(StoredRecord current, StoredRecord next, RecordSummary of) {
        return write(of, () -> store.replace(current, next, of));
    }

    @Override
    public void erase(String userId) {
        write(null, () -> {
            store.erase(userId);
            return true;
        });
    }

    private boolean write(@Nullable RecordSummary of, BooleanSupplier writing) {
        Runnable action = beforeWrite.getAndSet(null);
        if (action != null) {
            action.run();
        }
        writes.incrementAndGet();
        if (writesToLose.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
            return false;
        }
        boolean written = writing.getAsBoolean();
        if (written) {
            summary = of;
        }
        RuntimeException failure = writeFailure;
        if (failure != null) {
            throw failure;
        }
        return written;
    }
}
