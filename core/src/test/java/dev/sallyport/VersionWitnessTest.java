// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.FIREFOX;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.TwoFactorEvent.Position;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** An application that keeps, beside the store, the highest version that an event has named. */
class VersionWitnessTest {
    private final World world = new World();
    private final AtomicLong witness = new AtomicLong();
    private final TwoFactor twoFactor = world.node()
            .versionWitness(user -> witness.get())
            .listener(event -> raise(witness, event))
            .build();
    private final Operator operator = twoFactor.operator("support");

    private static void raise(AtomicLong witness, TwoFactorEvent event) {
        event.position().map(Position::version).ifPresent(named -> witness.accumulateAndGet(named, Math::max));
    }

    private Phone enroll() {
        PendingEnrollment pending =
                twoFactor.beginEnrollment(ALICE, EnrollmentRequest.of("alice").browser(FIREFOX));
        Phone phone = Phone.scan(pending);
        assertThat(twoFactor.confirmEnrollment(pending.handle(), phone.codeAt(world.now())))
                .isInstanceOf(EnrollmentResult.Enrolled.class);
        world.clock.advance(STEP);
        return phone;
    }

    private VerificationResult verify(String typed) {
        SignInRequirement requirement = twoFactor.signInRequirement(ALICE, Browser.none());
        return twoFactor.verify(((SignInRequirement.CodeRequired) requirement).challenge(), typed);
    }

    private long version() {
        return world.store.find(ALICE.value()).orElseThrow().version();
    }

    private String row() {
        return Objects.requireNonNull(world.rows.get(ALICE.value()));
    }

    static Stream<StoreCall> callsThatDoNotEndIt() {
        return Stream.of(StoreCall.values()).filter(call -> !call.endsMissing() && call != StoreCall.IS_CURRENT);
    }

    @ParameterizedTest
    @MethodSource("callsThatDoNotEndIt")
    @DisplayName("Abuse case 57: a deleted row, an evicting cache, an old backup do not switch 2FA off without a word")
    void call_rowDeleted_throwsAndWritesNothing(StoreCall call) {
        FailingApplication app = new FailingApplication();
        StoreCall.Attempt attempt = call.prepare(app);
        app.world.rows.clear();
        app.witness = () -> 1;

        assertMissing(app, attempt, "none");
    }

    @ParameterizedTest
    @MethodSource("callsThatDoNotEndIt")
    void call_rowOfALowerVersion_throwsAndWritesNothing(StoreCall call) {
        FailingApplication app = new FailingApplication();
        StoreCall.Attempt attempt = call.prepare(app);
        Optional<StoredRecord> row = app.world.store.find(ALICE.value());
        long stored = row.map(StoredRecord::version).orElse(0L);
        app.witness = () -> stored + 1;

        assertMissing(app, attempt, row.isPresent() ? "version " + stored : "none");
    }

    private static void assertMissing(FailingApplication app, StoreCall.Attempt attempt, String found) {
        Map<String, String> rows = Map.copyOf(app.world.rows);
        int events = app.world.events.size();

        assertThatExceptionOfType(MissingRecordException.class)
                .isThrownBy(() -> attempt.call().run())
                .withMessageContaining("the store has " + found);

        assertThat(app.world.rows).isEqualTo(rows);
        assertThat(app.world.events).hasSize(events);
    }

    @ParameterizedTest
    @EnumSource
    void call_rowOfTheVersionThatIsWitnessed_works(StoreCall call) {
        FailingApplication app = new FailingApplication();
        StoreCall.Attempt attempt = call.prepare(app);
        long stored =
                app.world.store.find(ALICE.value()).map(StoredRecord::version).orElse(0L);
        app.witness = () -> stored;

        attempt.call().run();
    }

    static Stream<StoreCall> callsThatEndIt() {
        return Stream.of(StoreCall.values()).filter(StoreCall::endsMissing);
    }

    @ParameterizedTest
    @MethodSource("callsThatEndIt")
    void callThatEndsIt_rowOfALowerVersion_works(StoreCall call) {
        FailingApplication app = new FailingApplication();
        StoreCall.Attempt attempt = call.prepare(app);
        app.witness = () -> Long.MAX_VALUE / 2;

        attempt.call().run();
    }

    @Test
    void isCurrent_rowDeletedOrOlder_isFalse() {
        Owner owner = world.enroll();
        TrustStamp stamp = owner.proof().stamp();
        witness.set(version());
        assertThat(twoFactor.isCurrent(ALICE, stamp)).isTrue();

        witness.incrementAndGet();
        assertThat(twoFactor.isCurrent(ALICE, stamp)).isFalse();
        world.rows.clear();
        assertThat(twoFactor.isCurrent(ALICE, stamp)).isFalse();
        TrustStamp withoutARecord = new TrustStamp(TrustStamp.NO_EPOCH, null);
        assertThat(twoFactor.isCurrent(ALICE, withoutARecord)).isFalse();
        witness.set(0);
        assertThat(twoFactor.isCurrent(ALICE, withoutARecord)).isTrue();
    }

    @Nested
    class AWitnessThatThrows {
        private final RuntimeException failure = new IllegalStateException("the application's table is locked");

        @ParameterizedTest
        @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "DELETE_ACCOUNT")
        void call_witnessThrows_isAStoreExceptionAndNobodyGetsIn(StoreCall call) {
            FailingApplication app = new FailingApplication();
            StoreCall.Attempt attempt = call.prepare(app);
            app.witness = () -> {
                throw failure;
            };
            Map<String, String> rows = Map.copyOf(app.world.rows);
            int events = app.world.events.size();

            assertThatThrownBy(() -> attempt.call().run())
                    .isInstanceOf(StoreException.class)
                    .hasCause(failure);

            assertThat(app.world.rows).isEqualTo(rows);
            assertThat(app.world.events).hasSize(events);
        }

        @Test
        void deleteAccount_witnessThrows_erasesAllTheSame() {
            FailingApplication app = new FailingApplication();
            StoreCall.Attempt attempt = StoreCall.DELETE_ACCOUNT.prepare(app);
            app.witness = () -> {
                throw failure;
            };

            attempt.call().run();

            assertThat(app.world.rows).isEmpty();
        }
    }

    @Nested
    @DisplayName("The witness is read before the record: a write of another node between the two is no false alarm")
    class ReadOrder {

        /** Another node commits a version and raises the witness, just after this node has read the record. */
        private TwoFactor nodeWithAWriteAfterItsFirstFind(Runnable write) {
            AtomicReference<Runnable> once = new AtomicReference<>(write);
            return world.node()
                    .versionWitness(user -> witness.get())
                    .store(new DelegatingStore(world.store) {
                        @Override
                        public Optional<StoredRecord> find(String userId) {
                            Optional<StoredRecord> found = store.find(userId);
                            once.getAndSet(() -> {}).run();
                            return found;
                        }
                    })
                    .build();
        }

        @Test
        void status_versionCommittedAfterTheRead_isAnswered() {
            Phone phone = enroll();
            TwoFactor node = nodeWithAWriteAfterItsFirstFind(() -> verify(phone.wrongAt(world.now())));

            assertThat(node.status(ALICE).strangers().consecutiveFailures()).isZero();

            assertThat(witness).hasValue(version());
            assertThat(node.status(ALICE).strangers().consecutiveFailures()).isEqualTo(1);
        }

        @Test
        void verify_versionCommittedAfterTheRead_isDecidedAgain() {
            Phone phone = enroll();
            Challenge challenge =
                    ((SignInRequirement.CodeRequired) twoFactor.signInRequirement(ALICE, FIREFOX)).challenge();
            TwoFactor node = nodeWithAWriteAfterItsFirstFind(() -> verify(phone.wrongAt(world.now())));
            long before = version();

            assertThat(node.verify(challenge, phone.codeAt(world.now()))).isInstanceOf(Verified.class);

            assertThat(version()).isEqualTo(before + 2);
        }
    }

    @Nested
    @DisplayName("Abuse case 75: events that are late, repeated, out of order or lost never lock the owner out")
    class Events {

        private void assertGetsIn(Phone phone) {
            assertThat(verify(phone.codeAt(world.now()))).isInstanceOf(Verified.class);
            world.clock.advance(STEP);
        }

        @Test
        void owner_eventsInEveryOrderAndTwice_getsInAfterEachOfThem() {
            List<TwoFactorEvent> held = new ArrayList<>();
            Phone phone = enroll();
            TwoFactor node = world.node()
                    .versionWitness(user -> witness.get())
                    .listener(held::add)
                    .build();
            for (int i = 0; i < 3; i++) {
                node.operator("support").unlock(ALICE, "events of a node whose listener is slow");
            }
            List<TwoFactorEvent> late = new ArrayList<>(held);
            Collections.reverse(late);
            late.addAll(held);

            assertThat(late).hasSize(6).allSatisfy(event -> {
                raise(witness, event);
                assertGetsIn(phone);
            });
        }

        @Test
        void owner_everyEventLost_getsIn() {
            Phone phone = enroll();
            witness.set(0);

            assertGetsIn(phone);
        }

        @Test
        void owner_lateEventOfARecordThatWasDeleted_getsIn() {
            enroll();
            long ofTheDeadRecord = version();
            operator.deleteAccount(ALICE);
            witness.set(0);
            world.clock.advance(Duration.ofMillis(1));
            operator.resetWithoutProof(ALICE, "the same person came back");
            Phone phone = enroll();

            witness.accumulateAndGet(ofTheDeadRecord, Math::max);

            assertGetsIn(phone);
        }

        @Test
        void owner_nodeThatStoppedBetweenTheWriteAndItsEvent_getsIn() {
            Phone phone = enroll();
            TwoFactor stopped = world.node()
                    .versionWitness(user -> witness.get())
                    .listener(event -> {})
                    .build();
            stopped.endTrust(ALICE);
            assertThat(version()).isEqualTo(witness.get() + 1);

            assertGetsIn(phone);
            assertThat(witness).hasValue(version());
        }
    }

    @Nested
    @DisplayName("Abuse case 93: a row put back to an older state is refused")
    class RowsPutBack {
        private final Phone phone = enroll();
        private final String older = row();

        @Test
        void verify_rowFromBeforeTheFailures_givesNoGuessBack() {
            Challenge challenge =
                    ((SignInRequirement.CodeRequired) twoFactor.signInRequirement(ALICE, FIREFOX)).challenge();
            verify(phone.wrongAt(world.now()));
            world.rows.put(ALICE.value(), older);

            assertThatThrownBy(() -> twoFactor.verify(challenge, phone.wrongAt(world.now())))
                    .isInstanceOf(MissingRecordException.class);
            assertThatThrownBy(() -> verify(phone.codeAt(world.now()))).isInstanceOf(MissingRecordException.class);

            assertThat(row()).isEqualTo(older);
        }

        @Test
        void unlock_rowPutBack_doesNotAcceptIt() {
            verify(phone.wrongAt(world.now()));
            String withOneFailure = row();
            verify(phone.wrongAt(world.now()));
            verify(phone.wrongAt(world.now()));
            world.rows.put(ALICE.value(), withOneFailure);

            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> operator.unlock(ALICE, "asked by telephone"))
                        .isInstanceOf(MissingRecordException.class);
            }

            assertThat(row()).isEqualTo(withOneFailure);
            assertThatThrownBy(() -> twoFactor.status(ALICE)).isInstanceOf(MissingRecordException.class);
        }

        @Test
        void acceptRestoredRecord_rowPutBack_raisesItAboveTheWitnessAndEndsTrust() {
            String used = phone.codeAt(world.now());
            Verified proof = World.proof(verify(used));
            verify(phone.wrongAt(world.now()));
            verify(phone.wrongAt(world.now()));
            long witnessed = witness.get();
            world.rows.put(ALICE.value(), older);

            operator.acceptRestoredRecord(ALICE, "backup of Monday");

            assertThat(version()).isEqualTo(witnessed + 1).isEqualTo(witness.get());
            assertThat(twoFactor.isCurrent(ALICE, proof.stamp())).isFalse();
            assertThat(verify(used)).isEqualTo(new Rejected());
            assertThat(verify(phone.codeAt(world.now().plus(STEP)))).isEqualTo(new Rejected());
            world.clock.advance(STEP.multipliedBy(2));
            assertThat(verify(phone.codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void reset_rowPutBack_raisesItAboveTheWitness() {
            witness.addAndGet(1000);
            long witnessed = witness.get();

            operator.resetWithoutProof(ALICE, "the backup is too old");

            assertThat(version()).isEqualTo(witnessed + 1);
            assertThat(twoFactor.status(ALICE).state()).isEqualTo(TwoFactorStatus.State.OFF);
        }

        @Test
        void reset_rowDeleted_insertsOneAboveTheWitness() {
            witness.set(Long.MAX_VALUE / 2);
            world.rows.clear();

            operator.resetWithoutProof(ALICE, "the row was deleted");

            assertThat(version()).isEqualTo(Long.MAX_VALUE / 2 + 1);
            assertThat(twoFactor.signInRequirement(ALICE, FIREFOX))
                    .isInstanceOf(SignInRequirement.NoCodeRequired.class);
        }

        @Test
        void reset_unreadableRowBelowTheWitness_insertsOneAboveTheWitness() {
            witness.set(Long.MAX_VALUE / 2);
            world.rows.put(ALICE.value(), "no record");

            operator.resetWithoutProof(ALICE, "the row was spoiled");

            assertThat(version()).isEqualTo(Long.MAX_VALUE / 2 + 1);
        }

        @Test
        void acceptRestoredRecord_rowDeleted_isRefusedAndSwitchesNothingOff() {
            world.rows.clear();

            assertThatThrownBy(() -> operator.acceptRestoredRecord(ALICE, "nothing was restored"))
                    .isInstanceOf(IllegalStateException.class);

            assertThat(world.rows).isEmpty();
            assertThatThrownBy(() -> twoFactor.status(ALICE)).isInstanceOf(MissingRecordException.class);
        }
    }
}
