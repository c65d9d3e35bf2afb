// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

/**
 * How many time steps {@link Totp#match} tries besides the present one, because clocks are wrong and typing takes time.
 *
 * <p>Each step gives a guess another chance. It also gives an attacker who saw a code more time to use it. RFC 6238
 * section 5.2 recommends at most one step in the past. The limit of 100 steps only bounds the work of one call. An
 * application should allow far fewer.
 *
 * @param past how many steps before the present one, 0 to 100: for slow clocks, and for typing
 * @param future how many steps after the present one, 0 to 100: for fast clocks
 */
public record Window(int past, int future) {

    /**
     * Checks the window.
     *
     * @param past 0 to 100
     * @param future 0 to 100
     * @throws IllegalArgumentException if one of them is out of range
     */
    public Window {
        if (past < 0 || past > OneTimeCodes.MAX_REACH || future < 0 || future > OneTimeCodes.MAX_REACH) {
            throw new IllegalArgumentException("a window reaches 0 to " + OneTimeCodes.MAX_REACH
                    + " steps to either side, not " + past + " and " + future);
        }
    }
}
