// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.time.Duration;

/**
 * What a browser keeps to be remembered: 256 random bits, for a cookie that is {@code __Host-} prefixed, Secure, HttpOnly
 * and SameSite=Lax. Only its hash is stored, so it cannot be shown again. It is redacted in {@link #toString()}.
 * Immutable.
 */
public final class BrowserToken {
    private final String value;
    private final BrowserId browser;
    private final Duration maxAge;

    BrowserToken(String value, BrowserId browser, Duration maxAge) {
        this.value = value;
        this.browser = browser;
        this.maxAge = maxAge;
    }

    /**
     * The cookie's value.
     *
     * @return 43 characters of A-Z, a-z, 0-9, - and _
     */
    public String value() {
        return value;
    }

    /**
     * The browser that this token belongs to.
     *
     * @return its id, as in the status
     */
    public BrowserId browser() {
        return browser;
    }

    /**
     * How long the cookie should live. The token expires then whatever the browser does, and is never extended.
     *
     * @return the time from now
     */
    public Duration maxAge() {
        return maxAge;
    }

    @Override
    public String toString() {
        return "BrowserToken[browser=" + browser.value() + ", maxAge=" + maxAge + "]";
    }
}
