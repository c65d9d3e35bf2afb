// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.FIREFOX;
import static dev.sallyport.World.STEP;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Remembering and forgetting. {@link BrowserTest} tests what a request shows, {@link TwoDoorsTest} the doors. */
class BrowsersTest {
    private static final Duration THIRTY_DAYS = Duration.ofDays(30);

    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;
    private final Phone phone = world.importApp();
    private final Verified proof = signIn(FIREFOX);
    private final BrowserToken token = proof.browserToken().orElseThrow();
    private final Browser browser = World.browserWith(token);

    /** Lets a step go by, so that the phone shows an unused code. */
    private Verified signIn(Browser from) {
        Verified verified = World.proof(world.verify(from, phone.codeAt(world.now())));
        world.clock.advance(STEP);
        return verified;
    }

    private void assertRemembered(Browser from, BrowserId id) {
        SignInRequirement requirement = twoFactor.signInRequirement(ALICE, from);
        assertThat(requirement).isInstanceOf(NoCodeRequired.class);
        NoCodeRequired free = (NoCodeRequired) requirement;
        assertThat(free.browser()).contains(id);
        assertThat(free.stamp().browser()).contains(id);
        assertThat(twoFactor.isCurrent(ALICE, free.stamp())).isTrue();
    }

    private void assertNotRemembered(Browser from) {
        assertThat(twoFactor.signInRequirement(ALICE, from)).isInstanceOf(CodeRequired.class);
    }

    private List<TwoFactorStatus.Browser> browsers() {
        return twoFactor.status(ALICE).browsers();
    }

    @Nested
    class Remember {

        @Test
        void verify_newBrowser_givesATokenOf256BitsThatIsKnownAndNotRemembered() {
            assertThat(token.value()).matches("[A-Za-z0-9_-]{43}");
            assertThat(Base64.getUrlDecoder().decode(token.value())).hasSize(32);
            assertThat(browsers()).hasSize(1);
            assertNotRemembered(browser);
        }

        @Test
        void rememberBrowser_aProof_needsNoCodeFor30Days() {
            twoFactor.rememberBrowser(proof);

            assertRemembered(browser, token.browser());
            assertThat(browsers())
                    .containsExactly(new TwoFactorStatus.Browser(
                            token.browser(),
                            "Firefox on Linux",
                            proof.at(),
                            Optional.of(world.now().plus(THIRTY_DAYS)),
                            Optional.empty()));
            assertThat(world.eventTypes()).contains(Type.BROWSER_REMEMBERED);
        }

        @Test
        void rememberBrowser_twice_isRememberedFromTheSecondTime() {
            twoFactor.rememberBrowser(proof);
            world.clock.advance(Duration.ofMinutes(1));
            twoFactor.rememberBrowser(proof);

            assertThat(browsers()).hasSize(1);
            assertThat(browsers().get(0).rememberedUntil()).contains(world.now().plus(THIRTY_DAYS));
        }

        @Test
        void rememberBrowser_twoBrowsers_haveTwoTokensAndAreRememberedApart() {
            Verified second = signIn(FIREFOX);
            BrowserToken other = second.browserToken().orElseThrow();
            twoFactor.rememberBrowser(second);

            assertThat(other.value()).isNotEqualTo(token.value());
            assertThat(other.browser()).isNotEqualTo(token.browser());
            assertRemembered(World.browserWith(other), other.browser());
            assertNotRemembered(browser);
        }

        @Test
        void rememberBrowser_theToken_isNeitherStoredNorShown() {
            twoFactor.rememberBrowser(proof);
            String row = new String(Base64.getDecoder().decode(world.rows.get("42")), ISO_8859_1);

            assertThat(row).doesNotContain(token.value());
            byte[] inside = Unsealed.plaintext(
                    world.keys, world.store.find(ALICE.value()).orElseThrow());
            assertThat(new String(inside, ISO_8859_1))
                    .doesNotContain(token.value())
                    .doesNotContain(new String(Base64.getUrlDecoder().decode(token.value()), ISO_8859_1));
            assertThat(twoFactor.status(ALICE).toString()).doesNotContain(token.value());
            assertThat(world.events.toString()).doesNotContain(token.value());
            assertThat(token.toString()).doesNotContain(token.value());
            assertThat(browser.toString()).doesNotContain(token.value());
        }

        @Test
        void rememberBrowser_clientThatKeepsNothing_isMisuse() {
            Verified bare = signIn(Browser.none());

            assertThatIllegalStateException()
                    .isThrownBy(() -> twoFactor.rememberBrowser(bare))
                    .withMessageContaining("names no browser")
                    .isNotInstanceOf(StaleProofException.class);
        }

        @Test
        void rememberBrowser_proofOfAStepUp_remembersTheBrowserOfTheSession() {
            Verified stepUp = World.proof(twoFactor.stepUp(ALICE, proof.stamp(), phone.codeAt(world.now())));
            twoFactor.rememberBrowser(stepUp);

            assertRemembered(browser, token.browser());
        }

        @Test
        void rememberBrowser_proofThatWasSealed_remembersTheBrowser() {
            twoFactor.rememberBrowser(
                    twoFactor.unseal(ALICE, twoFactor.seal(proof)).orElseThrow());

            assertRemembered(browser, token.browser());
        }

        @Test
        @DisplayName("A remembered browser is never a proof, and its sign-in does not renew it")
        void signInRequirement_remembered_isNotRenewed() {
            twoFactor.rememberBrowser(proof);
            Optional<Instant> until = browsers().get(0).rememberedUntil();
            world.clock.advance(Duration.ofDays(20));
            world.store.forgetCounts();

            assertRemembered(browser, token.browser());

            assertThat(world.store.writes()).isZero();
            assertThat(browsers().get(0).rememberedUntil()).isEqualTo(until);
        }

        @Test
        void verify_codeInARememberedBrowser_keepsTheRememberingAsItWas() {
            Challenge challenge = world.challenge(ALICE, browser);
            twoFactor.rememberBrowser(proof);
            Optional<Instant> until = browsers().get(0).rememberedUntil();

            assertThat(twoFactor.verify(challenge, phone.codeAt(world.now()))).isInstanceOf(Verified.class);

            assertThat(browsers().get(0).rememberedUntil()).isEqualTo(until);
        }

        @Test
        void confirmEnrollment_inABrowserThatIsNotKnown_notesIt() {
            Owner bob = world.enroll(BOB);

            assertThat(twoFactor.status(BOB).browsers())
                    .extracting(TwoFactorStatus.Browser::id)
                    .containsExactly(bob.proof().browserToken().orElseThrow().browser());
            twoFactor.rememberBrowser(bob.proof());
            assertThat(twoFactor.signInRequirement(BOB, bob.browser())).isInstanceOf(NoCodeRequired.class);
        }
    }

    @Nested
    class Recognize {

        @Test
        void signInRequirement_noToken_isACode() {
            twoFactor.rememberBrowser(proof);

            assertNotRemembered(FIREFOX);
            assertNotRemembered(Browser.none());
        }

        @Test
        void signInRequirement_onAnotherNode_isRemembered() {
            twoFactor.rememberBrowser(proof);

            assertThat(world.node().build().signInRequirement(ALICE, browser)).isInstanceOf(NoCodeRequired.class);
        }

        @Test
        void signInRequirement_lastInstantOf30Days_isRememberedAndThenKnownStill() {
            twoFactor.rememberBrowser(proof);
            world.clock.advance(THIRTY_DAYS);
            assertRemembered(browser, token.browser());

            world.clock.advance(Duration.ofMillis(1));
            assertNotRemembered(browser);
            assertThat(browsers())
                    .extracting(TwoFactorStatus.Browser::rememberedUntil)
                    .containsExactly(Optional.empty());
        }

        @Test
        @DisplayName("A clock that was a year ahead for one attempt does not make 30 days a year")
        void signInRequirement_rememberedAYearAhead_isNotRememberedForMoreThan30Days() {
            Instant today = world.now();
            world.clock.advance(Duration.ofDays(364));
            Verified later = signIn(FIREFOX);
            twoFactor.rememberBrowser(later);
            Browser other = World.browserWith(later.browserToken().orElseThrow());

            for (int day = 0; day <= 30; day++) {
                world.clock.set(today.plus(Duration.ofDays(day)));
                assertNotRemembered(other);
            }
        }

        @Test
        void signInRequirement_tokenChangedALittle_isACode() {
            twoFactor.rememberBrowser(proof);
            String value = token.value();
            assertRemembered(Browser.ofToken(value, "App"), token.browser());

            assertNotRemembered(Browser.ofToken(value + " ", "App"));
            assertNotRemembered(Browser.ofToken(" " + value, "App"));
            assertNotRemembered(Browser.ofToken(value + "=", "App"));
            assertNotRemembered(Browser.ofToken(value.substring(1), "App"));
            assertNotRemembered(Browser.ofToken((value.charAt(0) == 'A' ? "B" : "A") + value.substring(1), "App"));
            assertNotRemembered(
                    Browser.ofToken(new StringBuilder(value).reverse().toString(), "App"));
            assertNotRemembered(Browser.ofToken(token.browser().value(), "App"));
        }

        @Test
        void signInRequirement_anotherUsersToken_isACode() {
            twoFactor.rememberBrowser(proof);
            Owner bob = world.enroll(BOB);
            twoFactor.rememberBrowser(bob.proof());

            assertNotRemembered(bob.browser());
            assertThat(twoFactor.signInRequirement(BOB, browser)).isInstanceOf(CodeRequired.class);
        }

        @Test
        void signInRequirement_withoutTwoFactor_needsNothingWhateverTheToken() {
            for (Browser any : List.of(Browser.none(), browser, Browser.ofToken("x", "App"))) {
                SignInRequirement requirement = twoFactor.signInRequirement(BOB, any);

                assertThat(requirement).isInstanceOf(NoCodeRequired.class);
                assertThat(((NoCodeRequired) requirement).browser()).isEmpty();
            }
        }
    }

    @Nested
    class Forget {

        @Test
        void forgetBrowser_one_leavesTheOthers() {
            Verified second = signIn(FIREFOX);
            BrowserToken other = second.browserToken().orElseThrow();
            twoFactor.rememberBrowser(proof);
            twoFactor.rememberBrowser(second);

            twoFactor.forgetBrowser(ALICE, token.browser());

            assertNotRemembered(browser);
            assertRemembered(World.browserWith(other), other.browser());
            assertThat(browsers()).extracting(TwoFactorStatus.Browser::id).containsExactly(other.browser());
            assertThat(world.eventTypes()).contains(Type.BROWSER_FORGOTTEN);
        }

        @Test
        void forgetBrowser_twice_writesOnce() {
            twoFactor.forgetBrowser(ALICE, token.browser());
            world.store.forgetCounts();

            twoFactor.forgetBrowser(ALICE, token.browser());

            assertThat(world.store.writes()).isZero();
        }

        @Test
        void forgetBrowser_unknown_leavesAll() {
            twoFactor.rememberBrowser(proof);
            world.store.forgetCounts();

            twoFactor.forgetBrowser(ALICE, BrowserId.of("0123456789abcdef"));

            assertThat(world.store.writes()).isZero();
            assertRemembered(browser, token.browser());
        }

        @Test
        void forgetBrowser_ofAnotherUser_leavesIt() {
            twoFactor.rememberBrowser(proof);
            world.enroll(BOB);

            twoFactor.forgetBrowser(BOB, token.browser());

            assertRemembered(browser, token.browser());
        }

        @Test
        void forgetBrowser_unknownUser_writesNothing() {
            world.store.forgetCounts();

            twoFactor.forgetBrowser(BOB, BrowserId.of("0123456789abcdef"));

            assertThat(world.store.writes()).isZero();
        }

        @Test
        void forgetBrowser_thenASignInFromIt_notesItAgainUnderAnotherToken() {
            twoFactor.forgetBrowser(ALICE, token.browser());

            BrowserToken again = signIn(browser).browserToken().orElseThrow();

            assertThat(again.value()).isNotEqualTo(token.value());
            assertThat(again.browser()).isNotEqualTo(token.browser());
        }

        @Test
        void endTrust_all_leavesNone() {
            twoFactor.rememberBrowser(proof);
            twoFactor.endTrust(ALICE);

            assertNotRemembered(browser);
            assertThat(browsers()).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF", "0123456789abcdeg"})
        void browserId_notSixteenHexadecimalDigits_isRefused(String id) {
            assertThatIllegalArgumentException().isThrownBy(() -> BrowserId.of(id));
            assertThatIllegalArgumentException().isThrownBy(() -> AuthenticatorId.of(id));
        }

        @Test
        void browserId_ofTheStatus_isReadBackFromItsText() {
            String id = browsers().get(0).id().value();

            twoFactor.forgetBrowser(ALICE, BrowserId.of(id));

            assertThat(browsers()).isEmpty();
        }
    }
}
