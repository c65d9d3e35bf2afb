// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import java.io.PrintStream;
import java.util.Locale;

/** Shows how far it is: a bar on a terminal, and ten lines elsewhere. */
final class Progress {
    private static final int WIDTH = 40;
    private static final int LINES = 10;

    private final PrintStream out;
    private final boolean terminal;
    private final int total;
    private int done;
    private int shown = -1;

    Progress(PrintStream out, boolean terminal, int total) {
        this.out = out;
        this.terminal = terminal;
        this.total = total;
    }

    void step() {
        done++;
        if (!terminal && total < 10 * LINES) {
            return;
        }
        int parts = terminal ? WIDTH : LINES;
        int part = (int) ((long) parts * done / total);
        if (part != shown) {
            shown = part;
            show(part);
        }
    }

    private void show(int part) {
        String counts = String.format(Locale.ROOT, "%,d of %,d users", done, total);
        if (terminal) {
            out.print(
                    "\r[" + "#".repeat(part) + " ".repeat(WIDTH - part) + "] " + counts + (done == total ? "\n" : ""));
        } else {
            out.println(counts);
        }
        out.flush();
    }
}
