// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.ExploredRace.End;
import dev.sallyport.ExploredRace.Good;
import dev.sallyport.ExploredRace.Proved;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/**
 * Races in every order there is. How many those are is part of each test: an exploration that shrank would prove less, and
 * nobody would see it.
 */
@DisabledIfSystemProperty(named = "sallyport.test.locale", matches = ".+", disabledReason = "no order has a locale")
class ExploredRaceTest {
    private final ExploredRace race = new ExploredRace();
    private final World world = race.world();

    private static Function<TwoFactor, Object> verify(String code) {
        return node -> node.verify(ALICE, code);
    }

    private static Object begin(TwoFactor node) {
        return node.beginEnrollment(ALICE, "alice");
    }

    /** Each with a secret of its own. */
    private static Function<TwoFactor, Object> importApp() {
        KeyUri keyUri = KeyUri.totp("Acme", "alice", SharedSecret.generate(), TotpParameters.DEFAULT);
        EnrollmentRequest request = EnrollmentRequest.of("alice").seed(AuthenticatorSeed.of(keyUri));
        return node -> done(() -> node.importWithoutConfirmation(ALICE, request));
    }

    private static Function<TwoFactor, Object> remember(Owner owner, String label) {
        return node -> node.rememberBrowser(owner.proof(), label);
    }

    private static Object forgetBrowsers(TwoFactor node) {
        return done(() -> node.forgetBrowsers(ALICE));
    }

    private static Object done(Runnable call) {
        call.run();
        return "done";
    }

    private static int failures(End end) {
        return end.account().limits().codeFailures();
    }

    @Nested
    class VerifyOneTimeCode {
        private final Phone phone = world.importApp();
        private final String code = phone.codeAt(world.now());
        private final String next = phone.codeAt(world.now().plus(STEP));
        private final String wrong = phone.wrongAt(world.now());

        @Test
        void verify_sameCodeTwice_isAcceptedOnce() {
            assertThat(race.callers(2, verify(code)).explore(this::acceptedOnce))
                    .isEqualTo(6);
        }

        @Test
        void verify_sameCodeThrice_isAcceptedOnce() {
            assertThat(race.callers(3, verify(code)).explore(this::acceptedOnce))
                    .isEqualTo(150);
        }

        private void acceptedOnce(End end) {
            assertThat(end.count(Proved.class)).isEqualTo(1);
            assertThat(failures(end)).isZero();
        }

        @Test
        @DisplayName("The slower of two writers does not lower the watermark (logto #9109, better-auth #10423)")
        void verify_codeAndNextCode_endAtTheLater() {
            assertThat(race.caller(verify(code)).caller(verify(next)).explore(this::endsAtTheLater))
                    .isEqualTo(6);
        }

        @Test
        void verify_codeTwiceAndNextCode_endAtTheLater() {
            assertThat(race.callers(2, verify(code)).caller(verify(next)).explore(this::endsAtTheLater))
                    .isEqualTo(216);
        }

        private void endsAtTheLater(End end) {
            assertThat(end.count(Proved.class)).isBetween(1L, 2L);
            assertThat(end.account().watermarks()).containsExactly(phone.step(world.now()) + 1);
        }

        @Test
        void verify_twoWrongCodesWithOneLeft_answersOne() {
            world.fail(phone, 4);

            assertThat(race.callers(2, verify(wrong)).explore(end -> answered(1, end)))
                    .isEqualTo(6);
        }

        @Test
        @DisplayName("Of parallel guesses as many are answered and counted as were free (ASP.NET CVE-2023-33170)")
        void verify_threeWrongCodesWithTwoLeft_answersTwo() {
            world.fail(phone, 3);

            assertThat(race.callers(3, verify(wrong)).explore(end -> answered(2, end)))
                    .isEqualTo(498);
        }

        private void answered(int times, End end) {
            assertThat(end.count(new Rejected())).isEqualTo(times);
            assertThat(end.count(LockedOut.class)).isEqualTo(end.answers().size() - times);
            assertThat(failures(end)).isEqualTo(5);
        }

        @Test
        void verify_rightCodeAmongWrongOnes_forgivesWhatWasBeforeIt() {
            world.fail(phone, 3);

            assertThat(race.callers(2, verify(wrong)).caller(verify(code)).explore(end -> {
                        assertThat(end.count(new Rejected())).isEqualTo(2);
                        assertThat(end.count(Proved.class) == 1 ? failures(end) <= 2 : failures(end) == 5)
                                .isTrue();
                    }))
                    .isEqualTo(498);
        }

        @Test
        void unlock_amidTwoWrongCodes_losesNoFailureAfterIt() {
            world.fail(phone, 4);

            assertThat(race.caller(node -> done(() -> node.unlock(ALICE, "by telephone")))
                            .callers(2, verify(wrong))
                            .explore(end -> assertThat(failures(end)).isBetween(0, 2)))
                    .isEqualTo(332);
        }

        @Test
        @DisplayName("A caller that dies between its read and its write, or after it, frees no guess")
        void verify_wrongCodesOfWhomOneDies_countsEachThatWasAnswered() {
            world.fail(phone, 3);

            assertThat(race.callers(2, verify(wrong))
                            .firstMayDie()
                            .explore(end -> assertThat(failures(end))
                                    .isGreaterThanOrEqualTo(3 + (int) end.count(new Rejected()))))
                    .isEqualTo(32);
        }

        @Test
        void verify_sameCodeOfWhomOneDies_isAcceptedOnceAtMost() {
            assertThat(race.callers(3, verify(code))
                            .firstMayDie()
                            .explore(end -> assertThat(end.count(Proved.class)).isLessThanOrEqualTo(1)))
                    .isEqualTo(550);
        }
    }

    @Nested
    class VerifyBackupCode {
        private final Owner owner = world.enroll();
        private final String code = owner.backupCodes().get(0);

        @Test
        @DisplayName("One backup code, many requests, one session (Filament CVE-2026-48505, appwrite #11692)")
        void verify_sameBackupCodeTwice_isAcceptedOnce() {
            assertThat(race.callers(2, verify(code)).explore(end -> {
                        assertThat(end.count(Proved.class)).isEqualTo(1);
                        assertThat(end.account().limits().backupFailures()).isEqualTo(1);
                    }))
                    .isEqualTo(6);
        }

        @Test
        void regenerate_amidABackupCode_oneOfThemCounts() {
            assertThat(race.caller(verify(code))
                            .caller(node -> node.regenerateBackupCodes(owner.proof()))
                            .explore(end -> assertThat(end.count(Proved.class) + end.count(new Good(true)))
                                    .isEqualTo(1)))
                    .isEqualTo(6);
        }
    }

    @Nested
    class Enroll {

        @Test
        void begin_twice_leavesOnePending() {
            assertThat(race.callers(2, ExploredRaceTest::begin).explore(this::oneIsGood))
                    .isEqualTo(6);
        }

        @Test
        void begin_thrice_leavesOnePending() {
            assertThat(race.callers(3, ExploredRaceTest::begin).explore(this::oneIsGood))
                    .isEqualTo(498);
        }

        @Test
        void confirm_twice_showsTheBackupCodesThatAreKept() {
            assertThat(race.callers(2, confirm()).explore(this::oneIsGood)).isEqualTo(6);
        }

        @Test
        void confirm_thrice_showsTheBackupCodesThatAreKept() {
            assertThat(race.callers(3, confirm()).explore(this::oneIsGood)).isEqualTo(150);
        }

        private Function<TwoFactor, Object> confirm() {
            Phone phone = Phone.scan(world.twoFactor.beginEnrollment(ALICE, "alice"));
            String code = phone.codeAt(world.now());
            return node -> node.confirmEnrollment(ALICE, code);
        }

        private void oneIsGood(End end) {
            assertThat(end.count(new Good(true))).isEqualTo(1);
        }

        @Test
        void import_twiceAmidABegin_oneIsLive() {
            assertThat(race.caller(importApp())
                            .caller(importApp())
                            .caller(ExploredRaceTest::begin)
                            .explore(end -> {
                                assertThat(end.count("done")).isEqualTo(1);
                                assertThat(end.account().state()).isEqualTo(TwoFactorStatus.State.ENABLED);
                            }))
                    .isEqualTo(266);
        }
    }

    @Nested
    class LowerTrust {
        private final Owner owner = world.enroll();
        private final String code = owner.phone().codeAt(world.now());

        @Test
        @DisplayName("Switched off and begun again between the check of a code and its use (Pad #914)")
        void verify_amidADisableAndABegin_isNotVerifiedAfterThem() {
            assertThat(race.caller(verify(code))
                            .caller(node -> done(() -> node.disable(owner.proof())), ExploredRaceTest::begin)
                            .explore(end -> assertThat(end.account().state()).isEqualTo(TwoFactorStatus.State.PENDING)))
                    .isEqualTo(18);
        }

        @Test
        void rememberBrowser_twiceAmidForgetBrowsers_isForgottenOrRefusedOrLater() {
            assertThat(race.caller(remember(owner, "Firefox"))
                            .caller(remember(owner, "Chromium"))
                            .caller(ExploredRaceTest::forgetBrowsers)
                            .explore(end -> assertThat(end.account().browsers()).isEmpty()))
                    .isEqualTo(382);
        }

        @Test
        void disable_amidForgetBrowsers_isRefusedOrFirst() {
            assertThat(race.caller(node -> done(() -> node.disable(owner.proof())))
                            .caller(ExploredRaceTest::forgetBrowsers)
                            .explore(end -> assertThat(end.count(StaleProofException.class) == 1)
                                    .isEqualTo(end.account().state() == TwoFactorStatus.State.ENABLED)))
                    .isEqualTo(6);
        }
    }

    /** What the exploration is good for: each of these stores breaks one word of the SPI, and none gets by. */
    @Nested
    class StoreThatBreaksItsWord {

        private static class Broken extends DelegatingStore {
            Broken(TwoFactorStore store) {
                super(store);
            }

            boolean replaceWhateverIsThere(StoredRecord next, RecordSummary summary) {
                return find(next.userId())
                        .filter(stored -> store.replace(stored, next, summary))
                        .isPresent();
            }
        }

        private void assertFound(ExploredRace found) {
            assertThatThrownBy(() -> found.explore(end -> {})).isInstanceOf(AssertionError.class);
        }

        @Test
        void replace_ofAnyVersion_isFound() {
            Phone phone = world.importApp();
            String code = phone.codeAt(world.now());

            assertFound(race.callers(2, verify(code)).over((store, order) -> new Broken(store) {
                @Override
                public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
                    return replaceWhateverIsThere(next, summary);
                }
            }));
        }

        @Test
        void replace_thatComparesFirstAndWritesThen_isFound() {
            Phone phone = world.importApp();
            String wrong = phone.wrongAt(world.now());

            assertFound(race.callers(2, verify(wrong)).over((store, order) -> new Broken(store) {
                @Override
                public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
                    boolean same = find(current.userId()).equals(Optional.of(current));
                    return same && order.ask("write", () -> replaceWhateverIsThere(next, summary));
                }
            }));
        }

        @Test
        void replace_thatWritesAndSaysFalse_isFound() {
            Phone phone = world.importApp();
            String code = phone.codeAt(world.now());

            assertFound(race.callers(2, verify(code)).over((store, order) -> new Broken(store) {
                @Override
                public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
                    store.replace(current, next, summary);
                    return false;
                }
            }));
        }

        @Test
        void insert_overWhatIsThere_isFound() {
            assertFound(race.caller(importApp()).caller(importApp()).over((store, order) -> new Broken(store) {
                @Override
                public boolean insert(StoredRecord record, RecordSummary summary) {
                    return store.insert(record, summary) || replaceWhateverIsThere(record, summary);
                }
            }));
        }

        @Test
        void delete_ofAnyVersion_isFound() {
            Owner owner = world.enroll();

            assertFound(race.caller(node -> done(() -> node.disable(owner.proof())))
                    .caller(ExploredRaceTest::forgetBrowsers)
                    .over((store, order) -> new Broken(store) {
                        @Override
                        public boolean delete(StoredRecord current) {
                            return find(current.userId()).filter(store::delete).isPresent();
                        }
                    }));
        }
    }
}
