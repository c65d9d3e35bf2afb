// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance.integrator.maps;

import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.conformance.ScannableTwoFactorStoreConformance;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;

/** The kit over two nodes of a product, which are started once for all tests. */
abstract class ClusterConformance extends ScannableTwoFactorStoreConformance {
    private static @Nullable Cluster cluster;

    private final Product product;

    ClusterConformance(Product product) {
        this.product = product;
    }

    static void start(Product product) {
        cluster = product.start();
    }

    @AfterAll
    static void stop() {
        // There is no cluster if the product cannot run here.
        if (cluster != null) {
            cluster.close();
            cluster = null;
        }
    }

    private static Cluster cluster() {
        return Objects.requireNonNull(cluster);
    }

    @Override
    protected ScannableTwoFactorStore createStore() {
        return cluster().store(0);
    }

    @Override
    protected ScannableTwoFactorStore secondInstance() {
        return cluster().store(1);
    }

    @Override
    protected void spoilRecord(String userId) {
        cluster().map(0).put(userId, "not a record");
    }

    @Override
    protected void breakBackend() {
        cluster().breakDown();
    }

    @Override
    protected void repairBackend() {
        stop();
        start(product);
    }
}
