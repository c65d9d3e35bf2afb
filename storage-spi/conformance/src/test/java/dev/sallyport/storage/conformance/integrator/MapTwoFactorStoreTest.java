// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance.integrator;

import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.conformance.ScannableTwoFactorStoreConformance;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

class MapTwoFactorStoreTest extends ScannableTwoFactorStoreConformance {
    private final FailingMap map = new FailingMap();

    @Override
    protected ScannableTwoFactorStore createStore() {
        return new MapTwoFactorStore(map);
    }

    @Override
    protected ScannableTwoFactorStore secondInstance() {
        return new MapTwoFactorStore(map);
    }

    @Override
    protected void spoilRecord(String userId) {
        map.put(userId, "not a record");
    }

    @Override
    protected void breakBackend() {
        map.broken = true;
    }

    @Override
    protected void repairBackend() {
        map.broken = false;
    }

    /** A map that can lose its connection, like a distributed map. */
    private static final class FailingMap extends ConcurrentHashMap<String, String> {
        private static final long serialVersionUID = 1L;

        private volatile boolean broken;

        private void reach() {
            if (broken) {
                throw new IllegalStateException("no connection");
            }
        }

        @Override
        public @Nullable String get(Object key) {
            reach();
            return super.get(key);
        }

        @Override
        public @Nullable String putIfAbsent(String key, String value) {
            reach();
            return super.putIfAbsent(key, value);
        }

        @Override
        public boolean replace(String key, String oldValue, String newValue) {
            reach();
            return super.replace(key, oldValue, newValue);
        }

        @Override
        public @Nullable String remove(Object key) {
            reach();
            return super.remove(key);
        }

        @Override
        public KeySetView<String, String> keySet() {
            reach();
            return super.keySet();
        }
    }
}
