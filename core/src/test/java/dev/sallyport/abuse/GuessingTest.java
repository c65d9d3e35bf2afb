// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.abuse;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;
import static dev.sallyport.abuse.Answers.count;
import static dev.sallyport.abuse.Answers.isAccepted;
import static dev.sallyport.abuse.Answers.isLockedOut;
import static dev.sallyport.abuse.Answers.isRejected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.sallyport.BrowserToken;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.KeyRing;
import dev.sallyport.LockReason;
import dev.sallyport.Phone;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.RememberedBrowser;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorPolicy;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Suspended;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World;
import dev.sallyport.World.Owner;
import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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

    private void isLockedBy(LockReason reason) {
        assertThat(twoFactor.status(ALICE).lock()).contains(reason);
    }

    private void isNotLocked() {
        assertThat(twoFactor.status(ALICE).lock()).isEmpty();
    }

    /** Four failures after each success at most: neither back-off nor cap is met. */
    private void failBetweenSuccesses(Phone phone, int times) {
        for (int i = 0; i < times; i++) {
            if (i % 4 == 0) {
                world.clock.advance(STEP);
                world.prove(phone);
            }
            isRejected(world.verify(phone.wrongAt(world.now())));
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
        bare.importWithoutConfirmation(ALICE, EveryCall.imported());
        Phone phone = Phone.ofSecret(Phone.RFC_SECRET);

        for (int i = 0; i < 5; i++) {
            isRejected(bare.verify(ALICE, phone.wrongAt(Instant.now())));
        }
        isLockedOut(bare.verify(ALICE, phone.codeAt(Instant.now())));
    }

    @Test
    @DisplayName("[16] devise-two-factor CVE-2024-0227: no policy is without a limit")
    void policy_withALimitThatIsNone_isRefused() {
        List<TwoFactorPolicy.Builder> withoutLimit = List.of(
                TwoFactorPolicy.builder().failuresBeforeLockout(Integer.MAX_VALUE),
                TwoFactorPolicy.builder().failuresBeforeLockout(0),
                TwoFactorPolicy.builder().firstLockout(Duration.ZERO),
                TwoFactorPolicy.builder().suspendAfter(101),
                TwoFactorPolicy.builder().suspendAfter(0),
                TwoFactorPolicy.builder().failureBudget(Integer.MAX_VALUE),
                TwoFactorPolicy.builder().failureBudget(0),
                TwoFactorPolicy.builder().failuresBeforeBackupWait(Integer.MAX_VALUE),
                TwoFactorPolicy.builder().enrollmentAttempts(Integer.MAX_VALUE));

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

        List<VerificationResult> results =
                AtOnce.requests(world, 64, (node, i) -> node.verify(ALICE, phone.wrongAt(START)));

        assertThat(count(Rejected.class, results)).isEqualTo(5 - failuresBefore);
        assertThat(results)
                .filteredOn(new LockedOut(START.plusSeconds(30))::equals)
                .hasSize(59 + failuresBefore);
        assertThat(failedAttempts()).isEqualTo(5);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("[19] Nextcloud CVE-2021-41177: where the store fails, every call fails, and changes nothing")
    void anyCall_storeFails_throwsAndGrantsNothing(EveryCall call) {
        Verified proof = world.prove(world.importApp());
        Map<String, String> before = Map.copyOf(world.rows);
        world.store.failOnFind(new StoreException("out of reach"));

        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> call.on(twoFactor, proof));
        assertThat(world.rows).isEqualTo(before);
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
        for (int failures = 1; failures <= 5; failures++) {
            TwoFactor reloaded = world.node()
                    .store(new MapTwoFactorStore(new ConcurrentHashMap<>(world.rows)))
                    .build();
            isAccepted(reloaded.verify(ALICE, phone.codeAt(START)));

            isRejected(world.verify(phone.wrongAt(START)));

            assertThat(failedAttempts()).isEqualTo(failures);
        }
        TwoFactor reloaded = world.node()
                .store(new MapTwoFactorStore(new ConcurrentHashMap<>(world.rows)))
                .build();
        isLockedOut(reloaded.verify(ALICE, phone.codeAt(START)));
    }

    @Test
    @DisplayName("[21] acore-cms #211, autentico #360: a new session, browser or node has no guesses of its own")
    void verify_eachGuessInASessionOfItsOwn_locks() {
        Phone phone = world.importApp();
        for (int i = 0; i < 5; i++) {
            TwoFactor node = world.node().build();
            assertThat(node.signInRequirement(ALICE, "a cookie of session " + i))
                    .isEqualTo(new CodeRequired());
            isRejected(node.verify(ALICE, phone.wrongAt(START)));
        }

        isLockedOut(world.node().build().verify(ALICE, phone.codeAt(START)));
    }

    @Test
    @DisplayName("[22] dragonflight: the right password clears no count, nor does anything else but a right code")
    void failures_whateverElseIsCalled_stayCounted() {
        Phone phone = world.importApp();
        Verified proof = world.prove(phone);
        String backupCode = twoFactor.regenerateBackupCodes(proof).asList().get(0);
        BrowserToken token = twoFactor.rememberBrowser(proof, "Firefox");
        world.clock.advance(STEP);
        world.fail(phone, 4);

        twoFactor.signInRequirement(ALICE, null); // after the right password
        twoFactor.signInRequirement(ALICE, token.value());
        twoFactor.signInRequirement(ALICE, "wrong");
        twoFactor.status(ALICE);
        twoFactor.pendingEnrollment(ALICE);
        twoFactor.beginEnrollment(proof, EnrollmentRequest.of("alice"));
        twoFactor.pendingEnrollment(proof);
        twoFactor.confirmEnrollment(ALICE, phone.wrongAt(world.now()));
        twoFactor.cancelEnrollment(ALICE);
        twoFactor.rememberBrowser(proof, "Chrome");
        twoFactor.regenerateBackupCodes(proof);
        twoFactor.unseal(ALICE, twoFactor.seal(proof));
        world.verify("no code");
        world.verify(backupCode); // of the old set
        twoFactor.forgetBrowser(ALICE, token.browser());
        twoFactor.forgetBrowsers(ALICE);
        isNotLocked();

        world.fail(phone, 1);
        assertThat(failedAttempts()).isEqualTo(5);
        isLockedBy(LockReason.BACK_OFF);
    }

    @Test
    @DisplayName("[23] ASP.NET #17184, ziti #4421: backup codes have a limit of their own")
    void verify_fiveWrongBackupCodes_makeTheNextWaitFiveSeconds() {
        Owner owner = world.enroll();
        for (int i = 0; i < 5; i++) {
            isRejected(world.verify("0000-0000-0000-0000"));
        }
        LockedOut answer = new LockedOut(world.now().plusSeconds(5));

        assertThat(world.verify(owner.backupCodes().get(0))).isEqualTo(answer);
        assertThat(world.verify("0000-0000-0000-0000")).isEqualTo(answer);
        world.clock.set(answer.until().minusMillis(1));
        assertThat(world.verify(owner.backupCodes().get(0))).isEqualTo(answer);
        world.clock.set(answer.until());
        isAccepted(world.verify(owner.backupCodes().get(0)));
    }

    @Test
    @DisplayName("[24] commcare #28483, django-otp: one attempt is one charge, however many authenticators are tried")
    void verify_wrongCodeOnFiveAuthenticators_isChargedOnce() {
        Phone phone = enrollFive();
        world.store.forgetCounts();

        isRejected(world.verify(phone.wrongAt(world.now())));

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
                .isThrownBy(() -> twoFactor.beginEnrollment(proof, EnrollmentRequest.of("alice")));

        failBetweenSuccesses(phone, 100);

        isLockedBy(LockReason.BUDGET_SPENT);
    }

    @Test
    @DisplayName("[25] Nextcloud #158: the published probability counts every authenticator, and bounds the policy")
    void guessProbability_ofFiveAuthenticators_isFiveTimesThatOfOne() {
        TwoFactorPolicy policy = TwoFactorPolicy.defaults();
        Duration month = Duration.ofDays(30);

        assertThat(policy.guessProbability(month, 5))
                .isCloseTo(5 * policy.guessProbability(month, 1), within(1e-12))
                .isLessThan(0.02);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TwoFactorPolicy.builder().maxAuthenticators(6).build());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TwoFactorPolicy.builder().failureBudget(300).build())
                .withMessageContaining("guessed");
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("[27] Keycloak #46164: no lock on one-time codes takes backup codes or remembered browsers away")
    void lock_ofAnyKind_leavesBackupCodesAndBrowsers(LockReason reason) {
        Owner owner = world.enroll();
        BrowserToken token = twoFactor.rememberBrowser(owner.proof(), "Firefox");
        switch (reason) {
            case BACK_OFF -> world.fail(owner.phone(), 7);
            case SUSPENDED -> world.fail(owner.phone(), 100);
            case BUDGET_SPENT -> failBetweenSuccesses(owner.phone(), 100);
        }
        isLockedBy(reason);

        assertThat(twoFactor.signInRequirement(ALICE, token.value())).isEqualTo(new RememberedBrowser(token.browser()));
        isAccepted(world.verify(owner.backupCodes().get(0)));
        isNotLocked();
    }

    @Test
    @DisplayName("[28] libpam: failures never move the counter of a token")
    void failures_ofStrangers_leaveTheCounterWhereItWas() {
        Phone token = world.importToken();
        for (int i = 0; i < 20; i++) {
            isRejected(world.verify(token.code(i + 6))); // one beyond the look-ahead
            world.fail(token, 3);
            isAccepted(world.verify(token.press()));
        }
    }

    @Test
    @DisplayName("[28] libpam: to find the counter again costs budget, and takes two codes in a row")
    void resynchronize_guesses_areChargedAndNeedConsecutiveCodes() {
        Phone token = world.importToken();
        isRejected(twoFactor.resynchronize(ALICE, token.code(40), token.code(42)));
        isRejected(twoFactor.resynchronize(ALICE, token.code(41), token.code(40)));
        isRejected(twoFactor.resynchronize(ALICE, token.code(40), token.code(40)));
        isRejected(twoFactor.resynchronize(ALICE, token.wrong(), token.code(40)));
        assertThat(failedAttempts()).isEqualTo(4);
        isAccepted(twoFactor.resynchronize(ALICE, token.code(40), token.code(41)));

        for (int i = 0; i < 5; i++) {
            isRejected(twoFactor.resynchronize(ALICE, token.wrong(), token.wrong()));
        }
        isLockedOut(twoFactor.resynchronize(ALICE, token.code(50), token.code(51)));
        isLockedOut(world.verify(token.code(42)));
    }

    @Test
    @DisplayName("[29] better-auth: a code asked for once more, within the session, is limited like any other")
    void verify_stepUpOfASignedInUser_locks() {
        Phone phone = world.importApp();
        world.prove(phone);
        world.clock.advance(STEP);
        for (int i = 0; i < 5; i++) {
            isRejected(world.verify(phone.wrongAt(world.now())));
        }

        isLockedOut(world.verify(phone.codeAt(world.now())));
        isLockedOut(twoFactor.resynchronize(ALICE, "123456", "654321"));
    }

    @Test
    @DisplayName("[30] NIST SP 800-63B-4 section 3.2.2: 99 failures spread over a year count toward 100 in a row")
    void failures_overAYear_areAllCounted() {
        Phone phone = world.importApp();
        for (int i = 1; i <= 99; i++) {
            world.clock.set(START.plus(Duration.ofHours(87L * i)));
            isRejected(world.verify(phone.wrongAt(world.now())));
            assertThat(failedAttempts()).isEqualTo(i);
        }
        world.clock.set(START.plus(Duration.ofDays(365)));
        assertThat(twoFactor.status(ALICE).suspended()).isFalse();

        isRejected(world.verify(phone.wrongAt(world.now())));

        assertThat(twoFactor.status(ALICE).suspended()).isTrue();
        world.clock.advance(Duration.ofDays(3650));
        assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(new Suspended());
    }
}
