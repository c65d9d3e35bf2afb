// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sallyport.ReleasedRecordsTest.KeptRecord;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.FuzzedText;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class SealedProofFuzzTest {
    private static final KeptRecord KEPT = KeptRecord.enabled();
    private static final TwoFactor TWO_FACTOR = KEPT.node()
            .clock(new SteppedClock(Instant.parse("2026-03-02T12:12:00Z")))
            .random(new Constant())
            .build();
    private static final Verified PROOF = World.proof(TWO_FACTOR.verify(KEPT.user(), "078812"));
    private static final String SEALED = TWO_FACTOR.seal(PROOF);

    /** So that kept inputs stay near the proof. */
    private static final class Constant extends SecureRandom {
        private static final long serialVersionUID = 1L;

        @Override
        public void nextBytes(byte[] bytes) {
            Arrays.fill(bytes, (byte) 7);
        }
    }

    static Stream<byte[]> proofs() {
        return Stream.of(SEALED.getBytes(US_ASCII));
    }

    @MethodSource("proofs")
    @FuzzTest
    void unseal_anyText_isTheProofOrEmpty(byte[] input) {
        String text = FuzzedText.of(input);

        Optional<Verified> proof = TWO_FACTOR.unseal(KEPT.user(), text);

        assertThat(proof.isPresent()).isEqualTo(isTheProof(text));
        assertThat(proof.orElse(PROOF)).usingRecursiveComparison().isEqualTo(PROOF);
    }

    /** Base64 can say the same bytes with padding, and with other bits at its end that stand for nothing. */
    private static boolean isTheProof(String text) {
        try {
            return Arrays.equals(
                    Base64.getUrlDecoder().decode(text), Base64.getUrlDecoder().decode(SEALED));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
