// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A real store in between that fails once, at the call it was told. Serves one thread. */
final class FaultInjectingStore implements TwoFactorStore {
    /** How it fails. */
    enum Fault {
        /** A call that did not happen. */
        REFUSED,
        /** A write that happened, and its answer is lost. */
        ANSWER_LOST,
        /** A call that did not happen, with an exception that the SPI does not speak of. */
        BROKEN,
        /** A write that happened, with an exception that the SPI does not speak of. */
        BROKEN_AFTERWARDS,
        /** A read whose answer is none. */
        NULL;

        static final List<Fault> OF_READS = List.of(REFUSED, BROKEN, NULL);
        static final List<Fault> OF_WRITES = List.of(REFUSED, ANSWER_LOST, BROKEN, BROKEN_AFTERWARDS);
    }

    private final TwoFactorStore store;
    private @Nullable Fault fault;
    private int callsUntilFault;
    private boolean written;

    FaultInjectingStore(TwoFactorStore store) {
        this.store = store;
    }

    /** Fails at the n-th call from now, 1 being the next. */
    void failAt(int call, Fault how) {
        fault = how;
        callsUntilFault = call;
        written = false;
    }

    /** Whether it was a write that took effect and failed. */
    boolean written() {
        return written;
    }

    /** Whether the fault is still to come. */
    boolean isArmed() {
        return fault != null;
    }

    @Override
    @SuppressWarnings("NullAway") // as a broken store may answer
    public Optional<StoredRecord> find(String userId) {
        Fault now = faultOfThisCall();
        if (now == Fault.NULL) {
            return null;
        }
        if (now != null) {
            throw exception(now);
        }
        return store.find(userId);
    }

    @Override
    public boolean insert(StoredRecord record, RecordSummary summary) {
        return write(() -> store.insert(record, summary));
    }

    @Override
    public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
        return write(() -> store.replace(current, next, summary));
    }

    @Override
    public void erase(String userId) {
        write(() -> {
            store.erase(userId);
            return true;
        });
    }

    private boolean write(BooleanSupplier writing) {
        Fault now = faultOfThisCall();
        if (now == null) {
            return writing.getAsBoolean();
        }
        if (now == Fault.ANSWER_LOST || now == Fault.BROKEN_AFTERWARDS) {
            written = writing.getAsBoolean();
        }
        throw exception(now);
    }

    private @Nullable Fault faultOfThisCall() {
        callsUntilFault--;
        if (callsUntilFault != 0) {
            return null;
        }
        Fault now = fault;
        fault = null;
        return now;
    }

    private static RuntimeException exception(Fault fault) {
        return fault == Fault.REFUSED || fault == Fault.ANSWER_LOST
                ? new StoreException("planted")
                : new IllegalStateException("planted");
    }
}
