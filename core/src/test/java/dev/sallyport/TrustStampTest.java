// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.FIREFOX;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.World.Owner;
import dev.sallyport.storage.SpoiledRecordException;
import dev.sallyport.storage.StoreException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;

class TrustStampTest {
    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;

    private TrustStamp stampWithoutTwoFactor(UserId user) {
        SignInRequirement requirement = twoFactor.signInRequirement(user, FIREFOX);
        assertThat(requirement).isInstanceOf(NoCodeRequired.class);
        return ((NoCodeRequired) requirement).stamp();
    }

    private void assertCurrent(TrustStamp stamp) {
        assertThat(twoFactor.isCurrent(ALICE, stamp)).isTrue();
        assertThat(twoFactor.isCurrent(ALICE, TrustStamp.of(stamp.value()))).isTrue();
    }

    private void assertNotCurrent(TrustStamp stamp) {
        assertThat(twoFactor.isCurrent(ALICE, stamp)).isFalse();
        assertThat(twoFactor.isCurrent(ALICE, TrustStamp.of(stamp.value()))).isFalse();
    }

    @Nested
    class Value {

        @Test
        void of_theValueOfAStampWithABrowser_isThatStamp() {
            TrustStamp stamp = world.enroll().proof().stamp();

            TrustStamp back = TrustStamp.of(stamp.value());

            assertThat(back).isEqualTo(stamp).hasSameHashCodeAs(stamp);
            assertThat(back.browser()).isPresent().isEqualTo(stamp.browser());
            assertThat(back.value()).isEqualTo(stamp.value());
            assertThat(stamp.value()).matches("[0-9a-f.]{1,36}");
        }

        @Test
        void of_theValueOfAStampWithoutABrowser_isThatStamp() {
            TrustStamp stamp = twoFactor.endTrust(ALICE);

            assertThat(TrustStamp.of(stamp.value())).isEqualTo(stamp);
            assertThat(stamp.browser()).isEmpty();
            assertThat(stamp.value()).matches("[0-9a-f.]{1,36}");
        }

        @Test
        void equals_anotherEpochOrBrowser_isFalse() {
            TrustStamp stamp = new TrustStamp(1, BrowserId.of("0123456789abcdef"));

            assertThat(stamp)
                    .isNotEqualTo(new TrustStamp(2, BrowserId.of("0123456789abcdef")))
                    .isNotEqualTo(new TrustStamp(1, BrowserId.of("0123456789abcdee")))
                    .isNotEqualTo(new TrustStamp(1, null));
        }

        @Test
        void toString_anyStamp_tellsNoEpoch() {
            TrustStamp stamp = world.enroll().proof().stamp();

            assertThat(stamp.toString())
                    .doesNotContain(stamp.value())
                    .doesNotContain(stamp.value().split("\\.", -1)[1]);
        }

        static Stream<String> texts() {
            String epoch = "0123456789abcdef";
            return Stream.of(
                    "",
                    " ",
                    ".",
                    "..",
                    "...",
                    "1",
                    "1.",
                    "1.0",
                    "null",
                    epoch,
                    "1." + epoch + ".",
                    "1." + epoch + ".x",
                    "1." + epoch + "." + epoch + ".",
                    "1." + epoch + "." + epoch + "." + epoch,
                    "2." + epoch,
                    "01." + epoch,
                    "1.0123456789ABCDEF",
                    " 1." + epoch,
                    "1." + epoch + "\n",
                    "1.-123456789abcdef",
                    "1.\u0661123456789abcdef",
                    "\ud800",
                    "\u0000",
                    "1.".repeat(1 << 19),
                    "\ud800".repeat(1 << 20));
        }

        @ParameterizedTest
        @NullSource
        @MethodSource("texts")
        void isCurrent_textThatIsNoStamp_isFalseForAnyUser(@Nullable String text) {
            TrustStamp stamp = TrustStamp.of(text);
            assertThat(twoFactor.isCurrent(ALICE, stamp)).isFalse();
            world.enroll();
            twoFactor.endTrust(BOB);

            assertThat(twoFactor.isCurrent(ALICE, stamp)).isFalse();
            assertThat(twoFactor.isCurrent(BOB, stamp)).isFalse();
            // Nor does the text that is made of it again count for anything.
            assertThat(twoFactor.isCurrent(ALICE, TrustStamp.of(stamp.value()))).isFalse();
        }

        @Test
        void isCurrent_anyDigitOfTheEpochOrBrowserChanged_isFalse() {
            String text = world.enroll().proof().stamp().value();
            for (int i = 0; i < text.length(); i++) {
                char other = text.charAt(i) == '7' ? '8' : '7';
                assertThat(twoFactor.isCurrent(
                                ALICE, TrustStamp.of(text.substring(0, i) + other + text.substring(i + 1))))
                        .isFalse();
            }
        }
    }

    /** The epoch of a user who has no record, or has only begun a first enrollment. */
    @Nested
    class NoEpoch {

        @Test
        void isCurrent_userWithoutARecord_isTrueForTheStampOfTheSignIn() {
            assertCurrent(stampWithoutTwoFactor(ALICE));
            assertThat(world.rows).isEmpty();
        }

        @Test
        void isCurrent_firstEnrollmentBegun_isTrueStill() {
            TrustStamp before = stampWithoutTwoFactor(ALICE);
            twoFactor.beginEnrollment(ALICE, "alice");

            assertCurrent(before);
            assertCurrent(stampWithoutTwoFactor(ALICE));
            twoFactor.beginEnrollment(ALICE, "alice");
            assertCurrent(before);
        }

        @Test
        void isCurrent_enabled_isFalseForTheStampOfBeforeAndTrueForThatOfTheEnrollment() {
            TrustStamp before = stampWithoutTwoFactor(ALICE);
            Owner owner = world.enroll();

            assertNotCurrent(before);
            assertCurrent(owner.proof().stamp());
        }

        @Test
        void isCurrent_trustEndedWithoutARecord_isFalseForTheStampOfBefore() {
            TrustStamp before = stampWithoutTwoFactor(ALICE);

            TrustStamp after = twoFactor.endTrust(ALICE);

            assertNotCurrent(before);
            assertCurrent(after);
            assertThat(world.rows).hasSize(1);
            assertThat(stampWithoutTwoFactor(ALICE)).isEqualTo(after);
        }

        @Test
        void isCurrent_trustEndedWhileAFirstEnrollmentWaits_isFalseAndTheEnrollmentIsOver() {
            TrustStamp before = stampWithoutTwoFactor(ALICE);
            PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, "alice");
            twoFactor.endTrust(ALICE);

            assertNotCurrent(before);
            assertThat(twoFactor.pendingEnrollment(pending.handle())).isEmpty();
        }

        @Test
        void isCurrent_imported_isFalseForTheStampOfBefore() {
            TrustStamp before = stampWithoutTwoFactor(ALICE);
            world.importApp();

            assertNotCurrent(before);
        }

        @Test
        void isCurrent_disabledAgain_isFalseForTheStampOfBeforeTwoFactor() {
            TrustStamp before = stampWithoutTwoFactor(ALICE);
            Owner owner = world.enroll();

            TrustStamp after = twoFactor.disable(owner.proof());

            assertNotCurrent(before);
            assertCurrent(after);
            assertThat(stampWithoutTwoFactor(ALICE)).isEqualTo(after);
        }

        @Test
        void isCurrent_secondEnrollmentBegunAfterDisabling_keepsTheStamp() {
            TrustStamp after = twoFactor.disable(world.enroll().proof());
            twoFactor.beginEnrollment(ALICE, "alice");

            assertCurrent(after);
        }

        @Test
        void endTrust_eachTime_givesAnotherEpoch() {
            TrustStamp first = twoFactor.endTrust(ALICE);
            TrustStamp second = twoFactor.endTrust(ALICE);

            assertThat(second).isNotEqualTo(first);
            assertNotCurrent(first);
            assertCurrent(second);
        }
    }

    @Nested
    class OtherUsers {

        @Test
        void isCurrent_stampOfAnotherUser_isFalse() {
            Owner alice = world.enroll();
            Owner bob = world.enroll(BOB);

            assertNotCurrent(bob.proof().stamp());
            assertThat(twoFactor.isCurrent(BOB, alice.proof().stamp())).isFalse();
            assertCurrent(alice.proof().stamp());
        }

        @Test
        void isCurrent_browserOfAnotherUserUnderTheRightEpoch_isFalse() {
            TrustStamp alices = world.enroll().proof().stamp();
            TrustStamp bobs = world.enroll(BOB).proof().stamp();

            assertNotCurrent(new TrustStamp(alices.epoch(), bobs.browser().orElseThrow()));
        }
    }

    @Nested
    class Reading {
        private final TrustStamp stamp = world.enroll().proof().stamp();

        @Test
        void isCurrent_anyStamp_costsOneReadAndNoWriteAndNoEvent() {
            world.store.forgetCounts();
            int before = world.events.size();

            twoFactor.isCurrent(ALICE, stamp);
            assertThat(world.store.finds()).isEqualTo(1);
            twoFactor.isCurrent(ALICE, TrustStamp.of("1.0123456789abcdef"));
            assertThat(world.store.finds()).isEqualTo(2);

            assertThat(world.store.writes()).isZero();
            assertThat(world.events).hasSize(before);
        }

        @Test
        void isCurrent_onAnotherNode_isTrue() {
            assertThat(world.node().build().isCurrent(ALICE, stamp)).isTrue();
        }

        @Test
        void isCurrent_underAnotherIssuer_isTrueBecauseAStampHasNone() {
            assertThat(world.node().issuer("Other").build().isCurrent(ALICE, stamp))
                    .isTrue();
        }

        @Test
        void isCurrent_unreadableRecord_isFalse() {
            assertThat(world.node().encryptionKeys(KeyRing.generate()).build().isCurrent(ALICE, stamp))
                    .isFalse();
        }

        @Test
        void isCurrent_spoiledRow_isFalse() {
            world.store.failOnFind(new SpoiledRecordException("planted"));

            assertThat(twoFactor.isCurrent(ALICE, stamp)).isFalse();
        }

        @Test
        void isCurrent_rowBelowTheWitnessOrGone_isFalse() {
            AtomicLong witnessed = new AtomicLong();
            TwoFactor witnessing =
                    world.node().versionWitness(user -> witnessed.get()).build();
            witnessed.set(world.store.find(ALICE.value()).orElseThrow().version());
            assertThat(witnessing.isCurrent(ALICE, stamp)).isTrue();

            witnessed.incrementAndGet();
            assertThat(witnessing.isCurrent(ALICE, stamp)).isFalse();
            world.rows.clear();
            assertThat(witnessing.isCurrent(ALICE, stamp)).isFalse();
            assertThat(witnessing.isCurrent(ALICE, new TrustStamp(TrustStamp.NO_EPOCH, null)))
                    .isFalse();
        }

        @Test
        void isCurrent_failingStore_throws() {
            StoreException planted = new StoreException("planted");
            world.store.failOnFind(planted);

            assertThatThrownBy(() -> twoFactor.isCurrent(ALICE, stamp)).isSameAs(planted);
        }

        @Test
        void isCurrent_storeWithAnExceptionOfItsOwn_throwsAStoreException() {
            world.store.failOnFind(new IllegalStateException("planted"));

            assertThatThrownBy(() -> twoFactor.isCurrent(ALICE, stamp)).isInstanceOf(StoreException.class);
        }

        @Test
        @SuppressWarnings("NullAway")
        void isCurrent_null_isMisuse() {
            assertThatNullPointerException().isThrownBy(() -> twoFactor.isCurrent(ALICE, null));
            assertThatNullPointerException().isThrownBy(() -> twoFactor.isCurrent(null, stamp));
        }
    }
}
