// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testing.SteppedClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first thing that a newcomer copies compiles, and does what it says. */
class ReadmeTest {
    private static final Duration PERIOD = Duration.ofSeconds(30);

    @TempDir
    Path classes;

    @Nested
    class Compiles {
        @Test
        void snippet_asItStands_compiles() throws IOException {
            assertThat(ReadmeSnippet.read().compile(classes)).isEmpty();
        }

        @Test
        void snippet_inOneMethod_compiles() throws IOException {
            assertThat(ReadmeSnippet.read().compileInOneMethod(classes)).isEmpty();
        }

        @Test
        void snippet_thatDisablesWithoutAProof_doesNotCompile() throws IOException {
            assertThat(ReadmeSnippet.read()
                            .with("twoFactor.disable(proof)", "twoFactor.disable(alice)")
                            .compile(classes))
                    .contains("UserId cannot be converted to Verified");
        }

        @Test
        void snippet_thatVerifiesForAUserId_doesNotCompile() throws IOException {
            assertThat(ReadmeSnippet.read()
                            .with("Challenge.of(session.get(\"challenge\"))", "alice")
                            .compile(classes))
                    .contains("UserId cannot be converted to Challenge");
        }
    }

    /** Pages of the snippet, called one by one as a user goes through them. */
    @Nested
    class Runs {
        private final SteppedClock clock = new SteppedClock();
        private SnippetPages pages;
        private @Nullable Phone scanned;

        @BeforeEach
        void compile() throws IOException {
            pages = ReadmeSnippet.read().load(classes, clock);
        }

        @Test
        void lifeCycle_fromTheFirstSignInToTheLast_goesAsTheCommentsSay() {
            pages.signIn();
            assertThat(pages.said()).containsExactly("signed in as 42");
            pages.everyMinute();
            assertThat(pages.said()).isEmpty();

            enable();

            // The session that enabled it goes on, and another sign-in takes a code.
            pages.everyMinute();
            assertThat(pages.said()).isEmpty();
            pages.signIn();
            assertThat(pages.said()).containsExactly("the code page");
            pages.type(wrongCode()).codePage();
            assertThat(pages.said())
                    .containsExactly("That code is not right, or was used already. Wait for the next one.");
            pages.type("let me in").codePage();
            assertThat(pages.said()).containsExactly("A code has 6 digits, a backup code 24 letters and digits.");
            pages.remember(true).type(nextCode()).codePage();
            assertThat(pages.said()).containsExactly("signed in as 42");

            // A remembered browser.
            pages.signIn();
            assertThat(pages.said()).containsExactly("signed in as 42");
            pages.everyMinute();
            assertThat(pages.said()).isEmpty();

            pages.type(nextCode()).disable();
            assertThat(pages.said()).isEmpty();
            pages.everyMinute();
            assertThat(pages.said()).isEmpty();
            pages.signIn();
            assertThat(pages.said()).containsExactly("signed in as 42");
        }

        @Test
        void browser_withoutItsCookie_needsACodeAndGetsANewCookie() {
            pages.signIn();
            enable();
            pages.loseCookie().signIn();
            pages.type(nextCode()).codePage();

            assertThat(pages.said()).containsExactly("the code page", "a cookie", "signed in as 42");
        }

        @Test
        void strangers_whoBurnCodes_areLockedOutAndTheOwnerIsNot() {
            pages.signIn();
            enable();
            String cookie = pages.cookie();
            pages.loseCookie().signIn();
            pages.said();
            for (int i = 0; i < 5; i++) {
                pages.type(wrongCode()).codePage();
            }
            pages.said();
            pages.type(nextCode()).codePage();
            assertThat(pages.said())
                    .containsExactly("Too many attempts. Use a backup code, or wait until "
                            + clock.instant().plusSeconds(30));

            pages.keepCookie(cookie).signIn();
            pages.codePage();
            assertThat(pages.said()).containsExactly("the code page", "signed in as 42");
        }

        @Test
        void backupCode_elsewhere_endsThisSession() {
            pages.signIn();
            enable();
            String stamp = pages.stamp();
            pages.loseCookie().signIn();
            pages.type(pages.backupCode()).codePage();
            assertThat(pages.said()).containsExactly("the code page", "a cookie", "signed in as 42");

            pages.keepStamp(stamp).everyMinute();
            assertThat(pages.said()).containsExactly("signed out");
        }

        @Test
        void session_thatHasTimedOut_startsAgain() {
            pages.signIn();
            enable();
            pages.loseSession();
            pages.type(nextCode()).codePage();
            pages.enableForm();
            pages.everyMinute();
            pages.disable();

            assertThat(pages.said()).containsExactly("starts again", "starts again", "signed out");
        }

        @Test
        void phone_whoseClockIsOff_isToldSo() {
            pages.signIn();
            pages.enablePage();
            scan();
            pages.said();
            phone().clockOff(Duration.ofMinutes(5));
            pages.type(phone().code()).enableForm();
            phone().clockOff(Duration.ZERO);
            pages.type(wrongCode()).enableForm();
            pages.type("").enableForm();

            assertThat(pages.said())
                    .containsExactly(
                            "Your phone's clock is 5 minutes off. Set it to automatic.",
                            "That code is not right. Enter the 6 digits that the app shows now.",
                            "That code is not right. Enter the 6 digits that the app shows now.");
        }

        private void enable() {
            pages.enablePage();
            scan();
            assertThat(pages.secretForTyping().replace(" ", "")).hasSize(32);
            pages.said();
            pages.type(phone().code()).enableForm();
            assertThat(pages.said()).containsExactly("10 backup codes", "a cookie");
        }

        private void scan() {
            assertThat(pages.svg()).startsWith("<svg");
            scanned = Phone.scan(
                    "otpauth://totp/kim?secret=" + pages.secretForTyping().replace(" ", ""), clock);
        }

        private Phone phone() {
            return Objects.requireNonNull(scanned, "no QR code was scanned yet");
        }

        private String nextCode() {
            clock.advance(PERIOD);
            return phone().code();
        }

        private String wrongCode() {
            for (int guess = 0; ; guess++) {
                String code = "%06d".formatted(guess);
                if (!phone().showsAround(code)) {
                    return code;
                }
            }
        }
    }
}
