// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.time.Instant;

/** An enrollment that waits for its first code. It verifies nobody, and leaves the live authenticators as they are. */
record PendingSlot(Authenticator candidate, String accountName, Instant begun, int failures, long trustEpoch) {

    Instant expires(TwoFactorPolicy policy) {
        return begun.plus(policy.enrollmentLifetime());
    }

    /** Good for its lifetime, last instant included, and while trust has not been lowered since it was begun. */
    boolean isValid(Account account, TwoFactorPolicy policy, Instant now) {
        return trustEpoch == account.header().trustEpoch()
                && !begun.isAfter(now.plus(Account.CLOCK_SKEW))
                && !now.isAfter(expires(policy));
    }

    PendingEnrollment show(String issuer, TwoFactorPolicy policy) {
        return new PendingEnrollment(
                candidate.seed().copy().keyUri(issuer, accountName), candidate.label(), expires(policy));
    }

    PendingSlot failed() {
        return new PendingSlot(candidate, accountName, begun, failures + 1, trustEpoch);
    }
}
