// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import static dev.sallyport.examples.terminal.Person.COLOUR;
import static dev.sallyport.examples.terminal.Person.NO_COLOUR;
import static dev.sallyport.examples.terminal.Person.PIPE;
import static dev.sallyport.examples.terminal.Person.backupCode;
import static dev.sallyport.examples.terminal.Person.lives;
import static dev.sallyport.examples.terminal.Person.nextCode;
import static dev.sallyport.examples.terminal.Person.sameCode;
import static dev.sallyport.examples.terminal.Person.types;
import static dev.sallyport.examples.terminal.Person.wrongCode;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sallyport.examples.terminal.Person.Answer;
import dev.sallyport.examples.terminal.Terminal.Abilities;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoryTest {
    private static final String ESCAPE = "\u001B";
    private static final String GOODBYE = "Goodbye.";
    private static final String REFUSED = "That code is not right, or was used already. Wait for the next one.";

    private static final Answer ENTER = types("");
    private static final Answer SIGN_IN = types("1");
    private static final Answer SIGN_IN_WITH_BACKUP_CODE = types("2");
    private static final Answer REMEMBER = types("3");
    private static final Answer STATUS = types("4");
    private static final Answer ADD_PHONE = types("5");
    private static final Answer REGENERATE = types("6");
    private static final Answer DISABLE = types("7");
    private static final Answer QUIT = types("8");

    /** The default name, the right code, no file. */
    private static final List<Answer> ENABLED = List.of(ENTER, nextCode(), ENTER);

    /** Everything that there is to do, in one life. */
    private static final List<Answer> WHOLE_STORY = then(
            List.of(types("a:b"), types("kim@acme.example"), wrongCode(), ENTER, nextCode(), ENTER),
            List.of(SIGN_IN, sameCode(), nextCode()),
            List.of(REMEMBER, SIGN_IN, REMEMBER, STATUS),
            List.of(SIGN_IN_WITH_BACKUP_CODE, types("0000-0000-0000-0000"), backupCode(1), SIGN_IN, ENTER),
            List.of(ADD_PHONE, ENTER, wrongCode(), nextCode(1), STATUS),
            List.of(SIGN_IN, wrongCode(), wrongCode(), wrongCode(), wrongCode(), wrongCode(), nextCode(), nextCode()),
            List.of(REGENERATE, ENTER, types("nonsense"), types("")),
            List.of(DISABLE, nextCode(1), SIGN_IN, types("2"), ENTER, types("q"), types("q")));

    @SafeVarargs
    @SuppressWarnings("varargs")
    private static List<Answer> then(List<Answer>... parts) {
        return Stream.of(parts).flatMap(List::stream).toList();
    }

    private static String afterEnabling(Answer... answers) {
        return lives(new SteppedClock(), PIPE, then(ENABLED, List.of(answers)));
    }

    @Nested
    class Enable {
        @Test
        void code_wrongThenRight_switchesItOnWithTenBackupCodes() {
            String screen = lives(ENTER, wrongCode(), nextCode(), ENTER, QUIT);

            assertThat(screen)
                    .containsSubsequence(
                            "That code is not right. Try the next one.",
                            "The log: it is not what the app shows around now.",
                            "Two-factor authentication is on.",
                            "10. ",
                            "On: 1 phone, 10 backup codes, 0 remembered browsers",
                            GOODBYE);
            assertThat(Person.backupCodes(screen)).hasSize(10).doesNotHaveDuplicates();
        }

        @Test
        void page_shownAgain_hasTheSameSecret() {
            List<String> secrets = Person.secrets(lives(ENTER, ENTER, ENTER));

            assertThat(secrets).hasSize(3).containsOnly(secrets.get(0));
        }

        @Test
        void accountName_thatTheLibraryRefuses_isAskedForAgain() {
            assertThat(lives(types("a:b"), types("kim")))
                    .containsSubsequence("That will not do: the account name contains a colon", "[kim]", "Scan this");
        }

        @Test
        void tenWrongCodes_endIt() {
            List<Answer> answers = new ArrayList<>(List.of(ENTER));
            for (int i = 0; i < 10; i++) {
                answers.add(wrongCode());
            }
            assertThat(lives(new SteppedClock(), PIPE, answers))
                    .containsSubsequence("This secret is no longer good.", "Two-factor authentication is off");
        }

        @Test
        void tenMinutes_endIt() {
            SteppedClock clock = new SteppedClock();
            Answer late = person -> {
                clock.advance(Duration.ofMinutes(11));
                return "";
            };
            assertThat(lives(clock, PIPE, List.of(ENTER, late)))
                    .containsSubsequence("That took too long.", "Two-factor authentication is off");
        }

        @Test
        void cancel_leavesItOff() {
            assertThat(lives(ENTER, types("q"), SIGN_IN))
                    .containsSubsequence("Cancelled.", "Two-factor authentication is off", "The password was enough");
        }
    }

    @Nested
    class SaveBackupCodes {
        @TempDir
        Path directory;

        @Test
        void file_new_isItsOwnersAlone() throws IOException {
            Path file = directory.resolve("codes.txt");

            String screen = lives(ENTER, nextCode(), types(file.toString()));

            assertThat(screen).containsSubsequence("Saved, for your eyes only:", file.toString());
            assertThat(Files.readString(file))
                    .startsWith("Sallyport demo backup codes for kim")
                    .contains(Person.backupCodes(screen));
            assumeThat(file.getFileSystem().supportedFileAttributeViews()).contains("posix");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }

        @Test
        void file_thatExists_staysAsItIs() throws IOException {
            Path file = Files.writeString(directory.resolve("mine.txt"), "mine");
            Path other = directory.resolve("other.txt");

            assertThat(lives(ENTER, nextCode(), types(file.toString()), types(other.toString())))
                    .containsSubsequence("There is such a file already", "Saved");
            assertThat(file).hasContent("mine");
            assertThat(other).isNotEmptyFile();
        }

        @Test
        void file_thatCannotBe_isAskedForAgain() {
            String nowhere = directory.resolve("no/such/directory").toString();

            assertThat(lives(ENTER, nextCode(), types(nowhere), types("a\0b"), ENTER, QUIT))
                    .containsSubsequence("NoSuchFileException", "InvalidPathException", "On: 1 phone", GOODBYE);
        }
    }

    @Nested
    class SignIn {
        @Test
        void code_usedBefore_isRefusedAndTheNextIsNot() {
            assertThat(afterEnabling(SIGN_IN, sameCode(), nextCode()))
                    .containsSubsequence(
                            REFUSED, "The log: it was used before, and each code works once.", "Signed in.");
        }

        @Test
        void codes_fiveWrong_lockUntilATimeAndNoLonger() {
            assertThat(afterEnabling(
                            SIGN_IN,
                            wrongCode(),
                            wrongCode(),
                            wrongCode(),
                            wrongCode(),
                            wrongCode(),
                            sameCode(),
                            nextCode()))
                    .containsSubsequence(
                            "The log: too many in a row; locked until ",
                            "Too many attempts. Try again after ",
                            "The log: it was not even looked at.",
                            "Signed in.");
        }

        @Test
        void codes_withoutTheFormOfOne_areNotCounted() {
            assertThat(afterEnabling(
                            SIGN_IN, types("a"), types("b"), types("c"), types("d"), types("e"), types("f"), ENTER))
                    .contains("it has not the form of a code, so it was not counted")
                    .doesNotContain("locked");
        }

        @Test
        void backupCode_duringTheLock_signsInOnce() {
            assertThat(afterEnabling(
                            SIGN_IN,
                            wrongCode(),
                            wrongCode(),
                            wrongCode(),
                            wrongCode(),
                            wrongCode(),
                            ENTER,
                            SIGN_IN_WITH_BACKUP_CODE,
                            backupCode(3),
                            SIGN_IN_WITH_BACKUP_CODE,
                            backupCode(3)))
                    .containsSubsequence(
                            "0 remembered browsers. Locked",
                            "That backup code is used up, 9 are left.",
                            "Signed in.",
                            "9 backup codes, 0 remembered browsers",
                            "The log: it was used before");
        }

        @Test
        void backupCodes_manyWrong_areSlowedDown() {
            Answer wrong = types("0000-0000-0000-0000");
            assertThat(afterEnabling(SIGN_IN_WITH_BACKUP_CODE, wrong, wrong, wrong, wrong, wrong, wrong))
                    .containsSubsequence("it is none of your backup codes", "one in a few seconds is enough");
        }

        @Test
        void codes_aHundredWrong_suspend() {
            SteppedClock clock = new SteppedClock();
            List<Answer> answers = new ArrayList<>(ENABLED);
            answers.add(SIGN_IN);
            for (int i = 0; i < 101; i++) {
                answers.add(person -> {
                    clock.advance(Duration.ofHours(1));
                    return wrongCode().given(person);
                });
            }
            answers.addAll(List.of(ENTER, STATUS, SIGN_IN_WITH_BACKUP_CODE, backupCode(1)));

            assertThat(lives(clock, PIPE, answers))
                    .containsSubsequence(
                            "Only a backup code ends this, or an operator",
                            "Use a backup code, or ask support.",
                            "One-time codes are suspended.",
                            "Signed in.");
        }
    }

    @Nested
    class RememberedBrowser {
        @Test
        void browser_remembered_signsInWithoutACode() {
            assertThat(afterEnabling(REMEMBER, SIGN_IN, REMEMBER))
                    .containsSubsequence(
                            "Remembered for 30 days.",
                            "1 remembered browser",
                            "Signed in, without a code",
                            "It is remembered already.");
        }

        @Test
        void browser_afterABackupCode_isForgotten() {
            assertThat(afterEnabling(REMEMBER, SIGN_IN_WITH_BACKUP_CODE, backupCode(1), SIGN_IN, nextCode()))
                    .containsSubsequence("This browser was remembered, and is no longer.", "Code from your app");
        }

        @Test
        void proof_olderThanFiveMinutes_takesAnotherCode() {
            SteppedClock clock = new SteppedClock();
            Answer late = person -> {
                clock.advance(Duration.ofMinutes(6));
                return "3";
            };
            assertThat(lives(clock, PIPE, then(ENABLED, List.of(late, nextCode()))))
                    .containsSubsequence("It has gone stale", "This takes a code", "Remembered for 30 days.");
        }
    }

    @Nested
    class AddPhone {
        @Test
        void phones_both_signIn() {
            assertThat(afterEnabling(
                            ADD_PHONE,
                            types("Tablet"),
                            nextCode(1),
                            SIGN_IN,
                            nextCode(0),
                            SIGN_IN,
                            nextCode(1),
                            STATUS))
                    .containsSubsequence("Added.", "On: 2 phones", "Signed in.", "Signed in.", "Tablet: added");
        }

        @Test
        void name_thatTheLibraryRefuses_isAskedForAgain() {
            assertThat(afterEnabling(ADD_PHONE, types("Tab\u001B[Alet"), types("Tablet")))
                    .containsSubsequence("That will not do: a label", "What do you call it", "Scan this")
                    .doesNotContain(ESCAPE);
        }

        @Test
        void phone_sixth_isRefused() {
            List<Answer> answers = new ArrayList<>(ENABLED);
            for (int phone = 1; phone <= 4; phone++) {
                answers.addAll(List.of(ADD_PHONE, ENTER, nextCode(phone)));
            }
            answers.add(ADD_PHONE);
            assertThat(lives(new SteppedClock(), PIPE, answers))
                    .containsSubsequence("On: 5 phones", "You have 5 already");
        }
    }

    @Test
    void regenerate_oldCodes_areDead() {
        assertThat(afterEnabling(
                        REGENERATE, ENTER, SIGN_IN_WITH_BACKUP_CODE, backupCode(1), backupCode(11), REGENERATE, ENTER))
                .containsSubsequence(
                        "The old ones are dead", "The log: it is none of your backup codes.", "Signed in.");
    }

    @Test
    void disable_withAFreshCode_isTheEndUntilItIsEnabledAgain() {
        assertThat(afterEnabling(DISABLE, sameCode(), nextCode(), SIGN_IN, types("2"), ENTER, nextCode(1), ENTER))
                .containsSubsequence(
                        REFUSED,
                        "Two-factor authentication is off.",
                        "The password was enough",
                        "Two-factor authentication is on.");
    }

    @Nested
    class Leave {
        @Test
        void endOfInput_atEveryPrompt_leavesWithAGoodbye() {
            for (int answers = 0; answers <= WHOLE_STORY.size(); answers++) {
                String screen = lives(new SteppedClock(), PIPE, WHOLE_STORY.subList(0, answers));

                assertThat(screen.lines().reduce((first, last) -> last).orElseThrow())
                        .as("after %s answers", answers)
                        .startsWith(GOODBYE);
            }
        }

        @Test
        void choice_thatIsNone_isAskedForAgain() {
            assertThat(afterEnabling(ENTER, types("9"), types("0"), types("11"), types("signin"), QUIT))
                    .containsSubsequence(
                            "Please type a number from 1 to 8.", "Please type a number from 1 to 8.", GOODBYE);
        }
    }

    @Nested
    class Screen {
        static Stream<Abilities> abilities() {
            return Stream.of(PIPE, COLOUR, NO_COLOUR);
        }

        @ParameterizedTest
        @MethodSource("abilities")
        void secrets_afterTheirOneShowing_areNeverSeenAgain(Abilities abilities) {
            String screen = wholeStory(abilities);
            String enrolled = screen.substring(screen.indexOf("Two-factor authentication is on."));

            // The first was shown twice, because it was asked for again. Three: the phone, the other one, and enabled
            // again.
            assertThat(Person.secrets(screen).stream().distinct()).hasSize(3);
            assertThat(enrolled).doesNotContain(Person.secrets(screen).get(0));
            assertThat(Person.secrets(enrolled)).hasSize(2).doesNotHaveDuplicates();
            assertThat(Person.backupCodes(screen)).hasSize(20).doesNotHaveDuplicates();
            for (String code : Person.backupCodes(screen)) {
                assertThat(screen.split(code, -1))
                        .as("showings of a backup code")
                        .hasSize(2);
            }
        }

        @Test
        void pipe_hasNoEscapesAndNoQrCode() {
            assertThat(wholeStory(PIPE))
                    .doesNotContain(ESCAPE, "▀")
                    .contains("(The QR code is drawn on a terminal only.)");
        }

        @Test
        void noColour_hasNoEscapesButTheQrCodes() {
            assertThat(wholeStory(NO_COLOUR)).contains("▀");
            assertThat(withoutQrCodes(wholeStory(NO_COLOUR))).doesNotContain(ESCAPE);
        }

        @Test
        void colour_isThereWhereItIsWelcome() {
            assertThat(withoutQrCodes(wholeStory(COLOUR))).contains(ESCAPE + "[32m  ✓ " + ESCAPE + "[0mSigned in.");
        }

        @ParameterizedTest
        @ValueSource(strings = {"dumb", "xterm"})
        void charset_thatHasNoBlocksAndTicks_getsWords(String term) {
            String screen = wholeStory(Abilities.of(true, term, null, US_ASCII));

            // What a charset does not have, a stream writes as a question mark.
            assertThat(screen).contains("[ok]", "[no]").doesNotContain("??", " ?");
        }

        @ParameterizedTest
        @MethodSource("abilities")
        void lines_fitIntoEightyColumns(Abilities abilities) {
            assertThat(withoutQrCodes(wholeStory(abilities))
                            .replaceAll(ESCAPE + "\\[\\d+m", "")
                            .lines())
                    .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
        }

        private static String wholeStory(Abilities abilities) {
            return lives(new SteppedClock(), abilities, WHOLE_STORY);
        }

        private static String withoutQrCodes(String screen) {
            return screen.lines().filter(line -> !line.contains("48;5;231")).collect(joining("\n"));
        }
    }

    @Nested
    class AbilitiesOf {
        @Test
        void noColor_countsIfItIsNotEmpty() {
            assertThat(Abilities.of(true, "xterm", null, UTF_8).colour()).isTrue();
            assertThat(Abilities.of(true, "xterm", "", UTF_8).colour()).isTrue();
            assertThat(Abilities.of(true, "xterm", "0", UTF_8).colour()).isFalse();
        }

        @Test
        void terminal_dumbOrNone_isNotLive() {
            assertThat(Abilities.of(true, "dumb", null, UTF_8).live()).isFalse();
            assertThat(Abilities.of(false, "xterm", null, UTF_8).live()).isFalse();
            assertThat(Abilities.of(false, "xterm", null, UTF_8).colour()).isFalse();
        }
    }
}
