// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

/**
 * A file or an option that cannot be used. Nothing was written. The message says where and why, and contains no secret.
 */
final class BadInput extends Exception {
    private static final long serialVersionUID = 1L;

    BadInput(String message) {
        super(message);
    }

    static BadInput at(String where, String why) {
        return new BadInput(where + ": " + why);
    }
}
