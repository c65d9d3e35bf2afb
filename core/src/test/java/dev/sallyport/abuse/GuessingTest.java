// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.abuse;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.FIREFOX;
import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;
import static dev.sallyport.abuse.Results.assertAccepted;
import static dev.sallyport.abuse.Results.assertLockedOut;
import static dev.sallyport.abuse.Results.assertRejected;
import static dev.sallyport.abuse.Results.count;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.sallyport.Browser;
import dev.sallyport.Challenge;
import dev.sallyport.EnrollmentHandle;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.KeyRing;
import dev.sallyport.Phone;
import dev.sallyport.Regenerated;
import dev.sallyport.Rejected;
import dev.sallyport.SignInRequirement;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorPolicy;
import dev.sallyport.TwoFactorStatus.Lock;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World;
import dev.sallyport.World.Owner;
import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases 16 to 30, but 17, which takes a database, and 26, which takes a year: codes guessed, owners locked out. */
class GuessingTest {
    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;

    private int failedAttempts() {
        RecordSummary summary = world.store.summary();
        assertThat(summary).isNotNull();
        return summary == null ? -1 : summary.failedAttempts();
    }

    private void assertLockedBy(Lock.Reason reason) {
        assertThat(lock()).contains(reason);
    }

    private void assertNotLocked() {
        assertThat(lock()).isEmpty();
    }

    private Optional<Lock.Reason> lock() {
        return twoFactor.status(ALICE).strangers().lock().map(Lock::reason);
    }

    /** Four failures after each success at most, so that only the budget ends it. */
    private void failBetweenSuccesses(Phone phone, int times) {
        for (int i = 0; i < times; i++) {
            if (i % 4 == 0) {
                world.clock.advance(STEP);
                world.prove(phone);
            }
            assertRejected(world.verify(phone.wrongAt(world.now())));
        }
        world.clock.advance(STEP);
    }

    @Test
    @DisplayName("[16] devise-two-factor CVE-2024-0227: with nothing set but what must be, there is a limit")
    void verify_builtWithWhatMustBeSet_locks() {
        TwoFactor bare = TwoFactor.builder()
                .issuer("Acme")
                .store(new MapTwoFactorStore(new ConcurrentHashMap<>()))
                .encryptionKeys(KeyRing.generate())
                .build();
        EveryCall.importInto(bare);
        Phone phone = Phone.ofSecret(Phone.RFC_SECRET);
        SignInRequirement requirement = bare.signInRequirement(ALICE, Browser.none());
        assertThat(requirement).isInstanceOf(CodeRequired.class);
        Challenge challenge = ((CodeRequired) requirement).challenge();

        for (int i = 0; i < 5; i++) {
            assertRejected(bare.verify(challenge, phone.wrongAt(Instant.now())));
        }
        assertLockedOut(bare.verify(challenge, phone.codeAt(Instant.now())));
    }

    @Test
    @DisplayName("[16] devise-two-factor CVE-2024-0227: no policy is without a limit")
    void policy_withALimitThatIsNone_isRefused() {
        List<TwoFactorPolicy.Builder> withoutLimit = List.of(
                TwoFactorPolicy.builder().failuresBeforeLockout(Integer.MAX_VALUE),
                TwoFactorPolicy.builder().failuresBeforeLockout(0),
                TwoFactorPolicy.builder().firstLockout(Duration.ZERO),
                TwoFactorPolicy.builder().strangersBudget(Integer.MAX_VALUE),
                TwoFactorPolicy.builder().strangersBudget(0),
                TwoFactorPolicy.builder().knownBudget(Integer.MAX_VALUE),
                TwoFactorPolicy.builder().knownBudget(0));

        assertThat(withoutLimit)
                .allSatisfy(policy -> assertThatIllegalArgumentException().isThrownBy(policy::build));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    @DisplayName(
            "[18] ASP.NET CVE-2023-33170: of 64 parallel wrong guesses as many are answered and counted as were free")
    void verify_wrongCodesInParallel_areAnsweredAsFarAsFree(int failuresBefore) throws Exception {
        Phone phone = world.importApp();
        world.fail(phone, failuresBefore);
        Challenge challenge = world.challenge(ALICE, Browser.none());

        List<VerificationResult> results =
                ParallelRequests.send(world, 64, (node, i) -> node.verify(challenge, phone.wrongAt(START)));

        assertThat(count(Rejected.class, results)).isEqualTo(5 - failuresBefore);
        assertThat(results)
                .filteredOn(new LockedOut(Optional.of(START.plusSeconds(60)))::equals)
                .hasSize(59 + failuresBefore);
        assertThat(failedAttempts()).isEqualTo(5);
    }

    @Test
    @DisplayName("[18] ASP.NET CVE-2023-33170: the same at the known door, with the token of a known browser")
    void verify_wrongCodesInParallelFromAKnownBrowser_areAnsweredAsFarAsFree() throws Exception {
        Owner owner = world.enroll();
        Challenge challenge = world.challenge(ALICE, owner.browser());
        String wrong = owner.phone().wrongAt(world.now());

        List<VerificationResult> results = ParallelRequests.send(world, 64, (node, i) -> node.verify(challenge, wrong));

        assertThat(count(Rejected.class, results)).isEqualTo(5);
        assertThat(count(LockedOut.class, results)).isEqualTo(59);
        assertThat(twoFactor.status(ALICE).known().failures()).isEqualTo(5);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("[19] Nextcloud CVE-2021-41177: where the store fails, every call fails, and changes nothing")
    void anyCall_storeFails_throwsAndGrantsNothing(EveryCall call) {
        EveryCall.Given given = EveryCall.Given.from(world, world.importApp());
        Map<String, String> before = Map.copyOf(world.rows);
        world.store.failOnFind(new StoreException("out of reach"));

        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> call.on(twoFactor, given));
        assertThat(world.rows).isEqualTo(before);
    }

    @Test
    @DisplayName("[19] Nextcloud CVE-2021-41177: where the store fails, no session is said to be current or not")
    void isCurrent_storeFails_throws() {
        TrustStamp stamp = world.enroll().proof().stamp();
        world.store.failOnFind(new StoreException("out of reach"));

        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> twoFactor.isCurrent(ALICE, stamp));
    }

    @Test
    @DisplayName("[19] Nextcloud CVE-2021-41177: a right code whose use cannot be stored is not accepted")
    void verify_writeFails_throws() {
        Owner owner = world.enroll();
        world.store.failAfterWrite(new StoreException("out of reach"));

        for (String code : List.of(
                owner.phone().codeAt(world.now()),
                owner.phone().wrongAt(world.now()),
                owner.backupCodes().get(0))) {
            assertThatExceptionOfType(StoreException.class).isThrownBy(() -> world.verify(code));
        }
    }

    @Test
    @DisplayName("[20] vaultwarden CVE-2026-27801: the raised count is in the store, before the failure is answered")
    void verify_failure_isCountedAfterAReload() {
        Phone phone = world.importApp();
        Challenge challenge = world.challenge(ALICE, Browser.none());
        for (int failures = 1; failures <= 5; failures++) {
            TwoFactor reloaded = world.node()
                    .store(new MapTwoFactorStore(new ConcurrentHashMap<>(world.rows)))
                    .build();
            assertAccepted(reloaded.verify(challenge, phone.codeAt(START)));

            assertRejected(world.verify(phone.wrongAt(START)));

            assertThat(failedAttempts()).isEqualTo(failures);
        }
        TwoFactor reloaded = world.node()
                .store(new MapTwoFactorStore(new ConcurrentHashMap<>(world.rows)))
                .build();
        assertLockedOut(reloaded.verify(challenge, phone.codeAt(START)));
    }

    @Test
    @DisplayName("[21] acore-cms #211, autentico #360: a new session, browser or node has no guesses of its own")
    void verify_eachGuessInASessionOfItsOwn_locks() {
        Phone phone = world.importApp();
        for (int i = 0; i < 5; i++) {
            TwoFactor node = world.node().build();
            Challenge challenge = world.challenge(ALICE, Browser.fromHeaders("session=" + i, "Browser/" + i));
            assertRejected(node.verify(challenge, phone.wrongAt(START)));
        }

        assertLockedOut(world.node().build().verify(world.challenge(ALICE, FIREFOX), phone.codeAt(START)));
    }

    @Test
    @DisplayName("[22] dragonflight: the right password clears no count, nor does anything else but a right code")
    void failures_whateverElseIsCalled_stayCounted() {
        Owner owner = world.enroll();
        Phone phone = owner.phone();
        Verified proof = owner.proof();
        world.fail(phone, 4);

        twoFactor.signInRequirement(ALICE, Browser.none()); // after the right password
        twoFactor.signInRequirement(ALICE, owner.browser());
        twoFactor.isCurrent(ALICE, proof.stamp());
        twoFactor.status(ALICE);
        EnrollmentHandle handle =
                twoFactor.addAuthenticator(proof, EnrollmentRequest.of("alice")).handle();
        twoFactor.pendingEnrollment(handle);
        twoFactor.confirmEnrollment(handle, phone.wrongAt(world.now()));
        twoFactor.rememberBrowser(proof);
        twoFactor.stepUp(ALICE, proof.stamp(), phone.wrongAt(world.now()));
        Regenerated regenerated = twoFactor.regenerateBackupCodes(proof);
        twoFactor.unseal(ALICE, twoFactor.seal(regenerated.proof()));
        twoFactor.operator("support").issueTemporaryCode(ALICE, Duration.ofHours(1), "called");
        world.verify("no code");
        world.verify(Results.WRONG_TEMPORARY_CODE);
        world.verify(owner.backupCodes().get(0)); // of the old set
        twoFactor.forgetBrowser(ALICE, proof.stamp().browser().orElseThrow());
        twoFactor.endTrust(ALICE);
        assertNotLocked();

        world.fail(phone, 1);
        assertThat(failedAttempts()).isEqualTo(5);
        assertLockedBy(Lock.Reason.BACK_OFF);
    }

    @Test
    @DisplayName("[23] ASP.NET #17184, ziti #4421: backup codes are too long to be guessed, so they need no limit")
    void verify_manyWrongBackupCodes_areNotCountedAndARightOnePasses() {
        Owner owner = world.enroll();
        world.store.forgetCounts();
        Challenge challenge = world.challenge(ALICE, Browser.none());
        for (int i = 0; i < 1_000; i++) {
            assertRejected(twoFactor.verify(challenge, Results.WRONG_BACKUP_CODE));
        }

        assertThat(world.store.writes()).isZero();
        assertNotLocked();
        assertAccepted(world.verify(owner.backupCodes().get(0)));
    }

    @Test
    @DisplayName("[23] ASP.NET #17184, ziti #4421: a backup code has 23 random symbols of 5 bits, and a check symbol")
    void backupCodes_eachSymbolButTheLast_takesEveryValue() {
        List<Set<Character>> seen = Stream.generate(() -> (Set<Character>) new HashSet<Character>())
                .limit(24)
                .toList();
        Verified proof = world.enroll().proof();
        for (int set = 0; set < 60; set++) {
            Regenerated regenerated = twoFactor.regenerateBackupCodes(proof);
            proof = regenerated.proof();
            for (String code : regenerated.codes()) {
                String symbols = code.replace("-", "");
                assertThat(symbols).hasSize(24);
                for (int i = 0; i < 24; i++) {
                    seen.get(i).add(symbols.charAt(i));
                }
            }
        }
        assertThat(seen).allSatisfy(values -> assertThat(values).hasSize(32));
    }

    @Test
    @DisplayName("[24] commcare #28483, django-otp: one attempt is one charge, however many authenticators are tried")
    void verify_wrongCodeOnFiveAuthenticators_isChargedOnce() {
        Phone phone = enrollFive();
        world.store.forgetCounts();

        assertRejected(world.verify(phone.wrongAt(world.now())));

        assertThat(failedAttempts()).isEqualTo(1);
        assertThat(world.store.writes()).isEqualTo(1);
    }

    private Phone enrollFive() {
        Owner owner = world.enroll();
        for (int i = 2; i <= 5; i++) {
            world.enrollAnother(owner.proof());
        }
        return owner.phone();
    }

    @Test
    @DisplayName("[25] Nextcloud #158: five authenticators have one budget, and a sixth is refused")
    void failures_withFiveAuthenticators_spendTheAccountsBudget() {
        Phone phone = enrollFive();
        Verified proof = world.prove(phone);
        assertThatIllegalStateException()
                .isThrownBy(() -> twoFactor.addAuthenticator(proof, EnrollmentRequest.of("alice")));

        failBetweenSuccesses(phone, 50);

        assertLockedBy(Lock.Reason.BUDGET_SPENT);
    }

    @Test
    @DisplayName("[25] Nextcloud #158: the published probability counts every authenticator, and bounds the policy")
    void guessProbability_ofFiveAuthenticators_isFiveTimesThatOfOne() {
        TwoFactorPolicy policy = TwoFactorPolicy.defaults();
        Duration month = Duration.ofDays(30);

        assertThat(policy.guessProbability(month, 5))
                .isCloseTo(5 * policy.guessProbability(month, 1), within(1e-12))
                .isLessThan(0.02);
        assertThatIllegalArgumentException().isThrownBy(() -> policy.guessProbability(month, 6));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> TwoFactorPolicy.builder().strangersBudget(3_000).build())
                .withMessageContaining("guessed");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TwoFactorPolicy.builder().knownBudget(3_000).build())
                .withMessageContaining("guessed");
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("[27] Keycloak #46164: no lock on one-time codes reaches backup codes or known browsers")
    void lock_ofAnyKind_leavesBackupCodesAndKnownBrowsers(Lock.Reason reason) {
        Owner owner = world.enroll();
        Verified elsewhere = World.proof(world.verify(FIREFOX, owner.phone().codeAt(world.now())));
        twoFactor.rememberBrowser(elsewhere);
        Browser remembered = World.browserWith(elsewhere.browserToken().orElseThrow());
        switch (reason) {
            case BACK_OFF -> world.fail(owner.phone(), 7);
            case SUSPENDED -> world.fail(owner.phone(), 50);
            case BUDGET_SPENT -> failBetweenSuccesses(owner.phone(), 50);
        }
        assertLockedBy(reason);
        assertLockedOut(world.verify(owner.phone().codeAt(world.now())));

        assertThat(twoFactor.signInRequirement(ALICE, remembered)).isInstanceOf(NoCodeRequired.class);
        assertAccepted(world.verify(owner.browser(), owner.phone().codeAt(world.now())));
        assertAccepted(world.verify(owner.backupCodes().get(0)));
    }

    @Test
    @DisplayName("[28] libpam: failures never move the counter of a token")
    void failures_ofStrangers_leaveTheCounterWhereItWas() {
        Phone token = world.importToken();
        for (int i = 0; i < 12; i++) {
            assertRejected(world.verify(token.code(i + 3))); // one beyond the look-ahead
            world.fail(token, 3);
            assertAccepted(world.verify(token.press()));
        }
    }

    @Test
    @DisplayName("[28] libpam: to find the counter again costs budget, and takes two codes in a row")
    void verify_twoCodes_areChargedOnceAndHaveToBeConsecutive() {
        Phone token = world.importToken();
        Challenge challenge = world.challenge(ALICE, Browser.none());
        assertRejected(twoFactor.verify(challenge, token.code(40), token.code(42)));
        assertRejected(twoFactor.verify(challenge, token.code(41), token.code(40)));
        assertRejected(twoFactor.verify(challenge, token.code(40), token.code(40)));
        assertRejected(twoFactor.verify(challenge, token.wrong(), token.code(40)));
        assertThat(failedAttempts()).isEqualTo(4);
        assertAccepted(twoFactor.verify(challenge, token.code(40), token.code(41)));

        for (int i = 0; i < 5; i++) {
            assertRejected(twoFactor.verify(challenge, token.wrong(), token.wrong()));
        }
        assertLockedOut(twoFactor.verify(challenge, token.code(50), token.code(51)));
        assertLockedOut(world.verify(token.code(42)));
    }

    @Test
    @DisplayName("[29] better-auth: a code asked for once more, within the session, is limited like any other")
    void stepUp_fiveWrongCodes_locks() {
        Phone phone = world.importApp();
        TrustStamp stamp = world.prove(phone).stamp();
        world.clock.advance(STEP);
        for (int i = 0; i < 5; i++) {
            assertRejected(twoFactor.stepUp(ALICE, stamp, phone.wrongAt(world.now())));
        }

        assertLockedOut(twoFactor.stepUp(ALICE, stamp, phone.codeAt(world.now())));
        assertLockedOut(twoFactor.stepUp(ALICE, stamp, "123456", "654321"));
    }

    @Test
    @DisplayName("[30] NIST SP 800-63B-4 section 3.2.2: 49 failures spread over a year count toward 50 in a row")
    void failures_overAYear_areAllCounted() {
        Phone phone = world.importApp();
        for (int i = 1; i <= 49; i++) {
            world.clock.set(START.plus(Duration.ofHours(178L * i)));
            assertRejected(world.verify(phone.wrongAt(world.now())));
            assertThat(failedAttempts()).isEqualTo(i);
        }
        world.clock.set(START.plus(Duration.ofDays(365)));
        assertNotLocked();

        assertRejected(world.verify(phone.wrongAt(world.now())));

        assertLockedBy(Lock.Reason.SUSPENDED);
        world.clock.advance(Duration.ofDays(3650));
        assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(new LockedOut(Optional.empty()));
    }
}
