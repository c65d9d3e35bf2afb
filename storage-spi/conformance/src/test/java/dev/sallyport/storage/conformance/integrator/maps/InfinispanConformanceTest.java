// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance.integrator.maps;

import org.junit.jupiter.api.BeforeAll;

class InfinispanConformanceTest extends ClusterConformance {

    InfinispanConformanceTest() {
        super(Product.INFINISPAN);
    }

    @BeforeAll
    static void start() {
        start(Product.INFINISPAN);
    }
}
