// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.http.HttpMethod;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/**
 * The fields of a request: of a form, or of a flat JSON object. A field in the URL is none, because URLs are logged: a
 * code, a password or a handle must not be there.
 */
final class Fields {
    private static final int MAX_BYTES = 16 * 1024;
    /** What the links between our pages contain. */
    private static final Set<String> OF_LINKS = Set.of("authenticator", "backup");

    private final HttpServletRequest request;
    /** Null for a form. */
    private final @Nullable Map<String, Object> json;

    private final Set<String> inUrl;

    private Fields(HttpServletRequest request, @Nullable Map<String, Object> json) {
        this.request = request;
        this.json = json;
        this.inUrl = namesIn(request.getQueryString());
    }

    private static Set<String> namesIn(@Nullable String query) {
        Set<String> names = new HashSet<>();
        for (String pair : query == null ? new String[0] : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            try {
                names.add(URLDecoder.decode(equals < 0 ? pair : pair.substring(0, equals), StandardCharsets.UTF_8));
            } catch (IllegalArgumentException e) {
                // A broken escape is in no name of ours.
            }
        }
        return names;
    }

    /** Reads the fields. A body that is no JSON object, or is too long, has no fields. */
    static Fields of(HttpServletRequest request) throws IOException {
        return new Fields(
                request, isJson(request) ? parse(request.getInputStream().readNBytes(MAX_BYTES + 1)) : null);
    }

    private static boolean isJson(HttpServletRequest request) {
        try {
            String type = request.getContentType();
            return type != null && MediaType.APPLICATION_JSON.isCompatibleWith(MediaType.parseMediaType(type));
        } catch (InvalidMediaTypeException e) {
            return false;
        }
    }

    private static Map<String, Object> parse(byte[] body) {
        if (body.length > MAX_BYTES) {
            return Map.of();
        }
        try {
            return JsonParserFactory.getJsonParser().parseMap(new String(body, StandardCharsets.UTF_8));
        } catch (RuntimeException e) {
            // The parsers throw different exceptions, and their messages may quote a code or a password.
            return Map.of();
        }
    }

    /** {@return the text of a field; null if it is missing or blank} */
    @Nullable
    String get(String name) {
        Object value = json == null ? parameter(name) : json.get(name);
        String text =
                value instanceof String || value instanceof Number || value instanceof Boolean ? value.toString() : "";
        return text.isBlank() ? null : text;
    }

    private @Nullable String parameter(String name) {
        boolean ofLink = OF_LINKS.contains(name) && HttpMethod.GET.matches(request.getMethod());
        return inUrl.contains(name) && !ofLink ? null : request.getParameter(name);
    }

    /** Tells whether a box was checked. */
    boolean isOn(String name) {
        String value = get(name);
        return value != null && !value.equals("false") && !value.equals("off") && !value.equals("0");
    }
}
