// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.abuse;

import dev.sallyport.Parallel;
import dev.sallyport.RendezvousStore;
import dev.sallyport.TwoFactor;
import dev.sallyport.World;
import java.util.List;
import java.util.function.BiFunction;

/** Requests that race: on two nodes, and all of them have read the record before one of them writes. */
final class ParallelRequests {
    private ParallelRequests() {}

    /** What each request gets. Each has its number, from 0 on. */
    static <T> List<T> send(World world, int number, BiFunction<TwoFactor, Integer, T> request) throws Exception {
        RendezvousStore store = new RendezvousStore(world.store, number);
        TwoFactor one = world.node().store(store).build();
        TwoFactor other = world.node().store(store).build();
        return Parallel.inThreads(number, i -> request.apply(i % 2 == 0 ? one : other, i));
    }
}
