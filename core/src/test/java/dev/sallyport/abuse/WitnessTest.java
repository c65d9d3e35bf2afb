// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.abuse;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.FIREFOX;
import static dev.sallyport.World.STEP;
import static dev.sallyport.abuse.Results.assertAccepted;
import static dev.sallyport.abuse.Results.assertRejected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sallyport.Challenge;
import dev.sallyport.KeyRing;
import dev.sallyport.MissingRecordException;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.Phone;
import dev.sallyport.RecordCheck;
import dev.sallyport.Reencryption;
import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorEvent;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.UnreadableRecordException;
import dev.sallyport.World;
import dev.sallyport.World.Owner;
import dev.sallyport.storage.MapTwoFactorStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases 57, 72, 75 and 93: rows that were deleted, spoiled or put back, and an application that keeps a witness. */
class WitnessTest {
    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;
    private final TwoFactor witnessed =
            world.node().versionWitness(user -> highestVersion(world.events)).build();

    /** What the application keeps in a table of its own: one number, which is only ever raised. */
    private static long highestVersion(List<TwoFactorEvent> events) {
        return events.stream()
                .filter(event -> event.user().equals(ALICE))
                .flatMap(event -> event.position().stream())
                .mapToLong(TwoFactorEvent.Position::version)
                .max()
                .orElse(0);
    }

    static Stream<EveryCall> callsOfTheApplication() {
        return Stream.of(EveryCall.values()).filter(call -> !call.isByAnOperator());
    }

    @ParameterizedTest
    @MethodSource("callsOfTheApplication")
    @DisplayName("[57] Found by attacking our own design: the row is deleted or evicted, and the application knows it")
    void anyCall_rowGone_throws(EveryCall call) {
        EveryCall.Given given = EveryCall.Given.from(world, world.importApp());
        world.rows.clear();

        assertThatExceptionOfType(MissingRecordException.class).isThrownBy(() -> call.on(witnessed, given));
        assertThat(witnessed.isCurrent(ALICE, given.proof().stamp())).isFalse();
        assertThat(world.rows).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("callsOfTheApplication")
    @DisplayName("[57] Found by attacking our own design: an old backup, from before the enrollment was confirmed")
    void anyCall_rowOfAnOldBackup_throws(EveryCall call) {
        PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, "alice");
        Phone phone = Phone.scan(pending);
        Map<String, String> backup = Map.copyOf(world.rows);
        twoFactor.confirmEnrollment(pending.handle(), phone.codeAt(world.now()));
        world.clock.advance(STEP);
        EveryCall.Given given = EveryCall.Given.from(world, phone);
        world.rows.putAll(backup);

        assertThatExceptionOfType(MissingRecordException.class).isThrownBy(() -> call.on(witnessed, given));
        assertThat(witnessed.isCurrent(ALICE, given.proof().stamp())).isFalse();
        assertThat(world.rows).isEqualTo(backup);
    }

    @Test
    @DisplayName("[57] Found by attacking our own design: an operator ends it, by a reset or by accepting the backup")
    void operator_rowGoneOrPutBack_endsIt() {
        Owner owner = world.enroll();
        Map<String, String> backup = Map.copyOf(world.rows);
        for (int i = 0; i < 3; i++) {
            assertAccepted(world.verify(owner.phone().codeAt(world.now())));
            world.clock.advance(STEP);
        }
        world.rows.putAll(backup);

        witnessed.operator("support").acceptRestoredRecord(ALICE, "restored from last night");

        assertThat(witnessed.isCurrent(ALICE, owner.proof().stamp())).isFalse();
        world.clock.advance(STEP.multipliedBy(2));
        assertAccepted(
                witnessed.verify(world.challenge(ALICE, FIREFOX), owner.phone().codeAt(world.now())));
        world.rows.clear();
        witnessed.operator("support").resetWithoutProof(ALICE, "nothing to restore");
        assertThat(witnessed.status(ALICE).state()).isEqualTo(TwoFactorStatus.State.OFF);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "AAAA", "no record", "%%%"})
    @DisplayName("[72] A spoiled row: nobody gets in, it is listed, the walk goes on, and the reset ends it")
    void spoiledRow_isListedPassedByAndReset(String value) {
        String oldKey = "A".repeat(43) + "=";
        KeyRing old = KeyRing.fromBase64("old", oldKey);
        KeyRing rotated = KeyRing.fromBase64("new", "E".repeat(43) + "=").withPreviousBase64("old", oldKey);
        world.node().encryptionKeys(old).build().beginEnrollment(BOB, "bob");
        world.rows.put(ALICE.value(), value);
        MapTwoFactorStore store = new MapTwoFactorStore(world.rows);

        assertThatExceptionOfType(UnreadableRecordException.class)
                .isThrownBy(() -> twoFactor.signInRequirement(ALICE, FIREFOX));
        assertThat(RecordCheck.of(store, old).sample(100).unreadable()).containsExactly(ALICE.value());
        Reencryption.Page page = Reencryption.of(store, rotated).renew(null, 100);
        assertThat(page.seen()).isEqualTo(2);
        assertThat(page.renewed()).as("the user behind the spoiled row").isEqualTo(1);
        assertThat(page.unreadable()).containsExactly(ALICE.value());

        TwoFactor node = world.node().encryptionKeys(rotated).build();
        node.operator("support").resetWithoutProof(ALICE, "the row is spoiled");

        assertThat(node.status(ALICE).state()).isEqualTo(TwoFactorStatus.State.OFF);
        assertThat(RecordCheck.of(store, rotated).sample(100).unreadable()).isEmpty();
        node.beginEnrollment(ALICE, "alice");
    }

    @Test
    @DisplayName("[72] A spoiled row: also one of version 0, one that is cut off, and one under a lost key")
    void spoiledRow_cutOffAnywhereOrOfVersionZero_canBeReset() {
        world.enroll();
        byte[] row = Base64.getDecoder().decode(world.rows.get(ALICE.value()));
        List<byte[]> spoiled = new ArrayList<>();
        for (int length = 0; length < row.length; length += 7) {
            spoiled.add(Arrays.copyOf(row, length));
        }
        for (int at = 0; at + 8 <= row.length; at++) {
            byte[] zeros = row.clone();
            Arrays.fill(zeros, at, at + 8, (byte) 0);
            spoiled.add(zeros);
        }
        for (byte[] bytes : spoiled) {
            world.rows.put(ALICE.value(), Base64.getEncoder().encodeToString(bytes));
            assertThat(twoFactor.isCurrent(ALICE, TrustStamp.of(null))).isFalse();

            twoFactor.operator("support").resetWithoutProof(ALICE, "the row is spoiled");

            assertThat(twoFactor.status(ALICE).state()).isEqualTo(TwoFactorStatus.State.OFF);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    @DisplayName("[75] Events that come late, twice, in any order or never: the owner gets in")
    void witness_ofEventsInAnyOrder_neverKeepsTheOwnerOut(long seed) {
        Random random = new Random(seed);
        long[] number = {0};
        TwoFactor node = world.node().versionWitness(user -> number[0]).build();
        List<TwoFactorEvent> late = new ArrayList<>();
        for (int life = 0; life < 4; life++) {
            world.events.clear();
            Owner owner = world.enroll();
            assertAccepted(world.verify(owner.phone().codeAt(world.now())));
            // Events of this record and of those before it: some are lost, some come twice, none in order.
            late.addAll(world.events);
            late.addAll(world.events);
            Collections.shuffle(late, random);
            for (TwoFactorEvent event : late.subList(0, late.size() * 2 / 3)) {
                number[0] = Math.max(number[0], highestVersion(List.of(event)));
                assertThat(node.status(ALICE).state()).isEqualTo(TwoFactorStatus.State.ENABLED);
            }
            world.clock.advance(STEP);
            assertAccepted(
                    node.verify(world.challenge(ALICE, FIREFOX), owner.phone().codeAt(world.now())));
            if (life % 2 == 0) {
                twoFactor.operator("support").resetWithoutProof(ALICE, "a new life");
            } else {
                twoFactor.operator("support").deleteAccount(ALICE);
            }
            world.clock.advance(STEP);
        }
    }

    @Test
    @DisplayName("[93] A row put back to an older state after each guess: with the witness each such row is refused")
    void verify_rowPutBackAfterEachGuess_isRefusedEachTime() {
        Owner owner = world.enroll();
        Map<String, String> backup = Map.copyOf(world.rows);
        Challenge challenge = world.challenge(ALICE, FIREFOX);
        assertRejected(witnessed.verify(challenge, owner.phone().wrongAt(world.now())));

        for (int guess = 0; guess < 100; guess++) {
            world.rows.putAll(backup);

            assertThatExceptionOfType(MissingRecordException.class)
                    .isThrownBy(() -> witnessed.verify(challenge, owner.phone().codeAt(world.now())));
            assertThat(world.rows).isEqualTo(backup);
        }
    }

    @Test
    @DisplayName("[93] A row put back to an older state: a used backup code does not become good again")
    void verify_backupCodeUsedBeforeTheRowWasPutBack_isRefused() {
        Owner owner = world.enroll();
        Map<String, String> backup = Map.copyOf(world.rows);
        String code = owner.backupCodes().get(0);
        assertAccepted(witnessed.verify(world.challenge(ALICE, FIREFOX), code));
        world.rows.putAll(backup);

        assertThatExceptionOfType(MissingRecordException.class)
                .isThrownBy(() -> witnessed.signInRequirement(ALICE, FIREFOX));
        assertThatExceptionOfType(MissingRecordException.class)
                .isThrownBy(() -> witnessed.verify(world.challenge(ALICE, FIREFOX), code));
    }
}
