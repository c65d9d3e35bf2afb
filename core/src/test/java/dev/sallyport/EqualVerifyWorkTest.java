// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.VerificationResult.Rejected;
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

/** What a whole verification costs depends on the account, never on what was typed. */
@Isolated("puts a security provider before all others")
class EqualVerifyWorkTest {
    private final World world = new World(TwoFactorPolicy.builder()
            .backupCodes(3)
            .failuresBeforeBackupWait(20)
            .failuresBeforeLockout(10)
            .build());

    /** Of HMACs those of codes only: the record's own keys are derived with another. */
    private static CountingProvider counting() {
        return CountingProvider.open(Cloning.POSSIBLE, List.of("HmacSHA1"));
    }

    private void assertWork(Map<String, String> typed, Work hmacs, int derivations) {
        Map<String, String> rows = Map.copyOf(world.rows);
        try (CountingProvider provider = counting()) {
            typed.forEach((what, code) -> {
                // Each meets the same account.
                world.rows.putAll(rows);

                VerificationResult result = world.verify(code);

                assertThat(result).as(what).isInstanceOf(what.startsWith("right") ? Verified.class : Rejected.class);
                assertThat(provider.takeWork()).as(what).isEqualTo(hmacs);
                assertThat(provider.takeDerivations()).as(what).isEqualTo(derivations);
            });
        }
    }

    private Map<String, String> oneTimeCodes(Phone phone) {
        Map<String, String> typed = new LinkedHashMap<>();
        typed.put("right, of now", phone.codeAt(world.now()));
        typed.put(
                "right, of the last step of the window",
                phone.codeAt(world.now().plus(STEP)));
        typed.put("wrong", phone.wrongAt(world.now()));
        typed.put("accepted last", phone.codeAt(world.now().minus(STEP)));
        typed.put("from before the window", phone.codeAt(world.now().minus(STEP.multipliedBy(2))));
        typed.put("another length", phone.codeAt(world.now()) + "0");
        typed.put("all digits that there may be", "12345678");
        return typed;
    }

    /** A window of three and the one accepted last, with a key each time; and a key without a secret to find the provider. */
    @Test
    void verify_anyOneTimeCode_worksTheSame() {
        Owner owner = world.enroll();

        assertWork(oneTimeCodes(owner.phone()), new Work(1, 3, 4), 0);
    }

    @Test
    void verify_anyOneTimeCodeOfEitherOfTwoAuthenticators_worksTheSame() {
        Owner owner = world.enroll();
        Owner another = world.enrollAnother(owner.proof());

        assertWork(oneTimeCodes(another.phone()), new Work(2, 6, 8), 0);
        world.clock.advance(STEP);
        Map<String, String> right = Map.of("right", owner.phone().codeAt(world.now()));
        assertWork(right, new Work(2, 6, 8), 0);
    }

    @Test
    void verify_clockBehindAllCodes_worksTheSame() {
        Owner owner = world.enroll();
        world.clock.advance(STEP.multipliedBy(-3));
        Map<String, String> typed = Map.of(
                "of now", owner.phone().codeAt(world.now()),
                "wrong", owner.phone().wrongAt(world.now()));

        assertWork(typed, new Work(1, 3, 4), 0);
    }

    /** A look-ahead of five, the expected one, and the one accepted last. */
    @Test
    void verify_anyCodeOfAToken_worksTheSame() {
        Phone token = world.importToken();
        world.verify(token.press());
        Map<String, String> typed = Map.of(
                "right, the next", token.code(1),
                "right, the last of the look-ahead", token.code(6),
                "beyond the look-ahead", token.code(7),
                "accepted last", token.code(0),
                "wrong", token.wrong());

        assertWork(typed, new Work(1, 3, 7), 0);
    }

    @Test
    void verify_anyBackupCode_isDerivedOnce() {
        Owner owner = world.enroll();
        world.verify(owner.backupCodes().get(0));
        Map<String, String> typed = Map.of(
                "right, one", owner.backupCodes().get(1),
                "right, the last", owner.backupCodes().get(2),
                "spent", owner.backupCodes().get(0),
                "wrong", "0000-0000-0000-0000");

        assertWork(typed, new Work(0, 0, 0), 1);
    }

    @Test
    void verify_noCodeAtAll_costsNothing() {
        world.enroll();
        Map<String, String> typed = Map.of("too short", "12345", "too long", "123456789", "letters", "12345x");

        assertWork(typed, new Work(0, 0, 0), 0);
        assertThat(world.twoFactor.status(ALICE).lock()).isEmpty();
    }
}
