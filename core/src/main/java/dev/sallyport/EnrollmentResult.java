// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.VerificationResult.Verified;
import java.time.Duration;
import java.util.Optional;

/** The answer to a code that should confirm an enrollment. */
public sealed interface EnrollmentResult
        permits EnrollmentResult.Enrolled, Rejected, Malformed, EnrollmentResult.ClockOff, EnrollmentResult.BeginAgain {

    /**
     * The authenticator is live. The first one switches two-factor authentication on. The result then contains the
     * backup codes, which exist nowhere else: show them now.
     *
     * @param authenticator the new authenticator
     * @param backupCodes the backup codes; only with the account's first authenticator
     * @param proof a proof, as from a sign-in with the new authenticator; keep its stamp in the session
     */
    record Enrolled(AuthenticatorId authenticator, Optional<BackupCodes> backupCodes, Verified proof)
            implements EnrollmentResult {}

    /**
     * The code belongs to another time: the clock of the phone or token is wrong. It was not accepted, and it counts as
     * a wrong code. Ask the user to set the phone's clock to automatic; a token can be confirmed by two consecutive
     * codes.
     *
     * @param by how far the clock is off; negative if it is behind
     */
    record ClockOff(Duration by) implements EnrollmentResult {}

    /**
     * There is nothing to confirm: the enrollment took too long, had too many wrong codes, was begun again elsewhere or
     * was confirmed already, or the trust that it began with has ended.
     */
    record BeginAgain() implements EnrollmentResult {}
}
