// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

/**
 * How many time steps besides the present one {@link Totp#match} tries, for a clock that is wrong and for the time that
 * typing takes.
 *
 * <p>Each step gives a guess another chance, and gives whoever has seen a code more time to use it. RFC 6238 section 5.2
 * recommends one step in the past at most. The bound here is that of the primitive; what an application should allow is
 * far less.
 *
 * @param past how many steps before the present one, 0 to 100: for authenticators that are slow, and for typing
 * @param future how many steps after the present one, 0 to 100: for authenticators that are fast
 */
public record Window(int past, int future) {

    /**
     * Checks the window.
     *
     * @param past how many steps before the present one, 0 to 100
     * @param future how many steps after the present one, 0 to 100
     * @throws IllegalArgumentException if one of them is out of range
     */
    public Window {
        if (past < 0 || past > OneTimeCodes.MAX_REACH || future < 0 || future > OneTimeCodes.MAX_REACH) {
            throw new IllegalArgumentException("a window reaches 0 to " + OneTimeCodes.MAX_REACH
                    + " steps to either side, not " + past + " and " + future);
        }
    }
}
