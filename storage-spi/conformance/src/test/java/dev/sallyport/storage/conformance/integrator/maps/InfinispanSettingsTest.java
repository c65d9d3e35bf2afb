// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance.integrator.maps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sallyport.Rejected;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.RecordSummary.State;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.infinispan.configuration.cache.CacheMode;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.distribution.LocalizedCacheTopology;
import org.infinispan.partitionhandling.AvailabilityMode;
import org.infinispan.partitionhandling.PartitionHandling;
import org.jgroups.protocols.DISCARD;
import org.jgroups.protocols.TP;
import org.jgroups.stack.ProtocolStack.Position;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Why the documentation demands each setting: the failure that it prevents, with the setting and without it. */
class InfinispanSettingsTest {
    private static final RecordSummary SUMMARY =
            new RecordSummary(State.ENABLED, 0, null, 10, 0, Instant.EPOCH, Instant.EPOCH);

    private final InfinispanCluster cluster = new InfinispanCluster(Duration.ofSeconds(2));

    @AfterEach
    void close() {
        cluster.close();
    }

    /** Waits for an answer half a second, and not fifteen. */
    private static ConfigurationBuilder documented() {
        ConfigurationBuilder builder = InfinispanCluster.documented();
        builder.clustering().remoteTimeout(500);
        return builder;
    }

    private static ConfigurationBuilder careless() {
        ConfigurationBuilder builder = documented();
        builder.clustering().partitionHandling().whenSplit(PartitionHandling.ALLOW_READ_WRITES);
        return builder;
    }

    private static ConfigurationBuilder asynchronous() {
        ConfigurationBuilder builder = careless();
        builder.clustering().cacheMode(CacheMode.DIST_ASYNC);
        return builder;
    }

    private void start(int nodes, ConfigurationBuilder cache) {
        for (int i = 0; i < nodes; i++) {
            cluster.start(cache);
        }
        // What is written before, an asynchronous copy of it may miss the node that is about to have its share.
        for (int i = 0; i < nodes; i++) {
            int node = i;
            Await.until(
                    "node " + node + " has its share",
                    () -> topology(node).getMembers().size() == nodes
                            && topology(node).getPendingCH() == null);
        }
    }

    private LocalizedCacheTopology topology(int node) {
        return cluster.map(node).getAdvancedCache().getDistributionManager().getCacheTopology();
    }

    private void awaitNodes(int left, int node) {
        Await.until(
                "node " + node + " goes on with " + left,
                () -> topology(node).getMembers().size() == left);
    }

    /** An id whose record node 0 writes before any other does. */
    private String idAtNode0() {
        return Stream.generate(Person::anyId)
                .filter(id -> topology(0).getDistribution(id).isPrimary())
                .findFirst()
                .orElseThrow();
    }

    private Person enrolledAtNode0() {
        Person person = new Person(idAtNode0());
        person.enroll(cluster.store(0));
        return person;
    }

    /** Between a node and its network. */
    private void insert(DISCARD discard, int node) throws Exception {
        cluster.channel(node).getProtocolStack().insertProtocol(discard, Position.ABOVE, TP.class);
    }

    private void cutOffNode0() throws Exception {
        insert(new DISCARD().discardAll(true), 0);
    }

    // --- The node that writes a record first is cut off, and dies ---

    @Test
    void copy_neverConfirmed_isAnUnknownOutcome() throws Exception {
        start(3, documented());
        Person person = enrolledAtNode0();
        cutOffNode0();

        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> person.signIn(cluster.store(0)));
        cluster.kill(0);
        awaitNodes(2, 1);
        awaitNodes(2, 2);

        assertThat(person.signIn(cluster.store(1))).isInstanceOf(Verified.class);
        assertThat(person.signIn(cluster.store(2))).isEqualTo(new Rejected());
    }

    @Test
    void copy_asynchronous_letsTheCodePassAgain() throws Exception {
        start(2, asynchronous());
        Person person = enrolledAtNode0();
        Await.until("it is copied", () -> !cluster.map(1).isEmpty());
        cutOffNode0();

        assertThat(person.signIn(cluster.store(0))).isInstanceOf(Verified.class);
        cluster.kill(0);
        awaitNodes(1, 1);

        assertThat(person.signIn(cluster.store(1))).isInstanceOf(Verified.class);
    }

    // --- The network between one node and two others breaks, and both sides go on alone ---

    @Test
    void split_withDenyReadWrites_letsTheCodePassOnTheLargerSideAlone() throws Exception {
        start(3, documented());
        Person person = enrolledAtNode0();
        cutOffNode0();
        awaitNodes(2, 1);
        Await.until(
                "node 0 gives up",
                () -> cluster.map(0).getAdvancedCache().getAvailability() == AvailabilityMode.DEGRADED_MODE);

        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> person.signIn(cluster.store(0)));
        assertThat(person.signIn(cluster.store(1))).isInstanceOf(Verified.class);
        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> person.signIn(cluster.store(0)));
    }

    @Test
    void split_withoutDenyReadWrites_letsTheCodePassOnBothSides() throws Exception {
        start(3, careless());
        Person person = enrolledAtNode0();
        cutOffNode0();
        awaitNodes(2, 1);
        awaitNodes(1, 0);

        assertThat(person.signIn(cluster.store(0))).isInstanceOf(Verified.class);
        assertThat(person.signIn(cluster.store(1))).isInstanceOf(Verified.class);
    }

    @Test
    @DisplayName("With DENY_READ_WRITES one of two nodes is no majority, and answers nobody when the other has died")
    void death_ofOneOfTwo_leavesNobodyWhoAnswers() {
        start(2, documented());
        Person person = enrolledAtNode0();
        cluster.breakDown();

        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> person.signIn(cluster.store(0)));
    }

    // --- The node that writes a record first has done so, and dies before its answer is heard ---

    private final StoredRecord[] records = new StoredRecord[3];

    /** Node 2 keeps nothing, and asks for a write at node 0, whom it does not hear. */
    private CompletableFuture<Boolean> answerIsLost() throws Exception {
        start(2, InfinispanCluster.documented());
        cluster.start(InfinispanCluster.documented(), true);
        String id = idAtNode0();
        for (int version = 1; version <= records.length; version++) {
            records[version - 1] = StoredRecord.of(id, version, new byte[] {(byte) version});
        }
        TwoFactorStore store = cluster.store(1);
        assertThat(store.insert(records[0], SUMMARY)).isTrue();
        insert(new DISCARD().addIgnoreMember(cluster.channel(0).getAddress()), 2);
        CompletableFuture<Boolean> answer =
                CompletableFuture.supplyAsync(() -> cluster.store(2).replace(records[0], records[1], SUMMARY));
        Await.until("it is written", () -> store.find(id).orElseThrow().equals(records[1]));
        return answer;
    }

    @Test
    void answer_lostWithItsNode_isGivenByTheNodeWithTheCopy() throws Exception {
        CompletableFuture<Boolean> answer = answerIsLost();

        cluster.kill(0);

        assertThat(answer.join()).isTrue();
        assertThat(cluster.store(1).find(records[0].userId())).contains(records[1]);
    }

    @Test
    @DisplayName(
            "A write whose answer is lost, and that is overwritten before it is asked for again, says nothing changed")
    void answer_lostWithItsNodeAfterTheNextWrite_isAFalseFalse() throws Exception {
        CompletableFuture<Boolean> answer = answerIsLost();

        assertThat(cluster.store(1).replace(records[1], records[2], SUMMARY)).isTrue();
        cluster.kill(0);

        assertThat(answer.join()).isFalse();
    }
}
