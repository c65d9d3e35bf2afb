// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.security.SecureRandom;
import java.time.Instant;

/** Makes backup codes without an account. The maker is not public, so this class stands in its package. */
public final class BackupCodeMaker {
    private static final TwoFactorPolicy POLICY = TwoFactorPolicy.defaults();

    private BackupCodeMaker() {}

    /** The codes as they are shown; they have been hashed for the record too. */
    public static BackupCodes generate(SecureRandom random) {
        return BackupCodeSet.generate(POLICY, random, Instant.EPOCH).codes();
    }
}
