// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.abuse;

import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;
import static dev.sallyport.abuse.Answers.isRejected;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.Phone;
import dev.sallyport.TwoFactorPolicy;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World;
import dev.sallyport.World.Owner;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Cases 26 and 64: somebody who knows the password, for a year. Each hour they guess as often as their pattern says,
 * and come back at the very instant at which a lockout ends.
 */
class PatientAttackerTest {
    private static final int HOURS = 365 * 24;
    private static final Duration THIRTY_DAYS = Duration.ofDays(30);

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
        attack(owner.phone(), guesses, ownerEvery, () -> recover(backupCodes));

        assertThat(answered).as(name).hasSizeBetween(500, 200 * (365 / 30 + 1));
        double oneIn = Math.scalb(1.0, 31) / 2148; // 2148 of 2^31 truncated HMACs have the likeliest code
        assertThat(answered.size() * 3 / oneIn)
                .as("the probability that one of them was right, with three codes live at a time")
                .isLessThan(TwoFactorPolicy.defaults().guessProbability(Duration.ofDays(365), 1))
                .isLessThan(0.02);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("patterns")
    @DisplayName("[64] Found by attacking our own design: never more than 100 failures in any 30 days")
    void verify_forAYear_neverAnswersMoreThan100GuessesInAny30Days(
            String name, IntUnaryOperator guesses, int ownerEvery) {
        attack(world.importApp(), guesses, ownerEvery, () -> {});

        assertThat(mostIn30Days()).as(name).isBetween(90, 100);
    }

    @Test
    @DisplayName("[64] Found by attacking our own design: no 200 around a window's edge, and no bucket that leaks")
    void budget_spentOnOneEvening_hasRoomOnlyAfter30Days() {
        Phone phone = world.importApp();
        world.clock.set(Instant.parse("2026-03-31T23:00:00Z"));
        for (int i = 0; i < 100; i++) {
            if (i % 4 == 0) {
                world.clock.advance(STEP);
                world.prove(phone);
            }
            isRejected(world.verify(phone.wrongAt(world.now())));
        }
        Instant spent = world.now();

        for (int day = 1; day <= 30; day++) {
            world.clock.set(spent.plus(Duration.ofDays(day)));
            assertThat(world.verify(phone.wrongAt(world.now())))
                    .as("on day %s", day)
                    .isEqualTo(new LockedOut(Instant.parse("2026-05-01T00:00:00Z")));
        }
        world.clock.set(Instant.parse("2026-05-01T00:00:00Z"));
        isRejected(world.verify(phone.wrongAt(world.now())));
    }

    private void attack(Phone phone, IntUnaryOperator guesses, int ownerEvery, Runnable ifLockedOut) {
        for (int hour = 0; hour < HOURS; hour++) {
            world.clock.set(START.plus(Duration.ofHours(hour)));
            if (hour % ownerEvery == 0 && !(world.verify(phone.codeAt(world.now())) instanceof Verified)) {
                ifLockedOut.run();
            }
            guess(guesses.applyAsInt(hour), START.plus(Duration.ofHours(hour + 1)));
        }
    }

    /** Always the same: one guess is as good as another. */
    private void guess(int times, Instant until) {
        for (int i = 0; i < times; i++) {
            VerificationResult result = world.verify("000000");
            if (result instanceof Rejected) {
                answered.add(world.now());
            } else if (result instanceof LockedOut locked && locked.until().isBefore(until)) {
                world.clock.set(locked.until());
            } else {
                return;
            }
        }
    }

    /** With a backup code, once a week at most: that may empty the budget, and the attacker gets another. */
    private void recover(List<String> backupCodes) {
        if (Duration.between(START, world.now()).toHours() % (7 * 24) != 0) {
            return;
        }
        Verified proof = World.proof(world.verify(backupCodes.remove(0)));
        if (backupCodes.isEmpty()) {
            backupCodes.addAll(world.twoFactor.regenerateBackupCodes(proof).asList());
        }
    }

    private int mostIn30Days() {
        int most = 0;
        int first = 0;
        for (int last = 0; last < answered.size(); last++) {
            while (Duration.between(answered.get(first), answered.get(last)).compareTo(THIRTY_DAYS) > 0) {
                first++;
            }
            most = Math.max(most, last - first + 1);
        }
        return most;
    }
}
