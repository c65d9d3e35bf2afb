// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance.integrator;

import dev.sallyport.storage.InMemoryTwoFactorStore;
import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.conformance.ScannableTwoFactorStoreConformance;

class InMemoryTwoFactorStoreTest extends ScannableTwoFactorStoreConformance {
    /** One for all tests, because each new one logs a warning. */
    private static final ScannableTwoFactorStore STORE = new InMemoryTwoFactorStore();

    @Override
    protected ScannableTwoFactorStore createStore() {
        return STORE;
    }

    @Override
    protected ScannableTwoFactorStore secondInstance() {
        return notPossible("another instance has its own memory");
    }

    @Override
    protected void breakBackend() {
        notPossible("its backend is its own memory");
    }
}
