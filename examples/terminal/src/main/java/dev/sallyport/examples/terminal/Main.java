// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import java.time.InstantSource;
import java.util.List;

/** Starts the story with a person or, with {@code --simulate}, without one. */
public final class Main {
    private static final String USAGE = """
            Usage: [--simulate]
              (nothing)   try it yourself, with an authenticator app on your phone
              --simulate  simulated phones try it, and the exit code is 1 if a step fails""";

    private Main() {}

    /**
     * Runs the example. Exits with 1 if a step of the simulation fails, with 2 if the arguments are unknown.
     *
     * @param args nothing, or {@code --simulate}
     */
    public static void main(String[] args) {
        int status;
        try (Terminal terminal = Terminal.system()) {
            status = run(List.of(args), terminal);
        }
        // Only on failure, because Maven's exec:java runs this inside Maven.
        if (status != 0) {
            System.exit(status);
        }
    }

    static int run(List<String> args, Terminal terminal) {
        if (args.isEmpty()) {
            new Story(terminal, InstantSource.system(), System.getProperty("user.name", "")).run();
            return 0;
        }
        if (args.equals(List.of("--simulate"))) {
            return new Simulation(terminal).run() ? 0 : 1;
        }
        terminal.say(USAGE);
        return args.equals(List.of("--help")) ? 0 : 2;
    }
}
