// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testing.SteppedClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WindowType;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What a user lives through, in a real browser. */
@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {
            "spring.datasource.url=jdbc:h2:mem:${random.uuid}",
            "two-factor.encryption-key=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        })
@Import(StandingTime.class)
class StoryTest {
    @LocalServerPort
    int port;

    @Autowired
    SteppedClock clock;

    @TempDir
    Path profile;

    @Autowired
    JdbcClient database;

    @BeforeEach
    void clean() {
        Browser.assumeThere();
        Cleaned.clean(database);
    }

    private List<String> codes = List.of();

    private Phone enable(Browser browser) {
        browser.signIn().go("/profile").press("Enable 2FA");
        browser.type("password", "correct horse").press("Continue");
        Phone phone = browser.phone(clock);
        browser.type("code", phone.code()).press("Verify");
        codes = browser.all(".codes li");
        browser.tick("saved").press("Done");
        return phone;
    }

    private void nextCode() {
        clock.advance(Duration.ofSeconds(30));
    }

    @Test
    void enableAndSignIn() {
        try (Browser browser = Browser.open(port, profile)) {
            browser.signIn();
            browser.heading("Hello, Alice Example");
            assertThat(browser.element(".initials").getText()).isEqualTo("AE");
            browser.element(".initials").click();
            browser.press("Enable 2FA");
            assertThat(browser.text()).contains("Google Authenticator").contains("enter your password again");
            browser.type("password", "wrong").press("Continue");
            browser.shows("That password is not right.");
            browser.type("password", "correct horse").press("Continue");

            Phone phone = browser.phone(clock);
            assertThat(Phone.typed(browser.element("#secret").getText(), clock).code())
                    .isEqualTo(phone.code());
            browser.type("code", phone.wrong()).press("Verify");
            browser.shows("That code is not right, or was used already.");
            browser.type("code", "12345").press("Verify");
            browser.shows("A code has 6 digits, a backup code 24 letters and digits.");
            assertThat(browser.phone(clock).code()).isEqualTo(phone.code());
            browser.reload();
            assertThat(browser.phone(clock).code()).isEqualTo(phone.code());
            browser.type("code", phone.code()).press("Verify");

            assertThat(browser.text()).contains("Each may be used once, and they will never be shown again.");
            codes = browser.all(".codes li");
            assertThat(codes).hasSize(10).doesNotHaveDuplicates();
            browser.press("Done");
            browser.heading("Your backup codes");
            browser.tick("saved").press("Done");
            assertThat(browser.shows("It is on.").text()).doesNotContain("not confirmed");

            browser.go("/profile").press("Sign out");
            browser.shows("You are signed out.");
            browser.signIn();
            browser.heading("Enter your code");
            browser.type("code", phone.code()).press("Continue");
            browser.shows("That code is not right, or was used already.");
            nextCode();
            browser.tick("remember").type("code", phone.code()).press("Continue");
            browser.heading("Hello, Alice Example");

            browser.go("/profile").press("Sign out").signIn();
            browser.heading("Hello, Alice Example");
        }
        try (Browser again = Browser.open(port, profile)) {
            again.signIn();
            again.heading("Hello, Alice Example");
            again.go("/two-factor");
            assertThat(again.text()).contains("Chrome on Linux");
            again.press("Forget");
            again.shows("You are signed out.");
            again.signIn();
            again.heading("Enter your code");
            again.press("Use a backup code");
            again.heading("Use a backup code");
            again.press("Use a code from your app").press("Use a backup code");
            again.type("code", codes.get(0).toLowerCase(java.util.Locale.ROOT)).press("Continue");
            again.heading("Hello, Alice Example");
            again.go("/two-factor");
            assertThat(again.text()).contains("9 left.");
        }
    }

    @Test
    void signIn_wrongCodes_locksWithACountdownAndLeavesTheBackupCodes() {
        try (Browser browser = Browser.open(port, profile)) {
            Phone phone = enable(browser);
            browser.go("/profile").press("Sign out").signIn();
            nextCode();
            for (int i = 1; i < 5; i++) {
                browser.type("code", phone.wrong()).press("Continue");
                browser.shows("That code is not right, or was used already. Wait for the next one.");
            }
            browser.type("code", phone.codeBefore(Duration.ofMinutes(5))).press("Continue");
            browser.shows("That code is not right, or was used already. Wait for the next one.");
            browser.type("code", phone.code()).press("Continue");
            assertThat(browser.message())
                    .startsWith("Too many attempts. Use a backup code, or wait until 2026-11-22 12:")
                    .containsPattern("\\d+ s left\\.$");
            browser.keep("locked");
            browser.type("code", phone.code()).press("Continue");
            browser.shows("Too many attempts.");
            browser.press("Use a backup code").type("code", codes.get(3)).press("Continue");
            browser.heading("Hello, Alice Example");
            browser.go("/activity");
            assertThat(browser.text()).contains("Too many wrong codes").contains("A backup code was used");
        }
    }

    @Test
    void signIn_afterTheLock_codesAreTakenAgain() {
        try (Browser browser = Browser.open(port, profile)) {
            Phone phone = enable(browser);
            browser.go("/profile").press("Sign out").signIn();
            for (int i = 0; i < 6; i++) {
                browser.type("code", phone.wrong()).press("Continue");
            }
            browser.shows("Too many attempts.");
            clock.advance(Duration.ofSeconds(61));
            browser.reload();
            assertThat(browser.text()).doesNotContain("Too many");
            browser.type("code", phone.code()).press("Continue");
            browser.heading("Hello, Alice Example");
        }
    }

    @Test
    void enroll_inTwoTabs_showsOneSecret() {
        try (Browser browser = Browser.open(port, profile)) {
            browser.signIn().go("/two-factor/enable");
            String first = browser.driver().getWindowHandle();
            browser.driver().switchTo().newWindow(WindowType.TAB);
            browser.go("/two-factor/enable");
            browser.type("password", "correct horse").press("Continue");
            Phone second = browser.phone(clock);
            browser.driver().switchTo().window(first);
            browser.type("password", "correct horse").press("Continue");
            Phone phone = browser.phone(clock);
            assertThat(second.code()).isEqualTo(phone.code());
            browser.type("code", phone.code()).press("Verify");
            browser.heading("Your backup codes");
        }
    }

    @Test
    void enroll_leftBeforeTheCodesWereSaved_saysSoInTheSettings() {
        try (Browser browser = Browser.open(port, profile)) {
            browser.signIn()
                    .go("/two-factor/enable")
                    .type("password", "correct horse")
                    .press("Continue");
            Phone phone = browser.phone(clock);
            browser.type("code", phone.code()).press("Verify");
            List<String> lost = browser.all(".codes li");
            assertThat(browser.element("#download").getDomAttribute("href"))
                    .startsWith("data:text/plain")
                    .contains(lost.get(9));
            browser.go("/two-factor");
            browser.shows("You have not confirmed your codes: regenerate them");
            nextCode();
            browser.press("regenerate them").type("code", phone.code()).press("Continue");
            codes = browser.all(".codes li");
            assertThat(codes).hasSize(10).doesNotContainAnyElementsOf(lost);
            browser.tick("saved").press("Done");
            assertThat(browser.text()).doesNotContain("not confirmed");
            browser.go("/profile").press("Sign out").signIn().press("Use a backup code");
            browser.type("code", lost.get(0)).press("Continue");
            browser.shows("That code is not right, or was used already.");
        }
    }

    @Test
    void settings_anotherPhone_isAddedAndRemoved() {
        try (Browser browser = Browser.open(port, profile)) {
            Phone phone = enable(browser);
            nextCode();
            browser.press("Add another phone").type("label", "Old phone");
            browser.type("code", phone.code()).press("Continue");
            Phone other = browser.phone(clock);
            browser.reload();
            assertThat(browser.phone(clock).code()).isEqualTo(other.code());
            browser.type("code", other.code()).press("Verify");
            assertThat(browser.text()).contains("The authenticator was added.").contains("Old phone");
            browser.go("/profile").press("Sign out").signIn();
            nextCode();
            browser.type("code", other.code()).press("Continue");
            nextCode();
            browser.go("/two-factor");
            browser.element("[aria-label='Remove Old phone']").click();
            browser.type("code", phone.code()).press("Continue");
            assertThat(browser.text()).contains("The authenticator was removed").doesNotContain("Old phone");
        }
    }

    @Test
    void disable_withACode_forgetsTheBrowserAndLeavesNothingToGoBackTo() {
        try (Browser browser = Browser.open(port, profile)) {
            Phone phone = enable(browser);
            browser.go("/profile").press("Sign out").signIn();
            nextCode();
            browser.tick("remember").type("code", phone.code()).press("Continue");
            browser.go("/two-factor").press("Disable Two-Factor Authentication");
            browser.type("code", phone.code()).press("Yes, disable 2FA");
            browser.shows("That code is not right, or was used already.");
            nextCode();
            browser.type("code", phone.code()).press("Yes, disable 2FA");
            browser.shows("Two-factor authentication is off.");

            browser.back().reload();
            browser.heading("Two-Factor Authentication");
            browser.go("/profile").press("Sign out").signIn();
            browser.heading("Hello, Alice Example");

            Phone next = enable(browser);
            browser.go("/profile").press("Sign out").signIn();
            browser.heading("Enter your code");
            nextCode();
            browser.type("code", phone.code()).press("Continue");
            browser.shows("That code is not right");
            browser.type("code", next.code()).press("Continue");
            browser.heading("Hello, Alice Example");
        }
    }

    @Test
    void backupCode_pastedOnTheCodePage_isTakenWhole() {
        try (Browser browser = Browser.open(port, profile)) {
            enable(browser);
            browser.go("/profile").press("Sign out").signIn();
            browser.type("code", "  2)  " + codes.get(1) + "  ").press("Continue");
            browser.heading("Hello, Alice Example");
        }
    }

    @Test
    void signOutEverywhere_andANewPassword_endTheSessionOfAnotherBrowser(@TempDir Path otherProfile) {
        try (Browser browser = Browser.open(port, profile);
                Browser other = Browser.open(port, otherProfile)) {
            Phone phone = enable(browser);
            nextCode();
            other.signIn().tick("remember").type("code", phone.code()).press("Continue");
            other.heading("Hello, Alice Example");

            browser.go("/two-factor").press("Sign out everywhere");
            browser.shows("You are signed out everywhere but here");
            clock.advance(Duration.ofMinutes(1));
            other.go("/profile").heading("Sign in");
            browser.go("/profile").heading("Alice Example");

            other.signIn().tick("remember").type("code", phone.code()).press("Continue");
            other.heading("Alice Example"); // the page that was asked for
            browser.go("/password").type("password", "correct horse").type("newPassword", "correct zebra");
            browser.press("Change it").shows("Your password is changed.");
            clock.advance(Duration.ofMinutes(1));
            other.go("/profile").heading("Sign in");
            other.signIn().shows("That name or password is not right.");
            browser.go("/profile").heading("Alice Example");
        }
    }

    @Test
    void disable_withABackupCode_isOff() {
        try (Browser browser = Browser.open(port, profile)) {
            enable(browser);
            browser.press("Disable Two-Factor Authentication");
            browser.type("code", codes.get(0)).press("Yes, disable 2FA");
            browser.shows("Two-factor authentication is off.");
        }
    }

    @Test
    void halfSignedIn_reachesTheCodePagesAndSignOutOnly() {
        try (Browser browser = Browser.open(port, profile)) {
            enable(browser);
            browser.go("/profile").press("Sign out").signIn();
            for (String page :
                    List.of("/", "/profile", "/activity", "/two-factor", "/two-factor/disable", "/nowhere")) {
                browser.go(page);
                browser.heading("Enter your code");
            }
            browser.press("Sign out");
            browser.go("/sign-in/code");
            browser.heading("Sign in");
        }
    }

    @Test
    void session_andForms_areOfOneStepOnly() {
        try (Browser browser = Browser.open(port, profile)) {
            Phone phone = enable(browser);
            browser.go("/profile").press("Sign out").go("/login");
            String anonymous = browser.cookie("SESSION");
            browser.signIn().heading("Enter your code");
            String half = browser.cookie("SESSION");
            assertThat(browser.go("/api/me").source()).doesNotContain("alice");

            nextCode();
            browser.go("/sign-in/code").script("document.querySelector('main [name=_csrf]').value = 'guessed'");
            browser.type("code", phone.code()).press("Continue").heading("This page was open too long");

            browser.go("/sign-in/code").type("code", phone.code()).press("Continue");
            browser.heading("Hello, Alice Example");
            assertThat(List.of(anonymous, half, browser.cookie("SESSION"))).doesNotHaveDuplicates();
            assertThat(browser.go("/api/me").source()).contains("alice");
        }
    }

    @Test
    void withoutScript_theWholeStory() {
        try (Browser browser = Browser.openWithoutScript(port, profile)) {
            Phone phone = enable(browser);
            assertThat(browser.text()).contains("It is on.");
            browser.go("/profile").press("Sign out").signIn();
            nextCode();
            for (int i = 0; i < 6; i++) {
                browser.type("code", phone.wrong()).press("Continue");
            }
            assertThat(browser.message()).contains("wait until 2026-11-22 12:").doesNotContain("left");
            clock.advance(Duration.ofSeconds(61));
            browser.tick("remember").type("code", phone.code()).press("Continue");
            browser.heading("Hello, Alice Example");
            browser.go("/two-factor");
            assertThat(browser.text()).contains("Chrome on Linux");
            browser.press("Disable Two-Factor Authentication");
            browser.type("code", codes.get(0)).press("Yes, disable 2FA");
            browser.shows("Two-factor authentication is off.");
        }
    }

    @Test
    void pages_narrowAndWideInLightAndDark_fitAndShowAReadableQrCode() {
        try (Browser browser = Browser.open(port, profile)) {
            browser.signIn()
                    .go("/two-factor/enable")
                    .type("password", "correct horse")
                    .press("Continue");
            everyLook(browser, look -> {
                fits(browser.go("/two-factor/enroll").keep("enroll-" + look));
                assertThat(browser.element(".on-the-phone").isDisplayed())
                        .as("a link for the phone that shows the page")
                        .isEqualTo(look.startsWith("360"));
                assertThat(browser.element(".on-the-phone a").getDomAttribute("href"))
                        .startsWith("otpauth://totp/Acme:alice%40acme.example?");
                assertThat(browser.phone(clock)).isNotNull();
                for (String page :
                        List.of("/", "/profile", "/activity", "/password", "/two-factor", "/two-factor/enable")) {
                    fits(browser.go(page).keep("off" + page.replace('/', '-') + "-" + look));
                }
            });
            Phone phone = browser.go("/two-factor/enroll").phone(clock);
            browser.type("code", phone.code()).press("Verify");
            everyLook(browser, look -> fits(browser.keep("codes-" + look)));
            browser.tick("saved").press("Done");
            everyLook(browser, look -> {
                fits(browser.go("/two-factor").keep("settings-" + look));
                fits(browser.go("/two-factor/disable").keep("disable-" + look));
            });
            browser.go("/profile").press("Sign out").signIn();
            everyLook(browser, look -> {
                fits(browser.go("/sign-in/code").keep("code-" + look));
                fits(browser.go("/sign-in/backup-code").keep("backup-code-" + look));
            });
        }
    }

    private static void everyLook(Browser browser, Consumer<String> at) {
        for (int width : new int[] {360, 1280}) {
            for (boolean dark : new boolean[] {false, true}) {
                browser.resize(width, 1000).dark(dark);
                at.accept(width + (dark ? "-dark" : "-light"));
            }
        }
    }

    private static void fits(Browser browser) {
        assertThat(browser.script("return document.documentElement.scrollWidth <= window.innerWidth"))
                .as("no sideways scrolling on " + browser.path())
                .isEqualTo("true");
        assertThat(browser.script(HIDDEN))
                .as("nothing hidden to be seen on " + browser.path())
                .isEqualTo("");
        assertThat(browser.script(CONTRAST))
                .as("WCAG 2.2, 1.4.3, on " + browser.path())
                .isEqualTo("");
        assertThat(browser.script(LABELS))
                .as("a name for each field on " + browser.path())
                .isEqualTo("");
    }

    /** Lists the texts with less contrast to their ground than 4.5 to 1. */
    private static final String CONTRAST = """
            const light = (color) => {
                const [r, g, b] = color.match(/[\\d.]+/g).slice(0, 3).map((value) => value / 255)
                    .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            const ground = (element) => {
                const color = getComputedStyle(element).backgroundColor;
                return color === "rgba(0, 0, 0, 0)" && element.parentElement ? ground(element.parentElement) : color;
            };
            const poor = [];
            const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (walk.nextNode()) {
                const element = walk.currentNode.parentElement;
                if (walk.currentNode.data.trim() && element.offsetParent && !element.closest("svg")) {
                    const [a, b] = [light(getComputedStyle(element).color), light(ground(element))].sort((x, y) => y - x);
                    if ((a + 0.05) / (b + 0.05) < 4.5) {
                        poor.push(walk.currentNode.data.trim());
                    }
                }
            }
            return poor.join("|");
            """;

    /** Lists what is hidden by its attribute, and shown by a style. */
    private static final String HIDDEN = """
            return [...document.querySelectorAll("[hidden]")]
                .filter((element) => element.offsetParent).map((element) => element.outerHTML).join("|");
            """;

    /** Lists the fields that nothing names to those who do not see them. */
    private static final String LABELS = """
            return [...document.querySelectorAll("input:not([type=hidden]):not([hidden])")]
                .filter((field) => field.labels.length === 0).map((field) => field.outerHTML).join("|");
            """;

    @Test
    void signIn_byKeyboardOnly() {
        try (Browser browser = Browser.open(port, profile)) {
            Phone phone = enable(browser);
            browser.go("/profile").press("Sign out").go("/login");
            // The first field has the focus on every page.
            browser.keys("alice", Keys.TAB, "correct horse", Keys.ENTER).heading("Enter your code");
            nextCode();
            browser.keys(phone.code(), Keys.TAB, Keys.SPACE, Keys.ENTER).heading("Hello, Alice Example");
            browser.go("/two-factor").shows("Chrome on Linux");
        }
    }
}
