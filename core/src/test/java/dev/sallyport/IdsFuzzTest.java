// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sallyport.otp.FuzzedText;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

class IdsFuzzTest {

    @FuzzTest
    void of_anyText_isTheIdOrRefused(byte[] input) {
        String text = FuzzedText.of(input);
        boolean isId = text.matches("[0-9a-f]{16}");
        boolean isUserId = !text.isEmpty()
                && text.length() <= 255
                && text.indexOf(0) < 0
                && StandardCharsets.UTF_16BE.newEncoder().canEncode(text);

        assertThat(valueOrRefused(text, id -> AuthenticatorId.of(id).value())).isEqualTo(isId ? text : "refused");
        assertThat(valueOrRefused(text, id -> BrowserId.of(id).value())).isEqualTo(isId ? text : "refused");
        assertThat(valueOrRefused(text, id -> UserId.of(id).value())).isEqualTo(isUserId ? text : "refused");
    }

    private static String valueOrRefused(String text, Function<String, String> of) {
        try {
            return of.apply(text);
        } catch (IllegalArgumentException e) {
            assertThat(e).isExactlyInstanceOf(IllegalArgumentException.class);
            return "refused";
        }
    }
}
