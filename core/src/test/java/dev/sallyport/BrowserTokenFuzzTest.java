// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sallyport.ReleasedRecordsTest.KeptRecord;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.RememberedBrowser;
import dev.sallyport.otp.FuzzedText;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class BrowserTokenFuzzTest {
    private static final String TOKEN = "U4w7x6wfD5-dGfiA1Uwoyxj8vVnQ9dOQ_b7ZpBZq1Q4";

    private final KeptRecord kept = KeptRecord.enabled();
    private final TwoFactor twoFactor = kept.node()
            .clock(new SteppedClock(Instant.parse("2026-03-02T12:11:30Z")))
            .build();

    static Stream<byte[]> tokens() {
        return Stream.of(TOKEN.getBytes(US_ASCII));
    }

    @MethodSource("tokens")
    @FuzzTest
    void signInRequirement_anyToken_isACodeUnlessItIsTheVeryToken(byte[] input) {
        String token = FuzzedText.of(input);

        assertThat(twoFactor.signInRequirement(kept.user(), token))
                .isInstanceOf(token.equals(TOKEN) ? RememberedBrowser.class : CodeRequired.class);
    }
}
