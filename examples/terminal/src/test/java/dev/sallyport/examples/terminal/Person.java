// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.examples.terminal.Terminal.Abilities;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Somebody before the screen, with an answer for every prompt and with phones. An answer is thought of only when it is asked
 * for, because the code depends on what the screen shows. After the last answer comes Ctrl-D.
 */
final class Person {
    static final Abilities PIPE = Abilities.of(false, "xterm", null, UTF_8);
    static final Abilities COLOUR = Abilities.of(true, "xterm", "", UTF_8);
    static final Abilities NO_COLOUR = Abilities.of(true, "xterm", "1", UTF_8);

    private static final Pattern SECRET = Pattern.compile("(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}");
    private static final Pattern BACKUP_CODE = Pattern.compile("\\d\\. ((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})");

    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
    private final Charset charset;
    private final boolean live;
    private final SteppedClock clock;

    private Person(SteppedClock clock, Abilities abilities) {
        this.clock = clock;
        this.charset = abilities.charset();
        this.live = abilities.live();
    }

    /** What somebody answers. */
    interface Answer {
        String given(Person person);
    }

    static Answer types(String text) {
        return person -> text;
    }

    /** Waits for the app's next code, and types it. */
    static Answer nextCode() {
        return nextCode(0);
    }

    static Answer nextCode(int phone) {
        return person -> {
            person.clock.advance(Duration.ofSeconds(30));
            return person.code(phone);
        };
    }

    /** Types the code that the app shows now, used or not. */
    static Answer sameCode() {
        return person -> person.code(0);
    }

    static Answer wrongCode() {
        return person -> Stream.of("000000", "000001", "000002", "000003")
                .filter(code -> !person.phone(0).showsAround(code))
                .findFirst()
                .orElseThrow();
    }

    static Answer backupCode(int number) {
        return person -> person.backupCodes().get(number - 1);
    }

    /** Lives the story and tells what was on the screen. */
    static String lives(SteppedClock clock, Abilities abilities, List<Answer> answers) {
        Person person = new Person(clock, abilities);
        try (Terminal terminal = new Terminal(
                person.typing(new ArrayDeque<>(answers)),
                new PrintStream(person.screen, true, abilities.charset()),
                abilities)) {
            new Story(terminal, clock, "kim").live();
        }
        return person.read();
    }

    static String lives(Answer... answers) {
        return lives(new SteppedClock(), PIPE, List.of(answers));
    }

    static List<String> secrets(String screen) {
        return SECRET.matcher(screen).results().map(MatchResult::group).toList();
    }

    static List<String> backupCodes(String screen) {
        return BACKUP_CODE
                .matcher(screen)
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    private String read() {
        return screen.toString(charset);
    }

    private List<String> backupCodes() {
        return backupCodes(read());
    }

    private String code(int phone) {
        return phone(phone).code();
    }

    private Phone phone(int phone) {
        String secret = secrets(read()).stream().distinct().toList().get(phone);
        return Phone.scan("otpauth://totp/kim?secret=" + secret.replace(" ", ""), clock);
    }

    private Reader typing(Queue<Answer> answers) {
        return lines(() -> {
            Answer next = answers.poll();
            if (next == null) {
                return "";
            }
            String line = next.given(this) + "\n";
            if (live) {
                screen.write('\n'); // the terminal's echo, without the codes: what they are is not its own doing
            }
            return line;
        });
    }

    /** A reader that asks for the next line when it is read, and ends with an empty one. */
    static Reader lines(Supplier<String> next) {
        return new Reader() {
            @Override
            public int read(char[] buffer, int offset, int length) {
                String line = next.get();
                line.getChars(0, line.length(), buffer, offset);
                return line.isEmpty() ? -1 : line.length();
            }

            @Override
            public void close() {}
        };
    }
}
