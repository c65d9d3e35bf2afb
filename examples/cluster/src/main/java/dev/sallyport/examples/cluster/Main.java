// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import java.util.List;

/** Starts a database and nodes, uses them hard, and says whether anything was not as it should be. */
public final class Main {
    private Main() {}

    /**
     * Runs the example. Exits with 1 if a rule was broken or nothing was tried, with 2 if the arguments make no sense here.
     *
     * @param args as {@code --help} says
     * @throws Exception if something fails that is not part of the show
     */
    public static void main(String[] args) throws Exception {
        int status = run(List.of(args));
        // Only on failure, because Maven's exec:java runs this inside Maven.
        if (status != 0) {
            System.exit(status);
        }
    }

    static int run(List<String> args) throws Exception {
        if (args.equals(List.of("--help"))) {
            System.out.println(Options.USAGE);
            return 0;
        }
        Options options;
        try {
            options = Options.parse(args);
        } catch (Options.Unusable e) {
            System.out.println(e.getMessage() + "\n" + Options.USAGE);
            return 2;
        }
        if (options.jdbcUrl() == null && !Database.isBundled()) {
            System.out.println("The bundled PostgreSQL runs on Linux on x86-64 only. Elsewhere, give one of your own:\n"
                    + "--jdbc-url \"jdbc:postgresql://127.0.0.1/test?user=me&password=secret\"");
            return 2;
        }
        return new Run(options, System.out).go() ? 0 : 1;
    }
}
