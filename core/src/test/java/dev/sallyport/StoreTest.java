// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One record, one compare-and-set: what a call does when the store is slow, busy or broken. */
class StoreTest {
    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;

    @Nested
    class LostWrites {
        private final Phone phone = world.importApp();

        @Test
        void verify_writeLostToAnother_isDecidedAnew() {
            world.store.forgetCounts();
            world.store.loseWrites(2);

            assertThat(world.verify(phone.codeAt(world.now()))).isInstanceOf(Verified.class);

            assertThat(world.store.finds()).isEqualTo(3);
            assertThat(world.store.writes()).isEqualTo(3);
        }

        @Test
        void verify_failureWrittenMeanwhile_bothAreCounted() {
            world.store.beforeNextWrite(() -> world.verify(phone.wrongAt(world.now())));

            assertThat(world.verify(phone.wrongAt(world.now()))).isEqualTo(new Rejected());

            assertThat(summary().failedAttempts()).isEqualTo(2);
        }

        @Test
        void verify_lockedOutMeanwhile_isNotCompared() {
            world.store.beforeNextWrite(() -> world.fail(phone, 5));

            assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(new LockedOut(START.plusSeconds(30)));
        }

        @Test
        void beginEnrollment_begunMeanwhile_theLaterWins() {
            Phone[] other = new Phone[1];
            world.store.beforeNextWrite(() -> other[0] = Phone.scan(twoFactor.beginEnrollment(BOB, "bob")));

            Phone later = Phone.scan(twoFactor.beginEnrollment(BOB, "bob"));

            assertThat(twoFactor.confirmEnrollment(BOB, other[0].codeAt(world.now())))
                    .isEqualTo(new EnrollmentResult.Rejected());
            assertThat(twoFactor.confirmEnrollment(BOB, later.codeAt(world.now())))
                    .isInstanceOf(EnrollmentResult.Enrolled.class);
        }

        @Test
        void confirmEnrollment_writeLostToAnother_givesTheCodesThatAreStored() {
            Phone bob = Phone.scan(twoFactor.beginEnrollment(BOB, "bob"));
            world.store.loseWrites(2);

            EnrollmentResult result = twoFactor.confirmEnrollment(BOB, bob.codeAt(world.now()));

            assertThat(result)
                    .isInstanceOfSatisfying(
                            EnrollmentResult.Enrolled.class,
                            enrolled -> assertThat(twoFactor.verify(
                                            BOB,
                                            enrolled.backupCodes()
                                                    .orElseThrow()
                                                    .asList()
                                                    .get(9)))
                                    .isInstanceOf(Verified.class));
        }

        @Test
        @DisplayName("A store that refuses every write gets no code accepted, and no answer")
        void verify_everyWriteLost_isAStoreExceptionAfter32Tries() {
            world.store.forgetCounts();
            world.store.loseWrites(Integer.MAX_VALUE);
            String code = phone.codeAt(world.now());

            assertThatThrownBy(() -> world.verify(code)).isInstanceOf(StoreException.class);

            assertThat(world.store.finds()).isEqualTo(32);
            world.store.loseWrites(0);
            assertThat(world.verify(code)).isInstanceOf(Verified.class);
        }
    }

    @Nested
    @DisplayName("A store that fails: nothing is accepted, and limits are not silently off (Nextcloud CVE-2021-41177)")
    class Failures {
        private final Phone phone = world.importApp();

        @Test
        void anyCall_storeException_reachesTheCallerAsItIs() {
            StoreException failure = new StoreException("connection refused");
            world.store.failOnFind(failure);

            assertThatThrownBy(() -> world.verify("123456")).isSameAs(failure);
            assertThatThrownBy(() -> twoFactor.signInRequirement(ALICE, null)).isSameAs(failure);
            assertThatThrownBy(() -> twoFactor.status(ALICE)).isSameAs(failure);
            assertThatThrownBy(() -> twoFactor.resetWithoutProof(ALICE, "x")).isSameAs(failure);
        }

        @Test
        void anyCall_anotherException_isAStoreExceptionWithItAsTheCause() {
            RuntimeException failure = new IllegalStateException("pool closed");
            world.store.failOnFind(failure);

            assertThatThrownBy(() -> world.verify("123456"))
                    .isInstanceOf(StoreException.class)
                    .hasCause(failure);
        }

        @Test
        void verify_answerOfTheWriteLost_grantsNothingAndTheCodeIsUsedUp() {
            String code = phone.codeAt(world.now());
            world.store.failAfterWrite(new StoreException("timed out"));
            assertThatThrownBy(() -> world.verify(code)).isInstanceOf(StoreException.class);
            world.store.failAfterWrite(null);

            assertThat(world.verify(code)).isEqualTo(new Rejected());
            world.clock.advance(STEP);
            assertThat(world.verify(phone.codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_wrongCodeAndItsAnswerLost_isCounted() {
            world.store.failAfterWrite(new StoreException("timed out"));
            assertThatThrownBy(() -> world.verify(phone.wrongAt(world.now()))).isInstanceOf(StoreException.class);
            world.store.failAfterWrite(null);

            world.verify(phone.wrongAt(world.now()));
            assertThat(summary().failedAttempts()).isEqualTo(2);
        }

        @Test
        @DisplayName("After an unknown outcome of a confirmation: if it is on, verify and regenerate the codes")
        void confirmEnrollment_answerLost_theManualsWayOutWorks() {
            Phone bob = Phone.scan(twoFactor.beginEnrollment(BOB, "bob"));
            world.store.failAfterWrite(new StoreException("timed out"));
            assertThatThrownBy(() -> twoFactor.confirmEnrollment(BOB, bob.codeAt(world.now())))
                    .isInstanceOf(StoreException.class);
            world.store.failAfterWrite(null);

            assertThat(twoFactor.status(BOB).state()).isEqualTo(TwoFactorStatus.State.ENABLED);
            world.clock.advance(STEP);
            Verified proof = World.proof(twoFactor.verify(BOB, bob.codeAt(world.now())));
            String backupCode = twoFactor.regenerateBackupCodes(proof).asList().get(0);
            assertThat(twoFactor.verify(BOB, backupCode)).isInstanceOf(Verified.class);
        }

        @Test
        @DisplayName("After an unknown outcome of a regeneration: again, with the same proof")
        void regenerateBackupCodes_answerLost_canBeCalledAgain() {
            Verified proof = world.prove(phone);
            world.store.failAfterWrite(new StoreException("timed out"));
            assertThatThrownBy(() -> twoFactor.regenerateBackupCodes(proof)).isInstanceOf(StoreException.class);
            world.store.failAfterWrite(null);

            String backupCode = twoFactor.regenerateBackupCodes(proof).asList().get(0);
            assertThat(world.verify(backupCode)).isInstanceOf(Verified.class);
        }

        @Test
        void anyCall_anotherUsersRecord_isAStoreException() {
            TwoFactor confused = world.node()
                    .store(new TwoFactorStore() {
                        @Override
                        public Optional<StoredRecord> find(String userId) {
                            return world.store.find(ALICE.value());
                        }

                        @Override
                        public boolean insert(StoredRecord record, RecordSummary summary) {
                            throw new AssertionError("nothing to insert");
                        }

                        @Override
                        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
                            throw new AssertionError("nothing to replace");
                        }

                        @Override
                        public boolean delete(StoredRecord current) {
                            throw new AssertionError("nothing to delete");
                        }
                    })
                    .build();

            assertThatThrownBy(() -> confused.verify(BOB, phone.codeAt(world.now())))
                    .isInstanceOf(StoreException.class);
            assertThatThrownBy(() -> confused.resetWithoutProof(BOB, "x")).isInstanceOf(StoreException.class);
        }
    }

    @Nested
    @DisplayName("What people may see of a record")
    class Summary {

        @Test
        void summary_ofAnEnrollmentBegun_isPending() {
            twoFactor.beginEnrollment(ALICE, "alice");

            assertThat(summary())
                    .isEqualTo(new RecordSummary(RecordSummary.State.PENDING, 0, null, 0, 0, null, world.now()));
        }

        @Test
        void summary_ofAnAccount_followsIt() {
            Owner owner = world.enroll();
            assertThat(summary())
                    .isEqualTo(new RecordSummary(RecordSummary.State.ENABLED, 0, null, 10, 0, START, START));

            twoFactor.rememberBrowser(owner.proof(), "Firefox");
            assertThat(summary())
                    .isEqualTo(new RecordSummary(RecordSummary.State.ENABLED, 0, null, 10, 1, START, world.now()));

            world.verify(owner.backupCodes().get(0));
            world.clock.advance(Duration.ofMinutes(1));
            world.fail(owner.phone(), 5);
            assertThat(summary())
                    .isEqualTo(new RecordSummary(
                            RecordSummary.State.ENABLED, 5, world.now().plusSeconds(30), 9, 0, START, world.now()));
        }

        @Test
        void summary_ofAHundredFailures_isSuspended() {
            world.fail(world.importApp(), 100);

            assertThat(summary())
                    .isEqualTo(new RecordSummary(RecordSummary.State.SUSPENDED, 100, null, 0, 0, START, world.now()));
        }
    }

    private RecordSummary summary() {
        return Optional.ofNullable(world.store.summary()).orElseThrow();
    }

    @Test
    @DisplayName("A version never comes back for a user, deleted or not, so that no stale write fits")
    void version_afterDeletionAndANewBegin_isAnother() {
        twoFactor.beginEnrollment(ALICE, "alice");
        long first = world.store.find(ALICE.value()).orElseThrow().version();
        twoFactor.beginEnrollment(ALICE, "alice");
        assertThat(world.store.find(ALICE.value()).orElseThrow().version()).isEqualTo(first + 1);

        twoFactor.cancelEnrollment(ALICE);
        twoFactor.beginEnrollment(ALICE, "alice");

        long again = world.store.find(ALICE.value()).orElseThrow().version();
        assertThat(again).isPositive().isNotEqualTo(first).isNotEqualTo(first + 1);
        assertThat(again).isLessThanOrEqualTo(1L << 62);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "-1, 4611686018427387904"})
    void version_ofANewRecord_isPositiveWhateverIsDrawn(byte drawn, long version) {
        TwoFactor drawing = world.node()
                .random(new SecureRandom() {
                    private static final long serialVersionUID = 1;

                    @Override
                    public void nextBytes(byte[] bytes) {
                        Arrays.fill(bytes, drawn);
                    }
                })
                .build();

        drawing.beginEnrollment(BOB, "bob");

        assertThat(world.store.find(BOB.value()).orElseThrow().version()).isEqualTo(version);
    }
}
