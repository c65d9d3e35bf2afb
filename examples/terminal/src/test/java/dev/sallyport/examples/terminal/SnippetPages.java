// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import dev.sallyport.BackupCodes;
import dev.sallyport.TrustStamp;
import dev.sallyport.UserId;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An application around the snippet of README.md. It has what the snippet uses: a session, the headers of a request, and the
 * methods that write a page. {@link ReadmeSnippet} makes a subclass whose pages are the parts of the snippet.
 */
public abstract class SnippetPages {
    protected final InstantSource clock;
    protected final Map<String, String> session = new HashMap<>();
    protected final String userAgentHeader = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";
    protected @Nullable String cookieHeader;
    protected String typed = "";
    protected boolean remember;

    private final List<String> said = new ArrayList<>();
    private String svg = "";
    private String secretForTyping = "";
    private String backupCode = "";

    protected SnippetPages(InstantSource clock) {
        this.clock = clock;
    }

    // --- The parts of the snippet ---

    public abstract void signIn();

    public abstract void codePage();

    public abstract void everyMinute();

    public abstract void enablePage();

    public abstract void enableForm();

    public abstract void disable();

    // --- What the snippet calls ---

    protected void signIn(UserId user, TrustStamp stamp) {
        session.put("stamp", stamp.value());
        said.add("signed in as " + user.value());
    }

    protected void signOut() {
        said.add("signed out");
    }

    protected void startAgain() {
        said.add("starts again");
    }

    protected void showCodePage() {
        said.add("the code page");
    }

    protected void tell(String sentence) {
        said.add(sentence);
    }

    protected void show(String qrCode, String secret) {
        svg = qrCode;
        secretForTyping = secret;
        said.add("the QR code");
    }

    protected void show(BackupCodes codes) {
        backupCode = codes.asList().get(0);
        said.add(codes.asList().size() + " backup codes");
    }

    protected void addHeader(String name, String value) {
        if (!name.equals("Set-Cookie")) {
            throw new AssertionError("an unknown header: " + name);
        }
        cookieHeader = value.substring(0, value.indexOf(';'));
        said.add("a cookie");
    }

    // --- What the test does ---

    SnippetPages type(String code) {
        typed = code;
        return this;
    }

    SnippetPages remember(boolean box) {
        remember = box;
        return this;
    }

    SnippetPages loseCookie() {
        cookieHeader = null;
        return this;
    }

    SnippetPages keepCookie(String cookie) {
        cookieHeader = cookie;
        return this;
    }

    SnippetPages keepStamp(String stamp) {
        session.put("stamp", stamp);
        return this;
    }

    void loseSession() {
        session.clear();
    }

    String cookie() {
        return Objects.requireNonNull(cookieHeader);
    }

    String stamp() {
        return Objects.requireNonNull(session.get("stamp"));
    }

    String svg() {
        return svg;
    }

    String secretForTyping() {
        return secretForTyping;
    }

    String backupCode() {
        return backupCode;
    }

    /** What the pages have shown since the last call. */
    List<String> said() {
        List<String> taken = List.copyOf(said);
        said.clear();
        return taken;
    }
}
