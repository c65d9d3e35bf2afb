// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.examples.terminal.Terminal.Capabilities;
import dev.sallyport.testing.SteppedClock;
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
 * A user with an answer for every prompt, and with phones. An answer is computed when it is asked for, because a code depends
 * on what the screen shows. After the last answer comes Ctrl-D.
 */
final class TestUser {
    static final Capabilities PIPE = Capabilities.of(false, "xterm", null, UTF_8);
    static final Capabilities COLOR = Capabilities.of(true, "xterm", "", UTF_8);
    static final Capabilities NO_COLOR = Capabilities.of(true, "xterm", "1", UTF_8);

    private static final Pattern SECRET = Pattern.compile("(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}");
    private static final Pattern BACKUP_CODE = Pattern.compile("\\d\\. ((?:[0-9A-Z]{4}-){5}[0-9A-Z]{4})");
    private static final Pattern TEMPORARY_CODE = Pattern.compile(" {4}((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})\\R");

    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
    private final Charset charset;
    private final boolean live;
    private final SteppedClock clock;

    private TestUser(SteppedClock clock, Capabilities capabilities) {
        this.clock = clock;
        this.charset = capabilities.charset();
        this.live = capabilities.live();
    }

    /** What the user types at a prompt. */
    interface Answer {
        String text(TestUser user);
    }

    static Answer types(String text) {
        return user -> text;
    }

    /** Lets time pass before the answer. */
    static Answer after(Duration time, Answer answer) {
        return user -> {
            user.clock.advance(time);
            return answer.text(user);
        };
    }

    /** Waits for the app's next code, and types it. */
    static Answer nextCode() {
        return nextCode(0);
    }

    static Answer nextCode(int phone) {
        return after(Duration.ofSeconds(30), user -> user.phone(phone).code());
    }

    /** Types the code that the app shows now, used or not. */
    static Answer sameCode() {
        return user -> user.phone(0).code();
    }

    /** Types what the app shows while the phone's clock is wrong. */
    static Answer codeWithClockOff(Duration by) {
        return user -> {
            Phone phone = user.phone(0);
            phone.clockOff(by);
            return phone.code();
        };
    }

    static Answer wrongCode() {
        return user -> Stream.of("000000", "000001", "000002", "000003", "000004")
                .filter(code -> !user.phone(0).showsAround(code))
                .findFirst()
                .orElseThrow();
    }

    static Answer backupCode(int number) {
        return user -> user.backupCodes().get(number - 1);
    }

    static Answer temporaryCode() {
        return user -> temporaryCodes(user.read()).get(0);
    }

    /** Runs the story, and returns what was on the screen. */
    static String screenAfter(SteppedClock clock, Capabilities capabilities, List<Answer> answers) {
        TestUser user = new TestUser(clock, capabilities);
        try (Terminal terminal = new Terminal(
                user.typing(new ArrayDeque<>(answers)),
                new PrintStream(user.screen, true, capabilities.charset()),
                capabilities)) {
            new Story(terminal, clock, "kim").run();
        }
        return user.read();
    }

    static String screenAfter(Answer... answers) {
        return screenAfter(new SteppedClock(), PIPE, List.of(answers));
    }

    static List<String> secrets(String screen) {
        return SECRET.matcher(screen).results().map(MatchResult::group).toList();
    }

    static List<String> backupCodes(String screen) {
        return firstGroups(BACKUP_CODE, screen);
    }

    static List<String> temporaryCodes(String screen) {
        return firstGroups(TEMPORARY_CODE, screen);
    }

    private static List<String> firstGroups(Pattern pattern, String screen) {
        return pattern.matcher(screen).results().map(found -> found.group(1)).toList();
    }

    private String read() {
        return screen.toString(charset);
    }

    private List<String> backupCodes() {
        return backupCodes(read());
    }

    private Phone phone(int phone) {
        String secret = secrets(read()).stream().distinct().toList().get(phone);
        return Phone.scan("otpauth://totp/kim?secret=" + secret.replace(" ", ""), clock);
    }

    private Reader typing(Queue<Answer> answers) {
        return reader(() -> {
            Answer next = answers.poll();
            if (next == null) {
                return "";
            }
            String line = next.text(this) + "\n";
            if (live) {
                screen.write('\n'); // the terminal's echo of Enter; what was typed is left out of the screen
            }
            return line;
        });
    }

    /** A reader that asks for the next line when it is read, and ends with an empty one. */
    static Reader reader(Supplier<String> next) {
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
