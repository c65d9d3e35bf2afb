// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.net.URI;
import java.net.URLDecoder;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
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

        /** An app would take what is before the first colon as the issuer. */
        @Test
        void toUriString_accountNameThatBeginsWithAColonAndNoIssuer_isReadBack() {
            KeyUri parsed = KeyUri.parse("otpauth://totp/:%3Aalice?secret=" + BASE32);

            assertThat(parsed.accountName()).isEqualTo(":alice");
            assertThat(parsed.toUriString()).isEqualTo("otpauth://totp/:%3Aalice?secret=" + BASE32);
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
        @DisplayName("[52] otp-java: two decoders of the JDK agree")
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
        static Stream<Arguments> refusedNames() {
            return Stream.of(
                    arguments("", "the %s is empty"),
                    arguments(" ", "the %s begins or ends with white space or with a control character"),
                    arguments(" a", "the %s begins or ends with white space or with a control character"),
                    arguments("a ", "the %s begins or ends with white space or with a control character"),
                    arguments("\u3000a", "the %s begins or ends with white space or with a control character"),
                    arguments("a\u2003", "the %s begins or ends with white space or with a control character"),
                    arguments("a\u00A0", "the %s begins or ends with white space or with a control character"),
                    arguments("\u0000", "the %s begins or ends with white space or with a control character"),
                    arguments("a\u007F", "the %s begins or ends with white space or with a control character"),
                    arguments("a\nb", "the %s contains a control character"),
                    arguments("a\tb", "the %s contains a control character"),
                    arguments("a\u0085b", "the %s contains a control character"),
                    arguments("a\uD800", "the %s contains an unpaired surrogate"),
                    arguments("\uDC00a", "the %s contains an unpaired surrogate"),
                    arguments("\uDD11\uD83D", "the %s contains an unpaired surrogate"));
        }

        @ParameterizedTest
        @MethodSource("refusedNames")
        void of_nameThatAppsShowDifferently_isRefused(String name, String message) {
            assertRefused(() -> totp(name, "alice"), message.formatted("issuer"));
            assertRefused(() -> totp("Acme", name), message.formatted("account name"));
            assertRefused(() -> hotp(name, "alice"), message.formatted("issuer"));
            assertRefused(() -> hotp("Acme", name), message.formatted("account name"));
        }

        @ParameterizedTest
        @ValueSource(strings = {"a:b", ":", "host:8080", "https://id.example.com"})
        @DisplayName("[52] otp-java: apps take what is before the first colon as the issuer")
        void of_issuerWithAColon_isRefused(String issuer) {
            assertRefused(() -> totp(issuer, "alice"), "the issuer contains a colon");
            assertRefused(() -> hotp(issuer, "alice"), "the issuer contains a colon");
        }

        @ParameterizedTest
        @CsvSource({
            "@alice:matrix.example,     %40alice%3Amatrix.example",
            "urn:example:alice,         urn%3Aexample%3Aalice",
            "acct:alice@example.com,    acct%3Aalice%40example.com",
            "'Acme:alice',              Acme%3Aalice",
            "':',                       %3A",
            "':alice:',                 %3Aalice%3A"
        })
        void of_accountNameWithAColon_isEncodedAndReadBack(String name, String encoded) {
            KeyUri uri = totp("Acme", name);

            assertThat(uri.toUriString())
                    .isEqualTo("otpauth://totp/Acme:" + encoded + "?secret=" + BASE32 + "&issuer=Acme");
            assertThat(KeyUri.parse(uri.toUriString())).isEqualTo(uri);
        }

        private static void assertRefused(ThrowingCallable call, String message) {
            assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
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
                    "otpauth://totp/%20Acme%20:%20alice%0D%0A" + PARAMETERS + "&issuer=%09Acme%C2%A0",
                    "otpauth://totp/Acme:alice%00" + PARAMETERS,
                    "otpauth://totp/alice" + PARAMETERS + "&issuer=Acme",
                    "otpauth://totp/:alice" + PARAMETERS + "&issuer=Acme",
                    "otpauth://totp/%20:alice" + PARAMETERS + "&issuer=Acme",
                    "otpauth://totp/Acme:alice" + PARAMETERS + "&issuer=",
                    "otpauth://totp/Acme:alice" + PARAMETERS + "&issuer",
                    "otpauth://totp/Acme:alice" + PARAMETERS + "&issuer=%20",
                    "otpauth://totp/%41cme:%61lice" + PARAMETERS,
                    "otpauth://totp/Acme:alice?s%65cret=" + BASE32,
                    "otpauth://totp/Acme:alice?Secret=" + BASE32 + "&ISSUER=Acme",
                    "otpauth://totp/Acme:alice?%20secret=" + BASE32,
                    "otpauth://totp/Acme:alice?secret=&secret=" + BASE32 + "&secret",
                    "otpauth://totp/Acme:alice?secret=gezd%20gnbv-gy3tqojqgezdgnbvgy3tqojq=",
                    "otpauth://totp/Acme:alice?secret=GEZD+GNBV+GY3T+QOJQ+GEZD+GNBV+GY3T+QOJQ",
                    "otpauth://totp/Acme:alice?secret=" + BASE32 + "%3D%3D",
                    "otpauth://totp/Acme:alice?secret=" + BASE32 + "%0A",
                    "otpauth://totp/Acme:alice?secret=%00" + BASE32 + "%1F",
                    "otpauth://totp/Acme:alice" + PARAMETERS + "&algorithm=sha1&digits=6&period=30",
                    "otpauth://totp/Acme:alice" + PARAMETERS + "&algorithm=&digits=&period=",
                    "otpauth://totp/Acme:alice" + PARAMETERS + "&algorithm&digits&period&counter&encoder",
                    "otpauth://totp/Acme:alice" + PARAMETERS + "&digits&digits=6&encoder=",
                    "otpauth://totp/Acme:alice" + PARAMETERS + "&digits=%206&period=30%20",
                    "otpauth://totp/Acme:alice" + PARAMETERS + "&image=https%3A%2F%2Fx.org%2Fi.png&color=ff0000",
                    "otpauth://totp/Acme:alice" + PARAMETERS + "&image=a&image=b&unknown&=&",
                    "otpauth://totp/Acme:alice" + PARAMETERS + "&counter=7",
                    "otpauth://totp/Acme:alice" + PARAMETERS + "&counter=-7",
                    "otpauth://totp/Acme:alice?&" + "secret=" + BASE32,
                    "otpauth://totp/Acme:alice" + PARAMETERS + "\n",
                    "otpauth://totp/Acme:alice" + PARAMETERS + "\r\n",
                    " \totpauth://totp/Acme:alice" + PARAMETERS + "\u00A0",
                    "\uFEFFotpauth://totp/Acme:alice" + PARAMETERS + "&issuer=Acme\u200E\n"
                })
        void parse_otherWaysToSayTheSame_areTheSame(String uri) {
            assertThat(KeyUri.parse(uri)).isEqualTo(totp("Acme", "alice"));
        }

        @ParameterizedTest
        @CsvSource({
            // The first colon ends the issuer.
            "Microsoft:Company:first.last@company.example, Microsoft, Microsoft, Company:first.last@company.example",
            "Microsoft%3ACompany%3Afirst.last@company.example, Microsoft, Microsoft, Company:first.last@company.example",
            "Microsoft:Company:first.last@company.example, '', Microsoft, Company:first.last@company.example",
            "Battle.net:EU123412341234:, '', Battle.net, EU123412341234:",
            "Battle.net:EU123412341234:, Battle.net, Battle.net, EU123412341234:",
            "Acme:alice%3Abob, Acme, Acme, alice:bob",
            "Acme::alice, Acme, Acme, :alice",
            ":alice:bob, Acme, Acme, alice:bob",
            "':alice:bob', '', '', alice:bob",
            // An issuer parameter with colons.
            "localhost%3A8000:alice, localhost%3A8000, localhost:8000, alice",
            "localhost:8000:alice, localhost:8000, localhost:8000, alice",
            "localhost:8000:x:alice, localhost, localhost, 8000:x:alice",
            "localhost%3A8000%3Aalice:bob, localhost:8000, localhost:8000, alice:bob",
            "localhost:8000%20:%20alice, localhost:8000, localhost:8000, alice",
            "https%3A%2F%2Fid.example.com:alice, https%3A%2F%2Fid.example.com, https://id.example.com, alice",
            "https://id.example.com:alice, https://id.example.com, https://id.example.com, alice",
            "https://id.example.com, https://id.example.com, https://id.example.com, https://id.example.com",
            "https://id.example.com:, https://id.example.com, https://id.example.com, https://id.example.com",
            "alice, https://id.example.com, https://id.example.com, alice",
            ":alice, localhost:8000, localhost:8000, alice",
            // No account name.
            "Meta:, '', Meta, Meta",
            "Meta:, Meta, Meta, Meta",
            "Meta:%20, Meta, Meta, Meta",
            "'', Meta, Meta, Meta",
            "%20, Meta, Meta, Meta",
            ":, Meta, Meta, Meta",
            "Meta, Meta, Meta, Meta",
            "Meta, '', '', Meta",
            // A plus for a blank.
            "Air%20Canada:Benjamin, Air+Canada, Air Canada, Benjamin",
            "Air Canada:Benjamin, Air+Canada, Air Canada, Benjamin",
            "Air+Canada:Benjamin, Air%20Canada, Air Canada, Benjamin",
            "Air+Canada:a+b@x.org, Air%20Canada, Air Canada, a+b@x.org",
            "Air+Canada:Benjamin, Air+Canada, Air+Canada, Benjamin",
            "Air%2BCanada:Benjamin, Air+Canada, Air+Canada, Benjamin",
            "Benjamin, Air+Canada, Air+Canada, Benjamin",
            "Air+Canada, Air%20Canada, Air Canada, Air+Canada",
            "My%20Server%3A8000:alice, My+Server:8000, My Server:8000, alice",
            "C%2B%2B%20Club:alice, C%2B%2B+Club, C++ Club, alice"
        })
        void parse_namesOfOtherSystems_areReadAndWrittenInOneWay(
                String label, String parameter, String issuer, String accountName) {
            KeyUri uri = KeyUri.parse("otpauth://totp/" + label + PARAMETERS + "&issuer=" + parameter);

            assertThat(uri.issuer()).isEqualTo(issuer);
            assertThat(uri.accountName()).isEqualTo(accountName);
            assertThat(KeyUri.parse(uri.toUriString())).isEqualTo(uri);
            assertThat(KeyUri.parse(uri.toUriString()).toUriString()).isEqualTo(uri.toUriString());
        }

        @Test
        void parse_hotpWithAPlusForABlank_isRead() {
            KeyUri uri =
                    KeyUri.parse("otpauth://hotp/Air%20Canada:Benjamin" + PARAMETERS + "&issuer=Air+Canada&counter=50");

            assertThat(uri).isEqualTo(KeyUri.hotp("Air Canada", "Benjamin", SECRET, HmacAlgorithm.SHA1, 6, 50));
        }

        @ParameterizedTest
        @CsvSource({
            "SHA1, SHA1",
            "sha1, SHA1",
            "SHA-1, SHA1",
            "HmacSHA1, SHA1",
            "HMAC-SHA-1, SHA1",
            "Algorithm.sha1, SHA1",
            "sha%201, SHA1",
            "SHA_1, SHA1",
            "SHA256, SHA256",
            "SHA-256, SHA256",
            "HmacSHA256, SHA256",
            "Algorithm.sha256, SHA256",
            "SHA512, SHA512",
            "sha-512, SHA512",
            "HMAC-SHA-512, SHA512",
            "Algorithm.sha512, SHA512",
            "%20SHA512%0A, SHA512"
        })
        void parse_algorithm_isReadByItsLettersAndDigits(String spelling, HmacAlgorithm algorithm) {
            KeyUri uri = KeyUri.parse("otpauth://totp/Acme:alice" + PARAMETERS + "&algorithm=" + spelling);

            assertThat(uri.algorithm()).isEqualTo(algorithm);
        }

        @Test
        void parse_parametersInUpperCase_areNotIgnored() {
            KeyUri uri = KeyUri.parse(
                    "otpauth://totp/Acme:alice" + PARAMETERS + "&ALGORITHM=SHA256&DIGITS=8&Period=60&Issuer=Acme");

            assertThat(uri)
                    .isEqualTo(KeyUri.totp(
                            "Acme",
                            "alice",
                            SECRET,
                            new TotpParameters(HmacAlgorithm.SHA256, 8, Duration.ofSeconds(60), Instant.EPOCH)));
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

        static Stream<Arguments> textsThatAreNoKeyUri() {
            String scheme = "a key URI begins with otpauth://";
            String type = "the type of a key URI is totp or hotp, followed by a slash";
            return Stream.of(
                    arguments("", scheme),
                    arguments("\n", scheme),
                    arguments("otpauth", scheme),
                    arguments("http://hotp/x", scheme),
                    arguments("http://totp/Acme:alice" + PARAMETERS, scheme),
                    arguments("apple-otpauth://totp/Acme:alice" + PARAMETERS, scheme),
                    arguments("otpauth:totp/Acme:alice" + PARAMETERS, scheme),
                    arguments("\u017Ftpauth://totp/Acme:alice" + PARAMETERS, scheme),
                    arguments("my key: otpauth://totp/Acme:alice" + PARAMETERS, scheme),
                    arguments("otpauth://", type),
                    arguments("otpauth://totp", type),
                    arguments("otpauth://totp" + PARAMETERS, type),
                    arguments("otpauth:///totp/Acme:alice" + PARAMETERS, type),
                    arguments("otpauth://user@totp/Acme:alice" + PARAMETERS, type),
                    arguments("otpauth://totp:80/Acme:alice" + PARAMETERS, type),
                    arguments("otpauth://steam/Acme:alice" + PARAMETERS, type),
                    arguments("otpauth://yaotp/alice" + PARAMETERS, type),
                    arguments(
                            "otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8",
                            "this is an export of Google Authenticator, which holds several accounts:"
                                    + " convert it to one key URI for each account"),
                    arguments(
                            "OTPAUTH-MIGRATION://offline?data=CjEKCkhlbGxvId6tvu8",
                            "this is an export of Google Authenticator, which holds several accounts:"
                                    + " convert it to one key URI for each account"),
                    arguments("steam://" + BASE32, "this is a key of Steam Guard: its codes are not decimal digits"));
        }

        @ParameterizedTest
        @MethodSource("textsThatAreNoKeyUri")
        @DisplayName("[52] otp-java: text that is not a key URI")
        void parse_noKeyUri_isRefused(String uri, String message) {
            assertRefused(uri, message);
        }

        static Stream<Arguments> refusedNames() {
            String twoIssuers = "the key URI has two issuers: the one before the colon of the label"
                    + " differs from the issuer parameter";
            String noName = "the key URI has neither an account name nor an issuer";
            return Stream.of(
                    arguments("GitHub:test", "Gitlab", twoIssuers),
                    arguments("GitHub:test", "github", twoIssuers),
                    arguments("GitHub:test", "GitHub.com", twoIssuers),
                    arguments("GitHub.com:test", "GitHub", twoIssuers),
                    arguments("Hub:test", "GitHub", twoIssuers),
                    arguments("A%20B%20C:test", "A%20B%2BC", twoIssuers),
                    arguments("A-B:test", "A+B", twoIssuers),
                    arguments("Air%20Canada:test", "Air%2BCanada", twoIssuers),
                    arguments("localhost%3A8000:alice", "localhost:80", twoIssuers),
                    arguments("localhost:alice", "localhost:8000", twoIssuers),
                    arguments("id.example.com:alice", "https://id.example.com", twoIssuers),
                    arguments("", "", noName),
                    arguments("%20", "%20", noName),
                    arguments(":", "", noName),
                    arguments("Acme:alice%0Ax", "", "the account name contains a control character"),
                    arguments("Ac%1Bme:alice", "", "the issuer contains a control character"),
                    arguments("alice", "Ac%1Bme", "the issuer contains a control character"));
        }

        @ParameterizedTest
        @MethodSource("refusedNames")
        void parse_namesWithTwoMeanings_areRefused(String label, String issuer, String message) {
            assertRefused("otpauth://totp/" + label + PARAMETERS + "&issuer=" + issuer, message);
        }

        static Stream<Arguments> refusedParameters() {
            String algorithm = "the key URI's algorithm is none of SHA1, SHA256 and SHA512";
            String digits = "the key URI's digits is not a whole number from 0 to 9223372036854775807";
            String digitsRange = "a one-time code has 6 to 8 digits";
            String period = "the key URI's period is not a whole number from 0 to 9223372036854775807";
            String periodRange = "a period is a whole number of seconds from 1 to 2147483647";
            String encoder = "the key URI has an encoder, such as that of Steam: its codes are not decimal digits";
            String fragment = "a key URI has no fragment: a # in a name is written as %23";
            String percent = "the key URI contains a % without two hexadecimal digits behind it";
            String utf8 = "the key URI contains percent-encoded bytes that are not UTF-8";
            return Stream.of(
                    arguments("", "the key URI has no secret"),
                    arguments("?", "the key URI has no secret"),
                    arguments("?issuer=Acme", "the key URI has no secret"),
                    arguments("?secret", "the key URI has no secret"),
                    arguments("?secret=", "the key URI has no secret"),
                    arguments("?secret=%20", "the key URI has no secret"),
                    arguments("?secrets=" + BASE32, "the key URI has no secret"),
                    arguments("?secret=GEZDGNBVGY3TQOI", "a shared secret has 10 to 128 bytes, not 9"),
                    arguments(
                            "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ0",
                            "character 32 of the Base32 text of a shared secret is none of A to Z and 2 to 7"),
                    arguments(
                            "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQG",
                            "the Base32 text of a shared secret is cut off or has a letter too many:"
                                    + " no number of bytes is written with 33 letters"),
                    arguments(
                            PARAMETERS + "&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJA",
                            "the key URI has two values for the parameter secret"),
                    arguments(PARAMETERS + "&secret=" + BASE32, "the key URI has two values for the parameter secret"),
                    arguments(PARAMETERS + "&Secret=" + BASE32, "the key URI has two values for the parameter secret"),
                    arguments(
                            PARAMETERS + "&s%65cret=" + BASE32, "the key URI has two values for the parameter secret"),
                    arguments(
                            PARAMETERS + "&issuer=Acme&issuer=Acme",
                            "the key URI has two values for the parameter issuer"),
                    arguments(
                            PARAMETERS + "&algorithm=SHA1&algorithm=SHA-1",
                            "the key URI has two values for the parameter algorithm"),
                    arguments(PARAMETERS + "&digits=6&DIGITS=8", "the key URI has two values for the parameter digits"),
                    arguments(
                            PARAMETERS + "&period=30&period=30", "the key URI has two values for the parameter period"),
                    arguments(
                            PARAMETERS + "&counter=1&counter=1",
                            "the key URI has two values for the parameter counter"),
                    arguments(PARAMETERS + "&encoder=steam", encoder),
                    arguments(PARAMETERS + "&Encoder=Steam", encoder),
                    arguments(PARAMETERS + "&encoder=other", encoder),
                    arguments(PARAMETERS + "&algorithm=MD5", algorithm),
                    arguments(PARAMETERS + "&algorithm=SHA", algorithm),
                    arguments(PARAMETERS + "&algorithm=SHA384", algorithm),
                    arguments(PARAMETERS + "&algorithm=SHA-512/256", algorithm),
                    arguments(PARAMETERS + "&algorithm=HmacSHA", algorithm),
                    arguments(PARAMETERS + "&algorithm=1", algorithm),
                    arguments(PARAMETERS + "&algorithm=-", algorithm),
                    arguments(PARAMETERS + "&algorithm=\u017FHA1", algorithm),
                    arguments(PARAMETERS + "&algorithm=SHA\uFF11", algorithm),
                    arguments(
                            PARAMETERS + "&amp;digits=8", "the key URI is escaped for HTML: it has &amp; instead of &"),
                    arguments(
                            "?issuer=Acme&amp;secret=" + BASE32,
                            "the key URI is escaped for HTML: it has &amp; instead of &"),
                    arguments(PARAMETERS + "&digits=5", digitsRange),
                    arguments(PARAMETERS + "&digits=9", digitsRange),
                    arguments(PARAMETERS + "&digits=4294967302", digitsRange),
                    arguments(PARAMETERS + "&digits=+6", digits),
                    arguments(PARAMETERS + "&digits=-6", digits),
                    arguments(PARAMETERS + "&digits=6.0", digits),
                    arguments(PARAMETERS + "&digits=%D9%A6", digits),
                    arguments(PARAMETERS + "&digits=\uFF16", digits),
                    arguments(PARAMETERS + "&digits=18446744073709551622", digits),
                    arguments(PARAMETERS + "&period=0", periodRange),
                    arguments(PARAMETERS + "&period=2147483648", periodRange),
                    arguments(PARAMETERS + "&period=9223372036854775807", periodRange),
                    arguments(PARAMETERS + "&period=-30", period),
                    arguments(PARAMETERS + "&period=30.5", period),
                    arguments(PARAMETERS + "&period=30s", period),
                    arguments(PARAMETERS + "&period=9223372036854775808", period),
                    arguments(PARAMETERS + "#fragment", fragment),
                    arguments(PARAMETERS + "#", fragment),
                    arguments("#1" + PARAMETERS, fragment),
                    arguments(PARAMETERS + "&x=%", percent),
                    arguments(PARAMETERS + "&x=%4", percent),
                    arguments(PARAMETERS + "&x=%4G", percent),
                    arguments(PARAMETERS + "&x=%G4", percent),
                    arguments(PARAMETERS + "&x=%%41", percent),
                    arguments(PARAMETERS + "&x=%+1", percent),
                    arguments(PARAMETERS + "&x=%\uFF14\uFF11", percent),
                    arguments(PARAMETERS + "&=%", percent),
                    arguments("%4" + PARAMETERS, percent),
                    arguments(PARAMETERS + "&x=%FF", utf8),
                    arguments(PARAMETERS + "&x=%C3", utf8),
                    arguments(PARAMETERS + "&x=%C0%80", utf8),
                    arguments(PARAMETERS + "&x=%ED%A0%80", utf8),
                    arguments(PARAMETERS + "&%FF=x", utf8));
        }

        @ParameterizedTest
        @MethodSource("refusedParameters")
        void parse_parametersWithoutOneMeaning_areRefused(String parameters, String message) {
            assertRefused("otpauth://totp/Acme:alice" + parameters, message);
        }

        @Test
        void parse_ampersandForTheQuestionMark_isRefused() {
            assertRefused("otpauth://totp/Acme:alice&secret=" + BASE32, "the key URI has no secret");
        }

        @ParameterizedTest
        @CsvSource({
            "'', the key URI has no counter",
            "&counter, the key URI has no counter",
            "&counter=, the key URI has no counter",
            "&counter=-1, the key URI's counter is not a whole number from 0 to 9223372036854775807",
            "&counter=+1, the key URI's counter is not a whole number from 0 to 9223372036854775807",
            "&counter=1e3, the key URI's counter is not a whole number from 0 to 9223372036854775807",
            "&counter=9223372036854775808, the key URI's counter is not a whole number from 0 to 9223372036854775807",
            "&counter=1&COUNTER=2, the key URI has two values for the parameter counter",
            "&counter=1&period=1&period=1, the key URI has two values for the parameter period"
        })
        void parse_hotpWithoutOneCounter_isRefused(String parameters, String message) {
            assertRefused("otpauth://hotp/Acme:alice" + PARAMETERS + parameters, message);
        }

        @Test
        void parse_unpairedSurrogate_isRefused() {
            String message = "the key URI contains an unpaired surrogate";

            assertRefused("otpauth://totp/Acme:alice\uD800" + PARAMETERS, message);
            assertRefused("otpauth://totp/Acme:\uDC00alice" + PARAMETERS, message);
            assertRefused("otpauth://totp/Acme:alice" + PARAMETERS + "&x=\uD83D", message);
        }

        @Test
        void parse_tooLong_isRefused() {
            String uri = "otpauth://totp/Acme:alice" + PARAMETERS + "&x=";
            String message = "a key URI has at most 4096 characters";

            assertThat(KeyUri.parse(uri + "y".repeat(4096 - uri.length()))).isEqualTo(totp("Acme", "alice"));
            assertRefused(uri + "y".repeat(4097 - uri.length()), message);
            assertRefused(uri + "y".repeat(1 << 20), message);
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

        private static void assertRefused(String uri, String message) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> KeyUri.parse(uri))
                    .withMessage(message);
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
