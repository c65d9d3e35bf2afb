// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.abuse;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.STEP;
import static dev.sallyport.abuse.Answers.isAccepted;
import static dev.sallyport.abuse.Answers.isRejected;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.sallyport.AlreadyEnabledException;
import dev.sallyport.AuthenticatorSeed;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.EnrollmentResult;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.Phone;
import dev.sallyport.PublicTypes;
import dev.sallyport.SignInRequirement;
import dev.sallyport.StaleProofException;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.VerificationResult.NotEnrolled;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases 31 to 40: enrollments that nobody confirmed, secrets that others chose or read, proofs that prove nothing. */
class EnrollmentAbuseTest {
    private static final EnrollmentRequest REQUEST = EnrollmentRequest.of("alice@acme.example");

    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;

    @Test
    @DisplayName("[31] better-auth #10923, Fortify force=1, greasyfork #1446: an enrollment begun and abandoned")
    void begin_andAbandoned_theOldCodeWorksAndTheNewOneDoesNot() {
        Phone old = world.importApp();
        Phone added = Phone.scan(twoFactor.beginEnrollment(world.prove(old), REQUEST));
        world.clock.advance(STEP);

        isRejected(world.verify(added.codeAt(world.now())));
        isAccepted(world.verify(old.codeAt(world.now())));
        world.clock.advance(Duration.ofMinutes(11));
        isRejected(world.verify(added.codeAt(world.now())));
        isAccepted(world.verify(old.codeAt(world.now())));
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
        twoFactor.beginEnrollment(proof, REQUEST);
        twoFactor.beginEnrollment(proof, REQUEST);

        assertThat(twoFactor.status(ALICE).state()).isEqualTo(State.ENABLED);
        world.clock.advance(STEP);
        isAccepted(world.verify(phone.codeAt(world.now())));
    }

    @Test
    @DisplayName("[33] Fortify #201, better-auth #8627: a secret that nobody confirmed locks nobody out")
    void signInRequirement_enrollmentNotConfirmed_isNotEnrolled() {
        Phone phone = Phone.scan(twoFactor.beginEnrollment(ALICE, "alice"));

        assertThat(twoFactor.signInRequirement(ALICE, null)).isEqualTo(new SignInRequirement.NotEnrolled());
        assertThat(world.verify(phone.codeAt(world.now()))).isEqualTo(new NotEnrolled());
        assertThat(twoFactor.resynchronize(ALICE, "123456", "654321")).isEqualTo(new NotEnrolled());
        assertThat(twoFactor.status(ALICE).state()).isEqualTo(State.PENDING);
        assertThat(twoFactor.confirmEnrollment(ALICE, phone.codeAt(world.now())))
                .isInstanceOf(Enrolled.class);
    }

    @Test
    @DisplayName("[34] KeeperHub #1523: "
            + "while it is enabled, a session alone enrolls nothing, rotates nothing, shows nothing")
    void everyBegin_enabledAndWithoutAProof_isRefused() {
        Phone phone = world.importApp();
        AuthenticatorSeed attackers = AuthenticatorSeed.totp(SharedSecret.generate(), TotpParameters.DEFAULT);

        assertThatThrownBy(() -> twoFactor.beginEnrollment(ALICE, "alice")).isInstanceOf(AlreadyEnabledException.class);
        assertThatThrownBy(() -> twoFactor.beginEnrollment(ALICE, REQUEST.seed(attackers)))
                .isInstanceOf(AlreadyEnabledException.class);
        assertThatThrownBy(() -> twoFactor.importWithoutConfirmation(ALICE, REQUEST.seed(attackers)))
                .isInstanceOf(AlreadyEnabledException.class);
        Verified proof = world.prove(phone);
        twoFactor.beginEnrollment(proof, REQUEST);
        assertThat(twoFactor.pendingEnrollment(ALICE)).isEmpty();
        assertThat(twoFactor.pendingEnrollment(proof)).isPresent();
    }

    @Test
    @DisplayName("[35] clinch, vaultwarden: the pending secret does not come back from the browser, only a code does")
    void confirm_codeOfASecretThatTheClientChose_isRejected() {
        Phone attackers = Phone.ofSecret(Phone.RFC_SECRET);
        Phone phone = Phone.scan(twoFactor.beginEnrollment(ALICE, "alice"));

        assertThat(twoFactor.confirmEnrollment(ALICE, attackers.codeAt(world.now())))
                .isEqualTo(new EnrollmentResult.Rejected());
        assertThat(twoFactor.confirmEnrollment(ALICE, phone.codeAt(world.now())))
                .isInstanceOf(Enrolled.class);
        assertThat(Compiler.compiles("twoFactor.confirmEnrollment(alice, \"123456\");"))
                .isTrue();
        assertThat(Compiler.compiles("twoFactor.confirmEnrollment(alice, secret, \"123456\");"))
                .isFalse();
        assertThat(Compiler.compiles("twoFactor.confirmEnrollment(alice, secret.toBase32(), \"123456\");"))
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
                "rememberBrowser(%s, \"Firefox\");",
                "seal(%s);"
            })
    @DisplayName("[37] Mastodon #3910, fxa #6055, matomo #24809, awcms #329: without a code it does not compile")
    void call_withoutAProof_doesNotCompile(String call) {
        assertThat(compilesWith("proof", call)).isTrue();

        assertThat(compilesWith("alice", call)).as("a user").isFalse();
        assertThat(compilesWith("twoFactor.verify(alice, \"123456\")", call))
                .as("an answer that may be no")
                .isFalse();
        assertThat(compilesWith("twoFactor.signInRequirement(alice, \"cookie\")", call))
                .as("a remembered browser")
                .isFalse();
        assertThat(compilesWith("browser", call)).as("its token").isFalse();
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
        Owner owner = world.enroll();

        assertThat(twoFactor.pendingEnrollment(ALICE)).isEmpty();
        assertThat(twoFactor.pendingEnrollment(owner.proof())).isEmpty();
        PendingEnrollment another = twoFactor.beginEnrollment(owner.proof(), REQUEST);
        assertThat(Phone.scan(another).codeAt(world.now()))
                .isNotEqualTo(owner.phone().codeAt(world.now()));
    }

    @Test
    @DisplayName("[38] snappymail #1708, Fortify: nothing but an enrollment that waits has a getter for a secret")
    void publicApi_gettersOfSecrets_areOfPendingEnrollmentsOnly() {
        assertThat(PublicTypes.besides(TwoFactor.class).stream()
                        .filter(type -> type.getPackage().equals(TwoFactor.class.getPackage()))
                        .flatMap(type -> Stream.of(type.getMethods()))
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
        assertThat(Compiler.compiles("AuthenticatorSeed.totp(secret, TotpParameters.DEFAULT).secret();"))
                .isFalse();
    }

    @Test
    @DisplayName("[39] webauthn-server-core 2.8.2: A's code verifies A and nobody else")
    void verify_anotherUsersCode_isRejectedAndNotUsedUp() {
        Owner bob = world.enroll(BOB);
        world.importApp();
        String code = bob.phone().codeAt(world.now());

        isRejected(world.verify(code));
        isRejected(world.verify(bob.backupCodes().get(0)));
        isAccepted(twoFactor.verify(BOB, code));
        isAccepted(twoFactor.verify(BOB, bob.backupCodes().get(0)));
    }

    @Test
    @DisplayName("[39] webauthn-server-core 2.8.2: a proof of A changes A's account, and opens for nobody else")
    void proof_ofOneUser_neverServesAnother() {
        Verified alices = world.enroll(ALICE).proof();
        Owner bob = world.enroll(BOB);

        assertThat(twoFactor.unseal(BOB, twoFactor.seal(alices))).isEmpty();
        assertThatThrownBy(() -> twoFactor.removeAuthenticator(alices, bob.authenticator()))
                .isInstanceOf(IllegalArgumentException.class);
        twoFactor.regenerateBackupCodes(alices);
        twoFactor.disable(alices);

        assertThat(twoFactor.status(ALICE).state()).isEqualTo(State.NOT_ENROLLED);
        assertThat(twoFactor.status(BOB).state()).isEqualTo(State.ENABLED);
        isAccepted(twoFactor.verify(BOB, bob.backupCodes().get(0)));
    }

    /** Each call that takes a proof. */
    @SuppressWarnings("ImmutableEnumChecker") // its calls hold nothing
    enum WithAProof {
        BEGIN((twoFactor, owner) -> twoFactor.beginEnrollment(owner.proof(), REQUEST)),
        PENDING((twoFactor, owner) -> twoFactor.pendingEnrollment(owner.proof())),
        REMEMBER((twoFactor, owner) -> twoFactor.rememberBrowser(owner.proof(), "Firefox")),
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

        void isStale(TwoFactor twoFactor, Owner owner) {
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
        call.isStale(another.twoFactor, owner);
        call.isStale(world.node().issuer("Another").build(), owner);

        world.clock.set(owner.proof().at().plus(Duration.ofMinutes(5)).plusMillis(1));
        call.isStale(twoFactor, owner);
        world.clock.set(owner.proof().at().minus(Duration.ofMinutes(5)).minusMillis(1));
        call.isStale(twoFactor, owner);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("[40] Stale proof: from before a disable and a new enrollment")
    void proof_fromBeforeADisable_isRefused(WithAProof call) {
        Owner owner = world.enroll();
        twoFactor.disable(owner.proof());
        call.isStale(twoFactor, owner);
        world.enroll();
        call.isStale(twoFactor, owner);
    }
}
