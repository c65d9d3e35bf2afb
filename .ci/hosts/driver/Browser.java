// SPDX-License-Identifier: Apache-2.0

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Keeps cookies as a browser does with HTTPS, so it also returns Secure ones. It follows no redirect by itself. */
final class Browser {
    private static final String BROWSER_COOKIE = "__Host-sallyport";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final Host host;
    private final Map<String, String> cookies = new HashMap<>();
    private final Map<String, String> headers = new HashMap<>();

    Browser(Host host) {
        this.host = host;
        headers.put("User-Agent", "Firefox/143.0 Linux");
    }

    /** Sends this header with each request from now on. */
    Browser with(String header, String value) {
        headers.put(header, value);
        return this;
    }

    Answer get(String path) throws Exception {
        return send(path, HttpRequest.newBuilder().GET());
    }

    Answer post(String path, String... form) throws Exception {
        List<String> fields = new ArrayList<>();
        for (int i = 0; i < form.length; i += 2) {
            fields.add(form[i] + "=" + URLEncoder.encode(form[i + 1], UTF_8));
        }
        return send(
                path,
                HttpRequest.newBuilder()
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(String.join("&", fields))));
    }

    private Answer send(String path, HttpRequest.Builder request) throws Exception {
        request.uri(URI.create(host.address() + path)).timeout(Duration.ofMinutes(1));
        headers.forEach(request::header);
        if (!cookies.isEmpty()) {
            request.header("Cookie", cookieHeader());
        }
        HttpResponse<String> response = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
        for (String cookie : response.headers().allValues("Set-Cookie")) {
            String[] pair = cookie.split(";", 2)[0].split("=", 2);
            cookies.put(pair[0].strip(), pair[1].strip());
        }
        String location = response.headers().firstValue("Location").orElse("").replace(host.address(), "");
        return new Answer(response.statusCode(), response.body().strip(), location);
    }

    /** {@return the text of the header with all its cookies} */
    String cookieHeader() {
        return cookies.entrySet().stream()
                .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                .collect(Collectors.joining("; "));
    }

    Map<String, String> session() {
        Map<String, String> session = new HashMap<>(cookies);
        session.remove(BROWSER_COOKIE);
        return session;
    }

    /** Whether the host has given it the cookie by which Sallyport recognizes browsers. */
    boolean isNoted() {
        return cookies.containsKey(BROWSER_COOKIE);
    }

    void endSession() {
        cookies.keySet().retainAll(List.of(BROWSER_COOKIE));
    }
}
