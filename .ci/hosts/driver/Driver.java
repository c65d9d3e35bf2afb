// SPDX-License-Identifier: Apache-2.0

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Starts a host, waits for the address that it prints, and tells it one story over HTTP: enable, sign in with a code, a
 * wrong code, a used code, a remembered browser, a backup code, disable. The phone is {@code oathtool}. All hosts have
 * the same routes, so there is one story. It ends at the first answer that is not as it should be. The host is stopped
 * in any case.
 *
 * <p>Arguments: the name of the host, then the command that starts it.
 */
final class Driver {
    private static final Pattern ADDRESS = Pattern.compile("http://(127\\.0\\.0\\.1|localhost):\\d+");
    private static final Pattern VERSIONS =
            Pattern.compile("\\S.* \\d+\\.\\d+\\S*, commons-codec \\d+\\.\\d+\\S*, slf4j-api \\d+\\.\\d+\\S*");
    private static final Pattern SECRET = Pattern.compile("^otpauth://totp/\\S*[?&]secret=([A-Z2-7]+)");
    private static final String BROWSER_COOKIE = "__Host-sallyport";
    private static final int STEP_SECONDS = 30;

    private final HttpClient client = HttpClient.newHttpClient();
    private final String address;
    private int checks;

    private Driver(String address) {
        this.address = address;
    }

    public static void main(String[] arguments) throws Exception {
        List<String> command = List.of(arguments).subList(1, arguments.length);
        Process host = new ProcessBuilder(command).redirectErrorStream(true).start();
        Runtime.getRuntime().addShutdownHook(new Thread(host::destroyForcibly));
        List<String> output = new ArrayList<>();
        try {
            Driver driver = new Driver(addressOf(host, output));
            driver.tellTheStory();
            String versions = driver.versions();
            System.out.println(arguments[0] + ": " + versions + "; " + driver.checks + " answers as they should be");
        } catch (AssertionError e) {
            System.err.println(arguments[0] + ": " + e.getMessage());
            synchronized (output) {
                output.forEach(line -> System.err.println("  | " + line));
            }
            System.exit(1);
        } finally {
            host.destroy();
            if (!host.waitFor(20, TimeUnit.SECONDS)) {
                host.destroyForcibly();
            }
        }
    }

    private static String addressOf(Process host, List<String> output) throws InterruptedException {
        BlockingQueue<String> found = new LinkedBlockingQueue<>();
        Thread reader = new Thread(() -> {
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(host.getInputStream(), UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    synchronized (output) {
                        output.add(line);
                    }
                    Matcher matcher = ADDRESS.matcher(line);
                    if (matcher.find()) {
                        found.add(matcher.group());
                    }
                }
            } catch (IOException e) {
                // The host was stopped.
            }
            found.add("");
        });
        reader.setDaemon(true);
        reader.start();
        String address = found.poll(5, TimeUnit.MINUTES);
        check("the host starts and prints its address", address != null && !address.isEmpty());
        return address;
    }

    private void tellTheStory() throws Exception {
        Browser first = new Browser();
        Browser second = new Browser();

        refused("a wrong password", first.post("/login", "name", "alice", "password", "wrong"));
        refused("a page without a sign-in", first.get("/me"));
        signIn("the password alone, before 2FA is on", first);
        same("the page", "42", first.get("/me"));
        signIn("the password in a second browser", second);
        same("the page in the second browser", "42", second.get("/me"));

        // Enable
        refused("enabling with a wrong password", first.post("/enable", "password", "wrong"));
        same("no enrollment that waits", 404, first.get("/enable"));
        String page = first.post("/enable", "password", "wonderland").ok("enabling with the password");
        Matcher secret = SECRET.matcher(page);
        seen("a key URI", secret.find());
        seen("a QR code", page.contains("<svg"));
        same("the same key URI at the second look", page, first.get("/enable"));
        Phone phone = new Phone(secret.group(1));
        refused("a wrong code at the confirmation", first.post("/confirm", "code", phone.wrongCode()));
        Answer confirmed = first.post("/confirm", "code", phone.nextCode());
        List<String> backupCodes = confirmed.ok("a right code at the confirmation").lines().toList();
        seen("ten backup codes", backupCodes.size() == 10);
        same("the page of the session that enabled 2FA", "42", first.get("/me"));
        refused("the page of a session from before, which has shown no code", second.get("/me"));

        // Sign in with a code
        same("the password, where a code is due", "code", password(second));
        refused("the page between password and code", second.get("/me"));
        refused("disabling between password and code", second.post("/disable", "code", phone.wrongCode()));
        refused("a wrong code", second.post("/code", "code", phone.wrongCode()));
        refused("the page after a wrong code", second.get("/me"));
        Map<String, String> before = second.session();
        String code = phone.nextCode();
        same("a right code", "signed in", second.post("/code", "code", code, "remember", "on"));
        seen("another session id after the code", !second.session().equals(before));
        seen("a cookie that identifies the browser", second.cookies.containsKey(BROWSER_COOKIE));
        same("the page after the code", "42", second.get("/me"));
        Browser third = new Browser();
        same("the password in a third browser", "code", password(third));
        refused("a used code", third.post("/code", "code", code));
        refused("the page after a used code", third.get("/me"));

        // A remembered browser
        second.endSession();
        refused("the page without a session", second.get("/me"));
        signIn("the password alone in a remembered browser", second);
        same("the page in a remembered browser", "42", second.get("/me"));

        // A backup code
        same("a backup code", "signed in", third.post("/code", "code", backupCodes.get(0)));
        same("the page after a backup code", "42", third.get("/me"));
        refused("the page of the first session, after a backup code was used", first.get("/me"));
        refused("the page of the remembered browser's session, after a backup code was used", second.get("/me"));
        same("the password in the browser that was remembered", "code", password(second));
        refused("a used backup code", second.post("/code", "code", backupCodes.get(0)));

        // Disable
        refused("disabling with a wrong code", third.post("/disable", "code", phone.wrongCode()));
        same("2FA is still on", "code", password(new Browser()));
        same("disabling with a backup code", "off", third.post("/disable", "code", backupCodes.get(1)));
        same("the page of the session that disabled 2FA", "42", third.get("/me"));
        refused("a code page that was open before", second.post("/code", "code", backupCodes.get(2)));
        signIn("the password alone, after 2FA is off", new Browser());
    }

    private String versions() throws Exception {
        String versions = new Browser().get("/versions").ok("the versions");
        check("the versions are told, and not: " + versions, VERSIONS.matcher(versions).matches());
        return versions;
    }

    private static Answer password(Browser browser) throws Exception {
        return browser.post("/login", "name", "alice", "password", "wonderland");
    }

    private void signIn(String what, Browser browser) throws Exception {
        same(what, "signed in", password(browser));
    }

    private void refused(String what, Answer answer) {
        same(what, 401, answer);
    }

    private void same(String what, int status, Answer answer) {
        seen(what + ": status " + status + " expected, but the answer was " + answer, answer.status == status);
    }

    private void same(String what, String text, Answer answer) {
        seen(what + ": \"" + text + "\" expected, but the answer was " + answer,
                answer.status == 200 && answer.text.equals(text));
    }

    private void seen(String what, boolean right) {
        check(what, right);
        checks++;
    }

    private static void check(String what, boolean right) {
        if (!right) {
            throw new AssertionError("not as it should be: " + what);
        }
    }

    private record Answer(int status, String text) {
        String ok(String what) {
            check(what + ": status 200 expected, but the answer was " + this, status == 200);
            return text;
        }
    }

    /** Keeps cookies as a browser does with HTTPS, so it also returns Secure ones. */
    private final class Browser {
        private final Map<String, String> cookies = new HashMap<>();

        Answer get(String path) throws Exception {
            return send(path, HttpRequest.newBuilder().GET());
        }

        Answer post(String path, String... form) throws Exception {
            List<String> fields = new ArrayList<>();
            for (int i = 0; i < form.length; i += 2) {
                fields.add(form[i] + "=" + URLEncoder.encode(form[i + 1], UTF_8));
            }
            return send(path, HttpRequest.newBuilder()
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString(String.join("&", fields))));
        }

        private Answer send(String path, HttpRequest.Builder request) throws Exception {
            request.uri(URI.create(address + path))
                    .timeout(Duration.ofMinutes(1))
                    .header("User-Agent", "Firefox/143.0 Linux");
            if (!cookies.isEmpty()) {
                request.header("Cookie", cookies.entrySet().stream()
                        .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                        .collect(Collectors.joining("; ")));
            }
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            for (String cookie : response.headers().allValues("Set-Cookie")) {
                String[] pair = cookie.split(";", 2)[0].split("=", 2);
                cookies.put(pair[0].strip(), pair[1].strip());
            }
            return new Answer(response.statusCode(), response.body().strip());
        }

        Map<String, String> session() {
            Map<String, String> session = new HashMap<>(cookies);
            session.remove(BROWSER_COOKIE);
            return session;
        }

        void endSession() {
            cookies.keySet().retainAll(List.of(BROWSER_COOKIE));
        }
    }

    /**
     * An authenticator app. Its next code is of this time step or of a later one. A host accepts a code until the end
     * of the step after it, so a slow machine has 30 seconds to bring it there.
     */
    private static final class Phone {
        private final String secret;
        private long lastStep;

        Phone(String secret) {
            this.secret = secret;
        }

        String nextCode() throws Exception {
            lastStep = Math.max(lastStep + 1, now());
            return code(lastStep, 1).get(0);
        }

        /** Six digits that are no code of the minutes around now. */
        String wrongCode() throws Exception {
            List<String> right = code(now() - 10, 21);
            String wrong = "000000";
            for (int i = 1; right.contains(wrong); i++) {
                wrong = "%06d".formatted(i);
            }
            return wrong;
        }

        private static long now() {
            return Instant.now().getEpochSecond() / STEP_SECONDS;
        }

        private List<String> code(long step, int count) throws Exception {
            String start = Instant.ofEpochSecond(step * STEP_SECONDS).toString();
            String time = start.replace('T', ' ').replace("Z", " UTC");
            List<String> command = List.of(
                    "oathtool", "--totp", "--base32", "--now", time, "--window", "" + (count - 1), secret);
            Process oathtool = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            List<String> codes = new String(oathtool.getInputStream().readAllBytes(), UTF_8).lines().toList();
            check("oathtool gives " + count + " codes", oathtool.waitFor() == 0 && codes.size() == count);
            return codes;
        }
    }
}
