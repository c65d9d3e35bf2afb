// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.abuse;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;
import static dev.sallyport.abuse.Results.assertAccepted;
import static dev.sallyport.abuse.Results.assertLockedOut;
import static dev.sallyport.abuse.Results.assertRejected;
import static dev.sallyport.abuse.Results.assertSignInAgain;
import static dev.sallyport.abuse.Results.count;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.Browser;
import dev.sallyport.Challenge;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.EnrollmentResult;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.ExistingAuthenticator;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.Phone;
import dev.sallyport.PublicTypes;
import dev.sallyport.Rejected;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.StaleProofException;
import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorPolicy;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.Hotp;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.otp.Window;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases 1 to 15, 76, 78, 87 and 89: a code that was used, or seen, passes again. */
class ReplayTest {
    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;

    /** What the phone shows some steps after the start, or before it. */
    private static String codeAt(Phone phone, int steps) {
        return phone.codeAt(START.plus(STEP.multipliedBy(steps)));
    }

    @ParameterizedTest
    @CsvSource({"-1, 29", "0, 1", "0, 29", "0, 31", "0, 59", "1, 31", "1, 59", "1, 89"})
    @DisplayName("[1] devise-two-factor CVE-2015-7225, CVE-2021-43177: a used code in each step of the window")
    void verify_usedCodeUpToTheLastSecondOfItsLife_isRejected(int stepsAhead, int secondsLater) {
        String code = codeAt(world.importApp(), stepsAhead);
        assertAccepted(world.verify(code));

        world.clock.set(START.plusSeconds(secondsLater));
        assertRejected(world.verify(code));

        World unused = new World();
        unused.importApp();
        unused.clock.set(START.plusSeconds(secondsLater));
        assertAccepted(unused.verify(code)); // so it was the use that made the difference
    }

    @Test
    @DisplayName("[2] Fortify CVE-2022-25838: used and used again, where no code was ever used before")
    void verify_firstCodeOfAFreshAccountAgain_isRejected() {
        String code = codeAt(world.importApp(), 0);

        assertAccepted(world.verify(code));
        assertRejected(world.verify(code));
        assertRejected(world.verify(code));
    }

    @Test
    @DisplayName("[3] Fortify, Discourse: the code of a fast phone passes once, and not once for each step")
    void verify_codeOfAFastPhoneThroughoutItsLife_isRejected() {
        String code = codeAt(world.importApp(), 1);
        assertAccepted(world.verify(code));

        for (int seconds = 0; seconds < 90; seconds++) {
            world.clock.set(START.plusSeconds(seconds));
            assertRejected(world.verify(code));
        }
    }

    @Test
    @DisplayName("[4] Gitea, Liferay CVE-2025-43798, CAS: A, B, then A again")
    void verify_codeFromBeforeTheLast_isRejected() {
        Phone phone = world.importApp();
        String a = codeAt(phone, 0);
        String b = codeAt(phone, 1);
        assertAccepted(world.verify(a));
        world.clock.advance(STEP);
        assertAccepted(world.verify(b));

        assertRejected(world.verify(a));
        assertRejected(world.verify(b));
    }

    @Test
    @DisplayName("[4] Gitea, Liferay CVE-2025-43798, CAS: B, then A, which is older and was never used")
    void verify_unusedCodeFromBeforeTheLast_isRejected() {
        Phone phone = world.importApp();
        assertAccepted(world.verify(codeAt(phone, 0)));

        assertRejected(world.verify(codeAt(phone, -1)));
    }

    @Test
    @DisplayName(
            "[5] allauth, CAS: " + "what was used is remembered for longer than a code lives, however wide the window")
    void verify_windowWidenedBetweenTwoRuns_usedAndOlderCodesStayRejected() {
        Phone phone = world.importApp();
        assertAccepted(world.verify(codeAt(phone, 0)));
        TwoFactor widened = world.node()
                .policy(TwoFactorPolicy.builder().window(new Window(5, 1)).build())
                .build();
        world.clock.advance(STEP.multipliedBy(4));
        Challenge challenge = world.challenge(ALICE, Browser.none());

        assertRejected(widened.verify(challenge, codeAt(phone, 0)));
        assertRejected(widened.verify(challenge, codeAt(phone, -1)));
        assertAccepted(widened.verify(challenge, codeAt(phone, 1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {" %s", "%s ", "%s-", "--%s  ", "   -   %s"})
    @DisplayName("[6] Vault HCSEC-2025-19, OpenBao: a used code with a blank in it is still used")
    void verify_usedCodeInAnotherSpelling_isRejected(String spelling) {
        String code = codeAt(world.importApp(), 0);
        assertAccepted(world.verify(code));

        assertRejected(world.verify(spelling.replace("%s", code)));
        assertRejected(world.verify(spelling.replace("%s", code.substring(0, 3) + " " + code.substring(3))));
    }

    @Test
    @DisplayName("[6] Vault HCSEC-2025-19, OpenBao: and a wrong code counts in any spelling")
    void verify_wrongCodeInFiveSpellings_locks() {
        Phone phone = world.importApp();
        String wrong = phone.wrongAt(START);
        for (String spelling : List.of(" %s", "%s ", "%s-", "--%s", "- %s -")) {
            assertRejected(world.verify(spelling.replace("%s", wrong)));
        }

        assertLockedOut(world.verify(codeAt(phone, 0)));
        assertLockedOut(world.verify(codeAt(phone, 0) + " "));
    }

    @Test
    @DisplayName("[7] Filament CVE-2026-48505, appwrite #11692, artifact-keeper #1822: "
            + "one backup code, 64 parallel requests, one sign-in")
    void verify_oneBackupCodeInParallel_isAcceptedOnce() throws Exception {
        Owner owner = world.enroll();
        String code = owner.backupCodes().get(0);

        Challenge challenge = world.challenge(ALICE, Browser.none());

        List<VerificationResult> results = ParallelRequests.send(world, 64, (node, i) -> node.verify(challenge, code));

        assertThat(count(Verified.class, results)).isEqualTo(1);
        // A used backup code ends trust, so the challenge of the others is dead.
        assertThat(count(SignInAgain.class, results)).isEqualTo(63);
        assertThat(twoFactor.status(ALICE).backupCodesLeft()).isEqualTo(9);
    }

    @Test
    @DisplayName("[8] Filament CVE-2025-67507: a used backup code, again and in another spelling")
    void verify_usedBackupCode_isRejected() {
        Owner owner = world.enroll();
        String code = owner.backupCodes().get(0);
        assertAccepted(world.verify(code));

        assertRejected(world.verify(code));
        assertRejected(world.verify(" " + code.replace("-", "")));
        assertRejected(world.node().build().verify(world.challenge(ALICE, Browser.none()), code));
        assertAccepted(world.verify(owner.backupCodes().get(1)));
        assertRejected(world.verify(code));
        assertThat(twoFactor.status(ALICE).backupCodesLeft()).isEqualTo(8);
    }

    @RepeatedTest(5)
    @DisplayName("[9] logto #9109, better-auth #10423, OwnPay #145: T and T+1 in parallel leave the watermark at T+1")
    void verify_twoCodesInParallel_watermarkEndsAtTheLater() throws Exception {
        Phone phone = world.importApp();
        Challenge challenge = world.challenge(ALICE, Browser.none());

        List<VerificationResult> results =
                ParallelRequests.send(world, 32, (node, i) -> node.verify(challenge, codeAt(phone, i / 2 % 2)));

        assertThat(count(Verified.class, results)).isBetween(1L, 2L);
        watermarkIsAtTheLater(phone);
    }

    @Test
    @DisplayName("[9] logto #9109, better-auth #10423, OwnPay #145: the slower writer does not lower the watermark")
    void verify_laterCodeAcceptedBetweenReadAndWrite_isRejected() {
        Phone phone = world.importApp();
        world.store.beforeNextWrite(() -> assertAccepted(world.verify(codeAt(phone, 1))));

        assertRejected(world.verify(codeAt(phone, 0)));

        watermarkIsAtTheLater(phone);
    }

    private void watermarkIsAtTheLater(Phone phone) {
        twoFactor.operator("test").unlock(ALICE, "so that codes are compared");
        for (int step = -1; step <= 1; step++) {
            assertRejected(world.verify(codeAt(phone, step)));
        }
        world.clock.advance(STEP);
        assertRejected(world.verify(codeAt(phone, 1)));
        assertAccepted(world.verify(codeAt(phone, 2)));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 29, 30, 59})
    @DisplayName("[10] hanko #2723, nebula-mesh #237: the code that confirmed an enrollment does not sign in")
    void verify_codeThatConfirmed_isRejected(long secondsLater) {
        PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, "alice");
        Phone phone = Phone.scan(pending);
        assertThat(twoFactor.confirmEnrollment(pending.handle(), codeAt(phone, 0)))
                .isInstanceOf(Enrolled.class);
        world.clock.advance(Duration.ofSeconds(secondsLater));

        assertRejected(world.verify(codeAt(phone, 0)));
        assertRejected(world.verify(codeAt(phone, -1)));
        assertAccepted(world.verify(codeAt(phone, 1)));
    }

    @Test
    @DisplayName("[11] Pad #914: disabled and enrolled again between the check of a code and its use")
    void verify_enrolledAgainBetweenReadAndWrite_isNotAccepted() {
        Owner old = world.enroll();
        String code = old.phone().codeAt(world.now());
        world.store.beforeNextWrite(() -> enrollAgain(old));

        assertSignInAgain(world.verify(code));
        assertRejected(world.verify(code));
    }

    @Test
    @DisplayName("[11] Pad #914: the same with a backup code")
    void verify_backupCodeEnrolledAgainBetweenReadAndWrite_isNotAccepted() {
        Owner old = world.enroll();
        world.store.beforeNextWrite(() -> enrollAgain(old));

        assertSignInAgain(world.verify(old.backupCodes().get(0)));
        assertRejected(world.verify(old.backupCodes().get(0)));
        assertThat(twoFactor.status(ALICE).backupCodesLeft()).isEqualTo(10);
    }

    private void enrollAgain(Owner old) {
        twoFactor.disable(old.proof());
        world.enroll();
    }

    @Test
    @DisplayName("[11] Pad #914: nothing of the old enrollment survives the new one")
    void everything_ofTheOldEnrollment_isGoodForNothing() {
        Owner old = world.enroll();
        twoFactor.rememberBrowser(old.proof());
        String sealed = twoFactor.seal(old.proof());
        enrollAgain(old);

        assertRejected(world.verify(old.phone().codeAt(world.now())));
        assertRejected(world.verify(old.backupCodes().get(0)));
        assertThat(twoFactor.signInRequirement(ALICE, old.browser())).isInstanceOf(CodeRequired.class);
        assertThat(twoFactor.isCurrent(ALICE, old.proof().stamp())).isFalse();
        assertThatThrownBy(() -> twoFactor.disable(old.proof())).isInstanceOf(StaleProofException.class);
        Verified unsealed = twoFactor.unseal(ALICE, sealed).orElseThrow();
        assertThatThrownBy(() -> twoFactor.disable(unsealed)).isInstanceOf(StaleProofException.class);
    }

    @Test
    @DisplayName("[12] ChurchCRM CVE-2026-40582, Gitea Basic-Auth: there is no check that does not use the code up")
    void publicApi_methodsThatCheckACode_areTheThreeThatUseItUp() {
        assertThat(Stream.of(TwoFactor.class.getMethods())
                        .filter(method -> method.getReturnType() == VerificationResult.class
                                || method.getReturnType() == EnrollmentResult.class))
                .extracting(Method::getName)
                .containsOnly("verify", "stepUp", "confirmEnrollment");
        assertThat(PublicTypes.besides(TwoFactor.class).stream()
                        .flatMap(type -> Stream.of(type.getMethods()))
                        .filter(method -> List.of(method.getParameterTypes()).contains(String.class)))
                .isNotEmpty()
                .allSatisfy(method -> assertThat(method.getReturnType()).isNotIn(boolean.class, Boolean.class));
    }

    @Test
    @DisplayName("[12] ChurchCRM CVE-2026-40582, Gitea Basic-Auth: a code used in one way is refused in the others")
    void codes_usedInOneWay_areRejectedInTheOthers() {
        Phone token = world.importToken();
        TrustStamp stamp = World.proof(world.verify(token.code(0))).stamp();
        Challenge challenge = world.challenge(ALICE, Browser.none());
        assertRejected(twoFactor.verify(challenge, token.code(0), token.code(1)));
        assertRejected(twoFactor.stepUp(ALICE, stamp, token.code(0)));
        assertAccepted(twoFactor.verify(challenge, token.code(1), token.code(2)));
        assertRejected(world.verify(token.code(1)));
        assertRejected(world.verify(token.code(2)));
        assertRejected(twoFactor.stepUp(ALICE, stamp, token.code(2)));
        assertAccepted(twoFactor.stepUp(ALICE, stamp, token.code(3)));
        assertRejected(world.verify(token.code(3)));
    }

    @Test
    @DisplayName("[13] Spring Security CVE-2026-22751: a request that did not write the use of a code is not let in")
    void verify_codeUsedBetweenReadAndWrite_isRejected() {
        Owner owner = world.enroll();
        String code = owner.phone().codeAt(world.now());
        world.store.beforeNextWrite(() -> assertAccepted(world.verify(code)));
        assertRejected(world.verify(code));

        String backupCode = owner.backupCodes().get(0);
        world.store.beforeNextWrite(() -> assertAccepted(world.verify(backupCode)));
        assertSignInAgain(world.verify(backupCode));
        assertRejected(world.verify(backupCode));
    }

    @Test
    @DisplayName("[14] java-totp #63, GoogleAuth, aerogear, kotlin-onetimepassword, otp-java: "
            + "a call that does not say after which step does not compile")
    void match_withoutTheLastUsedStep_doesNotCompile() {
        assertThat(Compiler.compiles("long last = 0; totp.match(secret, \"123456\", now, window, last);"))
                .isTrue();
        assertThat(Compiler.compiles("totp.match(secret, \"123456\", now, window);"))
                .isFalse();
        assertThat(Compiler.compiles("totp.match(secret, \"123456\", now);")).isFalse();
        assertThat(Compiler.compiles("boolean right = totp.match(secret, \"123456\", now, window, 0);"))
                .isFalse();
    }

    @Test
    @DisplayName("[15] otp-java: a counter before the expected one does not pass, within the look-ahead or not")
    void verify_usedCounters_areRejected() {
        Phone token = world.importToken();
        assertAccepted(world.verify(token.code(2)));

        for (int counter = 0; counter <= 2; counter++) {
            assertRejected(world.verify(token.code(counter)));
        }
        assertAccepted(world.verify(token.code(3)));
    }

    @Test
    @DisplayName("[15] otp-java: counter 0 with a look-ahead throws nothing")
    void verify_counterZero_isAccepted() {
        Phone token = world.importToken();
        assertThat(Hotp.of(HmacAlgorithm.SHA1, 6).match(SharedSecret.fromBase32(Phone.RFC_SECRET), token.code(0), 0, 5))
                .hasValue(0);

        assertAccepted(world.verify(token.code(0)));
    }

    private static ExistingAuthenticator appOfTheRfc() {
        return ExistingAuthenticator.totp(SharedSecret.fromBase32(Phone.RFC_SECRET), TotpParameters.DEFAULT);
    }

    @Test
    @DisplayName("[76] A migration: codes that the old library may have accepted a moment ago are used")
    void verify_importedWithoutItsLastStep_everythingThatTheWindowReachesIsUsed() {
        world.importAll(appOfTheRfc());
        Phone phone = Phone.ofSecret(Phone.RFC_SECRET);

        for (int step = -1; step <= 1; step++) {
            assertRejected(world.verify(codeAt(phone, step)));
        }
        world.clock.advance(STEP);
        assertAccepted(world.verify(codeAt(phone, 2)));
    }

    @Test
    @DisplayName("[76] A migration: where the old library says its last step, codes after it are good")
    void verify_importedWithItsLastStep_codesAfterItAreGood() {
        Phone phone = Phone.ofSecret(Phone.RFC_SECRET);
        world.importAll(appOfTheRfc().lastUsedStep(phone.step(START)));

        assertRejected(world.verify(codeAt(phone, 0)));
        assertAccepted(world.verify(codeAt(phone, 1)));
    }

    @Test
    @DisplayName("[78] A token enrolled again from its seed: codes that were used before do not confirm it")
    void confirm_existingAppWithoutItsLastStep_everythingThatTheWindowReachesIsUsed() {
        PendingEnrollment pending =
                twoFactor.beginEnrollment(ALICE, EnrollmentRequest.of("alice").existing(appOfTheRfc()));
        Phone phone = Phone.ofSecret(Phone.RFC_SECRET);

        for (int step = -1; step <= 1; step++) {
            assertThat(twoFactor.confirmEnrollment(pending.handle(), codeAt(phone, step)))
                    .isEqualTo(new Rejected());
        }
        world.clock.advance(STEP);
        assertThat(twoFactor.confirmEnrollment(pending.handle(), codeAt(phone, 2)))
                .isInstanceOf(Enrolled.class);
    }

    @Test
    @DisplayName("[78] A token enrolled again from its seed: a counter-based one has to say its counter")
    void existingAuthenticator_counterBased_saysItsCounter() {
        assertThat(Compiler.compiles("ExistingAuthenticator.hotp(secret, HmacAlgorithm.SHA1, 6, 7);"))
                .isTrue();
        assertThat(Compiler.compiles("ExistingAuthenticator.hotp(secret, HmacAlgorithm.SHA1, 6);"))
                .isFalse();
        world.importAll(
                ExistingAuthenticator.hotp(SharedSecret.fromBase32(Phone.RFC_SECRET), HmacAlgorithm.SHA1, 6, 3));
        Phone token = Phone.ofSecret(Phone.RFC_SECRET);

        for (int counter = 0; counter <= 2; counter++) {
            assertRejected(world.verify(token.code(counter)));
        }
        assertAccepted(world.verify(token.code(3)));
    }

    @Test
    @DisplayName("[87] tolgee PR #3601: a code seen a moment before the owner used a backup code is dead")
    void verify_codeSeenBeforeABackupCodeWasUsed_isRejected() {
        Owner owner = world.enroll();
        long now = owner.phone().step(world.now());
        assertAccepted(world.verify(owner.backupCodes().get(0)));

        for (long step = now - 1; step <= now + 1; step++) {
            assertRejected(world.verify(owner.phone().code(step)));
        }
        world.clock.advance(STEP);
        assertRejected(world.verify(owner.phone().code(now + 1)));
        assertAccepted(world.verify(owner.phone().code(now + 2)));
    }

    @Test
    @DisplayName("[87] tolgee PR #3601: the same with a temporary code")
    void verify_codeSeenBeforeATemporaryCodeWasUsed_isRejected() {
        Owner owner = world.enroll();
        String seen = owner.phone().codeAt(world.now());
        assertAccepted(world.verify(twoFactor
                .operator("support")
                .issueTemporaryCode(ALICE, Duration.ofHours(1), "phone lost")
                .value()));

        assertRejected(world.verify(seen));
    }

    @Test
    @DisplayName("[89] Two codes seen 50 minutes ago: they do not sign in, and do not move the owner's phone")
    void verify_twoOldCodesOfAPhone_areRejectedAndMoveNothing() {
        Phone phone = world.importApp();
        Challenge challenge = world.challenge(ALICE, Browser.none());

        for (int stepsAgo : List.of(100, 50, 20, 10, 3)) {
            assertRejected(twoFactor.verify(challenge, codeAt(phone, -stepsAgo), codeAt(phone, 1 - stepsAgo)));
            twoFactor.operator("test").unlock(ALICE, "so that codes are compared");
        }

        assertThat(twoFactor.status(ALICE).authenticators().get(0).offset()).isZero();
        assertAccepted(world.verify(codeAt(phone, 0)));
    }

    @Test
    @DisplayName("[89] Two codes seen 50 minutes ago: a hardware token is moved by at most 20 steps")
    void verify_twoOldCodesOfAToken_moveItByTwentyStepsAtMost() {
        world.importAll(appOfTheRfc().ownClock().lastUsedStep(0));
        Phone token = Phone.ofSecret(Phone.RFC_SECRET);
        Challenge challenge = world.challenge(ALICE, Browser.none());

        assertRejected(twoFactor.verify(challenge, codeAt(token, -100), codeAt(token, -99)));
        assertRejected(twoFactor.verify(challenge, codeAt(token, -22), codeAt(token, -21)));
        assertAccepted(twoFactor.verify(challenge, codeAt(token, -20), codeAt(token, -19)));
        assertThat(twoFactor.status(ALICE).authenticators().get(0).offset()).isEqualTo(-19);
    }

    @Test
    @DisplayName("[89] Two codes seen 50 minutes ago: used codes do not become good again")
    void verify_twoCodesAtOrBelowTheWatermark_areRejected() {
        world.importAll(appOfTheRfc().ownClock().lastUsedStep(0));
        Phone token = Phone.ofSecret(Phone.RFC_SECRET);
        assertAccepted(world.verify(codeAt(token, 0)));
        Challenge challenge = world.challenge(ALICE, Browser.none());

        assertRejected(twoFactor.verify(challenge, codeAt(token, -5), codeAt(token, -4)));
        assertRejected(twoFactor.verify(challenge, codeAt(token, -1), codeAt(token, 0)));
        assertRejected(twoFactor.verify(challenge, codeAt(token, 0), codeAt(token, 1)));
        assertAccepted(twoFactor.verify(challenge, codeAt(token, 1), codeAt(token, 2)));
    }
}
