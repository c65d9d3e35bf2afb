// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import org.jspecify.annotations.Nullable;

/**
 * The user's record is there and cannot be opened: its key is not in the key ring, or somebody changed or moved it. Nobody
 * gets in; nothing overwrites the record but {@link TwoFactor#resetWithoutProof}.
 */
public final class UnreadableRecordException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnreadableRecordException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
