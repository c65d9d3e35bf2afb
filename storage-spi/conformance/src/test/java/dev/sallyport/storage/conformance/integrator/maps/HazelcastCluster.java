// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance.integrator.maps;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MergePolicyConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.config.SplitBrainProtectionConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import com.hazelcast.spi.merge.DiscardMergePolicy;
import com.hazelcast.spi.properties.ClusterProperty;
import com.hazelcast.splitbrainprotection.SplitBrainProtectionOn;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Members of Hazelcast, each of which listens on a port of its own and knows those that came before it. */
final class HazelcastCluster implements Cluster {
    private static final String MAP = "two-factor";
    private static final String MAJORITY = "majority";

    static {
        // What is logged before there is a member asks no configuration.
        System.setProperty(ClusterProperty.LOGGING_TYPE.getName(), "none");
    }

    private final String name = "sallyport-" + UUID.randomUUID();
    private final List<HazelcastInstance> members = new ArrayList<>();
    private final List<String> addresses = new ArrayList<>();
    private final List<Wire> wires = new ArrayList<>();

    /** As the documentation demands it, for so many members. */
    static HazelcastCluster of(int members) {
        HazelcastCluster cluster = new HazelcastCluster();
        for (int i = 0; i < members; i++) {
            cluster.start(protectedBy(members / 2 + 1));
        }
        cluster.awaitBackups();
        return cluster;
    }

    /** What the documentation demands of the map, and of whatever else decides on its answers. */
    static Config documented() {
        Config config = new Config();
        config.setProperty(ClusterProperty.FAIL_ON_INDETERMINATE_OPERATION_STATE.getName(), "true");
        config.addMapConfig(new MapConfig(MAP)
                .setBackupCount(1)
                .setAsyncBackupCount(0)
                .setReadBackupData(false)
                .setMergePolicyConfig(new MergePolicyConfig().setPolicy(DiscardMergePolicy.class.getName())));
        return config;
    }

    /** A member that sees fewer than so many, itself included, answers nothing. */
    static Config protectedBy(int members) {
        Config config = documented();
        config.addSplitBrainProtectionConfig(new SplitBrainProtectionConfig(MAJORITY, true, members)
                .setProtectOn(SplitBrainProtectionOn.READ_WRITE));
        map(config).setSplitBrainProtectionName(MAJORITY);
        return config;
    }

    /** Waits for a copy half a second, and not five. */
    static Config impatient(Config config) {
        config.setProperty(ClusterProperty.OPERATION_BACKUP_TIMEOUT_MILLIS.getName(), "500");
        return config;
    }

    static MapConfig map(Config config) {
        return config.getMapConfig(MAP);
    }

    HazelcastInstance start(Config config) {
        int port = Loopback.freePort();
        return start(config, port, port);
    }

    /** One that the others reach over a wire. */
    Wire startBehindWire(Config config) {
        int port = Loopback.freePort();
        Wire wire = new Wire(port);
        wires.add(wire);
        start(config, port, wire.port());
        return wire;
    }

    private HazelcastInstance start(Config config, int port, int publicPort) {
        config.setClusterName(name);
        config.setProperty(ClusterProperty.PHONE_HOME_ENABLED.getName(), "false");
        config.setProperty(ClusterProperty.SHUTDOWNHOOK_ENABLED.getName(), "false");
        config.setProperty(ClusterProperty.SOCKET_BIND_ANY.getName(), "false");
        config.setProperty(ClusterProperty.WAIT_SECONDS_BEFORE_JOIN.getName(), "0");
        config.getMetricsConfig().setEnabled(false);
        NetworkConfig network = config.getNetworkConfig();
        network.setPort(port).setPortAutoIncrement(false);
        network.setPublicAddress(Loopback.HOST + ":" + publicPort);
        network.getInterfaces().setEnabled(true).addInterface(Loopback.HOST);
        JoinConfig join = network.getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        join.getTcpIpConfig().setEnabled(true).setMembers(addresses);
        HazelcastInstance member = Hazelcast.newHazelcastInstance(config);
        members.add(member);
        addresses.add(Loopback.HOST + ":" + publicPort);
        int size = members.size();
        Await.until(
                size + " members have met",
                () -> members.stream()
                        .allMatch(each -> each.getCluster().getMembers().size() == size));
        return member;
    }

    /** Until each partition has an owner and its backups. */
    void awaitBackups() {
        Await.until(
                "all backups are there",
                () -> members.stream()
                        .map(HazelcastInstance::getPartitionService)
                        .allMatch(partitions ->
                                partitions.getPartition(MAP).getOwner() != null && partitions.isClusterSafe()));
    }

    HazelcastInstance member(int node) {
        return members.get(node);
    }

    @Override
    public IMap<String, String> map(int node) {
        return member(node).getMap(MAP);
    }

    /** Without a word to the others. */
    void kill(int node) {
        member(node).getLifecycleService().terminate();
    }

    @Override
    public void breakDown() {
        kill(1);
        // Members are counted first, and protection follows on another thread: a moment in which reads still pass.
        Await.until(
                "member 0 has noticed",
                () -> !member(0)
                        .getSplitBrainProtectionService()
                        .getSplitBrainProtection(MAJORITY)
                        .hasMinimumSize());
    }

    @Override
    public void close() {
        members.forEach(member -> member.getLifecycleService().terminate());
        wires.forEach(Wire::close);
    }
}
