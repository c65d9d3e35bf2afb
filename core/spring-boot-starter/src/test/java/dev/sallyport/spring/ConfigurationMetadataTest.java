// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.springframework.boot.json.JsonParserFactory;

/** Editors complete the properties from a file in the jar. People find them in the README. */
class ConfigurationMetadataTest {
    private static List<String> properties(Class<?> type, String prefix) {
        List<String> names = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            String name =
                    prefix + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            if (component.getType().isRecord()) {
                names.addAll(properties(component.getType(), name + "."));
            } else {
                names.add(name);
            }
        }
        return names;
    }

    /** The descriptions in the file, by the name of the property. */
    private static Map<String, String> described() throws IOException {
        Map<String, String> found = new TreeMap<>();
        String resource = "/META-INF/spring-configuration-metadata.json";
        try (InputStream in = Objects.requireNonNull(SallyportProperties.class.getResourceAsStream(resource))) {
            String json = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            Object entries = JsonParserFactory.getJsonParser().parseMap(json).get("properties");
            for (Object entry : (List<?>) Objects.requireNonNull(entries)) {
                Map<?, ?> property = (Map<?, ?>) entry;
                found.put(String.valueOf(property.get("name")), String.valueOf(property.get("description")));
            }
        }
        return found;
    }

    @Test
    void metadata_describesEachProperty() throws IOException {
        assertThat(described())
                .containsKeys(
                        properties(SallyportProperties.class, "sallyport.").toArray(String[]::new))
                .containsKey("management.endpoint.twofactor.access")
                .allSatisfy((name, description) -> assertThat(description)
                        .as(name)
                        .isNotBlank()
                        .isNotEqualTo("null")
                        .doesNotContain("{@"));
    }

    @Test
    void readme_namesEachProperty() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        assertThat(properties(SallyportProperties.class, ""))
                .allSatisfy(name -> assertThat(readme).contains("`" + name + "`"));
    }
}
