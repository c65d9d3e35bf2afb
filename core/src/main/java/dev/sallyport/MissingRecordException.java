// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

/**
 * The application's own flag says that the user has two-factor authentication on, and the store has no such record: a row
 * was deleted, or an old backup put back. Nobody gets in; {@link TwoFactor#resetWithoutProof} and clearing the flag end it.
 */
public final class MissingRecordException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MissingRecordException(String message) {
        super(message);
    }
}
