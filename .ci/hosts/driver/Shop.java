// SPDX-License-Identifier: Apache-2.0

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells the whole story to {@code form}, whose pages for two-factor authentication all come from the starter: enable, sign
 * in, a remembered browser, a backup code, disable, in seven languages. The phone is {@code oathtool}.
 *
 * <p>Arguments: the name of the host, then the command that starts it.
 */
final class Shop {
    private static final Pattern TOKEN = Pattern.compile("<input[^>]*name=\"_csrf\"[^>]*value=\"([^\"]+)\"");
    static final Pattern SECRET = Pattern.compile("otpauth://totp/[^\"]*?secret=([A-Z2-7]+)");
    private static final Pattern BACKUP_CODE = Pattern.compile("<code>([0-9A-Z]{4}(?:-[0-9A-Z]{4}){5})</code>");
    private static final Pattern LANGUAGE = Pattern.compile("<html[^>]* lang=\"([a-z]+)\"");
    private static final Pattern HEADING = Pattern.compile("<h1[^>]*>([^<]+)</h1>");

    private final Host host;

    Shop(Host host) {
        this.host = host;
    }

    public static void main(String[] arguments) throws Exception {
        Host.run(arguments, host -> {
            new Shop(host).tellTheStory();
            return "the whole story";
        });
    }

    Browser browser() {
        return new Browser(host).with("Accept", "text/html,application/xhtml+xml,*/*;q=0.8").with("Accept-Language", "en");
    }

    private void tellTheStory() throws Exception {
        Browser bob = browser();
        signedIn("somebody without a second factor", bob, signIn(bob, "bob", "builder"));

        Browser first = browser();
        signedIn("the password, before 2FA is on", first, signIn(first, "alice", "wonderland"));
        Browser older = browser();
        signedIn("the same in another browser", older, signIn(older, "alice", "wonderland"));

        // Enable
        page("the settings", "two-factor", first.get("/two-factor"));
        Answer wrongPassword = submit(first, "/two-factor/enable", "password", "wrong");
        host.seen("a wrong password shows no secret", !SECRET.matcher(wrongPassword.text()).find());
        Answer begun = follow(first, submit(first, "/two-factor/enable", "password", "wonderland"));
        Matcher secret = SECRET.matcher(begun.text());
        host.seen("the page has a link for the phone itself, and the answer was " + begun, secret.find());
        host.seen("the page has a QR code", begun.text().contains("<svg"));
        Phone phone = new Phone(secret.group(1));
        Answer refused = submit(first, "/two-factor/confirm", "/two-factor/enable", "code", phone.wrongCode());
        host.seen("a wrong code confirms nothing", backupCodes(refused).isEmpty());
        Answer confirmed = submit(first, "/two-factor/confirm", "/two-factor/enable", "code", phone.nextCode());
        List<String> backupCodes = backupCodes(confirmed);
        host.seen("ten backup codes, and the answer was " + confirmed, backupCodes.size() == 10);
        host.seen("they are not shown again", backupCodes(first.get("/two-factor")).isEmpty());
        orders("the session that enabled it", first);
        ended("the session from before, which has shown no code", older);

        // Half signed in
        Browser second = browser();
        leadsToCode("the password alone", signIn(second, "alice", "wonderland"));
        leadsToCode("the orders", second.get("/orders"));
        leadsToCode("the page that is open to everybody", second.get("/"));
        host.seen(
                "a program is told that a code is due",
                second.with("Accept", "application/json").get("/orders").status() == 401);
        second.with("Accept", "text/html");
        leadsToCode("the settings", second.get("/two-factor"));
        languages(second);
        Answer wrong = submit(second, "/two-factor/code", "code", phone.wrongCode());
        host.seen("a wrong code lets nobody in", !wrong.location().contains("/orders"));
        leadsToCode("the orders after a wrong code", second.get("/orders"));
        Map<String, String> before = second.session();
        Answer right = submit(second, "/two-factor/code", "code", phone.nextCode(), "remember", "true");
        host.seen("a right code leads to the page that was asked for, and not to " + right, leads(right, "/orders"));
        host.seen("the session has another id", !second.session().equals(before));
        host.seen("the browser is noted", second.isNoted());
        orders("after the code", second);

        // A remembered browser, and another one
        second.endSession();
        signedIn("the password in a remembered browser", second, signIn(second, "alice", "wonderland"));
        Browser third = browser();
        leadsToCode("the password in a third browser", signIn(third, "alice", "wonderland"));
        Answer paper = submit(third, "/two-factor/code", "code", "  3. " + backupCodes.get(2).toLowerCase(java.util.Locale.ROOT));
        host.seen("a line of the sheet lets in, and the answer was " + paper, paper.status() / 100 == 3 && !leads(paper, "/two-factor/code"));
        orders("after a backup code", third);
        ended("the first session, after a backup code was used", first);
        ended("the remembered browser's session, after a backup code was used", second);
        leadsToCode("the browser that was remembered", signIn(second, "alice", "wonderland"));

        // Disable
        Answer stays = submit(third, "/two-factor/disable", "code", phone.wrongCode());
        host.seen("a wrong code disables nothing", !leads(stays, "/two-factor"));
        leadsToCode("2FA is still on", signIn(browser(), "alice", "wonderland"));
        Answer off = submit(third, "/two-factor/disable", "code", backupCodes.get(5));
        host.seen("a backup code disables, and the answer was " + off, leads(off, "/two-factor"));
        orders("the session that disabled it", third);
        Browser last = browser();
        signedIn("the password alone, after 2FA is off", last, signIn(last, "alice", "wonderland"));
    }

    private void languages(Browser browser) throws Exception {
        Set<String> headings = new LinkedHashSet<>();
        for (String language : List.of("en", "de", "fr", "es", "pt", "ja", "ar")) {
            String page = browser.with("Accept-Language", language).get("/two-factor/code").ok("the page in " + language);
            Matcher is = LANGUAGE.matcher(page);
            host.seen("the page says that it is in " + language, is.find() && is.group(1).equals(language));
            Matcher heading = HEADING.matcher(page);
            host.seen("the page has a heading", heading.find());
            headings.add(heading.group(1));
            host.seen("only Arabic is from right to left", page.contains("dir=\"rtl\"") == language.equals("ar"));
        }
        host.seen("seven languages, and these headings: " + headings, headings.size() == 7);
        browser.with("Accept-Language", "en");
    }

    Answer signIn(Browser browser, String name, String password) throws Exception {
        // Spring Security's own page, and the page that the user wanted.
        browser.get("/orders");
        return submit(browser, "/login", "username", name + "@acme.example", "password", password);
    }

    /** Sends the form that is on the page of the same path. */
    Answer submit(Browser browser, String path, String... fields) throws Exception {
        return fields.length % 2 == 0
                ? submitFrom(browser, path, path, fields)
                : submitFrom(browser, path, fields[0], List.of(fields).subList(1, fields.length).toArray(String[]::new));
    }

    private Answer submitFrom(Browser browser, String path, String page, String... fields) throws Exception {
        Matcher token = TOKEN.matcher(browser.get(page).ok("the page " + page));
        host.seen("the page " + page + " has a form with a token", token.find());
        String[] all = java.util.Arrays.copyOf(fields, fields.length + 2);
        all[fields.length] = "_csrf";
        all[fields.length + 1] = token.group(1);
        return browser.post(path, all);
    }

    static Answer follow(Browser browser, Answer answer) throws Exception {
        return answer.location().isEmpty() ? answer : browser.get(answer.location());
    }

    private static List<String> backupCodes(Answer answer) {
        return BACKUP_CODE.matcher(answer.text()).results().map(found -> found.group(1)).toList();
    }

    private static boolean leads(Answer answer, String path) {
        return answer.status() / 100 == 3 && answer.location().replaceFirst("\\?.*", "").equals(path);
    }

    private void leadsToCode(String what, Answer answer) {
        host.seen(what + " leads to the code page, and not to " + answer, leads(answer, "/two-factor/code"));
    }

    private void ended(String what, Browser browser) throws Exception {
        Answer answer = browser.get("/orders");
        host.seen(what + " has ended, and the answer was " + answer, !answer.text().contains("Orders of"));
    }

    private void signedIn(String what, Browser browser, Answer answer) throws Exception {
        host.seen(what + " leads to the orders, and not to " + answer, leads(answer, "/orders"));
        orders(what, browser);
    }

    private void orders(String what, Browser browser) throws Exception {
        String text = browser.get("/orders").ok(what);
        host.seen(what + ": the orders, and not " + text, text.startsWith("Orders of "));
    }

    private void page(String what, String text, Answer answer) {
        host.seen(what + ": a page with \"" + text + "\", and not " + answer, answer.ok(what).contains(text));
    }
}
