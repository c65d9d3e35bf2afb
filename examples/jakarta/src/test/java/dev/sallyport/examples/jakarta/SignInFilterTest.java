// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.jakarta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.EnrollmentRequest;
import dev.sallyport.ExistingAuthenticator;
import dev.sallyport.KeyRing;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.examples.jakarta.Browser.Page;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.testing.SteppedClock;
import dev.sallyport.testing.VirtualPhone;
import jakarta.servlet.Filter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiFunction;
import org.apache.catalina.startup.Tomcat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The filter in a real Tomcat, over real HTTP, at a time that stands still. */
class SignInFilterTest {
    private static final String PASSWORD = "correct horse";
    private static final String NOT_RIGHT = "That code is not right, or was used already. Wait for the next one.";
    private static final String SESSION = "JSESSIONID";
    private static final String COOKIE = "__Host-sallyport";
    private static final UserId WITH_MARKUP = UserId.of("<b>&amp;");

    /** One server for all tests; each has a filter and records of its own. */
    private static Tomcat tomcat;

    private static volatile Filter filter = (request, response, chain) -> {};

    private final SteppedClock clock = new SteppedClock();
    private final SharedSecret secret = SharedSecret.generate();
    private final VirtualPhone phone = VirtualPhone.typed(secret.toBase32(), clock);
    private final ConcurrentMap<String, String> records = new ConcurrentHashMap<>() {
        @Override
        public @Nullable String get(Object userId) {
            if (storeIsDown) {
                throw new IllegalStateException("a planted failure");
            }
            return super.get(userId);
        }
    };
    private volatile boolean storeIsDown;
    private TwoFactor twoFactor;
    private Browser browser;

    @BeforeAll
    static void start() throws Exception {
        tomcat = Main.start((request, response, chain) -> filter.doFilter(request, response, chain), 0);
    }

    @AfterAll
    static void stop() throws Exception {
        tomcat.stop();
        tomcat.destroy();
    }

    @BeforeEach
    void openTheBrowser() {
        twoFactor = TwoFactor.builder()
                .issuer("Acme")
                .store(new MapTwoFactorStore(records))
                .encryptionKeys(KeyRing.generate())
                .clock(clock)
                .build();
        enable(Main.ALICE);
        BiFunction<String, String, Optional<UserId>> passwords = (name, typed) -> name.equals("markup")
                ? Optional.of(WITH_MARKUP)
                : Main.passwords(PASSWORD).apply(name, typed);
        filter = new SignInFilter(twoFactor, passwords, clock);
        browser = newBrowser();
    }

    private void enable(UserId user) {
        ExistingAuthenticator existing =
                ExistingAuthenticator.totp(secret, TotpParameters.DEFAULT).lastUsedStep(0);
        twoFactor
                .operator("test")
                .importWithoutConfirmation(
                        user, List.of(EnrollmentRequest.of("alice").existing(existing)));
    }

    private static Browser newBrowser() {
        return new Browser(tomcat.getConnector().getLocalPort());
    }

    private Page givePassword(String name) {
        browser.get("/sign-in");
        return browser.post("/sign-in", "name", name, "password", PASSWORD);
    }

    private void giveAlicesPassword() {
        assertThat(givePassword("alice").location()).isEqualTo("/");
        assertThat(browser.get("/").location()).isEqualTo("/code");
        assertThat(browser.get("/code").status()).isEqualTo(200);
    }

    private Page giveCode(String code, String... more) {
        return more.length == 0
                ? browser.post("/code", "code", code)
                : browser.post("/code", "code", code, more[0], more[1]);
    }

    private void signInAlice() {
        giveAlicesPassword();
        assertThat(giveCode(codeNow()).location()).isEqualTo("/");
        assertSignedIn("1");
    }

    private void signOut() {
        browser.get("/");
        assertThat(browser.post("/sign-out").location()).isEqualTo("/");
        assertThat(browser.get("/").location()).isEqualTo("/sign-in");
    }

    /** What the phone shows, used or not. */
    private String codeNow() {
        return phone.codeAt(clock.instant());
    }

    private List<String> backupCodes() {
        CodeRequired required = (CodeRequired) twoFactor.signInRequirement(Main.ALICE, dev.sallyport.Browser.none());
        Verified proof = twoFactor.verify(required.challenge(), codeNow()).orElseThrow();
        clock.advance(Duration.ofSeconds(30));
        return twoFactor.regenerateBackupCodes(proof).codes().asList();
    }

    private void assertSignedIn(String user) {
        Page page = browser.get("/");
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.body()).contains("You are signed in as user " + user + ".");
    }

    @Nested
    class Anybody {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "/",
                    "/code",
                    "/sign-out",
                    "/account/1?x=y",
                    "/sign-in/",
                    "/sign-in/x",
                    "/SIGN-IN",
                    "/.well-known/x"
                })
        void path_withoutAPassword_leadsToTheSignInPage(String path) {
            Page page = browser.get(path);

            assertThat(page.status()).isEqualTo(302);
            assertThat(page.location()).isEqualTo("/sign-in");
            assertThat(page.body()).isEmpty();
        }

        @Test
        void page_always_forbidsCachesScriptsAndFrames() {
            Page page = browser.get("/sign-in");

            assertThat(page.header("Cache-Control")).isEqualTo("no-store");
            assertThat(page.header("Content-Security-Policy"))
                    .contains("default-src 'none'", "frame-ancestors 'none'", "form-action 'self'");
            assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(page.body()).doesNotContain("<script");
        }

        @Test
        void sessionCookie_whenSet_isForNoScriptAndNoOtherSite() {
            assertThat(browser.get("/sign-in").header("Set-Cookie"))
                    .startsWith(SESSION)
                    .contains("HttpOnly", "SameSite=Lax");
        }

        @Test
        void userId_withMarkup_isShownAsText() {
            givePassword("markup");

            assertThat(browser.get("/").body())
                    .contains("user &lt;b&gt;&amp;amp;.")
                    .doesNotContain("<b>");
        }
    }

    @Nested
    class Password {
        @Test
        void password_wrong_saysTheSameAsForNobody() {
            browser.get("/sign-in");
            Page wrong = browser.post("/sign-in", "name", "alice", "password", "wrong");
            Page nobody = browser.post("/sign-in", "name", "nobody", "password", PASSWORD);

            assertThat(wrong.body()).contains("Name or password is not right.").isEqualTo(nobody.body());
            assertThat(browser.get("/").location()).isEqualTo("/sign-in");
        }

        @Test
        void password_ofSomebodyWithoutTwoFactor_signsIn() {
            assertThat(givePassword("bob").location()).isEqualTo("/");

            assertSignedIn("2");
        }

        @Test
        void password_right_leadsToTheCodePage() {
            giveAlicesPassword();

            assertThat(browser.get("/code").body())
                    .contains("autocomplete=\"one-time-code\"", "inputmode=\"numeric\"", "30 days");
        }

        @Test
        void password_right_changesTheSessionId() {
            browser.get("/sign-in");
            String before = browser.cookies.value(SESSION).orElseThrow();
            browser.post("/sign-in", "name", "alice", "password", PASSWORD);
            String after = browser.cookies.value(SESSION).orElseThrow();
            browser.cookies.put(SESSION, before);

            assertThat(after).isNotEqualTo(before);
            assertThat(browser.get("/code").location()).isEqualTo("/sign-in");
        }
    }

    @Nested
    class HalfSignedIn {
        @ParameterizedTest
        @ValueSource(strings = {"/", "/sign-in", "/sign-out", "/account/1", "/code/", "/code/x", "/CODE"})
        void path_withoutACode_leadsToTheCodePage(String path) {
            giveAlicesPassword();

            Page shown = browser.get(path);
            assertThat(shown.status()).isEqualTo(302);
            assertThat(shown.location()).isEqualTo("/code");
            assertThat(shown.body()).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"/", "/sign-in", "/account/1"})
        void post_withoutACode_changesNothing(String path) {
            giveAlicesPassword();

            assertThat(browser.post(path, "name", "bob", "password", PASSWORD).location())
                    .isEqualTo("/code");
            assertThat(browser.get("/").location()).isEqualTo("/code");
        }

        @Test
        void signOut_withoutACode_goesBackToThePassword() {
            giveAlicesPassword();

            assertThat(browser.post("/sign-out").location()).isEqualTo("/");
            assertThat(browser.get("/code").location()).isEqualTo("/sign-in");
        }
    }

    @Nested
    class Code {
        @Test
        void code_right_signsIn() {
            signInAlice();

            assertThat(twoFactor.status(Main.ALICE).browsers())
                    .singleElement()
                    .satisfies(known -> assertThat(known.rememberedUntil()).isEmpty());
        }

        @Test
        void code_right_changesTheSessionId() {
            giveAlicesPassword();
            String before = browser.cookies.value(SESSION).orElseThrow();
            giveCode(codeNow());
            String after = browser.cookies.value(SESSION).orElseThrow();
            browser.cookies.put(SESSION, before);

            assertThat(after).isNotEqualTo(before);
            assertThat(browser.get("/").location()).isEqualTo("/sign-in");
        }

        @Test
        void code_wrongOrUsed_getsOneAnswer() {
            signInAlice();
            String used = codeNow();
            signOut();
            giveAlicesPassword();

            Page replayed = giveCode(used);
            assertThat(replayed.body()).contains(NOT_RIGHT);
            assertThat(giveCode(phone.wrongCode()).body()).isEqualTo(replayed.body());
            assertThat(browser.get("/").location()).isEqualTo("/code");
        }

        @Test
        void code_thatDoesNotLookLikeOne_getsASentenceThatSaysHowOneLooks() {
            giveAlicesPassword();

            assertThat(giveCode("what?").body()).contains("A code has 6 digits, a backup code 24 letters and digits.");
            assertThat(twoFactor.status(Main.ALICE).strangers().failures()).isZero();
        }

        @Test
        void code_afterFiveFailures_isNotLookedAtForAWhile() {
            giveAlicesPassword();
            for (int i = 0; i < 5; i++) {
                assertThat(giveCode(phone.wrongCode()).body()).contains(NOT_RIGHT);
            }

            assertThat(giveCode(codeNow()).body())
                    .contains("Too many attempts. Use a backup code, or try again after Mon, 2 Nov 2026 09:01:00 GMT.");
            assertThat(browser.get("/").location()).isEqualTo("/code");

            clock.advance(Duration.ofSeconds(60));
            assertThat(giveCode(codeNow()).location()).isEqualTo("/");
            assertSignedIn("1");
        }

        @Test
        void code_whileSuspended_isAnsweredWithTheWayOut() {
            for (int i = 0; i < 50; i++) {
                CodeRequired required =
                        (CodeRequired) twoFactor.signInRequirement(Main.ALICE, dev.sallyport.Browser.none());
                twoFactor.verify(required.challenge(), phone.wrongCode());
                clock.advance(Duration.ofHours(1));
            }
            giveAlicesPassword();

            assertThat(giveCode(codeNow()).body()).contains("Too many attempts. Use a backup code.");
        }

        @Test
        void code_whileStrangersBurnCodes_signsInFromAKnownBrowser() {
            signInAlice();
            signOut();
            for (int i = 0; i < 5; i++) {
                CodeRequired required =
                        (CodeRequired) twoFactor.signInRequirement(Main.ALICE, dev.sallyport.Browser.none());
                twoFactor.verify(required.challenge(), phone.wrongCode());
            }
            clock.advance(Duration.ofSeconds(30));
            giveAlicesPassword();

            assertThat(giveCode(codeNow()).location()).isEqualTo("/");
            assertSignedIn("1");
        }

        @Test
        void code_elevenMinutesAfterThePassword_startsAgain() {
            giveAlicesPassword();
            clock.advance(Duration.ofMinutes(11));

            assertThat(giveCode(codeNow()).location()).isEqualTo("/");
            assertThat(browser.get("/").location()).isEqualTo("/sign-in");
        }

        @Test
        void backupCode_duringALockout_signsInOnce() {
            String backupCode = backupCodes().get(0);
            giveAlicesPassword();
            for (int i = 0; i < 5; i++) {
                giveCode(phone.wrongCode());
            }

            assertThat(browser.post("/code", "code", "", "backupCode", backupCode.toLowerCase(Locale.ROOT))
                            .location())
                    .isEqualTo("/");
            assertSignedIn("1");
            signOut();
            giveAlicesPassword();
            assertThat(giveCode(backupCode).body()).contains(NOT_RIGHT);
        }

        @Test
        void codes_inBothFields_theBackupCodeCounts() {
            String backupCode = backupCodes().get(0);
            giveAlicesPassword();

            assertThat(giveCode("filled in by a password manager", "backupCode", backupCode)
                            .location())
                    .isEqualTo("/");
            assertSignedIn("1");
        }

        @Test
        void code_afterTwoFactorWasSwitchedOff_startsAgain() {
            giveAlicesPassword();
            twoFactor.operator("support").resetWithoutProof(Main.ALICE, "lost everything");

            assertThat(giveCode(codeNow()).location()).isEqualTo("/");
            assertThat(browser.get("/").location()).isEqualTo("/sign-in");
        }

        @Test
        void code_whileTheStoreIsDown_letsNobodyInAndTellsNothing() {
            giveAlicesPassword();
            storeIsDown = true;

            Page page = giveCode(codeNow());
            assertThat(page.status()).isEqualTo(500);
            assertThat(page.body()).doesNotContain("planted", "dev.sallyport", "Tomcat");
            assertThat(browser.get("/").location()).isEqualTo("/code");
        }
    }

    @Nested
    class SignedIn {
        @Test
        void session_afterTrustHasEnded_endsWithinAMinute() {
            signInAlice();
            twoFactor.endTrust(Main.ALICE);
            assertSignedIn("1");
            clock.advance(Duration.ofMinutes(1));

            assertThat(browser.get("/").location()).isEqualTo("/sign-in");
        }

        @Test
        void session_ofSomebodyWithoutTwoFactor_endsWithTrustToo() {
            givePassword("bob");
            assertSignedIn("2");
            twoFactor.endTrust(UserId.of("2"));
            clock.advance(Duration.ofMinutes(1));

            assertThat(browser.get("/").location()).isEqualTo("/sign-in");
        }

        @Test
        void session_whoseStampIsCurrent_goesOn() {
            signInAlice();
            clock.advance(Duration.ofHours(1));

            assertSignedIn("1");
        }

        @Test
        void session_whileTheStoreIsDown_staysAndShowsNothing() {
            signInAlice();
            clock.advance(Duration.ofMinutes(1));
            storeIsDown = true;
            assertThat(browser.get("/").status()).isEqualTo(503);
            storeIsDown = false;

            assertSignedIn("1");
        }
    }

    @Nested
    class Csrf {
        private void assertRefused(Page page) {
            assertThat(page.status()).isEqualTo(302);
            assertThat(page.location()).isEqualTo("/");
            assertThat(page.body()).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "0", "00000000-0000-0000-0000-000000000000"})
        void password_withoutTheToken_isNotLookedAt(String token) {
            browser.get("/sign-in");
            browser.csrf = token;

            assertRefused(browser.post("/sign-in", "name", "bob", "password", PASSWORD));
            assertThat(browser.get("/").location()).isEqualTo("/sign-in");
        }

        @Test
        void password_withoutASession_isNotLookedAtAndMakesNone() {
            assertRefused(browser.post("/sign-in", "name", "bob", "password", PASSWORD));

            assertThat(browser.cookies.header()).isEmpty();
        }

        @Test
        void code_withTheTokenOfThePageBefore_isNotUsedUp() {
            browser.get("/sign-in");
            String before = browser.csrf;
            giveAlicesPassword();
            String now = browser.csrf;
            assertThat(now).isNotEqualTo(before);

            browser.csrf = before;
            assertRefused(giveCode(codeNow()));
            browser.csrf = now;
            assertThat(giveCode(codeNow()).location()).isEqualTo("/");
            assertSignedIn("1");
        }

        @Test
        void code_withTheTokenOfAnotherSession_isNotLookedAt() {
            Browser other = newBrowser();
            other.get("/sign-in");
            giveAlicesPassword();
            browser.csrf = other.csrf;

            assertRefused(giveCode(codeNow()));
            assertThat(browser.get("/").location()).isEqualTo("/code");
        }

        @Test
        void signOut_withoutTheToken_doesNothing() {
            signInAlice();
            browser.csrf = "";

            assertRefused(browser.post("/sign-out"));
            assertSignedIn("1");
        }

        @Test
        void signOut_byALink_doesNothing() {
            signInAlice();
            browser.get("/sign-out");

            assertSignedIn("1");
        }
    }

    @Nested
    class RememberedBrowser {
        private Page remember() {
            giveAlicesPassword();
            Page page = giveCode(codeNow(), "remember", "on");
            clock.advance(Duration.ofSeconds(30));
            return page;
        }

        @Test
        void cookie_whenSet_isForThisHostAndNoScript() {
            assertThat(remember().response().headers().allValues("Set-Cookie"))
                    .filteredOn(cookie -> cookie.startsWith(COOKIE + "="))
                    .singleElement()
                    .asString()
                    .endsWith("; Path=/; Max-Age=34560000; Secure; HttpOnly; SameSite=Lax")
                    .doesNotContain("Domain");
            assertThat(twoFactor.status(Main.ALICE).browsers())
                    .extracting(TwoFactorStatus.Browser::label)
                    .containsExactly("Unknown browser");
        }

        @Test
        void password_inARememberedBrowser_signsIn() {
            remember();
            signOut();

            givePassword("alice");
            assertSignedIn("1");
        }

        @Test
        void password_afterThirtyDays_takesACodeAgain() {
            remember();
            signOut();
            clock.advance(Duration.ofDays(30).plusMillis(1));

            giveAlicesPassword();
        }

        @Test
        void password_afterTheBrowserWasForgotten_takesACodeAgain() {
            remember();
            signOut();
            twoFactor.endTrust(Main.ALICE);

            giveAlicesPassword();
        }

        @Test
        void password_withSomebodyElsesCookie_takesACode() {
            browser.cookies.put(COOKIE, "A".repeat(43));

            giveAlicesPassword();
        }

        @Test
        void cookieOfOneUser_afterAnotherIsRemembered_isStillThere() {
            UserId bob = UserId.of("2");
            enable(bob);
            remember();
            signOut();
            givePassword("bob");
            browser.get("/code");
            giveCode(codeNow(), "remember", "on");
            signOut();

            givePassword("alice");
            assertSignedIn("1");
            signOut();
            givePassword("bob");
            assertSignedIn("2");
        }
    }
}
