// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import java.util.Iterator;
import java.util.Locale;
import java.util.Map;

/**
 * Writes JSON (RFC 8259), because the versions of Spring Boot that this jar runs on bring different libraries for it.
 */
final class Json {
    private Json() {}

    /**
     * Writes a value.
     *
     * @param value a map with texts as keys, an iterable, a text, a boolean or an integer
     * @return its JSON; pure ASCII, and safe to stand in HTML
     */
    static String of(Object value) {
        StringBuilder json = new StringBuilder();
        write(value, json);
        return json.toString();
    }

    private static void write(Object value, StringBuilder json) {
        if (value instanceof Map<?, ?> map) {
            String separator = "{";
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                json.append(separator);
                quote((String) entry.getKey(), json);
                json.append(':');
                write(entry.getValue(), json);
                separator = ",";
            }
            json.append(map.isEmpty() ? "{}" : "}");
        } else if (value instanceof Iterable<?> list) {
            json.append('[');
            for (Iterator<?> elements = list.iterator(); elements.hasNext(); ) {
                write(elements.next(), json);
                json.append(elements.hasNext() ? "," : "");
            }
            json.append(']');
        } else if (value instanceof String text) {
            quote(text, json);
        } else if (value instanceof Boolean || value instanceof Integer || value instanceof Long) {
            json.append(value);
        } else {
            throw new IllegalArgumentException("no JSON for " + value.getClass().getName());
        }
    }

    private static void quote(String text, StringBuilder json) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char symbol = text.charAt(i);
            if (symbol == '"' || symbol == '\\') {
                json.append('\\').append(symbol);
            } else if (symbol < ' ' || symbol > '~' || symbol == '<' || symbol == '>' || symbol == '&') {
                json.append(String.format(Locale.ROOT, "\\u%04x", (int) symbol));
            } else {
                json.append(symbol);
            }
        }
        json.append('"');
    }
}
