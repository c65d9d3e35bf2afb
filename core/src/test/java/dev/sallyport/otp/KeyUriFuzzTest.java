// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.net.URLDecoder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

class KeyUriFuzzTest {
    private static final Pattern PART_OF_A_SECRET = Pattern.compile("(?=([A-Z2-7]{8}))");

    @FuzzTest
    void parse_anyText_isReadOrRefused(byte[] input) {
        String text = FuzzedText.of(input);
        KeyUri parsed;
        try {
            parsed = KeyUri.parse(text);
        } catch (IllegalArgumentException refused) {
            assertShowsNoSecret(refused, text);
            return;
        }

        String written = parsed.toUriString();
        assertThat(KeyUri.parse(written)).isEqualTo(parsed);
        assertThat(KeyUri.parse(written).toUriString()).isEqualTo(written);
        assertReadByOthers(text, parsed);
    }

    private static void assertShowsNoSecret(IllegalArgumentException refused, String text) {
        assertThat(refused).isExactlyInstanceOf(IllegalArgumentException.class);
        for (Throwable e = refused; e != null; e = e.getCause()) {
            String message = String.valueOf(e.getMessage());
            Matcher part = PART_OF_A_SECRET.matcher(text);
            while (part.find()) {
                assertThat(message).doesNotContain(part.group(1));
            }
        }
    }

    /** Java's decoder of HTML forms says the same, if a plus is kept from it. */
    private static void assertReadByOthers(String text, KeyUri parsed) {
        String[] labelAndQuery = text.substring("otpauth://totp/".length()).split("\\?", 2);
        String label = decode(labelAndQuery[0]);
        int colon = label.indexOf(':');
        String issuer = parameter(labelAndQuery[1], "issuer").strip();

        assertThat(parsed.accountName()).isEqualTo(label.substring(colon + 1).strip());
        assertThat(parsed.issuer())
                .isEqualTo(
                        issuer.isEmpty() && colon >= 0
                                ? label.substring(0, colon).strip()
                                : issuer);
        assertThat(parsed.secret()).isEqualTo(SharedSecret.fromBase32(parameter(labelAndQuery[1], "secret")));
    }

    private static String parameter(String query, String name) {
        return Stream.of(query.split("&", -1))
                .map(parameter -> parameter.split("=", 2))
                .filter(parameter -> decode(parameter[0]).equals(name) && parameter.length == 2)
                .map(parameter -> decode(parameter[1]))
                .findFirst()
                .orElse("");
    }

    private static String decode(String encoded) {
        return URLDecoder.decode(encoded.replace("+", "%2B"), UTF_8);
    }
}
