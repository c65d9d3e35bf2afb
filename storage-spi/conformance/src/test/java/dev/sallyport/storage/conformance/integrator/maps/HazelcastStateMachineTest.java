// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance.integrator.maps;

import net.jqwik.api.lifecycle.BeforeContainer;

class HazelcastStateMachineTest extends ClusterStateMachine {
    @BeforeContainer
    static void start() {
        start(Product.HAZELCAST);
    }
}
