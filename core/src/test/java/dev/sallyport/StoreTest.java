// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.FIREFOX;
import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.EnrollmentResult.BeginAgain;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.TwoFactorEvent.Position;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** One record, one compare-and-set: what a call does when the store is slow, busy or broken. */
class StoreTest {
    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;
    private final Operator operator = twoFactor.operator("support");

    private RecordSummary summary() {
        return Optional.ofNullable(world.store.summary()).orElseThrow();
    }

    private static StoredRecord row(World world, UserId user) {
        return world.store.find(user.value()).orElseThrow();
    }

    private long version(UserId user) {
        return row(world, user).version();
    }

    @Nested
    class LostWrites {
        private final Phone phone = world.importApp();

        @Test
        void verify_writeLostToAnother_isDecidedAgain() {
            Challenge challenge = world.challenge(ALICE, Browser.none());
            world.store.forgetCounts();
            world.store.loseWrites(2);

            assertThat(twoFactor.verify(challenge, phone.codeAt(world.now()))).isInstanceOf(Verified.class);

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

            assertThat(world.verify(phone.codeAt(world.now())))
                    .isEqualTo(new LockedOut(Optional.of(START.plusSeconds(60))));
        }

        @Test
        void verify_trustEndedMeanwhile_isRefused() {
            world.store.beforeNextWrite(() -> twoFactor.endTrust(ALICE));

            assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(new VerificationResult.SignInAgain());
        }

        @Test
        void beginEnrollment_begunMeanwhile_theLaterWriteWins() {
            List<PendingEnrollment> others = new ArrayList<>();
            world.store.beforeNextWrite(() -> others.add(twoFactor.beginEnrollment(BOB, "bob")));

            PendingEnrollment later = twoFactor.beginEnrollment(BOB, "bob");

            String otherCode = Phone.scan(others.get(0)).codeAt(world.now());
            assertThat(twoFactor.confirmEnrollment(others.get(0).handle(), otherCode))
                    .isEqualTo(new BeginAgain());
            String laterCode = Phone.scan(later).codeAt(world.now());
            assertThat(twoFactor.confirmEnrollment(later.handle(), laterCode)).isInstanceOf(Enrolled.class);
        }

        @Test
        void confirmEnrollment_writeLostToAnother_givesTheCodesThatAreStored() {
            PendingEnrollment pending = twoFactor.beginEnrollment(BOB, "bob");
            String code = Phone.scan(pending).codeAt(world.now());
            world.store.loseWrites(2);

            EnrollmentResult result = twoFactor.confirmEnrollment(pending.handle(), code);

            assertThat(result).isInstanceOfSatisfying(Enrolled.class, enrolled -> {
                String last = enrolled.backupCodes().orElseThrow().asList().get(9);
                assertThat(twoFactor.verify(world.challenge(BOB, FIREFOX), last))
                        .isInstanceOf(Verified.class);
            });
        }

        @Test
        @DisplayName("A store that refuses every write gets no code accepted, and no answer")
        void verify_everyWriteLost_isAStoreExceptionAfter32Tries() {
            Challenge challenge = world.challenge(ALICE, Browser.none());
            world.store.forgetCounts();
            world.store.loseWrites(Integer.MAX_VALUE);
            String code = phone.codeAt(world.now());

            assertThatThrownBy(() -> twoFactor.verify(challenge, code)).isInstanceOf(StoreException.class);

            assertThat(world.store.finds()).isEqualTo(32);
            world.store.loseWrites(0);
            assertThat(world.verify(code)).isInstanceOf(Verified.class);
        }
    }

    @Nested
    @DisplayName("A store that fails: nothing is accepted, and limits are not silently off (Nextcloud CVE-2021-41177)")
    class Failures {
        private final Phone phone = world.importApp();
        private final Challenge challenge = world.challenge(ALICE, Browser.none());

        @Test
        void anyCall_storeException_reachesTheCallerAsItIs() {
            StoreException failure = new StoreException("connection refused");
            world.store.failOnFind(failure);

            assertThatThrownBy(() -> twoFactor.verify(challenge, "123456")).isSameAs(failure);
            assertThatThrownBy(() -> twoFactor.signInRequirement(ALICE, FIREFOX))
                    .isSameAs(failure);
            assertThatThrownBy(() -> twoFactor.isCurrent(ALICE, TrustStamp.of(null)))
                    .isSameAs(failure);
            assertThatThrownBy(() -> twoFactor.status(ALICE)).isSameAs(failure);
            assertThatThrownBy(() -> operator.resetWithoutProof(ALICE, "x")).isSameAs(failure);
        }

        @Test
        void anyCall_anotherException_isAStoreExceptionWithItAsTheCause() {
            RuntimeException failure = new IllegalStateException("pool closed");
            world.store.failOnFind(failure);

            assertThatThrownBy(() -> twoFactor.verify(challenge, "123456"))
                    .isInstanceOf(StoreException.class)
                    .hasCause(failure);
        }

        @Test
        void verify_answerOfTheWriteLost_grantsNothingAndTheCodeIsUsedUp() {
            String code = phone.codeAt(world.now());
            world.store.failAfterWrite(new StoreException("timed out"));
            assertThatThrownBy(() -> twoFactor.verify(challenge, code)).isInstanceOf(StoreException.class);
            world.store.failAfterWrite(null);

            assertThat(world.verify(code)).isEqualTo(new Rejected());
            world.clock.advance(STEP);
            assertThat(world.verify(phone.codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_wrongCodeAndItsAnswerLost_isCounted() {
            world.store.failAfterWrite(new StoreException("timed out"));
            assertThatThrownBy(() -> twoFactor.verify(challenge, phone.wrongAt(world.now())))
                    .isInstanceOf(StoreException.class);
            world.store.failAfterWrite(null);

            world.verify(phone.wrongAt(world.now()));
            assertThat(summary().failedAttempts()).isEqualTo(2);
        }

        @Test
        void anyCall_anotherUsersRecord_isAStoreException() {
            TwoFactor confused = world.node()
                    .store(new DelegatingStore(world.store) {
                        @Override
                        public Optional<StoredRecord> find(String userId) {
                            return store.find(ALICE.value());
                        }
                    })
                    .build();

            assertThatThrownBy(() -> confused.signInRequirement(BOB, FIREFOX)).isInstanceOf(StoreException.class);
            assertThatThrownBy(() -> confused.operator("support").resetWithoutProof(BOB, "x"))
                    .isInstanceOf(StoreException.class);
            assertThat(world.rows).containsOnlyKeys(ALICE.value());
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

            twoFactor.rememberBrowser(owner.proof());
            assertThat(summary())
                    .isEqualTo(new RecordSummary(RecordSummary.State.ENABLED, 0, null, 10, 1, START, world.now()));

            world.verify(owner.backupCodes().get(0));
            world.clock.advance(Duration.ofMinutes(1));
            world.fail(owner.phone(), 5);
            assertThat(summary())
                    .isEqualTo(new RecordSummary(
                            RecordSummary.State.ENABLED, 5, world.now().plusSeconds(60), 9, 0, START, world.now()));
        }

        @Test
        void summary_ofFiftyFailures_isSuspended() {
            world.fail(world.importApp(), 50);

            assertThat(summary())
                    .isEqualTo(new RecordSummary(RecordSummary.State.SUSPENDED, 50, null, 0, 0, START, world.now()));
        }

        @Test
        void summary_afterDisabling_isOff() {
            twoFactor.disable(world.enroll().proof());

            assertThat(summary())
                    .isEqualTo(new RecordSummary(RecordSummary.State.OFF, 0, null, 0, 0, null, world.now()));
        }
    }

    @Nested
    @DisplayName("Versions only rise for a user, so that no stale write fits and the witness can compare them")
    class Versions {
        private static final long PER_MILLISECOND = 1L << 20;

        @Test
        void version_ofEachWrite_isTheNextNumber() {
            Owner owner = world.enroll();
            long enrolled = version(ALICE);
            world.verify(owner.phone().wrongAt(world.now()));
            twoFactor.disable(owner.proof());
            operator.resetWithoutProof(ALICE, "x");
            twoFactor.beginEnrollment(ALICE, "alice");

            assertThat(version(ALICE)).isEqualTo(enrolled + 4);
        }

        @ParameterizedTest
        @CsvSource({"0, 0", "-1, 1048575"})
        void version_ofANewRecord_isMillisecondsAndTwentyRandomBits(byte drawn, long random) {
            TwoFactor drawing = world.node().random(always(drawn)).build();

            drawing.beginEnrollment(BOB, "bob");

            assertThat(version(BOB)).isEqualTo(START.toEpochMilli() * PER_MILLISECOND + random);
        }

        @ParameterizedTest
        @CsvSource({"0, 1", "1, 2", "-1, 0", "-1000000000, 0"})
        void version_ofANewRecordBesideAWitness_isAboveBoth(long aboveTheClock, long expected) {
            // The highest 20 bits of the bytes that are drawn.
            long ofTheClock = START.toEpochMilli() * PER_MILLISECOND + 0x10101;
            TwoFactor drawing = world.node()
                    .random(always((byte) 16))
                    .versionWitness(user -> ofTheClock + aboveTheClock)
                    .build();

            drawing.operator("support").resetWithoutProof(BOB, "the row was deleted");

            assertThat(version(BOB)).isEqualTo(ofTheClock + expected);
        }

        @Test
        void version_afterErasureAndANewBegin_isHigherThanEveryOneBefore() {
            world.fail(world.enroll().phone(), 4);
            long last = version(ALICE);
            operator.deleteAccount(ALICE);
            assertThat(world.rows).isEmpty();
            world.clock.advance(Duration.ofMillis(1));

            twoFactor.beginEnrollment(ALICE, "alice");

            assertThat(version(ALICE)).isGreaterThan(last);
        }

        @Test
        @DisplayName("A write that was prepared before an erasure does not fit the row after it")
        void replace_fromBeforeAnErasure_changesNothing() {
            Owner owner = world.enroll();
            world.store.beforeNextWrite(() -> {
                operator.deleteAccount(ALICE);
                world.clock.advance(Duration.ofMillis(1));
                twoFactor.beginEnrollment(ALICE, "alice");
            });

            assertThat(world.verify(owner.phone().codeAt(world.now()))).isEqualTo(new VerificationResult.SignInAgain());

            assertThat(twoFactor.status(ALICE).state()).isEqualTo(TwoFactorStatus.State.PENDING);
        }

        /** Draws the same byte for ever. */
        private static SecureRandom always(byte drawn) {
            return new SecureRandom() {
                private static final long serialVersionUID = 1;

                @Override
                public void nextBytes(byte[] bytes) {
                    Arrays.fill(bytes, drawn);
                }
            };
        }
    }

    @Nested
    @DisplayName("Each committed version has an event or more, numbered (version, i of n), so that a lost one is seen")
    class EventPositions {

        @ParameterizedTest
        @EnumSource
        void events_ofACall_areNumberedWithinTheVersionThatItCommitted(StoreCall call) {
            FailingApplication app = new FailingApplication();
            StoreCall.Attempt attempt = call.prepare(app);
            List<TwoFactorEvent> before = List.copyOf(app.world.events);

            attempt.call().run();

            List<Position> positions = positions(app.world.events.subList(before.size(), app.world.events.size()));
            if (call.cost() != StoreCall.Cost.READ_AND_WRITE) {
                assertThat(positions).isEmpty();
                return;
            }
            long version = row(app.world, ALICE).version();
            int of = positions.size();
            assertThat(of).isPositive();
            for (int i = 0; i < of; i++) {
                assertThat(positions.get(i)).isEqualTo(new Position(version, i + 1, of));
            }
            long[] all = positions(app.world.events).stream()
                    .mapToLong(Position::version)
                    .distinct()
                    .toArray();
            assertThat(all).isEqualTo(LongStream.rangeClosed(all[0], version).toArray());
        }

        private List<Position> positions(List<TwoFactorEvent> events) {
            return events.stream().flatMap(event -> event.position().stream()).toList();
        }

        @Test
        void write_thatOnlyCorrectsAnInstant_hasAnEventToo() {
            Owner owner = world.enroll();
            world.fail(owner.phone(), 1);
            world.clock.advance(Duration.ofHours(-1));
            long before = version(ALICE);
            world.events.clear();

            twoFactor.forgetBrowser(ALICE, BrowserId.of("0123456789abcdef"));

            assertThat(version(ALICE)).isEqualTo(before + 1);
            assertThat(world.eventTypes()).containsExactly(Type.CLOCK_CORRECTED);
            assertThat(world.lastEvent().position()).contains(new Position(before + 1, 1, 1));
        }

        @Test
        void events_ofAWriteThatWasLost_areNotPublished() {
            Phone phone = world.importApp();
            Challenge challenge = world.challenge(ALICE, Browser.none());
            world.events.clear();
            world.store.loseWrites(3);

            twoFactor.verify(challenge, phone.wrongAt(world.now()));

            assertThat(world.eventTypes()).containsExactly(Type.CODE_REJECTED);
            assertThat(world.lastEvent().position()).contains(new Position(version(ALICE), 1, 1));
        }
    }

    @Nested
    @DisplayName("A disabled or reset account is an empty record: an id, a new epoch, and no secret")
    class EmptyRecords {

        @Test
        void disable_anAccount_leavesAnEmptyRecordWithANewEpoch() {
            Owner owner = world.enroll();
            world.fail(owner.phone(), 1);

            assertEmptied(() -> twoFactor.disable(owner.proof()));
        }

        @Test
        void reset_anAccount_leavesAnEmptyRecordWithANewEpoch() {
            Owner owner = world.enroll();
            twoFactor.addAuthenticator(owner.proof(), EnrollmentRequest.of("alice"));
            operator.issueTemporaryCode(ALICE, Duration.ofHours(1), "phone in repair");

            assertEmptied(() -> operator.resetWithoutProof(ALICE, "lost everything"));
        }

        private void assertEmptied(Runnable call) {
            Account before = Unsealed.account(world.keys, world.store, ALICE);
            long version = version(ALICE);

            call.run();

            Account after = Unsealed.account(world.keys, world.store, ALICE);
            long epoch = after.header().epoch();
            Account.Header header = new Account.Header(before.header().recordId(), epoch, null, world.now());
            assertThat(after)
                    .isEqualTo(new Account(header, List.of(), BackupCodeSet.NONE, List.of(), Limits.NONE, null));
            assertThat(epoch).isNotIn(before.header().epoch(), TrustStamp.NO_EPOCH, TrustStamp.NEVER_DRAWN);
            assertThat(version(ALICE)).isEqualTo(version + 1);
        }

        @Test
        void endTrust_withoutARecord_writesAnEmptyOne() {
            TrustStamp before =
                    ((SignInRequirement.NoCodeRequired) twoFactor.signInRequirement(ALICE, FIREFOX)).stamp();

            TrustStamp after = twoFactor.endTrust(ALICE);

            assertThat(summary().state()).isEqualTo(RecordSummary.State.OFF);
            assertThat(twoFactor.isCurrent(ALICE, before)).isFalse();
            assertThat(twoFactor.isCurrent(ALICE, after)).isTrue();
        }

        @Test
        void deleteAccount_anAccount_leavesNothing() {
            world.enroll();

            operator.deleteAccount(ALICE);

            assertThat(world.rows).isEmpty();
            assertThat(world.lastEvent().type()).isEqualTo(Type.ACCOUNT_DELETED);
            assertThat(world.lastEvent().position()).isEmpty();
        }
    }
}
