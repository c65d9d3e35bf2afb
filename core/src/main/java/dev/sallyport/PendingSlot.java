// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.time.Instant;

/**
 * An enrollment that waits for its first code. Its codes are not accepted at a sign-in, and the live authenticators do
 * not change.
 *
 * @param id the id that the handle contains; the handle of an earlier enrollment has another id and confirms nothing
 * @param restsOn the trust that the enrollment began with; when that trust ends, the enrollment ends
 */
record PendingSlot(
        String id, Authenticator candidate, String accountName, Instant begun, int failures, TrustStamp restsOn) {

    /** Whether it is within its lifetime, last instant included, and has not had too many wrong codes. */
    boolean isOpen(Call call) {
        return call.isWithin(begun, TwoFactorPolicy.ENROLLMENT_LIFETIME)
                && failures < TwoFactorPolicy.ENROLLMENT_FAILURES;
    }

    PendingEnrollment show(UserId user, String issuer, EnrollmentHandle handle) {
        return new PendingEnrollment(
                user,
                candidate.seed().keyUri(issuer, accountName),
                candidate.label(),
                begun.plus(TwoFactorPolicy.ENROLLMENT_LIFETIME),
                handle);
    }

    PendingSlot failed() {
        return new PendingSlot(id, candidate, accountName, begun, failures + 1, restsOn);
    }
}
