// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.spring.host.People.Equipped;
import dev.sallyport.spring.host.Server.Client;
import dev.sallyport.spring.host.Server.Response;
import dev.sallyport.testing.SteppedClock;
import dev.sallyport.testing.VirtualPhone;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.boot.json.JsonParserFactory;

/** Enables, changes and disables over HTTP. */
class SettingsTest {
    private static Server server;
    private static People people;

    private Client browser;
    private TwoFactor twoFactor;

    @BeforeAll
    static void start() {
        server = Server.start(List.of(), ManyChainsHost.class);
        people = server.bean(People.class);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void nobodyHasIt() {
        browser = server.client();
        twoFactor = server.bean(TwoFactor.class);
        for (String name : List.of("alice", "bob", "root")) {
            people.withoutSecondFactor(name);
        }
    }

    @AfterEach
    void storeWorks() {
        server.bean(WatchedStore.class).fail(false);
    }

    private static Map<String, Object> parsed(Response response) {
        return JsonParserFactory.getJsonParser().parseMap(response.body());
    }

    private static String text(Response response, String member) {
        return String.valueOf(parsed(response).get(member));
    }

    private State state(String name) {
        return twoFactor.status(People.id(name)).state();
    }

    private static Client signedIn(Equipped person, String name) {
        Client client = server.client();
        client.logIn(name);
        client.code(person.phone().code());
        assertThat(client.page("/private").body()).isEqualTo(name);
        return client;
    }

    /** Enables over the pages, as a person does. */
    private VirtualPhone enable(Client client, String name) {
        Response page = client.form("/two-factor/enable", "password", "pw-" + name);
        assertThat(page.status()).isEqualTo(200);
        Matcher link = Pattern.compile("otpauth://[^\"&<]+(&amp;[^\"&<]+)*").matcher(page.body());
        assertThat(link.find()).isTrue();
        return people.scan(link.group().replace("&amp;", "&"));
    }

    @Nested
    class Enabling {
        @BeforeEach
        void signIn() {
            // The passwords that another test has typed no longer count.
            server.bean(SteppedClock.class).advance(Duration.ofMinutes(15));
            browser.logIn("bob");
        }

        @Test
        void wholeStory_overThePages() {
            assertThat(browser.page("/two-factor").status()).isEqualTo(200);
            assertThat(browser.page("/two-factor/enable").body()).contains("type=\"password\"");
            VirtualPhone phone = enable(browser, "bob");
            assertThat(browser.page("/two-factor/enable").body()).contains("otpauth://");
            assertThat(browser.form("/two-factor/confirm", "code", phone.wrongCode())
                            .status())
                    .isEqualTo(422);
            String before = browser.sessionId();
            Response codes = browser.form("/two-factor/confirm", "code", phone.code());
            assertThat(codes.status()).isEqualTo(200);
            assertThat(codes.body()).containsPattern("([0-9A-Z]{4}-){5}[0-9A-Z]{4}");
            assertThat(browser.sessionId()).isNotEqualTo(before);
            assertThat(browser.cookie("__Host-sallyport")).isNotEmpty();
            server.bean(SteppedClock.class).advance(Duration.ofMinutes(2));
            assertThat(browser.page("/private").body()).isEqualTo("bob");
            assertThat(server.client().logIn("bob").outcome()).isEqualTo("302 /two-factor/code");
        }

        @Test
        void wrongPassword_beginsNothing() {
            assertThat(browser.form("/two-factor/enable", "password", "wrong").status())
                    .isEqualTo(422);
            assertThat(browser.form("/two-factor/enable").status()).isEqualTo(403);
            assertThat(state("bob")).isEqualTo(State.OFF);
        }

        @Test
        void fiveWrongPasswords_endTheSession() {
            for (int i = 0; i < 4; i++) {
                browser.form("/two-factor/enable", "password", "wrong");
            }
            assertThat(browser.page("/private").body()).isEqualTo("bob");
            browser.form("/two-factor/enable", "password", "wrong");
            assertThat(browser.page("/private").outcome()).isEqualTo("302 /login");
        }

        @Test
        void tenWrongPasswords_inNewSessionsToo_checkNoFurtherOne() {
            for (int i = 0; i < 10; i++) {
                Client session = server.client();
                session.logIn("bob");
                session.form("/two-factor/enable", "password", "wrong");
            }
            assertThat(browser.form("/two-factor/enable", "password", "pw-bob").status())
                    .isEqualTo(401);
            assertThat(state("bob")).isEqualTo(State.OFF);
            server.bean(SteppedClock.class).advance(Duration.ofMinutes(15));
            browser.logIn("bob");
            assertThat(browser.form("/two-factor/enable", "password", "pw-bob").status())
                    .isEqualTo(200);
        }

        @Test
        void passwordInTheUrl_beginsNothing() {
            assertThat(browser.form("/two-factor/enable?password=pw-bob").body())
                    .doesNotContain("otpauth://");
            assertThat(state("bob")).isEqualTo(State.OFF);
        }

        @Test
        void withoutCsrfToken_beginsNothing() {
            browser.sendForm("", "/two-factor/enable", "text/html", "password", "pw-bob");
            assertThat(state("bob")).isEqualTo(State.OFF);
        }

        @Test
        void otherUsersHandle_isGoneWithTheirSignIn() {
            VirtualPhone phone = enable(browser, "bob");
            browser.logIn("root");
            assertThat(browser.page("/two-factor/enable").body()).doesNotContain("otpauth://");
            assertThat(browser.form("/two-factor/confirm", "code", phone.code()).status())
                    .isEqualTo(409);
            assertThat(state("bob")).isEqualTo(State.PENDING);
        }

        @Test
        void secondTab_goesOnWithTheSecretOfTheFirst() {
            VirtualPhone phone = enable(browser, "bob");
            enable(browser, "bob");
            assertThat(browser.form("/two-factor/confirm", "code", phone.code()).status())
                    .isEqualTo(200);
        }

        @Test
        void copiedCookie_doesNotSeeTheSecret() {
            Client thief = server.client().keeping(browser, "JSESSIONID");
            assertThat(thief.page("/private").body()).isEqualTo("bob");
            enable(browser, "bob");
            assertThat(thief.page("/two-factor/enable").outcome()).isEqualTo("302 /login");
            assertThat(browser.page("/two-factor/enable").body()).contains("otpauth://");
        }

        @Test
        void otherSessions_endWhenItIsEnabled() {
            Client other = server.client();
            other.logIn("bob");
            assertThat(other.page("/private").body()).isEqualTo("bob");
            VirtualPhone phone = enable(browser, "bob");
            browser.form("/two-factor/confirm", "code", phone.code());
            server.bean(SteppedClock.class).advance(Duration.ofMinutes(1));
            assertThat(other.page("/private").outcome()).isEqualTo("302 /login");
        }

        @Test
        void passwordInEachRequest_isNotEnoughFromNowOn() {
            assertThat(server.client().basic("/api/me", "bob").body()).isEqualTo("bob");
            VirtualPhone phone = enable(browser, "bob");
            // A code lets time pass, so it comes before the request.
            String code = phone.code();
            assertThat(server.client().basic("/api/me", "bob").body()).isEqualTo("bob");
            browser.form("/two-factor/confirm", "code", code);
            assertThat(server.client().basic("/api/me", "bob").status()).isEqualTo(401);
        }

        @Test
        void anonymous_goesToTheLogin() {
            assertThat(server.client().page("/two-factor").outcome()).isEqualTo("302 /login");
        }
    }

    @Nested
    class WithoutPassword {
        @Test
        void freshSignInAtAProvider_isEnough() {
            browser.sendForm("", "/partner", "text/html", "u", "bob");
            assertThat(browser.page("/two-factor/enable").body()).doesNotContain("type=\"password\"");
            assertThat(browser.form("/two-factor/enable").body()).contains("otpauth://");
        }

        @Test
        void oldSignInAtAProvider_isNot() {
            browser.sendForm("", "/partner", "text/html", "u", "bob");
            server.bean(SteppedClock.class).advance(Duration.ofMinutes(10));
            assertThat(browser.form("/two-factor/enable").status()).isEqualTo(401);
            assertThat(state("bob")).isEqualTo(State.OFF);
            assertThat(browser.page("/private").body()).isEqualTo("bob");
        }
    }

    @Nested
    class Changes {
        private Equipped alice;
        private Client client;

        @BeforeEach
        void signIn() {
            alice = people.equip("alice");
            client = signedIn(alice, "alice");
        }

        @Test
        void second_isAddedAndTheFirstRemoved() {
            Response page = client.form("/two-factor/add", "code", alice.phone().code(), "label", "My tablet");
            Matcher link = Pattern.compile("otpauth://[^\"<]+").matcher(page.body());
            assertThat(link.find()).isTrue();
            VirtualPhone tablet = people.scan(link.group().replace("&amp;", "&"));
            assertThat(client.form("/two-factor/confirm", "code", tablet.code()).outcome())
                    .isEqualTo("303 /two-factor");
            var authenticators = twoFactor.status(alice.id()).authenticators();
            assertThat(authenticators).hasSize(2);
            assertThat(authenticators.get(1).label()).isEqualTo("My tablet");
            String first = authenticators.get(0).id().value();
            assertThat(client.page("/two-factor/remove?authenticator=" + first).status())
                    .isEqualTo(200);
            assertThat(client.form("/two-factor/remove", "authenticator", first, "code", tablet.code())
                            .outcome())
                    .isEqualTo("303 /two-factor");
            assertThat(twoFactor.status(alice.id()).authenticators()).hasSize(1);
            server.bean(SteppedClock.class).advance(Duration.ofMinutes(1));
            assertThat(client.page("/private").body()).isEqualTo("alice");
        }

        @Test
        void second_pageOpenedAgain_showsTheSameSecret() {
            Response page = client.form("/two-factor/add", "code", alice.phone().code());
            Matcher link = Pattern.compile("otpauth://[^\"<]+").matcher(page.body());
            assertThat(link.find()).isTrue();
            assertThat(client.page("/two-factor/add").body()).contains(link.group());
        }

        @Test
        void copiedCookie_endsWithTheOtherSessions() {
            for (String change : List.of(
                    "/two-factor/regenerate",
                    "/two-factor/sign-out-everywhere",
                    "/change-password",
                    "/two-factor/disable")) {
                Client thief = server.client().keeping(client, "JSESSIONID");
                assertThat(thief.page("/private").body()).isEqualTo("alice");
                client.form(change, "code", alice.phone().code());
                assertThat(thief.page("/private").outcome()).as(change).isEqualTo("302 /login");
                assertThat(client.page("/private").body()).as(change).isEqualTo("alice");
            }
        }

        @Test
        void lastAuthenticator_staysThere() {
            String only =
                    twoFactor.status(alice.id()).authenticators().get(0).id().value();
            assertThat(client.form(
                                    "/two-factor/remove",
                                    "authenticator",
                                    only,
                                    "code",
                                    alice.phone().code())
                            .status())
                    .isEqualTo(409);
            assertThat(client.form("/two-factor/remove", "authenticator", "nonsense", "code", "1")
                            .status())
                    .isEqualTo(404);
        }

        @Test
        void oddLabel_isMadeFit() {
            client.form("/two-factor/add", "code", alice.phone().code(), "label", "\u0000 \uD83D\uDE00".repeat(100));
            assertThat(state("alice")).isEqualTo(State.ENABLED);
            assertThat(client.page("/two-factor/enable").outcome()).isEqualTo("303 /two-factor");
        }

        @Test
        void regenerate_showsNewCodes_andEndsOtherSessions() {
            Client other = signedIn(alice, "alice");
            Response codes =
                    client.form("/two-factor/regenerate", "code", alice.phone().code());
            assertThat(codes.body()).containsPattern("([0-9A-Z]{4}-){5}[0-9A-Z]{4}");
            server.bean(SteppedClock.class).advance(Duration.ofMinutes(1));
            assertThat(client.page("/private").body()).isEqualTo("alice");
            assertThat(other.page("/private").outcome()).isEqualTo("302 /login");
        }

        @Test
        void disable_takesACode() {
            assertThat(client.form("/two-factor/disable", "code", alice.phone().wrongCode())
                            .status())
                    .isEqualTo(422);
            assertThat(state("alice")).isEqualTo(State.ENABLED);
            assertThat(client.form("/two-factor/disable", "code", alice.phone().code())
                            .outcome())
                    .isEqualTo("303 /two-factor");
            assertThat(state("alice")).isEqualTo(State.OFF);
            server.bean(SteppedClock.class).advance(Duration.ofMinutes(1));
            assertThat(client.page("/private").body()).isEqualTo("alice");
            assertThat(client.form("/two-factor/disable", "code", alice.phone().code())
                            .status())
                    .isEqualTo(409);
        }

        @Test
        void getOfAChange_changesNothing() {
            for (String change : List.of("add", "remove", "regenerate", "disable", "forget", "sign-out-everywhere")) {
                client.page("/two-factor/" + change + "?code=" + alice.phone().code());
            }
            assertThat(state("alice")).isEqualTo(State.ENABLED);
            server.bean(SteppedClock.class).advance(Duration.ofMinutes(1));
            assertThat(client.page("/private").body()).isEqualTo("alice");
        }

        @Test
        void codeInTheUrlOfAPost_isNotRead() {
            String code = alice.phone().code();
            for (String query : List.of("?code=" + code, "?c%6Fde=" + code, "?x&=1&code=" + code)) {
                assertThat(client.form("/two-factor/disable" + query).status())
                        .as(query)
                        .isNotEqualTo(303);
                assertThat(client.form("/two-factor/disable" + query, "code", code)
                                .status())
                        .as(query)
                        .isNotEqualTo(303);
            }
            assertThat(state("alice")).isEqualTo(State.ENABLED);
            assertThat(client.form("/two-factor/disable?utm_source=mail", "code", code)
                            .outcome())
                    .isEqualTo("303 /two-factor");
        }

        @Test
        void codeInTheUrl_signsNobodyIn() {
            Client other = server.client();
            other.logIn("alice");
            other.form("/two-factor/code?code=" + alice.phone().code());
            assertThat(other.page("/private").outcome()).isEqualTo("302 /two-factor/code");
        }

        @Test
        void forgottenBrowser_endsItsSession() {
            String id = twoFactor.status(alice.id()).browsers().get(0).id().value();
            assertThat(client.form("/two-factor/forget", "browser", id).outcome())
                    .isEqualTo("303 /two-factor");
            assertThat(client.page("/private").outcome()).isEqualTo("302 /login");
        }

        @Test
        void unknownBrowser_isNotFound() {
            assertThat(client.form("/two-factor/forget", "browser", "nonsense").status())
                    .isEqualTo(404);
            assertThat(client.form("/two-factor/forget").status()).isEqualTo(404);
        }

        @Test
        void signOutEverywhere_keepsThisSession() {
            Client other = signedIn(alice, "alice");
            assertThat(client.form("/two-factor/sign-out-everywhere").outcome()).isEqualTo("303 /two-factor");
            server.bean(SteppedClock.class).advance(Duration.ofMinutes(1));
            assertThat(client.page("/private").body()).isEqualTo("alice");
            assertThat(other.page("/private").outcome()).isEqualTo("302 /login");
        }

        @Test
        void signOutEverywhere_dropsTheRememberMeCookieOfThisBrowser() {
            Client remembered = server.client();
            remembered.form("/login", "username", "alice", "password", "pw-alice", "remember-me", "on");
            remembered.code(alice.phone().code());
            assertThat(remembered.cookie("remember-me")).isNotEmpty();
            assertThat(remembered.form("/two-factor/sign-out-everywhere").outcome())
                    .isEqualTo("303 /two-factor");
            assertThat(remembered.cookie("remember-me")).isEmpty();
            assertThat(remembered.page("/private").body()).isEqualTo("alice");
        }

        @Test
        void staleSession_cannotEndTrustOrChangeAnything() {
            Client stolen = signedIn(alice, "alice");
            client.form("/two-factor/sign-out-everywhere");
            assertThat(stolen.form("/two-factor/sign-out-everywhere").status()).isEqualTo(401);
            assertThat(stolen.page("/private").outcome()).isEqualTo("302 /login");
            assertThat(client.page("/private").body()).isEqualTo("alice");
        }

        @Test
        @DisplayName("[90] A thief in a signed-in session guesses: ten failures end the session")
        void tenWrongCodes_expelTheSession() {
            // The fifth one in a row begins the back-off, so the time passes before each one.
            for (int i = 0; i < 10; i++) {
                server.bean(SteppedClock.class).advance(Duration.ofHours(1));
                client.form("/two-factor/disable", "code", alice.phone().wrongCode());
            }
            server.bean(SteppedClock.class).advance(Duration.ofMinutes(1));
            assertThat(client.page("/private").outcome()).isEqualTo("302 /login");
        }

        @Test
        void storeFails_is503() {
            server.bean(WatchedStore.class).fail(true);
            assertThat(client.page("/two-factor").status()).isEqualTo(503);
            assertThat(client.form("/two-factor/disable", "code", alice.phone().code())
                            .status())
                    .isEqualTo(503);
        }
    }

    @Nested
    class ExemptSignIn {
        @Test
        void change_takesACodeToo() {
            try (Server exempt = Server.start(
                    List.of("sallyport.exempt-authentications=" + ManyChainsHost.PartnerSignIn.class.getName()),
                    ManyChainsHost.class)) {
                Equipped alice = exempt.bean(People.class).equip("alice");
                Client client = exempt.client();
                client.sendForm("", "/partner", "text/html", "u", "alice");
                assertThat(client.page("/two-factor").status()).isEqualTo(200);
                assertThat(client.form("/two-factor/disable", "code", "nonsense")
                                .status())
                        .isEqualTo(422);
                assertThat(client.form(
                                        "/two-factor/disable",
                                        "code",
                                        alice.phone().code())
                                .outcome())
                        .isEqualTo("303 /two-factor");
                assertThat(exempt.bean(TwoFactor.class).status(alice.id()).state())
                        .isEqualTo(State.OFF);
            }
        }
    }

    @Nested
    class Programs {
        @Test
        void wholeStory_inASession() {
            browser.logIn("bob");
            assertThat(text(browser.fetch("/two-factor/api/status"), "state")).isEqualTo("OFF");
            assertThat(browser.json("/two-factor/api/begin", "{}").status()).isEqualTo(403);
            Response begun = browser.json("/two-factor/api/begin", "{\"password\": \"pw-bob\"}");
            VirtualPhone phone = people.scan(text(begun, "keyUri"));
            assertThat(text(browser.fetch("/two-factor/api/pending"), "keyUri")).isEqualTo(text(begun, "keyUri"));
            Response confirmed = browser.json("/two-factor/api/confirm", "{\"code\": \"" + phone.code() + "\"}");
            assertThat(confirmed.status()).isEqualTo(200);
            assertThat(parsed(confirmed)).containsKeys("backupCodes", "stamp");
            Response proof = browser.json("/two-factor/api/step-up", "{\"code\": \"" + phone.code() + "\"}");
            assertThat(parsed(proof)).containsKeys("stamp", "proof");
            assertThat(browser.json("/two-factor/api/remember", "{}").status()).isEqualTo(200);
            assertThat(browser.json("/two-factor/api/regenerate", "{}").status())
                    .isEqualTo(200);
            assertThat(browser.json("/two-factor/api/disable", "{}").status()).isEqualTo(200);
            assertThat(state("bob")).isEqualTo(State.OFF);
        }

        @Test
        void handleOfAnotherUser_showsAndConfirmsNothing() {
            Client other = server.client();
            other.logIn("root");
            Response begun = other.json("/two-factor/api/begin", "{\"password\": \"pw-root\"}");
            VirtualPhone phone = people.scan(text(begun, "keyUri"));
            String handle = text(begun, "handle");
            browser.logIn("bob");
            Response pending = browser.json("/two-factor/api/pending", "{\"handle\": \"" + handle + "\"}");
            assertThat(pending.status()).isEqualTo(409);
            assertThat(pending.body()).contains("begin-again").doesNotContain("otpauth");
            assertThat(browser.form("/two-factor/enable", "password", "pw-bob", "handle", handle)
                            .body())
                    .doesNotContain(KeyUri.parse(text(begun, "keyUri")).secret().toBase32());
            Client fresh = server.client();
            fresh.logIn("bob");
            assertThat(fresh.form("/two-factor/confirm", "handle", handle, "code", phone.code())
                            .status())
                    .isEqualTo(409);
            assertThat(state("root")).isEqualTo(State.PENDING);
            assertThat(other.form("/two-factor/confirm", "code", phone.code()).status())
                    .isEqualTo(200);
        }

        @Test
        void handleInAUrl_isNotRead() {
            browser.logIn("bob");
            String handle = text(browser.json("/two-factor/api/begin", "{\"password\": \"pw-bob\"}"), "handle");
            Client other = server.client();
            other.logIn("bob");
            assertThat(other.fetch("/two-factor/api/pending?handle=" + handle).status())
                    .isEqualTo(404);
            assertThat(other.json("/two-factor/api/pending", "{\"handle\": \"" + handle + "\"}")
                            .status())
                    .isEqualTo(200);
        }

        @Test
        void proof_isTooOldAfterFiveMinutes() {
            Equipped alice = people.equip("alice");
            Client client = signedIn(alice, "alice");
            server.bean(SteppedClock.class).advance(Duration.ofMinutes(6));
            Response refused = client.json("/two-factor/api/disable", "{}");
            assertThat(refused.status()).isEqualTo(403);
            assertThat(state("alice")).isEqualTo(State.ENABLED);
        }

        @Test
        void withoutSecondFactor_stepUpSaysSo() {
            browser.logIn("bob");
            assertThat(browser.json("/two-factor/api/step-up", "{\"code\": \"123456\"}")
                            .status())
                    .isEqualTo(409);
        }

        @Test
        void challengeInAField_answersStampAndProof() {
            Equipped alice = people.equip("alice");
            var required = (dev.sallyport.SignInRequirement.CodeRequired)
                    twoFactor.signInRequirement(alice.id(), dev.sallyport.Browser.ofToken(null, "an app"));
            Response verified = browser.json(
                    "/two-factor/api/verify",
                    "{\"challenge\": \"" + required.challenge().value() + "\", \"code\": \""
                            + alice.phone().code() + "\"}");
            assertThat(verified.status()).isEqualTo(200);
            assertThat(verified.header("Set-Cookie")).isPresent();
            assertThat(twoFactor.isCurrent(alice.id(), dev.sallyport.TrustStamp.of(text(verified, "stamp"))))
                    .isTrue();
            assertThat(twoFactor.unseal(alice.id(), text(verified, "proof"))).isPresent();
            // It signs nobody in by itself.
            assertThat(browser.fetch("/").body()).isEqualTo("nobody");
        }
    }

    @Nested
    class Files {
        @Test
        void styleAndScript_areOpenToEverybody() {
            for (String name : List.of("style.css", "script.js")) {
                Response file = server.client().send("GET", "/two-factor/" + name, "*/*", null, Map.of());
                assertThat(file.status()).isEqualTo(200);
                assertThat(file.header("Cache-Control").orElse("")).doesNotContain("no-store");
            }
        }
    }
}
