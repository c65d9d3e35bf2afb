// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.FaultInjectingStore.Fault;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What happens to each call when the store fails in the middle of it, and to the call after that. */
@DisplayName("Nextcloud CVE-2021-41177, vaultwarden CVE-2026-27801: without its store a limit is none")
class FailingStoreTest {
    static Stream<Arguments> faults() {
        return Stream.of(StoreCall.values()).flatMap(call -> {
            Stream<Arguments> ofReads = call.cost().reads == 0
                    ? Stream.empty()
                    : Fault.OF_READS.stream().map(fault -> Arguments.of(call, 1, fault));
            Stream<Arguments> ofWrites = call.cost().writes == 0
                    ? Stream.empty()
                    : Fault.OF_WRITES.stream().map(fault -> Arguments.of(call, call.cost().reads + 1, fault));
            return Stream.concat(ofReads, ofWrites);
        });
    }

    @ParameterizedTest(name = "{0}, {2} at store call {1}")
    @MethodSource("faults")
    void call_whoseStoreFails_grantsNothingAndTheNextIsRight(StoreCall call, int storeCall, Fault fault) {
        FailingApplication app = new FailingApplication();
        StoreCall.Attempt attempt = call.prepare(app);
        int eventsBefore = app.world.events.size();
        app.store.failAt(storeCall, fault);

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> attempt.call().run());

        assertThat(app.store.isArmed()).isFalse();
        assertThat(app.world.events).hasSize(eventsBefore);
        (app.store.written() ? attempt.ifWritten() : attempt.ifNotWritten()).run();
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void call_whoseStoreWorks_asksItNoMoreThanThat(StoreCall call) {
        FailingApplication app = new FailingApplication();
        StoreCall.Attempt attempt = call.prepare(app);
        app.store.failAt(call.cost().reads + call.cost().writes + 1, Fault.REFUSED);
        app.world.store.forgetCounts();

        attempt.call().run();

        assertThat(app.store.isArmed()).isTrue();
        assertThat(app.world.store.finds()).isEqualTo(call.cost().reads);
        assertThat(app.world.store.writes()).isEqualTo(call.cost().writes);
    }

    @Test
    void storeCalls_coverEveryMethodThatAsksTheStore() {
        Set<String> methods = StoreCall.allSignatures();
        methods.removeAll(Set.of("TwoFactor.seal(Verified)", "TwoFactor.unseal(UserId,String)"));

        Set<String> covered = Arrays.stream(StoreCall.values())
                .map(StoreCall::signature)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(covered).isEqualTo(methods);
    }

    /** A store that tells the same lie at each call. */
    private static class LyingStore implements TwoFactorStore {
        final TwoFactorStore store;
        int finds;
        int writes;

        LyingStore(TwoFactorStore store) {
            this.store = store;
        }

        @Override
        public Optional<StoredRecord> find(String userId) {
            finds++;
            return store.find(userId);
        }

        @Override
        public boolean insert(StoredRecord record, RecordSummary summary) {
            writes++;
            return false;
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            writes++;
            return false;
        }

        @Override
        public void erase(String userId) {
            writes++;
        }
    }

    @Nested
    class StoreThatRefusesEveryWrite {
        private final World world = new World(FailingApplication.POLICY);
        private final LyingStore lying = new LyingStore(world.store);
        private final TwoFactor twoFactor =
                world.node().policy(FailingApplication.POLICY).store(lying).build();

        @AfterEach
        void clearInterrupt() {
            Thread.interrupted();
        }

        /** An interrupted thread does not pause between its tries. */
        @Test
        void everyWrite_inAnInterruptedThread_endsAsWellAndStaysInterrupted() {
            World.Owner owner = world.enroll();
            Challenge challenge = world.challenge(ALICE, Browser.none());
            List<Runnable> calls = List.of(
                    () -> twoFactor.beginEnrollment(BOB, "bob"),
                    () -> twoFactor.verify(challenge, owner.phone().wrongAt(world.now())),
                    () -> twoFactor.verify(challenge, owner.backupCodes().get(0)),
                    () -> twoFactor.stepUp(
                            ALICE, owner.proof().stamp(), owner.phone().wrongAt(world.now())),
                    () -> twoFactor.regenerateBackupCodes(owner.proof()),
                    () -> twoFactor.disable(owner.proof()),
                    () -> twoFactor.endTrust(ALICE),
                    () -> twoFactor.operator("support").resetWithoutProof(ALICE, "lost everything"));
            int eventsBefore = world.events.size();
            Map<String, String> rows = Map.copyOf(world.rows);
            Thread.currentThread().interrupt();

            assertThat(calls).allSatisfy(call -> {
                lying.finds = 0;
                lying.writes = 0;
                assertThatThrownBy(call::run).isInstanceOf(StoreException.class);
                assertThat(lying.finds).isEqualTo(32);
                assertThat(lying.writes).isEqualTo(32);
            });

            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            assertThat(world.events).hasSize(eventsBefore);
            assertThat(world.rows).isEqualTo(rows);
        }
    }

    @Nested
    class StoreThatLies {
        private final World world = new World(FailingApplication.POLICY);

        private TwoFactor over(TwoFactorStore store) {
            return world.node().policy(FailingApplication.POLICY).store(store).build();
        }

        /** As a store does that folds case, for which "alice" and "ALICE" are one. */
        @Test
        void find_recordOfAnIdInAnotherCase_isAStoreException() {
            UserId lower = UserId.of("alice");
            UserId upper = UserId.of("ALICE");
            world.enroll(lower);
            TwoFactor twoFactor = over(new LyingStore(world.store) {
                @Override
                public Optional<StoredRecord> find(String userId) {
                    return store.find(userId.toLowerCase(Locale.ROOT));
                }
            });

            assertThatThrownBy(() -> twoFactor.signInRequirement(upper, Browser.none()))
                    .isInstanceOf(StoreException.class);
        }

        @Test
        void replace_saysFalseAndWrites_grantsNothing() {
            Phone phone = world.enroll().phone();
            Challenge challenge = world.challenge(ALICE, Browser.none());
            TwoFactor twoFactor = over(new LyingStore(world.store) {
                @Override
                public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
                    store.replace(current, next, summary);
                    return false;
                }
            });

            assertThat(twoFactor.verify(challenge, phone.codeAt(world.now()))).isEqualTo(new Rejected());
        }

        /** As a cache does that is never told of a write. */
        @Test
        void find_alwaysTheSameOldRecord_grantsNothing() {
            Phone phone = world.enroll().phone();
            Challenge challenge = world.challenge(ALICE, Browser.none());
            StoredRecord old = world.store.find(ALICE.value()).orElseThrow();
            world.prove(phone);
            TwoFactor twoFactor = over(new LyingStore(world.store) {
                @Override
                public Optional<StoredRecord> find(String userId) {
                    return Optional.of(old);
                }

                @Override
                public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
                    return store.replace(current, next, summary);
                }
            });
            Thread.currentThread().interrupt();

            assertThatThrownBy(() -> twoFactor.verify(challenge, phone.codeAt(world.now())))
                    .isInstanceOf(StoreException.class);

            assertThat(Thread.interrupted()).isTrue();
        }

        @Test
        void error_ofTheStore_reachesTheCallerAndGrantsNothing() {
            Phone phone = world.enroll().phone();
            Challenge challenge = world.challenge(ALICE, Browser.none());
            TwoFactor twoFactor = over(new LyingStore(new MapTwoFactorStore(world.rows)) {
                @Override
                public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
                    throw new OutOfMemoryError("planted");
                }
            });

            assertThatThrownBy(() -> twoFactor.verify(challenge, phone.codeAt(world.now())))
                    .isInstanceOf(OutOfMemoryError.class);
            assertThat(world.verify(phone.codeAt(world.now()))).isInstanceOf(Verified.class);
        }
    }
}
