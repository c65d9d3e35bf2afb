// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.abuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Verified;
import java.util.List;

/** What an attacker, or the owner, is told. */
final class Answers {
    private Answers() {}

    static void isAccepted(VerificationResult result) {
        assertThat(result).isInstanceOf(Verified.class);
    }

    static void isRejected(VerificationResult result) {
        assertThat(result).isEqualTo(new Rejected());
    }

    static void isLockedOut(VerificationResult result) {
        assertThat(result).isInstanceOf(LockedOut.class);
    }

    static long count(Class<?> kind, List<?> results) {
        return results.stream().filter(kind::isInstance).count();
    }
}
