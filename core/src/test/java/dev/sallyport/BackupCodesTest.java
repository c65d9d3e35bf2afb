// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.NotEnrolled;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Suspended;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackupCodesTest {
    private static final String WRONG = "0000-0000-0000-0000";
    private static final Duration WAIT = Duration.ofSeconds(5);

    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;
    private final Owner owner = world.enroll();
    private final List<String> codes = owner.backupCodes();

    private VerificationResult verify(String typed) {
        return world.verify(typed);
    }

    private int codesLeft() {
        return twoFactor.status(ALICE).backupCodesLeft();
    }

    @Nested
    class Codes {

        @Test
        void backupCodes_ofASet_areTenOfSixteenCrockfordSymbols() {
            assertThat(codes)
                    .hasSize(10)
                    .doesNotHaveDuplicates()
                    .allMatch(code -> code.matches("([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}"));
        }

        @Test
        @DisplayName("80 random bits each: every bit of them is 0 and 1 somewhere in a hundred codes")
        void backupCodes_ofTenSets_varyInEachOf80Bits() {
            BigInteger ones = BigInteger.ZERO;
            BigInteger zeros = BigInteger.ZERO;
            Set<String> all = new HashSet<>();
            for (int i = 0; i < 10; i++) {
                for (String code : twoFactor.regenerateBackupCodes(owner.proof())) {
                    BigInteger bits = decode(code);
                    ones = ones.or(bits);
                    zeros = zeros.or(bits.xor(mask()));
                    all.add(code);
                }
            }

            assertThat(all).hasSize(100);
            assertThat(ones).isEqualTo(mask());
            assertThat(zeros).isEqualTo(mask());
        }

        private BigInteger decode(String code) {
            return code.chars()
                    .filter(c -> c != '-')
                    .mapToObj(c -> BigInteger.valueOf("0123456789ABCDEFGHJKMNPQRSTVWXYZ".indexOf(c)))
                    .reduce(BigInteger.ZERO, (bits, five) -> bits.shiftLeft(5).or(five));
        }

        private BigInteger mask() {
            return BigInteger.ONE.shiftLeft(80).subtract(BigInteger.ONE);
        }

        @Test
        void toText_aHeading_isTheSheetToPrint() {
            BackupCodes fresh = twoFactor.regenerateBackupCodes(owner.proof());
            List<String> c = fresh.asList();

            assertThat(fresh.toText("Acme backup codes for alice"))
                    .isEqualTo("Acme backup codes for alice\n2026-03-02\n\n" + " 1. " + c.get(0) + "\n 2. " + c.get(1)
                            + "\n 3. " + c.get(2) + "\n 4. " + c.get(3) + "\n 5. " + c.get(4) + "\n 6. " + c.get(5)
                            + "\n 7. " + c.get(6) + "\n 8. " + c.get(7) + "\n 9. " + c.get(8) + "\n10. " + c.get(9)
                            + "\n");
        }

        @Test
        void toText_lateInTheEveningOfTheWest_hasTheDateInUtc() {
            world.clock.set(Instant.parse("2026-03-03T00:00:00Z"));
            Verified proof = world.prove(owner.phone());

            assertThat(twoFactor.regenerateBackupCodes(proof).toText("x")).startsWith("x\n2026-03-03\n\n");
        }

        @Test
        void iterator_overASet_isTheList() {
            BackupCodes fresh = twoFactor.regenerateBackupCodes(owner.proof());

            assertThat(fresh).containsExactlyElementsOf(fresh.asList());
        }
    }

    @Nested
    class Verify {

        @Test
        void verify_backupCode_isAProofByBackupCode() {
            Verified proof = World.proof(verify(codes.get(4)));

            assertThat(proof.user()).isEqualTo(ALICE);
            assertThat(proof.at()).isEqualTo(world.now());
            assertThat(proof.method()).isEqualTo(VerificationMethod.BACKUP_CODE);
            assertThat(proof.authenticator()).isEmpty();
            assertThat(proof.backupCodesLeft()).isEqualTo(9);
            assertThat(codesLeft()).isEqualTo(9);
        }

        @Test
        void verify_allTen_areAcceptedInAnyOrder() {
            for (int i = 9; i >= 0; i--) {
                assertThat(World.proof(verify(codes.get(i))).backupCodesLeft()).isEqualTo(i);
            }
            assertThat(codesLeft()).isZero();
        }

        @Test
        void verify_firstCodeOfTheSheetAgain_isKnownAsAReplay() {
            World.proof(verify(codes.get(0)));

            assertThat(verify(codes.get(0))).isEqualTo(new Rejected());
            assertThat(world.lastEvent().rejection()).contains(Rejection.REPLAYED);
        }

        /** Of as many new sets as it takes. */
        private String codeWith(String... symbols) {
            return Stream.generate(() -> twoFactor.regenerateBackupCodes(owner.proof()))
                    .flatMap(set -> set.asList().stream())
                    .filter(code -> Stream.of(symbols).allMatch(code::contains))
                    .findFirst()
                    .orElseThrow();
        }

        static Stream<UnaryOperator<String>> waysToType() {
            return Stream.of(
                    code -> code.replace("-", ""),
                    code -> code.replace("-", " "),
                    BackupCodesTest::lower,
                    code -> lower(code).replace("-", ""),
                    code -> "  " + code + " ",
                    code -> code.replace("0", "O").replace("1", "I"),
                    code -> code.replace("0", "o").replace("1", "l"),
                    code -> code.replace("1", "L"),
                    code -> lower(code).replace("1", "i"));
        }

        @ParameterizedTest
        @MethodSource("waysToType")
        void verify_typedInAnotherWay_isTheSameCode(UnaryOperator<String> way) {
            String code = codeWith("0", "1");

            assertThat(verify(way.apply(code))).isInstanceOf(Verified.class);
            assertThat(verify(code)).isEqualTo(new Rejected());
            assertThat(world.lastEvent().rejection()).contains(Rejection.REPLAYED);
        }

        @ParameterizedTest
        @ValueSource(strings = {"A", "Z"})
        void verify_firstAndLastLetterInLowerCase_areForgivenToo(String letter) {
            String code = codeWith(letter);

            assertThat(verify(lower(code))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_wrongCode_isRejectedAndLeavesTheOthers() {
            assertThat(verify(WRONG)).isEqualTo(new Rejected());

            assertThat(world.lastEvent().rejection()).contains(Rejection.WRONG);
            assertThat(codesLeft()).isEqualTo(10);
        }

        @Test
        void verify_symbolsThatAreNone_areMalformed() {
            assertThat(verify("UUUU-0000-0000-0000")).isEqualTo(new Rejected());
            assertThat(world.lastEvent().rejection()).contains(Rejection.MALFORMED);
        }

        @Test
        void verify_importedWithoutCodes_isRejected() {
            World imported = new World();
            imported.importApp();

            assertThat(imported.verify(codes.get(0))).isEqualTo(new Rejected());
        }

        @Test
        void verify_switchedOff_isNotEnrolled() {
            twoFactor.disable(owner.proof());

            assertThat(verify(codes.get(0))).isEqualTo(new NotEnrolled());
        }
    }

    @Nested
    class Use {

        @Test
        void verify_backupCode_forgetsBrowsersAndProofs() {
            BrowserToken token = twoFactor.rememberBrowser(owner.proof(), "Firefox");

            Verified proof = World.proof(verify(codes.get(0)));

            assertThat(twoFactor.signInRequirement(ALICE, token.value()))
                    .isEqualTo(new SignInRequirement.CodeRequired());
            assertThatThrownBy(() -> twoFactor.rememberBrowser(owner.proof(), "Chrome"))
                    .isInstanceOf(StaleProofException.class);
            assertThat(twoFactor.rememberBrowser(proof, "Chrome")).isNotNull();
        }

        @Test
        void verify_backupCode_leavesTheAuthenticatorLive() {
            verify(codes.get(0));

            assertThat(verify(owner.phone().codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_lockedOut_passesAndEndsTheBackOff() {
            world.fail(owner.phone(), 7);
            assertThat(twoFactor.status(ALICE).lock()).contains(LockReason.BACK_OFF);

            assertThat(verify(codes.get(0))).isInstanceOf(Verified.class);

            assertThat(twoFactor.status(ALICE).lock()).isEmpty();
            world.fail(owner.phone(), 4);
            assertThat(verify(owner.phone().codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_suspended_passesAndEndsTheCap() {
            world.fail(owner.phone(), 100);
            assertThat(verify(owner.phone().codeAt(world.now()))).isEqualTo(new Suspended());

            assertThat(verify(codes.get(0))).isInstanceOf(Verified.class);

            assertThat(verify(owner.phone().codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_budgetSpent_passesAndEmptiesIt() {
            spendTheBudget();
            assertThat(twoFactor.status(ALICE).lock()).contains(LockReason.BUDGET_SPENT);

            assertThat(verify(codes.get(0))).isInstanceOf(Verified.class);

            assertThat(twoFactor.status(ALICE).lock()).isEmpty();
        }

        @Test
        void verify_budgetSpentTwiceIn30Days_emptiesItOnce() {
            spendTheBudget();
            verify(codes.get(0));
            Instant emptied = world.now();
            spendTheBudget();

            assertThat(verify(codes.get(1))).isInstanceOf(Verified.class);
            assertThat(twoFactor.status(ALICE).lock()).contains(LockReason.BUDGET_SPENT);

            world.clock.set(emptied.plus(Duration.ofDays(30)).minusMillis(1));
            assertThat(verify(codes.get(2))).isInstanceOf(Verified.class);
            assertThat(twoFactor.status(ALICE).lock()).contains(LockReason.BUDGET_SPENT);

            world.clock.set(emptied.plus(Duration.ofDays(30)));
            assertThat(verify(codes.get(3))).isInstanceOf(Verified.class);
            assertThat(twoFactor.status(ALICE).lock()).isEmpty();
        }

        @Test
        void verify_nothingInTheBudget_keepsTheRightToEmptyIt() {
            verify(codes.get(0));
            spendTheBudget();

            verify(codes.get(1));

            assertThat(twoFactor.status(ALICE).lock()).isEmpty();
        }

        private void spendTheBudget() {
            for (int i = 0; i < 100; i++) {
                if (i % 4 == 0) {
                    world.clock.advance(STEP);
                    world.prove(owner.phone());
                }
                world.fail(owner.phone(), 1);
            }
        }

        @Test
        void verify_thirdLastCode_isTheFirstToTellThatFewAreLeft() {
            for (int i = 0; i < 6; i++) {
                verify(codes.get(i));
            }
            assertThat(world.eventTypes()).doesNotContain(Type.BACKUP_CODES_LOW);

            verify(codes.get(6));

            assertThat(world.lastEvent().type()).isEqualTo(Type.BACKUP_CODES_LOW);
            assertThat(world.lastEvent().detail(Detail.BACKUP_CODES_LEFT)).contains("3");
            verify(codes.get(7));
            assertThat(world.lastEvent().detail(Detail.BACKUP_CODES_LEFT)).contains("2");
        }
    }

    @Nested
    class Wait {

        private void failFiveTimes() {
            for (int i = 0; i < 5; i++) {
                assertThat(verify(WRONG)).isEqualTo(new Rejected());
            }
        }

        @Test
        void verify_manyFailures_neverSuspend() {
            failFiveTimes();
            for (int i = 0; i < 60; i++) {
                world.clock.advance(WAIT);
                assertThat(verify(WRONG)).isEqualTo(new Rejected());
            }

            assertThat(twoFactor.status(ALICE).suspended()).isFalse();
            world.clock.advance(WAIT);
            assertThat(verify(codes.get(0))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_waiting_isNeitherCountedNorWritten() {
            failFiveTimes();
            world.store.forgetCounts();

            for (int i = 0; i < 20; i++) {
                world.clock.advance(Duration.ofMillis(100));
                assertThat(verify(WRONG)).isInstanceOf(LockedOut.class);
            }

            assertThat(world.store.writes()).isZero();
        }

        @Test
        void verify_waitingForBackupCodes_doesNotLockOneTimeCodes() {
            failFiveTimes();

            assertThat(twoFactor.status(ALICE).lock()).isEmpty();
            assertThat(verify(owner.phone().codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_oneTimeCode_doesNotEndTheWaiting() {
            failFiveTimes();
            world.prove(owner.phone());

            assertThat(verify(codes.get(0))).isInstanceOf(LockedOut.class);
        }

        @Test
        void verify_backupCode_startsTheFiveAttemptsAnew() {
            failFiveTimes();
            world.clock.advance(WAIT);
            World.proof(verify(codes.get(0)));

            failFiveTimes();
            assertThat(verify(codes.get(1))).isInstanceOf(LockedOut.class);
        }

        @Test
        void verify_wrongBackupCodes_areNoFailuresOfOneTimeCodes() {
            world.fail(owner.phone(), 4);
            failFiveTimes();

            assertThat(twoFactor.status(ALICE).lock()).isEmpty();
            world.fail(owner.phone(), 1);
            assertThat(twoFactor.status(ALICE).lock()).contains(LockReason.BACK_OFF);
        }

        @Test
        void unlock_waiting_endsIt() {
            failFiveTimes();
            twoFactor.unlock(ALICE, "called the help desk");

            assertThat(verify(codes.get(0))).isInstanceOf(Verified.class);
        }

        @Test
        @DisplayName("A clock that was a year ahead makes nobody wait for a year")
        void verify_failedAYearAhead_waitsFiveSecondsFromTheNextAttempt() {
            failFiveTimes();
            world.clock.advance(Duration.ofDays(365));
            assertThat(verify(WRONG)).isEqualTo(new Rejected());
            world.clock.set(START.plus(STEP));

            assertThat(verify(codes.get(0))).isEqualTo(new LockedOut(world.now().plus(WAIT)));
            world.clock.advance(WAIT);
            assertThat(verify(codes.get(0))).isInstanceOf(Verified.class);
        }
    }

    @Nested
    class Regenerate {

        @Test
        void regenerateBackupCodes_aProof_theOldSetIsDeadAndTheNewOneLives() {
            verify(owner.phone().wrongAt(world.now()));

            BackupCodes fresh = twoFactor.regenerateBackupCodes(owner.proof());

            assertThat(fresh).hasSize(10).doesNotContainAnyElementsOf(codes);
            assertThat(verify(codes.get(0))).isEqualTo(new Rejected());
            assertThat(verify(fresh.asList().get(0))).isInstanceOf(Verified.class);
            assertThat(codesLeft()).isEqualTo(9);
        }

        @Test
        void regenerateBackupCodes_afterUsingSome_thereAreTenAgain() {
            verify(codes.get(0));
            Verified proof = World.proof(verify(codes.get(1)));

            twoFactor.regenerateBackupCodes(proof);

            assertThat(codesLeft()).isEqualTo(10);
        }

        @Test
        void regenerateBackupCodes_aProof_forgetsTheBrowsersAndNotTheProof() {
            BrowserToken token = twoFactor.rememberBrowser(owner.proof(), "Firefox");

            twoFactor.regenerateBackupCodes(owner.proof());

            assertThat(twoFactor.signInRequirement(ALICE, token.value()))
                    .isEqualTo(new SignInRequirement.CodeRequired());
            assertThat(twoFactor.status(ALICE).browsers()).isEmpty();
            assertThat(twoFactor.rememberBrowser(owner.proof(), "Firefox")).isNotNull();
        }

        @Test
        void regenerateBackupCodes_imported_makesTheFirstSet() {
            World imported = new World();
            Verified proof = imported.prove(imported.importApp());

            BackupCodes first = imported.twoFactor.regenerateBackupCodes(proof);

            assertThat(imported.verify(first.asList().get(0))).isInstanceOf(Verified.class);
        }

        @Test
        void regenerateBackupCodes_policyOfMoreIterations_oldCodesWereMadeUnderTheOldOne() {
            TwoFactor dearer = world.node()
                    .policy(TwoFactorPolicy.builder()
                            .backupCodes(2)
                            .backupCodesLow(0)
                            .backupCodeIterations(20_000)
                            .build())
                    .build();

            Verified proof = World.proof(dearer.verify(ALICE, codes.get(0)));
            String fresh = dearer.regenerateBackupCodes(proof).asList().get(0);

            assertThat(twoFactor.verify(ALICE, fresh)).isInstanceOf(Verified.class);
        }
    }

    @Test
    @DisplayName("A hundred refused attempts cost less than ten that are looked at: no derivation")
    void verify_refused_derivesNothing() {
        TwoFactor dear = world.node()
                .policy(TwoFactorPolicy.builder()
                        .backupCodes(1)
                        .backupCodesLow(0)
                        .backupCodeIterations(200_000)
                        .failuresBeforeBackupWait(1)
                        .build())
                .build();
        dear.regenerateBackupCodes(owner.proof());

        long before = System.nanoTime();
        assertThat(dear.verify(ALICE, WRONG)).isEqualTo(new Rejected());
        long lookedAt = System.nanoTime() - before;
        for (int i = 0; i < 100; i++) {
            assertThat(dear.verify(ALICE, WRONG)).isInstanceOf(LockedOut.class);
        }
        long refused = System.nanoTime() - before - lookedAt;

        assertThat(refused).isLessThan(10 * lookedAt);
    }

    /** ASCII only, and no locale: an I must become an i everywhere. */
    private static String lower(String code) {
        StringBuilder lower = new StringBuilder(code);
        for (int i = 0; i < lower.length(); i++) {
            if (lower.charAt(i) >= 'A' && lower.charAt(i) <= 'Z') {
                lower.setCharAt(i, (char) (lower.charAt(i) + 32));
            }
        }
        return lower.toString();
    }
}
