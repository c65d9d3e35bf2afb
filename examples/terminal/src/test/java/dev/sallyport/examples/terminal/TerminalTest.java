// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintStream;
import java.io.Reader;
import java.io.StringReader;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TerminalTest {
    private static final Instant START = Instant.parse("2026-11-02T09:00:00Z");

    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
    private final AtomicInteger readings = new AtomicInteger();
    /** Goes on by ten seconds each time it is read. */
    private final InstantSource fastClock = () -> START.plusSeconds(10L * readings.getAndIncrement());

    private Terminal terminal(Reader in) {
        return new Terminal(in, new PrintStream(screen, true, UTF_8), TestUser.NO_COLOR);
    }

    @Nested
    class Countdown {
        @Test
        void time_over_returnsAndKeepsTheNextLine() throws IOException {
            try (PipedWriter typing = new PipedWriter();
                    Terminal terminal = terminal(new PipedReader(typing))) {
                terminal.countdown(START.plusSeconds(30), fastClock);
                typing.write("typed\n");
                assertThat(terminal.ask("?")).isEqualTo("typed");
            }
            assertThat(screen.toString(UTF_8))
                    .contains("\r    Locked: 0:30 (Enter: do not wait) \r    Locked: 0:20 (Enter: do not wait) ")
                    .doesNotContain("0:00");
        }

        @Test
        void enter_endsTheWaiting() {
            try (Terminal terminal = terminal(new StringReader("\nnext\n"))) {
                terminal.countdown(START.plus(Duration.ofHours(1)), () -> START);
                assertThat(terminal.ask("?")).isEqualTo("next");
            }
            assertThat(screen.toString(UTF_8)).contains("Locked: 1:00:00 ");
        }

        @Test
        void endOfInput_quits() {
            try (Terminal terminal = terminal(new StringReader(""))) {
                assertThatThrownBy(() -> terminal.countdown(START.plusSeconds(30), () -> START))
                        .isInstanceOf(QuitException.class);
            }
        }
    }

    @Test
    void input_thatFails_isNotTreatedAsItsEnd() {
        Reader broken = new Reader() {
            @Override
            public int read(char[] buffer, int offset, int length) throws IOException {
                throw new IOException("planted");
            }

            @Override
            public void close() {}
        };
        try (Terminal terminal = terminal(broken)) {
            assertThatThrownBy(() -> terminal.ask("?")).hasRootCauseMessage("planted");
        }
    }

    @Test
    void close_leavesNoThread() throws InterruptedException {
        Terminal terminal = terminal(new StringReader("x\n"));
        terminal.ask("?");
        Thread keyboard = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("keyboard"))
                .findFirst()
                .orElseThrow();

        terminal.close();

        keyboard.join(Duration.ofSeconds(10).toMillis());
        assertThat(keyboard.isAlive()).isFalse();
    }
}
