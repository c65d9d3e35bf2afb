// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import org.jspecify.annotations.Nullable;

/**
 * The store has data for the user that cannot be read: its key is not in the key ring, somebody changed or moved it, or
 * it is not a record. Nobody gets in. Only {@link Operator#resetWithoutProof} and {@link Operator#deleteAccount} remove
 * it.
 */
public final class UnreadableRecordException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnreadableRecordException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
