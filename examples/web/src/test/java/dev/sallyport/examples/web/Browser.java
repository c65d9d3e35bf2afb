// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import dev.sallyport.testing.SteppedClock;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/** A person's browser: headless Chromium, with a profile of its own. */
final class Browser implements AutoCloseable {
    private static final Optional<Path> CHROMIUM = program("chromium", "google-chrome");
    private static final Optional<Path> DRIVER = program("chromedriver");
    private static final Path SCREENS = Path.of("target", "screens");

    private final ChromeDriver driver;
    private final String home;

    private Browser(ChromeDriver driver, int port) {
        this.driver = driver;
        this.home = "http://localhost:" + port;
    }

    private static Optional<Path> program(String... names) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator, 0))
                .flatMap(directory -> Stream.of(names).map(name -> Path.of(directory, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Skips the test where no Chromium is, and says so. In CI that is a failure. */
    static void assumeThere() {
        boolean there = CHROMIUM.isPresent() && DRIVER.isPresent();
        if (!there && System.getenv("CI") != null) {
            throw new AssertionError("CI needs chromium and chromedriver");
        }
        if (!there) {
            System.out.println("Left out: the browser tests, without chromium and chromedriver");
        }
        Assumptions.assumeTrue(there, "no Chromium");
    }

    static Browser open(int port, Path profile) {
        return open(port, profile, Map.of());
    }

    static Browser openWithoutScript(int port, Path profile) {
        return open(port, profile, Map.of("profile.managed_default_content_settings.javascript", 2));
    }

    /** The browser of somebody who reads that language. */
    static Browser openIn(String language, int port, Path profile) {
        return open(port, profile, Map.of("intl.accept_languages", language));
    }

    private static Browser open(int port, Path profile, Map<String, Object> preferences) {
        assumeThere();
        ChromeOptions options = new ChromeOptions();
        options.setBinary(CHROMIUM.orElseThrow().toFile());
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--force-device-scale-factor=1",
                "--window-size=1280,1000",
                "--user-data-dir=" + profile);
        options.setExperimentalOption("prefs", preferences);
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(DRIVER.orElseThrow().toFile())
                .withSilent(true)
                .build();
        ChromeDriver driver = new ChromeDriver(service, options);
        driver.manage().timeouts().implicitlyWait(Duration.ofSeconds(10));
        return new Browser(driver, port);
    }

    Browser go(String path) {
        driver.get(home + path);
        return this;
    }

    Browser back() {
        driver.navigate().back();
        return this;
    }

    Browser reload() {
        driver.navigate().refresh();
        return this;
    }

    String path() {
        return driver.getCurrentUrl().substring(home.length());
    }

    Browser type(String id, String text) {
        steady(page -> {
            WebElement field = page.findElement(By.id(id));
            field.clear();
            field.sendKeys(text);
            return true;
        });
        return this;
    }

    /** A link or a button, by what stands on it. */
    Browser press(String text) {
        By button = By.xpath("//button[normalize-space()='" + text + "'] | //a[normalize-space()='" + text + "']");
        WebElement before = driver.findElement(By.tagName("html"));
        steady(page -> {
            page.findElement(button).click();
            return this;
        });
        return gone(before);
    }

    /** Until another page is there; not for long, since not each button leads to one. */
    private Browser gone(WebElement before) {
        long end = System.nanoTime() + Duration.ofSeconds(2).toNanos();
        try {
            while (System.nanoTime() < end) {
                before.isEnabled();
            }
        } catch (WebDriverException e) {
            // It has gone, in whatever words.
        }
        return this;
    }

    /** On the page that is there in the end, where a click is just loading another. */
    private <T> T steady(Function<ChromeDriver, T> question) {
        for (int tries = 1; ; tries++) {
            try {
                return question.apply(driver);
            } catch (WebDriverException e) {
                if (tries == 100 || !isOfAPageThatHasGone(e)) {
                    throw e;
                }
            }
        }
    }

    /** Presses the main button, on a page in any language. */
    Browser submit() {
        WebElement before = driver.findElement(By.tagName("html"));
        steady(page -> {
            page.findElement(By.cssSelector("main form button.primary")).click();
            return true;
        });
        return gone(before);
    }

    /** Fills the visible form of a page that a script changes, from its last field to its first, and sends it. */
    Browser click(String button, String... texts) {
        WebElement sends =
                driver.findElement(By.xpath("//form[not(@hidden)]//button[normalize-space()='" + button + "']"));
        List<WebElement> fields = sends.findElements(By.xpath("ancestor::form//input"));
        for (int i = 0; i < texts.length; i++) {
            WebElement field = fields.get(fields.size() - 1 - i);
            field.clear();
            field.sendKeys(texts[i]);
        }
        sends.click();
        return this;
    }

    /** Another tab, which is looked at from now on. */
    Browser newTab() {
        driver.switchTo().newWindow(WindowType.TAB);
        return this;
    }

    /** The tab that was opened first. */
    Browser firstTab() {
        driver.switchTo().window(driver.getWindowHandles().iterator().next());
        return this;
    }

    /** To whatever has the focus. */
    Browser keys(CharSequence... keys) {
        for (CharSequence key : keys) {
            driver.switchTo().activeElement().sendKeys(key);
        }
        return this;
    }

    /** The driver has two ways to say so. */
    private static boolean isOfAPageThatHasGone(WebDriverException e) {
        return e instanceof StaleElementReferenceException
                || String.valueOf(e.getMessage()).contains("does not belong to the document");
    }

    Browser tick(String name) {
        return steady(page -> {
            page.findElement(By.name(name)).click();
            return this;
        });
    }

    /** The page that is there, or comes. */
    Browser heading(String text) {
        driver.findElement(By.xpath("//h1[normalize-space()=" + quoted(text) + "][not(ancestor::*[@hidden])]"));
        return this;
    }

    /** What the page says, or the one that comes. */
    Browser shows(String text) {
        driver.findElement(By.xpath("//main[contains(normalize-space(), " + quoted(text) + ")]"));
        return this;
    }

    private static String quoted(String text) {
        return text.contains("'") ? '"' + text + '"' : "'" + text + "'";
    }

    /** A phone that is held before the code on the screen until it has read the code: the page may still be loading. */
    Phone phone(SteppedClock clock) {
        for (int tries = 1; tries <= 20; tries++) {
            Optional<Phone> phone = Phone.scan(
                    steady(page -> page.findElement(By.cssSelector(".qr")).getScreenshotAs(OutputType.BYTES)), clock);
            if (phone.isPresent()) {
                return phone.get();
            }
        }
        throw new AssertionError("no QR code on the screen");
    }

    String text() {
        return steady(page -> page.findElement(By.tagName("main")).getText());
    }

    String message() {
        return steady(page -> page.findElement(By.cssSelector(".message")).getText());
    }

    List<String> all(String css) {
        return driver.findElements(By.cssSelector(css)).stream()
                .map(WebElement::getText)
                .toList();
    }

    WebElement element(String css) {
        return driver.findElement(By.cssSelector(css));
    }

    /** All that the browser was given. */
    String source() {
        return String.valueOf(driver.getPageSource());
    }

    byte[] screenshot() {
        return driver.getScreenshotAs(OutputType.BYTES);
    }

    /** Leaves a picture of the page for people to look at. */
    Browser keep(String name) {
        try {
            Files.createDirectories(SCREENS);
            Files.write(SCREENS.resolve(name + ".png"), screenshot());
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Browser resize(int width, int height) {
        // Headless windows have no borders, but a least width: the emulated device has none.
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
        driver.manage().window().setSize(new Dimension(Math.max(width, 500), height));
        return this;
    }

    Browser dark(boolean dark) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
        return this;
    }

    Object script(String script) {
        return String.valueOf(driver.executeScript(script));
    }

    String cookie(String name) {
        org.openqa.selenium.Cookie cookie = driver.manage().getCookieNamed(name);
        return cookie == null ? "" : cookie.getValue();
    }

    ChromeDriver driver() {
        return driver;
    }

    Browser signIn() {
        return go("/login")
                .type("username", "alice")
                .type("password", "correct horse")
                .press("Sign in");
    }

    @Override
    public void close() {
        driver.quit();
    }
}
