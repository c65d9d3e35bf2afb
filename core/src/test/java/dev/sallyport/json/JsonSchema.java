// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.json;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Checks a value against a JSON schema, draft 2020-12. It knows the keywords that the schemas of this repository have,
 * and refuses a schema with another one, so that no keyword is passed over.
 */
public final class JsonSchema {
    private static final Set<String> COMMENTS = Set.of("$schema", "title", "description", "$defs", "then", "else");

    private final Map<String, Object> root;

    private JsonSchema(Map<String, Object> root) {
        this.root = root;
    }

    /** Makes the check of a schema. */
    public static JsonSchema of(Object schema) {
        return new JsonSchema(object(schema));
    }

    /** What the value has that the schema does not allow: a sentence each, with the place. */
    public List<String> complaints(Object value) {
        return complaints(root, value, "$");
    }

    private List<String> complaints(Map<String, Object> schema, Object value, String place) {
        List<String> complaints = new ArrayList<>();
        schema.forEach((keyword, rule) -> {
            if (!COMMENTS.contains(keyword)) {
                complaints.addAll(complaints(schema, keyword, rule, value, place));
            }
        });
        return complaints;
    }

    private List<String> complaints(
            Map<String, Object> schema, String keyword, Object rule, Object value, String place) {
        return switch (keyword) {
            case "$ref" -> complaints(definition((String) rule), value, place);
            case "if" -> {
                Object then = schema.get(fits(rule, value) ? "then" : "else");
                yield then == null ? List.of() : complaints(object(then), value, place);
            }
            case "properties" -> ofMembers(object(rule), value, place);
            case "additionalProperties" -> ofOtherMembers(schema, rule, value, place);
            case "items" -> ofElements(object(rule), value, place);
            default -> holds(keyword, rule, value) ? List.of() : List.of(place + " breaks \"" + keyword + "\"");
        };
    }

    private boolean holds(String keyword, Object rule, Object value) {
        return switch (keyword) {
            case "type" -> isOfType((String) rule, value);
            case "const" -> rule.equals(value);
            case "enum" -> list(rule).contains(value);
            case "pattern" ->
                !(value instanceof String text)
                        || Pattern.compile((String) rule).matcher(text).find();
            case "minimum" -> !(value instanceof Long number) || number >= (Long) rule;
            case "minLength" -> !(value instanceof String text) || text.codePointCount(0, text.length()) >= (Long) rule;
            case "minItems" -> !(value instanceof List<?> elements) || elements.size() >= (Long) rule;
            case "uniqueItems" ->
                !(value instanceof List<?> elements) || elements.size() == new HashSet<>(elements).size();
            case "required" ->
                !(value instanceof Map<?, ?> members) || members.keySet().containsAll(list(rule));
            case "not" -> !fits(rule, value);
            case "oneOf" ->
                list(rule).stream().filter(schema -> fits(schema, value)).count() == 1;
            default -> throw new IllegalArgumentException("the schema has a keyword that is not known: " + keyword);
        };
    }

    private boolean fits(Object schema, Object value) {
        return complaints(object(schema), value, "").isEmpty();
    }

    private static boolean isOfType(String type, Object value) {
        return switch (type) {
            case "object" -> value instanceof Map;
            case "array" -> value instanceof List;
            case "string" -> value instanceof String;
            case "integer" -> value instanceof Long;
            case "boolean" -> value instanceof Boolean;
            default -> throw new IllegalArgumentException("the schema has a type that is not known: " + type);
        };
    }

    private List<String> ofMembers(Map<String, Object> schemas, Object value, String place) {
        List<String> complaints = new ArrayList<>();
        if (value instanceof Map) {
            object(value).forEach((name, member) -> {
                if (schemas.containsKey(name)) {
                    complaints.addAll(complaints(object(schemas.get(name)), member, place + "." + name));
                }
            });
        }
        return complaints;
    }

    private List<String> ofOtherMembers(Map<String, Object> schema, Object rule, Object value, String place) {
        List<String> complaints = new ArrayList<>();
        Map<String, Object> known = object(schema.getOrDefault("properties", Map.of()));
        if (value instanceof Map) {
            object(value).forEach((name, member) -> {
                if (!known.containsKey(name)) {
                    complaints.addAll(
                            rule.equals(false)
                                    ? List.of(place + " must not have \"" + name + "\"")
                                    : complaints(object(rule), member, place + "." + name));
                }
            });
        }
        return complaints;
    }

    private List<String> ofElements(Map<String, Object> schema, Object value, String place) {
        List<String> complaints = new ArrayList<>();
        if (value instanceof List<?> elements) {
            for (int i = 0; i < elements.size(); i++) {
                complaints.addAll(complaints(schema, elements.get(i), place + "[" + i + "]"));
            }
        }
        return complaints;
    }

    private Map<String, Object> definition(String reference) {
        String prefix = "#/$defs/";
        Object found = object(root.getOrDefault("$defs", Map.of())).get(reference.replace(prefix, ""));
        if (found == null || !reference.startsWith(prefix)) {
            throw new IllegalArgumentException("the schema has no definition " + reference);
        }
        return object(found);
    }

    /** The members of an object of JSON, which has to be there. */
    @SuppressWarnings("unchecked")
    public static Map<String, Object> object(@Nullable Object value) {
        return (Map<String, Object>) Objects.requireNonNull(value);
    }

    /** The elements of an array of JSON, which has to be there. */
    @SuppressWarnings("unchecked")
    public static List<Object> list(@Nullable Object value) {
        return (List<Object>) Objects.requireNonNull(value);
    }
}
