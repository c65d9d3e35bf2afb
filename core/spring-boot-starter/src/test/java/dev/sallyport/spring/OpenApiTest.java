// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.Challenge;
import dev.sallyport.spring.Answer.CodeAccepted;
import dev.sallyport.spring.Answer.Done;
import dev.sallyport.spring.Answer.Failed;
import dev.sallyport.spring.Answer.NewBackupCodes;
import dev.sallyport.spring.Problem.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletResponse;
import org.yaml.snakeyaml.Yaml;

/** Compares real answers with the OpenAPI file, in both directions. */
class OpenApiTest {
    private static final Map<String, Object> API = load();
    private static final String REF = "#/components/schemas/";

    private final SampleAnswers samples = new SampleAnswers();
    private final Rendering rendering = new Rendering(samples.now());
    /** Each property that was seen in an answer, as schema.property. */
    private final Set<String> seen = new TreeSet<>();

    private static Map<String, Object> load() {
        try (InputStream in =
                Objects.requireNonNull(OpenApiTest.class.getResourceAsStream("/META-INF/sallyport/openapi.yaml"))) {
            return new Yaml().load(in);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> in(Map<String, Object> map, String... path) {
        Map<String, Object> at = map;
        for (String name : path) {
            at = (Map<String, Object>) Objects.requireNonNull(at.get(name), name);
        }
        return at;
    }

    private static Map<String, Object> schema(String name) {
        return in(API, "components", "schemas", name);
    }

    private JsonNode json(Answer answer) {
        MockHttpServletResponse response = rendering.write(answer, Rendering.program("GET", "/two-factor/api/x"));
        try {
            return new ObjectMapper().readTree(response.getContentAsByteArray());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Checks one value. Unlike a validator, it knows only the words of OpenAPI that the file uses. */
    @SuppressWarnings("unchecked")
    private void check(String where, JsonNode value, Map<String, Object> schema) {
        if (schema.get("$ref") instanceof String ref) {
            check(ref.substring(REF.length()), value, schema(ref.substring(REF.length())));
            return;
        }
        switch (String.valueOf(schema.get("type"))) {
            case "object" -> {
                Map<String, Object> properties = in(schema, "properties");
                List<String> names = new ArrayList<>();
                value.fieldNames().forEachRemaining(names::add);
                assertThat(properties.keySet()).as(where).containsAll(names);
                assertThat(names).as(where).containsAll((List<String>) schema.getOrDefault("required", List.of()));
                for (String name : names) {
                    seen.add(where + "." + name);
                    check(where + "." + name, value.get(name), in(properties, name));
                }
            }
            case "array" -> value.forEach(element -> check(where, element, in(schema, "items")));
            case "string" -> checkText(where, value, schema);
            case "integer" -> assertThat(value.isIntegralNumber()).as(where).isTrue();
            case "boolean" -> assertThat(value.isBoolean()).as(where).isTrue();
            default -> throw new AssertionError(where + ": " + schema);
        }
    }

    private static void checkText(String where, JsonNode value, Map<String, Object> schema) {
        assertThat(value.isTextual()).as(where).isTrue();
        if (schema.get("enum") instanceof List<?> allowed) {
            assertThat(allowed.contains(value.textValue()))
                    .as(where + " " + value)
                    .isTrue();
        }
        if ("date-time".equals(schema.get("format"))) {
            assertThat(Instant.parse(value.textValue())).as(where).isNotNull();
        }
        if ("uri".equals(schema.get("format"))) {
            assertThat(java.net.URI.create(value.textValue()).isAbsolute())
                    .as(where)
                    .isTrue();
        }
    }

    private void check(String schema, Answer answer) {
        check(schema, json(answer), schema(schema));
    }

    @Test
    void answers_haveThePropertiesOfTheFile_andTheFileHasNoOthers() {
        Account account = new Account();
        account.enroll();
        var proof = account.verified();
        NewBackupCodes codes = (NewBackupCodes) samples.page("codes");

        check("Status", samples.page("settings"));
        check("Status", samples.page("off"));
        check("Enrollment", samples.page("enroll"));
        check("BackupCodes", codes);
        check("BackupCodes", new NewBackupCodes(codes.codes(), true, proof.stamp()));
        check("Proof", new CodeAccepted(proof, "sealed", "/"));
        check("Proof", new CodeAccepted(proof, null, null));
        check("Done", new Done("/two-factor"));
        check("Done", new Done("/two-factor", null, proof.stamp()));
        for (Kind kind : Kind.values()) {
            check("Problem", new Failed(Problem.of(kind)));
        }
        check(
                "Problem",
                new Failed(new Problem(
                        Kind.CLOCK_OFF, samples.now().plusSeconds(9), Duration.ofMinutes(5), Challenge.of("c"))));

        Set<String> described = new TreeSet<>();
        for (String name : List.of(
                "Status",
                "Authenticator",
                "Browser",
                "Door",
                "Lock",
                "Enrollment",
                "BackupCodes",
                "Proof",
                "Done",
                "Problem")) {
            in(schema(name), "properties").keySet().forEach(property -> described.add(name + "." + property));
        }
        assertThat(seen).isEqualTo(described);
    }

    @Test
    void problemTypes_areThoseOfTheFile() {
        assertThat(in(schema("Problem"), "properties", "type").get("enum"))
                .isEqualTo(Arrays.stream(Kind.values()).map(Kind::type).toList());
    }

    @Test
    void enrollment_containsAPictureOfTheKeyUri() {
        JsonNode enrollment = json(samples.page("enroll"));

        assertThat(enrollment.get("qrCode").textValue()).startsWith("data:image/png;base64,");
        assertThat(enrollment.get("keyUri").textValue()).startsWith("otpauth://totp/Acme");
        assertThat(enrollment.get("secretForTyping").textValue()).matches("([A-Z2-7]{4} ?)+");
    }

    /** Each reference leads somewhere, and each path has an answer for a program. */
    @Test
    void file_isComplete() {
        assertThat(API.get("openapi")).isEqualTo("3.1.0");
        assertReferences(API);
        in(API, "paths").forEach((path, item) -> {
            @SuppressWarnings("unchecked")
            Map<String, Map<String, Object>> operations = (Map<String, Map<String, Object>>) item;
            operations.values().forEach(operation -> {
                assertThat(operation).as(path).containsKeys("operationId", "summary", "responses");
                assertThat(in(operation, "responses")).as(path).containsOnlyKeys("200", "default");
            });
        });
        assertThat(in(API, "paths"))
                .containsOnlyKeys(
                        "/status",
                        "/begin",
                        "/pending",
                        "/confirm",
                        "/verify",
                        "/step-up",
                        "/remember",
                        "/regenerate",
                        "/disable",
                        "/add",
                        "/remove",
                        "/sign-out-everywhere",
                        "/forget");
        in(API, "components", "schemas")
                .keySet()
                .forEach(name -> in(schema(name), "properties")
                        .forEach((property, value) -> assertThat(in(schema(name), "properties", property))
                                .as(name + "." + property)
                                .containsKey("description")));
    }

    private static void assertReferences(Object node) {
        if (node instanceof Map<?, ?> map) {
            if (map.get("$ref") instanceof String ref) {
                assertThat(in(API, ref.substring(2).split("/"))).as(ref).isNotEmpty();
            }
            map.values().forEach(OpenApiTest::assertReferences);
        } else if (node instanceof List<?> list) {
            list.forEach(OpenApiTest::assertReferences);
        }
    }

    /** The check of this test finds what it should find. */
    @Test
    void check_ofPropertyThatTheFileDoesNotHave_fails() throws IOException {
        JsonNode more = new ObjectMapper().readTree("{\"next\":\"/\",\"secret\":\"x\"}");
        JsonNode less = new ObjectMapper().readTree("{}");

        assertThatThrownBy(() -> check("Done", more, schema("Done"))).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> check("Done", less, schema("Done"))).isInstanceOf(AssertionError.class);
    }
}
