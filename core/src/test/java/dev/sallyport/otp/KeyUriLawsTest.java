// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.URLDecoder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class KeyUriLawsTest {
    private static final String SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    @Property
    @Label("parse reads exactly what toUriString wrote")
    void parse_ownOutput_isTheSame(@ForAll("keyUris") KeyUri uri) {
        KeyUri parsed = KeyUri.parse(uri.toUriString());

        assertThat(parsed).isEqualTo(uri);
        assertThat(parsed.toUriString()).isEqualTo(uri.toUriString());
    }

    @Property
    @Label("[52] otp-java: the text is a URI of RFC 3986, and decoders that are not ours find the names in it")
    void toUriString_isAUriForOthers(@ForAll("keyUris") KeyUri uri) {
        URI others = URI.create(uri.toUriString());

        assertThat(uri.toUriString()).matches("[A-Za-z0-9._~%:/?=&-]+");
        assertThat(others.getScheme()).isEqualTo("otpauth");
        assertThat(others.getHost()).isEqualTo(uri.type() == KeyUri.Type.TOTP ? "totp" : "hotp");
        assertThat(others.getPath()).isEqualTo("/" + uri.issuer() + ":" + uri.accountName());
        assertThat(others.getRawQuery().split("&", -1))
                .extracting(parameter -> URLDecoder.decode(parameter, UTF_8))
                .startsWith("secret=" + uri.secret().toBase32(), "issuer=" + uri.issuer());
    }

    @Property
    @Label("Any text is read or refused. A text that is read is written in one form, which is read back")
    void parse_anyText_isReadOrRefused(@ForAll String text) {
        assertReadOrRefused(text);
        assertReadOrRefused("otpauth://totp/" + text);
        assertReadOrRefused("otpauth://totp/" + text + "?secret=" + SEED);
        assertReadOrRefused("otpauth://totp/alice?secret=" + text);
        assertReadOrRefused("otpauth://totp/alice?secret=" + SEED + "&issuer=" + text);
        assertReadOrRefused("otpauth://hotp/alice?secret=" + SEED + "&counter=" + text);
    }

    @Property
    @Label("A damaged key URI is read or refused")
    void parse_damaged_isReadOrRefused(@ForAll("damaged") String text) {
        assertReadOrRefused(text);
    }

    private static void assertReadOrRefused(String text) {
        KeyUri parsed;
        try {
            parsed = KeyUri.parse(text);
        } catch (IllegalArgumentException refused) {
            assertThat(refused).isExactlyInstanceOf(IllegalArgumentException.class);
            for (Throwable e = refused; e != null; e = e.getCause()) {
                assertThat(e.getMessage()).doesNotContain(SEED, SEED.substring(0, 8));
            }
            return;
        }

        assertThat(KeyUri.parse(parsed.toUriString())).isEqualTo(parsed);
        assertThat(parsed.toString()).doesNotContain(parsed.secret().toBase32());
    }

    @Provide
    Arbitrary<KeyUri> keyUris() {
        return keyUris(SharedSecretLawsTest.secretBytes().map(SharedSecret::fromBytes));
    }

    @Property
    @Label("No accepted variation of the form changes the meaning")
    void parse_otherForm_isTheSame(@ForAll("keyUris") KeyUri uri, @ForAll Random random) {
        String[] labelAndQuery = uri.toUriString().split("\\?", 2);
        List<String> parameters = new ArrayList<>(List.of(labelAndQuery[1].split("&")));
        parameters.replaceAll(parameter -> varied(parameter, random));
        parameters.addAll(List.of("unknown=1", "period=", "DIGITS"));
        Collections.shuffle(parameters, random);
        String label = labelAndQuery[0].replaceFirst("otpauth", random.nextBoolean() ? "OTPAuth" : "otpauth");

        String varied = "\uFEFF " + label + "?" + String.join("&", parameters) + "\r\n";

        if (varied.length() <= 4096) {
            assertThat(KeyUri.parse(varied)).isEqualTo(uri);
        }
    }

    private static String varied(String parameter, Random random) {
        String[] nameAndValue = parameter.split("=", 2);
        String name = random.nextBoolean() ? nameAndValue[0] : nameAndValue[0].toUpperCase(Locale.ROOT);
        String value = nameAndValue[1];
        if (nameAndValue[0].equals("secret")) {
            int middle = value.length() / 2;
            value = value.substring(0, middle).toLowerCase(Locale.ROOT) + "+" + value.substring(middle) + "%3D=";
        } else if (nameAndValue[0].equals("algorithm")) {
            value = List.of(value, "Hmac" + value, "SHA-" + value.substring(3), "Algorithm." + value)
                    .get(random.nextInt(4));
        }
        return name + "=" + (random.nextBoolean() ? "%20" : "") + value + (random.nextBoolean() ? "%0A" : "");
    }

    @Property
    @Label("An issuer with colons is read whole")
    void parse_issuerWithColons_isTheSame(
            @ForAll("names") String one, @ForAll("names") String two, @ForAll("names") String name) {
        String issuer = one + ":" + two;
        String label = PercentEncoding.encode(issuer + ":" + name);

        KeyUri parsed = KeyUri.parse(
                "otpauth://totp/" + label + "?secret=" + SEED + "&issuer=" + PercentEncoding.encode(issuer));

        assertThat(parsed.issuer()).isEqualTo(issuer);
        assertThat(parsed.accountName()).isEqualTo(name);
        assertThat(KeyUri.parse(parsed.toUriString())).isEqualTo(parsed);
    }

    private static Arbitrary<KeyUri> keyUris(Arbitrary<SharedSecret> secrets) {
        Arbitrary<HmacAlgorithm> algorithms = Arbitraries.of(HmacAlgorithm.class);
        Arbitrary<Integer> digits = Arbitraries.integers().between(6, 8);
        Arbitrary<TotpParameters> parameters = Combinators.combine(
                        algorithms,
                        digits,
                        Arbitraries.longs().between(1, Integer.MAX_VALUE).map(Duration::ofSeconds))
                .as((algorithm, length, period) -> new TotpParameters(algorithm, length, period, Instant.EPOCH));
        Arbitrary<Long> counters = Arbitraries.longs().greaterOrEqual(0);
        return Arbitraries.oneOf(
                Combinators.combine(names(), accountNames(), secrets, parameters)
                        .as(KeyUri::totp),
                Combinators.combine(names(), accountNames(), secrets, algorithms, digits, counters)
                        .as(KeyUri::hotp));
    }

    /** All of Unicode that a name may contain. */
    @Provide
    static Arbitrary<String> names() {
        Arbitrary<Integer> anything = Arbitraries.integers().between(0, Character.MAX_CODE_POINT);
        Arbitrary<Integer> ascii = Arbitraries.integers().between(' ', '~');
        return Arbitraries.oneOf(anything, ascii)
                .filter(c -> c != ':' && !Character.isISOControl(c) && Character.getType(c) != Character.SURROGATE)
                .map(Character::toString)
                .list()
                .ofMinSize(1)
                .ofMaxSize(40)
                .map(characters -> String.join("", characters))
                .filter(name -> name.equals(Characters.strip(name)));
    }

    /** These may contain colons. */
    private static Arbitrary<String> accountNames() {
        return Arbitraries.oneOf(
                names(), names().list().ofMinSize(1).ofMaxSize(3).map(names -> String.join(":", names)));
    }

    /** Key URIs, all with the same secret, in which a few runs of characters were replaced. */
    @Provide
    Arbitrary<String> damaged() {
        Arbitrary<String> pieces = Arbitraries.oneOf(
                Arbitraries.of(
                        "",
                        "%",
                        "%3A",
                        ":",
                        "&",
                        "=",
                        "#",
                        "?",
                        "/",
                        "+",
                        "%00",
                        "%FF",
                        "%C3%A9",
                        "\uD800",
                        "\u0661",
                        "&secret=",
                        "&counter=1",
                        "&period=0",
                        "otpauth://hotp/",
                        "A",
                        "0"),
                Arbitraries.strings().ofMaxLength(3));
        Arbitrary<String> damaged =
                keyUris(Arbitraries.just(SharedSecret.fromBase32(SEED))).map(KeyUri::toUriString);
        for (int i = 0; i < 3; i++) {
            damaged = Combinators.combine(
                            damaged,
                            pieces,
                            Arbitraries.integers().between(0, 999),
                            Arbitraries.integers().between(0, 3))
                    .as(KeyUriLawsTest::replace);
        }
        return damaged;
    }

    private static String replace(String text, String piece, int permille, int length) {
        int start = text.length() * permille / 1000;
        int end = Math.min(text.length(), start + length);
        return text.substring(0, start) + piece + text.substring(end);
    }
}
