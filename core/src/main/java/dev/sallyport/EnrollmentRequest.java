// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.util.Optional;

/**
 * What to enroll: the name that the app shows for the account, a label that tells the user's authenticators apart, and
 * for an existing token or an import, its seed.
 *
 * @param accountName what the app shows below the issuer, usually the e-mail address: up to 128 UTF-8 bytes, no colon
 * @param label what the user calls the authenticator: up to 128 UTF-8 bytes
 * @param seed an existing secret; empty for a new one, generated under the policy
 */
public record EnrollmentRequest(String accountName, String label, Optional<AuthenticatorSeed> seed) {

    /**
     * Checks the texts.
     *
     * @param accountName up to 128 UTF-8 bytes, not blank, no control characters
     * @param label the same
     * @param seed an existing secret, or empty
     * @throws IllegalArgumentException if a text is anything else
     */
    public EnrollmentRequest {
        Text.require("an account name", accountName, Text.MAX_NAME_BYTES);
        Text.require("a label", label, Text.MAX_NAME_BYTES);
    }

    /**
     * A new secret for an authenticator app.
     *
     * @param accountName what the app shows below the issuer, usually the e-mail address
     * @return the request, with the label "Authenticator app"
     * @throws IllegalArgumentException if the name is blank, over 128 UTF-8 bytes, or has control characters
     */
    public static EnrollmentRequest of(String accountName) {
        return new EnrollmentRequest(accountName, "Authenticator app", Optional.empty());
    }

    /**
     * The same request with another label.
     *
     * @param newLabel what the user calls the authenticator
     * @return a new request
     * @throws IllegalArgumentException if the label is blank, over 128 UTF-8 bytes, or has control characters
     */
    public EnrollmentRequest label(String newLabel) {
        return new EnrollmentRequest(accountName, newLabel, seed);
    }

    /**
     * The same request with an existing secret.
     *
     * @param existing the secret, how its codes are made, and which was used last
     * @return a new request
     */
    public EnrollmentRequest seed(AuthenticatorSeed existing) {
        return new EnrollmentRequest(accountName, label, Optional.of(existing));
    }
}
