// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

/**
 * The store failed, or it does not know whether a write was made. Nothing was granted to anybody: a sign-in that ends
 * with this exception did not happen. The record may have changed or not. The next call reads it again.
 */
public class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception without a cause.
     *
     * @param message what failed, without user data
     */
    public StoreException(String message) {
        super(message);
    }

    /**
     * Makes an exception with the exception of the database.
     *
     * @param message what failed, without user data
     * @param cause what the database or its driver threw
     */
    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
