// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance.integrator.maps;

import org.junit.jupiter.api.BeforeAll;

class HazelcastConformanceTest extends ClusterConformance {

    HazelcastConformanceTest() {
        super(Product.HAZELCAST);
    }

    @BeforeAll
    static void start() {
        start(Product.HAZELCAST);
    }
}
