// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sallyport.ReleasedRecordsTest.KeptRecord;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.otp.FuzzedText;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a client sends in place of its browser token. None of it is an exception. */
class BrowserTokenFuzzTest {
    private static final String TOKEN = "phyMEgFpA3lGiI0OSLmCVmtxwx3jyRoxmwtrXEB-cBM";

    private final KeptRecord kept = KeptRecord.enabled();
    private final TwoFactor twoFactor = kept.node()
            .clock(new SteppedClock(Instant.parse("2026-03-02T12:12:30Z")))
            .build();

    static Stream<byte[]> tokens() {
        return Stream.of(TOKEN.getBytes(US_ASCII));
    }

    @MethodSource("tokens")
    @FuzzTest
    void token_anyText_isACodeUnlessItIsTheVeryToken(byte[] input) {
        String token = FuzzedText.of(input);

        assertThat(twoFactor.signInRequirement(kept.user(), Browser.ofToken(token, token)))
                .isInstanceOf(token.equals(TOKEN) ? NoCodeRequired.class : CodeRequired.class);
    }

    @MethodSource("tokens")
    @FuzzTest
    void cookie_anyText_isACodeUnlessItHasTheVeryToken(byte[] input) {
        String text = FuzzedText.of(input);
        String cookie = Browser.COOKIE_NAME + "=" + text;

        SignInRequirement ofCookie = twoFactor.signInRequirement(kept.user(), Browser.fromHeaders(cookie, text));
        SignInRequirement ofHeader = twoFactor.signInRequirement(kept.user(), Browser.fromHeaders(text, cookie));

        if (!text.contains(TOKEN)) {
            assertThat(ofCookie).isInstanceOf(CodeRequired.class);
            assertThat(ofHeader).isInstanceOf(CodeRequired.class);
        }
        if (text.strip().equals(TOKEN)) {
            assertThat(ofCookie).isInstanceOf(NoCodeRequired.class);
        }
    }
}
