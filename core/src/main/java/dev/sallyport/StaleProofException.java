// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

/**
 * The proof does not count: it is older than five minutes (by default), trust has ended since, its browser was
 * forgotten, or another {@link TwoFactor} made it. Ask the user for another code.
 */
public final class StaleProofException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    StaleProofException(String message) {
        super(message);
    }
}
