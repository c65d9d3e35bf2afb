// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

/**
 * Two-factor authentication is on for this user already. To add another authenticator or a new phone, call {@link
 * TwoFactor#addAuthenticator} with a proof.
 */
public final class AlreadyEnabledException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    AlreadyEnabledException(String message) {
        super(message);
    }
}
