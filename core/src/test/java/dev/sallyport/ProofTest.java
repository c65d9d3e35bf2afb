// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.FIREFOX;
import static dev.sallyport.World.STEP;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.VerificationResult.Method;
import dev.sallyport.VerificationResult.SignInAgain;
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
    /** It names a browser. */
    private final Verified proof = World.proof(world.verify(FIREFOX, phone.codeAt(world.now())));

    private AuthenticatorId onlyAuthenticator() {
        return twoFactor.status(ALICE).authenticators().get(0).id();
    }

    /** One of the calls that demand a proof. */
    private interface Use {
        void of(TwoFactor twoFactor, Verified proof);
    }

    static Stream<Arguments> uses() {
        return Stream.of(
                use("addAuthenticator", (twoFactor, proof) -> twoFactor.addAuthenticator(proof, REQUEST)),
                use("rememberBrowser", TwoFactor::rememberBrowser),
                use("regenerateBackupCodes", TwoFactor::regenerateBackupCodes),
                use(
                        "removeAuthenticator",
                        (twoFactor, proof) ->
                                twoFactor.removeAuthenticator(proof, AuthenticatorId.of("0123456789abcdef"))),
                use("endTrust", TwoFactor::endTrust),
                use("disable", TwoFactor::disable));
    }

    private static Arguments use(String name, Use use) {
        return Arguments.of(name, use);
    }

    private static void assertStale(TwoFactor twoFactor, Verified proof) {
        assertThat(uses()).allSatisfy(arguments -> {
            Use use = (Use) arguments.get()[1];
            assertThatThrownBy(() -> use.of(twoFactor, proof))
                    .as("%s", arguments.get()[0])
                    .isInstanceOf(StaleProofException.class);
        });
    }

    /** A stale proof would be found before the unknown authenticator. */
    private static void assertFresh(TwoFactor twoFactor, Verified proof) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> twoFactor.removeAuthenticator(proof, AuthenticatorId.of("0123456789abcdef")));
    }

    @Nested
    class Time {

        @Test
        void proof_within5Minutes_servesSeveralCalls() {
            twoFactor.rememberBrowser(proof);
            world.clock.advance(Duration.ofMinutes(1));
            twoFactor.addAuthenticator(proof, REQUEST);
            world.clock.advance(Duration.ofMinutes(1));
            Verified goesOn = twoFactor.regenerateBackupCodes(proof).proof();
            world.clock.advance(Duration.ofMinutes(1));
            twoFactor.rememberBrowser(goesOn);
            world.clock.advance(Duration.ofMinutes(1));
            twoFactor.disable(goesOn);

            assertThat(twoFactor.status(ALICE).state()).isEqualTo(TwoFactorStatus.State.OFF);
        }

        @Test
        void proof_after5MinutesToTheMillisecond_serves() {
            world.clock.set(proof.at().plus(LIFETIME));

            assertFresh(twoFactor, proof);
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
        void proof_fromTheFuture_servesWithinAMinuteAndNoLonger() {
            world.clock.set(proof.at().minus(Duration.ofMinutes(1)));
            assertFresh(twoFactor, proof);

            world.clock.set(proof.at().minus(Duration.ofMinutes(1)).minusMillis(1));
            assertStale(twoFactor, proof);
        }

        @Test
        void staleProofException_isAnIllegalStateException() {
            world.clock.advance(Duration.ofHours(1));

            assertThatIllegalStateException().isThrownBy(() -> twoFactor.disable(proof));
        }

        @Test
        void proof_useDoesNotRenewIt_itGoesStaleAllTheSame() {
            world.clock.advance(LIFETIME);
            twoFactor.rememberBrowser(proof);
            world.clock.advance(Duration.ofSeconds(1));

            assertStale(twoFactor, proof);
        }
    }

    @Nested
    class Binding {

        @Test
        void proof_afterDisable_isStale() {
            twoFactor.disable(proof);

            assertStale(twoFactor, proof);
        }

        @Test
        void proof_afterResetAndEnrollAgain_isStale() {
            twoFactor.operator("support").resetWithoutProof(ALICE, "lost everything");
            world.importApp();

            assertStale(twoFactor, proof);
        }

        @Test
        void proof_afterItsBrowserWasForgotten_isStale() {
            twoFactor.forgetBrowser(ALICE, proof.stamp().browser().orElseThrow());

            assertStale(twoFactor, proof);
        }

        @Test
        void proof_afterAnotherBrowserWasForgotten_serves() {
            world.clock.advance(STEP);
            Verified other = World.proof(world.verify(FIREFOX, phone.codeAt(world.now())));
            twoFactor.forgetBrowser(ALICE, other.stamp().browser().orElseThrow());

            assertFresh(twoFactor, proof);
            assertStale(twoFactor, other);
        }

        @Test
        void proof_afterTrustHasEnded_isStaleAndTheReturnedOneServes() {
            Verified goesOn = twoFactor.endTrust(proof);

            assertStale(twoFactor, proof);
            assertFresh(twoFactor, goesOn);
            twoFactor.endTrust(ALICE);
            assertStale(twoFactor, goesOn);
        }

        @Test
        void proof_afterAUsedBackupCode_isStaleAndThatOfTheCodeServes() {
            Regenerated regenerated = twoFactor.regenerateBackupCodes(proof);
            Verified byBackupCode =
                    World.proof(world.verify(regenerated.codes().asList().get(0)));

            assertStale(twoFactor, proof);
            assertStale(twoFactor, regenerated.proof());
            assertFresh(twoFactor, byBackupCode);
        }

        @Test
        void proof_afterRegenerating_isStaleAndTheReturnedOneServes() {
            Verified goesOn = twoFactor.regenerateBackupCodes(proof).proof();

            assertStale(twoFactor, proof);
            assertFresh(twoFactor, goesOn);
        }

        @Test
        void proof_afterUnlockAndFailures_serves() {
            world.fail(phone, 4);
            twoFactor.operator("support").unlock(ALICE, "called");

            assertFresh(twoFactor, proof);
        }

        @Test
        void proof_ofAnotherNamespace_isStale() {
            World staging = new World();
            TwoFactor one = staging.node().namespace("one").build();
            TwoFactor two = staging.node().namespace("two").build();
            PendingEnrollment pending = one.beginEnrollment(ALICE, "alice");
            Verified ofOne = ((EnrollmentResult.Enrolled) one.confirmEnrollment(
                            pending.handle(), Phone.scan(pending).codeAt(staging.now())))
                    .proof();

            assertThatThrownBy(() -> two.seal(ofOne)).isInstanceOf(StaleProofException.class);
            assertThat(two.unseal(ALICE, one.seal(ofOne))).isEmpty();
            assertThat(one.unseal(ALICE, one.seal(ofOne))).isPresent();
        }

        @Test
        void proof_ofAnotherIssuer_isStale() {
            TwoFactor other = world.node().issuer("Other").build();

            assertStale(other, proof);
            assertThatThrownBy(() -> other.seal(proof)).isInstanceOf(StaleProofException.class);
        }

        @Test
        void proof_ofAnotherKeyRing_isStale() {
            World other = new World();
            other.importApp();

            assertStale(other.twoFactor, proof);
            assertThatThrownBy(() -> other.twoFactor.seal(proof)).isInstanceOf(StaleProofException.class);
        }

        @Test
        void proof_ofAnotherNode_serves() {
            assertFresh(world.node().build(), proof);
        }

        @Test
        @DisplayName("A proof is checked against the record that is about to be replaced")
        void proof_trustLoweredBetweenReadAndWrite_isStale() {
            world.store.beforeNextWrite(() -> twoFactor.endTrust(ALICE));

            assertThatThrownBy(() -> twoFactor.rememberBrowser(proof)).isInstanceOf(StaleProofException.class);
            assertThat(twoFactor.status(ALICE).browsers()).isEmpty();
        }

        @Test
        void proof_disabledAndEnrolledAgainBetweenReadAndWrite_isStale() {
            world.store.beforeNextWrite(() -> {
                twoFactor.operator("support").resetWithoutProof(ALICE, "lost everything");
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

            assertStale(twoFactor, proof);
            assertStale(twoFactor, second.proof());
            assertFresh(twoFactor, goesOn);
            assertThat(goesOn.user()).isEqualTo(proof.user());
            assertThat(goesOn.at()).isEqualTo(proof.at());
            assertThat(goesOn.method()).isEqualTo(proof.method());
            assertThat(goesOn.authenticator()).isEqualTo(proof.authenticator());
        }

        @Test
        void removeAuthenticator_returnedProof_isNoYounger() {
            Verified goesOn = twoFactor.removeAuthenticator(proof, first);
            world.clock.set(proof.at().plus(LIFETIME).plusMillis(1));

            assertStale(twoFactor, goesOn);
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

            assertThat(twoFactor.addAuthenticator(
                            goesOn, REQUEST.existing(ExistingAuthenticator.of(KeyUri.parse(keyUri)))))
                    .isNotNull();
        }
    }

    @Nested
    class Disable {

        @Test
        void disable_aProof_leavesAnEmptyRecord() {
            Regenerated regenerated = twoFactor.regenerateBackupCodes(proof);
            Verified goesOn = regenerated.proof();
            Browser browser = World.browserWith(proof.browserToken().orElseThrow());
            Challenge challenge = world.challenge(ALICE, browser);
            twoFactor.rememberBrowser(goesOn);
            PendingEnrollment pending = twoFactor.addAuthenticator(goesOn, REQUEST);
            long recordId = account().header().recordId();
            world.clock.advance(STEP);

            twoFactor.disable(goesOn);

            assertThat(twoFactor.verify(challenge, phone.codeAt(world.now()))).isEqualTo(new SignInAgain());
            assertThat(twoFactor.verify(challenge, regenerated.codes().asList().get(0)))
                    .isEqualTo(new SignInAgain());
            assertThat(twoFactor.signInRequirement(ALICE, browser)).isInstanceOf(NoCodeRequired.class);
            assertThat(twoFactor.pendingEnrollment(pending.handle())).isEmpty();
            assertThat(twoFactor.status(ALICE).state()).isEqualTo(TwoFactorStatus.State.OFF);
            assertEmpty(recordId);
        }

        private Account account() {
            return Unsealed.account(world.keys, world.store, ALICE);
        }

        private void assertEmpty(long recordId) {
            Account left = account();
            assertThat(left.header().recordId()).isEqualTo(recordId);
            assertThat(left.header().enabledAt()).isNull();
            assertThat(left.authenticators()).isEmpty();
            assertThat(left.backupCodes()).isEqualTo(BackupCodeSet.NONE);
            assertThat(left.browsers()).isEmpty();
            assertThat(left.limits()).isEqualTo(Limits.NONE);
            assertThat(left.pending()).isNull();
        }

        @Test
        void disable_byABackupCode_leavesAnEmptyRecord() {
            Regenerated regenerated = twoFactor.regenerateBackupCodes(proof);
            long recordId = account().header().recordId();
            twoFactor.disable(
                    World.proof(world.verify(regenerated.codes().asList().get(0))));

            assertEmpty(recordId);
        }

        @Test
        void disable_aProof_itsVersionRises() {
            long before = world.store.find(ALICE.value()).orElseThrow().version();
            twoFactor.disable(proof);
            assertThat(world.store.find(ALICE.value()).orElseThrow().version()).isEqualTo(before + 1);

            world.importApp();
            assertThat(world.store.find(ALICE.value()).orElseThrow().version()).isEqualTo(before + 2);
        }

        @Test
        void disable_andEnrollAgain_startsWithoutFailures() {
            world.fail(phone, 4);
            twoFactor.disable(proof);
            Phone again = world.importApp();

            world.fail(again, 4);
            assertThat(twoFactor.status(ALICE).strangers().lock()).isEmpty();
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
            assertThat(back.stamp()).isEqualTo(proof.stamp());
            assertThat(proof.browserToken()).isPresent();
            assertThat(back.browserToken()).isEmpty();
            assertFresh(twoFactor, back);
        }

        @Test
        void unseal_sealedByABackupCode_isTheSameProof() {
            String backupCode =
                    twoFactor.regenerateBackupCodes(proof).codes().asList().get(0);
            Verified byBackupCode = World.proof(world.verify(backupCode));

            Verified back =
                    twoFactor.unseal(ALICE, twoFactor.seal(byBackupCode)).orElseThrow();

            assertThat(back.method()).isEqualTo(Method.BACKUP_CODE);
            assertThat(back.authenticator()).isEmpty();
            assertThat(back.backupCodesLeft()).isEqualTo(9);
            assertFresh(twoFactor, back);
        }

        @Test
        void unseal_onAnotherNode_serves() {
            TwoFactor otherNode = world.node().build();

            assertFresh(
                    otherNode, otherNode.unseal(ALICE, twoFactor.seal(proof)).orElseThrow());
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
        void unseal_moreThanAMinuteBeforeItWasProved_isEmpty() {
            String sealed = twoFactor.seal(proof);
            world.clock.set(proof.at().minus(Duration.ofMinutes(1)).minusMillis(1));

            assertThat(twoFactor.unseal(ALICE, sealed)).isEmpty();
        }

        @Test
        void unseal_trustLoweredSince_isStaleWhereItIsUsed() {
            String sealed = twoFactor.seal(proof);
            twoFactor.endTrust(ALICE);

            assertThat(twoFactor.unseal(ALICE, sealed)).hasValueSatisfying(back -> assertStale(twoFactor, back));
        }

        @Test
        void unseal_disabledAndEnrolledAgain_isStaleWhereItIsUsed() {
            String sealed = twoFactor.seal(proof);
            twoFactor.disable(proof);
            world.importApp();

            assertThat(twoFactor.unseal(ALICE, sealed)).hasValueSatisfying(back -> assertStale(twoFactor, back));
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
        void unseal_textsThatOpenOtherCalls_isEmpty() {
            String challenge = world.challenge(ALICE, Browser.none()).value();
            String handle = twoFactor.addAuthenticator(proof, REQUEST).handle().value();

            assertThat(twoFactor.unseal(ALICE, challenge)).isEmpty();
            assertThat(twoFactor.unseal(ALICE, handle)).isEmpty();
        }

        @Test
        void unseal_longestUserId_isTheProof() {
            UserId longest = UserId.of("\uffe6".repeat(255));
            Verified theirs = world.enroll(longest).proof();

            String sealed = twoFactor.seal(theirs);

            assertThat(sealed).hasSizeLessThanOrEqualTo(2048);
            assertThat(twoFactor.unseal(longest, sealed)).isPresent();
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
