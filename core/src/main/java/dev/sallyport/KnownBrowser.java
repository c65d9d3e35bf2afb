// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sallyport.TwoFactorEvent.Detail;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A browser from which a right code of this account came. It has its own failure row. While it is remembered, its
 * sign-ins need no code.
 */
record KnownBrowser(
        BrowserId id,
        Bytes tokenHash,
        String label,
        Instant lastUsed,
        @Nullable Instant remembered,
        FailureRow row) {

    /** One SHA-256 is enough for 256 random bits. */
    static Bytes hash(String token) {
        return Bytes.sha256(Bytes.EMPTY, token.getBytes(US_ASCII));
    }

    boolean isKnown(Call call) {
        return call.isWithin(lastUsed, TwoFactorPolicy.KNOWN_BROWSER_LIFETIME);
    }

    boolean isRemembered(Call call) {
        return isKnown(call)
                && remembered != null
                && call.isWithin(remembered, call.policy().browserLifetime());
    }

    KnownBrowser accepted(Instant now) {
        return new KnownBrowser(id, tokenHash, label, now, remembered, FailureRow.NONE);
    }

    KnownBrowser with(FailureRow after) {
        return new KnownBrowser(id, tokenHash, label, lastUsed, remembered, after);
    }

    KnownBrowser remembered(@Nullable Instant since) {
        return new KnownBrowser(id, tokenHash, label, lastUsed, since, row);
    }

    KnownBrowser noLaterThan(Instant now) {
        Instant used = lastUsed.isAfter(now) ? now : lastUsed;
        Instant since = remembered != null && remembered.isAfter(now) ? now : remembered;
        return new KnownBrowser(id, tokenHash, label, used, since, row.noLaterThan(now));
    }

    TwoFactorStatus.Browser status(Call call) {
        Instant lockedUntil = row.lockedUntil(call.policy());
        return new TwoFactorStatus.Browser(
                id,
                label,
                lastUsed,
                isRemembered(call)
                        ? Optional.ofNullable(remembered)
                                .map(since -> since.plus(call.policy().browserLifetime()))
                        : Optional.empty(),
                lockedUntil.isAfter(call.now()) ? Optional.of(lockedUntil) : Optional.empty());
    }

    TwoFactorEvent describe(TwoFactorEvent event) {
        return event.with(Detail.BROWSER, id.value()).with(Detail.LABEL, label);
    }
}
