// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

/**
 * Names an authenticator of one account. It is not secret and gives no access. It may appear in a form or a URL.
 *
 * @param value 16 lower-case hexadecimal digits
 */
public record AuthenticatorId(String value) {

    /**
     * Checks the id.
     *
     * @param value 16 lower-case hexadecimal digits
     * @throws IllegalArgumentException if it is anything else
     */
    public AuthenticatorId {
        Text.requireId(value);
    }

    /**
     * Reads an id back.
     *
     * @param value what {@link #value()} gave
     * @return the id
     * @throws IllegalArgumentException if the value is not 16 lower-case hexadecimal digits
     */
    public static AuthenticatorId of(String value) {
        return new AuthenticatorId(value);
    }
}
