// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.sallyport.Browser;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactor;
import dev.sallyport.spring.host.People.Equipped;
import dev.sallyport.spring.host.Server.Client;
import dev.sallyport.spring.host.Server.Response;
import dev.sallyport.testing.SteppedClock;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Sign-ins without a password of the application. */
class OtherSignInsTest {
    private static final String OAUTH2 =
            "org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken";
    private static final String SAML =
            "org.springframework.security.saml2.provider.service.authentication.Saml2Authentication";
    private static final String PASSKEY =
            "org.springframework.security.web.webauthn.authentication.WebAuthnAuthentication";
    private static final String PAGE = "text/html,application/xhtml+xml,*/*;q=0.8";

    private static OAuth2Provider provider;
    private static Server strict;
    private static Server exempting;
    private static Server trusting;

    private Equipped alice;
    private Client browser;

    @BeforeAll
    static void start() {
        provider = OAuth2Provider.start();
        strict = start("sallyport.bearer-claim=two_factor");
        exempting = start("sallyport.exempt-authentications=" + String.join(",", OAUTH2, SAML, PASSKEY));
        trusting = start("sallyport.exempt-providers=partner,acme-saml");
    }

    private static Server start(String property) {
        List<String> properties = new ArrayList<>(provider.properties("acme", "partner"));
        properties.add(property);
        return Server.start(properties, OtherSignInsHost.class);
    }

    @AfterAll
    static void stop() {
        strict.close();
        exempting.close();
        trusting.close();
        provider.close();
    }

    @BeforeEach
    void alice() {
        alice = strict.bean(People.class).equip("alice");
        strict.bean(People.class).withoutSecondFactor("bob");
        exempting.bean(People.class).equip("alice");
        trusting.bean(People.class).equip("alice");
        browser = strict.client();
    }

    private void needsTheCode() {
        assertThat(browser.page("/private").outcome()).isEqualTo("302 /two-factor/code");
        assertThat(browser.fetch("/private").status()).isEqualTo(401);
        assertThat(browser.fetch("/open/guarded").body()).isEqualTo("denied");
    }

    private void isSignedInAfterTheCode() {
        assertThat(browser.code(alice.phone().code()).status()).isEqualTo(302);
        assertThat(browser.page("/private").body()).isEqualTo("alice");
    }

    private void endsWithTheTrust() {
        strict.bean(TwoFactor.class).endTrust(alice.id());
        strict.bean(SteppedClock.class).advance(Duration.ofMinutes(1));
        assertThat(browser.page("/private").location()).isEqualTo("/login");
    }

    @Nested
    class OAuth2Login {
        private static final Pattern STATE = Pattern.compile("(?<=[?&]state=)[^&]+");

        private Response signIn(Client client, String registration, String name) {
            String authorize =
                    client.page("/oauth2/authorization/" + registration).location();
            String state = STATE.matcher(authorize)
                    .results()
                    .map(MatchResult::group)
                    .findFirst()
                    .orElseThrow();
            return client.page("/login/oauth2/code/" + registration + "?code=" + name + "&state="
                    + URLEncoder.encode(state, StandardCharsets.UTF_8));
        }

        @Test
        @DisplayName("[88] MISP #10807: a sign-in at an OAuth2 provider meets the gate")
        void userWithTheSecondFactor_needsTheCode() {
            assertThat(signIn(browser, "acme", "alice").outcome()).isEqualTo("302 /two-factor/code");
            needsTheCode();
            isSignedInAfterTheCode();
            endsWithTheTrust();
        }

        @Test
        void userWithoutTheSecondFactor_isSignedIn() {
            assertThat(signIn(browser, "acme", "bob").outcome()).isEqualTo("302 /");
            assertThat(browser.page("/private").body()).isEqualTo("bob");
        }

        @Test
        void onTheWayToAPage_theCodeLeadsThere() {
            browser.page("/guarded");
            signIn(browser, "acme", "alice");
            assertThat(browser.code(alice.phone().code()).location()).startsWith("/guarded");
        }

        @Test
        void exemptProvider_needsNoCode_andTheOthersDo() {
            Client client = trusting.client();
            assertThat(signIn(client, "partner", "alice").outcome()).isEqualTo("302 /");
            assertThat(client.page("/private").body()).isEqualTo("alice");
            assertThat(signIn(trusting.client(), "acme", "alice").outcome()).isEqualTo("302 /two-factor/code");
        }

        @Test
        void exemptClass_needsNoCode() {
            Client client = exempting.client();
            assertThat(signIn(client, "acme", "alice").outcome()).isEqualTo("302 /");
            assertThat(client.page("/private").body()).isEqualTo("alice");
            Client password = exempting.client();
            assertThat(password.logIn("alice").outcome()).isEqualTo("302 /two-factor/code");
        }
    }

    @Nested
    class Saml {
        @Test
        void exemptProvider_needsNoCode() {
            Client client = trusting.client();
            client.sendForm("", "/saml", PAGE, "u", "alice");
            assertThat(client.page("/private").body()).isEqualTo("alice");
            Client passkey = trusting.client();
            assertThat(passkey.sendForm("", "/passkey", PAGE, "u", "alice").outcome())
                    .isEqualTo("302 /two-factor/code");
        }

        @Test
        @DisplayName("[88] MISP #10807: a sign-in by SAML meets the gate")
        void userWithTheSecondFactor_needsTheCode() {
            assertThat(browser.sendForm("", "/saml", PAGE, "u", "alice").outcome())
                    .isEqualTo("302 /two-factor/code");
            needsTheCode();
            isSignedInAfterTheCode();
            endsWithTheTrust();
        }

        @Test
        void exemptClass_needsNoCode() {
            Client client = exempting.client();
            client.sendForm("", "/saml", PAGE, "u", "alice");
            assertThat(client.page("/private").body()).isEqualTo("alice");
        }
    }

    @Nested
    class Passkey {
        @Test
        @DisplayName("[88] MISP #10807: a sign-in with a passkey meets the gate, unless it is exempt")
        void byDefault_needsTheCode() {
            assertThat(browser.sendForm("", "/passkey", PAGE, "u", "alice").outcome())
                    .isEqualTo("302 /two-factor/code");
            needsTheCode();
            isSignedInAfterTheCode();
        }

        @Test
        void exemptClass_needsNoCode() {
            Client client = exempting.client();
            client.sendForm("", "/passkey", PAGE, "u", "alice");
            assertThat(client.page("/private").body()).isEqualTo("alice");
            assertThat(client.page("/two-factor").status()).isEqualTo(200);
        }
    }

    @Nested
    class X509 {
        private static final Map<String, String> CERTIFICATE = Map.of("X-Has-Certificate", "yes");

        private Response page(String path) {
            return browser.send("GET", path, PAGE, null, CERTIFICATE);
        }

        @Test
        @DisplayName("[88] MISP #10807: a client certificate on a page meets the gate")
        void page_leadsToTheCode_andStaysSignedInAfterIt() {
            assertThat(page("/private").outcome()).isEqualTo("302 /two-factor/code");
            assertThat(page("/two-factor/code").status()).isEqualTo(200);
            String form = browser.csrf() + "&code=" + alice.phone().code();
            Map<String, String> headers = new HashMap<>(CERTIFICATE);
            headers.put("Content-Type", "application/x-www-form-urlencoded");
            Response right = browser.send("POST", "/two-factor/code", PAGE, form, headers);
            assertThat(right.outcome()).startsWith("302 /private");
            assertThat(page("/private").body()).isEqualTo("alice");
        }

        @Test
        @DisplayName("[88] MISP #10807: a client certificate of a program meets the gate")
        void program_isRefused() {
            assertThat(browser.fetch("/private", CERTIFICATE).status()).isEqualTo(401);
            assertThat(browser.sessionId()).isEmpty();
        }

        @Test
        void userWithoutTheSecondFactor_isSignedIn() {
            strict.bean(People.class).withoutSecondFactor("alice");
            strict.bean(SteppedClock.class).advance(Duration.ofMinutes(1));
            assertThat(page("/private").body()).isEqualTo("alice");
            assertThat(browser.fetch("/private", CERTIFICATE).body()).isEqualTo("alice");
        }
    }

    @Nested
    class BearerToken {
        private String token(String name, @Nullable TrustStamp stamp) {
            JWTClaimsSet.Builder claims = new JWTClaimsSet.Builder().subject(name);
            if (stamp != null) {
                claims.claim("two_factor", stamp.value());
            }
            SignedJWT token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims.build());
            try {
                token.sign(new MACSigner(OtherSignInsHost.TOKEN_KEY));
            } catch (JOSEException e) {
                throw new AssertionError(e);
            }
            return token.serialize();
        }

        private Response me(String token) {
            return browser.fetch("/api/me", Map.of("Authorization", "Bearer " + token));
        }

        private TrustStamp stampAfterTheCode() {
            TwoFactor twoFactor = strict.bean(TwoFactor.class);
            CodeRequired due = (CodeRequired) twoFactor.signInRequirement(alice.id(), Browser.none());
            return twoFactor
                    .verify(due.challenge(), alice.phone().code())
                    .orElseThrow()
                    .stamp();
        }

        @Test
        void currentStamp_passes() {
            assertThat(me(token("alice", stampAfterTheCode())).body()).isEqualTo("alice");
        }

        @Test
        void endedStamp_isRefused_afterTheInterval() {
            String token = token("alice", stampAfterTheCode());
            assertThat(me(token).status()).isEqualTo(200);
            strict.bean(TwoFactor.class).endTrust(alice.id());
            strict.bean(SteppedClock.class).advance(Duration.ofMinutes(1));
            Response refused = me(token);
            assertThat(refused.status()).isEqualTo(401);
            assertThat(refused.body()).contains("sign-in-again");
        }

        @Test
        @DisplayName("[88] MISP #10807: a bearer token without a stamp meets the gate")
        void noStamp_needsTheCode() {
            Response refused = me(token("alice", null));
            assertThat(refused.status()).isEqualTo(401);
            assertThat(refused.body()).contains("code-required", "challenge");
        }

        @Test
        void stampOfAnotherUser_isRefused() {
            assertThat(me(token("root", stampAfterTheCode())).status()).isEqualTo(401);
        }

        @Test
        @DisplayName("[88] MISP #10807: a bearer token whose stamp is made up meets the gate")
        void textThatIsNoStamp_isRefused() {
            assertThat(me(token("alice", TrustStamp.of("guessed"))).status()).isEqualTo(401);
        }

        @Test
        void userWithoutTheSecondFactor_passesWithTheStampOrWithoutIt() {
            TwoFactor twoFactor = strict.bean(TwoFactor.class);
            NoCodeRequired free = (NoCodeRequired) twoFactor.signInRequirement(People.id("bob"), Browser.none());
            assertThat(me(token("bob", free.stamp())).body()).isEqualTo("bob");
            assertThat(me(token("bob", null)).body()).isEqualTo("bob");
        }

        @Test
        void tokenOfAnotherKey_reachesNothing() {
            String token = token("alice", stampAfterTheCode());
            assertThat(me(token.substring(0, token.length() - 10) + "AAAAAAAAAA")
                            .status())
                    .isEqualTo(401);
        }
    }
}
