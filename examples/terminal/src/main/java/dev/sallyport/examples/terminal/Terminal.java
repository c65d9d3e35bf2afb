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

/** Writes lines and asks for lines. Only a terminal gets colors and a running countdown; a pipe or a file gets plain lines. */
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
     * What the output can show.
     *
     * @param live whether it is a terminal that can write over a line
     * @param color whether colors are wanted
     * @param charset the encoding of its characters
     */
    record Capabilities(boolean live, boolean color, Charset charset) {
        /** Reads TERM, and NO_COLOR (no-color.org), which counts if it is not empty. */
        static Capabilities of(boolean isTerminal, @Nullable String term, @Nullable String noColor, Charset charset) {
            boolean live = isTerminal && !"dumb".equals(term);
            return new Capabilities(live, live && (noColor == null || noColor.isEmpty()), charset);
        }

        private boolean has(String characters) {
            return charset.canEncode() && charset.newEncoder().canEncode(characters);
        }
    }

    private final Keyboard keyboard;
    private final PrintStream out;
    private final Capabilities capabilities;

    Terminal(Reader in, PrintStream out, Capabilities capabilities) {
        this.keyboard = new Keyboard(in);
        this.out = out;
        this.capabilities = capabilities;
    }

    /** {@return the terminal, pipe or file that this process was started with} */
    static Terminal system() {
        Reader in = new InputStreamReader(System.in, charset("stdin.encoding", "native.encoding"));
        return new Terminal(
                in,
                System.out,
                Capabilities.of(
                        isTerminal(),
                        System.getenv("TERM"),
                        System.getenv("NO_COLOR"),
                        charset("stdout.encoding", "sun.stdout.encoding", "native.encoding")));
    }

    /** The charset that the first of these system properties names. Which of them exist depends on the Java version. */
    private static Charset charset(String... properties) {
        return Stream.of(properties)
                .map(System::getProperty)
                .filter(Objects::nonNull)
                .findFirst()
                .map(Charset::forName)
                .orElse(Charset.defaultCharset());
    }

    /** Until Java 21, a console exists on a terminal only. Since Java 22 it may always exist, and has to be asked. */
    @SuppressWarnings("SystemConsoleNull") // null is checked because Java 17 to 21 return it
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
        out.println(styled(Style.GREEN, capabilities.has("✓") ? "  ✓ " : "  [ok] ") + line);
    }

    void bad(String line) {
        out.println(styled(Style.RED, capabilities.has("✗") ? "  ✗ " : "  [no] ") + line);
    }

    /**
     * Draws a QR code on a terminal. It keeps its colors with NO_COLOR, because no app can read it without them.
     */
    void draw(String qrCode) {
        if (!capabilities.live()) {
            detail("(The QR code is drawn on a terminal only.)");
        } else if (capabilities.has(qrCode)) {
            detail("(If it comes out broken, widen the window and press Enter.)");
            out.print(qrCode);
        } else {
            detail("(" + capabilities.charset() + " has no characters for the QR code. Try LC_ALL=C.UTF-8.)");
        }
    }

    /** Asks for one line, and drops the blanks around it. */
    String ask(String prompt) throws QuitException {
        out.print(prompt + ": ");
        out.flush();
        try {
            return keyboard.line().strip();
        } finally {
            if (!capabilities.live()) {
                out.println(); // on a terminal, the person's Enter ends the line
            }
        }
    }

    /**
     * Counts the time down on a terminal, until it is over or the person presses Enter. Returns at once without a terminal.
     */
    void countdown(Instant until, InstantSource clock) throws QuitException {
        if (!capabilities.live()) {
            return;
        }
        for (Duration left = left(until, clock); left.toSeconds() > 0; left = left(until, clock)) {
            // Short, because a line that wraps cannot be written over.
            out.print("\r    Locked: " + Times.countdown(left) + " (Enter: do not wait) ");
            out.flush();
            if (keyboard.within(TICK).isPresent()) {
                return;
            }
        }
        out.println();
    }

    /** Rounded up, so that the countdown is not over too early. */
    private static Duration left(Instant until, InstantSource clock) {
        return Duration.between(clock.instant(), until).plusMillis(999);
    }

    private String styled(Style style, String text) {
        return capabilities.color() ? "\u001B[" + style.sgr + "m" + text + "\u001B[0m" : text;
    }

    @Override
    public void close() {
        out.flush();
        keyboard.close();
    }
}
