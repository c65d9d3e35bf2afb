// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.time.Instant;

/**
 * An enrollment that waits for its first code. It verifies nobody, and leaves the live authenticators as they are.
 *
 * @param id what the handle names, so that the handle of an earlier enrollment confirms nothing
 * @param restsOn what trust it was begun with; it ends with that
 */
record PendingSlot(
        String id, Authenticator candidate, String accountName, Instant begun, int failures, TrustStamp restsOn) {

    /** Within its lifetime, last instant included, and before too many wrong codes. */
    boolean isOpen(Call call) {
        return call.isWithin(begun, TwoFactorPolicy.ENROLLMENT_LIFETIME)
                && failures < TwoFactorPolicy.ENROLLMENT_FAILURES;
    }

    PendingEnrollment show(String issuer, EnrollmentHandle handle) {
        return new PendingEnrollment(
                candidate.seed().keyUri(issuer, accountName),
                candidate.label(),
                begun.plus(TwoFactorPolicy.ENROLLMENT_LIFETIME),
                handle);
    }

    PendingSlot failed() {
        return new PendingSlot(id, candidate, accountName, begun, failures + 1, restsOn);
    }
}
