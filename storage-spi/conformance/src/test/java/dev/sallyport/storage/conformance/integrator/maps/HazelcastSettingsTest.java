// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance.integrator.maps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.hazelcast.config.Config;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.spi.properties.ClusterProperty;
import dev.sallyport.Rejected;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.RecordSummary.State;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Why the documentation demands each setting: the failure that it prevents, with the setting and without it. */
class HazelcastSettingsTest {
    private static final RecordSummary SUMMARY =
            new RecordSummary(State.ENABLED, 0, null, 10, 0, Instant.EPOCH, Instant.EPOCH);

    private final HazelcastCluster cluster = new HazelcastCluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    /** An id whose record a member keeps, and not only a copy of it. */
    private static String idAt(HazelcastInstance member) {
        return Stream.generate(Person::anyId)
                .filter(id -> member.getPartitionService()
                        .getPartition(id)
                        .getOwner()
                        .equals(member.getCluster().getLocalMember()))
                .findFirst()
                .orElseThrow();
    }

    private static Config undecided() {
        Config config = HazelcastCluster.documented();
        config.setProperty(ClusterProperty.FAIL_ON_INDETERMINATE_OPERATION_STATE.getName(), "false");
        return config;
    }

    // --- The member that keeps a record falls silent towards the one with the copy, and dies ---

    /** Member 0 keeps the record, and is heard by nobody from the sign-in on. */
    private Person ownerFallsSilent(Supplier<Config> config) {
        Runnable silencer = cluster.startBehindWire(HazelcastCluster.impatient(config.get()))
                .silencer();
        cluster.start(HazelcastCluster.impatient(config.get()));
        cluster.awaitBackups();
        Person person = new Person(idAt(cluster.member(0)));
        person.enroll(cluster.store(0));
        cluster.awaitBackups();
        silencer.run();
        return person;
    }

    @Test
    void backup_neverConfirmed_isAnUnknownOutcome() {
        Person person = ownerFallsSilent(HazelcastCluster::documented);

        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> person.signIn(cluster.store(0)));
        cluster.kill(0);

        assertThat(person.signIn(cluster.store(1))).isInstanceOf(Verified.class);
        assertThat(person.signIn(cluster.store(1))).isEqualTo(new Rejected());
    }

    @Test
    @DisplayName("Without fail.on.indeterminate.state a synchronous backup that never came is taken for one that did")
    void backup_neverConfirmedAndNobodyAsks_letsTheCodePassAgain() {
        Person person = ownerFallsSilent(HazelcastSettingsTest::undecided);

        assertThat(person.signIn(cluster.store(0))).isInstanceOf(Verified.class);
        cluster.kill(0);

        assertThat(person.signIn(cluster.store(1))).isInstanceOf(Verified.class);
    }

    @Test
    void backup_asynchronous_letsTheCodePassAgain() {
        Person person = ownerFallsSilent(HazelcastSettingsTest::asynchronous);

        assertThat(person.signIn(cluster.store(0))).isInstanceOf(Verified.class);
        cluster.kill(0);

        assertThat(person.signIn(cluster.store(1))).isInstanceOf(Verified.class);
    }

    private static Config asynchronous() {
        Config config = HazelcastCluster.documented();
        HazelcastCluster.map(config).setBackupCount(0).setAsyncBackupCount(1);
        return config;
    }

    @Test
    void backup_none_switchesTheSecondFactorOff() {
        Config config = HazelcastCluster.documented();
        HazelcastCluster.map(config).setBackupCount(0);
        HazelcastInstance member = cluster.start(config);
        cluster.start(HazelcastCluster.documented());
        cluster.awaitBackups();
        Person person = new Person(idAt(member));
        person.enroll(cluster.store(1));

        cluster.kill(0);

        assertThat(person.needsACode(cluster.store(1))).isFalse();
    }

    // --- The member that keeps a record writes, and dies before its answer is heard ---

    /** Member 2 keeps nothing, and asks for a write at member 0, whose answer it does not hear. */
    private Written answerIsLost(Supplier<Config> config) {
        Wire wire = cluster.startBehindWire(config.get());
        cluster.start(config.get());
        // What the two say to each other is heard.
        Runnable silencer = wire.silencer();
        cluster.start(config.get().setLiteMember(true));
        cluster.awaitBackups();
        StoredRecord before = StoredRecord.of(idAt(cluster.member(0)), 1, new byte[] {1});
        StoredRecord after = StoredRecord.of(before.userId(), 2, new byte[] {2});
        TwoFactorStore store = cluster.store(1);
        assertThat(store.insert(before, SUMMARY)).isTrue();
        silencer.run();
        CompletableFuture<Boolean> answer =
                CompletableFuture.supplyAsync(() -> cluster.store(2).replace(before, after, SUMMARY));
        Await.until(
                "it is written", () -> store.find(after.userId()).orElseThrow().equals(after));
        cluster.kill(0);
        return new Written(answer, store.find(after.userId()).orElseThrow().equals(after));
    }

    private record Written(CompletableFuture<Boolean> answer, boolean isThere) {}

    @Test
    void answer_lostWithItsMember_isAnUnknownOutcome() {
        Written written = answerIsLost(HazelcastCluster::documented);

        assertThat(written.isThere).isTrue();
        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> join(written.answer));
    }

    @Test
    @DisplayName(
            "Without fail.on.indeterminate.state a write is tried again, meets itself, and says that nothing changed")
    void answer_lostWithItsMemberAndAskedForAgain_isAFalseFalse() {
        Written written = answerIsLost(HazelcastSettingsTest::undecided);

        assertThat(written.isThere).isTrue();
        assertThat(join(written.answer)).isFalse();
    }

    private static boolean join(CompletableFuture<Boolean> answer) {
        try {
            return answer.join();
        } catch (CompletionException e) {
            throw (StoreException) e.getCause();
        }
    }

    // --- The network between two members breaks, and both go on alone ---

    private Person split(Supplier<Config> config) {
        List<Wire> wires = List.of(cluster.startBehindWire(config.get()), cluster.startBehindWire(config.get()));
        cluster.awaitBackups();
        Person person = new Person(Person.anyId());
        person.enroll(cluster.store(0));
        wires.forEach(Wire::close);
        for (int node = 0; node < 2; node++) {
            HazelcastInstance member = cluster.member(node);
            Await.until(
                    "member " + node + " is alone",
                    () -> member.getCluster().getMembers().size() == 1);
        }
        return person;
    }

    @Test
    void split_withSplitBrainProtection_answersNobodyWithoutAMajority() {
        Person person = split(() -> HazelcastCluster.protectedBy(2));

        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> person.signIn(cluster.store(0)));
        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> person.signIn(cluster.store(1)));
    }

    @Test
    void split_withoutSplitBrainProtection_letsTheCodePassOnBothSides() {
        Person person = split(HazelcastCluster::documented);

        assertThat(person.signIn(cluster.store(0))).isInstanceOf(Verified.class);
        assertThat(person.signIn(cluster.store(1))).isInstanceOf(Verified.class);
    }
}
