// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

/**
 * Names a user of the application by an id that never changes. Use a primary key and not an e-mail address. An address
 * may be given to somebody else, and the second factor would go with it.
 *
 * @param value 1 to 255 UTF-16 characters, without NUL and lone surrogates; compared as it is, letter case and blanks
 *     included
 */
public record UserId(String value) {

    /**
     * Checks the id.
     *
     * @param value 1 to 255 UTF-16 characters, without NUL and lone surrogates
     * @throws IllegalArgumentException if it is anything else
     */
    public UserId {
        if (value.isEmpty() || value.length() > 255) {
            throw new IllegalArgumentException("a user id has 1 to 255 characters, not " + value.length());
        }
        if (value.indexOf('\0') >= 0 || Text.hasLoneSurrogate(value)) {
            throw new IllegalArgumentException("a user id has no NUL and no lone surrogate");
        }
    }

    /**
     * Names a user.
     *
     * @param value 1 to 255 UTF-16 characters, without NUL and lone surrogates
     * @return the id
     * @throws IllegalArgumentException if the value is anything else
     */
    public static UserId of(String value) {
        return new UserId(value);
    }
}
