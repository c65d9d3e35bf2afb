// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.abuse;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.FIREFOX;
import static dev.sallyport.World.STEP;
import static dev.sallyport.abuse.Results.assertAccepted;
import static dev.sallyport.abuse.Results.assertRejected;
import static dev.sallyport.abuse.Results.assertSignInAgain;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.sallyport.AlreadyEnabledException;
import dev.sallyport.Browser;
import dev.sallyport.Challenge;
import dev.sallyport.EnrollmentHandle;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.EnrollmentResult.BeginAgain;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.ExistingAuthenticator;
import dev.sallyport.Malformed;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.Phone;
import dev.sallyport.PublicTypes;
import dev.sallyport.Rejected;
import dev.sallyport.SignInRequirement;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.StaleProofException;
import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Cases 31 to 40, 54, 68 and 83 to 85: enrollments that nobody confirmed, secrets that others chose or read, proofs and
 * challenges that open too much.
 */
class EnrollmentAbuseTest {
    private static final EnrollmentRequest REQUEST = EnrollmentRequest.of("alice@acme.example");

    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;

    @Test
    @DisplayName("[31] better-auth #10923, Fortify force=1, greasyfork #1446: an enrollment begun and abandoned")
    void begin_andAbandoned_theOldCodeWorksAndTheNewOneDoesNot() {
        Phone old = world.importApp();
        Phone added = Phone.scan(twoFactor.addAuthenticator(world.prove(old), REQUEST));
        world.clock.advance(STEP);

        assertRejected(world.verify(added.codeAt(world.now())));
        assertAccepted(world.verify(old.codeAt(world.now())));
        world.clock.advance(Duration.ofMinutes(11));
        assertRejected(world.verify(added.codeAt(world.now())));
        assertAccepted(world.verify(old.codeAt(world.now())));
        assertThat(twoFactor.status(ALICE).authenticators()).hasSize(1);
    }

    @Test
    @DisplayName("[32] Nextcloud: beginning again leaves it enabled, with the secret that it has")
    void begin_whileEnabled_isRefusedAndChangesNothing() {
        Phone phone = world.importApp();
        Map<String, String> before = Map.copyOf(world.rows);

        assertThatThrownBy(() -> twoFactor.beginEnrollment(ALICE, "alice")).isInstanceOf(AlreadyEnabledException.class);
        assertThat(world.rows).isEqualTo(before);
        Verified proof = world.prove(phone);
        twoFactor.addAuthenticator(proof, REQUEST);
        twoFactor.addAuthenticator(proof, REQUEST);

        assertThat(twoFactor.status(ALICE).state()).isEqualTo(State.ENABLED);
        world.clock.advance(STEP);
        assertAccepted(world.verify(phone.codeAt(world.now())));
    }

    @Test
    @DisplayName("[33] Fortify #201, better-auth #8627: a secret that nobody confirmed locks nobody out")
    void signInRequirement_enrollmentNotConfirmed_needsNoCode() {
        PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, "alice");
        Phone phone = Phone.scan(pending);

        SignInRequirement requirement = twoFactor.signInRequirement(ALICE, FIREFOX);
        assertThat(requirement).isInstanceOf(NoCodeRequired.class);
        TrustStamp stamp = ((NoCodeRequired) requirement).stamp();
        assertSignInAgain(twoFactor.stepUp(ALICE, stamp, phone.codeAt(world.now())));
        assertThat(twoFactor.status(ALICE).state()).isEqualTo(State.PENDING);
        assertThat(twoFactor.confirmEnrollment(pending.handle(), phone.codeAt(world.now())))
                .isInstanceOf(Enrolled.class);
    }

    @Test
    @DisplayName("[34] KeeperHub #1523: "
            + "while it is enabled, a session alone enrolls nothing, rotates nothing, shows nothing")
    void everyBegin_enabledAndWithoutAProof_isRefused() {
        Phone phone = world.importApp();
        EnrollmentRequest attackers =
                REQUEST.existing(ExistingAuthenticator.totp(SharedSecret.generate(), TotpParameters.DEFAULT));

        assertThatThrownBy(() -> twoFactor.beginEnrollment(ALICE, "alice")).isInstanceOf(AlreadyEnabledException.class);
        assertThatThrownBy(() -> twoFactor.beginEnrollment(ALICE, attackers))
                .isInstanceOf(AlreadyEnabledException.class);
        assertThatThrownBy(() -> twoFactor.operator("attacker").importWithoutConfirmation(ALICE, List.of(attackers)))
                .isInstanceOf(AlreadyEnabledException.class);
        Verified proof = world.prove(phone);
        EnrollmentHandle handle = twoFactor.addAuthenticator(proof, REQUEST).handle();
        for (String guess : Arrays.asList(null, "", ALICE.value(), proof.stamp().value(), twoFactor.seal(proof))) {
            assertThat(twoFactor.pendingEnrollment(EnrollmentHandle.of(guess))).isEmpty();
        }
        assertThat(twoFactor.pendingEnrollment(handle)).isPresent();
    }

    @Test
    @DisplayName("[35] clinch, vaultwarden: the pending secret does not come back from the browser, only a code does")
    void confirm_codeOfASecretThatTheClientChose_isRejected() {
        Phone attackers = Phone.ofSecret(Phone.RFC_SECRET);
        PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, "alice");
        Phone phone = Phone.scan(pending);

        assertThat(twoFactor.confirmEnrollment(pending.handle(), attackers.codeAt(world.now())))
                .isEqualTo(new Rejected());
        assertThat(twoFactor.confirmEnrollment(pending.handle(), Phone.RFC_SECRET, attackers.codeAt(world.now())))
                .isEqualTo(new Malformed());
        assertThat(twoFactor.confirmEnrollment(pending.handle(), phone.codeAt(world.now())))
                .isInstanceOf(Enrolled.class);
        assertThat(Compiler.compiles("twoFactor.confirmEnrollment(handle, \"123456\");"))
                .isTrue();
        assertThat(Compiler.compiles("twoFactor.confirmEnrollment(alice, \"123456\");"))
                .isFalse();
        assertThat(Compiler.compiles("twoFactor.confirmEnrollment(handle, secret, \"123456\");"))
                .isFalse();
        assertThat(Compiler.compiles("twoFactor.confirmEnrollment(handle, secret.toBase32(), \"123456\", \"654321\");"))
                .isFalse();
    }

    @Test
    @DisplayName("[36] blot #1839: the secret that waits for its first code is not in plain in the store")
    void row_ofAPendingEnrollment_showsNothing() {
        PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, "alice@acme.example");
        byte[] secret = pending.keyUri().secret().toBytes();
        String row = world.rows.get(ALICE.value());
        assertThat(row).isNotNull();
        String bytes = row == null ? "" : new String(Base64.getDecoder().decode(row), ISO_8859_1);

        assertThat(bytes + row + world.store.summary())
                .doesNotContain(
                        new String(secret, ISO_8859_1),
                        pending.keyUri().secret().toBase32(),
                        "alice@acme.example",
                        "otpauth");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "disable(%s);",
                "regenerateBackupCodes(%s);",
                "removeAuthenticator(%s, authenticator);",
                "rememberBrowser(%s);",
                "addAuthenticator(%s, request);",
                "seal(%s);"
            })
    @DisplayName("[37] Mastodon #3910, fxa #6055, matomo #24809, awcms #329: without a code it does not compile")
    void call_withoutAProof_doesNotCompile(String call) {
        assertThat(compilesWith("proof", call)).isTrue();

        assertThat(compilesWith("alice", call)).as("a user").isFalse();
        assertThat(compilesWith("twoFactor.verify(challenge, \"123456\")", call))
                .as("an answer that may be no")
                .isFalse();
        assertThat(compilesWith("twoFactor.signInRequirement(alice, browser)", call))
                .as("a remembered browser")
                .isFalse();
        for (String other : List.of("browser", "token", "challenge", "handle", "stamp")) {
            assertThat(compilesWith(other, call)).as(other).isFalse();
        }
        assertThat(compilesWith("new Verified()", call)).as("a home-made proof").isFalse();
        assertThat(compilesWith("new Verified(null, alice, now, null, 0)", call))
                .as("another")
                .isFalse();
        assertThat(compilesWith("new Verified(proof) {}", call))
                .as("a subclass")
                .isFalse();
    }

    private static boolean compilesWith(String argument, String call) {
        return Compiler.compiles("twoFactor." + call.replace("%s", argument));
    }

    @Test
    @DisplayName(
            "[38] snappymail #1708, Fortify: after its confirmation a secret cannot be read, not even with a proof")
    void pendingEnrollment_confirmed_isEmpty() {
        PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, REQUEST);
        Phone phone = Phone.scan(pending);
        Enrolled enrolled = (Enrolled) twoFactor.confirmEnrollment(pending.handle(), phone.codeAt(world.now()));

        assertThat(twoFactor.pendingEnrollment(pending.handle())).isEmpty();
        PendingEnrollment another = twoFactor.addAuthenticator(enrolled.proof(), REQUEST);
        assertThat(twoFactor.pendingEnrollment(pending.handle())).isEmpty();
        assertThat(another.keyUri().secret()).isNotEqualTo(pending.keyUri().secret());
        assertThat(twoFactor.confirmEnrollment(
                        another.handle(), Phone.scan(another).codeAt(world.now())))
                .isInstanceOf(Enrolled.class);
        assertThat(twoFactor.pendingEnrollment(another.handle())).isEmpty();
    }

    @Test
    @DisplayName("[38] snappymail #1708, Fortify: nothing but an enrollment that waits has a getter for a secret")
    void publicApi_gettersOfSecrets_areOfPendingEnrollmentsOnly() {
        assertThat(PublicTypes.besides(TwoFactor.class).stream()
                        .filter(type -> type.getPackage().equals(TwoFactor.class.getPackage()))
                        .flatMap(type -> Stream.of(type.getMethods()))
                        .filter(method -> method.getReturnType() != boolean.class)
                        .filter(method -> method.getReturnType() == SharedSecret.class
                                || method.getReturnType() == KeyUri.class
                                || method.getName().contains("ecret")))
                .extracting(Method::getDeclaringClass, Method::getName)
                .containsExactlyInAnyOrder(
                        tuple(PendingEnrollment.class, "keyUri"), tuple(PendingEnrollment.class, "secretForTyping"));
        assertThat(Compiler.compiles("twoFactor.status(alice).authenticators().get(0).label();"))
                .isTrue();
        assertThat(Compiler.compiles("twoFactor.status(alice).authenticators().get(0).secret();"))
                .isFalse();
        assertThat(Compiler.compiles("ExistingAuthenticator.totp(secret, TotpParameters.DEFAULT).secret();"))
                .isFalse();
    }

    @Test
    @DisplayName("[39] webauthn-server-core 2.8.2: A's code verifies A and nobody else")
    void verify_anotherUsersCode_isRejectedAndNotUsedUp() {
        Owner bob = world.enroll(BOB);
        world.importApp();
        String code = bob.phone().codeAt(world.now());

        assertRejected(world.verify(code));
        assertRejected(world.verify(bob.backupCodes().get(0)));
        assertAccepted(twoFactor.verify(world.challenge(BOB, Browser.none()), code));
        assertAccepted(twoFactor.verify(
                world.challenge(BOB, Browser.none()), bob.backupCodes().get(0)));
    }

    @Test
    @DisplayName("[39] webauthn-server-core 2.8.2: a proof of A changes A's account, and opens for nobody else")
    void proof_ofOneUser_neverServesAnother() {
        Verified alices = world.enroll(ALICE).proof();
        Owner bob = world.enroll(BOB);

        assertThat(twoFactor.unseal(BOB, twoFactor.seal(alices))).isEmpty();
        assertThatThrownBy(() -> twoFactor.removeAuthenticator(alices, bob.authenticator()))
                .isInstanceOf(IllegalArgumentException.class);
        twoFactor.disable(twoFactor.regenerateBackupCodes(alices).proof());

        assertThat(twoFactor.status(ALICE).state()).isEqualTo(State.OFF);
        assertThat(twoFactor.status(BOB).state()).isEqualTo(State.ENABLED);
        assertAccepted(twoFactor.verify(
                world.challenge(BOB, Browser.none()), bob.backupCodes().get(0)));
    }

    /** Each call that takes a proof. */
    @SuppressWarnings("ImmutableEnumChecker") // its calls hold nothing
    enum WithAProof {
        ADD((twoFactor, owner) -> twoFactor.addAuthenticator(owner.proof(), REQUEST)),
        REMEMBER((twoFactor, owner) -> twoFactor.rememberBrowser(owner.proof())),
        END_TRUST((twoFactor, owner) -> twoFactor.endTrust(owner.proof())),
        REGENERATE((twoFactor, owner) -> twoFactor.regenerateBackupCodes(owner.proof())),
        REMOVE((twoFactor, owner) -> twoFactor.removeAuthenticator(owner.proof(), owner.authenticator())),
        DISABLE((twoFactor, owner) -> twoFactor.disable(owner.proof()));

        private interface Call {
            void on(TwoFactor twoFactor, Owner owner);
        }

        private final Call call;

        WithAProof(Call call) {
            this.call = call;
        }

        void assertStale(TwoFactor twoFactor, Owner owner) {
            assertThatThrownBy(() -> call.on(twoFactor, owner)).isInstanceOf(StaleProofException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("[40] Stale proof: older than 5 minutes, or from another TwoFactor")
    void proof_tooOldOrFromAnother_isRefused(WithAProof call) {
        Owner owner = world.enroll();
        World another = new World(); // with keys and records of its own, and the same user
        another.enroll();
        call.assertStale(another.twoFactor, owner);
        call.assertStale(world.node().issuer("Another").build(), owner);

        world.clock.set(owner.proof().at().plus(Duration.ofMinutes(5)).plusMillis(1));
        call.assertStale(twoFactor, owner);
        world.clock.set(owner.proof().at().minus(Duration.ofMinutes(5)).minusMillis(1));
        call.assertStale(twoFactor, owner);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("[40] Stale proof: from before a disable and a new enrollment")
    void proof_fromBeforeADisable_isRefused(WithAProof call) {
        Owner owner = world.enroll();
        twoFactor.disable(owner.proof());
        call.assertStale(twoFactor, owner);
        world.enroll();
        call.assertStale(twoFactor, owner);
    }

    @Test
    @DisplayName("[54] Keycloak, aerogear, kotlin-onetimepassword, CVE-2024-8796: under 128 bits nothing is enrolled")
    void begin_secretUnder128Bits_isRefusedAndAnImportedOneIsWeak() {
        ExistingAuthenticator of120Bits =
                ExistingAuthenticator.totp(SharedSecret.fromBytes(filled(15, 1)), TotpParameters.DEFAULT);
        ExistingAuthenticator of128Bits =
                ExistingAuthenticator.totp(SharedSecret.fromBytes(filled(16, 2)), TotpParameters.DEFAULT);

        assertThatThrownBy(() -> twoFactor.beginEnrollment(ALICE, REQUEST.existing(of120Bits)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("120 bits");
        assertThat(twoFactor.beginEnrollment(ALICE, REQUEST.existing(of128Bits)))
                .isNotNull();

        world.importAll(of120Bits, of128Bits);
        assertThat(twoFactor.status(ALICE).authenticators())
                .extracting(TwoFactorStatus.Authenticator::weakSecret)
                .containsExactly(true, false);
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    @Test
    @DisplayName("[68] A pending secret that somebody else has opened first is not shown to the owner, nor confirmed")
    void begin_afterSomebodyElsesBegin_theEarlierHandleIsDead() {
        PendingEnrollment thiefs = twoFactor.beginEnrollment(ALICE, "alice");
        PendingEnrollment owners = twoFactor.beginEnrollment(ALICE, "alice");
        Phone thiefsPhone = Phone.scan(thiefs);
        Phone ownersPhone = Phone.scan(owners);
        assertThat(owners.keyUri().secret()).isNotEqualTo(thiefs.keyUri().secret());

        assertThat(twoFactor.pendingEnrollment(thiefs.handle())).isEmpty();
        assertThat(twoFactor.confirmEnrollment(thiefs.handle(), thiefsPhone.codeAt(world.now())))
                .isEqualTo(new BeginAgain());
        assertThat(twoFactor.confirmEnrollment(owners.handle(), thiefsPhone.codeAt(world.now())))
                .isEqualTo(new Rejected());
        assertThat(twoFactor.confirmEnrollment(owners.handle(), ownersPhone.codeAt(world.now())))
                .isInstanceOf(Enrolled.class);
        assertThat(twoFactor.status(ALICE).authenticators()).hasSize(1);
    }

    @Test
    @DisplayName("[83] FileRise CVE-2026-44460: a challenge opens the code page and nothing else")
    void challenge_inThePlaceOfAnythingElse_opensNothing() {
        Owner owner = world.enroll();
        EnrollmentHandle waiting =
                twoFactor.addAuthenticator(owner.proof(), REQUEST).handle();
        String challenge = world.challenge(ALICE, FIREFOX).value();
        String code = owner.phone().codeAt(world.now());

        assertThat(twoFactor.pendingEnrollment(EnrollmentHandle.of(challenge))).isEmpty();
        assertThat(twoFactor.confirmEnrollment(EnrollmentHandle.of(challenge), code))
                .isEqualTo(new BeginAgain());
        assertThat(twoFactor.isCurrent(ALICE, TrustStamp.of(challenge))).isFalse();
        assertSignInAgain(twoFactor.stepUp(ALICE, TrustStamp.of(challenge), code));
        assertThat(twoFactor.unseal(ALICE, challenge)).isEmpty();
        assertThat(twoFactor.signInRequirement(ALICE, Browser.ofToken(challenge, "Firefox")))
                .isInstanceOf(CodeRequired.class);
        for (String other : List.of(waiting.value(), owner.proof().stamp().value(), twoFactor.seal(owner.proof()))) {
            assertSignInAgain(twoFactor.verify(Challenge.of(other), code));
        }
        assertAccepted(twoFactor.verify(Challenge.of(challenge), code));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pendingEnrollment(%s);",
                "confirmEnrollment(%s, \"123456\");",
                "stepUp(alice, %s, \"123456\");",
                "isCurrent(alice, %s);",
                "beginEnrollment(%s, \"alice\");",
                "addAuthenticator(%s, request);",
                "status(%s);"
            })
    @DisplayName("[83] FileRise CVE-2026-44460: a call that takes anything but a challenge does not compile with one")
    void call_withAChallengeForAnythingElse_doesNotCompile(String call) {
        assertThat(Stream.of("handle", "stamp", "alice", "proof").filter(given -> compilesWith(given, call)))
                .hasSize(1);
        assertThat(compilesWith("challenge", call)).isFalse();
    }

    @Test
    @DisplayName("[84] django-multifactor #107: at the challenge, a new factor cannot be enrolled instead of answering")
    void begin_withAnUnansweredChallenge_isRefused() {
        Owner owner = world.enroll();
        Challenge challenge = world.challenge(ALICE, FIREFOX);

        assertThatThrownBy(() -> twoFactor.beginEnrollment(ALICE, REQUEST)).isInstanceOf(AlreadyEnabledException.class);
        assertThat(Compiler.compiles("twoFactor.addAuthenticator(proof, request);"))
                .isTrue();
        assertThat(Compiler.compiles("twoFactor.addAuthenticator(challenge, request);"))
                .isFalse();
        assertThat(Compiler.compiles("twoFactor.addAuthenticator(alice, request);"))
                .isFalse();
        assertThat(twoFactor.status(ALICE).authenticators()).hasSize(1);
        assertAccepted(twoFactor.verify(challenge, owner.phone().codeAt(world.now())));
    }

    @Test
    @DisplayName("[85] emqx PR #16943: of two set-ups at once one wins, the other is told to begin again")
    void begin_inParallel_oneHandleLivesAndNothingMixes() throws Exception {
        List<PendingEnrollment> begun =
                ParallelRequests.send(world, 8, (node, i) -> node.beginEnrollment(ALICE, "alice"));

        List<PendingEnrollment> alive = begun.stream()
                .filter(one -> twoFactor.pendingEnrollment(one.handle()).isPresent())
                .toList();
        assertThat(alive).hasSize(1);
        PendingEnrollment winner = alive.get(0);
        assertThat(twoFactor
                        .pendingEnrollment(winner.handle())
                        .orElseThrow()
                        .keyUri()
                        .secret())
                .isEqualTo(winner.keyUri().secret());
        for (PendingEnrollment loser : begun) {
            if (loser != winner) {
                assertThat(twoFactor.confirmEnrollment(
                                loser.handle(), Phone.scan(loser).codeAt(world.now())))
                        .isEqualTo(new BeginAgain());
                assertThat(twoFactor.confirmEnrollment(
                                winner.handle(), Phone.scan(loser).codeAt(world.now())))
                        .isEqualTo(new Rejected());
            }
        }
        assertThat(twoFactor.confirmEnrollment(
                        winner.handle(), Phone.scan(winner).codeAt(world.now())))
                .isInstanceOf(Enrolled.class);
    }
}
