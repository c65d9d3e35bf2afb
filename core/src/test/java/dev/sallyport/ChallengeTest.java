// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.FIREFOX;
import static dev.sallyport.World.STEP;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.EnrollmentResult.BeginAgain;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import dev.sallyport.storage.StoredRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;

/** A half-finished sign-in: only Sallyport makes one, it opens one call for one user, and it ends with trust. */
class ChallengeTest {
    private static final String KEY = Base64.getEncoder().encodeToString(new byte[32]);
    private static final String NEXT_KEY = Base64.getEncoder().encodeToString(new byte[] {
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
        31, 32
    });

    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;
    private final Owner owner = world.enroll();
    private final Challenge challenge = world.challenge(ALICE, FIREFOX);

    private String right() {
        return owner.phone().codeAt(world.now());
    }

    private void assertSignInAgain(TwoFactor node, Challenge dead) {
        assertThat(node.verify(dead, right())).isEqualTo(new SignInAgain());
        assertThat(node.verify(dead, owner.backupCodes().get(0))).isEqualTo(new SignInAgain());
        assertThat(node.verify(dead, "123456", "654321")).isEqualTo(new SignInAgain());
    }

    @Test
    void equals_anotherText_isFalse() {
        assertThat(Challenge.of("a")).isEqualTo(Challenge.of("a")).isNotEqualTo(Challenge.of("b"));
        assertThat(EnrollmentHandle.of("a")).isEqualTo(EnrollmentHandle.of("a")).isNotEqualTo(EnrollmentHandle.of("b"));
    }

    private void assertDead() {
        assertSignInAgain(twoFactor, challenge);
    }

    private void assertAlive() {
        assertThat(twoFactor.verify(challenge, right())).isInstanceOf(Verified.class);
    }

    @Nested
    class Lifetime {

        @Test
        void verify_tenMinutesLaterToTheMillisecond_isAccepted() {
            world.clock.advance(Duration.ofMinutes(10));

            assertAlive();
        }

        @Test
        void verify_moreThanTenMinutesLater_isSignInAgain() {
            world.clock.advance(Duration.ofMinutes(10).plusMillis(1));

            assertDead();
        }

        @Test
        void verify_clockOfThisNodeAMinuteBehind_isAccepted() {
            world.clock.advance(Duration.ofMinutes(-1));

            assertThat(twoFactor.verify(challenge, owner.backupCodes().get(0))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_clockOfThisNodeMoreThanAMinuteBehind_isSignInAgain() {
            world.clock.advance(Duration.ofMinutes(-1).minusMillis(1));

            assertDead();
        }

        @Test
        void verify_aSecondTimeWithTheNextCode_isAccepted() {
            Challenge stranger = world.challenge(ALICE, Browser.none());
            assertThat(twoFactor.verify(stranger, right())).isInstanceOf(Verified.class);
            world.clock.advance(STEP);

            assertThat(twoFactor.verify(stranger, right())).isInstanceOf(Verified.class);
        }

        @Test
        void verify_onAnotherNode_isAccepted() {
            assertThat(world.node().build().verify(Challenge.of(challenge.value()), right()))
                    .isInstanceOf(Verified.class);
        }
    }

    @Nested
    class Trust {

        @Test
        void verify_afterTheEpochHasChanged_isSignInAgain() {
            twoFactor.endTrust(ALICE);

            assertDead();
        }

        @Test
        void verify_theEpochChangesBetweenReadAndWrite_isSignInAgain() {
            world.store.beforeNextWrite(() -> twoFactor.endTrust(ALICE));

            assertDead();
        }

        @Test
        void verify_afterItsBrowserWasForgotten_isSignInAgain() {
            Challenge known = world.challenge(ALICE, owner.browser());
            twoFactor.forgetBrowser(ALICE, owner.proof().stamp().browser().orElseThrow());

            assertSignInAgain(twoFactor, known);
            assertAlive();
        }

        @Test
        void verify_afterAnotherBrowserWasForgotten_isAccepted() {
            Verified proof = World.proof(world.verify(FIREFOX, right()));
            world.clock.advance(STEP);
            Challenge known = world.challenge(ALICE, owner.browser());
            twoFactor.forgetBrowser(ALICE, proof.stamp().browser().orElseThrow());

            assertThat(twoFactor.verify(known, right())).isInstanceOf(Verified.class);
        }

        @Test
        void verify_afterDisable_isSignInAgain() {
            twoFactor.disable(owner.proof());

            assertDead();
        }

        @Test
        void verify_afterDisableAndEnrollAgain_isSignInAgain() {
            twoFactor.disable(owner.proof());
            Owner again = world.enroll();

            assertThat(twoFactor.verify(challenge, again.phone().codeAt(world.now())))
                    .isEqualTo(new SignInAgain());
        }

        @Test
        void verify_afterTheAccountWasDeletedAndEnrolledAgain_isSignInAgain() {
            twoFactor.operator("support").deleteAccount(ALICE);
            assertDead();
            Owner again = world.enroll();

            assertThat(twoFactor.verify(challenge, again.phone().codeAt(world.now())))
                    .isEqualTo(new SignInAgain());
        }

        @Test
        void verify_deadChallenge_countsNoFailure() {
            twoFactor.endTrust(ALICE);
            for (int i = 0; i < 60; i++) {
                assertThat(twoFactor.verify(challenge, owner.phone().wrongAt(world.now())))
                        .isEqualTo(new SignInAgain());
            }

            assertThat(twoFactor.status(ALICE).strangers().failures()).isZero();
        }
    }

    @Nested
    class Binding {

        @Test
        void verify_anotherUsersChallenge_countsAndProvesForThatUserAlone() {
            Owner bob = world.enroll(BOB);

            assertThat(twoFactor.verify(challenge, bob.phone().codeAt(world.now())))
                    .isEqualTo(new Rejected());
            assertThat(twoFactor.status(BOB).strangers().failures()).isZero();
            assertThat(twoFactor.status(ALICE).strangers().failures()).isEqualTo(1);
            assertThat(World.proof(twoFactor.verify(challenge, right())).user()).isEqualTo(ALICE);
        }

        @Test
        void verify_underAnotherIssuer_isSignInAgain() {
            assertSignInAgain(world.node().issuer("Other").build(), challenge);
            assertAlive();
        }

        @Test
        void verify_underAnotherNamespace_isSignInAgain() {
            TwoFactor other = world.node().namespace("staging").build();

            // The record does not open there either, so only a challenge that does not open keeps the call from the
            // store.
            world.store.forgetCounts();
            assertSignInAgain(other, challenge);
            assertThat(world.store.finds()).isZero();
            assertAlive();
        }

        @Test
        void verify_underAnotherKey_isSignInAgain() {
            assertSignInAgain(world.node().encryptionKeys(KeyRing.generate()).build(), challenge);
            assertAlive();
        }

        @Test
        @DisplayName("Challenges open under the current key only, so that a retired key makes none")
        void verify_underAKeyThatIsPreviousHere_isSignInAgain() {
            World other = new World();
            KeyRing before = KeyRing.fromBase64("2026-11", KEY).withPreviousBase64("2026-12", NEXT_KEY);
            KeyRing after = KeyRing.fromBase64("2026-12", NEXT_KEY).withPreviousBase64("2026-11", KEY);
            TwoFactor old = other.node().encryptionKeys(before).build();
            TwoFactor fresh = other.node().encryptionKeys(after).build();
            PendingEnrollment pending = old.beginEnrollment(ALICE, "alice");
            Phone phone = Phone.scan(pending);
            old.confirmEnrollment(pending.handle(), phone.codeAt(other.now()));
            other.clock.advance(STEP);
            Challenge ofOld =
                    ((SignInRequirement.CodeRequired) old.signInRequirement(ALICE, Browser.none())).challenge();

            assertThat(fresh.verify(ofOld, phone.codeAt(other.now()))).isEqualTo(new SignInAgain());
            assertThat(old.verify(ofOld, phone.codeAt(other.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void challenge_wherePeopleTryItForSomethingElse_opensNothing() {
            String text = challenge.value();

            assertThat(twoFactor.unseal(ALICE, text)).isEmpty();
            assertThat(twoFactor.pendingEnrollment(EnrollmentHandle.of(text))).isEmpty();
            assertThat(twoFactor.confirmEnrollment(EnrollmentHandle.of(text), right()))
                    .isEqualTo(new BeginAgain());
            assertThat(twoFactor.isCurrent(ALICE, TrustStamp.of(text))).isFalse();
            assertThat(world.challenge(ALICE, Browser.ofToken(text, "App"))).isNotNull();
        }

        @Test
        void verify_textsThatOpenOtherCalls_areSignInAgain() {
            String handle = twoFactor
                    .addAuthenticator(owner.proof(), EnrollmentRequest.of("alice"))
                    .handle()
                    .value();
            StoredRecord record = world.store.find(ALICE.value()).orElseThrow();
            List<String> texts = List.of(
                    handle,
                    twoFactor.seal(owner.proof()),
                    owner.proof().stamp().value(),
                    owner.proof().browserToken().orElseThrow().value(),
                    Base64.getUrlEncoder().withoutPadding().encodeToString(record.payload()));

            assertThat(texts).allSatisfy(text -> assertSignInAgain(twoFactor, Challenge.of(text)));
        }
    }

    @Nested
    class AnyText {

        static Stream<String> texts() {
            return Stream.of(
                    "",
                    " ",
                    "x",
                    "AAAA",
                    "%%%%",
                    "+/+/",
                    "=",
                    "\u0000",
                    "\ud800",
                    "\u0661\u0662",
                    "null",
                    "AQlnZW5lcmF0ZWQ",
                    "A".repeat(160),
                    "A".repeat(2048),
                    "A".repeat(1 << 20),
                    "\ud800".repeat(1 << 20));
        }

        @ParameterizedTest
        @NullSource
        @MethodSource("texts")
        void verify_anyText_isSignInAgainWithoutTheStore(@Nullable String text) {
            world.store.forgetCounts();
            int before = world.events.size();

            assertSignInAgain(twoFactor, Challenge.of(text));

            assertThat(world.store.finds()).isZero();
            assertThat(world.events).hasSize(before);
        }

        @Test
        void verify_anyCharacterChangedOrCutOff_isSignInAgain() {
            String text = challenge.value();
            List<String> changed = new ArrayList<>(List.of(text + "A", "A" + text, text + "\n"));
            for (int i = 0; i < text.length(); i++) {
                char other = text.charAt(i) == 'B' ? 'C' : 'B';
                changed.add(text.substring(0, i));
                // The last character may have bits that stand for nothing.
                if (i < text.length() - 1) {
                    changed.add(text.substring(0, i) + other + text.substring(i + 1));
                }
            }

            assertThat(changed)
                    .allSatisfy(each -> assertThat(twoFactor.verify(Challenge.of(each), right()))
                            .isEqualTo(new SignInAgain()));
            assertAlive();
        }
    }

    @Nested
    class MalformedFirst {

        @ParameterizedTest
        @NullSource
        @MethodSource("dev.sallyport.ChallengeTest$AnyText#texts")
        void verify_malformedAndNoChallenge_isMalformedWithoutStoreAndEvent(@Nullable String text) {
            world.store.forgetCounts();
            int before = world.events.size();

            assertThat(twoFactor.verify(Challenge.of(text), "12345")).isEqualTo(new Malformed());
            assertThat(twoFactor.verify(Challenge.of(text), null)).isEqualTo(new Malformed());
            assertThat(twoFactor.verify(Challenge.of(text), "123456", null)).isEqualTo(new Malformed());

            assertThat(world.store.finds()).isZero();
            assertThat(world.events).hasSize(before);
        }

        @Test
        void verify_malformedAndADeadChallenge_isMalformedWithoutTheStore() {
            twoFactor.disable(owner.proof());
            world.clock.advance(Duration.ofDays(1));
            world.store.forgetCounts();

            assertThat(twoFactor.verify(challenge, "12345")).isEqualTo(new Malformed());

            assertThat(world.store.finds()).isZero();
            assertThat(world.lastEvent().type()).isEqualTo(Type.CODE_REJECTED);
            assertThat(world.lastEvent().rejection()).contains(Rejection.MALFORMED);
            assertThat(world.lastEvent().user()).isEqualTo(ALICE);
        }
    }

    @Nested
    class Value {

        @Test
        void value_anyChallenge_isUrlSafeTextThatTellsNothing() {
            UserId user = UserId.of("alice-who-never-changes");
            world.enroll(user);

            String text = world.challenge(user, FIREFOX).value();

            assertThat(text).matches("[A-Za-z0-9_-]{50,2048}");
            String inside = new String(Base64.getUrlDecoder().decode(text), ISO_8859_1);
            assertThat(List.of(user.value(), "Firefox", "Acme")).noneMatch(inside::contains);
        }

        @Test
        void value_twice_isTwoTexts() {
            assertThat(world.challenge(ALICE, FIREFOX).value()).isNotEqualTo(challenge.value());
        }

        @Test
        void value_longestUserIdAndFullestBrowser_isAtMost2048CharactersAndVerifies() {
            UserId user = UserId.of("\uffe6".repeat(255));
            Owner longest = world.enroll(user);
            StringBuilder cookie = new StringBuilder("__Host-sallyport=");
            for (int i = 0; i < 8; i++) {
                cookie.append(i == 0 ? "" : ".").append("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 0, 41);
                cookie.append((char) ('A' + i)).append('A');
            }
            Browser fullest = Browser.fromHeaders(cookie.toString(), "Vivaldi/ SamsungBrowser/ Android");
            assertThat(fullest.tokens()).hasSize(8);

            Challenge challengeOfTokens = world.challenge(user, fullest);
            Challenge challengeOfALabel = world.challenge(user, Browser.ofToken(null, "\uffe6".repeat(100)));

            assertThat(challengeOfTokens.value()).hasSizeLessThanOrEqualTo(2048);
            assertThat(challengeOfALabel.value()).hasSizeLessThanOrEqualTo(2048);
            assertThat(twoFactor.verify(challengeOfTokens, longest.phone().codeAt(world.now())))
                    .isInstanceOf(Verified.class);
            assertThat(twoFactor.verify(challengeOfALabel, longest.backupCodes().get(0)))
                    .isInstanceOf(Verified.class);
        }

        @Test
        void toString_anyChallenge_isRedacted() {
            assertThat(challenge.toString()).doesNotContain(challenge.value());
            assertThat(challenge).isEqualTo(Challenge.of(challenge.value())).hasSameHashCodeAs(challenge.value());
        }
    }
}
