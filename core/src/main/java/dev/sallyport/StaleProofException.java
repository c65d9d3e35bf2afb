// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

/**
 * The proof does not count, or no longer: it is too old, five minutes by default, or from before the account was disabled or its trust
 * was lowered, or made by another {@link TwoFactor}. Ask the user for another code.
 */
public final class StaleProofException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    StaleProofException(String message) {
        super(message);
    }
}
