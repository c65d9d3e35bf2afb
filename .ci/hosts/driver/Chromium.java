// SPDX-License-Identifier: Apache-2.0

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Headless Chromium with a new profile, driven by ChromeDriver (W3C WebDriver). A page is described by scripts. */
final class Chromium implements AutoCloseable {
    private static final Pattern PORT = Pattern.compile("started successfully on port (\\d+)");
    private static final Pattern SESSION = Pattern.compile("\"sessionId\":\"([^\"]+)\"");
    private static final Pattern ELEMENT = Pattern.compile("\"element-[^\"]+\":\"([^\"]+)\"");
    private static final Pattern TEXT = Pattern.compile("\"value\":\"((?:[^\"\\\\]|\\\\.)*)\"");

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process driver;
    private final String session;
    private final String home;

    /** The browser of somebody who reads that language, with a window that is as narrow as a small phone. */
    Chromium(String home, String language, Path profile) throws Exception {
        this.home = home;
        driver = new ProcessBuilder("chromedriver", "--port=0").redirectErrorStream(true).start();
        Runtime.getRuntime().addShutdownHook(new Thread(driver::destroyForcibly));
        String server = "http://127.0.0.1:" + port(driver) + "/session";
        String options = "--headless=new --no-sandbox --disable-dev-shm-usage --disable-gpu --disable-quic --no-first-run"
                + " --disable-background-networking --disable-component-update --disable-sync --window-size=360,740"
                + " --user-data-dir=" + profile;
        String arguments = "\"" + options.replace(" ", "\",\"") + "\"";
        String created = send("POST", server, """
                {"capabilities":{"alwaysMatch":{"browserName":"chrome","timeouts":{"implicit":20000},
                "goog:chromeOptions":{"args":[%s],"prefs":{"intl.accept_languages":"%s"}}}}}""".formatted(arguments, language));
        session = server + "/" + found(SESSION, created);
    }

    private static String port(Process driver) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(driver.getInputStream(), UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Matcher port = PORT.matcher(line);
            if (port.find()) {
                return port.group(1);
            }
        }
        throw new IllegalStateException("chromedriver did not start");
    }

    private static String found(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new IllegalStateException("chromedriver answered " + text);
        }
        return matcher.group(1);
    }

    private String send(String method, String address, String json) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address))
                .header("Content-Type", "application/json; charset=utf-8")
                .method(method, json.isEmpty() ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(json))
                .build();
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString(UTF_8));
        if (response.statusCode() != 200) {
            throw new IllegalStateException(address + " answered " + response.body());
        }
        return response.body();
    }

    Chromium go(String path) throws Exception {
        send("POST", session + "/url", "{\"url\":\"" + home + path + "\"}");
        return this;
    }

    private String element(String css) throws Exception {
        String json = "{\"using\":\"css selector\",\"value\":\"" + css.replace("\"", "\\\"") + "\"}";
        return session + "/element/" + found(ELEMENT, send("POST", session + "/element", json));
    }

    /** Waits for an element of the page that a form or a link leads to. */
    Chromium sees(String css) throws Exception {
        element(css);
        return this;
    }

    Chromium click(String css) throws Exception {
        send("POST", element(css) + "/click", "{}");
        return this;
    }

    /** Types a text that needs no escape in JSON. */
    Chromium type(String css, String text) throws Exception {
        send("POST", element(css) + "/value", "{\"text\":\"" + text + "\"}");
        return this;
    }

    /** The value of an expression in the page, as a text. */
    String value(String script) throws Exception {
        String json = "{\"args\":[],\"script\":\"return String(" + script.replace("\\", "\\\\").replace("\"", "\\\"") + ")\"}";
        return found(TEXT, send("POST", session + "/execute/sync", json));
    }

    @Override
    public void close() throws IOException {
        try {
            send("DELETE", session, "");
            driver.destroy();
            driver.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            driver.destroyForcibly();
        }
    }
}
