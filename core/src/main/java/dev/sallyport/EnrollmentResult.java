// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.VerificationResult.Verified;
import java.util.Optional;

/** What became of a code that was to confirm an enrollment. */
public sealed interface EnrollmentResult {

    /**
     * The authenticator is live. The first one switches two-factor authentication on and brings the backup codes, which
     * exist nowhere else: show them now.
     *
     * @param authenticator the new authenticator
     * @param backupCodes the backup codes; only with the account's first authenticator
     * @param proof a proof, as from a sign-in with the new authenticator
     */
    record Enrolled(AuthenticatorId authenticator, Optional<BackupCodes> backupCodes, Verified proof)
            implements EnrollmentResult {}

    /** The code is not right; an enrollment that waits goes on with the same secret. */
    record Rejected() implements EnrollmentResult {}

    /** The enrollment took too long, saw too many wrong codes, or trust was lowered meanwhile. It has ended; begin again. */
    record Expired() implements EnrollmentResult {}

    /** There is no enrollment to confirm: none was begun, or it was confirmed or cancelled since. */
    record NotPending() implements EnrollmentResult {}
}
