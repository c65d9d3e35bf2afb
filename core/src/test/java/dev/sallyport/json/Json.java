// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A strict reader of JSON, RFC 8259. Its values are {@code Map}, {@code List}, {@code String}, {@code Long} and {@code
 * Boolean}. It refuses two members of one name, {@code null}, and numbers that are not integers, because the files of
 * this repository have none of these.
 */
public final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** Reads a whole text. */
    public static Object parse(String text) {
        Json json = new Json(text);
        Object value = json.value();
        json.require(json.peek() == END, "nothing more");
        return value;
    }

    /** No character of JSON text, because control characters are not allowed there. */
    private static final char END = '\0';

    private Object value() {
        return switch (peek()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> literal("true", true);
            case 'f' -> literal("false", false);
            default -> number();
        };
    }

    private Map<String, Object> object() {
        Map<String, Object> object = new LinkedHashMap<>();
        take('{');
        while (peek() != '}') {
            if (!object.isEmpty()) {
                take(',');
            }
            require(peek() == '"', "a name");
            String name = string();
            take(':');
            require(object.put(name, value()) == null, "one member called " + name);
        }
        take('}');
        return object;
    }

    private List<Object> array() {
        List<Object> array = new ArrayList<>();
        take('[');
        while (peek() != ']') {
            if (!array.isEmpty()) {
                take(',');
            }
            array.add(value());
        }
        take(']');
        return array;
    }

    private String string() {
        StringBuilder string = new StringBuilder();
        at++;
        for (char c = next(); c != '"'; c = next()) {
            require(c >= ' ', "no control character in a string");
            string.append(c == '\\' ? escaped() : c);
        }
        return string.toString();
    }

    private char escaped() {
        char c = next();
        if (c == 'u') {
            require(at + 4 <= text.length(), "four hexadecimal digits");
            at += 4;
            return (char) Integer.parseInt(text, at - 4, at, 16);
        }
        int known = "\"\\/bfnrt".indexOf(c);
        require(known >= 0, "an escape sequence");
        return "\"\\/\b\f\n\r\t".charAt(known);
    }

    private Long number() {
        int from = at;
        while (at < text.length() && "-0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String number = text.substring(from, at);
        require(number.matches("0|-?[1-9][0-9]{0,17}"), "a value");
        return Long.valueOf(number);
    }

    private Boolean literal(String word, boolean value) {
        require(text.startsWith(word, at), "a value");
        at += word.length();
        return value;
    }

    private char peek() {
        while (at < text.length() && " \n\r\t".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return at < text.length() ? text.charAt(at) : END;
    }

    private void take(char expected) {
        require(peek() == expected, "'" + expected + "'");
        at++;
    }

    private char next() {
        require(at < text.length(), "more text");
        return text.charAt(at++);
    }

    private void require(boolean condition, String expected) {
        if (!condition) {
            throw new IllegalArgumentException("JSON: " + expected + " expected before character " + at);
        }
    }
}
