// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The browser or app that a user signs in with, as a request describes it: the tokens that it has kept, and a label for
 * people. Any text from the client is accepted without an exception. A token counts only if the user's record has its
 * hash. Redacted in {@link #toString()}. Immutable.
 */
public final class Browser {
    static final String COOKIE_NAME = "__Host-sallyport";
    static final int MAX_TOKENS = 8;
    static final int TOKEN_BYTES = 32;

    private static final int TOKEN_LENGTH = 43;
    private static final int MAX_HEADER_LENGTH = 8192;
    private static final int MAX_LABEL_BYTES = 64;
    private static final Browser NONE = new Browser(List.of(), null);

    /**
     * Product tokens of the User-Agent header, the more specific ones first: Edge and Opera also call themselves
     * Chrome.
     */
    private static final List<Map.Entry<String, String>> NAMES = List.of(
            Map.entry("Edg", "Edge"),
            Map.entry("OPR/", "Opera"),
            Map.entry("SamsungBrowser/", "Samsung Internet"),
            Map.entry("Vivaldi/", "Vivaldi"),
            Map.entry("FxiOS/", "Firefox"),
            Map.entry("Firefox/", "Firefox"),
            Map.entry("CriOS/", "Chrome"),
            Map.entry("Chrome/", "Chrome"),
            Map.entry("Safari/", "Safari"));

    private static final List<Map.Entry<String, String>> SYSTEMS = List.of(
            Map.entry("Android", "Android"),
            Map.entry("iPhone", "iOS"),
            Map.entry("iPad", "iPadOS"),
            Map.entry("CrOS", "ChromeOS"),
            Map.entry("Windows", "Windows"),
            Map.entry("Mac OS X", "macOS"),
            Map.entry("Linux", "Linux"));

    private final List<String> tokens;
    /** Null for a client that keeps no token. */
    private final @Nullable String label;

    Browser(List<String> tokens, @Nullable String label) {
        this.tokens = List.copyOf(tokens);
        this.label = label;
    }

    /**
     * A web browser, from two headers of the request. The label is made from the User-Agent header, such as "Firefox on
     * Linux".
     *
     * @param cookieHeader the Cookie header, or null
     * @param userAgentHeader the User-Agent header, or null
     * @return the browser
     */
    public static Browser fromHeaders(@Nullable String cookieHeader, @Nullable String userAgentHeader) {
        return new Browser(tokensOf(cookieHeader), labelOf(userAgentHeader));
    }

    /**
     * An app that keeps its token in a keystore.
     *
     * @param token what {@link BrowserToken#value()} returned, or null at the first sign-in; anything else is ignored
     * @param label what the user calls the device; a label of more than 64 UTF-8 bytes is cut, and control characters
     *     are dropped
     * @return the browser
     */
    public static Browser ofToken(@Nullable String token, String label) {
        List<String> tokens = token != null && isToken(token) ? List.of(token) : List.of();
        String fit = Text.fit(label, MAX_LABEL_BYTES);
        return new Browser(tokens, fit.isEmpty() ? "Unnamed device" : fit);
    }

    /**
     * A client that keeps nothing, such as a command line. It never becomes a known browser, so its wrong codes always
     * count together with those of all unknown browsers.
     *
     * @return the same object each time
     */
    public static Browser none() {
        return NONE;
    }

    List<String> tokens() {
        return tokens;
    }

    /** Null for a client that keeps no token. */
    @Nullable
    String label() {
        return label;
    }

    private static List<String> tokensOf(@Nullable String cookieHeader) {
        if (cookieHeader == null || cookieHeader.length() > MAX_HEADER_LENGTH) {
            return List.of();
        }
        List<String> tokens = new ArrayList<>();
        for (String cookie : cookieHeader.split(";", -1)) {
            int equals = cookie.indexOf('=');
            // Only spaces: a browser lets other sites set a name with any other white space in front of the prefix.
            if (equals > 0 && trim(cookie.substring(0, equals)).equals(COOKIE_NAME)) {
                tokens.addAll(List.of(trim(cookie.substring(equals + 1)).split("\\.", -1)));
            }
        }
        return tokens.stream()
                .filter(Browser::isToken)
                .distinct()
                .limit(MAX_TOKENS)
                .toList();
    }

    /** RFC 6265 section 5.4: a cookie is separated from the next one by a semicolon and a space. */
    private static String trim(String text) {
        int start = 0;
        int end = text.length();
        while (start < end && (text.charAt(start) == ' ' || text.charAt(start) == '\t')) {
            start++;
        }
        while (end > start && (text.charAt(end - 1) == ' ' || text.charAt(end - 1) == '\t')) {
            end--;
        }
        return text.substring(start, end);
    }

    /**
     * Accepts only the spelling that {@link #encode} writes. The decoder alone would also accept surplus bits at the
     * end.
     */
    static boolean isToken(String text) {
        if (text.length() != TOKEN_LENGTH) {
            return false;
        }
        try {
            return encode(Base64.getUrlDecoder().decode(text)).equals(text);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    static String encode(byte[] token) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
    }

    private static String labelOf(@Nullable String userAgent) {
        String text = userAgent == null || userAgent.length() > MAX_HEADER_LENGTH ? "" : userAgent;
        String name = firstFound(text, NAMES, "Unknown browser");
        String system = firstFound(text, SYSTEMS, "");
        return system.isEmpty() ? name : name + " on " + system;
    }

    private static String firstFound(String text, List<Map.Entry<String, String>> words, String otherwise) {
        return words.stream()
                .filter(word -> text.contains(word.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(otherwise);
    }

    @Override
    public String toString() {
        return "Browser[tokens=" + tokens.size() + ", label=" + label + "]";
    }
}
