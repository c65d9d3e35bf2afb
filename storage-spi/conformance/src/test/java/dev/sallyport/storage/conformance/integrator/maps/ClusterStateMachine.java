// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance.integrator.maps;

import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.TwoFactorStoreStateMachine;
import java.util.Objects;
import net.jqwik.api.lifecycle.AfterContainer;
import org.jspecify.annotations.Nullable;

/** The state machine over one of the nodes of a product. */
abstract class ClusterStateMachine extends TwoFactorStoreStateMachine {
    private static @Nullable Cluster cluster;

    static void start(Product product) {
        cluster = product.start();
    }

    private static Cluster cluster() {
        return Objects.requireNonNull(cluster);
    }

    @AfterContainer
    static void stop() {
        if (cluster != null) {
            cluster.close();
            cluster = null;
        }
    }

    @Override
    protected TwoFactorStore createStore() {
        return cluster().store(1);
    }
}
