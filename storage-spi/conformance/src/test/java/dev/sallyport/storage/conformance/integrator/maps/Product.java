// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance.integrator.maps;

/** The distributed maps that the documentation names, two nodes of each. */
enum Product {
    HAZELCAST {
        @Override
        Cluster start() {
            return HazelcastCluster.of(2);
        }
    },
    INFINISPAN {
        @Override
        Cluster start() {
            return InfinispanCluster.of(2);
        }
    },
    REDISSON {
        @Override
        Cluster start() {
            return RedisCluster.of(2);
        }
    };

    abstract Cluster start();
}
