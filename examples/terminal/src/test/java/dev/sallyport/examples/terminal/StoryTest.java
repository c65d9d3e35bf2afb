// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import static dev.sallyport.examples.terminal.TestUser.COLOR;
import static dev.sallyport.examples.terminal.TestUser.NO_COLOR;
import static dev.sallyport.examples.terminal.TestUser.PIPE;
import static dev.sallyport.examples.terminal.TestUser.after;
import static dev.sallyport.examples.terminal.TestUser.backupCode;
import static dev.sallyport.examples.terminal.TestUser.codeWithClockOff;
import static dev.sallyport.examples.terminal.TestUser.nextCode;
import static dev.sallyport.examples.terminal.TestUser.sameCode;
import static dev.sallyport.examples.terminal.TestUser.screenAfter;
import static dev.sallyport.examples.terminal.TestUser.temporaryCode;
import static dev.sallyport.examples.terminal.TestUser.types;
import static dev.sallyport.examples.terminal.TestUser.wrongCode;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sallyport.examples.terminal.Terminal.Capabilities;
import dev.sallyport.examples.terminal.TestUser.Answer;
import dev.sallyport.testing.SteppedClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
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
    private static final String REJECTED = "That code is not right, or was used already. Wait for the next one.";
    private static final String SIGNED_OUT = "You were signed out here: what your session rested on has ended.";
    private static final String NO_CODE = "0000-0000-0000-0000-0000-0000";

    private static final Answer ENTER = types("");
    private static final Answer SIGN_IN = types("1");
    private static final Answer STRANGER = types("2");
    private static final Answer REMEMBER = types("3");
    private static final Answer STATUS = types("4");
    private static final Answer ADD_PHONE = types("5");
    private static final Answer REGENERATE = types("6");
    private static final Answer TEMPORARY_CODE = types("7");
    private static final Answer CHANGE_PASSWORD = types("8");
    private static final Answer DISABLE = types("9");
    private static final Answer QUIT = types("q");

    private static final List<Answer> FIVE_WRONG = Collections.nCopies(5, wrongCode());

    /** The default name, the right code, no file. */
    private static final List<Answer> ENABLED = List.of(ENTER, nextCode(), ENTER);

    /** Everything that the menu offers. */
    private static final List<Answer> WHOLE_STORY = join(
            List.of(types("\u0007"), types("kim@acme.example"), wrongCode(), types("what"), ENTER),
            List.of(codeWithClockOff(Duration.ofMinutes(5)), nextCode(), ENTER),
            List.of(SIGN_IN, sameCode(), nextCode()),
            List.of(REMEMBER, SIGN_IN, REMEMBER, STATUS),
            List.of(SIGN_IN, SIGN_IN, STRANGER, types(NO_CODE), backupCode(1), SIGN_IN, ENTER, REMEMBER),
            List.of(SIGN_IN, nextCode(), nextCode(), ADD_PHONE, ENTER, wrongCode(), nextCode(1), STATUS),
            List.of(STRANGER),
            FIVE_WRONG,
            // On a terminal, the first Enter ends the countdown and the second one leads back to the menu.
            List.of(sameCode(), ENTER, ENTER, STATUS, SIGN_IN, nextCode()),
            List.of(REGENERATE, ENTER, types("nonsense"), types("")),
            List.of(TEMPORARY_CODE, SIGN_IN, temporaryCode()),
            List.of(CHANGE_PASSWORD, REMEMBER, after(Duration.ofMinutes(1), nextCode()), SIGN_IN, nextCode(), REMEMBER),
            List.of(DISABLE, nextCode(1), SIGN_IN, types("2"), ENTER, types("q"), types("q")));

    @SafeVarargs
    @SuppressWarnings("varargs")
    private static List<Answer> join(List<Answer>... parts) {
        return Stream.of(parts).flatMap(List::stream).toList();
    }

    private static String screenAfterEnabling(Answer... answers) {
        return screenAfterEnabling(List.of(answers));
    }

    @SafeVarargs
    @SuppressWarnings("varargs")
    private static String screenAfterEnabling(List<Answer>... answers) {
        return screenAfter(new SteppedClock(), PIPE, join(ENABLED, join(answers)));
    }

    @Nested
    class Enable {
        @Test
        void code_wrongThenRight_switchesItOnWithTenBackupCodes() {
            String screen = screenAfter(ENTER, wrongCode(), nextCode(), ENTER, QUIT);

            assertThat(screen)
                    .containsSubsequence(
                            "Signed in. The password was enough",
                            "That code is not right. Enter the 6 digits that the app shows now.",
                            "The log: the app does not show it around now.",
                            "Two-factor authentication is on.",
                            "10. ",
                            "On: 1 phone, 10 backup codes, 1 known browser",
                            GOODBYE)
                    .doesNotContain("signed out");
            assertThat(TestUser.backupCodes(screen)).hasSize(10).doesNotHaveDuplicates();
        }

        @Test
        void code_ofAPhoneWithAWrongClock_tellsHowWrongItIs() {
            assertThat(screenAfter(ENTER, codeWithClockOff(Duration.ofMinutes(-5)), nextCode()))
                    .containsSubsequence(
                            "Your phone's clock is 5 minutes off. Set it to automatic.",
                            "Two-factor authentication is on.");
        }

        @Test
        void input_thatDoesNotLookLikeACode_tellsWhatACodeLooksLike() {
            assertThat(screenAfter(ENTER, types("let me in"), nextCode()))
                    .containsSubsequence(
                            "A code has 6 digits.",
                            "it does not look like a code, so it was not counted",
                            "Two-factor authentication is on.");
        }

        @Test
        void page_shownAgain_hasTheSameSecret() {
            List<String> secrets = TestUser.secrets(screenAfter(ENTER, ENTER, ENTER));

            assertThat(secrets).hasSize(3).containsOnly(secrets.get(0));
        }

        @Test
        void accountName_thatTheLibraryRefuses_isAskedForAgain() {
            assertThat(screenAfter(types("\u0007"), types("kim")))
                    .containsSubsequence("That name cannot be used", "[kim]", "Scan this");
        }

        @Test
        void accountName_withAColonAndAControlCharacter_isMadeFit() {
            assertThat(screenAfter(types("a:\u001B[Ab"), nextCode()))
                    .contains("Sallyport demo backup codes for a:[Ab")
                    .doesNotContain(ESCAPE);
        }

        @Test
        void tenWrongCodes_endIt() {
            List<Answer> answers = join(List.of(ENTER), Collections.nCopies(11, wrongCode()));

            assertThat(screenAfter(new SteppedClock(), PIPE, answers))
                    .containsSubsequence("This secret is no longer good.", "Two-factor authentication is off");
        }

        @Test
        void tenMinutes_endIt() {
            assertThat(screenAfter(ENTER, after(Duration.ofMinutes(11), ENTER)))
                    .containsSubsequence("This secret is no longer good.", "Two-factor authentication is off");
        }

        @Test
        void cancel_leavesItOff() {
            assertThat(screenAfter(ENTER, types("q"), SIGN_IN))
                    .containsSubsequence("Canceled.", "Two-factor authentication is off", "The password was enough");
        }
    }

    @Nested
    class SaveBackupCodes {
        @TempDir
        Path directory;

        @Test
        void file_new_canBeReadByItsOwnerAlone() throws IOException {
            Path file = directory.resolve("codes.txt");

            String screen = screenAfter(ENTER, nextCode(), types(file.toString()));

            assertThat(screen).containsSubsequence("Saved. Only your user can read the file:", file.toString());
            assertThat(Files.readString(file))
                    .startsWith("Sallyport demo backup codes for kim")
                    .contains(TestUser.backupCodes(screen));
            assumeThat(file.getFileSystem().supportedFileAttributeViews()).contains("posix");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }

        @Test
        void file_thatExists_isNotChanged() throws IOException {
            Path file = Files.writeString(directory.resolve("mine.txt"), "mine");
            Path other = directory.resolve("other.txt");

            assertThat(screenAfter(ENTER, nextCode(), types(file.toString()), types(other.toString())))
                    .containsSubsequence("That file exists already.", "Saved");
            assertThat(file).hasContent("mine");
            assertThat(other).isNotEmptyFile();
        }

        @Test
        void file_thatCannotBeWritten_isAskedForAgain() {
            String nowhere = directory.resolve("no/such/directory").toString();

            assertThat(screenAfter(ENTER, nextCode(), types(nowhere), types("a\0b"), ENTER, QUIT))
                    .containsSubsequence("NoSuchFileException", "InvalidPathException", "On: 1 phone", GOODBYE);
        }
    }

    @Nested
    class SignIn {
        @Test
        void code_usedBefore_isRejectedAndTheNextIsNot() {
            assertThat(screenAfterEnabling(SIGN_IN, sameCode(), nextCode()))
                    .containsSubsequence(
                            REJECTED, "The log: it was used before, and each code works once.", "Signed in.");
        }

        @Test
        void codes_fiveWrong_lockUntilATimeAndNoLonger() {
            assertThat(screenAfterEnabling(List.of(SIGN_IN), FIVE_WRONG, List.of(sameCode(), nextCode(), nextCode())))
                    .containsSubsequence(
                            "The log: too many in a row; locked until ",
                            "Too many attempts. Use a backup code, or wait until ",
                            "The log: it was not compared.",
                            "Too many attempts.",
                            "Signed in.");
        }

        @Test
        void input_thatDoesNotLookLikeACode_isNotCounted() {
            assertThat(screenAfterEnabling(
                            SIGN_IN, types("a"), types("b"), types("c"), types("d"), types("e"), types("f"), ENTER))
                    .contains(
                            "A code has 6 digits, a backup code 24 letters and digits.",
                            "it does not look like a code, so it was not counted")
                    .doesNotContain("locked");
        }

        @Test
        void code_withMoreDigitsThanTheAppHas_isRejectedAndNotCounted() {
            assertThat(screenAfterEnabling(
                            List.of(SIGN_IN), Collections.nCopies(6, types("12345678")), List.of(nextCode())))
                    .containsSubsequence(REJECTED, "your app makes codes of another length", "Signed in.")
                    .doesNotContain("locked");
        }

        @Test
        void backupCode_duringTheLock_signsInOnce() {
            assertThat(screenAfterEnabling(
                            List.of(SIGN_IN), FIVE_WRONG, List.of(backupCode(3), SIGN_IN, backupCode(3))))
                    .containsSubsequence(
                            "locked until",
                            "That backup code is used up. Backup codes left: 9.",
                            "Signed in.",
                            "On: 1 phone, 9 backup codes, 1 known browser",
                            REJECTED,
                            "The log: it was used before");
        }

        @Test
        void backupCode_withItsLineNumber_signsIn() {
            Answer wholeLine = user -> "3. " + backupCode(3).text(user);

            assertThat(screenAfterEnabling(SIGN_IN, wholeLine)).contains("That backup code is used up.");
        }

        @Test
        void backupCodes_wrong_areNotCounted() {
            assertThat(screenAfterEnabling(
                            List.of(SIGN_IN), Collections.nCopies(20, types(NO_CODE)), List.of(nextCode())))
                    .containsSubsequence("it is not among your backup codes", "Signed in.")
                    .doesNotContain("locked");
        }

        @Test
        void tenMinutes_endASignIn() {
            assertThat(screenAfterEnabling(SIGN_IN, after(Duration.ofMinutes(11), nextCode())))
                    .containsSubsequence("That took too long, or you were signed out. Sign in again.", "signed out.");
        }

        @Test
        void temporaryCode_signsInOnce() {
            assertThat(screenAfterEnabling(TEMPORARY_CODE, SIGN_IN, temporaryCode(), SIGN_IN, temporaryCode()))
                    .containsSubsequence(
                            "It works once, until ",
                            "Other sessions have ended, and remembered browsers need a code again.",
                            "Signed in.",
                            REJECTED);
        }
    }

    @Nested
    class Stranger {
        @Test
        void codes_wrong_doNotKeepTheOwnerOut() {
            assertThat(screenAfterEnabling(
                            List.of(STRANGER), FIVE_WRONG, List.of(sameCode(), ENTER, SIGN_IN, nextCode())))
                    .containsSubsequence(
                            "Too many attempts. Use a backup code, or wait until ",
                            "1 known browser. Strangers are locked out",
                            "Signed in.",
                            "On: 1 phone, 10 backup codes, 1 known browser\n");
        }

        @Test
        void codes_fiftyWrong_suspendUntilABackupCode() {
            List<Answer> oneGuess = List.of(after(Duration.ofHours(1), STRANGER), wrongCode(), ENTER);
            List<Answer> fifty = Collections.nCopies(50, oneGuess).stream()
                    .flatMap(List::stream)
                    .toList();

            assertThat(screenAfterEnabling(fifty, List.of(STATUS, STRANGER, nextCode(), backupCode(1), ENTER, STATUS)))
                    .containsSubsequence(
                            "The log: too many in a row; waiting does not help",
                            "Strangers: 50 wrong codes in the last 31 days",
                            "locked. A backup code ends that.",
                            "Too many attempts. Use a backup code, or ask support.",
                            "Signed in, over there.",
                            "2 known browsers",
                            "Strangers: 50 wrong codes in the last 31 days",
                            "locked until ");
        }

        @Test
        void backupCode_ofAStranger_endsTheSessionHere() {
            assertThat(screenAfterEnabling(
                            STRANGER, backupCode(1), REMEMBER, SIGN_IN, sameCode(), nextCode(), nextCode()))
                    .containsSubsequence(
                            "Signed in, over there. That browser is known now.",
                            SIGNED_OUT,
                            "You are signed out.",
                            "Sign in first.",
                            REJECTED,
                            "The log: all codes of this moment are used up",
                            "Signed in.");
        }
    }

    @Nested
    class RememberedBrowser {
        @Test
        void browser_remembered_signsInWithoutACode() {
            assertThat(screenAfterEnabling(REMEMBER, SIGN_IN, STATUS))
                    .containsSubsequence(
                            "Remembered for 30 days.",
                            "Signed in, without a code",
                            "This browser: last used",
                            "needs no code until");
        }

        @Test
        void browser_afterABackupCode_needsACode() {
            assertThat(screenAfterEnabling(REMEMBER, STRANGER, backupCode(1), SIGN_IN, ENTER))
                    .containsSubsequence("Remembered for 30 days.", SIGNED_OUT, "Now the second factor.");
        }

        @Test
        void proof_olderThanFiveMinutes_takesAnotherCode() {
            assertThat(screenAfterEnabling(after(Duration.ofMinutes(6), REMEMBER), nextCode()))
                    .containsSubsequence("It does not count any more", "This takes a code", "Remembered for 30 days.");
        }
    }

    @Nested
    class AddPhone {
        @Test
        void phones_both_signIn() {
            assertThat(screenAfterEnabling(
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
            assertThat(screenAfterEnabling(ADD_PHONE, types("Tab\u001B[Alet"), types("Tablet")))
                    .containsSubsequence("That name cannot be used", "What do you call it", "Scan this")
                    .doesNotContain(ESCAPE);
        }

        @Test
        void proof_thatGrowsOldAtThePrompt_takesAnotherCode() {
            assertThat(screenAfterEnabling(
                            ADD_PHONE, after(Duration.ofMinutes(6), ENTER), nextCode(), ENTER, nextCode(1)))
                    .containsSubsequence("It does not count any more", "This takes a code", "Added.");
        }

        @Test
        void phone_sixth_isRefused() {
            List<Answer> answers = new ArrayList<>();
            for (int phone = 1; phone <= 4; phone++) {
                answers.addAll(List.of(ADD_PHONE, ENTER, nextCode(phone)));
            }
            answers.addAll(List.of(ADD_PHONE, ENTER));
            assertThat(screenAfterEnabling(answers))
                    .containsSubsequence("On: 5 phones", "No more phones: an account has at most 5 authenticators");
        }
    }

    @Test
    void regenerate_oldCodes_doNotWork() {
        assertThat(screenAfterEnabling(REGENERATE, ENTER, SIGN_IN, backupCode(1), backupCode(11), REGENERATE, ENTER))
                .containsSubsequence(
                        "The old ones do not work any more.",
                        "The log: it is not among your backup codes",
                        "Signed in.",
                        "The old ones do not work any more.");
    }

    @Test
    void changePassword_endsKnownBrowsersAndTheProof_butNotThisSession() {
        assertThat(screenAfterEnabling(
                        CHANGE_PASSWORD, REMEMBER, nextCode(), ENTER, SIGN_IN, nextCode(), REMEMBER, QUIT))
                .containsSubsequence(
                        "Changed.",
                        "On: 1 phone, 10 backup codes, 0 known browsers",
                        "It does not count any more",
                        "This takes a code.",
                        "Sign in again first",
                        "Signed in.",
                        "1 known browser",
                        "Remembered for 30 days.")
                .doesNotContain(SIGNED_OUT);
    }

    @Nested
    class Disable {
        @Test
        void code_fresh_switchesItOffUntilItIsEnabledAgain() {
            assertThat(screenAfterEnabling(
                            DISABLE, sameCode(), nextCode(), SIGN_IN, types("2"), ENTER, nextCode(1), ENTER))
                    .containsSubsequence(
                            REJECTED,
                            "Two-factor authentication is off.",
                            "The password was enough",
                            "Two-factor authentication is on.")
                    .doesNotContain(SIGNED_OUT);
        }

        @Test
        void codes_tenWrong_endTheSession() {
            Answer wrongLater = after(Duration.ofHours(1), wrongCode());

            assertThat(screenAfterEnabling(
                            List.of(DISABLE), Collections.nCopies(11, wrongLater), List.of(SIGN_IN, nextCode())))
                    .containsSubsequence(
                            "The log: ten wrong codes in one session end all sessions.",
                            "That took too long, or you were signed out. Sign in again.",
                            SIGNED_OUT,
                            "Signed in.")
                    .doesNotContain("authentication is off. Delete");
        }
    }

    @Nested
    class Quit {
        @Test
        void endOfInput_atEveryPrompt_quitsWithAGoodbye() {
            for (int answers = 0; answers <= WHOLE_STORY.size(); answers++) {
                String screen = screenAfter(new SteppedClock(), PIPE, WHOLE_STORY.subList(0, answers));

                assertThat(screen.lines().reduce((first, last) -> last).orElseThrow())
                        .as("after %s answers", answers)
                        .startsWith(GOODBYE);
            }
        }

        @Test
        void choice_thatIsUnknown_isAskedForAgain() {
            assertThat(screenAfterEnabling(ENTER, types("0"), types("11"), types("signin"), QUIT))
                    .containsSubsequence(
                            "Please type a number from 1 to 9, or q.", "Please type a number from 1 to 9", GOODBYE);
        }
    }

    @Nested
    class Screen {
        static Stream<Capabilities> capabilities() {
            return Stream.of(PIPE, COLOR, NO_COLOR);
        }

        @ParameterizedTest
        @MethodSource("capabilities")
        void story_onEveryKindOfOutput_comesToItsEnd(Capabilities capabilities) {
            assertThat(wholeStory(capabilities))
                    .containsSubsequence(
                            "That name cannot be used",
                            "Two-factor authentication is on.",
                            "Remembered for 30 days.",
                            "Signed in, over there.",
                            SIGNED_OUT,
                            "Added.",
                            "Strangers are locked out",
                            "The old ones do not work any more.",
                            "It works once, until ",
                            "Changed.",
                            "Remembered for 30 days.",
                            "Two-factor authentication is off. Delete",
                            "Canceled.",
                            GOODBYE);
        }

        @ParameterizedTest
        @MethodSource("capabilities")
        void secrets_afterTheyWereShown_areNeverSeenAgain(Capabilities capabilities) {
            String screen = wholeStory(capabilities);
            String enrolled = screen.substring(screen.indexOf("Two-factor authentication is on."));

            // Three secrets: of the phone, which was shown twice, of the other phone, and of the second enabling.
            assertThat(TestUser.secrets(screen).stream().distinct()).hasSize(3);
            assertThat(enrolled).doesNotContain(TestUser.secrets(screen).get(0));
            assertThat(TestUser.secrets(enrolled)).hasSize(2).doesNotHaveDuplicates();
            assertThat(TestUser.backupCodes(screen)).hasSize(20).doesNotHaveDuplicates();
            assertThat(TestUser.temporaryCodes(screen)).hasSize(1);
            for (String code : TestUser.backupCodes(screen)) {
                assertThat(screen.split(code, -1))
                        .as("how often a backup code was shown, plus one")
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
        void noColor_hasNoEscapesButTheQrCodes() {
            assertThat(wholeStory(NO_COLOR)).contains("▀");
            assertThat(withoutQrCodes(wholeStory(NO_COLOR))).doesNotContain(ESCAPE);
        }

        @Test
        void color_isThereOnAColorTerminal() {
            assertThat(withoutQrCodes(wholeStory(COLOR))).contains(ESCAPE + "[32m  ✓ " + ESCAPE + "[0mSigned in.");
        }

        @ParameterizedTest
        @ValueSource(strings = {"dumb", "xterm"})
        void charset_withoutBlocksAndTicks_getsWords(String term) {
            String screen = wholeStory(Capabilities.of(true, term, null, US_ASCII));

            // A stream writes a question mark for a character that its charset does not have.
            assertThat(screen).contains("[ok]", "[no]").doesNotContain("??", " ?");
        }

        @ParameterizedTest
        @MethodSource("capabilities")
        void lines_fitIntoEightyColumns(Capabilities capabilities) {
            assertThat(withoutQrCodes(wholeStory(capabilities))
                            .replaceAll(ESCAPE + "\\[\\d+m", "")
                            .lines())
                    .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
        }

        private static String wholeStory(Capabilities capabilities) {
            return screenAfter(new SteppedClock(), capabilities, WHOLE_STORY);
        }

        private static String withoutQrCodes(String screen) {
            return screen.lines().filter(line -> !line.contains("48;5;231")).collect(joining("\n"));
        }
    }

    @Nested
    class CapabilitiesOf {
        @Test
        void noColor_countsIfItIsNotEmpty() {
            assertThat(Capabilities.of(true, "xterm", null, UTF_8).color()).isTrue();
            assertThat(Capabilities.of(true, "xterm", "", UTF_8).color()).isTrue();
            assertThat(Capabilities.of(true, "xterm", "0", UTF_8).color()).isFalse();
        }

        @Test
        void terminal_dumbOrNone_isNotLive() {
            assertThat(Capabilities.of(true, "dumb", null, UTF_8).live()).isFalse();
            assertThat(Capabilities.of(false, "xterm", null, UTF_8).live()).isFalse();
            assertThat(Capabilities.of(false, "xterm", null, UTF_8).color()).isFalse();
        }
    }
}
