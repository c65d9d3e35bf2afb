// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import java.io.Console;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.charset.Charset;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What is said and asked. Colour and a running countdown are for terminals; a pipe or a file gets plain lines. */
final class Terminal implements AutoCloseable {
    private static final Duration TICK = Duration.ofMillis(200);

    private enum Style {
        BOLD("1"),
        DIM("2"),
        RED("31"),
        GREEN("32");

        private final String sgr;

        Style(String sgr) {
            this.sgr = sgr;
        }
    }

    /**
     * What the other side can do.
     *
     * @param live whether it is a terminal that can do more than lines
     * @param colour whether colour is welcome there
     * @param charset what its characters are encoded in
     */
    record Abilities(boolean live, boolean colour, Charset charset) {
        /** Goes by TERM and by NO_COLOR (no-color.org), which counts if it is not empty. */
        static Abilities of(boolean isTerminal, @Nullable String term, @Nullable String noColor, Charset charset) {
            boolean live = isTerminal && !"dumb".equals(term);
            return new Abilities(live, live && (noColor == null || noColor.isEmpty()), charset);
        }

        private boolean has(String characters) {
            return charset.canEncode() && charset.newEncoder().canEncode(characters);
        }
    }

    private final Keyboard keyboard;
    private final PrintStream out;
    private final Abilities abilities;

    Terminal(Reader in, PrintStream out, Abilities abilities) {
        this.keyboard = new Keyboard(in);
        this.out = out;
        this.abilities = abilities;
    }

    /** The terminal that this process runs in, or whatever stands in for it. */
    static Terminal system() {
        Reader in = new InputStreamReader(System.in, charset("stdin.encoding", "native.encoding"));
        return new Terminal(
                in,
                System.out,
                Abilities.of(
                        isTerminal(),
                        System.getenv("TERM"),
                        System.getenv("NO_COLOR"),
                        charset("stdout.encoding", "sun.stdout.encoding", "native.encoding")));
    }

    /** The charset that the first of these system properties names; which there are depends on the Java version. */
    private static Charset charset(String... properties) {
        return Stream.of(properties)
                .map(System::getProperty)
                .filter(Objects::nonNull)
                .findFirst()
                .map(Charset::forName)
                .orElse(Charset.defaultCharset());
    }

    /** Until Java 21 there is a console on a terminal only; since 22 there may always be one, and it has to be asked. */
    @SuppressWarnings("SystemConsoleNull") // this is the right way round for both
    private static boolean isTerminal() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return Boolean.TRUE.equals(Console.class.getMethod("isTerminal").invoke(console));
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("isTerminal is public and throws nothing", e);
        }
    }

    void say(String line) {
        out.println(line);
    }

    void title(String line) {
        out.println();
        out.println(styled(Style.BOLD, line));
    }

    void detail(String line) {
        out.println("    " + styled(Style.DIM, line));
    }

    void good(String line) {
        out.println(styled(Style.GREEN, abilities.has("✓") ? "  ✓ " : "  [ok] ") + line);
    }

    void bad(String line) {
        out.println(styled(Style.RED, abilities.has("✗") ? "  ✗ " : "  [no] ") + line);
    }

    /**
     * Draws a QR code, where that makes sense. Its colours are not decoration: it cannot be read without them, so NO_COLOR
     * does not concern them.
     */
    void draw(String qrCode) {
        if (!abilities.live()) {
            detail("(The QR code is drawn on a terminal only.)");
        } else if (abilities.has(qrCode)) {
            detail("(If it comes out broken, widen the window and press Enter.)");
            out.print(qrCode);
        } else {
            detail("(" + abilities.charset() + " has no characters for the QR code. Try LC_ALL=C.UTF-8.)");
        }
    }

    /** Asks for one line; blanks around it do not count. */
    String ask(String prompt) throws Leaving {
        out.print(prompt + ": ");
        out.flush();
        try {
            return keyboard.line().strip();
        } finally {
            if (!abilities.live()) {
                out.println(); // there is nobody whose Enter would have ended the line
            }
        }
    }

    /**
     * Lets the time run down before the person's eyes; without a terminal there is nothing to see.
     *
     * @return whether to go on; false if the person did not want to wait, and pressed Enter
     */
    boolean countdown(Instant until, InstantSource clock) throws Leaving {
        if (!abilities.live()) {
            return true;
        }
        for (Duration left = left(until, clock); left.toSeconds() > 0; left = left(until, clock)) {
            // Short, because a line that wraps cannot be written over.
            out.print("\r    Locked: " + Times.left(left) + " (Enter: menu) ");
            out.flush();
            if (keyboard.within(TICK).isPresent()) {
                return false;
            }
        }
        out.println();
        return true;
    }

    /** Rounded up, so that nobody comes too early. */
    private static Duration left(Instant until, InstantSource clock) {
        return Duration.between(clock.instant(), until).plusMillis(999);
    }

    private String styled(Style style, String text) {
        return abilities.colour() ? "\u001B[" + style.sgr + "m" + text + "\u001B[0m" : text;
    }

    @Override
    public void close() {
        out.flush();
        keyboard.close();
    }
}
