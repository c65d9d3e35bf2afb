// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.FIREFOX;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a request shows of a browser. */
class BrowserTest {
    private static final String NAME = "__Host-sallyport";

    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;

    /** The token of 32 bytes that are all the same. */
    private static String token(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static List<String> tokens(int from, int to) {
        return IntStream.range(from, to).mapToObj(BrowserTest::token).toList();
    }

    private static List<String> tokensOf(@Nullable String cookieHeader) {
        return Browser.fromHeaders(cookieHeader, null).tokens();
    }

    private static @Nullable String labelOf(@Nullable String userAgent) {
        return Browser.fromHeaders(null, userAgent).label();
    }

    @Nested
    class Cookie {

        @Test
        void fromHeaders_theCookieAlone_hasItsToken() {
            assertThat(tokensOf(NAME + "=" + token(1))).containsExactly(token(1));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "a=b; %s",
                    "%s; a=b",
                    "a=b; %s; c=d",
                    "a=b;%s;c=d",
                    "  %s  ",
                    "a; =; ;; %s",
                    "a=__Host-sallyport; %s",
                    "__Host-sallyport2=x; %s",
                    "x__Host-sallyport=x; %s",
                    "__host-sallyport=x; %s"
                })
        void fromHeaders_amongOtherCookies_hasItsToken(String header) {
            String cookie = NAME + "=" + token(1);

            assertThat(tokensOf(header.replace("%s", cookie))).containsExactly(token(1));
        }

        @ParameterizedTest
        @ValueSource(strings = {"\u2000", "\u2028", "\u3000", "\u00A0", "\u000B", "\u001C"})
        void fromHeaders_otherWhiteSpaceBeforeTheName_isAnotherCookie(String space) {
            String header = space + NAME + "=" + token(1) + "; " + NAME + "=" + token(2);

            assertThat(Browser.fromHeaders(header, null).tokens()).containsExactly(token(2));
        }

        @Test
        void fromHeaders_twoCookiesOfTheName_hasTheTokensOfBoth() {
            String header = NAME + "=" + token(1) + ";" + NAME + "=" + token(2);

            assertThat(Browser.fromHeaders(header, null).tokens()).containsExactly(token(1), token(2));
        }

        @Test
        void fromHeaders_severalTokens_hasThemInTheirOrder() {
            assertThat(tokensOf(NAME + "=" + String.join(".", tokens(0, 8)))).isEqualTo(tokens(0, 8));
        }

        @Test
        void fromHeaders_moreThanEightTokens_hasEight() {
            assertThat(tokensOf(NAME + "=" + String.join(".", tokens(0, 100)))).hasSize(8);
        }

        @Test
        void fromHeaders_oneTokenTwice_hasItOnce() {
            assertThat(tokensOf(NAME + "=" + token(1) + "." + token(1))).containsExactly(token(1));
        }

        @Test
        void fromHeaders_junkBetweenTokens_hasTheTokens() {
            assertThat(tokensOf(NAME + "=x.." + token(1) + ".\ud800." + token(2) + "=." + token(3) + "x"))
                    .containsExactly(token(1));
        }

        @Test
        void fromHeaders_looseBitsAtTheEndOfAToken_isNone() {
            String token = token(0);
            assertThat(token).endsWith("A");

            assertThat(tokensOf(NAME + "=" + token.substring(0, 42) + "B")).isEmpty();
        }

        static Stream<String> junk() {
            return Stream.of(
                    "",
                    " ",
                    "=",
                    ";",
                    NAME,
                    NAME + "=",
                    NAME + "=x",
                    NAME + "=.",
                    NAME + "=" + "A".repeat(42),
                    NAME + "=" + "A".repeat(44),
                    NAME + "=" + "+".repeat(43),
                    NAME + "=" + "\u00e9".repeat(43),
                    "\ud800",
                    NAME + "=\udfff",
                    "\u0000",
                    NAME + "=" + "\u0000".repeat(43),
                    "\r\n" + NAME + "\r\n=",
                    ";".repeat(1 << 20),
                    (NAME + "=" + ".".repeat(1000) + ";").repeat(1000),
                    "\ud800".repeat(1 << 20));
        }

        @ParameterizedTest
        @NullSource
        @MethodSource("junk")
        void fromHeaders_junk_hasNoTokenAndSignInNeedsACode(@Nullable String header) {
            Owner owner = world.enroll();
            Browser browser = Browser.fromHeaders(header, header);

            assertThat(browser.tokens()).isEmpty();
            Verified proof = World.proof(world.verify(browser, owner.phone().codeAt(world.now())));
            assertThat(proof.browserToken()).isPresent();
        }

        @Test
        void fromHeaders_headerOfAMegabyte_isNotLookedAt() {
            String cookie = NAME + "=" + token(1);

            assertThat(tokensOf(cookie + ";" + "x".repeat(1 << 20))).isEmpty();
            assertThat(tokensOf("x".repeat(8192 - cookie.length() - 1) + ";" + cookie))
                    .containsExactly(token(1));
            assertThat(tokensOf("x".repeat(8192 - cookie.length()) + ";" + cookie))
                    .isEmpty();
        }
    }

    @Nested
    class SetCookie {

        @Test
        void setCookie_firstToken_isAHostCookieWithAllItsAttributes() {
            BrowserToken token = world.enroll().proof().browserToken().orElseThrow();

            assertThat(token.setCookie().split("; ", -1))
                    .containsExactly(
                            NAME + "=" + token.value(),
                            "Path=/",
                            "Max-Age=" + 400L * 86_400,
                            "Secure",
                            "HttpOnly",
                            "SameSite=Lax");
        }

        @Test
        void setCookie_sentBack_isTheKnownBrowser() {
            Owner owner = world.enroll();
            twoFactor.rememberBrowser(owner.proof());
            String sentBack =
                    owner.proof().browserToken().orElseThrow().setCookie().split(";", -1)[0];

            assertThat(twoFactor.signInRequirement(ALICE, Browser.fromHeaders("a=b; " + sentBack + "; c=d", null)))
                    .isInstanceOf(NoCodeRequired.class);
        }

        /** Users of one browser, one after the other. */
        private List<UserId> enrollInOneBrowser(int users) {
            List<UserId> all = new ArrayList<>();
            Browser browser = FIREFOX;
            for (int i = 0; i < users; i++) {
                UserId user = UserId.of("user " + i);
                PendingEnrollment pending = twoFactor.beginEnrollment(
                        user, EnrollmentRequest.of("x").browser(browser));
                EnrollmentResult.Enrolled enrolled = (EnrollmentResult.Enrolled) twoFactor.confirmEnrollment(
                        pending.handle(), Phone.scan(pending).codeAt(world.now()));
                twoFactor.rememberBrowser(enrolled.proof());
                browser = World.browserWith(enrolled.proof().browserToken().orElseThrow());
                all.add(user);
            }
            last = browser;
            return all;
        }

        private Browser last = FIREFOX;

        private void assertRemembered(UserId user, boolean remembered) {
            assertThat(twoFactor.signInRequirement(user, last) instanceof NoCodeRequired)
                    .as(user.value())
                    .isEqualTo(remembered);
        }

        @Test
        void setCookie_severalUsersOfOneBrowser_keepEachOthersTokens() {
            for (UserId user : enrollInOneBrowser(8)) {
                assertRemembered(user, true);
            }
            assertThat(last.tokens()).hasSize(8);
        }

        @Test
        void setCookie_ninthUserOfOneBrowser_pushesOutTheOldestToken() {
            List<UserId> users = enrollInOneBrowser(9);

            assertThat(last.tokens()).hasSize(8);
            assertRemembered(users.get(0), false);
            for (UserId user : users.subList(1, 9)) {
                assertRemembered(user, true);
            }
        }

        @Test
        void setCookie_ofACodeAtASignIn_keepsTheTokensOfTheRequest() {
            Owner owner = world.enroll();
            Browser shared = Browser.fromHeaders(NAME + "=" + token(1) + "." + token(2), null);

            BrowserToken fresh = World.proof(world.verify(shared, owner.phone().codeAt(world.now())))
                    .browserToken()
                    .orElseThrow();

            assertThat(fresh.setCookie())
                    .startsWith(NAME + "=" + token(1) + "." + token(2) + "." + fresh.value() + "; ");
        }

        @Test
        void setCookie_anyToken_isASingleLineOfAsciiBelow4096Bytes() {
            enrollInOneBrowser(9);
            Owner owner = world.enroll();
            String header = World.proof(world.verify(last, owner.phone().codeAt(world.now())))
                    .browserToken()
                    .orElseThrow()
                    .setCookie();

            assertThat(header).matches("[\\x20-\\x7e]{1,4095}");
        }
    }

    @Nested
    class Label {

        @ParameterizedTest(name = "{0}")
        @CsvFileSource(resources = "user-agents.csv", delimiter = '|', numLinesToSkip = 1)
        void fromHeaders_realUserAgent_isLabeledForPeople(String label, String userAgent) {
            assertThat(labelOf(userAgent)).isEqualTo(label);
        }

        @ParameterizedTest
        @NullSource
        @ValueSource(strings = {"", " ", "\ud800", "\u0000", "<script>alert(1)</script>", "Fire\nfox"})
        void fromHeaders_junk_isAnUnknownBrowserAndNothingOfTheJunkIsInTheLabel(@Nullable String userAgent) {
            assertThat(labelOf(userAgent)).isEqualTo("Unknown browser");
        }

        @Test
        void fromHeaders_userAgentOfAMegabyte_isNotLookedAt() {
            assertThat(labelOf("Firefox/" + "x".repeat(1 << 20))).isEqualTo("Unknown browser");
            assertThat(labelOf("\ud800".repeat(1 << 20))).isEqualTo("Unknown browser");
        }

        @Test
        void verify_newBrowser_itsLabelIsInTheStatus() {
            world.enroll();

            assertThat(twoFactor.status(ALICE).browsers().get(0).label()).isEqualTo("Firefox on Linux");
        }
    }

    @Nested
    class App {

        @Test
        void ofToken_tokenOfTheKeystore_isTheKnownBrowserWithItsLabel() {
            Owner owner = world.enroll();
            Verified proof = World.proof(world.verify(
                    Browser.ofToken(null, "Alice's phone"), owner.phone().codeAt(world.now())));
            world.clock.advance(STEP);
            String kept = proof.browserToken().orElseThrow().value();

            Verified again = World.proof(world.verify(
                    Browser.ofToken(kept, "Another name"), owner.phone().codeAt(world.now())));

            assertThat(again.browserToken()).isEmpty();
            assertThat(again.stamp()).isEqualTo(proof.stamp());
            assertThat(twoFactor.status(ALICE).browsers())
                    .extracting(TwoFactorStatus.Browser::label)
                    .containsExactly("Firefox on Linux", "Alice's phone");
        }

        @ParameterizedTest
        @CsvSource({"'', Unnamed device", "'  ', Unnamed device", "' Phone ', Phone", "Pho\tne, Phone"})
        void ofToken_label_isMadeFit(String label, String fit) {
            assertThat(Browser.ofToken(null, label).label()).isEqualTo(fit);
        }

        @Test
        void ofToken_longLabelControlCharactersAndLoneSurrogates_areCutOrDropped() {
            assertThat(Browser.ofToken(null, "\u00e9".repeat(32)).label()).isEqualTo("\u00e9".repeat(32));
            assertThat(Browser.ofToken(null, "\u00e9".repeat(33)).label()).isEqualTo("\u00e9".repeat(30) + "\u2026");
            assertThat(Browser.ofToken(null, "\ud800").label()).isEqualTo("Unnamed device");
            assertThat(Browser.ofToken(null, "a\u0000b\udfffc").label()).isEqualTo("abc");
            assertThat(Browser.ofToken(null, "x".repeat(1 << 20)).label()).hasSize(62);
        }

        @ParameterizedTest
        @NullSource
        @ValueSource(strings = {"", "x", "\ud800", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB"})
        void ofToken_anythingElse_isIgnored(@Nullable String token) {
            assertThat(Browser.ofToken(token, "App").tokens()).isEmpty();
        }
    }

    @Nested
    class None {

        @Test
        void none_eachTime_isTheSameWithoutTokenAndLabel() {
            assertThat(Browser.none()).isSameAs(Browser.none());
            assertThat(Browser.none().tokens()).isEmpty();
            assertThat(Browser.none().label()).isNull();
        }

        @Test
        void toString_anyBrowser_isRedacted() {
            assertThat(Browser.fromHeaders(NAME + "=" + token(1), "Firefox/143.0")
                            .toString())
                    .doesNotContain(token(1))
                    .contains("Firefox");
        }
    }
}
