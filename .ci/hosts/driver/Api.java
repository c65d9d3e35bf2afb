// SPDX-License-Identifier: Apache-2.0

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells the story to {@code api}, which has no sessions: its tokens carry the stamp, and the starter serves the JSON. The
 * phone is {@code oathtool}.
 *
 * <p>Arguments: the name of the host, then the command that starts it.
 */
final class Api {
    private static final Pattern SECRET = Pattern.compile("otpauth://totp/[^\"]*?secret=([A-Z2-7]+)");
    private static final Pattern BACKUP_CODE = Pattern.compile("\"([0-9A-Z]{4}(?:-[0-9A-Z]{4}){5})\"");

    private final Host host;

    private Api(Host host) {
        this.host = host;
    }

    public static void main(String[] arguments) throws Exception {
        Host.run(arguments, host -> {
            new Api(host).tellTheStory();
            return "the story of an API";
        });
    }

    private void tellTheStory() throws Exception {
        host.seen("a wrong password", new Browser(host).post("/login/password", "email", "alice@acme.example", "password", "no").status() == 401);
        host.seen("a call without a token", new Browser(host).get("/me").status() == 401);
        Browser bob = withToken(password("bob", "builder"));
        me("somebody without a second factor", "m-2", bob);
        Browser alice = withToken(password("alice", "wonderland"));
        me("the password, before 2FA is on", "m-1", alice);

        // Enable
        String status = alice.get("/two-factor/api/status").ok("the status");
        host.seen("2FA is off, and the status was " + status, status.contains("\"state\":\"OFF\""));
        String begun = alice.post("/two-factor/api/begin").ok("begin");
        Matcher secret = SECRET.matcher(begun);
        host.seen("a key URI, and not " + begun, secret.find());
        String handle = member("handle", begun);
        Phone phone = new Phone(secret.group(1));
        Answer wrong = alice.post("/two-factor/api/confirm", "handle", handle, "code", phone.wrongCode());
        host.seen("a wrong code is told as a problem, and not " + wrong, wrong.status() == 422 && wrong.text().contains("\"messageKey\":\"sallyport.problem.rejected\""));
        String enrolled = alice.post("/two-factor/api/confirm", "handle", handle, "code", phone.nextCode()).ok("confirm");
        List<String> backupCodes = BACKUP_CODE.matcher(enrolled).results().map(found -> found.group(1)).toList();
        host.seen("ten backup codes", backupCodes.size() == 10);

        // Sign in with a code
        String challenge = member("challenge", password("alice", "wonderland").text());
        host.seen("a wrong code gives no token", code(challenge, phone.wrongCode()).status() == 401);
        Browser signedIn = withToken(code(challenge, phone.nextCode()));
        me("a token after a code", "m-1", signedIn);

        // A backup code ends what was there before; the answer of a check is kept for a while, so this is a new token
        String again = member("challenge", password("alice", "wonderland").text());
        Browser last = withToken(code(again, backupCodes.get(0)));
        me("a token after a backup code", "m-1", last);
        Answer off = last.post("/two-factor/api/disable", "code", backupCodes.get(1));
        host.seen("a backup code disables, and not " + off, off.status() == 200);
        host.seen("a token from before has ended", signedIn.get("/me").status() == 401);
        me("the password alone, after 2FA is off", "m-1", withToken(password("alice", "wonderland")));
    }

    private Answer password(String name, String password) throws Exception {
        return new Browser(host).post("/login/password", "email", name + "@acme.example", "password", password);
    }

    private Answer code(String challenge, String code) throws Exception {
        return new Browser(host).post("/login/code", "challenge", challenge, "code", code);
    }

    private Browser withToken(Answer answer) {
        return new Browser(host).with("Accept", "application/json").with("Authorization", "Bearer " + member("token", answer.ok("a token")));
    }

    private void me(String what, String id, Browser browser) throws Exception {
        String text = browser.get("/me").ok(what);
        host.seen(what + ": " + id + " expected, and not " + text, text.contains("\"" + id + "\""));
    }

    private static String member(String name, String json) {
        Matcher found = Pattern.compile("\"" + name + "\":\"([^\"]+)\"").matcher(json);
        Host.check("the answer has a member " + name + ": " + json, found.find());
        return found.group(1);
    }
}
