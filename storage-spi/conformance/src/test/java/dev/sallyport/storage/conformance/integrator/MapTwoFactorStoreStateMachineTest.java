// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance.integrator;

import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.TwoFactorStoreStateMachine;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

class MapTwoFactorStoreStateMachineTest extends TwoFactorStoreStateMachine {
    private final ConcurrentMap<String, String> map = new ConcurrentHashMap<>();

    @Override
    protected TwoFactorStore createStore() {
        return new MapTwoFactorStore(map);
    }
}
