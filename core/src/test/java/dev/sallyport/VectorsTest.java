// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sallyport.json.Json;
import dev.sallyport.json.JsonSchema;
import dev.sallyport.json.Vectors;
import dev.sallyport.json.Vectors.Vector;
import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.Hotp;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.otp.Window;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The test vectors that other libraries can read, too. Sallyport accepts what is "valid" and what is "acceptable". */
class VectorsTest {

    private static SharedSecret secret(Vector vector) {
        return SharedSecret.fromBytes(HexFormat.of().parseHex(vector.text("secretHex")));
    }

    private static HmacAlgorithm algorithm(Vector vector) {
        return HmacAlgorithm.valueOf(vector.text("algorithm"));
    }

    @Nested
    class Answers {

        static Stream<Vector> hotp() {
            return Vectors.of("hotp");
        }

        @ParameterizedTest
        @MethodSource("hotp")
        void match_hotpVector_isAnsweredAsItSays(Vector vector) {
            if (vector.has("ParameterRefused")) {
                assertThatIllegalArgumentException().isThrownBy(() -> match(vector));
            } else if (vector.isAccepted()) {
                long counter = vector.large("matchedCounter");

                assertThat(match(vector)).hasValue(counter);
                assertThat(hotpOf(vector).generate(secret(vector), counter)).isEqualTo(vector.text("code"));
            } else {
                assertThat(match(vector)).isEmpty();
            }
        }

        private static OptionalLong match(Vector vector) {
            return hotpOf(vector)
                    .match(secret(vector), vector.text("code"), vector.large("counter"), vector.number("lookAhead"));
        }

        private static Hotp hotpOf(Vector vector) {
            return Hotp.of(algorithm(vector), vector.number("digits"));
        }

        static Stream<Vector> totp() {
            return Vectors.of("totp");
        }

        @ParameterizedTest
        @MethodSource("totp")
        void match_totpVector_isAnsweredAsItSays(Vector vector) {
            if (vector.has("ParameterRefused")) {
                assertThatIllegalArgumentException().isThrownBy(() -> totpOf(vector));
                return;
            }
            Totp totp = totpOf(vector);
            long afterStep = vector.test().containsKey("afterStep") ? vector.large("afterStep") : Totp.NO_STEP;
            OptionalLong step = totp.match(
                    secret(vector),
                    vector.text("code"),
                    Instant.ofEpochSecond(vector.large("time")),
                    new Window(vector.number("past"), vector.number("future")),
                    afterStep);

            if (vector.isAccepted()) {
                long expected = vector.large("matchedStep");
                assertThat(step).hasValue(expected);
                assertThat(totp.generate(secret(vector), totp.stepStart(expected)))
                        .isEqualTo(vector.text("code"));
            } else {
                assertThat(step).isEmpty();
            }
        }

        private static Totp totpOf(Vector vector) {
            return Totp.of(new TotpParameters(
                    algorithm(vector),
                    vector.number("digits"),
                    Duration.ofSeconds(vector.number("period")),
                    Instant.ofEpochSecond(vector.large("t0"))));
        }

        static Stream<Vector> base32() {
            return Vectors.of("base32");
        }

        @ParameterizedTest
        @MethodSource("base32")
        void fromBase32_vector_isAnsweredAsItSays(Vector vector) {
            String text = vector.text("text");
            if (!vector.isAccepted()) {
                assertThatIllegalArgumentException().isThrownBy(() -> SharedSecret.fromBase32(text));
                return;
            }
            assertThat(SharedSecret.fromBase32(text)).isEqualTo(secret(vector));
            if (vector.has("Canonical")) {
                assertThat(secret(vector).toBase32()).isEqualTo(text);
            }
        }

        static Stream<Vector> keyUris() {
            return Vectors.of("key-uri");
        }

        @ParameterizedTest
        @MethodSource("keyUris")
        void keyUri_vector_isAnsweredAsItSays(Vector vector) {
            switch (vector.text("type")) {
                case "KeyUriParse" -> assertParsed(vector);
                case "KeyUriWrite" -> assertWritten(vector);
                default -> throw new AssertionError(vector.text("type"));
            }
        }

        private static void assertParsed(Vector vector) {
            String uri = vector.text("uri");
            if (!vector.isAccepted()) {
                assertThatIllegalArgumentException().isThrownBy(() -> KeyUri.parse(uri));
                return;
            }
            Vector expected = vector.object("expected");
            KeyUri parsed = KeyUri.parse(uri);

            assertThat(parsed.type().name()).isEqualToIgnoringCase(expected.text("type"));
            assertThat(parsed.issuer()).isEqualTo(expected.text("issuer"));
            assertThat(parsed.accountName()).isEqualTo(expected.text("account"));
            assertThat(parsed.secret()).isEqualTo(secret(expected));
            assertThat(parsed.algorithm()).isEqualTo(algorithm(expected));
            assertThat(parsed.digits()).isEqualTo(expected.number("digits"));
            if (parsed.type() == KeyUri.Type.TOTP) {
                assertThat(parsed.period()).hasValue(Duration.ofSeconds(expected.number("period")));
            } else {
                assertThat(parsed.counter()).hasValue(expected.large("counter"));
            }
        }

        private static void assertWritten(Vector vector) {
            if (!vector.isAccepted()) {
                assertThatIllegalArgumentException().isThrownBy(() -> keyUriOf(vector.object("content")));
                return;
            }
            KeyUri uri = keyUriOf(vector.object("content"));

            assertThat(uri.toUriString()).isEqualTo(vector.text("uri"));
            assertThat(KeyUri.parse(uri.toUriString())).isEqualTo(uri);
        }

        private static KeyUri keyUriOf(Vector content) {
            String issuer = content.text("issuer");
            String account = content.text("account");
            if (content.text("type").equals("hotp")) {
                long counter = content.large("counter");
                return KeyUri.hotp(
                        issuer, account, secret(content), algorithm(content), content.number("digits"), counter);
            }
            Duration period = Duration.ofSeconds(content.number("period"));
            return KeyUri.totp(
                    issuer,
                    account,
                    secret(content),
                    new TotpParameters(algorithm(content), content.number("digits"), period, Instant.EPOCH));
        }

        static Stream<Vector> typedCodes() {
            return Vectors.of("typed-codes");
        }

        @ParameterizedTest
        @MethodSource("typedCodes")
        void parse_typedCodeVector_isAnsweredAsItSays(Vector vector) {
            TypedCode code = TypedCode.parse(vector.text("typed"));

            if (vector.isAccepted()) {
                TypedCode.Kind kind = switch (vector.text("type")) {
                    case "OneTimeCode" -> TypedCode.Kind.ONE_TIME_CODE;
                    case "BackupCode" -> TypedCode.Kind.BACKUP_CODE;
                    case "TemporaryCode" -> TypedCode.Kind.TEMPORARY_CODE;
                    default -> throw new AssertionError(vector.text("type"));
                };
                assertThat(code).isEqualTo(new TypedCode(kind, vector.text("code")));
            } else {
                assertThat(code).isNull();
            }
        }
    }

    @Nested
    @DisplayName("The files are what their README says")
    class Form {
        @SuppressWarnings("unused") // named by @FieldSource
        static final List<String> KINDS = Vectors.KINDS;

        @Test
        void folder_hasTheKindsThatAreTested_andTheirSchemas() throws IOException, URISyntaxException {
            Path folder = Path.of(
                    Objects.requireNonNull(getClass().getResource("/vectors")).toURI());
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".json")))
                        .containsExactlyInAnyOrderElementsOf(Vectors.KINDS.stream()
                                .flatMap(kind -> Stream.of(kind + ".json", kind + ".schema.json"))
                                .toList());
            }
        }

        @ParameterizedTest
        @FieldSource("KINDS")
        void file_ofAnyKind_keepsToItsSchema(String kind) {
            Map<String, Object> file = Vectors.read(kind + ".json");

            assertThat(file).containsEntry("schema", kind + ".schema.json");
            assertThat(JsonSchema.of(Vectors.read(kind + ".schema.json")).complaints(file))
                    .isEmpty();
        }

        @ParameterizedTest
        @FieldSource("KINDS")
        void tests_ofAFile_areAsManyAsItSaysAndNumberedInOrder(String kind) {
            long number =
                    (Long) Objects.requireNonNull(Vectors.read(kind + ".json").get("numberOfTests"));

            assertThat(Vectors.of(kind).map(Vector::id))
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, number).boxed().toList());
        }

        @ParameterizedTest
        @FieldSource("KINDS")
        void flags_ofAFile_areThoseOfItsNotes(String kind) {
            Set<Object> used = new HashSet<>();
            Vectors.of(kind).forEach(vector -> used.addAll(vector.flags()));

            assertThat(JsonSchema.object(Vectors.read(kind + ".json").get("notes"))
                            .keySet())
                    .isEqualTo(used);
        }

        @ParameterizedTest
        @FieldSource("KINDS")
        void results_ofAFile_areOfAllThreeKinds(String kind) {
            assertThat(Vectors.of(kind).map(vector -> vector.text("result")).distinct())
                    .containsExactlyInAnyOrder("valid", "acceptable", "invalid");
        }
    }

    @Nested
    @DisplayName("The check of the schemas finds what is planted")
    class Planted {
        private static final String GOOD = """
                {"schema": "hotp.schema.json", "algorithm": "HOTP", "vectorsVersion": 1, "numberOfTests": 1,
                 "header": ["h"], "notes": {}, "testGroups": [{
                 "type": "HotpMatch", "algorithm": "SHA1", "digits": 6, "secretHex": "00ff", "tests": [{
                 "tcId": 1, "comment": "c", "flags": [], "result": "valid",
                 "counter": "0", "lookAhead": 0, "code": "1", "matchedCounter": "0"}]}]}""";

        private static List<String> complaints(String file) {
            return JsonSchema.of(Vectors.read("hotp.schema.json")).complaints(Json.parse(file));
        }

        @Test
        void file_withoutAMistake_isNotComplainedAbout() {
            assertThat(complaints(GOOD)).isEmpty();
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '!',
                quoteCharacter = '`',
                value = {
                    "\"tcId\": 1! \"tcId\": 0",
                    "\"tcId\": 1! \"tcId\": \"1\"",
                    "\"tcId\": 1,! ``",
                    "\"comment\": \"c\"! \"comment\": \"\"",
                    "\"result\": \"valid\"! \"result\": \"fine\"",
                    "\"result\": \"valid\"! \"result\": \"invalid\"",
                    ", \"matchedCounter\": \"0\"! ``",
                    "\"flags\": []! \"flags\": [\"a\", \"a\"]",
                    "\"flags\": []! \"flags\": [1]",
                    "\"counter\": \"0\"! \"counter\": \"00\"",
                    "\"counter\": \"0\"! \"counter\": 0",
                    "00ff! 00f",
                    "00ff! 00FF",
                    "\"notes\": {}! \"notes\": {\"Flag\": 1}",
                    "\"notes\": {}! \"notes\": {}, \"more\": 1",
                    "\"header\": [\"h\"]! \"header\": []",
                    "HotpMatch! TotpMatch",
                })
        void file_withAMistake_isComplainedAbout(String from, String to) {
            assertThat(GOOD).contains(from);

            assertThat(complaints(GOOD.replace(from, to))).hasSize(1);
        }

        @Test
        void complaint_namesThePlace() {
            assertThat(complaints(GOOD.replace("\"tcId\": 1", "\"tcId\": 0")))
                    .containsExactly("$.testGroups[0].tests[0].tcId breaks \"minimum\"");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "{\"maxLength\": 1}",
                    "{\"type\": \"text\"}",
                    "{\"$ref\": \"#/$defs/none\"}",
                    "{\"oneOf\": [{\"format\": \"uri\"}]}"
                })
        void schema_withAnUnknownKeyword_isRefused(String schema) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> JsonSchema.of(Json.parse(schema)).complaints(Json.parse("\"x\"")));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "{",
                    "[1,]",
                    "[1 2]",
                    "{\"a\":1,}",
                    "{\"a\" 1}",
                    "{a:1}",
                    "{\"a\":1,\"a\":2}",
                    "\"\n\"",
                    "\"\\x\"",
                    "\"\\u12\"",
                    "\"open",
                    "01",
                    "-0",
                    "1.5",
                    "1e5",
                    "null",
                    "tru",
                    "1 1",
                    "9223372036854775808"
                })
        void json_thatIsNone_isRefused(String text) {
            assertThatIllegalArgumentException().isThrownBy(() -> Json.parse(text));
        }

        @Test
        void json_withEveryKindOfValue_isRead() {
            assertThat(Json.parse(" {\"a\": [true, false, -12, {}], \"b\\u00e9\": \"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}\r\n"))
                    .isEqualTo(Map.of("a", List.of(true, false, -12L, Map.of()), "b\u00e9", "\"\\/\b\f\n\r\t"));
        }
    }
}
