// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.jakarta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.AlreadyEnabledException;
import dev.sallyport.BackupCodes;
import dev.sallyport.Browser;
import dev.sallyport.Challenge;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.ExistingAuthenticator;
import dev.sallyport.KeyRing;
import dev.sallyport.MissingRecordException;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.Regenerated;
import dev.sallyport.Rejected;
import dev.sallyport.SignInRequirement;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.StaleProofException;
import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorEvent;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.NotVerifiedException;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.InMemoryTwoFactorStore;
import dev.sallyport.testing.SteppedClock;
import dev.sallyport.testing.VirtualPhone;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.apache.catalina.startup.Tomcat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The recipes of the README, word for word, and that they do what it says. */
class RecipesTest {
    private static final UserId ALICE = UserId.of("1");
    private static final UserId BOB = UserId.of("2");

    private final SteppedClock clock = new SteppedClock();
    /** A column of the host's own user table: the version that an event named last. */
    private final Map<UserId, Long> versions = new ConcurrentHashMap<>();

    private final TwoFactor twoFactor = TwoFactor.builder()
            .issuer("Acme")
            .store(new InMemoryTwoFactorStore())
            .encryptionKeys(KeyRing.generate())
            .versionWitness(user -> versions.getOrDefault(user, 0L))
            .listener(this::raise)
            .clock(clock)
            .build();
    private final SharedSecret secret = SharedSecret.generate();
    private final VirtualPhone phone = VirtualPhone.typed(secret.toBase32(), clock);

    private void raise(TwoFactorEvent event) {
        event.position().ifPresent(position -> versions.merge(event.user(), position.version(), Math::max));
    }

    private void enable(UserId user) {
        ExistingAuthenticator existing =
                ExistingAuthenticator.totp(secret, TotpParameters.DEFAULT).lastUsedStep(0);
        twoFactor
                .operator("test")
                .importWithoutConfirmation(
                        user, List.of(EnrollmentRequest.of("alice").existing(existing)));
    }

    /** What the phone shows, used or not. */
    private String code() {
        return phone.codeAt(clock.instant());
    }

    private Challenge challenge(UserId user) {
        return ((CodeRequired) twoFactor.signInRequirement(user, Browser.none())).challenge();
    }

    private VerificationResult verify(UserId user, String typed) {
        return twoFactor.verify(challenge(user), typed);
    }

    @Nested
    class Servlet {
        /** Called by your sign-in, once the password is right. */
        void afterPassword(UserId user, HttpServletRequest request, HttpServletResponse response) throws IOException {
            request.getSession(); // the id of no session cannot be changed
            request.changeSessionId();
            Browser browser = Browser.fromHeaders(request.getHeader("Cookie"), request.getHeader("User-Agent"));
            SignInRequirement next = twoFactor.signInRequirement(user, browser);
            if (next instanceof NoCodeRequired free) {
                signIn(user, free.stamp(), request, response);
            } else if (next instanceof CodeRequired code) {
                request.getSession().setAttribute("challenge", code.challenge().value());
                response.sendRedirect("/code");
            }
        }

        /** POST /code, from a form with the field "code" and the box "remember". */
        void checkCode(HttpServletRequest request, HttpServletResponse response) throws IOException {
            String challenge = (String) request.getSession().getAttribute("challenge");
            VerificationResult result = twoFactor.verify(Challenge.of(challenge), request.getParameter("code"));
            if (result instanceof Verified proof) {
                proof.browserToken().ifPresent(token -> response.addHeader("Set-Cookie", token.setCookie()));
                if (request.getParameter("remember") != null) {
                    twoFactor.rememberBrowser(proof);
                }
                request.changeSessionId();
                signIn(proof.user(), proof.stamp(), request, response);
            } else {
                response.sendRedirect(
                        result instanceof SignInAgain ? "/sign-in" : "/code?again"); // and the others by name
            }
        }

        private void signIn(UserId user, TrustStamp stamp, HttpServletRequest request, HttpServletResponse response)
                throws IOException {
            request.getSession().removeAttribute("challenge");
            request.getSession().setAttribute("user", user.value()); // only this signs in
            request.getSession().setAttribute("stamp", stamp.value());
            response.sendRedirect("/");
        }

        /** In your filter, before each page; once a minute is enough. */
        boolean isSignedIn(HttpSession session) {
            String user = (String) session.getAttribute("user");
            String stamp = (String) session.getAttribute("stamp");
            return user != null && twoFactor.isCurrent(UserId.of(user), TrustStamp.of(stamp));
        }

        @Test
        void story_overHttp_ofARememberedBrowserAndAPasswordChange() throws Exception {
            enable(ALICE);
            Tomcat tomcat = Main.start(
                    (in, out, chain) -> {
                        HttpServletRequest request = (HttpServletRequest) in;
                        HttpServletResponse response = (HttpServletResponse) out;
                        switch (request.getServletPath()) {
                            case "/sign-in" -> afterPassword(ALICE, request, response);
                            case "/code" -> checkCode(request, response);
                            default -> response.setStatus(isSignedIn(request.getSession()) ? 200 : 401);
                        }
                    },
                    0);
            try {
                int port = tomcat.getConnector().getLocalPort();
                var withoutSession = new dev.sallyport.examples.jakarta.Browser(port);
                assertThat(withoutSession.get("/sign-in").location()).isEqualTo("/code");

                var browser = new dev.sallyport.examples.jakarta.Browser(port);
                assertThat(browser.get("/").status()).isEqualTo(401);
                assertThat(browser.post("/code", "code", "123456").location()).isEqualTo("/sign-in");
                assertThat(browser.get("/sign-in").location()).isEqualTo("/code");
                assertThat(browser.get("/").status()).isEqualTo(401);
                assertThat(browser.post("/code", "code", "000 00").location()).isEqualTo("/code?again");
                assertThat(browser.post("/code", "code", code(), "remember", "on")
                                .location())
                        .isEqualTo("/");
                assertThat(browser.get("/").status()).isEqualTo(200);

                assertThat(browser.get("/sign-in").location()).isEqualTo("/");
                assertThat(browser.get("/").status()).isEqualTo(200);
                twoFactor.endTrust(ALICE);
                assertThat(browser.get("/").status()).isEqualTo(401);
                assertThat(browser.get("/sign-in").location()).isEqualTo("/code");
            } finally {
                tomcat.stop();
                tomcat.destroy();
            }
        }
    }

    /** The host's own signed tokens: a user and a stamp. What signs them is not the matter here. */
    private static final class Jwt {
        private record Claims(UserId user, String stamp) {}

        private final Map<String, Claims> issued = new HashMap<>();

        String issue(UserId user, String stamp) {
            String token = "access-" + issued.size();
            issued.put(token, new Claims(user, stamp));
            return token;
        }

        Claims claims(String token) {
            return Optional.ofNullable(issued.get(token)).orElseThrow(() -> new SecurityException("no token of ours"));
        }
    }

    @Nested
    class JwtApi {
        private final Jwt jwt = new Jwt();

        /** POST /sign-in, once name and password are right. The app keeps its browser token in the keystore. */
        Map<String, String> afterPassword(UserId user, @Nullable String browserToken, String device) {
            SignInRequirement next = twoFactor.signInRequirement(user, Browser.ofToken(browserToken, device));
            return next instanceof NoCodeRequired free
                    ? Map.of("access_token", jwt.issue(user, free.stamp().value()))
                    : Map.of("challenge", ((CodeRequired) next).challenge().value());
        }

        /** POST /sign-in/code. The exception goes to the one place that maps errors: its result says which. */
        Map<String, String> afterCode(String challenge, String typed) {
            Verified proof = twoFactor.verify(Challenge.of(challenge), typed).orElseThrow();
            Map<String, String> body = new HashMap<>();
            proof.browserToken().ifPresent(token -> body.put("browser_token", token.value()));
            body.put("access_token", jwt.issue(proof.user(), proof.stamp().value()));
            return body;
        }

        /** POST /refresh, every few minutes: here a session ends when the trust ends that it rests on. */
        String refresh(String accessToken) {
            Jwt.Claims claims = jwt.claims(accessToken);
            if (!twoFactor.isCurrent(claims.user(), TrustStamp.of(claims.stamp()))) {
                throw new SecurityException("sign in again");
            }
            return jwt.issue(claims.user(), claims.stamp());
        }

        private static String in(Map<String, String> body, String name) {
            return Objects.requireNonNull(body.get(name), name);
        }

        @Test
        void signIn_inTwoCalls_givesAccessUntilTrustEnds() {
            assertThat(afterPassword(BOB, null, "Bob's phone")).containsOnlyKeys("access_token");
            enable(ALICE);
            Map<String, String> half = afterPassword(ALICE, null, "Alice's tablet");

            assertThat(half).containsOnlyKeys("challenge");
            assertThatThrownBy(() -> afterCode(in(half, "challenge"), "000 00"))
                    .isInstanceOf(NotVerifiedException.class);
            Map<String, String> whole = afterCode(in(half, "challenge"), code());
            String token = refresh(in(whole, "access_token"));
            twoFactor.endTrust(ALICE);
            assertThatThrownBy(() -> refresh(token)).isInstanceOf(SecurityException.class);
        }

        @Test
        void browserToken_inTheNextSignIn_meetsTheKnownDoor() {
            enable(ALICE);
            String token = afterCode(in(afterPassword(ALICE, null, "tablet"), "challenge"), code())
                    .get("browser_token");
            clock.advance(Duration.ofSeconds(30));
            for (int i = 0; i < 5; i++) {
                assertThat(verify(ALICE, phone.wrongCode())).isInstanceOf(Rejected.class);
            }

            assertThat(verify(ALICE, code())).isInstanceOf(VerificationResult.LockedOut.class);
            assertThat(afterCode(in(afterPassword(ALICE, token, "tablet"), "challenge"), code()))
                    .containsOnlyKeys("access_token");
        }
    }

    @Nested
    class CarriedProof {
        /** POST /two-factor/proof, with an access token. */
        Optional<String> prove(UserId user, TrustStamp stamp, String typed) {
            return twoFactor.stepUp(user, stamp, typed) instanceof Verified proof
                    ? Optional.of(twoFactor.seal(proof))
                    : Optional.empty();
        }

        /** POST /two-factor/disable, with an access token and, in the body, the sealed proof; an HTTP status. */
        int disable(UserId user, String sealedProof) {
            try {
                Optional<Verified> proof = twoFactor.unseal(user, sealedProof);
                proof.ifPresent(twoFactor::disable); // and the stamp that it returns is this session's new one
                return proof.isPresent() ? 204 : 403;
            } catch (StaleProofException e) {
                return 403; // trust has ended meanwhile: ask for another code
            }
        }

        private TrustStamp signIn() {
            TrustStamp stamp = verify(ALICE, code()).orElseThrow().stamp();
            clock.advance(Duration.ofSeconds(30));
            return stamp;
        }

        @Test
        void sealedProof_inTheNextCall_disables() {
            enable(ALICE);
            TrustStamp stamp = signIn();
            String sealedProof = prove(ALICE, stamp, code()).orElseThrow();

            assertThat(prove(ALICE, stamp, code())).isEmpty();
            assertThat(disable(BOB, sealedProof)).isEqualTo(403);
            assertThat(disable(ALICE, "x")).isEqualTo(403);
            clock.advance(Duration.ofMinutes(5));
            assertThat(disable(ALICE, sealedProof)).isEqualTo(204);
            assertThat(twoFactor.status(ALICE).state()).isEqualTo(State.OFF);
        }

        @Test
        void sealedProof_tooLateOrAfterTrustHasEnded_isRefused() {
            enable(ALICE);
            String forgotten = prove(ALICE, signIn(), code()).orElseThrow();
            twoFactor.endTrust(ALICE);
            assertThat(disable(ALICE, forgotten)).isEqualTo(403);

            clock.advance(Duration.ofSeconds(30));
            String late = prove(ALICE, signIn(), code()).orElseThrow();
            clock.advance(Duration.ofMinutes(5).plusMillis(1));
            assertThat(disable(ALICE, late)).isEqualTo(403);
            assertThat(twoFactor.status(ALICE).state()).isEqualTo(State.ENABLED);
        }
    }

    @Nested
    class Reactive {
        private final ExecutorService blocking = Executors.newFixedThreadPool(8);

        CompletionStage<VerificationResult> verify(Challenge challenge, String typed) {
            return CompletableFuture.supplyAsync(() -> twoFactor.verify(challenge, typed), blocking);
        }

        @Test
        void verify_onAnotherThread_answersOnce() {
            enable(ALICE);
            Challenge challenge = challenge(ALICE);
            try {
                assertThat(verify(challenge, code()).toCompletableFuture().join())
                        .isInstanceOf(Verified.class);
                assertThat(verify(challenge, code()).toCompletableFuture().join())
                        .isInstanceOf(Rejected.class);
            } finally {
                blocking.shutdown();
            }
        }
    }

    @Nested
    class Mandatory {
        private final Set<UserId> administrators = Set.of(ALICE);

        /** Where a sign-in goes after the password. The session knows it until it is done, and reaches nothing else. */
        String next(UserId user, Browser browser) {
            boolean mandatory = administrators.contains(user);
            if (twoFactor.status(user).state() != State.ENABLED) {
                return mandatory ? "/enroll" : "/";
            }
            Browser believed = mandatory ? Browser.none() : browser; // administrators show a code each time
            return twoFactor.signInRequirement(user, believed) instanceof CodeRequired ? "/code" : "/";
        }

        @Test
        void administrator_untilEnrolled_goesNowhereElse() {
            assertThat(next(ALICE, Browser.none())).isEqualTo("/enroll");
            assertThat(next(BOB, Browser.none())).isEqualTo("/");
            enable(ALICE);
            assertThat(next(ALICE, Browser.none())).isEqualTo("/code");
        }

        @Test
        void administrator_inARememberedBrowser_givesACodeAllTheSame() {
            enable(ALICE);
            enable(BOB);

            assertThat(next(ALICE, remembered(ALICE))).isEqualTo("/code");
            assertThat(next(BOB, remembered(BOB))).isEqualTo("/");
        }

        private Browser remembered(UserId user) {
            SignInRequirement next = twoFactor.signInRequirement(user, Browser.ofToken(null, "Firefox"));
            Verified proof =
                    twoFactor.verify(((CodeRequired) next).challenge(), code()).orElseThrow();
            twoFactor.rememberBrowser(proof);
            return Browser.ofToken(proof.browserToken().orElseThrow().value(), "Firefox");
        }
    }

    /** What another library has kept. */
    private record OldUser(UserId id, String email, String base32, OptionalLong lastStep) {}

    @Nested
    class Migration {
        private final List<UserId> toEnrollAgain = new ArrayList<>();
        private @Nullable BackupCodes shown;

        void migrate(List<OldUser> oldUsers) {
            for (OldUser old : oldUsers) {
                try {
                    SharedSecret secret = SharedSecret.fromBase32(old.base32());
                    ExistingAuthenticator phone = ExistingAuthenticator.totp(secret, TotpParameters.DEFAULT);
                    if (old.lastStep().isPresent()) {
                        phone = phone.lastUsedStep(old.lastStep().getAsLong());
                    }
                    EnrollmentRequest request =
                            EnrollmentRequest.of(old.email()).existing(phone);
                    twoFactor.operator("migration").importWithoutConfirmation(old.id(), List.of(request));
                } catch (AlreadyEnabledException e) {
                    // came over in an earlier run
                } catch (IllegalArgumentException e) {
                    toEnrollAgain.add(old.id()); // no Base32, or a secret under 80 bits
                }
            }
        }

        /** After a right code, before the first page. */
        TrustStamp firstSignIn(Verified proof) {
            if (proof.backupCodesLeft() > 0) {
                return proof.stamp();
            }
            Regenerated regenerated = twoFactor.regenerateBackupCodes(proof); // before rememberBrowser
            show(regenerated.codes());
            return regenerated.proof().stamp();
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
            users.add(user(10_001, "JBSWY3DP"));

            migrate(users);
            migrate(users);

            assertThat(toEnrollAgain).containsExactly(UserId.of("u10001"), UserId.of("u10001"));
            assertThat(users.subList(0, 10_001))
                    .allMatch(user -> twoFactor.status(user.id()).state() == State.ENABLED);
            assertThat(twoFactor.status(UserId.of("u10000")).authenticators())
                    .allMatch(authenticator -> authenticator.weakSecret());
        }

        @Test
        void code_usedWithTheOldLibrary_isRefusedByTheNew() {
            OldUser withStep = new OldUser(
                    ALICE,
                    "alice@acme.example",
                    secret.toBase32(),
                    OptionalLong.of(Totp.of(TotpParameters.DEFAULT).step(clock.instant())));
            OldUser withoutStep = new OldUser(BOB, "bob@acme.example", secret.toBase32(), OptionalLong.empty());
            migrate(List.of(withStep, withoutStep));

            assertThat(verify(ALICE, code())).isInstanceOf(Rejected.class);
            assertThat(verify(BOB, code())).isInstanceOf(Rejected.class);
            clock.advance(Duration.ofSeconds(60));
            assertThat(verify(ALICE, code())).isInstanceOf(Verified.class);
            assertThat(verify(BOB, code())).isInstanceOf(Verified.class);
        }

        @Test
        void firstSignIn_afterTheImport_showsBackupCodesOnce() {
            enable(ALICE);
            TrustStamp stamp = firstSignIn(verify(ALICE, code()).orElseThrow());
            assertThat(shown).hasSize(10);
            assertThat(twoFactor.isCurrent(ALICE, stamp)).isTrue();

            BackupCodes first = shown;
            clock.advance(Duration.ofSeconds(30));
            firstSignIn(verify(ALICE, code()).orElseThrow());
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
                versions.remove(user);
            }
        }

        void deleteAccount(UserId user) {
            users.block(user); // no more sign-ins, and the sessions ended: nobody enrolls behind our back
            twoFactor.operator("account deletion").deleteAccount(user);
            users.delete(user); // with the number of the version witness; never give the id to somebody else
        }

        @Test
        void deletion_ofAnEnrolledUser_leavesNothing() {
            enable(ALICE);
            deleteAccount(ALICE);

            assertThat(done).containsExactly("blocked 1", "deleted 1");
            assertThat(twoFactor.status(ALICE).state()).isEqualTo(State.OFF);
        }

        @Test
        void deletion_thatBrokeOffInTheMiddle_letsNobodyInAndCanBeRepeated() {
            enable(ALICE);
            twoFactor.operator("account deletion").deleteAccount(ALICE);
            assertThatThrownBy(() -> twoFactor.signInRequirement(ALICE, Browser.none()))
                    .isInstanceOf(MissingRecordException.class);

            twoFactor.operator("account deletion").deleteAccount(ALICE);
            versions.remove(ALICE);
            assertThat(twoFactor.status(ALICE).state()).isEqualTo(State.OFF);
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
            PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, "alice");
            VirtualPhone phone = VirtualPhone.scan(pending, clock);
            twoFactor.confirmEnrollment(pending.handle(), phone.code());

            CodeRequired required = (CodeRequired) twoFactor.signInRequirement(ALICE, Browser.none());
            String code = phone.code(); // another one: the clock has moved to the next time step
            assertThat(twoFactor.verify(required.challenge(), code)).isInstanceOf(Verified.class);
            assertThat(twoFactor.verify(required.challenge(), code)).isInstanceOf(Rejected.class);
        }
    }
}
