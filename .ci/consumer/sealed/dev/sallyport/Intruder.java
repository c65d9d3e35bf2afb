// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.security.SecureRandom;

/** A class of somebody else in the library's package. It calls what is not public there. */
public final class Intruder {
    private Intruder() {}

    /**
     * Runs.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        System.out.println("inside: " + new Sealer(KeyRing.generate(), "", new SecureRandom()));
    }
}
