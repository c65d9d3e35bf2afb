// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.abuse;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.FIREFOX;
import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;
import static dev.sallyport.abuse.Results.assertAccepted;
import static dev.sallyport.abuse.Results.assertLockedOut;
import static dev.sallyport.abuse.Results.assertRejected;
import static dev.sallyport.abuse.Results.assertSignInAgain;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.Browser;
import dev.sallyport.BrowserId;
import dev.sallyport.Challenge;
import dev.sallyport.Parallel;
import dev.sallyport.Phone;
import dev.sallyport.Rejected;
import dev.sallyport.RendezvousStore;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorEvent;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.TwoFactorStatus.Lock;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.WatchedStore;
import dev.sallyport.World;
import dev.sallyport.World.Owner;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Cases 63, 65 to 67, 73, 80, 90 and 92: somebody with the password, a stolen session or a stolen browser token tries to
 * keep the owner out. Nothing here depends on real time: the attacker moves the clock to where an attack hurts most.
 */
class KeepingOutTest {
    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;
    private final Owner owner = world.enroll();
    /** The owner comes to a node of the same application, whose reads and writes are counted apart. */
    private final WatchedStore owners = new WatchedStore(world.store);

    private final TwoFactor ownersNode = world.node().store(owners).build();

    private String ownersCode() {
        return owner.phone().codeAt(world.now());
    }

    /** Wrong codes of all kinds at the strangers' door. The clock goes on to {@code until} at most. */
    private void burn(int wrongCodes, Instant until) {
        for (int i = 0; i < wrongCodes; i++) {
            if (junk() instanceof LockedOut locked) {
                Instant end = locked.until().orElse(until);
                world.clock.set(end.isBefore(until) ? end : until);
            }
        }
    }

    /** One wrong code of each kind at the strangers' door. Returns the answer to the one-time code. */
    private VerificationResult junk() {
        assertRejected(world.verify(Results.WRONG_BACKUP_CODE));
        assertRejected(world.verify(Results.WRONG_TEMPORARY_CODE));
        return world.verify(owner.phone().wrongAt(world.now()));
    }

    @Test
    @DisplayName("[63] Found by attacking our own design: wrong codes of all kinds for ever, as fast as it goes")
    void verify_attackForAMonth_theOwnerGetsInAtOnceEachDay() {
        for (int day = 1; day <= 30; day++) {
            burn(60, START.plus(Duration.ofDays(day)));
            world.clock.set(START.plus(Duration.ofDays(day)));

            assertAccepted(world.verify(owner.browser(), ownersCode()));
            burn(10, world.now());
            if (day % 3 == 0) {
                assertAccepted(world.verify(owner.backupCodes().get(day / 3 - 1)));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 50, 500})
    @DisplayName("[65] Junk codes that are timed to the end of a wait: there is no wait that strangers and owner share")
    void verify_junkTimedToTheEndOfAWait_neverDelaysTheOwner(int aimMillis) {
        Duration aim = Duration.ofMillis(aimMillis);
        forEachVisit(aim, (end, visit, code) -> {
            for (Instant at = end.minus(aim); !at.isAfter(visit); at = at.plus(aim)) {
                assertThat(endOfTheWait()).isEqualTo(end);
                world.clock.set(at);
                VerificationResult answer = junk();
                if (at.equals(end)) {
                    // The wait is over, so this code is compared, and starts the next wait.
                    assertRejected(answer);
                    end = endOfTheWait();
                } else {
                    assertThat(answer).isEqualTo(new LockedOut(Optional.of(end)));
                }
            }
            assertThat(endOfTheWait()).isAfter(world.now());

            assertAccepted(ownersVerify(code));

            // One read for the challenge, one read and one write for the code: no try is lost to the attacker.
            assertThat(owners.finds()).isEqualTo(2);
            assertThat(owners.writes()).isEqualTo(1);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 50, 500})
    @DisplayName("[65] Junk codes that are timed to the end of a wait, and between a read and a write of the owner's")
    void verify_junkBetweenReadAndWriteAtTheEndOfAWait_costsTheOwnerOneMoreTryAndNoAttempt(int aimMillis) {
        forEachVisit(Duration.ofMillis(aimMillis), (end, visit, code) -> {
            world.clock.set(visit);
            junkBeforeEachWriteOfTheOwner();

            assertAccepted(ownersVerify(code));

            // Before the end nothing that the attacker sends is written. After it one wrong one-time code is, and the
            // owner's write comes too late once. Then strangers wait again.
            int lost = visit.isBefore(end) ? 0 : 1;
            assertThat(owners.finds()).isEqualTo(2 + lost);
            assertThat(owners.writes()).isEqualTo(1 + lost);
        });
    }

    /** The end of the strangers' wait, the instant at which the owner comes, and the code that the owner types. */
    @FunctionalInterface
    private interface Visit {
        void run(Instant endOfTheWait, Instant visit, OwnersCode code);
    }

    /** A code, and the browser in which it is typed. */
    private record OwnersCode(Browser browser, String typed) {}

    /**
     * Puts the strangers into waits of 1, 2, 4 and 8 minutes. The owner comes at the end of each, and the aim before and
     * after it, with the phone in a known browser, and with a backup code in a browser that was never seen.
     */
    private void forEachVisit(Duration aim, Visit visit) {
        List<String> unused = new ArrayList<>(owner.backupCodes());
        for (int failures = 5; failures <= 8; failures++) {
            for (int aims = -1; aims <= 1; aims++) {
                for (boolean withPhone : List.of(true, false)) {
                    // At most 9 failures a week, so that the strangers' budget always has room.
                    world.clock.advance(Duration.ofDays(7));
                    world.fail(owner.phone(), failures);
                    Instant end = endOfTheWait();
                    assertThat(Duration.between(world.now(), end)).isEqualTo(Duration.ofMinutes(1L << (failures - 5)));
                    Instant at = end.plus(aim.multipliedBy(aims));
                    OwnersCode code = withPhone
                            ? new OwnersCode(owner.browser(), owner.phone().codeAt(at))
                            : new OwnersCode(FIREFOX, unused.remove(0));
                    owners.forgetCounts();
                    visit.run(end, at, code);
                    assertThat(twoFactor.status(ALICE).strangers().lock()).isEmpty();
                    if (unused.isEmpty()) {
                        world.clock.advance(STEP.multipliedBy(2));
                        unused.addAll(newBackupCodes());
                    }
                }
            }
        }
        assertThat(unused)
                .as("the tenth code was used, and then two of the next sheet")
                .hasSize(8);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 50, 500})
    @DisplayName("[65] Six hours of junk codes that are timed to the end of each wait: the owner passes at any instant")
    void verify_sixHoursOfTimedJunk_theOwnerPassesAtAnyInstant(int aimMillis) {
        Random random = new Random(aimMillis);
        Instant theEnd = world.now().plus(Duration.ofHours(6));
        Instant visit = world.now();
        int visits = 0;
        int compared = 0;
        for (Instant junk = world.now(); junk.isBefore(theEnd); ) {
            for (; !visit.isAfter(junk); visits++) {
                world.clock.set(visit);
                // Each code once, and a backup code uses up the phone's codes of its step and of the next one.
                OwnersCode code = visits % 6 == 5
                        ? new OwnersCode(FIREFOX, owner.backupCodes().get(visits / 6))
                        : new OwnersCode(owner.browser(), ownersCode());
                assertAccepted(ownersVerify(code));
                visit = visit.plusMillis(random.nextInt(90_000, 900_000));
            }
            world.clock.set(junk);
            compared += junk() instanceof LockedOut ? 0 : 1;
            junk = nextJunk(Duration.ofMillis(aimMillis));
        }
        assertThat(visits).isGreaterThan(30);
        assertThat(compared).isGreaterThan(40);
        assertThat(owners.finds()).isEqualTo(2 * visits);
        assertThat(owners.writes()).isEqualTo(visits);
    }

    /** The aim before the end of a wait, then at its end. In a longer lock, once a minute. */
    private Instant nextJunk(Duration aim) {
        Optional<Lock> lock = twoFactor.status(ALICE).strangers().lock();
        if (lock.filter(one -> one.reason() != Lock.Reason.BACK_OFF).isPresent()) {
            return world.now().plus(Duration.ofMinutes(1));
        }
        return lock.flatMap(Lock::until)
                .map(end -> end.minus(aim))
                .filter(world.now()::isBefore)
                .orElse(world.now().plus(aim));
    }

    private List<String> newBackupCodes() {
        Verified proof = World.proof(world.verify(owner.browser(), ownersCode()));
        return twoFactor.regenerateBackupCodes(proof).codes().asList();
    }

    private Instant endOfTheWait() {
        Lock lock = twoFactor.status(ALICE).strangers().lock().orElseThrow();
        assertThat(lock.reason()).isEqualTo(Lock.Reason.BACK_OFF);
        return lock.until().orElseThrow();
    }

    private void junkBeforeEachWriteOfTheOwner() {
        owners.beforeNextWrite(() -> {
            junk();
            junkBeforeEachWriteOfTheOwner();
        });
    }

    private VerificationResult ownersVerify(OwnersCode code) {
        CodeRequired required = (CodeRequired) ownersNode.signInRequirement(ALICE, code.browser());
        return ownersNode.verify(required.challenge(), code.typed());
    }

    /** With what the owner signs in, on which days, and the locks of strangers that are met. */
    @SuppressWarnings("ImmutableEnumChecker") // nobody changes the sets
    enum Habit {
        BOTH(1, true, true, Lock.Reason.BACK_OFF, Lock.Reason.BUDGET_SPENT),
        KNOWN_BROWSER(1, true, false, Lock.Reason.BACK_OFF, Lock.Reason.BUDGET_SPENT),
        BACKUP_CODES(1, false, true, Lock.Reason.BACK_OFF, Lock.Reason.BUDGET_SPENT),
        BOTH_ONCE_A_MONTH(30, true, true, Lock.Reason.SUSPENDED, Lock.Reason.BUDGET_SPENT);

        private final int days;
        private final boolean knownBrowser;
        private final boolean backupCodes;
        private final Set<Lock.Reason> locks;

        Habit(int days, boolean knownBrowser, boolean backupCodes, Lock.Reason... locks) {
            this.days = days;
            this.knownBrowser = knownBrowser;
            this.backupCodes = backupCodes;
            this.locks = Set.of(locks);
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("[66] 6 wrong codes a day for a year: they spend a budget that is not the owner's")
    void verify_sixWrongCodesADayForAYear_theOwnersKnownBrowserAndBackupCodesAlwaysPass(Habit habit) {
        List<String> unused = new ArrayList<>(owner.backupCodes());
        Set<Lock.Reason> locks = EnumSet.noneOf(Lock.Reason.class);
        int daysOnWhichStrangersWereLocked = 0;
        for (int day = 1; day <= 365; day++) {
            for (int i = 0; i < 5; i++) {
                world.clock.advance(Duration.ofHours(4));
                junk();
            }
            world.clock.set(START.plus(Duration.ofDays(day)));
            Challenge inAStrangeBrowser = world.challenge(ALICE, FIREFOX);
            junk();
            Optional<Lock> lock = twoFactor.status(ALICE).strangers().lock();
            lock.map(Lock::reason).ifPresent(locks::add);
            daysOnWhichStrangersWereLocked += lock.isPresent() ? 1 : 0;
            if (day % habit.days == 0) {
                if (habit.knownBrowser) {
                    assertAccepted(world.verify(owner.browser(), ownersCode()));
                }
                if (habit.backupCodes) {
                    Verified proof = World.proof(twoFactor.verify(inAStrangeBrowser, unused.remove(0)));
                    if (unused.isEmpty()) {
                        unused.addAll(
                                twoFactor.regenerateBackupCodes(proof).codes().asList());
                    }
                }
            }
        }
        assertThat(daysOnWhichStrangersWereLocked).isGreaterThan(200);
        assertThat(locks).containsAll(habit.locks);
        assertThat(twoFactor.status(ALICE).known().failures()).isZero();
    }

    @Test
    @DisplayName("[67] An unlock undone by an attacker who polls: nothing of the owner's depends on it")
    void unlock_undoneAtOnce_theOwnerGetsInAllTheSame() {
        for (int round = 0; round < 3; round++) {
            world.fail(owner.phone(), 50);
            assertThat(world.verify(ownersCode())).isEqualTo(new LockedOut(Optional.empty()));
            twoFactor.operator("support").unlock(ALICE, "the user has called");
            world.fail(owner.phone(), 50);
            assertThat(world.verify(ownersCode())).isEqualTo(new LockedOut(Optional.empty()));

            assertAccepted(world.verify(owner.browser(), ownersCode()));
            world.clock.advance(STEP.multipliedBy(2));
            twoFactor.operator("support").unlock(ALICE, "the user has called again");
            world.fail(owner.phone(), 50);
            assertAccepted(world.verify(twoFactor
                    .operator("support")
                    .issueTemporaryCode(ALICE, Duration.ofHours(1), "the user has called")
                    .value()));
            assertAccepted(world.verify(owner.backupCodes().get(round)));
            twoFactor.operator("support").unlock(ALICE, "the next round");
            world.clock.advance(STEP.multipliedBy(3));
        }
    }

    @Test
    @DisplayName("[73] 1,000 backup codes at once on one account: each costs a read and hashes, and nobody waits")
    void verify_thousandBackupCodesAtOnce_costOneReadEachAndNoWrite() throws Exception {
        Owner bob = world.enroll(BOB);
        Challenge challenge = world.challenge(ALICE, Browser.none());
        Challenge bobs = world.challenge(BOB, Browser.none());
        RendezvousStore store = new RendezvousStore(world.store, 1_001);
        TwoFactor node = world.node().store(store).build();
        world.store.forgetCounts();

        List<VerificationResult> results = Parallel.inThreads(
                1_001,
                i -> i == 0
                        ? node.verify(bobs, bob.phone().codeAt(world.now()))
                        : node.verify(challenge, Results.WRONG_BACKUP_CODE));

        assertAccepted(results.get(0));
        assertThat(results.subList(1, 1_001)).containsOnly(new Rejected());
        assertThat(world.store.finds()).isEqualTo(1_001);
        assertThat(world.store.writes()).as("the use of the other user's code").isEqualTo(1);
        assertThat(twoFactor.status(ALICE).strangers()).isEqualTo(new TwoFactorStatus.Door(0, 0, Optional.empty()));
    }

    @Test
    @DisplayName("[80] 95 mails from one attack: the user is told of the first lockout and of the end, and no more")
    void events_ofAnAttackUntilTheSuspension_notifyTwice() {
        world.events.clear();
        burn(200, START.plus(Duration.ofDays(20)));

        assertThat(notifying()).containsExactly(Type.LOCKED_OUT, Type.SUSPENDED);
        assertThat(world.eventTypes().stream().filter(Type.LOCKED_OUT_AGAIN::equals))
                .hasSize(44);
    }

    @Test
    @DisplayName("[80] 95 mails from one attack: between sign-ins of the owner, each row has one, and the budget one")
    void events_ofAnAttackBetweenSignIns_notifyOncePerRowAndOnceForTheBudget() {
        world.events.clear();
        for (int i = 0; i < 20; i++) {
            world.clock.advance(Duration.ofHours(3));
            assertAccepted(world.verify(owner.browser(), ownersCode()));
            burn(20, world.now().plus(Duration.ofHours(2)));
        }

        List<Type> told = notifying();
        assertThat(told.stream().filter(Type.BUDGET_SPENT::equals)).hasSize(1);
        assertThat(told).containsOnly(Type.LOCKED_OUT, Type.BUDGET_SPENT).hasSizeLessThan(12);
    }

    private List<Type> notifying() {
        return world.events.stream()
                .map(TwoFactorEvent::type)
                .filter(Type::notifiesUser)
                .toList();
    }

    @Test
    @DisplayName(
            "[90] A thief in a signed-in session guesses at stepUp: ten failures end the session, and lock nobody else")
    void stepUp_tenWrongCodes_endTheSessionAndTouchNoBrowser() {
        TrustStamp stolen = owner.proof().stamp();
        for (int i = 0; i < 10; i++) {
            assertThat(twoFactor.isCurrent(ALICE, stolen)).isTrue();
            VerificationResult result =
                    twoFactor.stepUp(ALICE, stolen, owner.phone().wrongAt(world.now()));
            if (result instanceof LockedOut locked) {
                assertAccepted(world.verify(owner.browser(), ownersCode()));
                world.clock.set(locked.until().orElseThrow());
                result = twoFactor.stepUp(ALICE, stolen, owner.phone().wrongAt(world.now()));
            }
            assertRejected(result);
        }

        assertThat(twoFactor.isCurrent(ALICE, stolen)).isFalse();
        assertSignInAgain(twoFactor.stepUp(ALICE, stolen, ownersCode()));
        assertThat(twoFactor.status(ALICE).browsers())
                .hasSize(1)
                .allSatisfy(browser -> assertThat(browser.lockedUntil()).isEmpty());
        assertThat(twoFactor.status(ALICE).strangers().consecutiveFailures()).isZero();
        assertAccepted(world.verify(owner.browser(), ownersCode()));
    }

    @Test
    @DisplayName(
            "[90] A thief with a stolen browser token guesses: ten failures forget that browser, and lock no other")
    void verify_tenWrongCodesFromAKnownBrowser_forgetItAndTouchNoOther() {
        Verified elsewhere = World.proof(world.verify(FIREFOX, ownersCode()));
        Browser stolen = owner.browser();
        Browser other = World.browserWith(elsewhere.browserToken().orElseThrow());
        TrustStamp thiefsSession = owner.proof().stamp();
        world.fail(stolen, owner.phone(), 9);
        assertLockedOut(world.verify(stolen, ownersCode()));
        assertThat(twoFactor.isCurrent(ALICE, thiefsSession)).isTrue();
        assertAccepted(world.verify(other, ownersCode()));

        world.fail(stolen, owner.phone(), 1);

        assertThat(twoFactor.status(ALICE).browsers())
                .extracting(TwoFactorStatus.Browser::id)
                .containsExactly(elsewhere.stamp().browser().orElseThrow());
        assertThat(twoFactor.isCurrent(ALICE, thiefsSession)).isFalse();
        assertThat(twoFactor.isCurrent(ALICE, elsewhere.stamp())).isTrue();
        assertThat(twoFactor.status(ALICE).known().lock()).isEmpty();
        assertAccepted(world.verify(other, ownersCode()));
        world.clock.advance(STEP);
        assertAccepted(twoFactor.stepUp(ALICE, elsewhere.stamp(), ownersCode()));
    }

    @Test
    @DisplayName("[92] Twenty sign-ins from one browser: a browser that is known is not noted again")
    void verify_twentyTimesFromAKnownBrowser_notesItOnce() {
        for (int i = 0; i < 20; i++) {
            Verified proof = World.proof(world.verify(owner.browser(), ownersCode()));
            assertThat(proof.browserToken()).isEmpty();
            assertThat(proof.stamp().browser()).isEqualTo(owner.proof().stamp().browser());
            world.clock.advance(STEP);
        }

        assertThat(twoFactor.status(ALICE).browsers()).hasSize(1);
    }

    @Test
    @DisplayName("[92] Twenty sign-ins from one browser that drops its cookie: the one longest unused goes first")
    void verify_fromMoreBrowsersThanThereIsRoomFor_forgetsTheOneLongestUnused() {
        Phone phone = owner.phone();
        TrustStamp idle = World.proof(world.verify(FIREFOX, ownersCode())).stamp();
        for (int i = 0; i < 40; i++) {
            world.clock.advance(STEP);
            assertAccepted(world.verify(FIREFOX, phone.codeAt(world.now())));
            if (i % 10 == 0) {
                world.clock.advance(STEP);
                assertAccepted(world.verify(owner.browser(), phone.codeAt(world.now())));
            }
        }

        List<BrowserId> known = twoFactor.status(ALICE).browsers().stream()
                .map(TwoFactorStatus.Browser::id)
                .toList();
        assertThat(known)
                .hasSize(20)
                .contains(owner.proof().stamp().browser().orElseThrow())
                .doesNotContain(idle.browser().orElseThrow());
        assertThat(twoFactor.isCurrent(ALICE, idle)).isFalse();
    }

    @Test
    @DisplayName("[66] 6 wrong codes a day: a client that keeps no token needs a backup or temporary code meanwhile")
    void verify_clientWithoutATokenDuringAnAttack_passesWithABackupOrTemporaryCode() {
        burn(120, START.plus(Duration.ofDays(20)));
        assertThat(twoFactor.status(ALICE).strangers().lock().map(Lock::reason)).contains(Lock.Reason.SUSPENDED);
        assertLockedOut(world.verify(ownersCode()));

        assertAccepted(world.verify(owner.backupCodes().get(0)));
        assertAccepted(world.verify(twoFactor
                .operator("support")
                .issueTemporaryCode(ALICE, Duration.ofHours(24), "only has the command line")
                .value()));
    }
}
