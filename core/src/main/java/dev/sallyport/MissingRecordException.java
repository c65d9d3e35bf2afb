// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

/**
 * The application's {@link VersionWitness} knows a higher version than the store has: the row was deleted, or an older
 * one was put back. Nobody gets in. To end this state, an operator calls {@link Operator#acceptRestoredRecord} or
 * {@link Operator#resetWithoutProof}.
 */
public final class MissingRecordException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MissingRecordException(String message) {
        super(message);
    }
}
