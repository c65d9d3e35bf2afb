// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance.integrator.maps;

import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.storage.ScannableTwoFactorStore;
import java.util.concurrent.ConcurrentMap;

/** Nodes of an application that share a map. The first is number 0. */
interface Cluster extends AutoCloseable {

    /** The map as a node sees it. */
    ConcurrentMap<String, String> map(int node);

    default ScannableTwoFactorStore store(int node) {
        return new MapTwoFactorStore(map(node));
    }

    /** Takes so much away that node 0 is still there and cannot know the truth any more. */
    void breakDown();

    /** Ends all nodes and servers, those too that were killed. */
    @Override
    void close();
}
