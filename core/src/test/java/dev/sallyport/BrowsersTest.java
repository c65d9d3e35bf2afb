// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NotEnrolled;
import dev.sallyport.SignInRequirement.RememberedBrowser;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BrowsersTest {
    private static final Duration THIRTY_DAYS = Duration.ofDays(30);

    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;
    private final Phone phone = world.importApp();
    private final Verified proof = world.prove(phone);

    private BrowserToken remember(String label) {
        return twoFactor.rememberBrowser(proof, label);
    }

    private void isRecognized(BrowserToken token) {
        assertThat(twoFactor.signInRequirement(ALICE, token.value())).isEqualTo(new RememberedBrowser(token.browser()));
    }

    private void isNotRecognized(String token) {
        assertThat(twoFactor.signInRequirement(ALICE, token)).isEqualTo(new CodeRequired());
    }

    private List<TwoFactorStatus.Browser> browsers() {
        return twoFactor.status(ALICE).browsers();
    }

    @Nested
    class Remember {

        @Test
        void rememberBrowser_aProof_givesATokenOf256BitsFor30Days() {
            BrowserToken token = remember("Firefox on Linux");

            assertThat(token.value()).matches("[A-Za-z0-9_-]{43}");
            assertThat(Base64.getUrlDecoder().decode(token.value())).hasSize(32);
            assertThat(token.maxAge()).isEqualTo(THIRTY_DAYS);
            isRecognized(token);
        }

        @Test
        void rememberBrowser_aProof_isInTheStatus() {
            BrowserToken token = remember("Firefox on Linux");

            assertThat(browsers())
                    .containsExactly(new TwoFactorStatus.Browser(
                            token.browser(),
                            "Firefox on Linux",
                            world.now(),
                            world.now().plus(THIRTY_DAYS)));
        }

        @Test
        void rememberBrowser_twice_givesTwoTokens() {
            BrowserToken first = remember("Firefox");
            BrowserToken second = remember("Firefox");

            assertThat(first.value()).isNotEqualTo(second.value());
            assertThat(first.browser()).isNotEqualTo(second.browser());
            isRecognized(first);
            isRecognized(second);
        }

        @Test
        void rememberBrowser_theToken_isNeitherStoredNorShown() {
            BrowserToken token = remember("Firefox");
            String row = new String(Base64.getDecoder().decode(world.rows.get("42")), ISO_8859_1);

            assertThat(row).doesNotContain(token.value());
            assertThat(twoFactor.status(ALICE).toString()).doesNotContain(token.value());
            assertThat(world.events.toString()).doesNotContain(token.value());
            assertThat(token.toString()).doesNotContain(token.value());
        }

        @Test
        void rememberBrowser_twentyFirst_pushesOutTheOldest() {
            List<BrowserToken> tokens = new ArrayList<>();
            for (int i = 1; i <= 20; i++) {
                tokens.add(remember("Browser " + i));
                world.clock.advance(Duration.ofSeconds(1));
            }
            tokens.forEach(BrowsersTest.this::isRecognized);

            BrowserToken newest = remember("Browser 21");

            isNotRecognized(tokens.get(0).value());
            tokens.subList(1, 20).forEach(BrowsersTest.this::isRecognized);
            isRecognized(newest);
            assertThat(browsers())
                    .hasSize(20)
                    .extracting(TwoFactorStatus.Browser::label)
                    .startsWith("Browser 2")
                    .endsWith("Browser 21");
        }

        @Test
        void rememberBrowser_expiredOnes_takeNobodysPlace() {
            for (int i = 1; i <= 20; i++) {
                remember("Old");
            }
            world.clock.advance(THIRTY_DAYS);
            Verified fresh = world.prove(phone);
            twoFactor.rememberBrowser(fresh, "New");

            assertThat(browsers()).extracting(TwoFactorStatus.Browser::label).containsExactly("New");
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "  ", "Fire\nfox", "Fire\u0000fox", "\udfff"})
        void rememberBrowser_labelBlankOrWithAControlCharacterOrLoneSurrogate_isRefused(String label) {
            assertThatIllegalArgumentException().isThrownBy(() -> remember(label));
        }

        @Test
        void rememberBrowser_labelOf128Bytes_isAcceptedAnd129AreRefused() {
            remember("\u00e9".repeat(64));

            assertThat(browsers().get(0).label()).hasSize(64);
            assertThatIllegalArgumentException().isThrownBy(() -> remember("\u00e9".repeat(64) + "x"));
        }
    }

    @Nested
    class Recognize {

        @Test
        void signInRequirement_noToken_isACode() {
            remember("Firefox");

            assertThat(twoFactor.signInRequirement(ALICE, null)).isEqualTo(new CodeRequired());
        }

        @Test
        void signInRequirement_onAnotherNode_isRecognized() {
            BrowserToken token = remember("Firefox");

            assertThat(world.node().build().signInRequirement(ALICE, token.value()))
                    .isEqualTo(new RememberedBrowser(token.browser()));
        }

        @Test
        void signInRequirement_lastMillisecondOf30Days_isRecognizedAndThenNot() {
            BrowserToken token = remember("Firefox");
            world.clock.advance(THIRTY_DAYS.minusMillis(1));
            isRecognized(token);
            assertThat(browsers()).hasSize(1);

            world.clock.advance(Duration.ofMillis(1));
            isNotRecognized(token.value());
            assertThat(browsers()).isEmpty();
        }

        @Test
        @DisplayName("A clock that was a year ahead for one attempt does not make 30 days a year")
        void signInRequirement_rememberedAYearAhead_isNotRecognizedForMoreThan30Days() {
            Instant today = world.now();
            world.clock.advance(Duration.ofDays(365));
            BrowserToken token = twoFactor.rememberBrowser(world.prove(phone), "Firefox");

            for (int day = 0; day <= 30; day++) {
                world.clock.set(today.plus(Duration.ofDays(day)));
                twoFactor.signInRequirement(ALICE, token.value());
            }

            isNotRecognized(token.value());
        }

        @Test
        void signInRequirement_tokenChangedALittle_isACode() {
            String token = remember("Firefox").value();

            isNotRecognized(token + " ");
            isNotRecognized(" " + token);
            isNotRecognized(token + "=");
            isNotRecognized(token.substring(1));
            isNotRecognized((token.charAt(0) == 'A' ? "B" : "A") + token.substring(1));
            isNotRecognized(new StringBuilder(token).reverse().toString());
        }

        @Test
        void signInRequirement_anotherUsersToken_isACode() {
            BrowserToken alices = remember("Firefox");
            Owner bob = world.enroll(BOB);
            BrowserToken bobs = twoFactor.rememberBrowser(bob.proof(), "Firefox");

            isNotRecognized(bobs.value());
            assertThat(twoFactor.signInRequirement(BOB, alices.value())).isEqualTo(new CodeRequired());
        }

        @Test
        void signInRequirement_notEnrolled_needsNothingWhateverTheToken() {
            BrowserToken token = remember("Firefox");

            assertThat(twoFactor.signInRequirement(BOB, null)).isEqualTo(new NotEnrolled());
            assertThat(twoFactor.signInRequirement(BOB, token.value())).isEqualTo(new NotEnrolled());
            assertThat(twoFactor.signInRequirement(BOB, "x")).isEqualTo(new NotEnrolled());
        }
    }

    @Nested
    class Forget {

        @Test
        void forgetBrowser_one_leavesTheOthers() {
            BrowserToken first = remember("Firefox");
            BrowserToken second = remember("Chrome");

            twoFactor.forgetBrowser(ALICE, first.browser());

            isNotRecognized(first.value());
            isRecognized(second);
            assertThat(browsers()).extracting(TwoFactorStatus.Browser::label).containsExactly("Chrome");
        }

        @Test
        void forgetBrowser_twice_writesOnce() {
            BrowserToken token = remember("Firefox");
            twoFactor.forgetBrowser(ALICE, token.browser());
            world.store.forgetCounts();

            twoFactor.forgetBrowser(ALICE, token.browser());

            assertThat(world.store.writes()).isZero();
        }

        @Test
        void forgetBrowser_unknown_leavesProofsAlone() {
            twoFactor.forgetBrowser(ALICE, BrowserId.of("0123456789abcdef"));

            isRecognized(remember("Firefox"));
        }

        @Test
        void forgetBrowser_ofAnotherUser_leavesIt() {
            BrowserToken token = remember("Firefox");
            world.enroll(BOB);

            twoFactor.forgetBrowser(BOB, token.browser());

            isRecognized(token);
        }

        @Test
        void forgetBrowsers_all_leavesNone() {
            BrowserToken first = remember("Firefox");
            BrowserToken second = remember("Chrome");

            twoFactor.forgetBrowsers(ALICE);

            isNotRecognized(first.value());
            isNotRecognized(second.value());
            assertThat(browsers()).isEmpty();
        }

        @Test
        void forgetBrowsers_unknownUser_writesNothing() {
            world.store.forgetCounts();

            twoFactor.forgetBrowsers(BOB);
            twoFactor.forgetBrowser(BOB, BrowserId.of("0123456789abcdef"));

            assertThat(world.store.writes()).isZero();
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF", "0123456789abcdeg"})
        void browserId_notSixteenHexadecimalDigits_isRefused(String id) {
            assertThatIllegalArgumentException().isThrownBy(() -> BrowserId.of(id));
            assertThatIllegalArgumentException().isThrownBy(() -> AuthenticatorId.of(id));
        }

        @Test
        void browserId_ofTheStatus_isReadBackFromItsText() {
            remember("Firefox");
            String id = browsers().get(0).id().value();

            twoFactor.forgetBrowser(ALICE, BrowserId.of(id));

            assertThat(browsers()).isEmpty();
        }
    }

    /** What must not outlive a change of trust. */
    @Nested
    class Revocation {

        /** Something that an owner, with a proof and backup codes, does. */
        private interface Change {
            void by(World world, Owner owner);
        }

        private static Arguments change(String name, Change change) {
            return Arguments.of(name, change);
        }

        static Stream<Arguments> noChanges() {
            return Stream.of(
                    change("a sign-in", (world, owner) -> world.prove(owner.phone())),
                    change("another phone", (world, owner) -> world.enrollAnother(owner.proof())),
                    change("an abandoned enrollment", (world, owner) -> {
                        world.twoFactor.beginEnrollment(owner.proof(), EnrollmentRequest.of("alice"));
                        world.twoFactor.cancelEnrollment(ALICE);
                    }),
                    change("failures", (world, owner) -> world.fail(owner.phone(), 10)),
                    change("a wrong backup code", (world, owner) -> world.verify("0000-0000-0000-0000")),
                    change("an unlock", (world, owner) -> world.twoFactor.unlock(ALICE, "called")));
        }

        @ParameterizedTest(name = "{0}")
        @MethodSource("noChanges")
        void signInRequirement_afterWhatIsNoChangeOfTrust_isRecognized(String name, Change noChange) {
            World other = new World();
            Owner owner = other.enroll();
            BrowserToken token = other.twoFactor.rememberBrowser(owner.proof(), "Firefox");

            noChange.by(other, owner);

            assertThat(other.twoFactor.signInRequirement(ALICE, token.value()))
                    .as(name)
                    .isEqualTo(new RememberedBrowser(token.browser()));
        }
    }
}
