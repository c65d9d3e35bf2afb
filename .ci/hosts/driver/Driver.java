// SPDX-License-Identifier: Apache-2.0

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Starts a host and tells it one story over HTTP: enable, sign in with a code, a wrong code, a used code, a remembered
 * browser, a backup code, disable. The phone is {@code oathtool}. All hosts have the same routes, so there is one story.
 *
 * <p>Arguments: the name of the host, then the command that starts it.
 */
final class Driver {
    private static final Pattern VERSIONS =
            Pattern.compile("\\S.* \\d+\\.\\d+\\S*, commons-codec \\d+\\.\\d+\\S*, slf4j-api \\d+\\.\\d+\\S*");
    private static final Pattern SECRET = Pattern.compile("^otpauth://totp/\\S*[?&]secret=([A-Z2-7]+)");

    private final Host host;

    private Driver(Host host) {
        this.host = host;
    }

    public static void main(String[] arguments) throws Exception {
        Host.run(arguments, host -> {
            Driver driver = new Driver(host);
            driver.tellTheStory();
            return driver.versions();
        });
    }

    private void tellTheStory() throws Exception {
        Browser first = new Browser(host);
        Browser second = new Browser(host);

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
        host.seen("a key URI", secret.find());
        host.seen("a QR code", page.contains("<svg"));
        same("the same key URI at the second look", page, first.get("/enable"));
        Phone phone = new Phone(secret.group(1));
        refused("a wrong code at the confirmation", first.post("/confirm", "code", phone.wrongCode()));
        Answer confirmed = first.post("/confirm", "code", phone.nextCode());
        List<String> backupCodes = confirmed.ok("a right code at the confirmation").lines().toList();
        host.seen("ten backup codes", backupCodes.size() == 10);
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
        host.seen("another session id after the code", !second.session().equals(before));
        host.seen("a cookie that identifies the browser", second.isNoted());
        same("the page after the code", "42", second.get("/me"));
        Browser third = new Browser(host);
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
        same("2FA is still on", "code", password(new Browser(host)));
        same("disabling with a backup code", "off", third.post("/disable", "code", backupCodes.get(1)));
        same("the page of the session that disabled 2FA", "42", third.get("/me"));
        refused("a code page that was open before", second.post("/code", "code", backupCodes.get(2)));
        signIn("the password alone, after 2FA is off", new Browser(host));
    }

    private String versions() throws Exception {
        String versions = new Browser(host).get("/versions").ok("the versions");
        Host.check("the versions are told, and not: " + versions, VERSIONS.matcher(versions).matches());
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
        host.seen(what + ": status " + status + " expected, but the answer was " + answer, answer.status() == status);
    }

    private void same(String what, String text, Answer answer) {
        host.seen(what + ": \"" + text + "\" expected, but the answer was " + answer,
                answer.status() == 200 && answer.text().equals(text));
    }
}
