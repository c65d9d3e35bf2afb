// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sallyport.otp.FuzzedText;
import java.util.Base64;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

class KeyRingFuzzTest {
    private static final Pattern PART_OF_A_KEY = Pattern.compile("(?=([A-Za-z0-9+/]{12}))");

    /** The id is the first line, the key is the rest. */
    @FuzzTest
    void fromBase64_anyTexts_isAKeyRingOrRefused(byte[] input) {
        String[] idAndKey = FuzzedText.of(input).split("\n", 2);
        String id = idAndKey[0];
        String key = idAndKey.length < 2 ? "" : idAndKey[1];
        KeyRing keys;
        try {
            keys = KeyRing.fromBase64(id, key);
        } catch (IllegalArgumentException refused) {
            assertShowsNoKey(refused, key);
            assertThat(id.matches("[!-~]{1,64}") && key.strip().matches("[A-Za-z0-9+/]{43}="))
                    .isFalse();
            return;
        }

        assertThat(id).matches("[!-~]{1,64}");
        assertThat(key.strip()).matches("[A-Za-z0-9+/]{43}=?");
        assertThat(keys.currentId()).isEqualTo(id);
        // The last symbol of a key has two bits that stand for nothing.
        String encoded = Base64.getEncoder()
                .encodeToString(Objects.requireNonNull(keys.find(id)).getEncoded());
        assertThat(encoded).startsWith(key.strip().substring(0, 42));
        assertThat(keys.toString()).doesNotContain(encoded);
    }

    private static void assertShowsNoKey(IllegalArgumentException refused, String key) {
        for (Throwable e = refused; e != null; e = e.getCause()) {
            String message = String.valueOf(e.getMessage());
            Matcher part = PART_OF_A_KEY.matcher(key);
            while (part.find()) {
                assertThat(message).doesNotContain(part.group(1));
            }
        }
    }
}
