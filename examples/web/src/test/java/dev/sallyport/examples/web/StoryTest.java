// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.TwoFactor;
import dev.sallyport.testing.SteppedClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Cookie;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
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
            "sallyport.encryption-keys=tests:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
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

    @Autowired
    TwoFactor twoFactor;

    @Autowired
    Users users;

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
        browser.type("code", phone.code()).press("Confirm");
        codes = browser.all(".codes li");
        browser.tick("saved").press("Done");
        return phone;
    }

    /** For a story that begins at the sign-in page. */
    private Phone enabledBefore() {
        PendingEnrollment pending = twoFactor.beginEnrollment(users.idOf("alice"), "alice@acme.example");
        Phone phone = Phone.opened(pending.keyUri().toUriString(), clock);
        Enrolled enrolled = (Enrolled) twoFactor.confirmEnrollment(pending.handle(), phone.code());
        codes = enrolled.backupCodes().orElseThrow().asList();
        nextCode();
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
            browser.shows("That password is wrong.");
            browser.type("password", "correct horse").press("Continue");

            Phone phone = browser.phone(clock);
            assertThat(Phone.typed(browser.element(".secret").getText(), clock).code())
                    .isEqualTo(phone.code());
            browser.type("code", phone.wrong()).press("Confirm");
            browser.shows("That code is wrong or was already used.");
            browser.type("code", "12345").press("Confirm");
            browser.shows("A code from the app has 6 digits, a backup code has 24 letters and digits.");
            assertThat(browser.phone(clock).code()).isEqualTo(phone.code());
            browser.go("/two-factor/enable");
            assertThat(browser.phone(clock).code()).isEqualTo(phone.code());
            browser.type("code", phone.code()).press("Confirm");

            assertThat(browser.text()).contains("Each code works once.").contains("They are never shown again.");
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
            browser.shows("That code is wrong or was already used.");
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
            again.heading("Sign in");
            again.signIn();
            again.heading("Enter your code");
            again.press("Use a backup code");
            again.heading("Use a backup code");
            again.press("Use a code from your app").press("Use a backup code");
            again.type("code", codes.get(0).toLowerCase(Locale.ROOT)).press("Continue");
            again.heading("Two-Factor Authentication"); // the page that was asked for
            assertThat(again.text()).contains("9 left.");
        }
    }

    @Test
    void signIn_wrongCodes_locksWithACountdownAndLeavesTheBackupCodes() {
        try (Browser browser = Browser.open(port, profile)) {
            Phone phone = enabledBefore();
            browser.signIn();
            nextCode();
            for (int i = 1; i < 5; i++) {
                browser.type("code", phone.wrong()).press("Continue");
                browser.shows("That code is wrong or was already used. Wait for the next code.");
            }
            browser.type("code", phone.codeBefore(Duration.ofMinutes(5))).press("Continue");
            browser.shows("That code is wrong or was already used. Wait for the next code.");
            browser.type("code", phone.code()).press("Continue");
            assertThat(browser.message())
                    .startsWith("There were too many wrong codes. You can use a backup code now, or wait.")
                    .containsPattern("Codes are checked again at Nov 22, 2026, \\d+:\\d+\\s[AP]M")
                    .containsPattern("Time left: \\d+:\\d\\d$");
            browser.keep("locked");
            browser.type("code", phone.code()).press("Continue");
            browser.shows("There were too many wrong codes.");
            browser.heading("Use a backup code");
            browser.type("code", codes.get(3)).press("Continue");
            browser.heading("Hello, Alice Example");
            browser.go("/activity");
            assertThat(browser.text()).contains("Too many wrong codes").contains("A backup code was used");
        }
    }

    @Test
    void signIn_afterTheLock_codesAreTakenAgain() {
        try (Browser browser = Browser.open(port, profile)) {
            Phone phone = enabledBefore();
            browser.signIn();
            for (int i = 0; i < 6; i++) {
                browser.type("code", phone.wrong()).press("Continue");
            }
            browser.shows("There were too many wrong codes.");
            clock.advance(Duration.ofSeconds(61));
            browser.go("/two-factor/code");
            assertThat(browser.text()).doesNotContain("too many");
            browser.type("code", phone.code()).press("Continue");
            browser.heading("Hello, Alice Example");
        }
    }

    @Test
    void enroll_inTwoTabs_showsOneSecret() {
        try (Browser browser = Browser.open(port, profile)) {
            browser.signIn().go("/two-factor/enable");
            browser.newTab().go("/two-factor/enable");
            browser.type("password", "correct horse").press("Continue");
            Phone second = browser.phone(clock);
            browser.firstTab();
            browser.type("password", "correct horse").press("Continue");
            Phone phone = browser.phone(clock);
            assertThat(second.code()).isEqualTo(phone.code());
            browser.type("code", phone.code()).press("Confirm");
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
            browser.type("code", phone.code()).press("Confirm");
            List<String> lost = browser.all(".codes li");
            assertThat(browser.element("a[download]").getDomAttribute("href"))
                    .startsWith("data:text/plain")
                    .contains(lost.get(9));
            browser.go("/two-factor");
            browser.shows("You have not confirmed your codes: regenerate them");
            nextCode();
            browser.press("regenerate them").type("code", phone.code()).press("Make new codes");
            codes = browser.all(".codes li");
            assertThat(codes).hasSize(10).doesNotContainAnyElementsOf(lost);
            browser.tick("saved").press("Done");
            assertThat(browser.text()).doesNotContain("not confirmed");
            browser.go("/profile").press("Sign out").signIn().press("Use a backup code");
            browser.type("code", lost.get(0)).press("Continue");
            browser.shows("That code is wrong or was already used.");
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
            browser.go("/two-factor/add");
            assertThat(browser.phone(clock).code()).isEqualTo(other.code());
            browser.type("code", other.code()).press("Confirm");
            assertThat(browser.text()).contains("The authenticator was added.").contains("Old phone");
            browser.go("/profile").press("Sign out").signIn();
            nextCode();
            browser.type("code", other.code()).press("Continue");
            nextCode();
            browser.go("/two-factor");
            browser.element("[aria-label='Remove Old phone']").click();
            browser.type("code", phone.code()).press("Remove");
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
            browser.type("code", phone.code()).press("Disable");
            browser.shows("That code is wrong or was already used.");
            nextCode();
            browser.type("code", phone.code()).press("Disable");
            browser.shows("Two-factor authentication is off.");

            browser.back().reload();
            browser.heading("That did not work").shows("Two-factor authentication is off.");
            browser.press("Go to the settings").heading("Two-Factor Authentication");
            browser.go("/profile").press("Sign out").signIn();
            browser.heading("Hello, Alice Example");

            Phone next = enable(browser);
            browser.go("/profile").press("Sign out").signIn();
            browser.heading("Enter your code");
            nextCode();
            browser.type("code", phone.code()).press("Continue");
            browser.shows("That code is wrong");
            browser.type("code", next.code()).press("Continue");
            browser.heading("Hello, Alice Example");
        }
    }

    @Test
    void backupCode_pastedOnTheCodePage_isTakenWhole() {
        try (Browser browser = Browser.open(port, profile)) {
            enabledBefore();
            browser.signIn();
            browser.type("code", "  2)  " + codes.get(1) + "  ").press("Continue");
            browser.heading("Hello, Alice Example");
        }
    }

    @Test
    @DisplayName(
            "[69] A thief's signed-in session: it ends when the owner signs out everywhere, or changes the password")
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
    @DisplayName("[68] A pending secret that a thief's browser shows: it is dead when the owner begins again")
    void enroll_inTwoBrowsers_confirmsTheSecretOfTheLaterOnly(@TempDir Path thiefsProfile) {
        try (Browser browser = Browser.open(port, profile);
                Browser thief = Browser.open(port, thiefsProfile)) {
            thief.signIn()
                    .go("/two-factor/enable")
                    .type("password", "correct horse")
                    .press("Continue");
            Phone thiefsPhone = Phone.typed(thief.element(".secret").getText(), clock);
            browser.signIn()
                    .go("/two-factor/enable")
                    .type("password", "correct horse")
                    .press("Continue");
            Phone phone = Phone.typed(browser.element(".secret").getText(), clock);

            browser.type("code", thiefsPhone.code()).press("Confirm");
            browser.shows("That code is wrong or was already used.");
            thief.type("code", thiefsPhone.code()).press("Confirm");
            thief.shows("The setup has ended.");
            browser.type("code", phone.code()).press("Confirm").heading("Your backup codes");
            clock.advance(Duration.ofMinutes(1));
            thief.go("/two-factor/enable").heading("Sign in");
        }
    }

    @Test
    @DisplayName("[70] \"Sign out everywhere\" against a thief whose sessions keep changing their ids: all of them end")
    void signOutEverywhere_whileAThiefsSessionsChangeTheirIds_endsThemAll(@TempDir Path thiefsProfile) {
        try (Browser browser = Browser.open(port, profile);
                Browser thief = Browser.open(port, thiefsProfile)) {
            Phone phone = enabledBefore();
            thief.signIn().tick("remember").type("code", phone.code()).press("Continue");
            String first = thief.heading("Hello, Alice Example").cookie("SESSION");
            thief.driver().manage().deleteCookieNamed("SESSION");
            String second = thief.signIn().heading("Hello, Alice Example").cookie("SESSION");
            nextCode();
            browser.signIn().type("code", phone.code()).press("Continue").heading("Hello, Alice Example");
            browser.go("/two-factor").heading("Two-Factor Authentication");

            // Each sign-in gives a session another id: the second before the owner presses, the first afterwards.
            String changed = thief.signIn().heading("Hello, Alice Example").cookie("SESSION");
            assertThat(List.of(first, second, changed)).doesNotHaveDuplicates();
            goOnWith(first, thief);
            thief.go("/profile").heading("Alice Example");
            browser.press("Sign out everywhere").shows("You are signed out everywhere but here");
            thief.signIn().heading("Enter your code");

            clock.advance(Duration.ofMinutes(1));
            goOnWith(changed, thief);
            thief.go("/profile").heading("Sign in");
            browser.go("/profile").heading("Alice Example");
        }
    }

    private static void goOnWith(String session, Browser browser) {
        browser.driver().manage().deleteCookieNamed("SESSION");
        browser.driver().manage().addCookie(new Cookie("SESSION", session));
    }

    @Test
    @DisplayName("[71] A half-finished sign-in from before a password change: the right code signs nobody in")
    void codePage_fromBeforeAPasswordChange_signsNobodyIn(@TempDir Path thiefsProfile) {
        try (Browser browser = Browser.open(port, profile);
                Browser thief = Browser.open(port, thiefsProfile)) {
            Phone phone = enabledBefore();
            thief.signIn().heading("Enter your code");
            browser.signIn().type("code", phone.code()).press("Continue").heading("Hello, Alice Example");
            browser.go("/password").type("password", "correct horse").type("newPassword", "correct zebra");
            browser.press("Change it").shows("Your password is changed.");

            nextCode();
            thief.type("code", phone.code()).press("Continue").heading("That did not work");
            thief.go("/profile").heading("Sign in");
            browser.go("/profile").heading("Alice Example");
        }
    }

    @Test
    @DisplayName("[88] MISP #10807: a second way in, the JSON API of a single page, asks for the code as well")
    void singlePage_withThePassword_opensNoOtherPageBeforeTheCode() {
        try (Browser browser = Browser.open(port, profile)) {
            Phone phone = enabledBefore();
            browser.go("/single-page.html").click("Sign in", "correct horse", "alice");
            browser.heading("Enter your code");
            browser.go("/profile").heading("Enter your code");
            assertThat(browser.go("/api/me").source()).doesNotContain("alice");

            browser.go("/profile").type("code", phone.code()).press("Continue").heading("Alice Example");
            browser.go("/single-page.html").heading("Two-factor authentication is on");
            assertThat(browser.go("/api/me").source()).contains("alice");
        }
    }

    @Test
    @DisplayName(
            "[90] A thief in a signed-in session guesses: ten failures end it, and the owner's code is taken at once")
    void disable_tenWrongCodes_endTheSessionAndLockNobody(@TempDir Path thiefsProfile) {
        try (Browser browser = Browser.open(port, profile);
                Browser thief = Browser.open(port, thiefsProfile)) {
            Phone phone = enabledBefore();
            thief.signIn().type("code", phone.code()).press("Continue").heading("Hello, Alice Example");
            thief.go("/two-factor/disable");
            for (int failures = 1; failures < 10; failures++) {
                clock.advance(Duration.ofHours(2));
                thief.type("code", phone.wrong()).press("Disable").shows("That code is wrong or was already used.");
            }
            clock.advance(Duration.ofHours(2));
            thief.type("code", phone.wrong()).press("Disable");

            browser.signIn().type("code", phone.code()).press("Continue").heading("Hello, Alice Example");
            clock.advance(Duration.ofMinutes(1));
            thief.go("/profile").heading("Sign in");
            browser.go("/two-factor").shows("It is on.");
        }
    }

    @Test
    @DisplayName("[94] Two-factor authentication off and on again: a session from before stays signed out")
    void disableAndEnable_aSessionOfBefore_isSignedOut(@TempDir Path otherProfile) {
        try (Browser browser = Browser.open(port, profile);
                Browser other = Browser.open(port, otherProfile)) {
            Phone phone = enabledBefore();
            other.signIn().type("code", phone.code()).press("Continue").heading("Hello, Alice Example");
            nextCode();
            browser.signIn().type("code", phone.code()).press("Continue").heading("Hello, Alice Example");
            nextCode();
            browser.go("/two-factor/disable").type("code", phone.code()).press("Disable");
            browser.shows("Two-factor authentication is off.");
            enabledBefore();
            clock.advance(Duration.ofMinutes(1));

            other.go("/profile").heading("Sign in");
        }
    }

    @Test
    void disable_withABackupCode_isOff() {
        try (Browser browser = Browser.open(port, profile)) {
            enable(browser);
            browser.press("Disable Two-Factor Authentication");
            browser.type("code", codes.get(0)).press("Disable");
            browser.shows("Two-factor authentication is off.");
        }
    }

    @Test
    @DisplayName("[83] FileRise CVE-2026-44460: a half-finished sign-in opens the code page and nothing else")
    void halfSignedIn_reachesTheCodePagesAndSignOutOnly() {
        try (Browser browser = Browser.open(port, profile)) {
            enabledBefore();
            browser.signIn();
            for (String page : SecurityRulesTest.guardedPages()) {
                browser.go(page);
                browser.heading("Enter your code");
                assertThat(browser.source()).as(page).doesNotContain("otpauth://");
            }
            browser.press("Cancel and sign in again").heading("Sign in");
            browser.go("/profile").heading("Sign in");
            browser.go("/two-factor/code").heading("That did not work");
            browser.press("Sign in again").heading("Sign in");
        }
    }

    @Test
    void session_andForms_areOfOneStepOnly() {
        try (Browser browser = Browser.open(port, profile)) {
            Phone phone = enabledBefore();
            browser.go("/login");
            String anonymous = browser.cookie("SESSION");
            browser.signIn().heading("Enter your code");
            String half = browser.cookie("SESSION");
            assertThat(browser.go("/api/me").source()).doesNotContain("alice");

            nextCode();
            browser.go("/two-factor/code").script("document.querySelector('main [name=_csrf]').value = 'guessed'");
            browser.type("code", phone.code()).press("Continue").heading("This page was open too long");

            browser.go("/two-factor/code").type("code", phone.code()).press("Continue");
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
            assertThat(browser.message())
                    .containsPattern("Codes are checked again at Nov 22, 2026, 12:\\d+\\sPM UTC")
                    .doesNotContain("left");
            clock.advance(Duration.ofSeconds(61));
            browser.tick("remember").type("code", phone.code()).press("Continue");
            browser.heading("Hello, Alice Example");
            browser.go("/two-factor");
            assertThat(browser.text()).contains("Chrome on Linux");
            browser.press("Disable Two-Factor Authentication");
            browser.type("code", codes.get(0)).press("Disable");
            browser.shows("Two-factor authentication is off.");
        }
    }

    @Test
    void pages_narrowAndWideInLightAndDark_fitAndShowAReadableQrCode() {
        try (Browser browser = Browser.open(port, profile)) {
            browser.signIn().go("/two-factor/enable");
            everyLook(browser, look -> fits(browser.go("/two-factor/enable").keep("enable-" + look)));
            browser.type("password", "correct horse").press("Continue");
            everyLook(browser, look -> {
                fits(browser.go("/two-factor/enable").keep("enroll-" + look));
                assertThat(browser.element(".on-the-phone").isDisplayed())
                        .as("a link for the phone that shows the page")
                        .isEqualTo(look.startsWith("360"));
                assertThat(browser.element(".on-the-phone a").getDomAttribute("href"))
                        .startsWith("otpauth://totp/Acme:alice%40acme.example?");
                assertThat(browser.phone(clock)).isNotNull();
                for (String page : List.of("/", "/welcome", "/profile", "/activity", "/password", "/two-factor")) {
                    fits(browser.go(page).keep("off" + page.replace('/', '-') + "-" + look));
                }
            });
            Phone phone = browser.go("/two-factor/enable").phone(clock);
            browser.type("code", phone.code()).press("Confirm");
            everyLook(browser, look -> fits(browser.keep("codes-" + look)));
            browser.tick("saved").press("Done");
            everyLook(browser, look -> {
                fits(browser.go("/two-factor").keep("settings-" + look));
                fits(browser.go("/two-factor/disable").keep("disable-" + look));
                fits(browser.go("/two-factor/add").keep("add-" + look));
            });
            browser.go("/profile").press("Sign out").signIn();
            everyLook(browser, look -> {
                fits(browser.go("/two-factor/code").keep("code-" + look));
                fits(browser.go("/two-factor/code?backup=true").keep("backup-code-" + look));
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
            Phone phone = enabledBefore();
            browser.go("/login");
            // The first field has the focus on every page.
            browser.keys("alice", Keys.TAB, "correct horse", Keys.ENTER).heading("Enter your code");
            nextCode();
            browser.keys(phone.code(), Keys.TAB, Keys.SPACE, Keys.ENTER).heading("Hello, Alice Example");
            browser.go("/two-factor").shows("Chrome on Linux");
        }
    }

    @Test
    void codePage_inTwoTabs_bothComeIn() {
        try (Browser browser = Browser.open(port, profile)) {
            Phone phone = enabledBefore();
            browser.signIn().heading("Enter your code");
            browser.newTab().go("/activity").heading("Enter your code");
            browser.type("code", phone.code()).press("Continue").heading("Account activity");
            browser.firstTab().heading("Enter your code");
            browser.type("code", phone.code()).press("Continue").heading("Hello, Alice Example");

            nextCode();
            browser.go("/profile").press("Sign out").signIn().heading("Enter your code");
            browser.newTab()
                    .go("/two-factor/code")
                    .press("Cancel and sign in again")
                    .heading("Sign in");
            browser.firstTab().type("code", phone.code()).press("Continue").heading("That did not work");
            browser.press("Sign in again").heading("Sign in");
            browser.go("/profile").heading("Sign in");
        }
    }

    @Test
    void enroll_onThePhoneItself_byTheLink() {
        try (Browser browser = Browser.open(port, profile)) {
            browser.resize(360, 740).signIn().go("/two-factor/enable");
            browser.type("password", "correct horse").press("Continue");
            assertThat(browser.text()).contains("Is your authenticator app on this device?");
            WebElement link = browser.element(".on-the-phone a");
            assertThat(link.isDisplayed()).isTrue();
            assertThat(link.getText()).isEqualTo("Open in your authenticator app");
            Phone phone = Phone.opened(String.valueOf(link.getDomAttribute("href")), clock);
            browser.type("code", phone.code()).press("Confirm").heading("Your backup codes");
        }
    }

    @Test
    void arabic_rightToLeft_fromEnablingToTheCode() {
        try (Browser browser = Browser.openIn("ar", port, profile)) {
            browser.signIn();
            browser.resize(360, 740).go("/two-factor/enable").shows("\u0643\u0644\u0645\u0629");
            isRightToLeft(browser, "enable");
            browser.type("password", "correct horse").submit();
            isRightToLeft(browser, "enroll");
            Phone phone = browser.phone(clock);
            browser.type("code", phone.wrong()).submit();
            isRightToLeft(browser, "rejected");
            browser.type("code", phone.code()).submit();
            isRightToLeft(browser, "codes");
            assertThat(browser.all(".codes li")).hasSize(10);
            browser.tick("saved").submit();
            browser.go("/profile").press("Sign out").signIn();
            isRightToLeft(browser, "code");
            nextCode();
            browser.type("code", phone.code()).submit();
            browser.heading("Hello, Alice Example");
        }
    }

    private static void isRightToLeft(Browser browser, String name) {
        assertThat(browser.element("html").getDomAttribute("lang")).isEqualTo("ar");
        assertThat(browser.element("html").getDomAttribute("dir")).isEqualTo("rtl");
        assertThat(browser.element("h1").getText()).matches(".*\\p{IsArabic}.*");
        assertThat(browser.script("return getComputedStyle(document.querySelector('h1')).textAlign + ' '"
                        + " + getComputedStyle(document.querySelector('h1')).direction"))
                .isEqualTo("start rtl");
        // Digits and codes are written from left to right in Arabic, too.
        assertThat(browser.script("return [...document.querySelectorAll('.code-input, .codes, .secret')]"
                        + ".every((one) => getComputedStyle(one).direction === 'ltr')"))
                .isEqualTo("true");
        fits(browser.keep("arabic-" + name));
    }

    @Test
    void singlePage_overTheJsonApi_theWholeStory() {
        try (Browser browser = Browser.open(port, profile)) {
            browser.go("/single-page.html").click("Sign in", "correct horse", "alice");
            browser.heading("Two-factor authentication is off");
            browser.click("Enable it", "wrong").shows("That password is wrong.");
            browser.click("Enable it", "correct horse").heading("Set up your authenticator app");
            fits(browser.keep("single-page"));
            Phone phone = browser.phone(clock);
            assertThat(Phone.opened(String.valueOf(browser.element("#link").getDomAttribute("href")), clock)
                            .code())
                    .isEqualTo(phone.code());
            browser.click("Confirm", phone.wrong()).shows("That code is wrong or was already used.");
            browser.click("Confirm", phone.code()).heading("Two-factor authentication is on");
            codes = browser.all("#codes li");
            assertThat(codes).hasSize(10).doesNotHaveDuplicates();

            browser.driver().manage().deleteAllCookies();
            browser.go("/single-page.html").click("Sign in", "wrong", "alice");
            browser.shows("That name or password is not right.");
            browser.click("Sign in", "correct horse", "alice").heading("Enter your code");
            browser.click("Continue", phone.code()).shows("That code is wrong or was already used.");
            nextCode();
            browser.click("Continue", phone.code()).heading("Two-factor authentication is on");
            assertThat(browser.text()).contains("Backup codes left: 10");
            browser.click("Disable it", codes.get(0)).heading("Two-factor authentication is off");
            browser.go("/activity").shows("Two-factor authentication was disabled");
        }
    }
}
