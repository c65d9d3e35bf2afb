// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.CountingProvider;
import dev.sallyport.otp.CountingProvider.Cloning;
import dev.sallyport.otp.CountingProvider.Work;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * What a whole verification costs depends on the account and on the answer, never on what was typed. A rejected code
 * costs more than an accepted one, because it is searched for 4 to 20 steps away in both directions.
 */
@Isolated("puts a security provider before all others")
class EqualVerifyWorkTest {
    private static final Work NONE = new Work(0, 0, 0);
    /** A window of three and the one accepted last. */
    private static final Work ACCEPTED = new Work(1, 3, 4);
    /** Each step of the window from before the last used one is compared once more. The account decides, not the code. */
    private static final Work A_USED_STEP = new Work(0, 1, 1);
    /** And 17 steps in each direction. */
    private static final Work REJECTED = new Work(2, 6, 4 + 2 * 17);

    private final World world = new World(
            TwoFactorPolicy.builder().backupCodes(3).failuresBeforeLockout(10).build());

    /** Of HMACs those of codes only: the record's own keys are derived with another. */
    private static CountingProvider counting() {
        return CountingProvider.open(Cloning.POSSIBLE, List.of("HmacSHA1"));
    }

    private void assertAccepted(Map<String, String> typed, Work hmacs) {
        assertWork(typed, Verified.class, hmacs);
    }

    private void assertRejected(Map<String, String> typed, Work hmacs) {
        assertWork(typed, Rejected.class, hmacs);
    }

    private void assertWork(Map<String, String> typed, Class<? extends VerificationResult> result, Work hmacs) {
        Map<String, String> rows = Map.copyOf(world.rows);
        try (CountingProvider provider = counting()) {
            typed.forEach((what, code) -> {
                assertThat(world.verify(code)).as(what).isInstanceOf(result);
                assertThat(provider.takeWork()).as(what).isEqualTo(hmacs);
                // So that the next one meets the same account.
                world.rows.putAll(rows);
            });
        }
    }

    private Map<String, String> right(Phone phone) {
        return Map.of(
                "of now",
                phone.codeAt(world.now()),
                "of the last step of the window",
                phone.codeAt(world.now().plus(STEP)));
    }

    private Map<String, String> rejected(Phone phone) {
        Map<String, String> typed = new LinkedHashMap<>();
        typed.put("wrong", phone.wrongAt(world.now()));
        typed.put("accepted last", phone.codeAt(world.now().minus(STEP)));
        typed.put("from before the window", phone.codeAt(world.now().minus(STEP.multipliedBy(2))));
        typed.put("of 4 steps ago", phone.codeAt(world.now().minus(STEP.multipliedBy(4))));
        typed.put("of 20 steps ago", phone.codeAt(world.now().minus(STEP.multipliedBy(20))));
        typed.put("of 20 steps from now", phone.codeAt(world.now().plus(STEP.multipliedBy(20))));
        typed.put("all digits that there may be", "123456");
        return typed;
    }

    @Test
    void verify_anyOneTimeCode_worksTheSame() {
        Owner owner = world.enroll();

        assertAccepted(right(owner.phone()), ACCEPTED);
        assertRejected(rejected(owner.phone()), REJECTED);
    }

    @Test
    void verify_lastStepOfTheWindowAfterTheOneBeforeIt_comparesTheUsedOne() {
        Owner owner = world.enroll();
        world.prove(owner.phone());
        Map<String, String> last =
                Map.of("of the last step", owner.phone().codeAt(world.now().plus(STEP)));

        assertAccepted(last, sum(ACCEPTED, A_USED_STEP));
    }

    @Test
    void verify_olderReplay_worksLikeAnyRejectedCode() {
        Owner owner = world.enroll();
        world.prove(owner.phone());
        Map<String, String> typed = Map.of(
                "from before the one accepted last",
                owner.phone().codeAt(world.now().minus(STEP)),
                "accepted last",
                owner.phone().codeAt(world.now()),
                "wrong",
                owner.phone().wrongAt(world.now()));

        assertRejected(typed, REJECTED);
    }

    @Test
    void verify_anyOneTimeCodeOfEitherOfTwoAuthenticators_worksTheSame() {
        Owner owner = world.enroll();
        Owner another = world.enrollAnother(owner.proof());

        assertAccepted(right(another.phone()), twice(ACCEPTED));
        assertAccepted(right(owner.phone()), twice(ACCEPTED));
        assertRejected(rejected(another.phone()), twice(REJECTED));
    }

    @Test
    void verify_clockBehindAllCodes_worksTheSame() {
        Owner owner = world.enroll();
        world.clock.advance(STEP.multipliedBy(-3));
        Map<String, String> typed = Map.of(
                "of now", owner.phone().codeAt(world.now()),
                "wrong", owner.phone().wrongAt(world.now()));

        assertRejected(typed, REJECTED);
    }

    /** A look-ahead of two, the expected one, and the one accepted last. A token has no clock that could be wrong. */
    @Test
    void verify_anyCodeOfAToken_worksTheSame() {
        Phone token = world.importToken();
        world.verify(token.press());

        assertAccepted(Map.of("the next", token.code(1), "the last of the look-ahead", token.code(3)), ACCEPTED);
        assertRejected(
                Map.of("beyond the look-ahead", token.code(4), "accepted last", token.code(0), "wrong", token.wrong()),
                ACCEPTED);
    }

    @Test
    void verify_anyBackupCode_computesNoHmac() {
        Owner owner = world.enroll();
        world.verify(owner.backupCodes().get(0));

        assertAccepted(
                Map.of(
                        "one", owner.backupCodes().get(1),
                        "the last", owner.backupCodes().get(2)),
                NONE);
        assertRejected(Map.of("spent", owner.backupCodes().get(0), "wrong", "0000-0000-0000-0000-0000-0000"), NONE);
    }

    @Test
    void verify_whatIsNotCompared_computesNoHmac() {
        Owner owner = world.enroll();
        Map<String, String> noCodes = Map.of("too short", "12345", "too long", "123456789", "letters", "12345x");

        assertWork(noCodes, Malformed.class, NONE);
        assertRejected(Map.of("another length", owner.phone().codeAt(world.now()) + "0"), NONE);
        assertThat(world.twoFactor.status(World.ALICE).strangers().consecutiveFailures())
                .isZero();
        world.fail(owner.phone(), 10);
        assertWork(Map.of("locked out", owner.phone().codeAt(world.now())), LockedOut.class, NONE);
    }

    private static Work twice(Work once) {
        return sum(once, once);
    }

    private static Work sum(Work one, Work other) {
        return new Work(
                one.lookups() + other.lookups(), one.keyings() + other.keyings(), one.digests() + other.digests());
    }
}
