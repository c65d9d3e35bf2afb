// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

/**
 * The store could not do, or cannot say whether it did, what it was asked. Nothing has been granted to anybody: a
 * sign-in that ends in this exception did not happen. The record may or may not have changed; the next call reads what
 * is true.
 */
public class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates one without a cause.
     *
     * @param message what failed, without user data
     */
    public StoreException(String message) {
        super(message);
    }

    /**
     * Creates one with the exception of the underlying engine.
     *
     * @param message what failed, without user data
     * @param cause what the engine threw
     */
    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
