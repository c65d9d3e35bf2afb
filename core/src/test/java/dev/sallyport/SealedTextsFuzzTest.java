// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.FIREFOX;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sallyport.EnrollmentResult.BeginAgain;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.FuzzedText;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any text at all where a challenge, a handle, a sealed proof or a stamp is expected. None of them is an exception. */
class SealedTextsFuzzTest {
    private static final World WORLD = new World();
    private static final TwoFactor TWO_FACTOR = WORLD.twoFactor;
    private static final Owner OWNER = WORLD.enroll();
    /** A backup code that nobody has. A wrong one is not counted, so that it can be typed for ever. */
    private static final String WRONG = "0000-0000-0000-0000-0000-0000";

    private static final String CHALLENGE = WORLD.challenge(ALICE, FIREFOX).value();
    private static final EnrollmentHandle HANDLE =
            TWO_FACTOR.beginEnrollment(BOB, "bob").handle();
    private static final String SEALED = TWO_FACTOR.seal(OWNER.proof());
    private static final String STAMP = OWNER.proof().stamp().value();

    static Stream<byte[]> texts() {
        String otherBits = SEALED.substring(0, SEALED.length() - 1) + "_";
        return Stream.of(
                        CHALLENGE,
                        HANDLE.value(),
                        SEALED,
                        STAMP,
                        otherBits,
                        CHALLENGE + "=",
                        "1.0000000000000000",
                        "1.ffffffffffffffff",
                        STAMP + ".0000000000000000",
                        STAMP.toUpperCase(Locale.ROOT))
                .map(text -> text.getBytes(US_ASCII));
    }

    @MethodSource("texts")
    @FuzzTest
    void challenge_anyText_isTheChallengeOrSignInAgain(byte[] input) {
        String text = FuzzedText.of(input);

        VerificationResult result = TWO_FACTOR.verify(Challenge.of(text), WRONG);

        assertThat(result).isEqualTo(isSameText(text, CHALLENGE) ? new Rejected() : new SignInAgain());
        assertThat(TWO_FACTOR.verify(Challenge.of(text), "no code")).isEqualTo(new Malformed());
    }

    @MethodSource("texts")
    @FuzzTest
    void handle_anyText_isTheHandleOrBeginAgain(byte[] input) {
        EnrollmentHandle handle = EnrollmentHandle.of(FuzzedText.of(input));
        boolean isTheHandle = isSameText(handle.value(), HANDLE.value());

        assertThat(TWO_FACTOR.pendingEnrollment(handle).isPresent()).isEqualTo(isTheHandle);
        if (!isTheHandle) {
            assertThat(TWO_FACTOR.confirmEnrollment(handle, "123456")).isEqualTo(new BeginAgain());
        }
        assertThat(TWO_FACTOR.confirmEnrollment(handle, "no code")).isEqualTo(new Malformed());
    }

    @MethodSource("texts")
    @FuzzTest
    void unseal_anyText_isTheProofOrEmpty(byte[] input) {
        String text = FuzzedText.of(input);

        Optional<Verified> proof = TWO_FACTOR.unseal(ALICE, text);

        assertThat(proof.isPresent()).isEqualTo(isSameText(text, SEALED));
        assertThat(proof.orElse(OWNER.proof()))
                .usingRecursiveComparison()
                .ignoringFields("browserToken")
                .isEqualTo(OWNER.proof());
    }

    @MethodSource("texts")
    @FuzzTest
    void stamp_anyText_isTheStampOrNotCurrent(byte[] input) {
        String text = FuzzedText.of(input);
        // Without its browser it is the stamp of a client that keeps no token, in the same epoch.
        boolean isCurrent = text.equals(STAMP) || text.equals(STAMP.substring(0, STAMP.lastIndexOf('.')));

        TrustStamp stamp = TrustStamp.of(text);

        assertThat(TWO_FACTOR.isCurrent(ALICE, stamp)).isEqualTo(isCurrent);
        assertThat(TWO_FACTOR.stepUp(ALICE, stamp, WRONG)).isEqualTo(isCurrent ? new Rejected() : new SignInAgain());
        assertThat(TrustStamp.of(stamp.value())).isEqualTo(stamp);
    }

    /** Base64 can write the same bytes with padding, and with other bits at its end that mean nothing. */
    private static boolean isSameText(String text, String expected) {
        try {
            return text.length() <= 2048
                    && Arrays.equals(
                            Base64.getUrlDecoder().decode(text),
                            Base64.getUrlDecoder().decode(expected));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
