// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance.integrator.maps;

import org.junit.jupiter.api.BeforeAll;

class RedissonConformanceTest extends ClusterConformance {

    RedissonConformanceTest() {
        super(Product.REDISSON);
    }

    @BeforeAll
    static void start() {
        start(Product.REDISSON);
    }
}
