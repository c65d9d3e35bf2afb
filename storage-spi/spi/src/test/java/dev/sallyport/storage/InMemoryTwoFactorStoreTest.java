// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InMemoryTwoFactorStoreTest {
    private static final RecordSummary SUMMARY =
            new RecordSummary(RecordSummary.State.PENDING, 0, null, 0, 0, null, Instant.EPOCH);

    private final List<String> logged = RecordedWarnings.OF_STORES;

    @BeforeEach
    void forgetWhatWasLogged() {
        logged.clear();
    }

    @Test
    void new_warnsThatARestartForgetsEveryone() {
        InMemoryTwoFactorStore unused = new InMemoryTwoFactorStore();

        assertThat(logged).singleElement().asString().startsWith("WARNING ").contains("restart");
    }

    @Test
    void use_doesNotWarnAgain() {
        InMemoryTwoFactorStore store = new InMemoryTwoFactorStore();

        store.insert(StoredRecord.of("alice", 1, new byte[1]), SUMMARY);
        store.find("alice");

        assertThat(logged).hasSize(1);
    }

    @Test
    void new_twice_warnsForEachAndSharesNothing() {
        InMemoryTwoFactorStore one = new InMemoryTwoFactorStore();
        InMemoryTwoFactorStore other = new InMemoryTwoFactorStore();

        one.insert(StoredRecord.of("alice", 1, new byte[1]), SUMMARY);

        assertThat(logged).hasSize(2);
        assertThat(other.find("alice")).isEmpty();
    }
}
