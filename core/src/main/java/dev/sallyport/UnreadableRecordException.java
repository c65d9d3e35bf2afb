// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import org.jspecify.annotations.Nullable;

/**
 * The user's record is there and does not open: its key is not in the key ring, somebody changed or moved it, or what
 * is stored is no record. Nobody gets in. Nothing overwrites the record except {@link Operator#resetWithoutProof}.
 */
public final class UnreadableRecordException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnreadableRecordException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
