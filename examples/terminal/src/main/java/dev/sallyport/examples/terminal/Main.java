// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import java.time.InstantSource;
import java.util.List;

/** Starts the story with a person or, given {@code --simulate}, without. */
public final class Main {
    private static final String USAGE = """
            Usage: [--simulate]
              without     you live the story, with an authenticator app on your phone
              --simulate  a simulated phone does, and the exit code says how it went""";

    private Main() {}

    /**
     * Runs the example. Exits with 1 if the simulation went otherwise than it should, with 2 if the arguments make no sense.
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
            new Story(terminal, InstantSource.system(), System.getProperty("user.name", "")).live();
            return 0;
        }
        if (args.equals(List.of("--simulate"))) {
            return new Simulation(terminal).run() ? 0 : 1;
        }
        terminal.say(USAGE);
        return args.equals(List.of("--help")) ? 0 : 2;
    }
}
