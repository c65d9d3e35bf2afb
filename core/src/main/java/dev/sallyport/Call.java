// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Type;
import java.time.Instant;
import java.util.Map;

/** What the rules know of the call that they decide: whose account, when, by which policy, with which randomness. */
record Call(UserId user, Instant now, TwoFactorPolicy policy, Bytes realm, BackupCodeHasher hasher, Draw draw) {

    Call at(Instant later) {
        return new Call(user, later, policy, realm, hasher, draw);
    }

    TwoFactorEvent event(Type type) {
        return new TwoFactorEvent(type, user, now, Map.of());
    }

    TwoFactorEvent event(Type type, Authenticator one) {
        return event(type).with(Detail.AUTHENTICATOR, one.id().value()).with(Detail.LABEL, one.label());
    }
}
