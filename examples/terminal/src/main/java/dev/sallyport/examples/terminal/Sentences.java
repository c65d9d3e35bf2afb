// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import dev.sallyport.EnrollmentResult;
import dev.sallyport.EnrollmentResult.BeginAgain;
import dev.sallyport.EnrollmentResult.ClockOff;
import dev.sallyport.Malformed;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import java.time.Instant;

/**
 * What a user is told about a code. It does not say why a code was wrong: a guesser would learn from that. The reason goes
 * to the log alone.
 */
final class Sentences {
    private Sentences() {}

    static String about(VerificationResult result, Instant now) {
        if (result instanceof Verified) {
            return "Signed in.";
        } else if (result instanceof LockedOut locked) {
            return "Too many attempts. Use a backup code"
                    + locked.until()
                            .map(until -> ", or wait until " + Times.local(until, now) + ".")
                            .orElse(", or ask support.");
        } else if (result instanceof SignInAgain) {
            return "That took too long, or you were signed out. Sign in again.";
        } else if (result instanceof Malformed) {
            return "A code has 6 digits, a backup code 24 letters and digits.";
        }
        return "That code is not right, or was used already. Wait for the next one.";
    }

    static String about(EnrollmentResult result) {
        if (result instanceof EnrollmentResult.Enrolled) {
            return "The phone is added.";
        } else if (result instanceof ClockOff off) {
            return "Your phone's clock is " + off.by().abs().toMinutes() + " minutes off. Set it to automatic.";
        } else if (result instanceof BeginAgain) {
            return "This secret is no longer good. Begin again, with a new one.";
        } else if (result instanceof Malformed) {
            return "A code has 6 digits.";
        }
        return "That code is not right. Enter the 6 digits that the app shows now.";
    }
}
