// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.util.Optional;

/**
 * What to enroll: the name that the app shows for the account, a label that distinguishes the user's authenticators,
 * the browser that becomes known with the confirmation, and for an existing authenticator, its secret.
 *
 * @param accountName what the app shows below the issuer, usually the e-mail address: up to 128 UTF-8 bytes
 * @param label what the user calls the authenticator: up to 128 UTF-8 bytes
 * @param browser the user's browser; {@link Browser#none()} if the confirmation should not make a browser known
 * @param existing an authenticator that has its secret already; empty for a new secret
 */
public record EnrollmentRequest(
        String accountName, String label, Browser browser, Optional<ExistingAuthenticator> existing) {

    /**
     * Adjusts the name to what an app can show, and checks the label.
     *
     * @param accountName the name, which is adjusted
     * @param label the label, which is checked
     * @param browser taken as it is
     * @param existing taken as it is
     * @throws IllegalArgumentException if the name is blank or has only control characters, or the label is blank, has
     *     control characters or more than 128 UTF-8 bytes
     */
    public EnrollmentRequest {
        accountName = Text.fit(accountName, Text.MAX_NAME_BYTES);
        Text.require("an account name", accountName, Text.MAX_NAME_BYTES);
        Text.require("a label", label, Text.MAX_NAME_BYTES);
    }

    /**
     * A new secret for an authenticator app.
     *
     * @param accountName any name that a user directory can contain. White space at its ends and control characters are
     *     dropped; a name of more than 128 UTF-8 bytes is cut and ends in "…"
     * @return the request, with the label "Authenticator app"
     * @throws IllegalArgumentException if the name is blank or has only control characters
     */
    public static EnrollmentRequest of(String accountName) {
        return new EnrollmentRequest(accountName, "Authenticator app", Browser.none(), Optional.empty());
    }

    /**
     * The same request with another label.
     *
     * @param newLabel what the user calls the authenticator
     * @return a new request
     * @throws IllegalArgumentException if the label is blank, over 128 UTF-8 bytes, or has control characters
     */
    public EnrollmentRequest label(String newLabel) {
        return new EnrollmentRequest(accountName, newLabel, browser, existing);
    }

    /**
     * The same request with a browser that becomes known with the confirmation.
     *
     * @param newBrowser the browser that shows the page
     * @return a new request
     */
    public EnrollmentRequest browser(Browser newBrowser) {
        return new EnrollmentRequest(accountName, label, newBrowser, existing);
    }

    /**
     * The same request for an authenticator that has its secret already.
     *
     * @param authenticator the secret, how its codes are made, and which was used last
     * @return a new request
     */
    public EnrollmentRequest existing(ExistingAuthenticator authenticator) {
        return new EnrollmentRequest(accountName, label, browser, Optional.of(authenticator));
    }
}
