// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a signed-in session rests on: the trust epoch of its sign-in and, if there is one, the browser. Keep {@link
 * #value()} in the session, and check the stamp with {@link TwoFactor#isCurrent} about once a minute.
 *
 * <p>Someone who reads a stamp gains nothing, because it contains no key, no issuer and no user id. Keep a stamp where
 * the client cannot write it, such as a server-side session or a signed token. Immutable.
 */
public final class TrustStamp {
    /** The epoch of a user who has no record yet, or has only begun a first enrollment. */
    static final long NO_EPOCH = 0;

    private static final String FORM = "1";
    /** The epoch of a stamp that was read from invalid text. It is never drawn, so no account ever has it. */
    static final long NEVER_DRAWN = -1;

    private static final TrustStamp NEVER_CURRENT = new TrustStamp(NEVER_DRAWN, null);

    private final long epoch;
    private final @Nullable BrowserId browser;

    TrustStamp(long epoch, @Nullable BrowserId browser) {
        this.epoch = epoch;
        this.browser = browser;
    }

    /**
     * Reads a stamp from the session. Null and any other text give a stamp that is never current.
     *
     * @param value what {@link #value()} returned; null if the session has timed out
     * @return the stamp
     */
    public static TrustStamp of(@Nullable String value) {
        String[] parts = value == null ? new String[0] : value.split("\\.", 4);
        if (parts.length < 2 || parts.length > 3 || !parts[0].equals(FORM) || !Text.isId(parts[1])) {
            return NEVER_CURRENT;
        }
        if (parts.length == 3 && !Text.isId(parts[2])) {
            return NEVER_CURRENT;
        }
        return new TrustStamp(
                HexFormat.fromHexDigitsToLong(parts[1]), parts.length == 3 ? new BrowserId(parts[2]) : null);
    }

    /** {@return the text to keep in the session: at most 36 characters of 0-9, a-f and the full stop} */
    public String value() {
        String text = FORM + "." + HexFormat.of().toHexDigits(epoch);
        return browser == null ? text : text + "." + browser.value();
    }

    /** {@return the known browser that the session rests on; empty if it rests on none} */
    public Optional<BrowserId> browser() {
        return Optional.ofNullable(browser);
    }

    long epoch() {
        return epoch;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TrustStamp that && epoch == that.epoch && Objects.equals(browser, that.browser);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(epoch);
    }

    /** {@return a text without the epoch} */
    @Override
    public String toString() {
        return "TrustStamp[browser=" + (browser == null ? "none" : browser.value()) + "]";
    }
}
