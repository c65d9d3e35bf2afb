// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;

/**
 * A value in a JSON or YAML file, with its path, such as {@code $.users[3].id}. Each method throws {@link BadInput}
 * with the path if something else is there than asked for.
 *
 * @param path where it is
 * @param value what it is
 */
record Json(String path, JsonNode value) {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .disable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    static Json read(Path file) throws BadInput {
        return parse(JSON, "JSON", file.toString(), TextFile.read(file), "$");
    }

    static Json readYaml(Path file) throws BadInput {
        String text = TextFile.read(file);
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(Math.max(1, text.length()));
        options.setAllowDuplicateKeys(false);
        YAMLMapper yaml =
                new YAMLMapper(YAMLFactory.builder().loaderOptions(options).build());
        return parse(yaml, "YAML", file.toString(), text, "$");
    }

    /** Reads JSON that is a text inside JSON. */
    Json parsed() throws BadInput {
        return parse(JSON, "JSON", path, text(), path);
    }

    /** The messages of the parsers are not passed on, because they quote what they could not read. */
    private static Json parse(ObjectMapper mapper, String language, String where, String text, String path)
            throws BadInput {
        JsonNode read;
        try {
            read = mapper.readTree(text);
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            String line = at == null ? "" : " from line " + at.getLineNr() + ", column " + at.getColumnNr() + " on";
            throw BadInput.at(where, "it is not " + language + line);
        }
        if (read == null || read.isMissingNode()) {
            throw BadInput.at(where, "it is empty");
        }
        return new Json(path, read);
    }

    BadInput bad(String why) {
        return BadInput.at(path, why);
    }

    boolean isArray() {
        return value.isArray();
    }

    boolean isObject() {
        return value.isObject();
    }

    /** The member of that name; null if it is not there or null. */
    @Nullable
    Json optional(String name) throws BadInput {
        if (!value.isObject()) {
            throw bad("an object is expected here");
        }
        JsonNode member = value.get(name);
        return member == null || member.isNull() ? null : new Json(path + "." + name, member);
    }

    Json required(String name) throws BadInput {
        Json member = optional(name);
        if (member == null) {
            throw bad("it has no \"" + name + "\"");
        }
        return member;
    }

    List<Json> elements() throws BadInput {
        if (!value.isArray()) {
            throw bad("a list is expected here");
        }
        List<Json> elements = new ArrayList<>();
        for (int i = 0; i < value.size(); i++) {
            elements.add(new Json(path + "[" + i + "]", value.get(i)));
        }
        return elements;
    }

    /** The elements of the list of that name; none if it is not there. */
    List<Json> optionalElements(String name) throws BadInput {
        Json list = optional(name);
        return list == null ? List.of() : list.elements();
    }

    /** This text, number or boolean as a text. */
    String text() throws BadInput {
        if (!value.isValueNode()) {
            throw bad("a text or a number is expected here");
        }
        return value.asText();
    }

    @Nullable
    String optionalText(String name) throws BadInput {
        Json member = optional(name);
        return member == null ? null : member.text();
    }
}
