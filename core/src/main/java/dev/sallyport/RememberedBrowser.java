// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.TwoFactorEvent.Detail;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;

/** A browser that need not show a code at sign-in until its time is up: never rotated, never extended. */
record RememberedBrowser(BrowserId id, Bytes tokenHash, String label, Instant remembered) {
    static final int TOKEN_BYTES = 32;
    private static final int TOKEN_LENGTH = 43;

    static String newToken(Draw draw) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(draw.take(TOKEN_BYTES));
    }

    /** Whether a token can be one of ours: what cannot is not hashed. */
    static boolean isToken(String token) {
        return token.length() == TOKEN_LENGTH;
    }

    /** One SHA-256 is enough for 256 random bits. */
    static Bytes hash(String token) {
        try {
            return Bytes.copyOf(MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    Instant expires(TwoFactorPolicy policy) {
        return remembered.plus(policy.browserLifetime());
    }

    boolean isValid(TwoFactorPolicy policy, Instant now) {
        return !remembered.isAfter(now.plus(Account.CLOCK_SKEW)) && now.isBefore(expires(policy));
    }

    TwoFactorStatus.Browser status(TwoFactorPolicy policy) {
        return new TwoFactorStatus.Browser(id, label, remembered, expires(policy));
    }

    TwoFactorEvent describe(TwoFactorEvent event) {
        return event.with(Detail.BROWSER, id.value()).with(Detail.LABEL, label);
    }

    RememberedBrowser noLaterThan(Instant now) {
        return remembered.isAfter(now) ? new RememberedBrowser(id, tokenHash, label, now) : this;
    }
}
