// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

/**
 * Names a known browser of one account. It is not secret and gives no access. It may appear in a form or a URL.
 *
 * @param value 16 lower-case hexadecimal digits
 */
public record BrowserId(String value) {

    /**
     * Checks the id.
     *
     * @param value 16 lower-case hexadecimal digits
     * @throws IllegalArgumentException if it is anything else
     */
    public BrowserId {
        Text.requireId(value);
    }

    /**
     * Reads an id back.
     *
     * @param value what {@link #value()} gave
     * @return the id
     * @throws IllegalArgumentException if the value is not 16 lower-case hexadecimal digits
     */
    public static BrowserId of(String value) {
        return new BrowserId(value);
    }
}
