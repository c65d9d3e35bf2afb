// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.FIREFOX;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.EnrollmentResult.BeginAgain;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Challenges, enrollment handles and sealed proofs: texts that only a node with the same key, namespace and issuer reads. */
class SealedTextsTest {
    private final World world = new World();
    private final KeyRing oldKeys = KeyRing.fromBase64("old", key(1));

    private static String key(int number) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) number;
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** What makes a node read other texts than this one, or the same. */
    private enum Node {
        SAME(builder -> builder),
        OLD_KEY_IS_STILL_CURRENT(builder ->
                builder.encryptionKeys(KeyRing.fromBase64("old", key(1)).withPreviousBase64("new", key(2)))),
        OLD_KEY_IS_PREVIOUS(builder ->
                builder.encryptionKeys(KeyRing.fromBase64("new", key(2)).withPreviousBase64("old", key(1)))),
        OLD_KEY_HAS_ANOTHER_ID(builder ->
                builder.encryptionKeys(KeyRing.fromBase64("renamed", key(1)).withPreviousBase64("old", key(1)))),
        ANOTHER_ISSUER(builder -> builder.issuer("Acme Inc"));

        @SuppressWarnings("ImmutableEnumChecker") // a lambda without state
        private final UnaryOperator<TwoFactor.Builder> change;

        Node(UnaryOperator<TwoFactor.Builder> change) {
            this.change = change;
        }

        boolean readsTheTexts() {
            return this == SAME || this == OLD_KEY_IS_STILL_CURRENT;
        }
    }

    private TwoFactor node(Node node) {
        return node.change.apply(world.node().encryptionKeys(oldKeys)).build();
    }

    private Owner enroll(TwoFactor twoFactor) {
        PendingEnrollment pending =
                twoFactor.beginEnrollment(ALICE, EnrollmentRequest.of("alice").browser(FIREFOX));
        Phone phone = Phone.scan(pending);
        Enrolled enrolled = (Enrolled) twoFactor.confirmEnrollment(pending.handle(), phone.codeAt(world.now()));
        world.clock.advance(World.STEP);
        return new Owner(phone, enrolled.authenticator(), List.of(), enrolled.proof(), Browser.none());
    }

    private static Challenge challenge(TwoFactor twoFactor, UserId user, Browser browser) {
        return ((CodeRequired) twoFactor.signInRequirement(user, browser)).challenge();
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("Abuse case 74: a proof sealed under a key that was rotated out still disabled")
    void texts_openUnderTheCurrentKeyAndTheirIssuerOnly(Node other) {
        TwoFactor twoFactor = node(Node.SAME);
        TwoFactor node = node(other);
        Owner owner = enroll(twoFactor);
        Challenge challenge = challenge(twoFactor, ALICE, FIREFOX);
        EnrollmentHandle handle = twoFactor.beginEnrollment(BOB, "bob").handle();
        String handleCode =
                Phone.scan(twoFactor.pendingEnrollment(handle).orElseThrow()).codeAt(world.now());
        String sealed = twoFactor.seal(owner.proof());
        String code = owner.phone().codeAt(world.now());

        assertThat(node.unseal(ALICE, sealed).isPresent()).isEqualTo(other.readsTheTexts());
        assertThat(node.pendingEnrollment(handle).isPresent()).isEqualTo(other.readsTheTexts());
        if (other.readsTheTexts()) {
            assertThat(node.verify(challenge, code)).isInstanceOf(Verified.class);
            assertThat(node.confirmEnrollment(handle, handleCode)).isInstanceOf(Enrolled.class);
            node.disable(node.unseal(ALICE, sealed).orElseThrow());
            return;
        }
        world.store.forgetCounts();
        assertThat(node.verify(challenge, code)).isEqualTo(new SignInAgain());
        assertThat(node.verify(challenge, code, code)).isEqualTo(new SignInAgain());
        assertThat(node.confirmEnrollment(handle, handleCode)).isEqualTo(new BeginAgain());
        assertThat(node.confirmEnrollment(handle, handleCode, handleCode)).isEqualTo(new BeginAgain());
        assertThat(world.store.finds()).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"OLD_KEY_IS_PREVIOUS", "ANOTHER_ISSUER"})
    void proof_ofAnotherKeyOrIssuer_isStale(Node other) {
        Verified proof = enroll(node(Node.SAME)).proof();
        TwoFactor node = node(other);

        assertThatThrownBy(() -> node.disable(proof)).isInstanceOf(StaleProofException.class);
        assertThatThrownBy(() -> node.seal(proof)).isInstanceOf(StaleProofException.class);
    }

    @Test
    @DisplayName("A rotation in two deployments keeps the sessions: stamps are current under the new key")
    void stamp_ofAnotherCurrentKey_isCurrent() {
        Owner owner = enroll(node(Node.SAME));

        assertThat(node(Node.OLD_KEY_IS_PREVIOUS).isCurrent(ALICE, owner.proof().stamp()))
                .isTrue();
    }

    @Test
    void texts_ofOneKind_areNoneOfAnotherKind() {
        Owner owner = world.enroll();
        TwoFactor twoFactor = world.twoFactor;
        String challenge = world.challenge(ALICE, FIREFOX).value();
        String handle = twoFactor
                .addAuthenticator(owner.proof(), EnrollmentRequest.of("alice"))
                .handle()
                .value();
        String proof = twoFactor.seal(owner.proof());
        String stamp = owner.proof().stamp().value();
        String code = owner.phone().codeAt(world.now());

        assertThat(List.of(handle, proof, stamp))
                .allSatisfy(text ->
                        assertThat(twoFactor.verify(Challenge.of(text), code)).isEqualTo(new SignInAgain()));
        assertThat(List.of(challenge, proof, stamp)).allSatisfy(text -> {
            assertThat(twoFactor.confirmEnrollment(EnrollmentHandle.of(text), code))
                    .isEqualTo(new BeginAgain());
            assertThat(twoFactor.pendingEnrollment(EnrollmentHandle.of(text))).isEmpty();
        });
        assertThat(List.of(challenge, handle, stamp))
                .allSatisfy(text -> assertThat(twoFactor.unseal(ALICE, text)).isEmpty());
        assertThat(List.of(challenge, handle, proof))
                .allSatisfy(text -> assertThat(twoFactor.isCurrent(ALICE, TrustStamp.of(text)))
                        .isFalse());
    }

    @Test
    @DisplayName("Each text is sealed under a key of its own, which the random bytes at its start decide")
    void texts_ofOneContent_haveKeysOfTheirOwn() {
        world.enroll();

        List<String> subjects = Stream.generate(
                        () -> world.challenge(ALICE, FIREFOX).value())
                .map(text -> Arrays.copyOf(Base64.getUrlDecoder().decode(text), 16))
                .map(HexFormat.of()::formatHex)
                .limit(100)
                .toList();

        assertThat(subjects).doesNotHaveDuplicates();
    }

    @Test
    void sealedProof_ofAnotherUser_isNone() {
        Owner owner = world.enroll();
        world.enroll(BOB);

        assertThat(world.twoFactor.unseal(BOB, world.twoFactor.seal(owner.proof())))
                .isEmpty();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " ", "1", "no text of ours", "AAAA"})
    void texts_thatASessionLost_areAnsweredAndNotThrown(String text) {
        Owner owner = world.enroll();
        String code = owner.phone().codeAt(world.now());

        assertThat(world.twoFactor.verify(Challenge.of(text), code)).isEqualTo(new SignInAgain());
        assertThat(world.twoFactor.stepUp(ALICE, TrustStamp.of(text), code)).isEqualTo(new SignInAgain());
        assertThat(world.twoFactor.isCurrent(ALICE, TrustStamp.of(text))).isFalse();
        assertThat(world.twoFactor.confirmEnrollment(EnrollmentHandle.of(text), code))
                .isEqualTo(new BeginAgain());
        assertThat(world.twoFactor.pendingEnrollment(EnrollmentHandle.of(text))).isEmpty();
        assertThat(world.twoFactor.unseal(ALICE, text)).isEmpty();
    }

    @Test
    @DisplayName("A text with one bit changed, anywhere, is no text of ours")
    void texts_withOneFlippedBit_openNothing() {
        Owner owner = world.enroll();
        byte[] challenge =
                Base64.getUrlDecoder().decode(world.challenge(ALICE, FIREFOX).value());
        byte[] handle = Base64.getUrlDecoder()
                .decode(world.twoFactor.beginEnrollment(BOB, "bob").handle().value());
        byte[] proof = Base64.getUrlDecoder().decode(world.twoFactor.seal(owner.proof()));
        String code = owner.phone().codeAt(world.now());

        for (String text : flipped(challenge)) {
            assertThat(world.twoFactor.verify(Challenge.of(text), code)).isEqualTo(new SignInAgain());
        }
        for (String text : flipped(handle)) {
            assertThat(world.twoFactor.pendingEnrollment(EnrollmentHandle.of(text)))
                    .isEmpty();
        }
        for (String text : flipped(proof)) {
            assertThat(world.twoFactor.unseal(ALICE, text)).isEmpty();
        }
    }

    private static List<String> flipped(byte[] bytes) {
        List<String> all = new ArrayList<>();
        for (int bit = 0; bit < bytes.length * Byte.SIZE; bit++) {
            byte[] changed = bytes.clone();
            changed[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            all.add(Base64.getUrlEncoder().withoutPadding().encodeToString(changed));
        }
        return all;
    }

    /** What the user id, the key id and the cookie can have at most. The session or the cookie of a host has to take it. */
    @Test
    void texts_ofTheLongestContent_have2048CharactersAtMostAndOpen() {
        UserId user = UserId.of("\u4e2d".repeat(255));
        String longestKeyId = "k".repeat(64);
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < Browser.MAX_TOKENS; i++) {
            byte[] token = new byte[Browser.TOKEN_BYTES];
            token[0] = (byte) i;
            tokens.add(Browser.encode(token));
        }
        Browser browser = new Browser(tokens, "b".repeat(64));
        TwoFactor twoFactor = world.node()
                .issuer("i".repeat(64))
                .namespace("n".repeat(64))
                .encryptionKeys(KeyRing.fromBase64(longestKeyId, key(1)))
                .build();
        PendingEnrollment pending =
                twoFactor.beginEnrollment(user, EnrollmentRequest.of("alice").browser(browser));
        Phone phone = Phone.scan(pending);

        assertThat(pending.handle().value()).hasSizeLessThanOrEqualTo(2048);
        Enrolled enrolled = (Enrolled) twoFactor.confirmEnrollment(pending.handle(), phone.codeAt(world.now()));
        String sealed = twoFactor.seal(enrolled.proof());
        assertThat(sealed).hasSizeLessThanOrEqualTo(2048);
        assertThat(twoFactor.unseal(user, sealed)).isPresent();
        world.clock.advance(World.STEP);
        Challenge challenge = challenge(twoFactor, user, browser);
        assertThat(challenge.value()).hasSizeLessThanOrEqualTo(2048);
        assertThat(twoFactor.verify(challenge, phone.codeAt(world.now()))).isInstanceOf(Verified.class);
    }

    @Test
    void text_ofOneMoreThan2048Characters_isNotDecoded() {
        Owner owner = world.enroll();
        String code = owner.phone().codeAt(world.now());
        String challenge = world.challenge(ALICE, FIREFOX).value();

        assertThat(world.twoFactor.verify(Challenge.of(challenge + "=".repeat(2049 - challenge.length())), code))
                .isEqualTo(new SignInAgain());
        assertThat(world.twoFactor.unseal(ALICE, "A".repeat(1 << 20))).isEmpty();
    }
}
