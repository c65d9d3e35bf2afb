// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.abuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.Rejected;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import java.util.List;

/** What an attacker, or the owner, is told. */
final class Results {
    /** Codes that look right and belong to nobody. */
    static final String WRONG_BACKUP_CODE = "0000-0000-0000-0000-0000-0000";

    static final String WRONG_TEMPORARY_CODE = "0000-0000-0000-0000";

    private Results() {}

    static void assertAccepted(VerificationResult result) {
        assertThat(result).isInstanceOf(Verified.class);
    }

    static void assertRejected(VerificationResult result) {
        assertThat(result).isEqualTo(new Rejected());
    }

    static void assertLockedOut(VerificationResult result) {
        assertThat(result).isInstanceOf(LockedOut.class);
    }

    static void assertSignInAgain(VerificationResult result) {
        assertThat(result).isEqualTo(new SignInAgain());
    }

    static long count(Class<?> kind, List<?> results) {
        return results.stream().filter(kind::isInstance).count();
    }
}
