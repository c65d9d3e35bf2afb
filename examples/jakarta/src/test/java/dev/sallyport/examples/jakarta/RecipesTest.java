// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.jakarta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.AlreadyEnabledException;
import dev.sallyport.AuthenticatorSeed;
import dev.sallyport.BackupCodes;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.KeyRing;
import dev.sallyport.MissingRecordException;
import dev.sallyport.SignInRequirement;
import dev.sallyport.StaleProofException;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.InMemoryTwoFactorStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The recipes of the README, word for word, and that they do what it says. */
class RecipesTest {
    private static final UserId ALICE = UserId.of("1");
    private static final UserId BOB = UserId.of("2");

    private final SteppedClock clock = new SteppedClock();
    private final Set<UserId> flagged = new HashSet<>();
    private final TwoFactor twoFactor = TwoFactor.builder()
            .issuer("Acme")
            .store(new InMemoryTwoFactorStore())
            .encryptionKeys(KeyRing.generate())
            .enabledWitness(flagged::contains)
            .clock(clock)
            .build();
    private final SharedSecret secret = SharedSecret.generate();

    private void enable(UserId user) {
        AuthenticatorSeed seed = AuthenticatorSeed.totp(secret, TotpParameters.DEFAULT);
        twoFactor.importWithoutConfirmation(user, EnrollmentRequest.of("alice").seed(seed));
        flagged.add(user);
    }

    private String code() {
        return Totp.of(TotpParameters.DEFAULT).generate(secret, clock.instant());
    }

    /** The host's own tokens: for one user, one purpose, and a time that the test does not wait for. */
    private static final class Tokens {
        private record Token(UserId user, String purpose) {}

        private final Map<String, Token> issued = new HashMap<>();

        String issue(UserId user, String purpose) {
            String token = purpose + "-" + issued.size();
            issued.put(token, new Token(user, purpose));
            return token;
        }

        UserId userOf(String token, String purpose) {
            Token found = issued.get(token);
            if (found == null || !found.purpose().equals(purpose)) {
                throw new SecurityException("no token for this purpose");
            }
            return found.user();
        }
    }

    @Nested
    class Rest {
        private final Tokens tokens = new Tokens();

        /** POST /sign-in, once name and password are right. */
        String afterPassword(UserId user, @Nullable String browserToken) {
            SignInRequirement needed = twoFactor.signInRequirement(user, browserToken);
            boolean done = needed instanceof SignInRequirement.RememberedBrowser
                    || needed instanceof SignInRequirement.NotEnrolled;
            return tokens.issue(user, done ? "access" : "code"); // "code": for five minutes and the next call alone
        }

        /** POST /sign-in/code, with the token of the first answer. */
        Optional<String> afterCode(String token, String typed) {
            UserId user = tokens.userOf(token, "code");
            return twoFactor.verify(user, typed) instanceof Verified
                    ? Optional.of(tokens.issue(user, "access"))
                    : Optional.empty(); // and the other results by name, as in the filter
        }

        /** POST /two-factor/proof, with an access token. */
        Optional<String> prove(UserId user, String typed) {
            return twoFactor.verify(user, typed) instanceof Verified proof
                    ? Optional.of(twoFactor.seal(proof))
                    : Optional.empty();
        }

        /** POST /two-factor/disable, with an access token and, in the body, the sealed proof; an HTTP status. */
        int disable(UserId user, String sealedProof) {
            try {
                Optional<Verified> proof = twoFactor.unseal(user, sealedProof);
                proof.ifPresent(twoFactor::disable);
                return proof.isPresent() ? 204 : 403;
            } catch (StaleProofException e) {
                return 403; // trust was lowered meanwhile: ask for another code
            }
        }

        @Test
        void signIn_inTwoCalls_givesAccessAfterTheCode() {
            enable(ALICE);
            String half = afterPassword(ALICE, null);

            assertThatThrownBy(() -> tokens.userOf(half, "access")).isInstanceOf(SecurityException.class);
            assertThat(afterCode(half, "000 00")).isEmpty();
            assertThat(tokens.userOf(afterCode(half, code()).orElseThrow(), "access"))
                    .isEqualTo(ALICE);
            assertThatThrownBy(() -> afterCode(afterPassword(BOB, null), code()))
                    .isInstanceOf(SecurityException.class);
        }

        @Test
        void sealedProof_inTheNextCall_disables() {
            enable(ALICE);
            String sealedProof = prove(ALICE, code()).orElseThrow();

            assertThat(prove(ALICE, code())).isEmpty();
            assertThat(disable(BOB, sealedProof)).isEqualTo(403);
            assertThat(disable(ALICE, "x")).isEqualTo(403);
            clock.advance(Duration.ofMinutes(5));
            assertThat(disable(ALICE, sealedProof)).isEqualTo(204);
            flagged.remove(ALICE);
            assertThat(twoFactor.status(ALICE).state()).isEqualTo(State.NOT_ENROLLED);
        }

        @Test
        void sealedProof_tooLateOrAfterTrustWasLowered_isRefused() {
            enable(ALICE);
            String forgotten = prove(ALICE, code()).orElseThrow();
            twoFactor.forgetBrowsers(ALICE);
            assertThat(disable(ALICE, forgotten)).isEqualTo(403);

            clock.advance(Duration.ofSeconds(30));
            String late = prove(ALICE, code()).orElseThrow();
            clock.advance(Duration.ofMinutes(5).plusMillis(1));
            assertThat(disable(ALICE, late)).isEqualTo(403);
            assertThat(twoFactor.status(ALICE).state()).isEqualTo(State.ENABLED);
        }
    }

    @Nested
    class Reactive {
        private final ExecutorService blocking = Executors.newFixedThreadPool(8);

        CompletionStage<VerificationResult> verify(UserId user, String typed) {
            return CompletableFuture.supplyAsync(() -> twoFactor.verify(user, typed), blocking);
        }

        @Test
        void verify_onAnotherThread_answersOnce() {
            enable(ALICE);
            try {
                assertThat(verify(ALICE, code()).toCompletableFuture().join()).isInstanceOf(Verified.class);
                assertThat(verify(ALICE, code()).toCompletableFuture().join()).isInstanceOf(Rejected.class);
            } finally {
                blocking.shutdown();
            }
        }
    }

    @Nested
    class Mandatory {
        private final Set<UserId> administrators = Set.of(ALICE);

        /** Where a sign-in goes after the password. The session knows it until it is done, and reaches nothing else. */
        String next(UserId user, @Nullable String browserToken) {
            boolean mandatory = administrators.contains(user);
            SignInRequirement needed = twoFactor.signInRequirement(user, mandatory ? null : browserToken);
            if (needed instanceof SignInRequirement.RememberedBrowser) {
                return "/";
            }
            if (needed instanceof SignInRequirement.NotEnrolled) {
                return mandatory ? "/enroll" : "/";
            }
            return "/code";
        }

        @Test
        void administrator_untilEnrolled_goesNowhereElse() {
            assertThat(next(ALICE, null)).isEqualTo("/enroll");
            assertThat(next(BOB, null)).isEqualTo("/");
            enable(ALICE);
            assertThat(next(ALICE, null)).isEqualTo("/code");
        }

        @Test
        void administrator_inARememberedBrowser_givesACodeAllTheSame() {
            enable(ALICE);
            enable(BOB);
            String alices = twoFactor
                    .rememberBrowser((Verified) twoFactor.verify(ALICE, code()), "Firefox")
                    .value();
            String bobs = twoFactor
                    .rememberBrowser((Verified) twoFactor.verify(BOB, code()), "Firefox")
                    .value();

            assertThat(next(ALICE, alices)).isEqualTo("/code");
            assertThat(next(BOB, bobs)).isEqualTo("/");
        }
    }

    /** What another library has kept. */
    private record OldUser(UserId id, String email, String base32, OptionalLong lastStep) {}

    @Nested
    class Migration {
        private final List<UserId> toEnrollAgain = new ArrayList<>();
        private @Nullable BackupCodes shown;

        void migrate(List<OldUser> oldUsers, InstantSource clock) {
            Totp totp = Totp.of(TotpParameters.DEFAULT);
            for (OldUser old : oldUsers) {
                try {
                    SharedSecret secret = SharedSecret.fromBase32(old.base32());
                    long lastStep = old.lastStep().orElse(totp.step(clock.instant()));
                    AuthenticatorSeed seed = AuthenticatorSeed.totp(secret, TotpParameters.DEFAULT);
                    EnrollmentRequest request =
                            EnrollmentRequest.of(old.email()).seed(seed.lastUsedStep(lastStep));
                    twoFactor.importWithoutConfirmation(old.id(), request);
                } catch (AlreadyEnabledException e) {
                    // came over in an earlier run
                } catch (IllegalArgumentException e) {
                    toEnrollAgain.add(old.id()); // a secret under 128 bits, say
                    continue;
                }
                flagged.add(old.id()); // the flag of enabledWitness, where there is one
            }
        }

        void signIn(UserId user, String typed) {
            if (twoFactor.verify(user, typed) instanceof Verified proof && proof.backupCodesLeft() == 0) {
                show(twoFactor.regenerateBackupCodes(proof)); // before rememberBrowser: it forgets all browsers
            }
        }

        private void show(BackupCodes codes) {
            shown = codes;
        }

        private OldUser user(int number, String base32) {
            return new OldUser(UserId.of("u" + number), "u" + number + "@acme.example", base32, OptionalLong.empty());
        }

        @Test
        void tenThousand_importedTwice_areOverOnce() {
            List<OldUser> users = new ArrayList<>(IntStream.range(0, 10_000)
                    .mapToObj(number -> user(number, SharedSecret.generate().toBase32()))
                    .toList());
            users.add(user(10_000, "JBSWY3DPEHPK3PXP"));

            migrate(users, clock);
            migrate(users, clock);

            assertThat(toEnrollAgain).containsExactly(UserId.of("u10000"), UserId.of("u10000"));
            assertThat(flagged).hasSize(10_000);
            assertThat(users.subList(0, 10_000))
                    .allMatch(user -> twoFactor.status(user.id()).state() == State.ENABLED);
        }

        @Test
        void code_usedWithTheOldLibrary_isRefusedByTheNew() {
            OldUser withStep = new OldUser(
                    ALICE,
                    "alice@acme.example",
                    secret.toBase32(),
                    OptionalLong.of(Totp.of(TotpParameters.DEFAULT).step(clock.instant())));
            OldUser withoutStep = new OldUser(BOB, "bob@acme.example", secret.toBase32(), OptionalLong.empty());
            migrate(List.of(withStep, withoutStep), clock);

            assertThat(twoFactor.verify(ALICE, code())).isInstanceOf(Rejected.class);
            assertThat(twoFactor.verify(BOB, code())).isInstanceOf(Rejected.class);
            clock.advance(Duration.ofSeconds(30));
            assertThat(twoFactor.verify(ALICE, code())).isInstanceOf(Verified.class);
            assertThat(twoFactor.verify(BOB, code())).isInstanceOf(Verified.class);
        }

        @Test
        void firstSignIn_afterTheImport_showsBackupCodesOnce() {
            enable(ALICE);
            signIn(ALICE, code());
            assertThat(shown).hasSize(10);

            BackupCodes first = shown;
            clock.advance(Duration.ofSeconds(30));
            signIn(ALICE, code());
            assertThat(shown).isSameAs(first);
        }
    }

    @Nested
    class Deletion {
        private final List<String> done = new ArrayList<>();
        private final Users users = new Users();

        private final class Users {
            void block(UserId user) {
                done.add("blocked " + user.value());
            }

            void delete(UserId user) {
                done.add("deleted " + user.value());
                flagged.remove(user);
            }
        }

        void deleteAccount(UserId user) {
            users.block(user); // no more sign-ins, and the sessions ended: nobody enrolls behind our back
            twoFactor.resetWithoutProof(user, "account deleted");
            users.delete(user); // with the flag of enabledWitness
        }

        @Test
        void deletion_ofAnEnrolledUser_leavesNothing() {
            enable(ALICE);
            deleteAccount(ALICE);

            assertThat(done).containsExactly("blocked 1", "deleted 1");
            assertThat(twoFactor.status(ALICE).state()).isEqualTo(State.NOT_ENROLLED);
        }

        @Test
        void deletion_thatBrokeOffInTheMiddle_letsNobodyInAndCanBeRepeated() {
            enable(ALICE);
            twoFactor.resetWithoutProof(ALICE, "account deleted");
            assertThatThrownBy(() -> twoFactor.signInRequirement(ALICE, null))
                    .isInstanceOf(MissingRecordException.class);

            deleteAccount(ALICE);
            assertThat(twoFactor.status(ALICE).state()).isEqualTo(State.NOT_ENROLLED);
        }
    }

    @Nested
    class ATestOfYours {
        @Test
        void verify_sameCodeTwice_rejectsTheSecond() {
            SteppedClock clock = new SteppedClock();
            TwoFactor twoFactor = TwoFactor.builder()
                    .issuer("Acme")
                    .store(new InMemoryTwoFactorStore())
                    .encryptionKeys(KeyRing.generate())
                    .clock(clock)
                    .build();
            SharedSecret secret =
                    twoFactor.beginEnrollment(ALICE, "alice").keyUri().secret();
            Totp phone = Totp.of(TotpParameters.DEFAULT);
            twoFactor.confirmEnrollment(ALICE, phone.generate(secret, clock.instant()));

            clock.advance(Duration.ofSeconds(30));
            String code = phone.generate(secret, clock.instant());
            assertThat(twoFactor.verify(ALICE, code)).isInstanceOf(Verified.class);
            assertThat(twoFactor.verify(ALICE, code)).isInstanceOf(Rejected.class);
        }
    }
}
