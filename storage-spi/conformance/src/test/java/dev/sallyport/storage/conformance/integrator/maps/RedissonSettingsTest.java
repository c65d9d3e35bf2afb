// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance.integrator.maps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.RecordSummary.State;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.redisson.config.Config;

/** Why the documentation demands each setting: the failure that it prevents, with the setting and without it. */
class RedissonSettingsTest {
    private static final RecordSummary SUMMARY =
            new RecordSummary(State.ENABLED, 0, null, 10, 0, Instant.EPOCH, Instant.EPOCH);

    private final StoredRecord first = record(1);
    private final StoredRecord before = record(2);
    private final StoredRecord after = record(3);
    private final RedisCluster cluster = RedisCluster.of(1);
    private final Wire wire = new Wire(cluster.port());

    @AfterEach
    void close() {
        cluster.close();
        wire.close();
    }

    private static StoredRecord record(long version) {
        return StoredRecord.of("alice", version, new byte[] {(byte) version});
    }

    private static Config quick(Config config) {
        config.useSingleServer().setTimeout(500);
        return config;
    }

    private TwoFactorStore storeThatLosesAnAnswer(Config config) {
        TwoFactorStore store = new MapTwoFactorStore(cluster.connect(wire.port(), quick(config)));
        assertThat(store.insert(first, SUMMARY)).isTrue();
        // Makes the server know the script; the answer of one who does not is none to a write.
        assertThat(store.replace(first, before, SUMMARY)).isTrue();
        wire.loseNextAnswer();
        return store;
    }

    @Test
    void answer_lost_isAnUnknownOutcome() {
        TwoFactorStore store = storeThatLosesAnAnswer(RedisCluster.documented());

        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> store.replace(before, after, SUMMARY));

        assertThat(wire.hasLostIt()).isTrue();
        assertThat(cluster.store(0).find(after.userId())).contains(after);
    }

    @Test
    @DisplayName("With Redisson's own retryAttempts a write is sent again, meets itself, and says that nothing changed")
    void answer_lostAndAskedForAgain_isAFalseFalse() {
        Config config = RedisCluster.documented();
        config.useSingleServer().setRetryAttempts(new Config().useSingleServer().getRetryAttempts());
        TwoFactorStore store = storeThatLosesAnAnswer(config);

        assertThat(store.replace(before, after, SUMMARY)).isFalse();

        assertThat(cluster.store(0).find(after.userId())).contains(after);
    }

    @Test
    @DisplayName("A replica that takes over has what the master has told it, and not what the master has answered")
    void replica_thatLagsAndTakesOver_letsTheCodePassAgain() {
        RedisCluster replica = RedisCluster.of(1);
        try {
            Person person = new Person(Person.anyId());
            person.enroll(cluster.store(0));
            Runnable silencer = wire.silencer();
            replica.tell("REPLICAOF " + Loopback.HOST + " " + wire.port());
            Await.until("it is copied", () -> !replica.map(0).isEmpty());
            silencer.run();

            assertThat(person.signIn(cluster.store(0))).isInstanceOf(Verified.class);
            cluster.breakDown();
            replica.tell("REPLICAOF NO ONE");

            assertThat(person.signIn(replica.store(0))).isInstanceOf(Verified.class);
        } finally {
            replica.close();
        }
    }
}
