// SPDX-License-Identifier: Apache-2.0

import dev.sallyport.Intruder;
import dev.sallyport.KeyRing;

/** Calls the library first, and the intruder after it. */
public final class Latecomer {
    private Latecomer() {}

    /**
     * Runs.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        System.out.println("with keys " + KeyRing.generate());
        Intruder.main(arguments);
    }
}
