// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance.integrator;

import dev.sallyport.storage.InMemoryTwoFactorStore;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.TwoFactorStoreConformance;

class InMemoryTwoFactorStoreTest extends TwoFactorStoreConformance {
    /** One for all tests, because each new one logs a warning. */
    private static final TwoFactorStore STORE = new InMemoryTwoFactorStore();

    @Override
    protected TwoFactorStore createStore() {
        return STORE;
    }

    @Override
    protected TwoFactorStore secondInstance() {
        return notPossible("another instance has its own memory");
    }

    @Override
    protected void breakBackend() {
        notPossible("its backend is its own memory");
    }
}
