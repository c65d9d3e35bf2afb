// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.sallyport.Browser;
import dev.sallyport.Challenge;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.EnrollmentResult;
import dev.sallyport.EnrollmentResult.ClockOff;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.ExistingAuthenticator;
import dev.sallyport.KeyRing;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.Rejected;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.InMemoryTwoFactorStore;
import java.net.CookieManager;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The clock, the phone and the jar as a host's test uses them, with a real {@code TwoFactor}. */
class SignInTest {
    private static final UserId ALICE = UserId.of("42");
    private static final String USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";

    private final SteppedClock clock = new SteppedClock();
    private final TwoFactor twoFactor = TwoFactor.builder()
            .issuer("Acme")
            .store(new InMemoryTwoFactorStore())
            .encryptionKeys(KeyRing.generate())
            .clock(clock)
            .build();

    private VirtualPhone enroll() {
        PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, "alice@acme.example");
        VirtualPhone phone = VirtualPhone.scan(pending, clock);
        confirm(pending, phone.code());
        return phone;
    }

    private Enrolled confirm(PendingEnrollment pending, String code) {
        EnrollmentResult result = twoFactor.confirmEnrollment(pending.handle(), code);
        assertThat(result).isInstanceOf(Enrolled.class);
        return (Enrolled) result;
    }

    private Challenge challenge(Browser browser) {
        return ((CodeRequired) twoFactor.signInRequirement(ALICE, browser)).challenge();
    }

    private VerificationResult verify(String typed) {
        return twoFactor.verify(challenge(Browser.none()), typed);
    }

    private void importAuthenticator(ExistingAuthenticator existing) {
        twoFactor
                .operator("test")
                .importWithoutConfirmation(
                        ALICE, List.of(EnrollmentRequest.of("alice").existing(existing)));
    }

    @Nested
    class App {
        @Test
        void code_ofAnEnrolledPhone_signsInAHundredTimes() {
            VirtualPhone phone = enroll();
            for (int i = 0; i < 100; i++) {
                String code = phone.code();

                assertThat(verify(code)).isInstanceOf(Verified.class);
                assertThat(verify(code)).isInstanceOf(Rejected.class);
            }
        }

        @Test
        void wrongCode_ofAnEnrolledPhone_isRejected() {
            VirtualPhone phone = enroll();

            assertThat(verify(phone.wrongCode())).isInstanceOf(Rejected.class);
            assertThat(verify(phone.code())).isInstanceOf(Verified.class);
        }

        @Test
        void secret_typedFromThePage_enrolls() {
            PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, "alice@acme.example");
            VirtualPhone phone = VirtualPhone.typed(pending.secretForTyping(), clock);

            assertThat(confirm(pending, phone.code()).backupCodes()).isPresent();
        }

        @Test
        void advance_byTwoAfterABackupCode_showsACodeThatPasses() {
            PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, "alice@acme.example");
            VirtualPhone phone = VirtualPhone.scan(pending, clock);
            String backupCode = confirm(pending, phone.code())
                    .backupCodes()
                    .orElseThrow()
                    .asList()
                    .get(0);
            clock.advance(Duration.ofHours(1));

            assertThat(verify(backupCode)).isInstanceOf(Verified.class);
            assertThat(verify(phone.code())).isInstanceOf(Rejected.class);
            phone.advance(2);
            assertThat(verify(phone.code())).isInstanceOf(Verified.class);
        }

        @Test
        void clock_fiveMinutesAhead_isToldSoAndPassesOnceItIsRight() {
            PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, "alice@acme.example");
            VirtualPhone phone = VirtualPhone.scan(pending, clock);
            phone.clockOff(Duration.ofMinutes(5));

            assertThat(twoFactor.confirmEnrollment(pending.handle(), phone.code()))
                    .isEqualTo(new ClockOff(Duration.ofMinutes(5)));
            phone.clockOff(Duration.ZERO);
            confirm(pending, phone.code());
        }
    }

    @Nested
    class Token {
        private static final TotpParameters MINUTES =
                new TotpParameters(TotpParameters.DEFAULT.algorithm(), 8, Duration.ofSeconds(60), Instant.EPOCH);

        private final SharedSecret secret = SharedSecret.generate();

        @Test
        void code_ofAHotpToken_signsInAHundredTimes() {
            KeyUri keyUri = KeyUri.hotp("Acme", "alice", secret, TotpParameters.DEFAULT.algorithm(), 6, 7);
            importAuthenticator(ExistingAuthenticator.of(keyUri));
            VirtualPhone token = VirtualPhone.scan(keyUri, clock);
            for (int i = 0; i < 100; i++) {
                token.advance(i % 4);

                assertThat(verify(token.code())).isInstanceOf(Verified.class);
            }
        }

        @Test
        void code_ofAHotpTokenThatChildrenPlayedWith_passesAfterTwoCodes() {
            KeyUri keyUri = KeyUri.hotp("Acme", "alice", secret, TotpParameters.DEFAULT.algorithm(), 6, 0);
            importAuthenticator(ExistingAuthenticator.of(keyUri));
            VirtualPhone token = VirtualPhone.scan(keyUri, clock);
            token.advance(60);

            assertThat(verify(token.code())).isInstanceOf(Rejected.class);
            assertThat(twoFactor.verify(challenge(Browser.none()), token.code(), token.code()))
                    .isInstanceOf(Verified.class);
            assertThat(verify(token.code())).isInstanceOf(Verified.class);
        }

        @Test
        void code_ofATokenThatLosesTwoSecondsADay_isFollowedForAYear() {
            KeyUri keyUri = KeyUri.totp("Acme", "alice", secret, MINUTES);
            importAuthenticator(ExistingAuthenticator.of(keyUri).ownClock().lastUsedStep(0));
            VirtualPhone token = VirtualPhone.scan(keyUri, clock);
            token.driftPerDay(Duration.ofSeconds(-2));
            for (int week = 0; week < 52; week++) {
                clock.advance(Duration.ofDays(7));

                assertThat(verify(token.code())).isInstanceOf(Verified.class);
            }

            assertThat(twoFactor.status(ALICE).authenticators())
                    .extracting(TwoFactorStatus.Authenticator::offset)
                    .allSatisfy(offset -> assertThat(offset).isBetween(-13, -11));
        }

        @Test
        void code_ofATokenThatDriftsWithoutBeingUsed_isRejected() {
            KeyUri keyUri = KeyUri.totp("Acme", "alice", secret, MINUTES);
            importAuthenticator(ExistingAuthenticator.of(keyUri).ownClock().lastUsedStep(0));
            VirtualPhone token = VirtualPhone.scan(keyUri, clock);
            token.driftPerDay(Duration.ofSeconds(2));
            clock.advance(Duration.ofDays(365));

            assertThat(verify(token.code())).isInstanceOf(Rejected.class);
            assertThat(twoFactor.verify(challenge(Browser.none()), token.code(), token.code()))
                    .isInstanceOf(Verified.class);
        }
    }

    @Nested
    class Cookies {
        private final CookieJar cookies = new CookieJar();

        private Browser browser() {
            return Browser.fromHeaders(cookies.header().orElse(null), USER_AGENT);
        }

        @Test
        void browserToken_inTheJar_makesARememberedBrowser() {
            VirtualPhone phone = enroll();
            Verified proof = (Verified) twoFactor.verify(challenge(browser()), phone.code());
            cookies.keep(List.of(proof.browserToken().orElseThrow().setCookie()));
            twoFactor.rememberBrowser(proof);

            assertThat(twoFactor.signInRequirement(ALICE, browser())).isInstanceOf(NoCodeRequired.class);
            cookies.remove("__Host-sallyport");
            assertThat(twoFactor.signInRequirement(ALICE, browser())).isInstanceOf(CodeRequired.class);
        }

        @Test
        void hostCookie_overHttpOnThisMachine_isSentBackAndByTheCookieManagerIsNot() throws Exception {
            VirtualPhone phone = enroll();
            Verified proof = (Verified) twoFactor.verify(challenge(browser()), phone.code());
            String setCookie = proof.browserToken().orElseThrow().setCookie();
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                String sent = exchange.getRequestHeaders().getFirst("Cookie");
                byte[] body = String.valueOf(sent).getBytes(US_ASCII);
                exchange.getResponseHeaders().add("Set-Cookie", setCookie);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
                exchange.close();
            });
            server.start();
            try {
                URI uri = URI.create("http://localhost:" + server.getAddress().getPort() + "/");
                HttpClient client = HttpClient.newHttpClient();
                assertThat(send(client, uri)).isEqualTo("null");
                assertThat(send(client, uri)).isEqualTo(setCookie.replaceFirst(";.*", ""));

                HttpClient managed = HttpClient.newBuilder()
                        .cookieHandler(new CookieManager())
                        .build();
                cookies.remove("__Host-sallyport");
                assertThat(send(managed, uri)).isEqualTo("null");
                cookies.remove("__Host-sallyport");
                assertThat(send(managed, uri)).isEqualTo("null");
            } finally {
                server.stop(0);
            }
        }

        private String send(HttpClient client, URI uri) throws Exception {
            HttpRequest.Builder request = HttpRequest.newBuilder(uri);
            cookies.header().ifPresent(cookie -> request.header("Cookie", cookie));
            HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
            cookies.keep(response.headers().allValues("Set-Cookie"));
            return response.body();
        }
    }
}
