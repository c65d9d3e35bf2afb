// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.util.Optional;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A real store in between. Its first readers wait for each other, so that all of them have read the same record before one
 * of them writes. Without it, a race may never take place.
 */
public final class RendezvousStore extends DelegatingStore {
    private final CyclicBarrier rendezvous;
    private final AtomicInteger awaited;

    public RendezvousStore(TwoFactorStore store, int readers) {
        super(store);
        this.rendezvous = new CyclicBarrier(readers);
        this.awaited = new AtomicInteger(readers);
    }

    @Override
    public Optional<StoredRecord> find(String userId) {
        Optional<StoredRecord> found = store.find(userId);
        if (awaited.getAndDecrement() > 0) {
            try {
                rendezvous.await(1, TimeUnit.MINUTES);
            } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
                throw new AssertionError("fewer readers came than the test has calls", e);
            }
        }
        return found;
    }
}
