// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** The test vectors below {@code /vectors}, whose README says what they mean. */
public final class Vectors {
    /** The files, without their ends. */
    public static final List<String> KINDS = List.of("hotp", "totp", "base32", "key-uri", "typed-codes");

    private Vectors() {}

    /** A file of the folder. */
    public static Map<String, Object> read(String fileName) {
        try (InputStream in = Objects.requireNonNull(Vectors.class.getResourceAsStream("/vectors/" + fileName))) {
            return JsonSchema.object(Json.parse(new String(in.readAllBytes(), UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All vectors of a kind. */
    public static Stream<Vector> of(String kind) {
        return of(read(kind + ".json"));
    }

    /** All vectors of a file. */
    public static Stream<Vector> of(Map<String, Object> file) {
        return JsonSchema.list(file.get("testGroups")).stream()
                .map(JsonSchema::object)
                .flatMap(group -> JsonSchema.list(group.get("tests")).stream()
                        .map(test -> new Vector(group, JsonSchema.object(test))));
    }

    /**
     * One vector.
     *
     * @param group the members that its group has
     * @param test its own members
     */
    public record Vector(Map<String, Object> group, Map<String, Object> test) {

        /** {@return the number in its file} */
        public long id() {
            return (Long) value("tcId");
        }

        /** {@return whether the input is accepted, by every library or by some} */
        public boolean isAccepted() {
            return !text("result").equals("invalid");
        }

        /** Whether it has this flag. */
        public boolean has(String flag) {
            return flags().contains(flag);
        }

        /** {@return what it is about} */
        public List<Object> flags() {
            return JsonSchema.list(value("flags"));
        }

        /** A member that is text. */
        public String text(String name) {
            return (String) value(name);
        }

        /** A member that is a small number. */
        public int number(String name) {
            return Math.toIntExact((Long) value(name));
        }

        /** A member that is a number of up to 64 bits. */
        public long large(String name) {
            return Long.parseLong(text(name));
        }

        /** A member that is an object. */
        public Vector object(String name) {
            return new Vector(Map.of(), JsonSchema.object(value(name)));
        }

        private Object value(String name) {
            Object own = test.get(name);
            return Objects.requireNonNull(own != null ? own : group.get(name), name);
        }

        /** Shown as the name of a test. */
        @Override
        public String toString() {
            return test.get("tcId") + ": " + test.get("comment") + ", " + test.get("result");
        }
    }
}
