// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

/**
 * Something is stored under a user's id, and it is not a record of that user. Only {@link TwoFactorStore#find} throws
 * this exception.
 *
 * <p>It is for people who implement a store. It tells the core that the database works and that one user's data is
 * damaged. The core does not let this user in. It passes the damage on to the application in an exception of its own,
 * and an operator ends it with a reset, which calls {@link TwoFactorStore#erase}.
 *
 * <p>A store MUST NOT throw it for a failure that may pass, such as a lost connection.
 */
public class SpoiledRecordException extends StoreException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception without a cause.
     *
     * @param message what is wrong with the stored data, without the user id and without the data
     */
    public SpoiledRecordException(String message) {
        super(message);
    }

    /**
     * Makes an exception with a cause.
     *
     * @param message what is wrong with the stored data, without the user id and without the data
     * @param cause why it is not a record
     */
    public SpoiledRecordException(String message, Throwable cause) {
        super(message, cause);
    }
}
