// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance.integrator.maps;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.infinispan.Cache;
import org.infinispan.configuration.cache.CacheMode;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.configuration.global.ShutdownHookBehavior;
import org.infinispan.manager.DefaultCacheManager;
import org.infinispan.partitionhandling.AvailabilityException;
import org.infinispan.partitionhandling.AvailabilityMode;
import org.infinispan.partitionhandling.PartitionHandling;
import org.infinispan.remoting.transport.jgroups.JGroupsTransport;
import org.jgroups.JChannel;
import org.jgroups.util.Util;

/** Cache managers of Infinispan over TCP, each of which listens on a port of its own and knows those that came before it. */
final class InfinispanCluster implements Cluster {
    private static final String CACHE = "two-factor";
    // Held, because a logger that nobody holds forgets its level.
    private static final Logger JGROUPS = Logger.getLogger("org.jgroups");

    static {
        JGROUPS.setLevel(Level.OFF);
        System.setProperty("org.jboss.logging.provider", "slf4j");
    }

    private final String name = "sallyport-" + UUID.randomUUID();
    private final Duration patience;
    private final List<TcpStack> stacks = new ArrayList<>();
    private final List<DefaultCacheManager> managers = new ArrayList<>();
    private final List<InetSocketAddress> addresses = new ArrayList<>();

    /** Of nodes that take each other for dead after so long a silence. */
    InfinispanCluster(Duration patience) {
        this.patience = patience;
    }

    /** As the documentation demands it, with so many nodes. */
    static InfinispanCluster of(int nodes) {
        InfinispanCluster cluster = new InfinispanCluster(Duration.ofMinutes(1));
        for (int i = 0; i < nodes; i++) {
            cluster.start(documented());
        }
        return cluster;
    }

    /** What the documentation demands of the cache. */
    static ConfigurationBuilder documented() {
        ConfigurationBuilder builder = new ConfigurationBuilder();
        builder.clustering().cacheMode(CacheMode.DIST_SYNC).hash().numOwners(2);
        builder.clustering().partitionHandling().whenSplit(PartitionHandling.DENY_READ_WRITES);
        return builder;
    }

    Cache<String, String> start(ConfigurationBuilder cache) {
        return start(cache, false);
    }

    /** One that may have no capacity, and then holds no entry and asks those who do. */
    Cache<String, String> start(ConfigurationBuilder cache, boolean zeroCapacity) {
        try {
            int port = Loopback.freePort();
            TcpStack stack = new TcpStack(port, List.copyOf(addresses), patience);
            GlobalConfigurationBuilder global = GlobalConfigurationBuilder.defaultClusteredBuilder();
            global.transport().clusterName(name).addProperty(JGroupsTransport.CHANNEL_CONFIGURATOR, stack);
            global.jmx().disable();
            global.metrics().gauges(false);
            global.shutdown().hookBehavior(ShutdownHookBehavior.DONT_REGISTER);
            global.zeroCapacityNode(zeroCapacity);
            DefaultCacheManager manager = new DefaultCacheManager(global.build());
            manager.defineConfiguration(CACHE, cache.build());
            stacks.add(stack);
            managers.add(manager);
            addresses.add(new InetSocketAddress(Loopback.address(), port));
            Cache<String, String> map = manager.getCache(CACHE);
            Await.until(
                    addresses.size() + " nodes have met",
                    () -> managers.stream().allMatch(each -> each.getMembers().size() == addresses.size()));
            return map;
        } catch (Exception e) {
            throw new IllegalStateException("a node of Infinispan does not start", e);
        }
    }

    JChannel channel(int node) {
        return stacks.get(node).channel();
    }

    @Override
    public Cache<String, String> map(int node) {
        return managers.get(node).getCache(CACHE);
    }

    /** Without a word to the others. */
    void kill(int node) {
        try {
            Util.shutdown(channel(node));
        } catch (Exception e) {
            throw new IllegalStateException("a node of Infinispan does not die", e);
        }
    }

    @Override
    public void breakDown() {
        kill(1);
        Await.until(
                "node 0 has noticed",
                () -> map(0).getAdvancedCache().getAvailability() == AvailabilityMode.DEGRADED_MODE && refusesReads());
    }

    /** For a moment after node 0 has noticed, a read may still use the view of before. */
    private boolean refusesReads() {
        try {
            map(0).get("nobody");
            return false;
        } catch (AvailabilityException e) {
            return true;
        }
    }

    @Override
    public void close() {
        managers.forEach(DefaultCacheManager::stop);
        stacks.forEach(stack -> stack.channel().close());
    }
}
