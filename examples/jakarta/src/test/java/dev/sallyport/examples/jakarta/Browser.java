// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.jakarta;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.testing.CookieJar;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A browser that follows no redirect, so that a test sees each, and sends Secure cookies to this machine. */
final class Browser {
    private static final Pattern CSRF = Pattern.compile("name=\"csrf\" value=\"([^\"]+)\"");

    private final HttpClient client = HttpClient.newHttpClient();
    private final URI origin;
    final CookieJar cookies = new CookieJar();
    /** The token of the page that was shown last. */
    String csrf = "";

    /** What came back; a redirect's target without the origin. */
    record Page(int status, String location, String body, HttpResponse<String> response) {
        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }
    }

    Browser(int port) {
        origin = URI.create("http://127.0.0.1:" + port);
    }

    Page get(String path) {
        return send(path, HttpRequest.newBuilder().GET());
    }

    /** Sends the form that was shown last, with names and values by turns. */
    Page post(String path, String... fields) {
        StringJoiner form = new StringJoiner("&").add("csrf=" + csrf);
        for (int i = 0; i < fields.length; i += 2) {
            form.add(fields[i] + "=" + URLEncoder.encode(fields[i + 1], UTF_8));
        }
        return send(
                path,
                HttpRequest.newBuilder()
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(form.toString())));
    }

    private Page send(String path, HttpRequest.Builder request) {
        cookies.header().ifPresent(cookie -> request.header("Cookie", cookie));
        try {
            HttpResponse<String> response =
                    client.send(request.uri(URI.create(origin + path)).build(), BodyHandlers.ofString());
            cookies.keep(response.headers().allValues("Set-Cookie"));
            Matcher token = CSRF.matcher(response.body());
            csrf = token.find() ? token.group(1) : csrf;
            String location = response.headers().firstValue("Location").orElse("");
            return new Page(response.statusCode(), location.replace(origin.toString(), ""), response.body(), response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts a test", e);
        }
    }
}
