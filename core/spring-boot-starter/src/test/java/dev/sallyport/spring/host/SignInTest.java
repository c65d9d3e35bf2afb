// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.TwoFactor;
import dev.sallyport.spring.host.People.Equipped;
import dev.sallyport.spring.host.Server.Client;
import dev.sallyport.spring.host.Server.Response;
import dev.sallyport.testing.SteppedClock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Signs in over HTTP, in an application with a filter chain of each kind. */
class SignInTest {
    private static final String CODE_PAGE = "302 /two-factor/code";

    private static Server server;
    private static People people;

    private Equipped alice;
    private Client browser;

    @BeforeAll
    static void start() {
        server = Server.start(
                List.of(
                        "sallyport.exempt-paths=/exempt/**,/api/exempt/**",
                        "sallyport.exempt-authentications=" + ManyChainsHost.TrustedSignIn.class.getName()),
                ManyChainsHost.class);
        people = server.bean(People.class);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void equip() {
        browser = server.client();
        alice = people.equip("alice");
        people.withoutSecondFactor("bob");
        people.withoutSecondFactor("root");
    }

    @AfterEach
    void storeWorks() {
        server.bean(WatchedStore.class).fail(false);
    }

    @Nested
    class HalfSignedIn {
        @BeforeEach
        void typeThePassword() {
            assertThat(browser.logIn("alice").outcome()).isEqualTo(CODE_PAGE);
        }

        @Test
        void everyPage_leadsToTheCodePage() {
            assertThat(browser.page("/").outcome()).isEqualTo(CODE_PAGE);
            assertThat(browser.page("/open/page").outcome()).isEqualTo(CODE_PAGE);
            assertThat(browser.page("/private").outcome()).isEqualTo(CODE_PAGE);
            assertThat(browser.page("/two-factor").outcome()).isEqualTo(CODE_PAGE);
            assertThat(browser.page("/two-factor/enable").outcome()).isEqualTo(CODE_PAGE);
            assertThat(browser.page("/two-factor/code").status()).isEqualTo(200);
        }

        @Test
        void openResource_isAnonymous() {
            assertThat(browser.fetch("/").body()).isEqualTo("nobody");
            assertThat(browser.fetch("/open/guarded").body()).isEqualTo("denied");
        }

        @Test
        void protectedResource_tellsAProgramThatACodeIsMissing() {
            Response refused = browser.fetch("/private");
            assertThat(refused.status()).isEqualTo(401);
            assertThat(refused.body()).containsIgnoringCase("code").doesNotContain("alice");
            assertThat(browser.fetch("/guarded").status()).isEqualTo(401);
            assertThat(browser.fetch("/two-factor/api/status").status()).isEqualTo(401);
            assertThat(browser.call(
                                    "/two-factor/api/disable",
                                    "code",
                                    alice.phone().code())
                            .status())
                    .isEqualTo(401);
        }

        @Test
        void form_leadsToTheCodePage() {
            assertThat(browser.form("/change-password").outcome()).isEqualTo(CODE_PAGE);
        }

        @Test
        void hostsHandler_runsAfterTheCodeOnly() {
            Response wrong = browser.code(alice.phone().wrongCode());
            assertThat(wrong.status()).isEqualTo(422);
            assertThat(wrong.header("X-Host")).isEmpty();
            Response right = browser.code(alice.phone().code());
            assertThat(right.header("X-Host")).hasValue("UsernamePasswordAuthenticationToken alice");
            assertThat(browser.page("/private").body()).isEqualTo("alice");
            assertThat(browser.fetch("/open/guarded").body()).isEqualTo("guarded method ran");
            assertThat(browser.page("/alice-only").body()).isEqualTo("alice");
        }

        @Test
        void sessionId_changesAfterTheCode() {
            String before = browser.sessionId();
            browser.code(alice.phone().wrongCode());
            assertThat(browser.sessionId()).isEqualTo(before);
            browser.code(alice.phone().code());
            assertThat(browser.sessionId()).isNotEqualTo(before);
            Client thief = server.client();
            thief.keeping(browser, "JSESSIONID");
            assertThat(thief.page("/private").body()).isEqualTo("alice");
        }

        @Test
        void attributes_areStringsNumbersAndASecurityContext() {
            browser.code(alice.phone().wrongCode());
            assertThat(browser.fetch("/open/attributes").body().split(" "))
                    .filteredOn(attribute -> attribute.startsWith("sallyport."))
                    .isNotEmpty()
                    .allSatisfy(attribute -> assertThat(attribute.substring(attribute.indexOf(':') + 1))
                            .isIn(
                                    "java.lang.String",
                                    "java.lang.Long",
                                    "org.springframework.security.core.context.SecurityContextImpl"));
        }

        @Test
        void logout_dropsTheSignIn() {
            browser.form("/logout");
            assertThat(browser.code(alice.phone().code()).status()).isEqualTo(401);
            assertThat(browser.page("/private").outcome()).isEqualTo("302 /login");
        }

        @Test
        void cancel_dropsTheSignIn() {
            assertThat(browser.form("/two-factor/cancel").outcome()).isEqualTo("303 /login");
            assertThat(browser.page("/private").outcome()).isEqualTo("302 /login");
            assertThat(browser.page("/").body()).isEqualTo("nobody");
        }

        @Test
        void formWithoutCsrfToken_changesNothing() {
            String code = alice.phone().code();
            assertThat(browser.sendForm("", "/two-factor/cancel", "text/html").outcome())
                    .isEqualTo(CODE_PAGE);
            assertThat(browser.sendForm("", "/two-factor/code", "text/html", "code", code)
                            .outcome())
                    .isEqualTo(CODE_PAGE);
            assertThat(browser.page("/private").outcome()).isEqualTo(CODE_PAGE);
            browser.code(code);
            assertThat(browser.page("/private").body()).isEqualTo("alice");
        }

        @Test
        void otherUsersPassword_takesItsPlace() {
            assertThat(browser.logIn("bob").outcome()).isEqualTo("302 /");
            assertThat(browser.page("/private").body()).isEqualTo("bob");
            assertThat(browser.code(alice.phone().code()).outcome()).isEqualTo("303 /");
            assertThat(browser.page("/private").body()).isEqualTo("bob");
        }

        @Test
        void twoTabs_secondTabGoesOnAfterTheFirst() {
            String csrfOfBothTabs = browser.csrf();
            String code = alice.phone().code();
            assertThat(browser.sendForm(csrfOfBothTabs, "/two-factor/code", "text/html", "code", code)
                            .status())
                    .isEqualTo(302);
            assertThat(browser.sendForm(csrfOfBothTabs, "/two-factor/code", "text/html", "code", code)
                            .outcome())
                    .isEqualTo("303 /");
            assertThat(browser.page("/two-factor/code").outcome()).isEqualTo("303 /");
            assertThat(browser.page("/private").body()).isEqualTo("alice");
        }

        @Test
        void backupCode_signsIn() {
            browser.code(alice.backupCodes().asList().get(0));
            assertThat(browser.page("/private").body()).isEqualTo("alice");
        }

        @Test
        void lateCode_asksForThePasswordAgain() {
            server.bean(SteppedClock.class).advance(Duration.ofMinutes(11));
            assertThat(browser.code(alice.phone().code()).status()).isEqualTo(401);
            assertThat(browser.page("/private").outcome()).isEqualTo("302 /login");
        }

        @Test
        void endedTrust_asksForThePasswordAgain() {
            server.bean(TwoFactor.class).endTrust(alice.id());
            assertThat(browser.code(alice.phone().code()).status()).isEqualTo(401);
            assertThat(browser.page("/private").outcome()).isEqualTo("302 /login");
        }

        @Test
        void storeFails_signInWaitsOn() {
            server.bean(WatchedStore.class).fail(true);
            assertThat(browser.code(alice.phone().code()).status()).isEqualTo(503);
            server.bean(WatchedStore.class).fail(false);
            browser.code(alice.phone().code());
            assertThat(browser.page("/private").body()).isEqualTo("alice");
        }

        @Test
        void program_getsTheTargetAsData() {
            Response right =
                    browser.call("/two-factor/api/verify", "code", alice.phone().code());
            assertThat(right.status()).isEqualTo(200);
            assertThat(right.header("X-Host")).hasValue("UsernamePasswordAuthenticationToken alice");
            assertThat(browser.fetch("/private").body()).isEqualTo("alice");
        }

        @Test
        void program_sendsJson() {
            Response wrong = browser.json("/two-factor/api/verify", "{\"code\": \"no code\"}");
            assertThat(wrong.status()).isEqualTo(422);
            Response right = browser.json(
                    "/two-factor/api/verify", "{\"code\": \"" + alice.phone().code() + "\", \"remember\": true}");
            assertThat(right.status()).isEqualTo(200);
            assertThat(browser.fetch("/private").body()).isEqualTo("alice");
        }

        @Test
        void brokenJson_isNoCode() {
            assertThat(browser.json("/two-factor/api/verify", "{\"code\": 12").status())
                    .isEqualTo(422);
            assertThat(browser.json("/two-factor/api/verify", "[]").status()).isEqualTo(422);
            assertThat(browser.json("/two-factor/api/verify", "{\"code\": \"" + "1".repeat(20_000) + "\"}")
                            .status())
                    .isEqualTo(422);
        }
    }

    @Nested
    class SavedRequest {
        @Test
        void pageBeforeTheLogin_opensAfterTheCode() {
            assertThat(browser.page("/private?a=b").outcome()).isEqualTo("302 /login");
            browser.logIn("alice");
            browser.page("/");
            browser.code(alice.phone().wrongCode());
            assertThat(browser.code(alice.phone().code()).location()).startsWith("/private?a=b");
        }
    }

    @Nested
    class RememberedBrowser {
        @Test
        void needsNoCode() {
            browser.logIn("alice");
            browser.form("/two-factor/code", "code", alice.phone().code(), "remember", "on");
            assertThat(browser.cookie("__Host-sallyport")).isNotEmpty();
            browser.form("/logout");
            Response again = browser.logIn("alice");
            assertThat(again.outcome()).isEqualTo("302 /");
            assertThat(again.header("X-Host")).isPresent();
            assertThat(browser.page("/private").body()).isEqualTo("alice");
        }

        @Test
        void knownBrowser_needsACode() {
            browser.logIn("alice");
            browser.code(alice.phone().code());
            assertThat(browser.cookie("__Host-sallyport")).isNotEmpty();
            browser.form("/logout");
            assertThat(browser.logIn("alice").outcome()).isEqualTo(CODE_PAGE);
        }
    }

    @Nested
    class RememberMe {
        private Client later() {
            browser.form("/login", "username", "alice", "password", "pw-alice", "remember-me", "on");
            assertThat(browser.cookie("remember-me")).isNotEmpty();
            return server.client().keeping(browser, "remember-me");
        }

        @Test
        void cookieGivenWithThePassword_doesNotReplaceTheSignIn() {
            later();
            browser.page("/private");
            Response right = browser.code(alice.phone().code());
            assertThat(right.header("X-Host")).hasValue("UsernamePasswordAuthenticationToken alice");
        }

        @Test
        @DisplayName("[88] MISP #10807: a remember-me cookie meets the gate")
        void cookie_isNoSecondFactor() {
            Client later = later();
            assertThat(later.fetch("/").body()).isEqualTo("nobody");
            assertThat(later.page("/private").outcome()).isEqualTo(CODE_PAGE);
            assertThat(later.fetch("/private").status()).isEqualTo(401);
            assertThat(later.code(alice.phone().code()).location()).startsWith("/private");
            assertThat(later.page("/private").body()).isEqualTo("alice");
        }

        @Test
        void waitingSignIn_costsNoReadAndKeepsItsSession() {
            Client later = later();
            later.page("/private");
            String session = later.sessionId();
            int reads = server.bean(WatchedStore.class).reads();
            later.page("/private");
            later.fetch("/");
            later.fetch("/private");
            assertThat(server.bean(WatchedStore.class).reads()).isEqualTo(reads);
            assertThat(later.sessionId()).isEqualTo(session);
        }

        @Test
        void errorPage_isAnonymous() {
            Client later = later();
            assertThat(later.fetch("/open/missing").body()).doesNotContain("alice");
        }

        @Test
        void cancel_dropsTheCookie() {
            Client later = later();
            later.page("/private");
            later.form("/two-factor/cancel");
            assertThat(later.cookie("remember-me")).isEmpty();
            assertThat(later.page("/private").outcome()).isEqualTo("302 /login");
        }

        @Test
        void withoutSecondFactor_signsIn() {
            browser.form("/login", "username", "bob", "password", "pw-bob", "remember-me", "on");
            Client later = server.client().keeping(browser, "remember-me");
            assertThat(later.page("/private").body()).isEqualTo("bob");
            int reads = server.bean(WatchedStore.class).reads();
            assertThat(later.page("/private").body()).isEqualTo("bob");
            assertThat(server.bean(WatchedStore.class).reads()).isEqualTo(reads);
        }
    }

    @Nested
    class OwnLoginController {
        @Test
        @DisplayName("[88] MISP #10807: a sign-in by the application's own controller meets the gate")
        void savedContext_owesACode() {
            assertThat(browser.sendForm("", "/open/own-login", "text/html", "u", "alice")
                            .body())
                    .isEqualTo("welcome");
            assertThat(browser.fetch("/open/guarded").body()).isEqualTo("denied");
            assertThat(browser.page("/private").outcome()).isEqualTo(CODE_PAGE);
            assertThat(browser.code(alice.phone().code()).location()).startsWith("/private");
            assertThat(browser.page("/private").body()).isEqualTo("alice");
        }

        @Test
        void otherUsersStamp_doesNotCount() {
            browser.logIn("bob");
            assertThat(browser.page("/private").body()).isEqualTo("bob");
            browser.sendForm("", "/open/own-login", "text/html", "u", "alice");
            assertThat(browser.page("/private").outcome()).isEqualTo(CODE_PAGE);
        }
    }

    /** On an exempt path, a sign-in may owe a code. */
    @Nested
    class ExemptPath {
        @Test
        void passwordChange_doesNotCompleteASignInThatOwesACode() {
            browser.sendForm("", "/open/own-login", "text/html", "u", "alice");
            String csrf = browser.fetch("/exempt/csrf").body();
            browser.sendForm(csrf, "/exempt/change-password", "text/html");
            assertThat(browser.page("/private").outcome()).isEqualTo(CODE_PAGE);
        }
    }

    @Nested
    class Provider {
        @Test
        @DisplayName("[88] MISP #10807: a sign-in at a provider meets the gate before its handler runs")
        void signInAtAProvider_owesACode_andItsHandlerRunsAfterwards() {
            assertThat(browser.sendForm("", "/partner", "text/html", "u", "alice")
                            .outcome())
                    .isEqualTo(CODE_PAGE);
            Response right = browser.code(alice.phone().code());
            assertThat(right.outcome()).isEqualTo("302 /from-provider");
            assertThat(right.header("X-Host")).hasValue("PartnerSignIn");
        }

        @Test
        void exemptAuthentication_owesNone() {
            Response trusted = browser.sendForm("", "/trusted", "text/html", "u", "alice");
            assertThat(trusted.outcome()).isEqualTo("302 /from-provider");
            assertThat(browser.page("/private").body()).isEqualTo("alice");
        }
    }

    @Nested
    class Programs {
        @Test
        @DisplayName("[88] MISP #10807: a password in each request (HTTP Basic) meets the gate")
        void basic_withSecondFactor_isRefused() {
            Client program = server.client();
            Response refused = program.basic("/api/me", "alice");
            assertThat(refused.status()).isEqualTo(401);
            assertThat(refused.header("WWW-Authenticate")).hasValue("Sallyport");
            assertThat(program.sessionId()).isEmpty();
        }

        @Test
        void basic_withoutSecondFactor_passes_withOneReadPerInterval() {
            server.bean(SteppedClock.class).advance(Duration.ofMinutes(2));
            WatchedStore store = server.bean(WatchedStore.class);
            int reads = store.reads();
            for (int i = 0; i < 5; i++) {
                assertThat(server.client().basic("/api/me", "bob").body()).isEqualTo("bob");
            }
            assertThat(store.reads() - reads).isEqualTo(1);
            server.bean(SteppedClock.class).advance(Duration.ofSeconds(60));
            server.client().basic("/api/me", "bob");
            assertThat(store.reads() - reads).isEqualTo(2);
        }

        @Test
        void basic_onExemptPath_passes() {
            assertThat(server.client().basic("/api/exempt/me", "alice").body()).isEqualTo("alice");
        }

        @Test
        void exemptPath_inAHalfSignedInBrowser_isNotRedirected() {
            browser.logIn("alice");
            assertThat(browser.page("/exempt/me").body()).isEqualTo("nobody");
        }

        @Test
        void basic_storeFails_is503() {
            server.bean(SteppedClock.class).advance(Duration.ofMinutes(2));
            server.bean(WatchedStore.class).fail(true);
            assertThat(server.client().basic("/api/me", "bob").status()).isEqualTo(503);
        }
    }

    @Nested
    class Tokens {
        private Response logIn(Client program, String name) {
            return program.sendForm("", "/jwt/login", "application/json", "username", name, "password", "pw-" + name);
        }

        private Response me(String token) {
            return server.client().fetch("/jwt/me", Map.of("Authorization", "Bearer " + token));
        }

        @Test
        void token_isIssuedAfterTheCode_andContainsTheStamp() {
            Client program = server.client();
            Response password = logIn(program, "alice");
            assertThat(password.status()).isEqualTo(401);
            assertThat(password.body()).doesNotContain("alice/");
            Response issued =
                    program.call("/two-factor/api/verify", "code", alice.phone().code());
            assertThat(issued.body()).startsWith("alice/1.");
            assertThat(me(issued.body()).body()).isEqualTo("alice");
        }

        @Test
        void tokenWrittenByTheFilterItself_isIssuedAfterTheCode() {
            Client program = server.client();
            Response password = program.sendForm(
                    "", "/jwt/login-of-a-tutorial", "application/json", "username", "alice", "password", "pw-alice");
            assertThat(password.status()).isEqualTo(401);
            assertThat(password.body()).doesNotContain("alice/");
            Response issued =
                    program.call("/two-factor/api/verify", "code", alice.phone().code());
            assertThat(issued.body()).startsWith("alice/1.");
            assertThat(me(issued.body()).body()).isEqualTo("alice");
            Response bobs = server.client()
                    .sendForm(
                            "",
                            "/jwt/login-of-a-tutorial",
                            "application/json",
                            "username",
                            "bob",
                            "password",
                            "pw-bob");
            assertThat(bobs.body()).startsWith("bob/1.");
        }

        @Test
        void tokenOfAControllerWithoutStamp_passesFromARememberedBrowser() {
            Client program = server.client();
            Map<String, String> token = Map.of("Authorization", "Bearer alice");
            Response refused = program.fetch("/jwt/me", token);
            assertThat(refused.status()).isEqualTo(401);
            var problem = org.springframework.boot.json.JsonParserFactory.getJsonParser()
                    .parseMap(refused.body());
            assertThat(program.json(
                                    "/two-factor/api/verify",
                                    "{\"challenge\": \"" + problem.get("challenge") + "\", \"code\": \""
                                            + alice.phone().code() + "\", \"remember\": true}")
                            .status())
                    .isEqualTo(200);
            assertThat(program.fetch("/jwt/me", token).body()).isEqualTo("alice");
            assertThat(server.client().fetch("/jwt/me", token).status()).isEqualTo(401);
        }

        @Test
        void staleStamp_isRefusedAfterTheInterval() {
            Client program = server.client();
            logIn(program, "alice");
            String token = program.call(
                            "/two-factor/api/verify", "code", alice.phone().code())
                    .body();
            WatchedStore store = server.bean(WatchedStore.class);
            int reads = store.reads();
            for (int i = 0; i < 5; i++) {
                assertThat(me(token).body()).isEqualTo("alice");
            }
            assertThat(store.reads() - reads).isEqualTo(1);
            server.bean(TwoFactor.class).endTrust(alice.id());
            server.bean(SteppedClock.class).advance(Duration.ofSeconds(60));
            assertThat(me(token).status()).isEqualTo(401);
        }

        @Test
        void tokenWithoutStamp_ofSomebodyWithSecondFactor_isRefused() {
            assertThat(me("alice").status()).isEqualTo(401);
            assertThat(me("alice/nonsense").status()).isEqualTo(401);
        }

        @Test
        void withoutSecondFactor_tokenComesWithThePassword() {
            Response issued = logIn(server.client(), "bob");
            assertThat(issued.body()).startsWith("bob/1.");
            assertThat(me(issued.body()).body()).isEqualTo("bob");
        }
    }

    @Nested
    class OneSessionPerUser {
        private Response logIn(Client client) {
            return client.sendForm("", "/admin/login", "text/html", "username", "alice", "password", "pw-alice");
        }

        private Client signedIn() {
            Client client = server.client();
            assertThat(logIn(client).outcome()).isEqualTo(CODE_PAGE);
            Response right = client.code(alice.phone().code());
            assertThat(right.outcome()).isEqualTo("302 /admin/home");
            assertThat(right.header("X-Admin")).hasValue("alice");
            assertThat(client.page("/admin/home").body()).isEqualTo("alice");
            return client;
        }

        @Test
        void passwordAlone_doesNotEvictTheOwner() {
            Client owner = signedIn();
            Client attacker = server.client();
            logIn(attacker);
            attacker.code(alice.phone().wrongCode());
            attacker.page("/admin/home");
            assertThat(owner.page("/admin/home").body()).isEqualTo("alice");
        }

        @Test
        void cancel_leadsToTheLoginPageOfTheChain() {
            Client client = server.client();
            logIn(client);
            assertThat(client.page("/admin/login").body()).isEqualTo("nobody");
            assertThat(client.form("/two-factor/cancel").outcome()).isEqualTo("303 /admin/login");
        }

        @Test
        void code_evictsTheOlderSession() {
            Client owner = signedIn();
            Client second = signedIn();
            assertThat(owner.page("/admin/home").outcome()).isEqualTo("302 /admin/expired");
            assertThat(second.page("/admin/home").body()).isEqualTo("alice");
        }
    }

    @Nested
    class Impersonation {
        @Test
        void actingUser_isJudgedByTheirOwnSignIn() {
            browser.logIn("root");
            assertThat(browser.form("/act-as", "username", "alice").outcome()).isEqualTo("302 /private");
            assertThat(browser.page("/private").body()).isEqualTo("alice");
            assertThat(browser.page("/two-factor").status()).isEqualTo(403);
            assertThat(browser.form("/act-as/stop").outcome()).isEqualTo("302 /private");
            assertThat(browser.page("/private").body()).isEqualTo("root");
        }

        @Test
        void actingUserWhoseTrustEnds_isSignedOut() {
            Equipped root = people.equip("root");
            browser.logIn("root");
            browser.code(root.phone().code());
            assertThat(browser.form("/act-as", "username", "alice").outcome()).isEqualTo("302 /private");
            assertThat(browser.page("/private").body()).isEqualTo("alice");
            server.bean(TwoFactor.class).endTrust(root.id());
            server.bean(SteppedClock.class).advance(Duration.ofSeconds(60));
            assertThat(browser.page("/private").outcome()).isEqualTo("302 /login");
        }
    }

    @Nested
    class Trust {
        private void signIn() {
            browser.logIn("alice");
            browser.code(alice.phone().code());
            assertThat(browser.page("/private").body()).isEqualTo("alice");
        }

        @Test
        void staleStamp_endsTheSession() {
            signIn();
            server.bean(TwoFactor.class).endTrust(alice.id());
            assertThat(browser.page("/private").body()).isEqualTo("alice");
            server.bean(SteppedClock.class).advance(Duration.ofSeconds(60));
            assertThat(browser.fetch("/private").status()).isEqualTo(401);
            assertThat(browser.page("/private").outcome()).isEqualTo("302 /login");
        }

        @Test
        void staleStamp_onAnOpenPage_isAnonymous() {
            signIn();
            server.bean(TwoFactor.class).endTrust(alice.id());
            server.bean(SteppedClock.class).advance(Duration.ofSeconds(60));
            assertThat(browser.page("/").body()).isEqualTo("nobody");
        }

        @Test
        void checks_costOneReadEach() {
            WatchedStore store = server.bean(WatchedStore.class);
            for (String name : List.of("alice", "bob")) {
                Client client = server.client();
                int before = store.reads();
                client.logIn(name);
                assertThat(store.reads() - before).as("%s's password", name).isEqualTo(1);
                if (name.equals("alice")) {
                    client.code(alice.phone().code());
                }
                int signedIn = store.reads();
                for (int i = 0; i < 10; i++) {
                    client.page("/private");
                }
                assertThat(store.reads() - signedIn).as("%s's pages", name).isZero();
                server.bean(SteppedClock.class).advance(Duration.ofSeconds(60));
                for (int i = 0; i < 10; i++) {
                    assertThat(client.page("/private").body()).isEqualTo(name);
                }
                assertThat(store.reads() - signedIn).as("%s's check", name).isEqualTo(1);
            }
        }

        @Test
        void storeFailsAtACheck_is503_andTheSessionIsKept() {
            signIn();
            server.bean(SteppedClock.class).advance(Duration.ofSeconds(60));
            server.bean(WatchedStore.class).fail(true);
            assertThat(browser.page("/private").status()).isEqualTo(503);
            server.bean(WatchedStore.class).fail(false);
            assertThat(browser.page("/private").body()).isEqualTo("alice");
        }

        @Test
        void storeFailsAtTheLogin_is503_andNobodyIsSignedIn() {
            server.bean(WatchedStore.class).fail(true);
            Response login = browser.logIn("alice");
            assertThat(login.status()).isEqualTo(503);
            assertThat(login.header("X-Host")).isEmpty();
            server.bean(WatchedStore.class).fail(false);
            assertThat(browser.page("/private").outcome()).isEqualTo("302 /login");
        }

        @Test
        void passwordChange_keepsThisSessionAndEndsTheOthers() {
            signIn();
            Client other = server.client();
            other.logIn("alice");
            other.code(alice.phone().code());
            assertThat(browser.form("/change-password").body()).isEqualTo("changed");
            server.bean(SteppedClock.class).advance(Duration.ofSeconds(60));
            assertThat(browser.page("/private").body()).isEqualTo("alice");
            assertThat(other.page("/private").outcome()).isEqualTo("302 /login");
        }

        @Test
        void passwordChange_inASessionWhoseTrustHasEnded_endsNothing() {
            signIn();
            server.bean(TwoFactor.class).endTrust(alice.id());
            Client owner = server.client();
            owner.logIn("alice");
            owner.code(alice.phone().code());
            // The check interval is not over, so the session goes on for the moment.
            assertThat(browser.fetch("/private").body()).isEqualTo("alice");
            assertThat(browser.form("/change-password").body()).isEqualTo("refused");
            assertThat(browser.page("/private").outcome()).isEqualTo("302 /login");
            server.bean(SteppedClock.class).advance(Duration.ofSeconds(60));
            assertThat(owner.page("/private").body()).isEqualTo("alice");
        }

        @Test
        void passwordChange_ofAnExemptSignIn_isRefused() {
            Client trusted = server.client();
            trusted.sendForm("", "/trusted", "text/html", "u", "alice");
            assertThat(trusted.form("/change-password").status()).isEqualTo(500);
        }
    }
}
