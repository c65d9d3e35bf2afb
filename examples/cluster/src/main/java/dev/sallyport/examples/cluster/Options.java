// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What can be chosen. */
record Options(
        int nodes,
        int clients,
        int seconds,
        int killEvery,
        int sleepers,
        @Nullable String jdbcUrl) {
    static final String USAGE = """
            Usage: [--nodes 4] [--clients 8] [--seconds 60] [--kill-every 10] [--sleepers 1000] [--jdbc-url URL]
              --nodes N       processes over one database, 2 to 16
              --clients N     accounts in use, each by a thread, 1 to 64
              --seconds N     how long, 4 or more; longer if the key rotation is not over by then
              --kill-every N  seconds from kill to kill; 0 kills only for the key rotation
              --sleepers N    accounts that nobody uses, 1 or more, for the key rotation to renew
              --jdbc-url URL  a PostgreSQL of your own instead of the bundled one, which needs Linux on x86-64.
                              A table is made there and dropped at the end""";

    /** What is wrong with the arguments. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        Unusable(String why) {
            super(why);
        }
    }

    int accounts() {
        return clients + sleepers;
    }

    static Options parse(List<String> args) throws Unusable {
        int nodes = 4;
        int clients = 8;
        int seconds = 60;
        int killEvery = 10;
        int sleepers = 1000;
        String jdbcUrl = null;
        Iterator<String> rest = args.iterator();
        while (rest.hasNext()) {
            String name = rest.next();
            if (!rest.hasNext()) {
                throw new Unusable(name + " takes a value");
            }
            String value = rest.next();
            switch (name) {
                case "--nodes" -> nodes = number(name, value, 2, 16);
                case "--clients" -> clients = number(name, value, 1, 64);
                case "--seconds" -> seconds = number(name, value, 4, 86_400);
                case "--kill-every" -> killEvery = number(name, value, 0, 86_400);
                case "--sleepers" -> sleepers = number(name, value, 1, 1_000_000);
                case "--jdbc-url" -> jdbcUrl = value;
                default -> throw new Unusable("there is no " + name);
            }
        }
        return new Options(nodes, clients, seconds, killEvery, sleepers, jdbcUrl);
    }

    private static int number(String name, String value, int min, int max) throws Unusable {
        try {
            int number = Integer.parseInt(value);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new Unusable(name + " takes a number from " + min + " to " + max);
    }
}
