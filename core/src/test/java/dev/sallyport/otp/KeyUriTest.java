// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.net.URI;
import java.net.URLDecoder;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyUriTest {
    private static final String BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    private static final SharedSecret SECRET = RfcSecrets.BYTES_20;

    private static KeyUri totp(String issuer, String accountName) {
        return KeyUri.totp(issuer, accountName, SECRET, TotpParameters.DEFAULT);
    }

    private static KeyUri hotp(String issuer, String accountName) {
        return KeyUri.hotp(issuer, accountName, SECRET, HmacAlgorithm.SHA1, 6, 0);
    }

    @Nested
    class ToUriString {
        @Test
        void toUriString_totpWithDefaults_leavesThemOut() {
            assertThat(totp("Acme", "alice").toUriString())
                    .isEqualTo("otpauth://totp/Acme:alice?secret=" + BASE32 + "&issuer=Acme");
        }

        @Test
        void toUriString_totpWithoutDefaults_namesAll() {
            TotpParameters parameters =
                    new TotpParameters(HmacAlgorithm.SHA512, 8, Duration.ofSeconds(60), Instant.EPOCH);

            assertThat(KeyUri.totp("Acme", "alice", SECRET, parameters).toUriString())
                    .isEqualTo("otpauth://totp/Acme:alice?secret=" + BASE32
                            + "&issuer=Acme&algorithm=SHA512&digits=8&period=60");
        }

        @Test
        void toUriString_hotp_alwaysHasTheCounter() {
            assertThat(hotp("Acme", "alice").toUriString())
                    .isEqualTo("otpauth://hotp/Acme:alice?secret=" + BASE32 + "&issuer=Acme&counter=0");
            assertThat(KeyUri.hotp("Acme", "alice", SECRET, HmacAlgorithm.SHA256, 7, Long.MAX_VALUE)
                            .toUriString())
                    .isEqualTo("otpauth://hotp/Acme:alice?secret=" + BASE32
                            + "&issuer=Acme&algorithm=SHA256&digits=7&counter=9223372036854775807");
        }

        @ParameterizedTest
        @CsvSource({
            "Johnson & Johnson, Johnson%20%26%20Johnson",
            "100%,              100%25",
            "100%25,            100%2525",
            "ACME Co,           ACME%20Co",
            "A&B=C#?/%+,        A%26B%3DC%23%3F%2F%25%2B",
            "a+b@x.org,         a%2Bb%40x.org",
            "Zürich 例,         Z%C3%BCrich%20%E4%BE%8B",
            "\uD83D\uDD11,      %F0%9F%94%91",
            "-._~,              -._~",
            "A&issuer=evil,     A%26issuer%3Devil",
            "it's (a) <b>!*,   it%27s%20%28a%29%20%3Cb%3E%21%2A"
        })
        @DisplayName("[52] RFC 3986 section 2.3: every byte that is not unreserved is encoded, and a space is %20"
                + " (pyotp #47, keycloak #52296, otp-java)")
        void toUriString_anyName_isEncodedAndReadBack(String name, String encoded) {
            KeyUri uri = totp(name, name);

            assertThat(uri.toUriString())
                    .isEqualTo(
                            "otpauth://totp/" + encoded + ":" + encoded + "?secret=" + BASE32 + "&issuer=" + encoded);
            assertThat(KeyUri.parse(uri.toUriString())).isEqualTo(uri);
        }

        @ParameterizedTest
        @ValueSource(strings = {"Johnson & Johnson", "100%", "a+b@x.org", "A&B=C#?/%+", "Zürich 例", "\uD83D\uDD11"})
        @DisplayName("[52] otp-java: two decoders that are not ours agree")
        void toUriString_anyName_isWellFormedForOthers(String name) {
            URI uri = URI.create(totp(name, name).toUriString());

            assertThat(uri.getScheme()).isEqualTo("otpauth");
            assertThat(uri.getHost()).isEqualTo("totp");
            assertThat(uri.getPath()).isEqualTo("/" + name + ":" + name);
            assertThat(URLDecoder.decode(uri.getRawQuery(), UTF_8)).isEqualTo("secret=" + BASE32 + "&issuer=" + name);
        }

        @Test
        @DisplayName("[52] google-authenticator #267: no padding, whatever the length of the secret")
        void toUriString_secretOf16Bytes_hasNoPadding() {
            SharedSecret secret = SharedSecret.fromBytes(new byte[16]);

            assertThat(KeyUri.totp("Acme", "alice", secret, TotpParameters.DEFAULT)
                            .toUriString())
                    .isEqualTo("otpauth://totp/Acme:alice?secret=AAAAAAAAAAAAAAAAAAAAAAAAAA&issuer=Acme");
        }

        @Test
        void toUriString_destroyedSecret_isRefused() {
            SharedSecret secret = SharedSecret.generate();
            KeyUri uri = KeyUri.totp("Acme", "alice", secret, TotpParameters.DEFAULT);

            secret.destroy();

            assertThatIllegalStateException().isThrownBy(uri::toUriString);
            assertThatIllegalStateException()
                    .isThrownBy(() -> KeyUri.totp("Acme", "alice", secret, TotpParameters.DEFAULT));
        }
    }

    @Nested
    class Of {
        static Stream<String> refusedNames() {
            return Stream.of(
                    "",
                    " ",
                    "a:b",
                    ":",
                    "host:8080",
                    " a",
                    "a ",
                    "\u3000a",
                    "a\u2003",
                    "a\nb",
                    "a\tb",
                    "\u0000",
                    "a\u007F",
                    "a\u0085b",
                    "a\uD800",
                    "\uDC00a",
                    "\uDD11\uD83D");
        }

        @ParameterizedTest
        @MethodSource("refusedNames")
        @DisplayName("[52] Google: \"Neither issuer nor account name may themselves contain a colon\" (otp-java)")
        void of_nameThatIsNone_isRefused(String name) {
            assertThatIllegalArgumentException().isThrownBy(() -> totp(name, "alice"));
            assertThatIllegalArgumentException().isThrownBy(() -> totp("Acme", name));
            assertThatIllegalArgumentException().isThrownBy(() -> hotp(name, "alice"));
            assertThatIllegalArgumentException().isThrownBy(() -> hotp("Acme", name));
        }

        @Test
        void totp_otherT0_isRefused() {
            TotpParameters parameters =
                    new TotpParameters(HmacAlgorithm.SHA1, 6, Duration.ofSeconds(30), Instant.ofEpochSecond(1));

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> KeyUri.totp("Acme", "alice", SECRET, parameters))
                    .withMessageContaining("t0");
        }

        @Test
        void hotp_outOfRange_isRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> KeyUri.hotp("Acme", "alice", SECRET, HmacAlgorithm.SHA1, 6, -1));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> KeyUri.hotp("Acme", "alice", SECRET, HmacAlgorithm.SHA1, 5, 0));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> KeyUri.hotp("Acme", "alice", SECRET, HmacAlgorithm.SHA1, 9, 0));
        }

        @Test
        void of_textThatParseWouldRefuse_isRefused() {
            int rest = 4096 - totp("Acme", "a").toUriString().length();

            assertThat(totp("Acme", "a".repeat(1 + rest)).toUriString()).hasSize(4096);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> totp("Acme", "a".repeat(2 + rest)))
                    .withMessage("a key URI has at most 4096 characters");
        }

        @Test
        @SuppressWarnings("NullAway")
        void of_null_isRefused() {
            assertThatNullPointerException().isThrownBy(() -> totp(null, "alice"));
            assertThatNullPointerException().isThrownBy(() -> totp("Acme", null));
            assertThatNullPointerException()
                    .isThrownBy(() -> KeyUri.totp("Acme", "alice", null, TotpParameters.DEFAULT));
            assertThatNullPointerException().isThrownBy(() -> KeyUri.totp("Acme", "alice", SECRET, null));
            assertThatNullPointerException().isThrownBy(() -> KeyUri.hotp("Acme", "alice", SECRET, null, 6, 0));
            assertThatNullPointerException().isThrownBy(() -> KeyUri.parse(null));
        }
    }

    @Nested
    class Parse {
        private static final String PARAMETERS = "?secret=" + BASE32;

        @Test
        void parse_totpWithDefaults_hasThem() {
            KeyUri uri = KeyUri.parse("otpauth://totp/Acme:alice" + PARAMETERS);

            assertThat(uri.type()).isEqualTo(KeyUri.Type.TOTP);
            assertThat(uri.issuer()).isEqualTo("Acme");
            assertThat(uri.accountName()).isEqualTo("alice");
            assertThat(uri.secret()).isEqualTo(SECRET);
            assertThat(uri.algorithm()).isEqualTo(HmacAlgorithm.SHA1);
            assertThat(uri.digits()).isEqualTo(6);
            assertThat(uri.period()).hasValue(Duration.ofSeconds(30));
            assertThat(uri.counter()).isEmpty();
        }

        @Test
        void parse_hotp_hasItsCounter() {
            KeyUri uri = KeyUri.parse(
                    "otpauth://hotp/Acme:alice?counter=42&digits=8&algorithm=SHA256&issuer=Acme&secret=" + BASE32);

            assertThat(uri).isEqualTo(KeyUri.hotp("Acme", "alice", SECRET, HmacAlgorithm.SHA256, 8, 42));
            assertThat(uri.type()).isEqualTo(KeyUri.Type.HOTP);
            assertThat(uri.period()).isEmpty();
            assertThat(uri.counter()).hasValue(42);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "otpauth://totp/Acme:alice" + PARAMETERS + "&issuer=Acme",
                    "OTPAUTH://TOTP/Acme:alice" + PARAMETERS,
                    "otpAuth://tOtP/Acme:alice" + PARAMETERS,
                    "otpauth://totp/Acme%3Aalice" + PARAMETERS,
                    "otpauth://totp/Acme%3aalice" + PARAMETERS,
                    "otpauth://totp/Acme:%20%20alice" + PARAMETERS,
                    "otpauth://totp/Acme: alice" + PARAMETERS,
                    "otpauth://totp/Acme%3A%20alice%20" + PARAMETERS,
                    "otpauth://totp/alice" + PARAMETERS + "&issuer=Acme",
                    "otpauth://totp/:alice" + PARAMETERS + "&issuer=Acme",
                    "otpauth://totp/Other:alice" + PARAMETERS + "&issuer=Acme",
                    "otpauth://totp/Acme:alice" + PARAMETERS + "&issuer=",
                    "otpauth://totp/Acme:alice" + PARAMETERS + "&issuer",
                    "otpauth://totp/%41cme:%61lice" + PARAMETERS,
                    "otpauth://totp/Acme:alice?s%65cret=" + BASE32,
                    "otpauth://totp/Acme:alice?secret=gezd%20gnbv-gy3tqojqgezdgnbvgy3tqojq=",
                    "otpauth://totp/Acme:alice?secret=" + BASE32 + "%3D%3D",
                    "otpauth://totp/Acme:alice" + PARAMETERS + "&algorithm=sha1&digits=6&period=30",
                    "otpauth://totp/Acme:alice" + PARAMETERS + "&image=https%3A%2F%2Fx.org%2Fi.png&color=ff0000",
                    "otpauth://totp/Acme:alice" + PARAMETERS + "&image=a&image=b&unknown&=&",
                    "otpauth://totp/Acme:alice" + PARAMETERS + "&counter=7",
                    "otpauth://totp/Acme:alice" + PARAMETERS + "&counter=-7",
                    "otpauth://totp/Acme:alice?&" + "secret=" + BASE32
                })
        void parse_otherWaysToSayTheSame_areTheSame(String uri) {
            assertThat(KeyUri.parse(uri)).isEqualTo(totp("Acme", "alice"));
        }

        @Test
        void parse_withoutIssuer_hasNone() {
            KeyUri uri = KeyUri.parse("otpauth://totp/alice" + PARAMETERS);

            assertThat(uri.issuer()).isEmpty();
            assertThat(uri.toUriString()).isEqualTo("otpauth://totp/alice" + PARAMETERS);
            assertThat(KeyUri.parse(uri.toUriString())).isEqualTo(uri);
        }

        @Test
        @DisplayName("[52] pyotp #47, keycloak #52296: a plus is a plus")
        void parse_plus_staysOne() {
            KeyUri uri = KeyUri.parse("otpauth://totp/A+B:a+b@x.org" + PARAMETERS + "&issuer=A+B");

            assertThat(uri).isEqualTo(totp("A+B", "a+b@x.org"));
        }

        @Test
        void parse_namesThatShouldHaveBeenEncoded_areRead() {
            KeyUri uri = KeyUri.parse("otpauth://totp/Zürich 例/\uD83D\uDD11:alice" + PARAMETERS);

            assertThat(uri).isEqualTo(totp("Zürich 例/\uD83D\uDD11", "alice"));
        }

        @Test
        void parse_periodOfHotp_isIgnored() {
            KeyUri uri = KeyUri.parse("otpauth://hotp/Acme:alice" + PARAMETERS + "&counter=0&period=none");

            assertThat(uri).isEqualTo(hotp("Acme", "alice"));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "otpauth",
                    "otpauth://",
                    "otpauth://totp",
                    "otpauth://totp/",
                    "otpauth://totp/Acme:alice",
                    "otpauth://totp/Acme:alice?",
                    "otpauth://totp/Acme:alice&secret=" + BASE32,
                    "http://hotp/x",
                    "http://totp/Acme:alice" + PARAMETERS,
                    "otpauth:totp/Acme:alice" + PARAMETERS,
                    "otpauth:///totp/Acme:alice" + PARAMETERS,
                    " otpauth://totp/Acme:alice" + PARAMETERS,
                    "otpauth://user@totp/Acme:alice" + PARAMETERS,
                    "otpauth://totp:80/Acme:alice" + PARAMETERS,
                    "otpauth://steam/Acme:alice" + PARAMETERS,
                    "otpauth-migration://offline?data=" + BASE32,
                    "otpauth://totp?secret=" + BASE32
                })
        @DisplayName("[52] otp-java: what is no key URI")
        void parse_noKeyUri_isRefused(String uri) {
            assertRefused(uri);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "otpauth://totp/" + PARAMETERS,
                    "otpauth://totp/Acme:" + PARAMETERS,
                    "otpauth://totp/Acme:%20" + PARAMETERS,
                    "otpauth://totp/Acme:alice:bob" + PARAMETERS,
                    "otpauth://totp/Acme:alice%3Abob" + PARAMETERS,
                    "otpauth://totp/Acme%3Aalice:bob" + PARAMETERS,
                    "otpauth://totp/Acme:alice%0A" + "x" + PARAMETERS,
                    "otpauth://totp/Acme:alice%00" + PARAMETERS,
                    "otpauth://totp/alice" + PARAMETERS + "&issuer=Ac:me",
                    "otpauth://totp/alice" + PARAMETERS + "&issuer=Ac%3Ame",
                    "otpauth://totp/alice" + PARAMETERS + "&issuer=Ac%1Bme"
                })
        void parse_namesThatAreNone_isRefused(String uri) {
            assertRefused(uri);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "?issuer=Acme",
                    "?secret",
                    "?secret=",
                    "?secret=GEZDGNBVGY3TQOJQ",
                    "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ0",
                    "?secret=GEZDGNBVGY3TQOJQ+GEZDGNBVGY3TQOJQ",
                    "?Secret=" + BASE32,
                    PARAMETERS + "&secret=" + BASE32,
                    PARAMETERS + "&s%65cret=" + BASE32,
                    PARAMETERS + "&issuer=Acme&issuer=Acme",
                    PARAMETERS + "&algorithm=SHA1&algorithm=SHA1",
                    PARAMETERS + "&digits=6&digits=6",
                    PARAMETERS + "&digits&digits=6",
                    PARAMETERS + "&period=30&period=30",
                    PARAMETERS + "&counter=1&counter=1",
                    PARAMETERS + "&algorithm=",
                    PARAMETERS + "&algorithm=MD5",
                    PARAMETERS + "&algorithm=SHA-256",
                    PARAMETERS + "&algorithm=HmacSHA1",
                    PARAMETERS + "&algorithm=\u017FHA1",
                    PARAMETERS + "&digits=",
                    PARAMETERS + "&digits=5",
                    PARAMETERS + "&digits=9",
                    PARAMETERS + "&digits=+6",
                    PARAMETERS + "&digits=-6",
                    PARAMETERS + "&digits=6.0",
                    PARAMETERS + "&digits=%D9%A6",
                    PARAMETERS + "&digits=\uFF16",
                    PARAMETERS + "&digits=4294967302",
                    PARAMETERS + "&digits=18446744073709551622",
                    PARAMETERS + "&period=",
                    PARAMETERS + "&period=0",
                    PARAMETERS + "&period=-30",
                    PARAMETERS + "&period=30.5",
                    PARAMETERS + "&period=30s",
                    PARAMETERS + "&period=2147483648",
                    PARAMETERS + "&period=9223372036854775807",
                    PARAMETERS + "&period=9223372036854775808",
                    PARAMETERS + "#fragment",
                    PARAMETERS + "#",
                    PARAMETERS + "&x=%",
                    PARAMETERS + "&x=%4",
                    PARAMETERS + "&x=%4G",
                    PARAMETERS + "&x=%G4",
                    PARAMETERS + "&x=%%41",
                    PARAMETERS + "&x=%+1",
                    PARAMETERS + "&x=%\uFF14\uFF11",
                    PARAMETERS + "&x=%FF",
                    PARAMETERS + "&x=%C3",
                    PARAMETERS + "&x=%C0%80",
                    PARAMETERS + "&x=%ED%A0%80",
                    PARAMETERS + "&%FF=x",
                    PARAMETERS + "&=%"
                })
        void parse_parametersThatAreNone_isRefused(String parameters) {
            assertRefused("otpauth://totp/Acme:alice" + parameters);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "&counter",
                    "&counter=",
                    "&counter=-1",
                    "&counter=+1",
                    "&counter=1e3",
                    "&counter=9223372036854775808",
                    "&counter=1&counter=1",
                    "&counter=1&period=1&period=1"
                })
        void parse_hotpWithoutItsCounter_isRefused(String parameters) {
            assertRefused("otpauth://hotp/Acme:alice" + PARAMETERS + parameters);
        }

        @Test
        void parse_unpairedSurrogate_isRefused() {
            assertRefused("otpauth://totp/Acme:alice\uD800" + PARAMETERS);
            assertRefused("otpauth://totp/Acme:\uDC00alice" + PARAMETERS);
            assertRefused("otpauth://totp/Acme:alice" + PARAMETERS + "&x=\uD83D");
        }

        @Test
        void parse_tooLong_isRefused() {
            String uri = "otpauth://totp/Acme:alice" + PARAMETERS + "&x=";

            assertThat(KeyUri.parse(uri + "y".repeat(4096 - uri.length()))).isEqualTo(totp("Acme", "alice"));
            assertRefused(uri + "y".repeat(4097 - uri.length()));
            assertRefused(uri + "y".repeat(1 << 20));
        }

        @ParameterizedTest
        @CsvSource({"digits, 9, 77335477", "period, 0, 2147483648"})
        void parse_numberOutOfRange_isNotShown(String parameter, String one, String another) {
            String uri = "otpauth://totp/Acme:alice" + PARAMETERS + "&" + parameter + "=";

            assertThat(refusal(uri + one)).isEqualTo(refusal(uri + another));
        }

        private static String refusal(String uri) {
            return String.valueOf(catchThrowable(() -> KeyUri.parse(uri)).getMessage());
        }

        private static void assertRefused(String uri) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> KeyUri.parse(uri))
                    .satisfies(e -> assertThat(e.getMessage())
                            .isNotBlank()
                            .doesNotContain("GEZD")
                            .doesNotContain("alice"));
        }
    }

    @Nested
    class Equals {
        @Test
        void equals_sameContent_isTrue() {
            assertThat(totp("Acme", "alice")).isEqualTo(totp("Acme", "alice")).hasSameHashCodeAs(totp("Acme", "alice"));
        }

        @Test
        void equals_anyDifference_isFalse() {
            KeyUri uri = KeyUri.hotp("Acme", "alice", SECRET, HmacAlgorithm.SHA1, 6, 1);

            assertThat(uri)
                    .isNotEqualTo(KeyUri.hotp("Other", "alice", SECRET, HmacAlgorithm.SHA1, 6, 1))
                    .isNotEqualTo(KeyUri.hotp("Acme", "bob", SECRET, HmacAlgorithm.SHA1, 6, 1))
                    .isNotEqualTo(KeyUri.hotp("Acme", "alice", SharedSecret.generate(), HmacAlgorithm.SHA1, 6, 1))
                    .isNotEqualTo(KeyUri.hotp("Acme", "alice", SECRET, HmacAlgorithm.SHA256, 6, 1))
                    .isNotEqualTo(KeyUri.hotp("Acme", "alice", SECRET, HmacAlgorithm.SHA1, 8, 1))
                    .isNotEqualTo(KeyUri.hotp("Acme", "alice", SECRET, HmacAlgorithm.SHA1, 6, 2))
                    .isNotEqualTo(totp("Acme", "alice"))
                    .isNotEqualTo(null);
            assertThat(totp("Acme", "alice"))
                    .isNotEqualTo(KeyUri.totp(
                            "Acme",
                            "alice",
                            SECRET,
                            new TotpParameters(HmacAlgorithm.SHA1, 6, Duration.ofSeconds(60), Instant.EPOCH)));
        }
    }

    @Nested
    class ToString {
        @Test
        @DisplayName("[45] KeeperHub #1518: neither the secret nor the account name")
        void toString_isRedacted() {
            assertThat(totp("Acme", "alice")).hasToString("KeyUri[type=TOTP, issuer=Acme]");
        }
    }
}
