// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import java.io.Console;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/**
 * What a run takes from outside besides its arguments.
 *
 * @param environment the environment variables
 * @param out for the report
 * @param err for errors
 * @param terminal whether somebody watches
 * @param clock the present time
 */
record Surroundings(
        Map<String, String> environment, PrintStream out, PrintStream err, boolean terminal, InstantSource clock) {

    static Surroundings ofThisProcess() {
        return new Surroundings(
                System.getenv(),
                System.out,
                System.err,
                Optional.ofNullable(System.console())
                        .filter(Surroundings::isTerminal)
                        .isPresent(),
                InstantSource.system());
    }

    /** From JDK 22 on, there is a console without a terminal, too, and a method that tells. */
    private static boolean isTerminal(Console console) {
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }
}
