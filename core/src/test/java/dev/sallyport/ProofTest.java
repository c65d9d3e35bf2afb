// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.STEP;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.VerificationResult.NotEnrolled;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.storage.StoredRecord;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ProofTest {
    private static final Duration LIFETIME = Duration.ofMinutes(5);
    private static final EnrollmentRequest REQUEST = EnrollmentRequest.of("alice");

    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;
    private final Phone phone = world.importApp();
    private final Verified proof = world.prove(phone);

    private AuthenticatorId onlyAuthenticator() {
        return twoFactor.status(ALICE).authenticators().get(0).id();
    }

    /** One of the calls that demand a proof. */
    private interface Use {
        void of(TwoFactor twoFactor, Verified proof);
    }

    static Stream<Arguments> uses() {
        return Stream.of(
                use("beginEnrollment", (twoFactor, proof) -> twoFactor.beginEnrollment(proof, REQUEST)),
                use("pendingEnrollment", TwoFactor::pendingEnrollment),
                use("rememberBrowser", (twoFactor, proof) -> twoFactor.rememberBrowser(proof, "Firefox")),
                use("regenerateBackupCodes", TwoFactor::regenerateBackupCodes),
                use(
                        "removeAuthenticator",
                        (twoFactor, proof) ->
                                twoFactor.removeAuthenticator(proof, AuthenticatorId.of("0123456789abcdef"))),
                use("disable", TwoFactor::disable));
    }

    private static Arguments use(String name, Use use) {
        return Arguments.of(name, use);
    }

    private static void isStale(TwoFactor twoFactor, Verified proof) {
        assertThat(uses()).allSatisfy(arguments -> {
            Use use = (Use) arguments.get()[1];
            assertThatThrownBy(() -> use.of(twoFactor, proof))
                    .as("%s", arguments.get()[0])
                    .isInstanceOf(StaleProofException.class);
        });
    }

    private static void isFresh(TwoFactor twoFactor, Verified proof) {
        assertThatCode(() -> twoFactor.rememberBrowser(proof, "Firefox")).doesNotThrowAnyException();
    }

    @Nested
    class Time {

        @Test
        void proof_within5Minutes_servesSeveralCalls() {
            twoFactor.rememberBrowser(proof, "Firefox");
            world.clock.advance(Duration.ofMinutes(1));
            twoFactor.regenerateBackupCodes(proof);
            world.clock.advance(Duration.ofMinutes(1));
            twoFactor.rememberBrowser(proof, "Chrome");
            world.clock.advance(Duration.ofMinutes(1));
            twoFactor.disable(proof);

            assertThat(world.rows).isEmpty();
        }

        @Test
        void proof_after5MinutesToTheMillisecond_serves() {
            world.clock.set(proof.at().plus(LIFETIME));

            isFresh(twoFactor, proof);
            assertThat(twoFactor.seal(proof)).isNotEmpty();
        }

        @ParameterizedTest(name = "{0}")
        @MethodSource("dev.sallyport.ProofTest#uses")
        void proof_afterMoreThan5Minutes_isStaleAndChangesNothing(String name, Use use) {
            world.clock.set(proof.at().plus(LIFETIME).plusMillis(1));
            world.store.forgetCounts();

            assertThatThrownBy(() -> use.of(twoFactor, proof)).as(name).isInstanceOf(StaleProofException.class);
            assertThatThrownBy(() -> twoFactor.seal(proof)).isInstanceOf(StaleProofException.class);
            assertThat(world.store.writes()).isZero();
        }

        @Test
        void proof_fromTheFuture_servesWithin5MinutesAndNoLonger() {
            world.clock.set(proof.at().minus(LIFETIME));
            isFresh(twoFactor, proof);

            world.clock.set(proof.at().minus(LIFETIME).minusMillis(1));
            isStale(twoFactor, proof);
        }

        @Test
        void staleProofException_isAnIllegalStateException() {
            world.clock.advance(Duration.ofHours(1));

            assertThatIllegalStateException().isThrownBy(() -> twoFactor.disable(proof));
        }

        @Test
        void proof_useDoesNotRenewIt_itGoesStaleAllTheSame() {
            world.clock.advance(LIFETIME);
            twoFactor.rememberBrowser(proof, "Firefox");
            world.clock.advance(Duration.ofSeconds(1));

            isStale(twoFactor, proof);
        }
    }

    @Nested
    class Binding {

        @Test
        void proof_afterDisable_isStale() {
            twoFactor.disable(proof);

            isStale(twoFactor, proof);
        }

        @Test
        void proof_afterResetAndEnrollAgain_isStale() {
            twoFactor.resetWithoutProof(ALICE, "lost everything");
            world.importApp();

            isStale(twoFactor, proof);
        }

        @Test
        void proof_afterForgetBrowser_isStale() {
            BrowserToken token = twoFactor.rememberBrowser(proof, "Firefox");
            twoFactor.forgetBrowser(ALICE, token.browser());

            isStale(twoFactor, proof);
        }

        @Test
        void proof_afterAUsedBackupCode_isStaleAndThatOfTheCodeServes() {
            String backupCode = twoFactor.regenerateBackupCodes(proof).asList().get(0);
            Verified byBackupCode = World.proof(world.verify(backupCode));

            isStale(twoFactor, proof);
            isFresh(twoFactor, byBackupCode);
        }

        @Test
        void proof_afterRegenerateUnlockAndFailures_serves() {
            twoFactor.regenerateBackupCodes(proof);
            world.fail(phone, 4);
            twoFactor.unlock(ALICE, "called");

            isFresh(twoFactor, proof);
        }

        @Test
        void proof_ofAnotherIssuer_isStale() {
            TwoFactor other = world.node().issuer("Other").build();

            isStale(other, proof);
            assertThatThrownBy(() -> other.seal(proof)).isInstanceOf(StaleProofException.class);
        }

        @Test
        void proof_ofAnotherKeyRing_isStale() {
            World other = new World();
            other.importApp();

            isStale(other.twoFactor, proof);
            assertThatThrownBy(() -> other.twoFactor.seal(proof)).isInstanceOf(StaleProofException.class);
        }

        @Test
        void proof_ofAnotherNode_serves() {
            isFresh(world.node().build(), proof);
        }

        @Test
        @DisplayName("A proof is checked against the record that is about to be replaced")
        void proof_trustLoweredBetweenReadAndWrite_isStale() {
            world.store.beforeNextWrite(() -> twoFactor.forgetBrowsers(ALICE));

            assertThatThrownBy(() -> twoFactor.rememberBrowser(proof, "Firefox"))
                    .isInstanceOf(StaleProofException.class);
            assertThat(twoFactor.status(ALICE).browsers()).isEmpty();
        }

        @Test
        void proof_disabledAndEnrolledAgainBetweenReadAndWrite_isStale() {
            world.store.beforeNextWrite(() -> {
                twoFactor.resetWithoutProof(ALICE, "lost everything");
                world.importApp();
            });

            assertThatThrownBy(() -> twoFactor.disable(proof)).isInstanceOf(StaleProofException.class);
            assertThat(twoFactor.status(ALICE).state()).isEqualTo(TwoFactorStatus.State.ENABLED);
        }
    }

    @Nested
    class Remove {
        private final AuthenticatorId first = onlyAuthenticator();
        private final Owner second = world.enrollAnother(proof);

        @Test
        void removeAuthenticator_oneOfTwo_itsCodesVerifyNoLonger() {
            twoFactor.removeAuthenticator(proof, first);

            assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(new Rejected());
            assertThat(world.verify(second.phone().codeAt(world.now()))).isInstanceOf(Verified.class);
            assertThat(twoFactor.status(ALICE).authenticators())
                    .extracting(TwoFactorStatus.Authenticator::id)
                    .containsExactly(second.authenticator());
        }

        @Test
        void removeAuthenticator_oneOfTwo_theReturnedProofGoesOnAndTheOthersAreStale() {
            Verified goesOn = twoFactor.removeAuthenticator(proof, first);

            isStale(twoFactor, proof);
            isStale(twoFactor, second.proof());
            isFresh(twoFactor, goesOn);
            assertThat(goesOn.user()).isEqualTo(proof.user());
            assertThat(goesOn.at()).isEqualTo(proof.at());
            assertThat(goesOn.method()).isEqualTo(proof.method());
            assertThat(goesOn.authenticator()).isEqualTo(proof.authenticator());
        }

        @Test
        void removeAuthenticator_returnedProof_isNoYounger() {
            Verified goesOn = twoFactor.removeAuthenticator(proof, first);
            world.clock.set(proof.at().plus(LIFETIME).plusMillis(1));

            isStale(twoFactor, goesOn);
        }

        @Test
        void removeAuthenticator_theLast_isRefused() {
            Verified goesOn = twoFactor.removeAuthenticator(proof, first);

            assertThatIllegalStateException()
                    .isThrownBy(() -> twoFactor.removeAuthenticator(goesOn, second.authenticator()))
                    .withMessageContaining("disable")
                    .isNotInstanceOf(StaleProofException.class);
            assertThat(world.verify(second.phone().codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void removeAuthenticator_unknown_isMisuse() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> twoFactor.removeAuthenticator(proof, AuthenticatorId.of("0123456789abcdef")));
            assertThat(twoFactor.status(ALICE).authenticators()).hasSize(2);
        }

        @Test
        void removeAuthenticator_itsSecret_mayBeEnrolledAgain() {
            Verified goesOn = twoFactor.removeAuthenticator(proof, first);
            String keyUri = "otpauth://totp/alice?secret=" + Phone.RFC_SECRET;

            assertThat(twoFactor.beginEnrollment(goesOn, REQUEST.seed(AuthenticatorSeed.of(KeyUri.parse(keyUri)))))
                    .isNotNull();
        }
    }

    @Nested
    class Disable {

        @Test
        void disable_aProof_leavesNothing() {
            String backupCode = twoFactor.regenerateBackupCodes(proof).asList().get(0);
            BrowserToken token = twoFactor.rememberBrowser(proof, "Firefox");
            twoFactor.beginEnrollment(proof, REQUEST);
            world.clock.advance(STEP);

            twoFactor.disable(proof);

            assertThat(world.rows).isEmpty();
            assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(new NotEnrolled());
            assertThat(world.verify(backupCode)).isEqualTo(new NotEnrolled());
            assertThat(twoFactor.signInRequirement(ALICE, token.value()))
                    .isEqualTo(new SignInRequirement.NotEnrolled());
            assertThat(twoFactor.pendingEnrollment(ALICE)).isEmpty();
            assertThat(twoFactor.status(ALICE).state()).isEqualTo(TwoFactorStatus.State.NOT_ENROLLED);
        }

        @Test
        void disable_byABackupCode_leavesNothing() {
            String backupCode = twoFactor.regenerateBackupCodes(proof).asList().get(0);
            twoFactor.disable(World.proof(world.verify(backupCode)));

            assertThat(world.rows).isEmpty();
        }

        @Test
        void disable_andEnrollAgain_startsWithoutFailures() {
            world.fail(phone, 4);
            twoFactor.disable(proof);
            Phone again = world.importApp();

            world.fail(again, 4);
            assertThat(twoFactor.status(ALICE).lock()).isEmpty();
        }
    }

    @Nested
    class Seal {

        @Test
        void unseal_sealed_isTheSameProof() {
            Verified back = twoFactor.unseal(ALICE, twoFactor.seal(proof)).orElseThrow();

            assertThat(back.user()).isEqualTo(proof.user());
            assertThat(back.at()).isEqualTo(proof.at());
            assertThat(back.method()).isEqualTo(proof.method());
            assertThat(back.authenticator()).isEqualTo(proof.authenticator());
            assertThat(back.backupCodesLeft()).isEqualTo(proof.backupCodesLeft());
            isFresh(twoFactor, back);
        }

        @Test
        void unseal_sealedByABackupCode_isTheSameProof() {
            String backupCode = twoFactor.regenerateBackupCodes(proof).asList().get(0);
            Verified byBackupCode = World.proof(world.verify(backupCode));

            Verified back =
                    twoFactor.unseal(ALICE, twoFactor.seal(byBackupCode)).orElseThrow();

            assertThat(back.method()).isEqualTo(VerificationMethod.BACKUP_CODE);
            assertThat(back.authenticator()).isEmpty();
            assertThat(back.backupCodesLeft()).isEqualTo(9);
            isFresh(twoFactor, back);
        }

        @Test
        void unseal_onAnotherNode_serves() {
            TwoFactor otherNode = world.node().build();

            isFresh(otherNode, otherNode.unseal(ALICE, twoFactor.seal(proof)).orElseThrow());
        }

        @Test
        void unseal_sealed_doesNotRenewIt() {
            world.clock.set(proof.at().plus(LIFETIME));
            String sealed = twoFactor.seal(proof);
            assertThat(twoFactor.unseal(ALICE, sealed)).isPresent();

            world.clock.advance(Duration.ofMillis(1));
            assertThat(twoFactor.unseal(ALICE, sealed)).isEmpty();
        }

        @Test
        void unseal_moreThan5MinutesBeforeItWasProved_isEmpty() {
            String sealed = twoFactor.seal(proof);
            world.clock.set(proof.at().minus(LIFETIME).minusMillis(1));

            assertThat(twoFactor.unseal(ALICE, sealed)).isEmpty();
        }

        @Test
        void unseal_trustLoweredSince_isStaleWhereItIsUsed() {
            String sealed = twoFactor.seal(proof);
            twoFactor.forgetBrowsers(ALICE);

            assertThat(twoFactor.unseal(ALICE, sealed)).hasValueSatisfying(back -> isStale(twoFactor, back));
        }

        @Test
        void unseal_disabledAndEnrolledAgain_isStaleWhereItIsUsed() {
            String sealed = twoFactor.seal(proof);
            twoFactor.disable(proof);
            world.importApp();

            assertThat(twoFactor.unseal(ALICE, sealed)).hasValueSatisfying(back -> isStale(twoFactor, back));
        }

        @Test
        void unseal_ofAnotherUserIssuerOrKey_isEmpty() {
            String sealed = twoFactor.seal(proof);

            assertThat(twoFactor.unseal(BOB, sealed)).isEmpty();
            assertThat(world.node().issuer("Other").build().unseal(ALICE, sealed))
                    .isEmpty();
            assertThat(world.node().encryptionKeys(KeyRing.generate()).build().unseal(ALICE, sealed))
                    .isEmpty();
        }

        static Stream<String> garbage() {
            return Stream.of(
                    "",
                    " ",
                    "x",
                    "AAAA",
                    "%%%%",
                    "+/+/",
                    "=",
                    "\u0000",
                    "\ud800",
                    "\u0661\u0662",
                    "AQ",
                    "AQE",
                    "AQlnZW5lcmF0ZWQ",
                    "A".repeat(160),
                    "A".repeat(1 << 20),
                    "\ud800".repeat(1 << 20));
        }

        @ParameterizedTest
        @MethodSource("garbage")
        void unseal_garbage_isEmpty(String text) {
            assertThat(twoFactor.unseal(ALICE, text)).isEmpty();
        }

        @Test
        void unseal_anyCharacterChangedOrCutOff_isEmpty() {
            String sealed = twoFactor.seal(proof);
            for (int i = 0; i < sealed.length(); i++) {
                char other = sealed.charAt(i) == 'B' ? 'C' : 'B';
                String changed = sealed.substring(0, i) + other + sealed.substring(i + 1);
                // The last character may have bits that stand for nothing.
                if (i < sealed.length() - 1) {
                    assertThat(twoFactor.unseal(ALICE, changed)).isEmpty();
                }
                assertThat(twoFactor.unseal(ALICE, sealed.substring(0, i))).isEmpty();
            }
            assertThat(twoFactor.unseal(ALICE, sealed + "A")).isEmpty();
            assertThat(twoFactor.unseal(ALICE, sealed)).isPresent();
        }

        @Test
        @DisplayName("A record is no proof, though it is sealed with the same key")
        void unseal_aRecord_isEmpty() {
            StoredRecord record = world.store.find(ALICE.value()).orElseThrow();
            String text = Base64.getUrlEncoder().withoutPadding().encodeToString(record.payload());

            assertThat(twoFactor.unseal(ALICE, text)).isEmpty();
        }

        @Test
        void seal_aProof_isUrlSafeTextThatTellsNothing() {
            UserId user = UserId.of("alice-who-never-changes");
            Owner owner = world.enroll(user);

            String sealed = twoFactor.seal(owner.proof());

            assertThat(sealed).matches("[A-Za-z0-9_-]{50,512}").doesNotContain(user.value());
            String inside = new String(Base64.getUrlDecoder().decode(sealed), ISO_8859_1);
            assertThat(List.of(user.value(), "Acme", owner.authenticator().value()))
                    .noneMatch(inside::contains);
        }

        @Test
        void seal_twice_givesTwoTexts() {
            assertThat(twoFactor.seal(proof)).isNotEqualTo(twoFactor.seal(proof));
        }

        @Test
        void sealAndUnseal_anyProof_askNoStore() {
            world.store.forgetCounts();

            twoFactor.unseal(ALICE, twoFactor.seal(proof));

            assertThat(world.store.finds()).isZero();
            assertThat(world.store.writes()).isZero();
        }
    }
}
