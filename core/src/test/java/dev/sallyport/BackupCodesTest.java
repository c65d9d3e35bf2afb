// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.FIREFOX;
import static dev.sallyport.World.STEP;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.TwoFactorStatus.Lock;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Method;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.KeyUri;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
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
    private static final String SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    /** With a right check symbol. */
    private static final String WRONG = "0000-0000-0000-0000-0000-0000";

    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;
    private final Owner owner = world.enroll();
    private final List<String> codes = owner.backupCodes();
    private Verified proof = owner.proof();

    private VerificationResult verify(String typed) {
        return world.verify(typed);
    }

    private int codesLeft() {
        return twoFactor.status(ALICE).backupCodesLeft();
    }

    private Optional<Lock.Reason> lockReason() {
        return twoFactor.status(ALICE).strangers().lock().map(Lock::reason);
    }

    /** The epoch changes each time, so the proof to go on with is kept. */
    private BackupCodes regenerate() {
        Regenerated regenerated = twoFactor.regenerateBackupCodes(proof);
        proof = regenerated.proof();
        return regenerated.codes();
    }

    @Nested
    class Codes {

        @Test
        void backupCodes_ofASet_areTenOfTwentyFourCrockfordSymbolsInSixGroups() {
            assertThat(codes)
                    .hasSize(10)
                    .doesNotHaveDuplicates()
                    .allMatch(code -> code.matches("([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}"));
        }

        @Test
        @DisplayName("115 random bits each: every bit of them is 0 and 1 somewhere in a hundred codes")
        void backupCodes_ofTenSets_varyInEachOf115Bits() {
            BigInteger ones = BigInteger.ZERO;
            BigInteger zeros = BigInteger.ZERO;
            Set<String> all = new HashSet<>();
            for (int i = 0; i < 10; i++) {
                for (String code : regenerate()) {
                    BigInteger bits = decode(code).shiftRight(5); // without the check symbol
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
                    .mapToObj(c -> BigInteger.valueOf(SYMBOLS.indexOf(c)))
                    .reduce(BigInteger.ZERO, (bits, five) -> bits.shiftLeft(5).or(five));
        }

        private BigInteger mask() {
            return BigInteger.ONE.shiftLeft(115).subtract(BigInteger.ONE);
        }

        @Test
        void record_afterAnEnrollment_keepsSaltedHashesOfTheCodesUnderOneSalt() throws NoSuchAlgorithmException {
            BackupCodeSet kept =
                    Unsealed.account(world.keys, world.store, ALICE).backupCodes();

            assertThat(kept.salt().toArray()).hasSize(16);
            for (int i = 0; i < 10; i++) {
                MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
                sha256.update(kept.salt().toArray());
                byte[] hash = sha256.digest(codes.get(i).replace("-", "").getBytes(US_ASCII));
                assertThat(kept.slots().get(i)).isEqualTo(new BackupCodeSet.Slot(false, Bytes.copyOf(hash)));
            }
        }

        @Test
        void record_ofTwoSets_hasTwoSalts() {
            Bytes first = Unsealed.account(world.keys, world.store, ALICE)
                    .backupCodes()
                    .salt();
            regenerate();

            assertThat(Unsealed.account(world.keys, world.store, ALICE)
                            .backupCodes()
                            .salt())
                    .isNotEqualTo(first);
        }

        @Test
        void toText_aHeading_isTheSheetToPrint() {
            BackupCodes fresh = regenerate();
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
            proof = world.prove(owner.phone());

            assertThat(regenerate().toText("x")).startsWith("x\n2026-03-03\n\n");
        }

        @Test
        void verify_wholeLineOfTheSheet_isTheCodeInIt() {
            String sheet = regenerate().toText("Acme backup codes for alice");

            for (String line : sheet.lines().skip(3).toList()) {
                assertThat(verify(line)).as(line).isInstanceOf(Verified.class);
            }
            assertThat(codesLeft()).isZero();
        }

        @Test
        void iterator_overASet_isTheList() {
            BackupCodes fresh = regenerate();

            assertThat(fresh).containsExactlyElementsOf(fresh.asList());
        }
    }

    @Nested
    class Verify {

        @Test
        void verify_backupCode_isAProofByBackupCode() {
            Verified byBackupCode = World.proof(verify(codes.get(4)));

            assertThat(byBackupCode.user()).isEqualTo(ALICE);
            assertThat(byBackupCode.at()).isEqualTo(world.now());
            assertThat(byBackupCode.method()).isEqualTo(Method.BACKUP_CODE);
            assertThat(byBackupCode.authenticator()).isEmpty();
            assertThat(byBackupCode.backupCodesLeft()).isEqualTo(9);
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
            assertThat(world.lastEvent().detail(Detail.METHOD)).contains("BACKUP_CODE");
        }

        /** Of as many new sets as it takes. */
        private String codeWith(String... symbols) {
            return Stream.generate(BackupCodesTest.this::regenerate)
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
                    code -> "3. " + code,
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
        void verify_anySymbolMistyped_isMalformed() {
            String code = codes.get(0).replace("-", "");
            for (int i = 0; i < code.length(); i++) {
                for (int other : SYMBOLS.chars().toArray()) {
                    if (other != code.charAt(i)) {
                        assertMalformed(code.substring(0, i) + (char) other + code.substring(i + 1));
                    }
                }
            }
            assertThat(codesLeft()).isEqualTo(10);
        }

        @Test
        void verify_anyTwoNeighborsSwapped_areMalformed() {
            for (String each : codes) {
                String code = each.replace("-", "");
                for (int i = 0; i + 1 < code.length(); i++) {
                    char one = code.charAt(i);
                    char two = code.charAt(i + 1);
                    if (one != two) {
                        assertMalformed(code.substring(0, i) + two + one + code.substring(i + 2));
                    }
                }
            }
        }

        private void assertMalformed(String typed) {
            assertThat(verify(typed)).as(typed).isEqualTo(new Malformed());
        }

        @Test
        void verify_symbolsThatAreNone_areMalformed() {
            assertMalformed("UUUU-0000-0000-0000-0000-0000");
            assertThat(world.lastEvent().rejection()).contains(Rejection.MALFORMED);
        }

        @Test
        void verify_importedWithoutCodes_isRejected() {
            World imported = new World();
            imported.importApp();

            assertThat(imported.verify(codes.get(0))).isEqualTo(new Rejected());
        }

        @Test
        void verify_anotherUsersCode_isRejected() {
            world.enroll(BOB);

            assertThat(twoFactor.verify(world.challenge(BOB, Browser.none()), codes.get(0)))
                    .isEqualTo(new Rejected());
            assertThat(verify(codes.get(0))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_switchedOff_isSignInAgain() {
            Challenge challenge = world.challenge(ALICE, Browser.none());
            twoFactor.disable(owner.proof());

            assertThat(twoFactor.verify(challenge, codes.get(0))).isEqualTo(new SignInAgain());
        }

        @Test
        void verify_backupCodeAndAOneTimeCodeAsAPair_areMalformed() {
            Challenge challenge = world.challenge(ALICE, Browser.none());

            assertThat(twoFactor.verify(challenge, codes.get(0), owner.phone().codeAt(world.now())))
                    .isEqualTo(new Malformed());
            assertThat(codesLeft()).isEqualTo(10);
        }
    }

    @Nested
    class Use {

        @Test
        void verify_backupCode_endsTheRememberingOfBrowsersAndOldProofs() {
            twoFactor.rememberBrowser(owner.proof());

            Verified byBackupCode = World.proof(verify(codes.get(0)));

            assertThat(twoFactor.signInRequirement(ALICE, owner.browser())).isInstanceOf(CodeRequired.class);
            assertThatThrownBy(() -> twoFactor.rememberBrowser(owner.proof())).isInstanceOf(StaleProofException.class);
            assertThat(twoFactor.regenerateBackupCodes(byBackupCode)).isNotNull();
        }

        @Test
        void verify_backupCodeInANewBrowser_makesItKnownAndItCanBeRemembered() {
            Verified byBackupCode = World.proof(world.verify(FIREFOX, codes.get(0)));
            twoFactor.rememberBrowser(byBackupCode);
            Browser fresh = World.browserWith(byBackupCode.browserToken().orElseThrow());

            assertThat(twoFactor.signInRequirement(ALICE, fresh)).isInstanceOf(NoCodeRequired.class);
        }

        @Test
        void verify_backupCode_leavesTheAuthenticatorLive() {
            verify(codes.get(0));
            world.clock.advance(STEP.multipliedBy(2));

            assertThat(verify(owner.phone().codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_backupCode_usesUpEveryCodeThatTheWindowReaches() {
            verify(codes.get(0));

            for (int steps = -1; steps <= 1; steps++) {
                String seen = owner.phone().codeAt(world.now().plus(STEP.multipliedBy(steps)));
                assertThat(verify(seen)).as("%s steps away", steps).isEqualTo(new Rejected());
            }
            world.clock.advance(STEP);
            assertThat(verify(owner.phone().codeAt(world.now()))).isEqualTo(new Rejected());
            world.clock.advance(STEP);
            assertThat(verify(owner.phone().codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_backupCode_usesUpNoCounterOfAToken() {
            String keyUri = "otpauth://hotp/alice?counter=0&secret=MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U";
            PendingEnrollment pending = twoFactor.addAuthenticator(
                    proof, EnrollmentRequest.of("alice").existing(ExistingAuthenticator.of(KeyUri.parse(keyUri))));
            Phone token = Phone.scan(keyUri);
            twoFactor.confirmEnrollment(pending.handle(), token.press());

            verify(codes.get(0));

            assertThat(verify(token.press())).isInstanceOf(Verified.class);
        }

        @Test
        void verify_wrongBackupCode_usesUpNoCode() {
            verify(WRONG);

            assertThat(verify(owner.phone().codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_lockedOut_passesAndEndsTheBackOff() {
            world.fail(owner.phone(), 7);
            assertThat(lockReason()).contains(Lock.Reason.BACK_OFF);

            assertThat(verify(codes.get(0))).isInstanceOf(Verified.class);

            assertThat(lockReason()).isEmpty();
            world.clock.advance(STEP.multipliedBy(2));
            world.fail(owner.phone(), 4);
            assertThat(lockReason()).isEmpty();
            world.fail(owner.phone(), 1);
            assertThat(lockReason()).contains(Lock.Reason.BACK_OFF);
        }

        @Test
        void verify_suspended_passesAndEndsTheCap() {
            failOverTwoMonths(50);
            assertThat(verify(owner.phone().codeAt(world.now()))).isEqualTo(new LockedOut(Optional.empty()));

            assertThat(verify(codes.get(0))).isInstanceOf(Verified.class);

            world.clock.advance(STEP.multipliedBy(2));
            assertThat(verify(owner.phone().codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        /** So that the budget has room. */
        private void failOverTwoMonths(int times) {
            for (int i = 0; i < times; i++) {
                world.clock.advance(STEP.multipliedBy(2880 * 2));
                world.fail(owner.phone(), 1);
            }
        }

        @Test
        void verify_budgetSpent_passesAndDoesNotClearIt() {
            spendTheBudget();
            assertThat(lockReason()).contains(Lock.Reason.BUDGET_SPENT);

            for (int i = 0; i < 3; i++) {
                assertThat(verify(codes.get(i))).isInstanceOf(Verified.class);
            }

            assertThat(lockReason()).contains(Lock.Reason.BUDGET_SPENT);
            assertThat(twoFactor.status(ALICE).strangers().failures()).isEqualTo(50);
        }

        private void spendTheBudget() {
            for (int i = 0; i < 50; i++) {
                if (i % 4 == 0) {
                    world.clock.advance(STEP);
                    world.prove(owner.phone());
                }
                world.fail(owner.phone(), 1);
            }
        }

        @Test
        void verify_wrongBackupCodeWhileLockedOut_isRejectedAndNeverLockedOut() {
            spendTheBudget();

            assertThat(verify(WRONG)).isEqualTo(new Rejected());
            verify(codes.get(0));
            assertThat(verify(codes.get(0))).isEqualTo(new Rejected());
        }

        @Test
        void verify_wrongBackupCodes_areNoFailuresOfOneTimeCodes() {
            world.fail(owner.phone(), 4);
            for (int i = 0; i < 100; i++) {
                assertThat(verify(WRONG)).isEqualTo(new Rejected());
            }

            assertThat(lockReason()).isEmpty();
            assertThat(verify(codes.get(0))).isInstanceOf(Verified.class);
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
    class Regenerate {

        @Test
        void regenerateBackupCodes_aProof_theOldSetIsDeadAndTheNewOneLives() {
            BackupCodes fresh = regenerate();

            assertThat(fresh).hasSize(10).doesNotContainAnyElementsOf(codes);
            assertThat(verify(codes.get(0))).isEqualTo(new Rejected());
            assertThat(verify(fresh.asList().get(0))).isInstanceOf(Verified.class);
            assertThat(codesLeft()).isEqualTo(9);
        }

        @Test
        void regenerateBackupCodes_afterUsingSome_thereAreTenAgain() {
            verify(codes.get(0));
            proof = World.proof(verify(codes.get(1)));

            regenerate();

            assertThat(codesLeft()).isEqualTo(10);
        }

        @Test
        void regenerateBackupCodes_aProof_returnsTheOneToGoOnWithWhichIsNoYounger() {
            world.clock.advance(STEP);
            Verified goesOn = twoFactor.regenerateBackupCodes(owner.proof()).proof();

            assertThat(goesOn.at()).isEqualTo(owner.proof().at());
            assertThat(goesOn.method()).isEqualTo(owner.proof().method());
            assertThat(goesOn.authenticator()).isEqualTo(owner.proof().authenticator());
            assertThat(goesOn.backupCodesLeft()).isEqualTo(10);
            assertThat(goesOn.stamp().browser()).isEqualTo(owner.proof().stamp().browser());
            assertThatThrownBy(() -> twoFactor.regenerateBackupCodes(owner.proof()))
                    .isInstanceOf(StaleProofException.class);
            assertThat(twoFactor.regenerateBackupCodes(goesOn)).isNotNull();
        }

        @Test
        void regenerateBackupCodes_aProof_browsersStayKnownAndNeedACode() {
            twoFactor.rememberBrowser(owner.proof());

            regenerate();

            assertThat(twoFactor.signInRequirement(ALICE, owner.browser())).isInstanceOf(CodeRequired.class);
            assertThat(twoFactor.status(ALICE).browsers()).hasSize(1);
            twoFactor.rememberBrowser(proof);
            assertThat(twoFactor.signInRequirement(ALICE, owner.browser())).isInstanceOf(NoCodeRequired.class);
        }

        @Test
        void regenerateBackupCodes_imported_makesTheFirstSet() {
            World imported = new World();
            Verified byApp = imported.prove(imported.importApp());

            BackupCodes first = imported.twoFactor.regenerateBackupCodes(byApp).codes();

            assertThat(imported.verify(first.asList().get(0))).isInstanceOf(Verified.class);
        }

        @Test
        void regenerateBackupCodes_anotherPolicy_oldCodesWereMadeUnderTheOldOne() {
            TwoFactor fewer = world.node()
                    .policy(TwoFactorPolicy.builder().backupCodes(2).build())
                    .build();

            Verified byOldCode = World.proof(fewer.verify(world.challenge(ALICE, Browser.none()), codes.get(0)));
            BackupCodes fresh = fewer.regenerateBackupCodes(byOldCode).codes();

            assertThat(fresh).hasSize(2);
            assertThat(verify(fresh.asList().get(0))).isInstanceOf(Verified.class);
        }
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
