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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.EnrollmentResult;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.Phone;
import dev.sallyport.PublicTypes;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.StaleProofException;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorPolicy;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.Hotp;
import dev.sallyport.otp.SharedSecret;
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

/** Cases 1 to 15: a code that was used passes again. */
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
        isAccepted(world.verify(code));

        world.clock.set(START.plusSeconds(secondsLater));
        isRejected(world.verify(code));

        World unused = new World();
        unused.importApp();
        unused.clock.set(START.plusSeconds(secondsLater));
        isAccepted(unused.verify(code)); // so it was the use that made the difference
    }

    @Test
    @DisplayName("[2] Fortify CVE-2022-25838: used and used again, where no code was ever used before")
    void verify_firstCodeOfAFreshAccountAgain_isRejected() {
        String code = codeAt(world.importApp(), 0);

        isAccepted(world.verify(code));
        isRejected(world.verify(code));
        isRejected(world.verify(code));
    }

    @Test
    @DisplayName("[3] Fortify, Discourse: the code of a fast phone passes once, and not once for each step")
    void verify_codeOfAFastPhoneThroughoutItsLife_isRejected() {
        String code = codeAt(world.importApp(), 1);
        isAccepted(world.verify(code));

        for (int seconds = 0; seconds < 90; seconds++) {
            world.clock.set(START.plusSeconds(seconds));
            isRejected(world.verify(code));
        }
    }

    @Test
    @DisplayName("[4] Gitea, Liferay CVE-2025-43798, CAS: A, B, then A again")
    void verify_codeFromBeforeTheLast_isRejected() {
        Phone phone = world.importApp();
        String a = codeAt(phone, 0);
        String b = codeAt(phone, 1);
        isAccepted(world.verify(a));
        world.clock.advance(STEP);
        isAccepted(world.verify(b));

        isRejected(world.verify(a));
        isRejected(world.verify(b));
    }

    @Test
    @DisplayName("[4] Gitea, Liferay CVE-2025-43798, CAS: B, then A, which is older and was never used")
    void verify_unusedCodeFromBeforeTheLast_isRejected() {
        Phone phone = world.importApp();
        isAccepted(world.verify(codeAt(phone, 0)));

        isRejected(world.verify(codeAt(phone, -1)));
    }

    @Test
    @DisplayName(
            "[5] allauth, CAS: " + "what was used is remembered for longer than a code lives, however wide the window")
    void verify_windowWidenedBetweenTwoRuns_usedAndOlderCodesStayRejected() {
        Phone phone = world.importApp();
        isAccepted(world.verify(codeAt(phone, 0)));
        TwoFactor widened = world.node()
                .policy(TwoFactorPolicy.builder()
                        .window(new Window(5, 1))
                        .maxCodeLifetime(Duration.ofMinutes(4))
                        .build())
                .build();
        world.clock.advance(STEP.multipliedBy(4));

        isRejected(widened.verify(ALICE, codeAt(phone, 0)));
        isRejected(widened.verify(ALICE, codeAt(phone, -1)));
        isAccepted(widened.verify(ALICE, codeAt(phone, 1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {" %s", "%s ", "%s-", "--%s  ", "   -   %s"})
    @DisplayName("[6] Vault HCSEC-2025-19, OpenBao: a blank makes a used code no new one")
    void verify_usedCodeInAnotherDress_isRejected(String dress) {
        String code = codeAt(world.importApp(), 0);
        isAccepted(world.verify(code));

        isRejected(world.verify(dress.replace("%s", code)));
        isRejected(world.verify(dress.replace("%s", code.substring(0, 3) + " " + code.substring(3))));
    }

    @Test
    @DisplayName("[6] Vault HCSEC-2025-19, OpenBao: nor is a wrong code in another dress outside the limit")
    void verify_wrongCodeInFiveDresses_locks() {
        Phone phone = world.importApp();
        String wrong = phone.wrongAt(START);
        for (String dress : List.of(" %s", "%s ", "%s-", "--%s", "- %s -")) {
            isRejected(world.verify(dress.replace("%s", wrong)));
        }

        isLockedOut(world.verify(codeAt(phone, 0)));
        isLockedOut(world.verify(codeAt(phone, 0) + " "));
    }

    @Test
    @DisplayName("[7] Filament CVE-2026-48505, appwrite #11692, artifact-keeper #1822: "
            + "one backup code, 64 parallel requests, one sign-in")
    void verify_oneBackupCodeInParallel_isAcceptedOnce() throws Exception {
        Owner owner = world.enroll();
        String code = owner.backupCodes().get(0);

        List<VerificationResult> results = AtOnce.requests(world, 64, (node, i) -> node.verify(ALICE, code));

        assertThat(count(Verified.class, results)).isEqualTo(1);
        // A spent code is a wrong one, and five of those make the others wait.
        assertThat(count(Rejected.class, results)).isEqualTo(5);
        assertThat(count(LockedOut.class, results)).isEqualTo(58);
        assertThat(twoFactor.status(ALICE).backupCodesLeft()).isEqualTo(9);
    }

    @Test
    @DisplayName("[8] Filament CVE-2025-67507: a used backup code, again and in another dress")
    void verify_usedBackupCode_isRejected() {
        Owner owner = world.enroll();
        String code = owner.backupCodes().get(0);
        isAccepted(world.verify(code));

        isRejected(world.verify(code));
        isRejected(world.verify(" " + code.replace("-", "")));
        isRejected(world.node().build().verify(ALICE, code));
        isAccepted(world.verify(owner.backupCodes().get(1)));
        isRejected(world.verify(code));
        assertThat(twoFactor.status(ALICE).backupCodesLeft()).isEqualTo(8);
    }

    @RepeatedTest(5)
    @DisplayName("[9] logto #9109, better-auth #10423, OwnPay #145: T and T+1 in parallel leave the watermark at T+1")
    void verify_twoCodesInParallel_watermarkEndsAtTheLater() throws Exception {
        Phone phone = world.importApp();

        List<VerificationResult> results =
                AtOnce.requests(world, 32, (node, i) -> node.verify(ALICE, codeAt(phone, i / 2 % 2)));

        assertThat(count(Verified.class, results)).isBetween(1L, 2L);
        watermarkIsAtTheLater(phone);
    }

    @Test
    @DisplayName("[9] logto #9109, better-auth #10423, OwnPay #145: the slower writer does not lower the watermark")
    void verify_laterCodeAcceptedBetweenReadAndWrite_isRejected() {
        Phone phone = world.importApp();
        world.store.beforeNextWrite(() -> isAccepted(world.verify(codeAt(phone, 1))));

        isRejected(world.verify(codeAt(phone, 0)));

        watermarkIsAtTheLater(phone);
    }

    private void watermarkIsAtTheLater(Phone phone) {
        twoFactor.unlock(ALICE, "so that codes are looked at");
        for (int step = -1; step <= 1; step++) {
            isRejected(world.verify(codeAt(phone, step)));
        }
        world.clock.advance(STEP);
        isRejected(world.verify(codeAt(phone, 1)));
        isAccepted(world.verify(codeAt(phone, 2)));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 29, 30, 59})
    @DisplayName("[10] hanko #2723, nebula-mesh #237: the code that confirmed an enrollment is no first sign-in")
    void verify_codeThatConfirmed_isRejected(long secondsLater) {
        Phone phone = Phone.scan(twoFactor.beginEnrollment(ALICE, "alice"));
        assertThat(twoFactor.confirmEnrollment(ALICE, codeAt(phone, 0))).isInstanceOf(Enrolled.class);
        world.clock.advance(Duration.ofSeconds(secondsLater));

        isRejected(world.verify(codeAt(phone, 0)));
        isRejected(world.verify(codeAt(phone, -1)));
        isAccepted(world.verify(codeAt(phone, 1)));
    }

    @Test
    @DisplayName("[11] Pad #914: disabled and enrolled again between the check of a code and its use")
    void verify_enrolledAgainBetweenReadAndWrite_isRejected() {
        Owner old = world.enroll();
        String code = old.phone().codeAt(world.now());
        world.store.beforeNextWrite(() -> enrollAgain(old));

        isRejected(world.verify(code));
    }

    @Test
    @DisplayName("[11] Pad #914: the same with a backup code")
    void verify_backupCodeEnrolledAgainBetweenReadAndWrite_isRejected() {
        Owner old = world.enroll();
        world.store.beforeNextWrite(() -> enrollAgain(old));

        isRejected(world.verify(old.backupCodes().get(0)));
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
        String browser = twoFactor.rememberBrowser(old.proof(), "Firefox").value();
        String sealed = twoFactor.seal(old.proof());
        enrollAgain(old);

        isRejected(world.verify(old.phone().codeAt(world.now())));
        isRejected(world.verify(old.backupCodes().get(0)));
        assertThat(twoFactor.signInRequirement(ALICE, browser)).isEqualTo(new CodeRequired());
        assertThatThrownBy(() -> twoFactor.disable(old.proof())).isInstanceOf(StaleProofException.class);
        Verified unsealed = twoFactor.unseal(ALICE, sealed).orElseThrow();
        assertThatThrownBy(() -> twoFactor.disable(unsealed)).isInstanceOf(StaleProofException.class);
    }

    @Test
    @DisplayName("[12] ChurchCRM CVE-2026-40582, Gitea Basic-Auth: there is no check that does not use the code up")
    void publicApi_methodsThatJudgeACode_areTheThreeThatUseItUp() {
        assertThat(Stream.of(TwoFactor.class.getMethods())
                        .filter(method -> method.getReturnType() == VerificationResult.class
                                || method.getReturnType() == EnrollmentResult.class))
                .extracting(Method::getName)
                .containsExactlyInAnyOrder("verify", "resynchronize", "confirmEnrollment");
        assertThat(PublicTypes.besides(TwoFactor.class).stream()
                        .flatMap(type -> Stream.of(type.getMethods()))
                        .filter(method -> List.of(method.getParameterTypes()).contains(String.class)))
                .isNotEmpty()
                .allSatisfy(method -> assertThat(method.getReturnType()).isNotIn(boolean.class, Boolean.class));
    }

    @Test
    @DisplayName("[12] ChurchCRM CVE-2026-40582, Gitea Basic-Auth: what one way has used up, the others refuse")
    void codes_usedInOneWay_areRejectedInTheOthers() {
        Phone token = world.importToken();
        isAccepted(world.verify(token.code(0)));
        isRejected(twoFactor.resynchronize(ALICE, token.code(0), token.code(1)));
        isAccepted(twoFactor.resynchronize(ALICE, token.code(1), token.code(2)));
        isRejected(world.verify(token.code(1)));
        isRejected(world.verify(token.code(2)));
        isAccepted(world.verify(token.code(3)));
    }

    @Test
    @DisplayName("[13] Spring Security CVE-2026-22751: who did not write the use of a code has not used it")
    void verify_codeUsedBetweenReadAndWrite_isRejected() {
        Owner owner = world.enroll();
        for (String code :
                List.of(owner.phone().codeAt(world.now()), owner.backupCodes().get(0))) {
            world.store.beforeNextWrite(() -> isAccepted(world.verify(code)));

            isRejected(world.verify(code));
        }
    }

    @Test
    @DisplayName("[14] java-totp #63, GoogleAuth, aerogear, kotlin-onetimepassword, otp-java: "
            + "without saying after which step, a call does not compile")
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
        isAccepted(world.verify(token.code(3)));

        for (int counter = 0; counter <= 3; counter++) {
            isRejected(world.verify(token.code(counter)));
        }
        isAccepted(world.verify(token.code(4)));
    }

    @Test
    @DisplayName("[15] otp-java: counter 0 with a look-ahead throws nothing")
    void verify_counterZero_isAccepted() {
        Phone token = world.importToken();
        assertThat(Hotp.of(HmacAlgorithm.SHA1, 6).match(SharedSecret.fromBase32(Phone.RFC_SECRET), token.code(0), 0, 5))
                .hasValue(0);

        isAccepted(world.verify(token.code(0)));
    }
}
