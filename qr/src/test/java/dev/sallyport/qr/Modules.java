// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.qr;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The modules that each form shows, quiet zone included: rows from the top, true being dark. */
final class Modules {
    private static final Pattern VIEW_BOX = Pattern.compile("viewBox=\"0 0 (\\d+) (\\d+)\"");
    private static final Pattern PATH = Pattern.compile(" d=\"([^\"]*)\"");
    private static final Pattern RUN = Pattern.compile("(?:M(\\d+) (\\d+)\\.5|m(\\d+) 0)h(\\d+)");

    private Modules() {}

    static boolean[][] ofPng(byte[] file, int pixelsPerModule) throws IOException {
        return Picture.ofPng(file).modules(pixelsPerModule);
    }

    /** Follows the pen along the path; a stroke of width 1 covers one row of modules. */
    static boolean[][] ofSvg(String svg) {
        Matcher viewBox = find(VIEW_BOX, svg);
        boolean[][] modules = new boolean[Integer.parseInt(viewBox.group(2))][Integer.parseInt(viewBox.group(1))];
        String path = find(PATH, svg).group(1);
        int x = 0;
        int y = 0;
        int end = 0;
        for (Matcher run = RUN.matcher(path); run.find(); end = run.end()) {
            assertThat(run.start()).as("an unknown path command").isEqualTo(end);
            if (run.group(1) != null) {
                x = Integer.parseInt(run.group(1));
                y = Integer.parseInt(run.group(2));
            } else {
                x += Integer.parseInt(run.group(3));
            }
            int length = Integer.parseInt(run.group(4));
            Arrays.fill(modules[y], x, x + length, true);
            x += length;
        }
        assertThat(end).as("an unknown path command").isEqualTo(path.length());
        return modules;
    }

    /** Without the half line below, which the last line has because the number of rows is odd. */
    static boolean[][] ofText(String text, Terminal terminal) {
        boolean[][] modules = terminal.textArea(text).modules(Terminal.HALF_CELL);
        int last = modules.length - 1;
        assertThat(modules[last]).doesNotContain(true);
        return Arrays.copyOf(modules, last);
    }

    /** Four light modules on each side, and not five: three of the corners inside are those of finder patterns. */
    static void assertQuietZone(boolean[][] modules) {
        int size = modules.length;
        int end = size - 5;
        for (int y = 0; y < size; y++) {
            assertThat(modules[y]).hasSize(size);
            for (int x = 0; x < size; x++) {
                if (x < 4 || y < 4 || x > end || y > end) {
                    assertThat(modules[y][x]).as("dark at %d, %d", x, y).isFalse();
                }
            }
        }
        assertThat(modules[4][4]).as("dark at the upper left").isTrue();
        assertThat(modules[4][end]).as("dark at the upper right").isTrue();
        assertThat(modules[end][4]).as("dark at the lower left").isTrue();
    }

    private static Matcher find(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        assertThat(matcher.find()).as("has %s", pattern).isTrue();
        return matcher;
    }
}
