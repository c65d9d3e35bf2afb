// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.testing;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The cookies of one browser that visits one application. It takes the values of {@code Set-Cookie} headers, and gives
 * the value of the {@code Cookie} header. It sends nothing itself, so it works with every HTTP client, and with none.
 *
 * <p>A browser sends Secure cookies to {@code http://localhost} too. The cookie handlers of most HTTP clients do not,
 * {@code java.net.CookieManager} among them. A test over HTTP then loses the {@code __Host-} cookie that makes a
 * browser a known one.
 *
 * <pre>{@code
 * CookieJar cookies = new CookieJar();
 * cookies.header().ifPresent(cookie -> request.header("Cookie", cookie));
 * HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
 * cookies.keep(response.headers().allValues("Set-Cookie"));
 * }</pre>
 *
 * <p>A cookie that a browser would drop without a word is refused with an exception, so that the test finds the
 * mistake. The jar does not look at Domain, at Path and at how long a cookie lives, except for a {@code Max-Age} of
 * zero or less, which deletes the cookie. It has no limit on the number or the size of cookies. Safe for use by many
 * threads.
 */
public final class CookieJar {
    private final Map<String, String> cookies = new LinkedHashMap<>();

    /** Makes an empty jar: a browser that was never here. */
    public CookieJar() {}

    /**
     * Does with the cookies of a response what a browser does: keeps, replaces or deletes them.
     *
     * @param setCookies the values of the response's {@code Set-Cookie} headers, in their order
     * @throws IllegalArgumentException if a browser would drop one of them, which are the rules of RFC 6265bis: a
     *     cookie has a name; a {@code __Host-} cookie is Secure, has {@code Path=/} and no Domain; a {@code __Secure-}
     *     cookie is Secure. The message names the cookie and the rule. The ones before it are kept
     */
    public synchronized void keep(Iterable<String> setCookies) {
        setCookies.forEach(this::keepOne);
    }

    private void keepOne(String setCookie) {
        String[] parts = setCookie.split(";", -1);
        int equals = parts[0].indexOf('=');
        String name = equals < 0 ? "" : parts[0].substring(0, equals).strip();
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a Set-Cookie header begins with a name and an equals sign");
        }
        Map<String, String> attributes = attributes(parts);
        requireThatBrowsersKeepIt(name, attributes);
        if (attributes.getOrDefault("max-age", "1").matches("-[0-9]+|0+")) {
            cookies.remove(name);
        } else {
            cookies.put(name, parts[0].substring(equals + 1).strip());
        }
    }

    /** By their names in lower case. Of two with one name the last counts. */
    private static Map<String, String> attributes(String[] parts) {
        Map<String, String> attributes = new LinkedHashMap<>();
        for (int i = 1; i < parts.length; i++) {
            String[] attribute = parts[i].split("=", 2);
            attributes.put(
                    attribute[0].strip().toLowerCase(Locale.ROOT), attribute.length == 2 ? attribute[1].strip() : "");
        }
        return attributes;
    }

    private static void requireThatBrowsersKeepIt(String name, Map<String, String> attributes) {
        // Browsers do not distinguish upper and lower case in the prefixes.
        String lowerCase = name.toLowerCase(Locale.ROOT);
        boolean host = lowerCase.startsWith("__host-");
        if ((host || lowerCase.startsWith("__secure-")) && !attributes.containsKey("secure")) {
            throw refused(name, "it is not Secure");
        }
        if (host && !attributes.getOrDefault("path", "").equals("/")) {
            throw refused(name, "its Path is not /");
        }
        if (host && attributes.containsKey("domain")) {
            throw refused(name, "it has a Domain");
        }
    }

    private static IllegalArgumentException refused(String name, String why) {
        return new IllegalArgumentException("browsers drop the cookie " + name + ", because " + why);
    }

    /** {@return the value of the request's Cookie header; empty if there is no cookie, and so no header} */
    public synchronized Optional<String> header() {
        return cookies.isEmpty()
                ? Optional.empty()
                : Optional.of(cookies.entrySet().stream().map(Object::toString).collect(Collectors.joining("; ")));
    }

    /**
     * Looks a cookie up.
     *
     * @param name the cookie's name
     * @return its value, if the jar has such a cookie
     */
    public synchronized Optional<String> value(String name) {
        return Optional.ofNullable(cookies.get(name));
    }

    /**
     * Puts a cookie into the jar, as somebody does who has stolen or made up one. No rule is checked.
     *
     * @param name the cookie's name
     * @param value its value. It replaces the value of before
     */
    public synchronized void put(String name, String value) {
        cookies.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
    }

    /**
     * Deletes a cookie, if the jar has it.
     *
     * @param name the cookie's name
     */
    public synchronized void remove(String name) {
        cookies.remove(name);
    }

    /** {@return the names of the cookies, without their values} */
    @Override
    public synchronized String toString() {
        return "CookieJar" + cookies.keySet();
    }
}
