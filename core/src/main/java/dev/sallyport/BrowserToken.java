// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The token that identifies a known browser at the next sign-in. It has 256 random bits. The record keeps only its
 * hash, so the token cannot be shown again. Sallyport issues a token only after a right code. Someone who steals the
 * token still needs the password. They also need a code, unless the user has remembered the browser. Redacted in {@link
 * #toString()}. Immutable.
 */
public final class BrowserToken {
    /** The longest time that browsers keep a cookie. The record forgets a browser that was not used for a year. */
    private static final Duration COOKIE_LIFETIME = Duration.ofDays(400);

    private final String value;
    private final BrowserId browser;
    private final Browser before;

    BrowserToken(String value, BrowserId browser, Browser before) {
        this.value = value;
        this.browser = browser;
        this.before = before;
    }

    /** Draws a token. Returns null for a client that keeps no token. */
    static @Nullable BrowserToken draw(Browser browser, SecureRandom random) {
        if (browser.label() == null) {
            return null;
        }
        byte[] token = new byte[Browser.TOKEN_BYTES];
        random.nextBytes(token);
        return new BrowserToken(Browser.encode(token), new BrowserId(Ids.draw(random)), browser);
    }

    /** {@return the token alone, for the keystore of an app: 43 characters of A-Z, a-z, 0-9, - and _} */
    public String value() {
        return value;
    }

    /** {@return the id of the browser in {@link TwoFactorStatus}} */
    public BrowserId browser() {
        return browser;
    }

    /**
     * Returns the value of the response header {@code Set-Cookie}. The cookie also keeps the tokens of other users of
     * the same browser. It has up to {@value Browser#MAX_TOKENS} tokens; the oldest token is dropped first. It is a
     * {@code __Host-} cookie: Secure, HttpOnly, SameSite=Lax, without a domain.
     *
     * @return name, value and attributes, ASCII
     */
    public String setCookie() {
        List<String> tokens = new ArrayList<>(before.tokens());
        tokens.add(value);
        String cookie =
                String.join(".", tokens.subList(Math.max(0, tokens.size() - Browser.MAX_TOKENS), tokens.size()));
        return Browser.COOKIE_NAME + "=" + cookie + "; Path=/; Max-Age=" + COOKIE_LIFETIME.toSeconds()
                + "; Secure; HttpOnly; SameSite=Lax";
    }

    /** Null for a client that keeps no token. Such a client never gets one. */
    @Nullable
    String label() {
        return before.label();
    }

    @Override
    public String toString() {
        return "BrowserToken[browser=" + browser.value() + "]";
    }
}
