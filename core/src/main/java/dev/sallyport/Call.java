// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.TwoFactorEvent.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a rule knows about the call that it decides: whose account, when, under which policy and realm. Only data. */
record Call(
        UserId user,
        Instant now,
        TwoFactorPolicy policy,
        Bytes realm,
        @Nullable String operator) {

    TwoFactorEvent event(Type type) {
        return new TwoFactorEvent(type, user, now, Map.of(), Optional.ofNullable(operator), Optional.empty());
    }

    /**
     * Whether a lifetime that began at {@code start} is still running. Its last instant is included. A start that is
     * ahead of this node's clock by more than {@link TwoFactorPolicy#CLOCK_SKEW} comes from a wrong clock and does not
     * count.
     */
    boolean isWithin(Instant start, Duration lifetime) {
        return !start.isAfter(now.plus(TwoFactorPolicy.CLOCK_SKEW)) && !now.isAfter(start.plus(lifetime));
    }
}
