// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.net.URLDecoder;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

class KeyUriFuzzTest {
    private static final Pattern PART_OF_A_SECRET = Pattern.compile("(?=([A-Z2-7]{8}))");
    /** The format characters belong to the ends of the text. */
    private static final String BLANKS = "[\\p{IsWhite_Space}\\p{Cc}\\p{Cf}]";

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

    /** Java's decoder of HTML forms finds the same, if it is kept from decoding a plus. */
    private static void assertReadByOthers(String text, KeyUri parsed) {
        String[] labelAndQuery = withoutEnds(text, BLANKS + "+")
                .split("(?i)otpauth://[th]otp/", 2)[1]
                .split("\\?", 2);
        String label = decode(labelAndQuery[0]);
        String issuer = parsed.issuer();
        String name = parsed.accountName();

        assertThat(parsed.secret())
                .isEqualTo(SharedSecret.fromBase32(withBlanks(parameter(labelAndQuery[1], "secret"))));
        // The label is the issuer, a colon and the name. One of the three or two of them may be missing.
        assertThat(withBlanks(label).replaceAll(BLANKS, ""))
                .isIn(Stream.of("", ":", issuer, issuer + ":", name, ":" + name, issuer + ":" + name)
                        .map(expected -> withBlanks(expected).replaceAll(BLANKS, ""))
                        .toList());
        String given = parameter(labelAndQuery[1], "issuer");
        assertThat(withBlanks(issuer).replaceAll(BLANKS, ""))
                .isEqualTo(withBlanks(given.isEmpty() ? label.substring(0, Math.max(label.indexOf(':'), 0)) : given)
                        .replaceAll(BLANKS, ""));
    }

    private static String withBlanks(String text) {
        return text.replace('+', ' ');
    }

    private static String parameter(String query, String name) {
        return Stream.of(query.split("&", -1))
                .map(parameter -> parameter.split("=", 2))
                .filter(parameter -> parameter.length == 2)
                .filter(parameter ->
                        decode(parameter[0]).toLowerCase(Locale.ROOT).equals(name))
                .map(parameter -> decode(parameter[1]))
                .filter(value -> !value.isEmpty())
                .findFirst()
                .orElse("");
    }

    private static String decode(String encoded) {
        return withoutEnds(URLDecoder.decode(encoded.replace("+", "%2B"), UTF_8), "[\\p{IsWhite_Space}\\p{Cc}]+");
    }

    private static String withoutEnds(String text, String ends) {
        return text.replaceAll("^" + ends + "|" + ends + "$", "");
    }
}
