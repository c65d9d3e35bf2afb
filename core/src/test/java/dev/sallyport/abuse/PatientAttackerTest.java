// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.abuse;

import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;
import static dev.sallyport.abuse.Results.assertAccepted;
import static dev.sallyport.abuse.Results.assertRejected;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.Browser;
import dev.sallyport.Phone;
import dev.sallyport.Rejected;
import dev.sallyport.TwoFactorPolicy;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World;
import dev.sallyport.World.Owner;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Cases 26 and 64: somebody who knows the password guesses for a year. In each hour the attacker guesses as often as the
 * pattern says, and comes back at the very instant at which a lockout ends.
 */
class PatientAttackerTest {
    private static final int HOURS = 365 * 24;

    private final World world = new World();
    private final List<Instant> answered = new ArrayList<>();

    static Stream<Arguments> patterns() {
        Random random = new Random(7);
        return Stream.of(
                pattern("as fast as it goes", hour -> 1000, 24),
                pattern("one guess each 7 hours", hour -> hour % 7 == 0 ? 1 : 0, 24),
                pattern("at random", hour -> random.nextInt(20) == 0 ? random.nextInt(6) : 0, 24),
                pattern("four guesses after each success", hour -> hour % 2 == 0 ? 4 : 0, 2),
                pattern("all around the end of each 30 days", hour -> hour / 24 % 31 >= 29 ? 4 : 0, 1));
    }

    /** How many guesses in which hour, and how many hours from one sign-in of the owner to the next. */
    private static Arguments pattern(String name, IntUnaryOperator guesses, int ownerEvery) {
        return Arguments.of(name, guesses, ownerEvery);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("patterns")
    @DisplayName(
            "[26] django-otp #75, and every limit that is a rate only: patience does not win, in a year of guessing")
    void verify_forAYearWithAnOwnerWhoRecovers_staysWithinThePublishedBound(
            String name, IntUnaryOperator guesses, int ownerEvery) {
        Owner owner = world.enroll();
        List<String> backupCodes = new ArrayList<>(owner.backupCodes());
        attack(owner.phone(), Browser.none(), guesses, ownerEvery, () -> recover(backupCodes));

        assertThat(answered).as(name).hasSizeBetween(500, 50 * (365 / 30 + 1));
        double oneIn = Math.scalb(1.0, 31) / 2148; // 2148 of 2^31 truncated HMACs have the likeliest code
        assertThat(answered.size() * 3 / oneIn)
                .as("the probability that one of them was right, with three codes live at a time")
                .isLessThan(TwoFactorPolicy.defaults().guessProbability(Duration.ofDays(365), 1))
                .isLessThan(0.02);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("patterns")
    @DisplayName("[64] Found by attacking our own design: strangers have at most 50 failures in any 31 calendar days")
    void verify_forAYear_neverAnswersMoreThan50GuessesInAny31CalendarDays(
            String name, IntUnaryOperator guesses, int ownerEvery) {
        Owner owner = world.enroll();
        attack(owner.phone(), owner.browser(), guesses, ownerEvery, () -> {
            throw new AssertionError("the owner's known browser was locked out");
        });

        assertThat(mostIn31CalendarDays()).as(name).isEqualTo(50);
    }

    @Test
    @DisplayName("[64] Found by attacking our own design: no 100 around a window's edge, and no bucket that leaks")
    void budget_ofStrangersSpentOnOneEvening_hasRoomOnlyAfter30Days() {
        Owner owner = world.enroll();

        assertHasRoomOnlyAfter30Days(50, Browser.none(), owner.phone());
        assertAccepted(world.verify(owner.browser(), owner.phone().codeAt(world.now())));
    }

    @Test
    @DisplayName("[64] Found by attacking our own design: the same for the 150 failures of the known door")
    void budget_ofKnownBrowsersSpentOnOneEvening_hasRoomOnlyAfter30Days() {
        Owner owner = world.enroll();

        assertHasRoomOnlyAfter30Days(150, owner.browser(), owner.phone());
        assertAccepted(world.verify(owner.phone().codeAt(world.now())));
    }

    private void assertHasRoomOnlyAfter30Days(int budget, Browser browser, Phone phone) {
        world.clock.set(Instant.parse("2026-03-31T22:00:00Z"));
        for (int i = 0; i < budget; i++) {
            if (i % 4 == 0) {
                world.clock.advance(STEP);
                assertAccepted(world.verify(browser, phone.codeAt(world.now())));
            }
            assertRejected(world.verify(browser, phone.wrongAt(world.now())));
        }
        Instant spent = world.now();

        for (int day = 1; day <= 30; day++) {
            world.clock.set(spent.plus(Duration.ofDays(day)));
            assertThat(world.verify(browser, phone.wrongAt(world.now())))
                    .as("on day %s", day)
                    .isEqualTo(new LockedOut(Optional.of(Instant.parse("2026-05-01T00:00:00Z"))));
        }
        world.clock.set(Instant.parse("2026-05-01T00:00:00Z"));
        assertRejected(world.verify(browser, phone.wrongAt(world.now())));
    }

    private void attack(Phone phone, Browser owners, IntUnaryOperator guesses, int ownerEvery, Runnable ifLockedOut) {
        for (int hour = 0; hour < HOURS; hour++) {
            world.clock.set(START.plus(Duration.ofHours(hour + 1)));
            if (hour % ownerEvery == 0 && !(world.verify(owners, phone.codeAt(world.now())) instanceof Verified)) {
                ifLockedOut.run();
            }
            guess(guesses.applyAsInt(hour), START.plus(Duration.ofHours(hour + 2)));
        }
    }

    /** Always the same: one guess is as good as another. */
    private void guess(int times, Instant until) {
        for (int i = 0; i < times; i++) {
            VerificationResult result = world.verify("000000");
            if (result instanceof Rejected) {
                answered.add(world.now());
            } else if (result instanceof LockedOut locked
                    && locked.until().orElse(until).isBefore(until)) {
                world.clock.set(locked.until().orElseThrow());
            } else {
                return;
            }
        }
    }

    /** With a backup code, once a week at most: that ends back-off and cap, and the attacker can go on. */
    private void recover(List<String> backupCodes) {
        if (Duration.between(START, world.now()).toHours() % (7 * 24) != 1) {
            return;
        }
        Verified proof = World.proof(world.verify(backupCodes.remove(0)));
        if (backupCodes.isEmpty()) {
            backupCodes.addAll(
                    world.twoFactor.regenerateBackupCodes(proof).codes().asList());
        }
    }

    private int mostIn31CalendarDays() {
        int most = 0;
        int first = 0;
        for (int last = 0; last < answered.size(); last++) {
            while (dayOf(answered.get(last)) - dayOf(answered.get(first)) >= 31) {
                first++;
            }
            most = Math.max(most, last - first + 1);
        }
        return most;
    }

    private static long dayOf(Instant instant) {
        return Math.floorDiv(instant.getEpochSecond(), 86_400);
    }
}
