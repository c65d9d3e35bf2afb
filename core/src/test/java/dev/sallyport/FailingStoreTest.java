// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.FaultInjectingStore.Fault;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
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
import org.junit.jupiter.params.provider.MethodSource;

/** What happens to each call when the store fails in the middle of it, and to the call after that. */
@DisplayName("Nextcloud CVE-2021-41177, vaultwarden CVE-2026-27801: without its store a limit is none")
class FailingStoreTest {
    static Stream<Arguments> faults() {
        return scenes().flatMap(scene -> Stream.concat(
                Fault.OF_READS.stream().map(fault -> Arguments.of(scene, 1, fault)),
                scene.writes()
                        ? Fault.OF_WRITES.stream().map(fault -> Arguments.of(scene, 2, fault))
                        : Stream.empty()));
    }

    @ParameterizedTest(name = "{0}, {2} at store call {1}")
    @MethodSource("faults")
    void call_whoseStoreFails_grantsNothingAndTheNextIsRight(Scene scene, int storeCall, Fault fault) {
        Stage on = new Stage();
        Scene.Play play = scene.prepare(on);
        int eventsBefore = on.world.events.size();
        on.store.failAt(storeCall, fault);

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> play.call().run());

        assertThat(on.store.isArmed()).isFalse();
        assertThat(on.world.events).hasSize(eventsBefore);
        (on.store.written() ? play.ifWritten() : play.ifNot()).run();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scenes")
    void call_whoseStoreWorks_asksItNoMoreThanThat(Scene scene) {
        Stage on = new Stage();
        Scene.Play play = scene.prepare(on);
        on.store.failAt(scene.writes() ? 3 : 2, Fault.REFUSED);

        play.call().run();

        assertThat(on.store.isArmed()).isTrue();
    }

    static Stream<Scene> scenes() {
        return Stream.of(Scene.values());
    }

    @Test
    void scenes_coverEveryMethodThatAsksTheStore() {
        Set<String> methods = Arrays.stream(TwoFactor.class.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        methods.removeAll(Set.of("builder", "seal", "unseal"));

        assertThat(scenes().map(Scene::method)).containsAll(methods);
        assertThat(methods).containsAll(scenes().map(Scene::method).toList());
    }

    /** A store that tells the same lie at each call. */
    private static class Liar implements TwoFactorStore {
        final TwoFactorStore store;
        int finds;
        int writes;

        Liar(TwoFactorStore store) {
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
        public boolean delete(StoredRecord current) {
            writes++;
            return false;
        }
    }

    @Nested
    class StoreThatRefusesEveryWrite {
        private final World world = new World(Stage.POLICY);
        private final Liar liar = new Liar(world.store);
        private final TwoFactor twoFactor =
                world.node().policy(Stage.POLICY).store(liar).build();

        @AfterEach
        void clearInterrupt() {
            Thread.interrupted();
        }

        /** An interrupted thread does not pause between its tries. */
        @Test
        void everyWrite_inAnInterruptedThread_endsAsWellAndStaysInterrupted() {
            World.Owner owner = world.enroll();
            List<Runnable> calls = List.of(
                    () -> twoFactor.beginEnrollment(BOB, "bob"),
                    () -> twoFactor.verify(ALICE, owner.phone().wrongAt(world.now())),
                    () -> twoFactor.verify(ALICE, owner.backupCodes().get(0)),
                    () -> twoFactor.regenerateBackupCodes(owner.proof()),
                    () -> twoFactor.disable(owner.proof()),
                    () -> twoFactor.resetWithoutProof(ALICE, "lost everything"));
            int eventsBefore = world.events.size();
            Map<String, String> rows = Map.copyOf(world.rows);
            Thread.currentThread().interrupt();

            assertThat(calls).allSatisfy(call -> {
                liar.finds = 0;
                liar.writes = 0;
                assertThatThrownBy(call::run).isInstanceOf(StoreException.class);
                assertThat(liar.finds).isEqualTo(32);
                assertThat(liar.writes).isEqualTo(32);
            });

            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            assertThat(world.events).hasSize(eventsBefore);
            assertThat(world.rows).isEqualTo(rows);
        }
    }

    @Nested
    class StoreThatLies {
        private final World world = new World(Stage.POLICY);

        private TwoFactor over(TwoFactorStore store) {
            return world.node().policy(Stage.POLICY).store(store).build();
        }

        /** As a store does that folds case, for which "alice" and "ALICE" are one. */
        @Test
        void find_recordOfAnIdInAnotherCase_isAStoreException() {
            UserId lower = UserId.of("alice");
            UserId upper = UserId.of("ALICE");
            world.enroll(lower);
            TwoFactor twoFactor = over(new Liar(world.store) {
                @Override
                public Optional<StoredRecord> find(String userId) {
                    return store.find(userId.toLowerCase(Locale.ROOT));
                }
            });

            assertThatThrownBy(() -> twoFactor.signInRequirement(upper, null)).isInstanceOf(StoreException.class);
        }

        @Test
        void replace_saysFalseAndWrites_grantsNothing() {
            Phone phone = world.enroll().phone();
            TwoFactor twoFactor = over(new Liar(world.store) {
                @Override
                public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
                    store.replace(current, next, summary);
                    return false;
                }
            });

            assertThat(twoFactor.verify(ALICE, phone.codeAt(world.now()))).isEqualTo(new Rejected());
        }

        /** As a cache does that is never told of a write. */
        @Test
        void find_alwaysTheSameOldRecord_grantsNothing() {
            Phone phone = world.enroll().phone();
            StoredRecord old = world.store.find(ALICE.value()).orElseThrow();
            world.prove(phone);
            TwoFactor twoFactor = over(new Liar(world.store) {
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

            assertThatThrownBy(() -> twoFactor.verify(ALICE, phone.codeAt(world.now())))
                    .isInstanceOf(StoreException.class);

            assertThat(Thread.interrupted()).isTrue();
        }

        @Test
        void error_ofTheStore_reachesTheCallerAndGrantsNothing() {
            Phone phone = world.enroll().phone();
            TwoFactor twoFactor = over(new Liar(new MapTwoFactorStore(world.rows)) {
                @Override
                public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
                    throw new OutOfMemoryError("planted");
                }
            });

            assertThatThrownBy(() -> twoFactor.verify(ALICE, phone.codeAt(world.now())))
                    .isInstanceOf(OutOfMemoryError.class);
            assertThat(world.verify(phone.codeAt(world.now()))).isInstanceOf(Verified.class);
        }
    }
}
